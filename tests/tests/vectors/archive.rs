//! A tar file: `expect` is the list of its entries, or why it is no source archive.

use provenear_shared::archive::{Entry, EntryKind, entries};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let archive = vector.bytes()?;
    let found = match entries(&archive) {
        Ok(found) => {
            let inside = |entry: &&Entry| archive.get(entry.offset..entry.offset + entry.size).is_none();
            if let Some(outside) = found.iter().find(inside) {
                return Err(format!("`{}` reaches outside the archive", outside.path));
            }
            found.iter().map(short).collect::<Vec<_>>().join("; ")
        }
        Err(error) => {
            let debug = format!("{error:?}");
            debug.split(['(', ' ']).next().unwrap_or_default().to_owned()
        }
    };
    same("the outcome", &found, vector.header("expect")?)
}

fn short(entry: &Entry) -> String {
    match &entry.kind {
        EntryKind::Folder => format!("folder {}", entry.path),
        EntryKind::File => format!("file {} {}", entry.path, entry.size),
        EntryKind::Link(target) => format!("link {} to {target}", entry.path),
    }
}
