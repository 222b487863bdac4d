//! The small tar that prepares a container before it starts: folders that the image's user may write, with explicit
//! entries and numeric owners (what either engine makes by itself belongs to root).

use std::io;

/// A tar to be unpacked at `/`: each folder owned by the user, each file readable by all.
///
/// # Errors
/// When a path cannot be put into a tar.
pub fn tar(owner: (u64, u64), folders: &[&str], files: &[(&str, &[u8])]) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for folder in folders {
        let mut header = header(owner, tar::EntryType::Directory, 0o755, 0);
        tar.append_data(&mut header, folder.trim_matches('/'), io::empty())?;
    }
    for (path, content) in files {
        let mut header = header((0, 0), tar::EntryType::Regular, 0o644, content.len() as u64);
        tar.append_data(&mut header, path.trim_matches('/'), *content)?;
    }
    tar.into_inner()
}

fn header((user, group): (u64, u64), kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(user);
    header.set_gid(group);
    header
}
