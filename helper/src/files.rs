//! Files of the user's: written to a temporary name and renamed, so that none is ever half there; and the folders that
//! keys, caches and work in progress live in.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use etcetera::BaseStrategy;
use provenear_shared::digest::Sha256Digest;

use crate::failure::{Code, fail};
use crate::owner::Owner;

/// Writes a file at once.
///
/// # Errors
/// When the folder cannot be made or written.
pub fn write(path: &Path, bytes: &[u8], access: Access) -> anyhow::Result<()> {
    let write = || {
        let mut file = create_beside(path, access)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    write().with_context(|| format!("failed to write `{}`", path.display()))
}

/// Writes a file that is not there yet; whoever comes second, at the same moment too, gets `AlreadyExists`.
///
/// # Errors
/// That, and as [`write()`].
pub fn write_new(path: &Path, bytes: &[u8], access: Access) -> std::io::Result<()> {
    let mut file = create_beside(path, access)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map(drop).map_err(|error| error.error)
}

/// Writes a file at once in place of one that may be there: behind a link where it is one, with the same permissions.
///
/// # Errors
/// As [`write()`].
pub fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let replace = || {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let mut file = create_beside(&real, Access::Public)?;
        file.write_all(bytes)?;
        if let Ok(old) = real.metadata() {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&real).map(drop).map_err(|error| error.error)
    };
    replace().with_context(|| format!("failed to write `{}`", path.display()))
}

/// Opens a file to read it.
///
/// # Errors
/// When it cannot be opened, and for a folder, which a system may open and then not read.
pub fn open(path: &Path) -> std::io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(std::io::Error::new(ErrorKind::IsADirectory, "it is a folder, not a file"));
    }
    Ok(file)
}

/// Makes a folder where there is none, and those above it.
///
/// # Errors
/// When it cannot be made.
pub fn create_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| match folder.ancestors().find(|above| above.is_file()) {
        // The system's words for it are that the file exists, which somebody else may take for an answer.
        Some(file) => {
            std::io::Error::new(ErrorKind::NotADirectory, format!("`{}` is a file, not a folder", file.display()))
        }
        None => error,
    })
}

/// The whole path of a folder that a person named, without links in it.
///
/// # Errors
/// [`Code::Io`] where there is nothing, [`Code::Usage`] for a file.
pub fn folder(path: &Path) -> anyhow::Result<PathBuf> {
    let shown = path.display();
    let whole = path.canonicalize().with_context(|| format!("failed to read `{shown}`"))?;
    if !whole.is_dir() {
        return fail(Code::Usage, format!("`{shown}` is not a folder: name the folder of the contract"));
    }
    Ok(whole)
}

/// Reads a file of at most `cap` bytes.
///
/// # Errors
/// When it cannot be read, or is longer.
pub fn read_capped(path: &Path, cap: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(cap + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > cap {
        return Err(std::io::Error::other(format!("longer than {cap} bytes")));
    }
    Ok(bytes)
}

/// The same of a file that somebody else's folder has: nothing but a file is opened, since a pipe waits and a device never ends.
///
/// # Errors
/// As [`read_capped`].
pub fn read_plain(path: &Path, cap: u64) -> std::io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    read_capped(path, cap)
}

/// Writes a file at once that is too long to be held in memory.
///
/// # Errors
/// What `fill` says, and as [`write()`].
pub fn write_by(path: &Path, fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let write = || {
        let mut file = std::io::BufWriter::new(create_beside(path, Access::Public)?);
        fill(&mut file)?;
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        anyhow::Ok(file.persist(path).map(drop).map_err(|error| error.error)?)
    };
    write().with_context(|| format!("failed to write `{}`", path.display()))
}

/// The SHA-256 of a file, of any length.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> std::io::Result<Sha256Digest> {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Sha256Digest::from_bytes(hash.finalize().into())),
            n => hash.update(buffer.get(..n).unwrap_or_default()),
        }
    }
}

/// A temporary file in the folder of `path`.
fn create_beside(path: &Path, access: Access) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(folder)?;
    let (mut builder, prefix) = (tempfile::Builder::new(), temporary());
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(access.mode()));
    builder.tempfile_in(folder)
}

/// How the temporary files of this process begin.
fn temporary() -> String {
    format!(".provenear-{}-", Owner::current())
}

/// Removes the temporary files that helpers that are gone left in a folder and the folders below it.
pub fn sweep(folder: &Path, us: &Owner, depth: usize) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(".provenear-").and_then(|rest| Owner::parse(rest.split_once('-')?.0));
        if owner.is_some_and(|owner| owner.is_gone(us)) {
            // Another helper may sweep at the same time.
            let _gone = std::fs::remove_file(entry.path());
        } else if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sweep(&entry.path(), us, depth - 1);
        }
    }
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner: keys.
    Private,
    /// Everybody.
    Public,
}

impl Access {
    #[cfg(unix)]
    fn mode(self) -> u32 {
        match self {
            Access::Private => 0o600,
            Access::Public => 0o644,
        }
    }
}

/// The folder of keys: `PROVENEAR_DATA`, or `provenear` in the user's data folder.
///
/// # Errors
/// When the user has no home.
pub fn data_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("PROVENEAR_DATA") {
        return Ok(folder.into());
    }
    Ok(etcetera::choose_base_strategy()?.data_dir().join("provenear"))
}

/// The folder of what can be had again: `PROVENEAR_CACHE`, or `provenear/rebuild` in the user's cache folder.
///
/// # Errors
/// When the user has no home.
pub fn cache_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("PROVENEAR_CACHE") {
        return Ok(folder.into());
    }
    Ok(etcetera::choose_base_strategy()?.cache_dir().join("provenear").join("rebuild"))
}

/// A private folder for one rebuild, named after its owner, removed on drop. What helpers that are gone left is swept.
///
/// # Errors
/// When it cannot be made.
pub fn work_folder(us: &Owner) -> anyhow::Result<tempfile::TempDir> {
    let all = cache_folder()?.join("work");
    create_folder(&all).with_context(|| format!("failed to create `{}`", all.display()))?;
    for entry in std::fs::read_dir(&all)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.split_once('-').and_then(|(owner, _)| Owner::parse(owner));
        if owner.is_some_and(|owner| owner.is_gone(us)) {
            remove_all(&entry.path());
        }
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let prefix = format!("{us}-");
    Ok(builder.prefix(&prefix).tempdir_in(&all)?)
}

/// Removes a folder that another helper may sweep too, and into which a program that outlived its helper may still write
/// for a moment. What stays is swept by the next run.
fn remove_all(folder: &Path) {
    for _ in 0..50 {
        if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    crate::progress::warn(&format!("`{}` could not be removed", folder.display()));
}

/// Copies a file whose digest is known, whole or not at all: whoever may write it could change it meanwhile.
///
/// # Errors
/// When it cannot be read or written, is longer than `cap`, or is another.
pub fn copy_checked(from: &Path, to: &Path, cap: u64, sha256: &Sha256Digest) -> anyhow::Result<()> {
    use sha2::Digest;
    let copy = || {
        let mut hash = sha2::Sha256::new();
        let mut file = create_beside(to, Access::Public)?;
        let mut source = std::fs::File::open(from)?.take(cap + 1);
        let mut buffer = vec![0u8; 1 << 16];
        let mut length = 0;
        loop {
            let count = source.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
            length += count as u64;
            hash.update(bytes);
            file.write_all(bytes)?;
        }
        if length > cap {
            return Err(std::io::Error::other(format!("longer than {cap} bytes")));
        }
        if Sha256Digest::from_bytes(hash.finalize().into()) != *sha256 {
            return Err(std::io::Error::other(format!("`{}` was changed", from.display())));
        }
        file.as_file().sync_all()?;
        file.persist(to).map(drop).map_err(|error| error.error)
    };
    copy().with_context(|| format!("failed to write `{}`", to.display()))
}

/// Copies a file, whole or not at all.
///
/// # Errors
/// When it cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copy = || {
        let mut file = create_beside(to, Access::Public)?;
        std::io::copy(&mut std::fs::File::open(from)?, &mut file)?;
        file.as_file().sync_all()?;
        file.persist(to).map(drop).map_err(|error| error.error)
    };
    copy().with_context(|| format!("failed to write `{}`", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_dead_left_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let us = Owner::current();
        let text = us.to_string();
        let dead = format!("{}.4194303.1", text.split('.').next().unwrap());
        let file = |name: String| {
            let path = folder.path().join("deep").join(name);
            write(&path, b"x", Access::Public).unwrap();
            path
        };
        let (ours, theirs) = (file(format!(".provenear-{us}-x")), file(format!(".provenear-{dead}-x")));
        let kept = file("kept".to_owned());
        sweep(folder.path(), &us, 1);
        assert!(ours.exists() && kept.exists() && !theirs.exists());
    }
}
