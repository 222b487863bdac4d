//! The reader's trusted keys as a list: one key a line, then the reader's name for it. Whoever writes such a list for
//! somebody else can bring in no key that a reader of it does not see.
//! Not here: one key (`key`), what a trusted key's word counts for (`manifest`).

mod line;

use std::fmt;

use thiserror::Error;

pub use line::LineError;

use crate::key::PublicKey;
use crate::spelling::spelled;
use crate::text::is_deceptive;

/// Most characters of a name.
pub const MAX_NAME: usize = 64;

/// The reader's name for a key: one line without characters that hide or move what stands around them, possibly empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyName(String);

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    /// Control, bidirectional or invisible characters, line ends among them.
    #[error("the name holds an invisible character or one that changes how its neighbours are shown")]
    Character,
    /// Longer than [`MAX_NAME`].
    #[error("the name is longer than {MAX_NAME} characters")]
    TooLong,
    /// A key in the name's place, which a reader would take for trusted or overlook.
    #[error("the name holds another key: write one key a line")]
    Key,
}

impl KeyName {
    /// Takes a name without the blanks around it.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.chars().any(is_deceptive) {
            return Err(NameError::Character);
        }
        let is_key = |word: &str| ["ed25519:", "ssh-ed25519", "-----BEGIN"].iter().any(|mark| word.starts_with(mark));
        if text.split_whitespace().any(is_key) {
            return Err(NameError::Key);
        }
        if text.chars().count() > MAX_NAME {
            return Err(NameError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

spelled!(KeyName, "name of a key", ToString::to_string, |text| KeyName::parse(text).ok());

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a list, and on which line, counted from 1. Never the line itself: it may be a secret key, taken for
/// its public half.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeysError {
    /// Not a key with a name.
    #[error("line {0}: {1}")]
    Line(usize, LineError),
    /// A key that has been named before, otherwise: which name would be shown?
    #[error("line {line}: this key is already on line {first}, with another name")]
    TwoNames {
        /// This line.
        line: usize,
        /// The line before.
        first: usize,
    },
    /// Two bytes for each character, as PowerShell writes them.
    #[error("this text is UTF-16: save it as UTF-8")]
    Utf16,
}

/// Reads a list of trusted keys: one a line, in any spelling that fits a line, with a name (`keys/line.rs` has the forms). `#`
/// begins a comment line. Or one key as PEM. A key that stands there twice with the same name is one key.
///
/// # Errors
/// The first line that is not one key and a name.
///
/// # Examples
/// ```
/// use provenear_shared::keys::{KeysError, LineError, NameError, parse_keys};
///
/// let alice = "ed25519:DcA2MzgpJbrUATQLLceocVckhhAqrkingax4oJ9kZ847 Alice";
/// let keys = parse_keys(&format!("# whom I trust\n{alice}\n")).unwrap();
/// assert_eq!(keys[0].1.as_str(), "Alice");
/// // A second key in the place of a name would be trusted by nobody and look as if it were.
/// assert_eq!(parse_keys(&format!("{alice} ed25519:other")), Err(KeysError::Line(1, LineError::Name(NameError::Key))));
/// ```
pub fn parse_keys(text: &str) -> Result<Vec<(PublicKey, KeyName)>, KeysError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return Err(KeysError::Utf16);
    }
    if text.trim_start().starts_with("-----BEGIN") {
        let key = PublicKey::parse(text).map_err(|error| KeysError::Line(1, LineError::of(error, text)))?;
        return Ok(vec![(key, KeyName::default())]);
    }
    let mut keys: Vec<(usize, PublicKey, KeyName)> = Vec::new();
    let lines = text.lines().map(str::trim).enumerate();
    let is_left_out = |line: &str| line.is_empty() || line.starts_with('#') || line::is_frame(line);
    for (at, line) in lines.filter(|(_, line)| !is_left_out(line)) {
        let line_number = at + 1;
        let (key, name) = line::parse(line).map_err(|error| KeysError::Line(line_number, error))?;
        match keys.iter().find(|(_, known, _)| *known == key) {
            Some((_, _, known)) if *known == name => {}
            Some((first, _, _)) => return Err(KeysError::TwoNames { line: line_number, first: *first }),
            None => keys.push((line_number, key, name)),
        }
    }
    Ok(keys.into_iter().map(|(_, key, name)| (key, name)).collect())
}
