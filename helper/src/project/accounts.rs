//! What a repository says in a table of ours, `provenear`: the accounts that its contracts are deployed to, and the rebuilders that
//! it points to. A pointer is no trust: nobody's key counts because a repository names it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;
use provenear_shared::key::PublicKey;
use provenear_shared::near::{ACCOUNT_FORM, AccountId, Network};
use toml::{Table, Value};

use super::history::History;
use super::{Language, MAX_MANIFEST, Package, chosen, every, members, parse, python_package, rust_package};
use crate::failure::{Code, fail};
use crate::files::read_capped;

/// Its name below [`super::Language::metadata`].
pub const OWN_TABLE: &str = "provenear";
/// Accounts and rebuilders of one package.
const MAX_ENTRIES: usize = 256;

/// Where a package is deployed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deployed {
    /// Accounts, each with its network, as they stand there.
    pub accounts: Vec<(Network, AccountId)>,
    /// Keys or addresses of stores, as they stand there.
    pub rebuilders: Vec<String>,
}

/// Reads the table of a package; one that has none says nothing.
///
/// # Errors
/// [`Code::Usage`] for anything in it that is not understood, so that no account is left out for a slip.
pub fn deployed(package: &Package) -> anyhow::Result<Deployed> {
    let header = package.language.header(&[OWN_TABLE]);
    let wrong = |what: String| fail(Code::Usage, format!("`{}`, {header}: {what}", package.manifest.display()));
    let mut table = Some(&package.table);
    for key in package.language.metadata().iter().chain(&[OWN_TABLE]) {
        table = table.and_then(|table| table.get(*key)).and_then(Value::as_table);
    }
    let Some(table) = table else { return Ok(Deployed::default()) };
    if let Some(other) = table.keys().find(|key| !["accounts", "rebuilders"].contains(&key.as_str())) {
        return wrong(format!("`{}` is not known; there are `accounts` and `rebuilders`", other.escape_debug()));
    }
    let mut deployed = Deployed::default();
    let empty = Table::new();
    let networks = match table.get("accounts") {
        None => &empty,
        Some(Value::Table(networks)) => networks,
        Some(_) => {
            return wrong("`accounts` has a list for each network: `accounts.mainnet = [\"app.near\"]`".to_owned());
        }
    };
    for (name, list) in networks {
        let Some(network) = Network::parse(name) else {
            return wrong(format!("`{}` is not a chain id", name.escape_debug()));
        };
        let Some(list) = list.as_array() else { return wrong(format!("`accounts.{name}` is not a list")) };
        for item in list {
            let text = item.as_str().unwrap_or_default();
            let Some(account) = AccountId::parse(text) else {
                return wrong(format!("`{}` is not {ACCOUNT_FORM}", text.escape_debug()));
            };
            deployed.accounts.push((network.clone(), account));
        }
    }
    let rebuilders = match table.get("rebuilders") {
        None => &Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => return wrong("`rebuilders` is not a list".to_owned()),
    };
    for item in rebuilders {
        match item.as_str().filter(|text| is_rebuilder(text)) {
            Some(text) => deployed.rebuilders.push(text.to_owned()),
            None => {
                return wrong("a rebuilder is a public key (`ed25519:…`) or the https address of a store".to_owned());
            }
        }
    }
    if deployed.accounts.len().max(deployed.rebuilders.len()) > MAX_ENTRIES {
        return wrong(format!("there are more than {MAX_ENTRIES} entries"));
    }
    Ok(deployed)
}

/// The packages of a tree that name accounts: those that a folder is about, and each other one that git has below it, contract or
/// not, member of a workspace or not, so that no account is left out. What `cargo vendor` wrote is of others.
///
/// # Errors
/// As [`super::packages`] and [`deployed`].
pub fn naming_accounts(folder: &Path, history: &History, named: &[String]) -> anyhow::Result<Vec<(Package, Deployed)>> {
    let mut all = every(folder)?;
    let mut known: BTreeSet<_> = all.iter().filter_map(|package| package.manifest.canonicalize().ok()).collect();
    for path in history.files(folder, &[Language::Rust, Language::Python].map(Language::manifest))? {
        let manifest = folder.join(path);
        let is_there = manifest.symlink_metadata().is_ok_and(|it| it.is_file());
        let is_vendored = manifest.with_file_name(".cargo-checksum.json").exists();
        if !is_there || is_vendored || !manifest.canonicalize().is_ok_and(|it| known.insert(it)) {
            continue;
        }
        let shown = manifest.display().to_string();
        let bytes = read_capped(&manifest, MAX_MANIFEST).with_context(|| format!("failed to read `{shown}`"))?;
        if !bytes.windows(OWN_TABLE.len()).any(|word| word == OWN_TABLE.as_bytes()) {
            continue;
        }
        let table = parse(&bytes).with_context(|| format!("`{shown}` cannot be read"))?;
        if manifest.ends_with(Language::Python.manifest()) {
            all.push(python_package(manifest)?);
        } else if table.contains_key("package") {
            let workspace = manifest.parent().and_then(members::workspace_of);
            all.push(rust_package(manifest, table, workspace)?);
        }
    }
    let mut naming = Vec::new();
    for package in chosen(all, named)? {
        let deployed = deployed(&package)?;
        if !deployed.accounts.is_empty() {
            naming.push((package, deployed));
        }
    }
    Ok(naming)
}

/// Whether a text is a public key, or the address of a store.
pub fn is_rebuilder(text: &str) -> bool {
    let is_store = || url::Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.username().is_empty());
    PublicKey::parse(text).is_ok() || (is_store() && provenear_shared::source::names_one_host(text))
}
