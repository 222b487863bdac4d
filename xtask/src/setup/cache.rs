//! What is made once and kept between runs: one folder per entry, keyed by version, never seen half made.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The folder of the cache: `$PROVENEAR_CACHE`, else the user's own cache folder.
pub(crate) fn root() -> PathBuf {
    if let Some(folder) = std::env::var_os("PROVENEAR_CACHE") {
        return folder.into();
    }
    let user = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    user.or_else(home).unwrap_or_else(std::env::temp_dir).join("provenear")
}

/// The name of the entry for a tool that a file of locked versions describes: another file is another entry.
///
/// # Errors
/// When the file is not there.
pub(crate) fn locked(tool: &str, file: &Path) -> Result<String> {
    Ok(format!("tools/{tool}-{}", digest(file)?))
}

/// The beginning of a file's SHA-256, which tells versions of it apart.
///
/// # Errors
/// When the file is not there.
pub(crate) fn digest(file: &Path) -> Result<String> {
    Ok(crate::build::sha256(file)?[..16].to_owned())
}

/// The entry `name`, made by `make` in a temporary folder unless it is there and `works`.
/// A second process that wants the same entry waits for the first.
///
/// # Errors
/// When the cache cannot be written or `make` fails.
pub(crate) fn entry(
    name: &str,
    works: impl Fn(&Path) -> bool,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let folder = root().join(name);
    let parent = folder.parent().context("an entry lies in the cache")?;
    fs::create_dir_all(parent).with_context(|| format!("failed to make `{}`", parent.display()))?;
    if works(&folder) {
        return Ok(folder);
    }
    let lock = File::create(folder.with_added_extension("lock"))?;
    lock.lock()?;
    if works(&folder) {
        return Ok(folder);
    }
    let temporary = folder.with_added_extension("tmp");
    for stale in [&temporary, &folder] {
        if stale.exists() {
            fs::remove_dir_all(stale).with_context(|| format!("failed to remove `{}`", stale.display()))?;
        }
    }
    fs::create_dir(&temporary)?;
    make(&temporary)?;
    fs::rename(&temporary, &folder).with_context(|| format!("failed to write `{}`", folder.display()))?;
    Ok(folder)
}
