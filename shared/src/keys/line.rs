//! One line of a list of keys, as people have them: a key and a name, a line of OpenSSH's `allowed_signers`, `authorized_keys`
//! or of a `.pub` file, or what near-cli prints of a key. A line that says less than "trust this key" is refused: what it takes
//! away could not be kept.

use thiserror::Error;

use super::{KeyName, NameError};
use crate::key::{KeyError, OtherKey, PublicKey};

/// Why a line is not a key that is trusted for everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LineError {
    /// Not a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key of another kind, or something in a key's place.
    #[error(transparent)]
    Other(#[from] OtherKey),
    /// A key with something else than a name beside it.
    #[error(transparent)]
    Name(#[from] NameError),
    /// An option of OpenSSH.
    #[error(
        "the option `{0}` restricts what this key is trusted for, and Provenear would not keep to it: give the key without the option if you trust it for rebuilds"
    )]
    Restricted(&'static str),
    /// A key that signs certificates of other keys.
    #[error(
        "`cert-authority` means a key that vouches for other keys, and Provenear follows none: give the signer's own key"
    )]
    Authority,
    /// Something that is not an option where one would be.
    #[error("between the name and the key stands something that Provenear does not know")]
    Between,
    /// A marker of `known_hosts`.
    #[error("a line that begins with `@` or `|` is about a server or a revoked key, not about a signer")]
    Marker,
    /// Another table than that of near-cli.
    #[error("this is not a row of keys as `near account list-keys` prints them: give the keys alone")]
    Row,
    /// A row of near-cli about a key that cannot do everything.
    #[error("this key does not have full access to its account: give the key alone if you trust it for rebuilds")]
    NotFullAccess,
}

impl LineError {
    /// What a text is that is not a key for this reason. A private key is nothing else.
    pub fn of(error: KeyError, text: &str) -> Self {
        match (error, OtherKey::of(text)) {
            (KeyError::Spelling, Some(other)) => Self::Other(other),
            (error, _) => Self::Key(error),
        }
    }
}

/// A key, and the name that stands with it.
pub(super) fn parse(line: &str) -> Result<(PublicKey, KeyName), LineError> {
    if let Some(cells) = line.strip_prefix('|') {
        return row(cells);
    }
    let line = after_label(line);
    if line.starts_with("ed25519:") || line.starts_with("ssh-ed25519 ") {
        return key_and_name(line);
    }
    if line.starts_with('@') {
        return Err(LineError::Marker);
    }
    if let Some(other) = OtherKey::of(line) {
        return Err(other.into());
    }
    openssh(line)
}

/// `<key> <name>`, where the key may be of two words.
fn key_and_name(line: &str) -> Result<(PublicKey, KeyName), LineError> {
    let words = if line.starts_with("ssh-ed25519 ") { 2 } else { 1 };
    let split = line.match_indices(char::is_whitespace).nth(words - 1).map_or(line.len(), |(at, _)| at);
    Ok((PublicKey::parse(&line[..split])?, KeyName::parse(&line[split..])?))
}

/// `<principals> [<options>] ssh-ed25519 <base64> [<comment>]` of `allowed_signers`, or with options alone before the key, as in
/// `authorized_keys`. The principals are the name.
fn openssh(line: &str) -> Result<(PublicKey, KeyName), LineError> {
    let fields: Vec<&str> = outside_quotes(line, char::is_whitespace).filter(|field| !field.is_empty()).collect();
    let Some(at) = fields.iter().take(3).position(|field| is_type(field)) else {
        // Whatever it is, it may be secret: nothing of it is repeated.
        let word = line.split_whitespace().next().unwrap_or_default();
        return Err(PublicKey::parse(word).err().unwrap_or(KeyError::Spelling).into());
    };
    match fields[..at] {
        // Blanks of another kind between type and key.
        [] => return key_and_name(&fields.join(" ")),
        [_, options] => return Err(restriction(options)),
        [options] if known_option(options).is_some() => return Err(restriction(options)),
        _ => {}
    }
    if let Some(other) = OtherKey::of(fields[at]) {
        return Err(other.into());
    }
    let key = PublicKey::parse(&fields[at..].iter().take(2).copied().collect::<Vec<_>>().join(" "))?;
    // A second key behind the first would be overlooked. How long a comment is does not matter: it is not shown.
    match KeyName::parse(&fields[at..].get(2..).unwrap_or_default().join(" ")) {
        Ok(_) | Err(NameError::TooLong) => {}
        Err(error @ (NameError::Character | NameError::Key)) => return Err(error.into()),
    }
    Ok((key, KeyName::parse(fields[0].trim_matches('"'))?))
}

/// Whether a word is a type of key as OpenSSH writes it.
fn is_type(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| word.starts_with(start))
}

/// All that OpenSSH knows in `allowed_signers` and `authorized_keys` (ssh-keygen(1), sshd(8)). None can be kept to here.
const OPTIONS: [&str; 25] = [
    "namespaces",
    "valid-after",
    "valid-before",
    "cert-authority",
    "restrict",
    "command",
    "environment",
    "expiry-time",
    "from",
    "permitlisten",
    "permitopen",
    "principals",
    "tunnel",
    "verify-required",
    "touch-required",
    "no-touch-required",
    "no-agent-forwarding",
    "no-port-forwarding",
    "no-pty",
    "no-user-rc",
    "no-x11-forwarding",
    "agent-forwarding",
    "port-forwarding",
    "user-rc",
    "x11-forwarding",
];

/// The first option of a list, if it is one that OpenSSH knows.
fn known_option(options: &str) -> Option<&'static str> {
    let first = options.split(['=', ',']).next().unwrap_or_default();
    OPTIONS.into_iter().find(|known| known.eq_ignore_ascii_case(first))
}

fn restriction(options: &str) -> LineError {
    let mut known = outside_quotes(options, |character| character == ',').map(known_option);
    match known.clone().find(|option| *option == Some("cert-authority")) {
        Some(_) => LineError::Authority,
        None => known.find_map(|option| option).map_or(LineError::Between, LineError::Restricted),
    }
}

/// The parts of a text between separators that do not stand within double quotes.
fn outside_quotes(text: &str, is_separator: impl Fn(char) -> bool + Clone) -> impl Iterator<Item = &str> + Clone {
    let mut is_quoted = false;
    text.split(move |character: char| {
        is_quoted ^= character == '"';
        !is_quoted && is_separator(character)
    })
}

/// A row of the table that `near account list-keys` prints: number, key, nonce, permission.
fn row(row: &str) -> Result<(PublicKey, KeyName), LineError> {
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let &[_, key, _, permission, ""] = cells.as_slice() else {
        // A hashed name of a server follows the bar at once.
        let is_row = row.starts_with(' ');
        return Err(if is_row { LineError::Row } else { LineError::Marker });
    };
    if let Some(other) = OtherKey::of(key) {
        return Err(other.into());
    }
    let key = PublicKey::parse(key)?;
    if ["full access", "gas key with full access"].iter().any(|start| permission.starts_with(start)) {
        Ok((key, KeyName::default()))
    } else {
        Err(LineError::NotFullAccess)
    }
}

/// Whether a line is nothing but the frame or the head of such a table.
pub(super) fn is_frame(line: &str) -> bool {
    let head = ["#", "Public Key", "Nonce", "Permissions"];
    line.starts_with("+-") && line.bytes().all(|byte| b"+-=".contains(&byte))
        || line.trim_matches('|').split('|').map(str::trim).eq(head)
}

/// Without what near-cli writes before a key that it made.
fn after_label(line: &str) -> &str {
    let label = ["public key:", "public_key:"]
        .into_iter()
        .find(|label| line.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label)));
    label.map_or(line, |label| line[label.len()..].trim_start())
}
