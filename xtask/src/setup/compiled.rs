//! What the crates of registries were compiled to, kept for the next clone: minutes of two cores. Cargo decides by its own
//! fingerprints what of it fits. What is of this workspace is not kept.

use crate::run;
use crate::setup::cache;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};

/// The folders of a profile. The fingerprints come last: what has one is complete.
const PARTS: [&str; 3] = ["deps", "build", ".fingerprint"];

/// Puts what the cache has into `target/`, once: what these versions were compiled to, else what others were, most of which are
/// the same.
///
/// # Errors
/// When it cannot be copied.
pub(super) fn lay() -> Result<()> {
    let name = name()?;
    let laid = laid(&name);
    if laid.exists() {
        return Ok(());
    }
    let Some(kept) = nearest(&cache::root().join(&name))? else { return Ok(()) };
    run::phase("laying compiled dependencies of an earlier run, about 20 s", || {
        // Older than what cargo has just made for this program, and so they replace it: it trusts nothing that is older than
        // what it stands on.
        profiles(&kept)?
            .iter()
            .try_for_each(|profile| copy_profile(&kept.join(profile), &target(profile), &BTreeSet::new()))
    })?;
    run::write(&laid, "")
}

/// This entry, or one that the same compiler made, or that names none, as those of an earlier time.
fn nearest(exact: &Path) -> Result<Option<PathBuf>> {
    if exact.is_dir() {
        return Ok(Some(exact.to_owned()));
    }
    let compiler = |entry: &Path| Some(entry.file_name()?.to_str()?.split_once('-')?.0.to_owned());
    let beside = exact.parent().filter(|parent| parent.is_dir()).map(fs::read_dir).transpose()?;
    for entry in beside.into_iter().flatten() {
        let entry = entry?.path();
        // A lock lies beside each, and what was being written when somebody ended it.
        let is_whole = entry.is_dir() && entry.extension().is_none();
        if is_whole && compiler(&entry).is_none_or(|made| Some(made) == compiler(exact)) {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// Keeps what there is in `target/` now, unless the cache has it.
///
/// # Errors
/// When it cannot be copied.
pub(crate) fn keep() -> Result<()> {
    let name = name()?;
    if cache::root().join(&name).is_dir() {
        return Ok(());
    }
    let ours = ours()?;
    let kept = run::phase("keeping compiled dependencies for the next clone, about 20 s", || {
        cache::entry(&name, Path::is_dir, |folder| {
            profiles(&run::target())?
                .iter()
                .try_for_each(|profile| copy_profile(&target(profile), &folder.join(profile), &ours))
        })
    })?;
    run::write(&laid(&name), "")?;
    // Those of other versions would only grow in number.
    for other in fs::read_dir(kept.parent().context("an entry lies in the cache")?)? {
        let other = other?.path();
        if other.is_dir() && other != kept {
            fs::remove_dir_all(&other).with_context(|| format!("failed to remove `{}`", other.display()))?;
        }
    }
    Ok(())
}

/// The entry of the cache: another compiler, lock file or profile is another entry.
fn name() -> Result<String> {
    let compiler = run::output(std::process::Command::new("rustc").arg("-vV").current_dir(run::workspace()))?;
    let read = |part| fs::read_to_string(run::workspace().join(part));
    let digest = |name, text: String| {
        let file = run::target().join("setup").join(name);
        run::write(&file, text)?;
        cache::digest(&file)
    };
    let versions = read("Cargo.lock")? + &read("Cargo.toml")?;
    Ok(format!("compiled/{}-{}", digest("compiler", compiler)?, digest("versions", versions)?))
}

fn laid(name: &str) -> PathBuf {
    run::target().join("setup").join(name.replace('/', "-"))
}

fn target(profile: &Path) -> PathBuf {
    run::target().join(profile)
}

/// The folders of profiles below `folder`: `debug`, or `<target>/debug`.
fn profiles(folder: &Path) -> Result<Vec<PathBuf>> {
    let folders = |folder: &Path| -> Result<Vec<PathBuf>> {
        let entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
        Ok(entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
    };
    let mut found = folders(folder)?;
    for below in found.clone() {
        found.extend(folders(&below)?);
    }
    found.retain(|path| path.join(".fingerprint").is_dir());
    found.iter().map(|path| Ok(path.strip_prefix(folder)?.to_owned())).collect()
}

/// The names of the workspace's packages and of what is built of them, as they begin the names of files.
fn ours() -> Result<BTreeSet<String>> {
    let metadata = run::output(run::cargo().args(["metadata", "--no-deps", "--locked", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo lists packages")?;
    let targets = packages.iter().flat_map(|package| package["targets"].as_array().into_iter().flatten());
    let names = packages.iter().chain(targets).filter_map(|it| it["name"].as_str());
    Ok(names.flat_map(|name| [name.to_owned(), name.replace('-', "_")]).collect())
}

/// Whether cargo has named a file or folder after one of `ours`: `name-0123456789abcdef.d`, `libname-….rlib`.
fn is_of(ours: &BTreeSet<String>, file: &str) -> bool {
    let stem = file.split('.').next().unwrap_or_default();
    let name = stem.rsplit_once('-').map_or(stem, |(name, _)| name);
    ours.contains(name) || name.strip_prefix("lib").is_some_and(|name| ours.contains(name))
}

fn copy_profile(from: &Path, to: &Path, ours: &BTreeSet<String>) -> Result<()> {
    for part in PARTS.iter().filter(|part| from.join(part).is_dir()) {
        for entry in fs::read_dir(from.join(part))? {
            let entry = entry?;
            if !entry.file_name().to_str().is_none_or(|name| is_of(ours, name)) {
                copy(&entry.path(), &to.join(part).join(entry.file_name()))?;
            }
        }
    }
    Ok(())
}

/// Copies a file or a folder with its times, by which cargo knows what is older.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let metadata = fs::symlink_metadata(from)?;
    if metadata.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else if metadata.is_file() {
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        fs::copy(from, to).with_context(|| format!("failed to write `{}`", to.display()))?;
        let times = FileTimes::new().set_modified(metadata.modified()?).set_accessed(metadata.accessed()?);
        File::open(to).and_then(|file| file.set_times(times))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{is_of, nearest, ours};
    use std::fs;

    #[test]
    fn other_versions_serve_and_another_compiler_does_not() {
        let cache = tempfile::tempdir().unwrap();
        let entry = |name: &str| cache.path().join("compiled").join(name);
        let found = |name: &str| nearest(&entry(name)).unwrap();
        assert_eq!(found("a-1"), None);
        for made in ["a-1", "b-2", "a-3.tmp"] {
            fs::create_dir_all(entry(made)).unwrap();
        }
        fs::write(entry("c-1.lock"), "").unwrap();
        for (wanted, expected) in
            [("a-1", Some("a-1")), ("a-2", Some("a-1")), ("a-3", Some("a-1")), ("b-1", Some("b-2")), ("c-1", None)]
        {
            assert_eq!(found(wanted), expected.map(entry), "{wanted}");
        }
        fs::create_dir(entry("f331")).unwrap();
        assert_eq!(found("d-1"), Some(entry("f331")));
    }

    #[test]
    fn what_is_ours_is_told_from_what_is_not() {
        let ours = ours().unwrap();
        for name in [
            "xtask-0123456789abcdef",
            "provenear-shared-0123456789abcdef",
            "libprovenear_shared-0123456789abcdef.rmeta",
            "provenear_helper-0123456789abcdef.d",
            "e2e_browser-0123456789abcdef",
        ] {
            assert!(is_of(&ours, name), "{name}");
        }
        for name in ["anyhow-0123456789abcdef", "libserde_json-0123456789abcdef.rlib", "libm-0123456789abcdef.d"] {
            assert!(!is_of(&ours, name), "{name}");
        }
    }
}
