//! `cargo xtask releases`: adds to `shared/src/wasm/fingerprint/releases.rs` the releases of rustc that came after the newest one
//! in it, with the commit that the manifest of each names (`static.rust-lang.org/dist/channel-rust-<version>.toml`).

use crate::run;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::process::Command;

/// The table, from the workspace's folder.
const TABLE: &str = "shared/src/wasm/fingerprint/releases.rs";
/// Bytes of one manifest; they have less than one million.
const MOST: &str = "16777216";

/// Asks for each release that may have come out, and writes the table anew.
///
/// # Errors
/// When a manifest cannot be had or names another version, or the table is not as it was written.
pub(crate) fn run() -> Result<()> {
    let path = run::workspace().join(TABLE);
    let text = fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let mut entries: Vec<String> = text.lines().filter(|line| is_entry(line)).map(str::to_owned).collect();
    let newest = entries.last().and_then(|line| version_in(line)).context("the table holds no release")?;
    let mut found = Vec::new();
    let (mut minor, mut patch) = (newest.0, newest.1 + 1);
    loop {
        match release(minor, patch)? {
            Some(entry) => {
                run::say(format!("1.{minor}.{patch}"));
                found.push(entry);
                patch += 1;
            }
            // Nothing was released as this minor version.
            None if patch == 0 => break,
            None => (minor, patch) = (minor + 1, 0),
        }
    }
    run::say(format!("{} releases are new", found.len()));
    entries.extend(found);
    fs::write(&path, with_entries(&text, &entries)?).with_context(|| format!("failed to write `{}`", path.display()))
}

fn is_entry(line: &str) -> bool {
    line.starts_with("    (\"")
}

/// Minor version and patch of an entry.
fn version_in(line: &str) -> Option<(u32, u32)> {
    let (minor, patch) = line.split('"').nth(3)?.strip_prefix("1.")?.split_once('.')?;
    Some((minor.parse().ok()?, patch.parse().ok()?))
}

/// The entry of a release; `None` where there is no such release.
fn release(minor: u32, patch: u32) -> Result<Option<String>> {
    let version = format!("1.{minor}.{patch}");
    let url = format!("https://static.rust-lang.org/dist/channel-rust-{version}.toml");
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--proto", "=https", "--max-time", "120", "--max-filesize", MOST]);
    let out = curl.args(["--write-out", "\n%{http_code}", &url]).output().context("`curl` is needed")?;
    let text = String::from_utf8(out.stdout).with_context(|| format!("`{url}` is not text"))?;
    let (manifest, status) = text.rsplit_once('\n').unwrap_or_default();
    match status {
        "200" if out.status.success() => {
            let commit = commit(manifest, &version).with_context(|| format!("`{url}` is not understood"))?;
            Ok(Some(format!("    (\"{commit}\", \"{version}\"),")))
        }
        "404" => Ok(None),
        _ => bail!("`{url}` cannot be had: {status} {}", String::from_utf8_lossy(&out.stderr).trim()),
    }
}

/// The commit of rustc in a manifest, whose own version it has to be.
fn commit<'a>(manifest: &'a str, version: &str) -> Result<&'a str> {
    let (_, rustc) = manifest.split_once("\n[pkg.rustc]\n").context("no package `rustc`")?;
    let own = rustc.split("\n[").next().unwrap_or_default();
    let text = |name: &str| {
        let line = own.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""));
        line.and_then(|line| line.strip_suffix('"')).with_context(|| format!("no `{name}`"))
    };
    let (named, commit) = (text("version")?, text("git_commit_hash")?);
    ensure!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "`{commit}` is not a commit");
    // `1.97.1 (8bab26f4f 2026-07-14)`
    ensure!(named.starts_with(&format!("{version} ({}", &commit[..9])), "it is about `{named}`");
    Ok(commit)
}

/// The text of the table with these entries.
fn with_entries(text: &str, entries: &[String]) -> Result<String> {
    let (before, rest) = text.split_once("const RELEASES").context("the table has no `RELEASES`")?;
    let (_, after) = rest.split_once("\n];").context("the table has no end")?;
    let count = entries.len();
    let listed = entries.join("\n");
    Ok(format!("{before}const RELEASES: [(&str, &str); {count}] = [\n{listed}\n];{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_the_commit_of_its_own_version_alone() {
        let hash = "8bab26f4f68e0e26f0bb7960be334d5b520ea452";
        let manifest = |version: &str, hash: &str| {
            format!(
                "date = \"x\"\n[pkg.cargo]\nversion = \"0\"\ngit_commit_hash = \"00\"\n\n[pkg.rustc]\nversion = \"{version} (8bab26f4f 2026-07-14)\"\ngit_commit_hash = \"{hash}\"\n\n[pkg.rustc.target.x]\n"
            )
        };
        assert_eq!(commit(&manifest("1.97.1", hash), "1.97.1").unwrap(), hash);
        for (text, version) in [
            (manifest("1.97.0", hash), "1.97.1"),
            (manifest("1.97.1", &hash.replace('8', "9")), "1.97.1"),
            (manifest("1.97.1", "8bab26f4f"), "1.97.1"),
            (String::new(), "1.97.1"),
        ] {
            assert!(commit(&text, version).is_err(), "{text}");
        }
    }

    #[test]
    fn the_table_is_written_as_it_was_read() {
        let text = fs::read_to_string(run::workspace().join(TABLE)).unwrap();
        let entries: Vec<String> = text.lines().filter(|line| is_entry(line)).map(str::to_owned).collect();
        assert_eq!(with_entries(&text, &entries).unwrap(), text);
        assert!(entries.iter().all(|line| version_in(line).is_some()));
    }
}
