//! A devnet, static folders and git repositories as a JSON file describes them: what the demo runs on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::devnet::{Account, Chain, Contract, Devnet, Hash, Key, Permission};
use crate::fixtures;
use crate::git_server::GitServer;
use crate::static_server::{StaticOptions, StaticServer};

/// What the file says. Paths are relative to the file's folder; port 0 or none is any free port.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The chain's name; `devnet-stage` when absent.
    pub chain_id: Option<String>,
    /// The ports of the endpoints, all of one chain; one at any port when absent.
    pub rpc_ports: Option<Vec<u16>>,
    /// Global contracts, published before the accounts are made.
    #[serde(default)]
    pub global_contracts: Vec<GlobalContract>,
    /// The accounts.
    #[serde(default)]
    pub accounts: Vec<AccountEntry>,
    /// Folders to serve as static hosts do.
    #[serde(default, rename = "static")]
    pub folders: Vec<StaticEntry>,
    /// Folders of bare repositories.
    #[serde(default)]
    pub git: Vec<GitEntry>,
}

/// A global contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalContract {
    /// The code.
    pub wasm: PathBuf,
    /// Published under this account, or under its hash.
    pub owner: Option<String>,
}

/// An account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountEntry {
    /// Its name.
    pub account_id: String,
    /// Its code; none when absent.
    pub contract: Option<ContractEntry>,
    /// Its keys: a public key alone has full access.
    #[serde(default)]
    pub keys: Vec<KeyEntry>,
    /// Contract state, as text.
    #[serde(default)]
    pub state: BTreeMap<String, String>,
}

/// Where the code comes from: `{"local": PATH}`, `{"global_hash": HASH}`, `{"global_account": OWNER}`, `"eth_implicit"`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractEntry {
    /// A file with the code; one that ends in `.wat` is text.
    Local(PathBuf),
    /// The hash of a global contract, in base58.
    GlobalHash(String),
    /// The account that published a global contract.
    GlobalAccount(String),
    /// The chain's wallet contract.
    EthImplicit,
}

/// `"ed25519:…"`, or the same with what the key may call.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum KeyEntry {
    /// Full access.
    Full(String),
    /// Function calls only.
    Call {
        /// The key.
        public_key: String,
        /// Whose methods it may call.
        receiver_id: String,
        /// Which; none named: all.
        #[serde(default)]
        method_names: Vec<String>,
    },
}

/// A static folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticEntry {
    /// The folder.
    pub folder: PathBuf,
    /// Its port.
    #[serde(default)]
    pub port: u16,
    /// Its sub-path, such as `/org/page`.
    #[serde(default)]
    pub prefix: String,
    /// Whether unknown paths are answered by `index.html` and 200.
    #[serde(default)]
    pub index_for_unknown: bool,
    /// Whether pages of other origins may read it.
    #[serde(default)]
    pub cors: bool,
}

/// A folder of bare repositories.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitEntry {
    /// The folder.
    pub folder: PathBuf,
    /// Contracts of the suites whose repositories are made there first.
    #[serde(default)]
    pub contracts: Vec<String>,
    /// Its port.
    #[serde(default)]
    pub port: u16,
}

/// Everything that runs; it ends when this is dropped.
pub struct Stage {
    base: PathBuf,
    chain: Arc<Chain>,
    rpc: Vec<Devnet>,
    folders: Vec<StaticServer>,
    git: Vec<GitServer>,
    accounts: BTreeMap<String, Value>,
}

impl Stage {
    /// Reads `file` and starts what it describes.
    ///
    /// # Errors
    /// When the file or one that it names cannot be read, or a port is taken.
    pub fn start(file: &Path) -> Result<Stage> {
        let text = std::fs::read(file).with_context(|| format!("failed to read `{}`", file.display()))?;
        let description: Description =
            serde_json::from_slice(&text).with_context(|| format!("`{}` is not a description", file.display()))?;
        let base = file.parent().unwrap_or(Path::new(".")).to_owned();
        let chain = Chain::new(description.chain_id.as_deref().unwrap_or("devnet-stage"));
        let mut stage = Stage { base, chain, rpc: vec![], folders: vec![], git: vec![], accounts: BTreeMap::new() };
        for global in &description.global_contracts {
            let wasm = stage.read(&global.wasm)?;
            match &global.owner {
                Some(owner) => stage.chain.publish_by_account(owner, wasm),
                None => stage.chain.publish_by_hash(wasm),
            };
        }
        for account in description.accounts {
            let (id, hash) = stage.put(account)?;
            stage.accounts.insert(id, hash);
        }
        for port in description.rpc_ports.unwrap_or_else(|| vec![0]) {
            let started = Devnet::serve(stage.chain.clone(), port);
            stage.rpc.push(started.with_context(|| format!("failed to serve JSON-RPC at port {port}"))?);
        }
        for entry in description.folders {
            let StaticEntry { folder, port, prefix, index_for_unknown, cors } = entry;
            let options =
                StaticOptions { port, prefix, index_for_unknown, cors, plain: true, ..StaticOptions::default() };
            let started = StaticServer::start(stage.base.join(&folder), options);
            stage.folders.push(started.with_context(|| format!("failed to serve `{}`", folder.display()))?);
        }
        for GitEntry { folder, contracts, port } in description.git {
            for contract in &contracts {
                fixtures::repository(contract, &stage.base.join(&folder))?;
            }
            let started = GitServer::start(stage.base.join(&folder), port);
            stage.git.push(started.with_context(|| format!("failed to serve `{}`", folder.display()))?);
        }
        Ok(stage)
    }

    /// The line that is printed when all of it runs: addresses, and each account's code hash.
    pub fn ready(&self) -> Value {
        json!({
            "chain_id": self.chain.lock().chain_id,
            "rpc": self.rpc.iter().map(Devnet::url).collect::<Vec<_>>(),
            "static": self.folders.iter().map(StaticServer::url).collect::<Vec<_>>(),
            "git": self.git.iter().map(GitServer::url).collect::<Vec<_>>(),
            "accounts": self.accounts,
        })
    }

    /// Makes, or replaces, the account that a line describes.
    ///
    /// # Errors
    /// When the line is no account, or its code cannot be read.
    pub fn add(&self, line: &str) -> Result<Value> {
        let entry = serde_json::from_str(line).context("the line is not an account")?;
        let (account_id, code_hash) = self.put(entry)?;
        Ok(json!({ "account_id": account_id, "code_hash": code_hash }))
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let path = self.base.join(path);
        let bytes = std::fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
        if path.extension().is_some_and(|end| end == "wat") {
            return Ok(wat::parse_bytes(&bytes)?.into_owned());
        }
        Ok(bytes)
    }

    fn put(&self, entry: AccountEntry) -> Result<(String, Value)> {
        let contract = match entry.contract {
            None => Contract::None,
            Some(ContractEntry::Local(path)) => Contract::local(self.read(&path)?),
            Some(ContractEntry::GlobalHash(text)) => match Hash::parse(&text) {
                Some(hash) => Contract::GlobalByHash(hash),
                None => bail!("`{text}` is not a code hash"),
            },
            Some(ContractEntry::GlobalAccount(owner)) => Contract::GlobalByAccount(owner),
            Some(ContractEntry::EthImplicit) => Contract::EthImplicit,
        };
        let mut account = Account::new(contract);
        for key in entry.keys {
            account = account.key(match key {
                KeyEntry::Full(public_key) => Key::full_access(&public_key),
                KeyEntry::Call { public_key, receiver_id, method_names } => Key {
                    public_key,
                    nonce: 1,
                    permission: Permission::FunctionCall { allowance: None, receiver_id, method_names },
                },
            });
        }
        for (key, value) in entry.state {
            account = account.state(key, value);
        }
        let height = self.chain.put(&entry.account_id, account.clone());
        let code = self.chain.lock().code(&account, height);
        Ok((entry.account_id, json!(code.map(|code| Hash::of(&code).to_string()))))
    }
}
