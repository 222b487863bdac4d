//! The entries of a tar that a container printed: by whoever made its image, so nothing in it may cost more than it is worth.
//! Names are as long as paths are, whatever an entry before them says of its size.

use std::io::Read;

use crate::failure::{Code, fail};

/// Bytes of a name that has an entry of its own, and of the attributes of one entry.
const MAX_NAME: u64 = 4096 + 1;
const MAX_ATTRIBUTES: u64 = 64 << 10;

/// What is read of one entry after the other.
pub struct Entries<'a, R: Read> {
    inner: tar::Entries<'a, R>,
}

impl<'a, R: Read> Entries<'a, R> {
    /// Those of an archive that nothing was read of.
    ///
    /// # Errors
    /// When it was.
    pub fn of(archive: &'a mut tar::Archive<R>) -> std::io::Result<Entries<'a, R>> {
        // As they come: the reader of whole entries takes a name of any length into memory.
        Ok(Entries { inner: archive.entries()?.raw(true) })
    }

    /// The next one, with its path.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`] for a name that no path is as long as.
    pub fn advance(&mut self) -> anyhow::Result<Option<(Vec<u8>, tar::Entry<'a, R>)>> {
        let mut named = None;
        loop {
            let Some(entry) = self.inner.next() else { return Ok(None) };
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            if kind.is_gnu_longname() || kind.is_gnu_longlink() {
                let name = read_bounded(&mut entry, MAX_NAME)?;
                if kind.is_gnu_longname() {
                    named = Some(name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec());
                }
            } else if kind.is_pax_local_extensions() || kind.is_pax_global_extensions() {
                let attributes = read_bounded(&mut entry, MAX_ATTRIBUTES)?;
                let path = tar::PaxExtensions::new(&attributes).flatten().find(|it| it.key_bytes() == b"path");
                named = path.filter(|_| kind.is_pax_local_extensions()).map(|it| it.value_bytes().to_vec()).or(named);
            } else {
                let path = named.unwrap_or_else(|| entry.path_bytes().into_owned());
                return Ok(Some((path, entry)));
            }
        }
    }
}

fn read_bounded(entry: &mut tar::Entry<'_, impl Read>, most: u64) -> anyhow::Result<Vec<u8>> {
    if entry.size() > most {
        return fail(Code::LimitExceeded, format!("the container printed a name of {} bytes", entry.size()));
    }
    let mut bytes = Vec::new();
    entry.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
