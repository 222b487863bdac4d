//! Reads the source archive that a manifest names by its digest: the tar of plain files, folders and links that the helper
//! writes, and nothing else. An archive with any other entry is refused as a whole, so that what is shown is all of it.
//! Not here: files on a disk. A link's target is text, and nothing is ever followed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::text::Shown;

/// The largest archive that is read, in bytes.
pub const MAX_ARCHIVE_SIZE: usize = 64 << 20;
/// Most entries.
const MAX_ENTRIES: usize = 50_000;
/// Longest path or target, in bytes.
const MAX_PATH: usize = 4096;
const BLOCK: usize = 512;

/// One file, folder or link. Its bytes are `offset..offset + size` of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Relative, `/` between parts, none of them empty, `.` or `..`. Bytes that are not UTF-8 are replaced.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// First byte of the content.
    pub offset: usize,
    /// Length of the content.
    pub size: usize,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A symbolic link with this target.
    Link(String),
}

/// Why a file is no source archive.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Larger than [`MAX_ARCHIVE_SIZE`].
    #[error("the archive is larger than 64 MiB")]
    TooLarge,
    /// More entries than a repository has.
    #[error("the archive has more than 50000 entries")]
    TooMany,
    /// It ends within an entry.
    #[error("the archive ends in the middle of an entry")]
    Truncated,
    /// A header that is none.
    #[error("the archive is not a tar file: {0}")]
    Header(&'static str),
    /// A kind of entry that a source archive does not have, such as a device or a sparse file.
    #[error("the archive has an entry of type `{}`, which a source archive has not", Shown(.0))]
    Kind(String),
    /// A path that leads out, or to nothing.
    #[error("the archive has an entry named `{}`, which is no path inside a folder", Shown(.0))]
    Path(String),
    /// Two entries of one name.
    #[error("the archive has two entries named `{}`", Shown(.0))]
    Twice(String),
}

/// Reads the list of entries, in the archive's order.
///
/// # Errors
/// [`ArchiveError`].
///
/// # Examples
/// ```
/// use provenear_shared::archive::{ArchiveError, EntryKind, entries};
///
/// /// A tar of one empty file.
/// fn tar(path: &str) -> Vec<u8> {
///     let mut tar = vec![0; 1536];
///     tar[..path.len()].copy_from_slice(path.as_bytes());
///     tar[124..135].fill(b'0');
///     tar[156] = b'0';
///     tar[148..156].fill(b' ');
///     let sum: u32 = tar[..512].iter().map(|byte| u32::from(*byte)).sum();
///     tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
///     tar
/// }
///
/// let listed = entries(&tar("src/lib.rs")).unwrap();
/// assert_eq!((listed[0].path.as_str(), &listed[0].kind), ("src/lib.rs", &EntryKind::File));
/// assert_eq!(entries(&tar("../lib.rs")), Err(ArchiveError::Path("../lib.rs".to_owned())));
/// ```
pub fn entries(archive: &[u8]) -> Result<Vec<Entry>, ArchiveError> {
    if archive.len() > MAX_ARCHIVE_SIZE {
        return Err(ArchiveError::TooLarge);
    }
    let mut found: Vec<Entry> = Vec::new();
    let mut seen = BTreeSet::new();
    let (mut long_path, mut long_target) = (None, None);
    let mut at = 0;
    loop {
        let header = archive.get(at..at + BLOCK).ok_or(ArchiveError::Truncated)?;
        if header.iter().all(|byte| *byte == 0) {
            let rest = &archive[at..];
            return if rest.iter().all(|byte| *byte == 0) {
                Ok(found)
            } else {
                Err(ArchiveError::Header("something follows its end"))
            };
        }
        check(header)?;
        let size = octal(&header[124..136]).ok_or(ArchiveError::Header("a size is not a number"))?;
        let size = usize::try_from(size).map_err(|_| ArchiveError::Truncated)?;
        let offset = at + BLOCK;
        let end = offset.checked_add(size).ok_or(ArchiveError::Truncated)?;
        let content = archive.get(offset..end).ok_or(ArchiveError::Truncated)?;
        at = end.next_multiple_of(BLOCK);
        let kind = match header[156] {
            b'L' => {
                long_path = Some(text(content)?);
                continue;
            }
            b'K' => {
                long_target = Some(text(content)?);
                continue;
            }
            b'0' | 0 => EntryKind::File,
            b'5' if size == 0 => EntryKind::Folder,
            b'2' if size == 0 => EntryKind::Link(long_target.take().map_or_else(|| text(&header[157..257]), Ok)?),
            other => return Err(ArchiveError::Kind(char::from(other).to_string())),
        };
        let path = long_path.take().map_or_else(|| read_name(header), Ok)?;
        let path = inside(&path, &kind)?;
        if !seen.insert(path.clone()) {
            return Err(ArchiveError::Twice(path));
        }
        if found.len() == MAX_ENTRIES {
            return Err(ArchiveError::TooMany);
        }
        found.push(Entry { path, kind, offset, size });
    }
}

/// The sum of the header's bytes, its own field counted as blanks.
fn check(header: &[u8]) -> Result<(), ArchiveError> {
    let own = 148..156;
    let sum = header.iter().enumerate().map(|(at, byte)| if own.contains(&at) { 32 } else { u64::from(*byte) }).sum();
    if octal(&header[own.clone()]) == Some(sum) { Ok(()) } else { Err(ArchiveError::Header("a checksum is wrong")) }
}

/// Octal digits, ended by blanks or zeros.
fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.bytes().all(|digit| matches!(digit, b'0'..=b'7')) { u64::from_str_radix(text, 8).ok() } else { None }
}

/// The name of a header: POSIX has a first part in a field of its own, GNU has not.
fn read_name(header: &[u8]) -> Result<String, ArchiveError> {
    let name = text(&header[..100])?;
    let prefix = if &header[257..263] == b"ustar\0" { text(&header[345..500])? } else { String::new() };
    Ok(if prefix.is_empty() { name } else { format!("{prefix}/{name}") })
}

/// The bytes before the first zero.
fn text(field: &[u8]) -> Result<String, ArchiveError> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    if end > MAX_PATH {
        return Err(ArchiveError::Path(String::from_utf8_lossy(&field[..100]).into_owned()));
    }
    Ok(String::from_utf8_lossy(&field[..end]).into_owned())
}

fn inside(path: &str, kind: &EntryKind) -> Result<String, ArchiveError> {
    let plain = match kind {
        EntryKind::Folder => path.strip_suffix('/').unwrap_or(path),
        EntryKind::File | EntryKind::Link(_) => path,
    };
    if plain.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(ArchiveError::Path(path.to_owned()));
    }
    Ok(plain.to_owned())
}
