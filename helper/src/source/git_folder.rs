//! Where a repository keeps what, read as hostile: no pipe is waited for, and no device is read without end. Not here: asking git.

use std::path::{Path, PathBuf};

use crate::files::read_plain;

/// Bytes of a file that holds one path.
const MAX_POINTER: u64 = 4096;

/// Where `HEAD` and the index are: of a work tree, a linked work tree, a submodule or a bare repository.
pub fn own(directory: &Path) -> Option<PathBuf> {
    let dot_git = directory.join(".git");
    if dot_git.is_dir() {
        return Some(dot_git);
    }
    if !dot_git.is_file() {
        return Some(directory.to_path_buf());
    }
    let text = read_pointer(&dot_git)?;
    Some(directory.join(text.strip_prefix("gitdir:")?.trim()))
}

/// Where objects and submodules are, which a linked work tree has in common with the one that it was made from.
pub fn common(directory: &Path) -> Option<PathBuf> {
    let own = own(directory)?;
    let pointer = own.join("commondir");
    // Of a pipe in that place git waits for a word.
    let is_odd = pointer.exists() && !pointer.is_file();
    let common = read_pointer(&pointer).map_or_else(|| own.clone(), |text| own.join(text.trim()));
    (!is_odd && common.join("objects").is_dir()).then_some(common)
}

fn read_pointer(path: &Path) -> Option<String> {
    String::from_utf8(read_plain(path, MAX_POINTER).ok()?).ok()
}
