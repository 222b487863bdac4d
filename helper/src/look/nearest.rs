//! Which known word somebody may have meant. Never used in place of what was typed: a person decides.

use std::path::Path;

use provenear_shared::near::Network;
use provenear_shared::text::Shown;

/// As clap has it: less alike than this, and another word is no help.
const ALIKE: f64 = 0.8;
/// What the accounts of a network end in.
const ROOTS: [(&str, &str); 2] = [("near", "mainnet"), ("testnet", "testnet")];
/// What files end in that somebody may take for a contract, and no account of a known network does.
const ENDINGS: [&str; 16] =
    ["b64", "base64", "bin", "gz", "hex", "log", "md", "pem", "pub", "tar", "tgz", "toml", "txt", "wat", "zip", "zst"];
/// Most names of a folder that are looked at.
const MOST_NAMES: usize = 4096;

/// The known word that is most like this one, if any is.
pub fn nearest(word: &str, known: impl IntoIterator<Item = impl AsRef<str>>) -> Option<String> {
    let rated = known.into_iter().map(|known| (strsim::jaro_winkler(word, known.as_ref()), known));
    let best = rated.filter(|(alike, _)| *alike > ALIKE).max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.map(|(_, known)| known.as_ref().to_owned())
}

/// A file beside the missing one that is called nearly like it.
pub fn file(path: &Path) -> Option<String> {
    if path.exists() {
        return None;
    }
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?.take(MOST_NAMES).flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    let found = nearest(name, files.filter_map(|entry| entry.file_name().into_string().ok()))?;
    Some(folder.map_or(found.clone(), |folder| folder.join(&found).display().to_string()))
}

/// What failed, where a file could not be read; with the file that may have been meant.
pub fn unread(kind: &str, path: &Path) -> String {
    let meant = file(path).map(|file| format!(" (did you mean `{}`?)", Shown(&file))).unwrap_or_default();
    format!("failed to read {kind}`{}`{meant}", path.display())
}

/// Whether what could be an account is spelled like a file, and is one here. Of anything else the folder decides nothing: what
/// lies about in it must not change who is asked about.
pub fn is_file_rather(text: &str) -> bool {
    let is_spelled_like_one = text.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.contains(&end));
    is_spelled_like_one && !text.starts_with("account:") && Path::new(text).is_file()
}

/// What may be wrong with an account that does not exist: it is a file, or its last part or the network is another.
pub fn account(name: &str, network: &Network) -> Option<String> {
    if Path::new(name).is_file() {
        return Some(format!("for the file of that name write `./{name}`"));
    }
    let (before, root) = name.rsplit_once('.')?;
    let home = ROOTS.iter().find(|(known, _)| *known == root).map(|(_, home)| *home);
    match home {
        Some(home) if home == network.chain_id() => None,
        Some(home) => Some(format!("names in `.{root}` are of {home}: add `--network {home}`")),
        None => {
            let meant = nearest(root, ROOTS.map(|(root, _)| root)).map(|root| format!("{before}.{root}"));
            let meant = meant.or_else(|| file(Path::new(name)).map(|file| format!("./{file}")))?;
            Some(format!("did you mean `{}`?", Shown(&meant)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_alike_is_named() {
        let known = ["near", "testnet", "counter.wasm"];
        assert_eq!(nearest("naer", known).as_deref(), Some("near"));
        assert_eq!(nearest("countr.wasm", known).as_deref(), Some("counter.wasm"));
        assert_eq!(nearest("tg", known), None);
        assert_eq!(nearest("x", [] as [&str; 0]), None);
    }

    #[test]
    fn of_an_account_the_last_part_is_held_against_the_network() {
        let hint = |name: &str, network: &str| account(name, &Network::parse(network).unwrap());
        assert_eq!(hint("a.b.naer", "mainnet").as_deref(), Some("did you mean `a.b.near`?"));
        assert_eq!(hint("a.testne", "testnet").as_deref(), Some("did you mean `a.testnet`?"));
        let other = "names in `.testnet` are of testnet: add `--network testnet`";
        assert_eq!(hint("a.testnet", "mainnet").as_deref(), Some(other));
        assert_eq!(hint("a.near", "mainnet"), None);
        assert_eq!(hint("a.tg", "mainnet"), None);
        assert_eq!(hint("aurora", "mainnet"), None);
    }

    #[test]
    fn a_file_is_looked_for_beside_the_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("counter.wasm"), "").unwrap();
        std::fs::create_dir(folder.path().join("countr.wasms")).unwrap();
        let found = file(&folder.path().join("conter.wasm")).unwrap();
        assert_eq!(Path::new(&found), folder.path().join("counter.wasm"));
        assert_eq!(file(&folder.path().join("nothing")), None);
        assert_eq!(file(&folder.path().join("no/such/counter.wasm")), None);
    }
}
