//! NEAR's own nouns: networks, accounts, blocks and what code an account refers to.
//! Not here: how a node spells them on the wire (`rpc`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Sha256Digest;
use crate::spelling::{codes, spelled};
use crate::text::Shown;

pub mod link;

/// The largest contract that a node accepts, in bytes (`max_contract_size` in nearcore's runtime parameters).
pub const MAX_CONTRACT_SIZE: usize = 4_194_304;

/// Where code is looked for: a chain id, and the endpoints known for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network(String);

impl Network {
    /// Reads `mainnet`, `testnet` or another chain id: 1 to 64 characters of `a-z`, `0-9`, `-`, `_`.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        (matches!(text.len(), 1..=64) && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// The main network.
    pub fn mainnet() -> Self {
        Self("mainnet".to_owned())
    }

    /// The chain id, as `status` reports it.
    pub fn chain_id(&self) -> &str {
        &self.0
    }

    /// Public endpoints of this network, of different operators, none for a chain that we do not know.
    /// Source: docs.near.org's provider list and near-cli-rs' defaults (2026-11).
    pub fn endpoints(&self) -> &'static [&'static str] {
        match self.0.as_str() {
            "mainnet" => &["https://free.rpc.fastnear.com", "https://near.lava.build", "https://near.drpc.org"],
            "testnet" => {
                &["https://test.rpc.fastnear.com", "https://neart.lava.build", "https://near-testnet.drpc.org"]
            }
            _ => &[],
        }
    }

    /// Well-known accounts with contracts, to begin with. Nothing is said about them by naming them.
    pub fn examples(&self) -> &'static [&'static str] {
        match self.0.as_str() {
            "mainnet" => &["v1.signer", "venear.dao", "wrap.near"],
            "testnet" => &["v1.signer-prod.testnet", "contract.rpc-examples.testnet"],
            _ => &[],
        }
    }

    /// An endpoint that keeps old blocks, where one is known.
    pub fn archival(&self) -> Option<&'static str> {
        match self.0.as_str() {
            "mainnet" => Some("https://archival-rpc.mainnet.fastnear.com"),
            "testnet" => Some("https://archival-rpc.testnet.fastnear.com"),
            _ => None,
        }
    }
}

/// A well-formed account id (2 to 64 characters; rules of the `near-account-id` crate).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(near_account_id::AccountId);

impl AccountId {
    /// Reads an account id; `None` unless it is well-formed.
    pub fn parse(text: &str) -> Option<Self> {
        near_account_id::AccountId::from_str(text).ok().map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What its spelling tells of its making.
    pub fn kind(&self) -> AccountKind {
        match self.0.get_account_type() {
            near_account_id::AccountType::NamedAccount => AccountKind::Named,
            near_account_id::AccountType::NearImplicitAccount => AccountKind::NearImplicit,
            near_account_id::AccountType::EthImplicitAccount => AccountKind::EthImplicit,
            near_account_id::AccountType::NearDeterministicAccount => AccountKind::Deterministic,
            near_account_id::AccountType::UniversalAccount => AccountKind::Universal,
        }
    }

    /// Whether this is an `0x…` account, which stores a magic hash in place of a code hash.
    pub fn is_eth_implicit(&self) -> bool {
        self.kind() == AccountKind::EthImplicit
    }
}

spelled!(AccountId, "account id", |it: &AccountId| it.as_str().to_owned(), AccountId::parse);
spelled!(Network, "chain id", |it: &Network| it.chain_id().to_owned(), Network::parse);
spelled!(BlockReference, "block height or hash", ToString::to_string, BlockReference::parse);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

codes! {
    /// What kind of account an id names.
    pub enum AccountKind {
        /// A name that was registered.
        Named = "named",
        /// 64 hex digits: an Ed25519 public key.
        NearImplicit = "near-implicit",
        /// `0x` and 40 hex digits: an Ethereum address.
        EthImplicit = "eth-implicit",
        /// `0s` and 40 hex digits: the hash of its first code and state (NEP-616).
        Deterministic = "deterministic",
        /// `0u` and 52 characters: the hash of its first code, state and keys (protocol 88).
        Universal = "universal",
    }
}

impl AccountKind {
    /// What a person has to know about it, after "which is"; `None` for a plain name.
    pub fn describe(self) -> Option<&'static str> {
        match self {
            Self::Named => None,
            Self::NearImplicit => Some("an implicit account, named by its first key"),
            Self::EthImplicit => Some("an account of an Ethereum address"),
            Self::Deterministic => Some("a deterministic account, named by the hash of its first code and state"),
            Self::Universal => Some("a universal account, named by the hash of its first code, state and keys"),
        }
    }
}

/// One block of one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Height.
    pub height: u64,
    /// Hash of the block header.
    pub hash: Sha256Digest,
    /// Time of the header, milliseconds since 1970 UTC.
    pub time_ms: u64,
}

/// Which block a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockReference {
    /// The newest final block.
    Final,
    /// The block at this height.
    Height(u64),
    /// The block with this hash.
    Hash(Sha256Digest),
}

impl BlockReference {
    /// Reads a height, a base58 block hash or the word `final`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "final" {
            return Some(Self::Final);
        }
        let hash = || Sha256Digest::from_base58(text).ok().map(Self::Hash);
        text.parse().ok().map(Self::Height).or_else(hash)
    }
}

impl fmt::Display for BlockReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Final => f.write_str("final"),
            Self::Height(height) => write!(f, "{height}"),
            Self::Hash(hash) => f.write_str(&hash.to_base58()),
        }
    }
}

/// What code an account refers to, resolved as nearcore resolves it (`core/primitives/src/views.rs`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountContract {
    /// No code.
    None,
    /// A universal account (`0u…`) that was only funded so far: no code and no keys before its state init arrives, which
    /// anyone can send who has it (protocol 88).
    Uninitialized,
    /// Code of its own.
    Local(Sha256Digest),
    /// A global contract named by hash; it cannot be replaced (NEP-591).
    Global(Sha256Digest),
    /// A global contract named by its owner's account; the owner can replace it at any time (NEP-591).
    GlobalByAccount(AccountId),
    /// An `0x…` account: the node resolves the stored hash to a shared wallet contract, whose own hash is another.
    EthImplicit(Sha256Digest),
}

/// Reads a date, or a date and time, in UTC, as milliseconds since 1970: `2024-06-30`, `2024-06-30 14:05`, and what
/// [`rfc3339`] writes.
pub fn parse_utc(text: &str) -> Option<u64> {
    let text = text.trim();
    let text = text.strip_suffix('Z').unwrap_or(text).trim_end_matches(" UTC");
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let numbers = |text: &str, mark: char| -> Option<Vec<u64>> {
        text.split(mark).map(|part| part.parse().ok().filter(|_| part.len() <= 4)).collect()
    };
    let (&[year, month, day], time) = (numbers(date, '-')?.as_slice(), numbers(time, ':')?) else { return None };
    let (hour, minute, second) = match *time.as_slice() {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let is_one = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    // Howard Hinnant's `days_from_civil`.
    let shifted_year = year.checked_sub(u64::from(month <= 2))?;
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days =
        (era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year).checked_sub(719_468)?;
    let time_ms = (days * 86_400 + hour * 3600 + minute * 60 + second) * 1000;
    // A 31st of June is one in July.
    (is_one && rfc3339(time_ms).starts_with(&format!("{year:04}-{month:02}-{day:02}T"))).then_some(time_ms)
}

/// Milliseconds since 1970 as RFC 3339 with `Z`, whole seconds.
pub fn rfc3339(time_ms: u64) -> String {
    let seconds = time_ms / 1000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's `civil_from_days`, for days since 1970-01-01, which are never negative here.
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// One access key of an account, as far as it matters for "who can change this code".
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessKey {
    /// `ed25519:…`, `secp256k1:…`, `ml-dsa-65:…` or `ml-dsa-65-hash:…`, as the node spells it.
    pub public_key: String,
    /// Whether the key may do everything (`FullAccess`, `GasKeyFullAccess`) or only call functions.
    pub full_access: bool,
    /// Whether it pays for what it signs out of a balance of its own (NEP-611).
    pub gas_key: bool,
}

impl AccessKey {
    /// The type before the colon of `public_key`: `ed25519`, `secp256k1`, `ml-dsa-65`. Of a key of the last a node lists the
    /// hash, `ml-dsa-65-hash`: the chain does not keep the key (`PublicKeyHandle` of near-crypto 0.38).
    pub fn key_type(&self) -> &str {
        let name = self.public_key.split(':').next().unwrap_or_default();
        name.strip_suffix("-hash").unwrap_or(name)
    }
}

/// What a person may mean by one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case")]
pub enum SubjectName {
    /// An account id.
    Account(AccountId),
    /// A path to a wasm file (the helper alone can open one).
    File(String),
    /// The hash of some code.
    CodeHash(Sha256Digest),
}

/// Reads an account id, a path, or a code hash in base58 or hex, each optionally named by a prefix `account:`, `file:`,
/// `hash:` or `sha256:`. What ends in `.wasm`, `.wasm.gz`, `.json` or `.jsonl`, or has a slash, is a path; any other well-formed
/// account id is an account, whatever lies in the folder: a file must not take the place of what is asked about.
///
/// # Errors
/// [`SubjectError`].
pub fn parse_subject(text: &str) -> Result<SubjectName, SubjectError> {
    let neither = |text: &str| SubjectError::Neither(text.to_owned());
    if let Some(name) = text.strip_prefix("account:") {
        return AccountId::parse(name).map(SubjectName::Account).ok_or_else(|| neither(name));
    }
    if let Some(path) = text.strip_prefix("file:") {
        return Ok(SubjectName::File(path.to_owned()));
    }
    if let Some(name) = text.strip_prefix("hash:").or_else(|| text.strip_prefix("sha256:")) {
        return Sha256Digest::from_published(name)
            .map(SubjectName::CodeHash)
            .ok_or_else(|| SubjectError::Hash(name.to_owned()));
    }
    if is_path(text) {
        return Ok(SubjectName::File(text.to_owned()));
    }
    match (AccountId::parse(text), Sha256Digest::from_published(text)) {
        (Some(_), Some(_)) => Err(SubjectError::Both(text.to_owned())),
        (None, Some(hash)) => Ok(SubjectName::CodeHash(hash)),
        (Some(account), None) => Ok(SubjectName::Account(account)),
        (None, None) => Err(neither(text)),
    }
}

/// Why a text names no subject, in one sentence that says how to name one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// None of the three.
    #[error("`{}` is neither {ACCOUNT_FORM} nor a code hash nor a path to a .wasm file", Shown(.0))]
    Neither(String),
    /// An account and a hash.
    #[error("`{text}` can be an account and a hash: write `account:{text}` or `hash:{text}`", text = Shown(.0))]
    Both(String),
    /// Behind an account.
    #[error("`{}` is not a block: write its height or its hash", Shown(.0))]
    Block(String),
    /// After `hash:`.
    #[error("`{}` is not a SHA-256 in base58 or hex", Shown(.0))]
    Hash(String),
}

/// What an account id looks like, within a sentence.
pub const ACCOUNT_FORM: &str = "an account id (2 to 64 of a-z, 0-9, `-`, `_`, `.`)";

/// Whether a text is a path by its spelling alone.
fn is_path(text: &str) -> bool {
    let name = text.to_ascii_lowercase();
    let has_slash = text.contains('/') || (cfg!(windows) && text.contains('\\'));
    has_slash || [".wasm", ".wasm.gz", ".json", ".jsonl"].iter().any(|end| name.ends_with(end))
}

/// As [`parse_subject`]; an account may have a block behind it, `app.near@123456` or `app.near@<block hash>`. No account id
/// holds an `@`, so nothing else can be meant; a path that does keeps it.
///
/// # Errors
/// As [`parse_subject`].
///
/// # Examples
/// ```
/// use provenear_shared::near::{AccountId, BlockReference, SubjectName, parse_subject_at};
///
/// let account = SubjectName::Account(AccountId::parse("app.near").unwrap());
/// assert_eq!(parse_subject_at("app.near@12"), Ok((account, Some(BlockReference::Height(12)))));
/// ```
pub fn parse_subject_at(text: &str) -> Result<(SubjectName, Option<BlockReference>), SubjectError> {
    if let Some((name, block)) = text.rsplit_once('@')
        && !is_path(text)
        && let Ok(SubjectName::Account(account)) = parse_subject(name)
    {
        let reference = BlockReference::parse(block).ok_or_else(|| SubjectError::Block(block.to_owned()))?;
        return Ok((SubjectName::Account(account), Some(reference)));
    }
    parse_subject(text).map(|subject| (subject, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        for time_ms in [0, 951_782_400_000, 1_719_756_300_000, 1_790_000_000_000, 4_102_444_799_000] {
            assert_eq!(parse_utc(&rfc3339(time_ms)), Some(time_ms), "{}", rfc3339(time_ms));
        }
        assert_eq!(parse_utc(" 2024-06-30 "), parse_utc("2024-06-30T00:00:00Z"));
        assert_eq!(parse_utc("2024-6-30 14:05"), parse_utc("2024-06-30 14:05:00 UTC"));
        for text in [
            "",
            "2024",
            "2024-06",
            "2023-02-29",
            "2024-06-31",
            "2024-13-01",
            "2024-00-01",
            "2024-06-00",
            "2024-06-30 24:00",
            "2024-06-30 1",
            "2024-06-30 14:60",
            "1969-12-31",
            "99999-01-01",
            "2024-06-30T14:05+02:00",
            "-2024-06-30",
            "30.6.2024",
            "06/30/2024",
            "120000000",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }
}
