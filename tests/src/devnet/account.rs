//! What stands at an account of the devnet: code, keys, state.
//! Hashing is done here and not by `shared`, so that the tests compare two independent readings.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A SHA-256, shown in base58 as NEAR shows it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What an account without code of its own shows as its `code_hash`.
    pub const NONE: Hash = Hash([0; 32]);

    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Hash {
        Hash(Sha256::digest(bytes).into())
    }

    /// Reads base58; nothing unless it decodes to 32 bytes.
    pub fn parse(text: &str) -> Option<Hash> {
        let bytes = bs58::decode(text).into_vec().ok()?;
        Some(Hash(bytes.try_into().ok()?))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.0).into_string())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where an account's code comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Contract {
    /// No code.
    #[default]
    None,
    /// None, because a universal account was only funded so far (protocol 88).
    Uninitialized,
    /// Code deployed at the account itself.
    Local(Arc<[u8]>),
    /// A global contract by its hash, which must have been published.
    GlobalByHash(Hash),
    /// A global contract by the account that published it, who may replace it.
    GlobalByAccount(String),
    /// An eth-implicit account: the stored hash is that of a reference to the chain's wallet contract, not of code.
    EthImplicit,
}

impl Contract {
    /// Code at the account itself.
    pub fn local(wasm: impl Into<Vec<u8>>) -> Contract {
        Contract::Local(wasm.into().into())
    }
}

/// What a key may do, with the node's own field names. Amounts in yoctoNEAR.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are NEAR's
pub enum Permission {
    /// Everything.
    FullAccess,
    /// Calls of these methods of this receiver (none named: all), up to an allowance.
    FunctionCall { allowance: Option<u128>, receiver_id: String, method_names: Vec<String> },
    /// NEP-611: everything, with gas paid from the key's own balance.
    GasKeyFullAccess { balance: u128, num_nonces: u16 },
    /// NEP-611: calls only, with gas paid from the key's own balance.
    GasKeyFunctionCall { balance: u128, num_nonces: u16, receiver_id: String, method_names: Vec<String> },
}

impl Permission {
    pub(crate) fn view(&self) -> Value {
        match self {
            Permission::FullAccess => json!("FullAccess"),
            Permission::FunctionCall { allowance, receiver_id, method_names } => json!({ "FunctionCall": {
                "allowance": allowance.map(|amount| amount.to_string()),
                "receiver_id": receiver_id, "method_names": method_names } }),
            Permission::GasKeyFullAccess { balance, num_nonces } => json!({ "GasKeyFullAccess": {
                "balance": balance.to_string(), "num_nonces": num_nonces } }),
            Permission::GasKeyFunctionCall { balance, num_nonces, receiver_id, method_names } => {
                json!({ "GasKeyFunctionCall": {
                    "balance": balance.to_string(), "num_nonces": num_nonces, "allowance": null,
                    "receiver_id": receiver_id, "method_names": method_names } })
            }
        }
    }

    /// The bytes of its Borsh form, which count as storage.
    fn size(&self) -> u64 {
        let string = |text: &str| 4 + text.len() as u64;
        let call = |receiver_id: &str, names: &[String], allowance: bool| {
            let allowance = if allowance { 17 } else { 1 };
            allowance + string(receiver_id) + 4 + names.iter().map(|name| string(name)).sum::<u64>()
        };
        1 + match self {
            Permission::FullAccess => 0,
            Permission::FunctionCall { allowance, receiver_id, method_names } => {
                call(receiver_id, method_names, allowance.is_some())
            }
            Permission::GasKeyFullAccess { .. } => 18,
            Permission::GasKeyFunctionCall { receiver_id, method_names, .. } => {
                18 + call(receiver_id, method_names, false)
            }
        }
    }
}

/// An access key. `public_key` as NEAR spells it: `ed25519:…`, `secp256k1:…` or `ml-dsa-65-hash:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key, or for `ml-dsa-65-hash` its hash.
    pub public_key: String,
    /// The nonce of its last transaction.
    pub nonce: u64,
    /// What it may do.
    pub permission: Permission,
}

impl Key {
    /// A key that may do everything.
    pub fn full_access(public_key: &str) -> Key {
        Key { public_key: public_key.into(), nonce: 1, permission: Permission::FullAccess }
    }

    /// A key that may only call.
    pub fn function_call(public_key: &str, receiver_id: &str, method_names: &[&str]) -> Key {
        let method_names = method_names.iter().map(|name| (*name).to_owned()).collect();
        let permission = Permission::FunctionCall { allowance: None, receiver_id: receiver_id.into(), method_names };
        Key { public_key: public_key.into(), nonce: 1, permission }
    }

    pub(crate) fn view(&self) -> Value {
        json!({ "nonce": self.nonce, "permission": self.permission.view() })
    }

    /// Key type byte and key, nonce, permission, and 40 bytes for the record (`num_extra_bytes_record`).
    fn size(&self) -> u64 {
        let data = self.public_key.split_once(':').map_or("", |(_, data)| data);
        let bytes = bs58::decode(data).into_vec().map_or(32, |bytes| bytes.len() as u64);
        1 + bytes + 8 + self.permission.size() + 40
    }
}

/// An account at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its code.
    pub contract: Contract,
    /// Its keys, in the order in which they are listed.
    pub keys: Vec<Key>,
    /// Contract state: key to value.
    pub state: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Balance in yoctoNEAR.
    pub amount: u128,
}

impl Account {
    /// An account with 200 NEAR, this code, and neither keys nor state.
    pub fn new(contract: Contract) -> Account {
        Account { contract, keys: Vec::new(), state: BTreeMap::new(), amount: 200 * 10u128.pow(24) }
    }

    /// The same with one key more.
    #[must_use]
    pub fn key(mut self, key: Key) -> Account {
        self.keys.push(key);
        self
    }

    /// The same with this state entry.
    #[must_use]
    pub fn state(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Account {
        self.state.insert(key.into(), value.into());
        self
    }

    /// As the node counts it: 100 for the account, then keys, code or reference, and state.
    pub(crate) fn storage_usage(&self) -> u64 {
        let contract = match &self.contract {
            Contract::None | Contract::Uninitialized => 0,
            Contract::Local(code) => code.len() as u64,
            Contract::GlobalByHash(_) => 32,
            Contract::GlobalByAccount(owner) => owner.len() as u64,
            Contract::EthImplicit => 48,
        };
        let state: usize = self.state.iter().map(|(key, value)| key.len() + value.len() + 40).sum();
        100 + self.keys.iter().map(Key::size).sum::<u64>() + contract + state as u64
    }
}
