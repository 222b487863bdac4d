//! The source archive: a deterministic tar of exactly the files of a commit, submodules in, as a first checkout by libgit2
//! leaves them. Names sorted, one time for all, owners zero, modes 0644, 0755 or link. The same commit gives the same bytes on
//! every machine.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use anyhow::Context;
use provenear_shared::digest::Sha256Digest;
use sha2::{Digest, Sha256};

use super::attributes::{Attributes, Effort};
use super::conversion::{Conversion, MAX_SIZE};
use super::facts::Facts;
use super::git::Repository;
use super::tree::{Entry, Tree};
use crate::deadline::{Deadline, Until};
use crate::failure::{Code, fail};

/// When every file was changed, in seconds since 1970: 2000-01-01, which formats that know no time before 1980 can write
/// down in every time zone.
pub const MODIFIED: u64 = 946_684_800;

/// Bytes of all files together.
const MAX_TOTAL: u64 = 2 << 30;
/// Bytes of a symbolic link's target.
const MAX_TARGET: u64 = 4096;

/// One repository, mounted at a path of the archive (`""` for the claimed one).
pub struct Part {
    /// Where its files are.
    pub mount: Vec<u8>,
    /// Where they come from.
    pub repository: Repository,
    /// The commit that holds them.
    pub commit: String,
    /// What becomes of them.
    pub attributes: Attributes,
}

/// One entry of the archive: from which part, and what.
#[derive(Debug)]
pub struct Place {
    /// The part, by its number.
    pub part: usize,
    /// What it is.
    pub entry: Entry,
}

/// All entries of the archive. There is one list of them: it may be a long one.
pub type Places = BTreeMap<Vec<u8>, Place>;

/// Lays a part over those before it: submodule entries are replaced by what they hold.
pub fn lay_over(places: &mut Places, mount: &[u8], part: usize, tree: Tree) {
    places.extend(tree.into_iter().map(|(path, entry)| {
        let path = if mount.is_empty() { path } else { [mount, b"/", &path].concat() };
        let entry = match entry {
            Entry::Submodule { .. } => Entry::Directory,
            entry => entry,
        };
        (path, Place { part, entry })
    }));
}

/// Writes the archive to `path`; what the tree tells on the way is noted in `facts`. Gives SHA-256 and size.
///
/// # Errors
/// When an object is missing or larger than it says, a limit is passed, or the disk is full.
pub fn write(
    path: &Path,
    parts: &[Part],
    places: &Places,
    facts: &mut Facts,
    deadline: Deadline,
) -> anyhow::Result<(Sha256Digest, u64)> {
    let total: u64 =
        places.values().map(|place| if let Entry::File { size, .. } = place.entry { size } else { 0 }).sum();
    if total > MAX_TOTAL {
        return fail(Code::LimitExceeded, format!("the commit has {total} bytes, more than {MAX_TOTAL}"));
    }
    let mut readers = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        readers.push(Blobs::open(&part.repository, places, path, index)?);
    }
    let file = std::fs::File::create_new(path).with_context(|| format!("failed to write `{}`", path.display()))?;
    let mut tar = tar::Builder::new(Hashing::new(Until::new(BufWriter::new(file), deadline)));
    let mut effort = Effort::until(deadline);
    for (name, Place { part, entry }) in places {
        deadline.check()?;
        let (Some(blobs), Some(Part { mount, attributes, .. })) = (readers.get_mut(*part), parts.get(*part)) else {
            anyhow::bail!("every part has a reader");
        };
        let below = if mount.is_empty() { 0 } else { mount.len() + 1 };
        let conversion = attributes.of(name.get(below..).unwrap_or_default(), &mut effort)?;
        append(&mut tar, name, entry, conversion, blobs, facts)
            .with_context(|| format!("failed to archive `{}`", String::from_utf8_lossy(name).escape_debug()))?;
    }
    finish(tar)
}

/// Ends an archive, and gives its SHA-256 and size.
pub(super) fn finish<W: Write>(tar: tar::Builder<Hashing<W>>) -> anyhow::Result<(Sha256Digest, u64)> {
    let mut hashing = tar.into_inner()?;
    hashing.flush()?;
    Ok((Sha256Digest::from_bytes(hashing.hash.finalize().into()), hashing.size))
}

/// What all headers have in common.
fn header(kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mtime(MODIFIED);
    header.set_uid(0);
    header.set_gid(0);
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header
}

pub(super) fn append_folder<W: Write>(tar: &mut tar::Builder<W>, path: &Path) -> io::Result<()> {
    tar.append_data(&mut header(tar::EntryType::Directory, 0o755, 0), path, io::empty())
}

pub(super) fn append_file<W: Write>(
    tar: &mut tar::Builder<W>,
    path: &Path,
    mode: u32,
    size: u64,
    content: impl Read,
) -> io::Result<()> {
    tar.append_data(&mut header(tar::EntryType::Regular, mode, size), path, content)
}

pub(super) fn append_link<W: Write>(tar: &mut tar::Builder<W>, path: &Path, target: &Path) -> io::Result<()> {
    tar.append_link(&mut header(tar::EntryType::Symlink, 0o777, 0), path, target)
}

fn blob(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::File { id, .. } | Entry::Link { id, .. } => Some(id),
        Entry::Submodule { .. } | Entry::Directory => None,
    }
}

fn append<W: Write>(
    tar: &mut tar::Builder<W>,
    name: &[u8],
    entry: &Entry,
    conversion: Conversion,
    blobs: &mut Blobs,
    facts: &mut Facts,
) -> anyhow::Result<()> {
    let path = path_of(name);
    match entry {
        Entry::Directory | Entry::Submodule { .. } => append_folder(tar, path)?,
        Entry::File { id, size, executable } => {
            let mode = if *executable { 0o755 } else { 0o644 };
            let is_too_large = !conversion.is_none() && *size > MAX_SIZE;
            let mut is_unsure = conversion.is_unsure || is_too_large;
            let mut content = blobs.next(id, *size)?;
            if conversion.is_none() || is_too_large {
                let kept = facts.look(name, *size, &mut content)?;
                append_file(tar, path, mode, *size, kept.as_slice().chain(&mut content))?;
            } else {
                let mut bytes = Vec::new();
                content.read_to_end(&mut bytes)?;
                let converted = conversion.apply(bytes, id);
                is_unsure = converted.is_unsure;
                let (bytes, size) = (converted.bytes.as_slice(), converted.bytes.len() as u64);
                let mut rest = bytes;
                let kept = facts.look(name, size, &mut rest)?;
                append_file(tar, path, mode, size, kept.as_slice().chain(rest))?;
            }
            facts.converts_elsewhere |= is_unsure;
            blobs.finish()?;
        }
        Entry::Link { id, size } => {
            if *size > MAX_TARGET {
                return fail(Code::SourceRefused, "the target of a symbolic link is too long");
            }
            let mut target = Vec::new();
            blobs.next(id, *size)?.read_to_end(&mut target)?;
            blobs.finish()?;
            if target.is_empty() || target.contains(&0) {
                return fail(Code::SourceRefused, "a symbolic link leads nowhere");
            }
            facts.link(name);
            append_link(tar, path, path_of(&target))?;
        }
    }
    Ok(())
}

/// A path as git spells it.
#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> &Path {
    Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

/// Blobs of one repository in the order that they were asked for: `git cat-file --batch` into a file beside the archive.
struct Blobs {
    stream: BufReader<std::fs::File>,
}

impl Blobs {
    fn open(repository: &Repository, places: &Places, archive: &Path, part: usize) -> anyhow::Result<Blobs> {
        let ids = || places.values().filter(|place| place.part == part).filter_map(|place| blob(&place.entry));
        let most = MAX_TOTAL + (ids().count() as u64 + 1) * 128;
        let spool = archive.with_extension(format!("blobs{part}"));
        let mut file = std::fs::File::create_new(&spool)?;
        let run = repository
            .run(["cat-file", "--batch", "--buffer"])
            .stdin(Box::new(|to| {
                let mut to = BufWriter::new(to);
                ids().try_for_each(|id| writeln!(to, "{id}"))?;
                to.flush()
            }))
            .stdout(Box::new(|from| {
                io::copy(&mut from.take(most), &mut file)?;
                Ok(())
            }));
        if !repository.status(run)?.status.success() {
            return fail(Code::CommitNotFound, "git could not read the files of the commit");
        }
        let file = std::fs::File::open(&spool)?;
        std::fs::remove_file(&spool)?;
        Ok(Blobs { stream: BufReader::new(file) })
    }

    fn next(&mut self, id: &str, size: u64) -> anyhow::Result<io::Take<&mut BufReader<std::fs::File>>> {
        let mut line = String::new();
        (&mut self.stream).take(200).read_line(&mut line)?;
        if line.trim_end() != format!("{id} blob {size}") {
            return fail(Code::CommitNotFound, format!("git does not have the object `{id}`"));
        }
        Ok((&mut self.stream).take(size))
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        let mut newline = [0u8; 1];
        self.stream.read_exact(&mut newline)?;
        if newline != *b"\n" {
            return fail(Code::SourceRefused, "git printed an object in a form that is not understood");
        }
        Ok(())
    }
}

/// Hashes and counts what is written.
pub(super) struct Hashing<W> {
    inner: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(inner: W) -> Hashing<W> {
        Hashing { inner, hash: Sha256::new(), size: 0 }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..n).unwrap_or_default());
        self.size += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
