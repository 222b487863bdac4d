//! The source archive of an earlier rebuild in the place of a repository that is gone. It is known by its SHA-256, which somebody
//! has to vouch for: files alone do not tell which commit they are, and there is no `.git` in it.
//! Read as hostile: it has to be, byte for byte, what this helper writes of the files in it, so that nothing hides in a header.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::archive::{Entry, EntryKind, MAX_ARCHIVE_SIZE, entries};
use provenear_shared::digest::Sha256Digest;

use super::Checkout;
use crate::deadline::{Deadline, Until};
use crate::failure::{Code, Failure, fail};
use crate::files::read_capped;
use crate::source::facts::Facts;
use crate::source::{archive, tree};

/// An archive, and why it counts as the source of the claimed commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Archived {
    /// Where it is.
    pub path: PathBuf,
    /// Its SHA-256 when it was vouched for.
    pub sha256: Sha256Digest,
    /// Who says that it is the commit's.
    pub vouched: Vouched,
}

/// By whose word an archive is the source of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vouched {
    /// Nobody's yet: it is not built.
    Nobody,
    /// A manifest by a key that the reader trusts names it.
    Manifest,
    /// The reader's, who takes it for local source (`--allow-local-source`).
    Reader,
}

/// The archive's bytes and their SHA-256.
///
/// # Errors
/// [`Code::Io`] when it cannot be read, or is larger than is read of one.
pub fn read(path: &Path) -> anyhow::Result<(Vec<u8>, Sha256Digest)> {
    let bytes = read_capped(path, MAX_ARCHIVE_SIZE as u64);
    let bytes = bytes.with_context(|| format!("failed to read the source archive `{}`", path.display()))?;
    let sha256 = Sha256Digest::of(&bytes);
    Ok((bytes, sha256))
}

/// The files of an archive, if it is still the one that was vouched for, written anew into `directory`, a private empty folder.
///
/// # Errors
/// [`Code::SourceRefused`] for any other file, and for one that a rebuild does not write.
pub(super) fn checkout(archive: &Archived, directory: &Path, until: Deadline) -> anyhow::Result<Checkout> {
    let refused = |why: String| fail(Code::SourceRefused, format!("the source archive {why}"));
    if archive.vouched == Vouched::Nobody {
        return refused("is the source of one claim: give it to `rebuild` with that subject".to_owned());
    }
    let (bytes, sha256) = read(&archive.path)?;
    if sha256 != archive.sha256 {
        return refused("was changed meanwhile".to_owned());
    }
    let listed = entries(&bytes);
    let listed =
        listed.map_err(|why| Failure::new(Code::SourceRefused, format!("this is not a source archive: {why}")))?;
    let by_path: BTreeMap<&str, &Entry> = listed.iter().map(|entry| (entry.path.as_str(), entry)).collect();
    for entry in &listed {
        tree::check_path(entry.path.as_bytes())?;
        let parent = entry.path.rsplit_once('/').map(|(parent, _)| parent);
        let is_below_a_folder =
            parent.is_none_or(|parent| by_path.get(parent).is_some_and(|it| it.kind == EntryKind::Folder));
        if !is_below_a_folder {
            return refused(format!("has `{}` below something that is not a folder", entry.path.escape_debug()));
        }
        if let EntryKind::Link(target) = &entry.kind
            && leads_out(&entry.path, target)
        {
            return refused(format!(
                "has the link `{}`, which does not lead to a path in it",
                entry.path.escape_debug()
            ));
        }
    }
    let mut facts = Facts::default();
    let copy = directory.join("source.tar");
    let (archive_sha256, archive_size) = write(&copy, &bytes, &by_path, &mut facts, until)?;
    if archive_sha256 != sha256 {
        return refused("is not as a rebuild writes one".to_owned());
    }
    // What a checkout made of attributes and submodules stands in the files, and not which they were.
    facts.converts_elsewhere = by_path.keys().any(|path| path.rsplit('/').next() == Some(".gitattributes"));
    facts.submodules.extend(by_path.contains_key(".gitmodules").then(|| ".gitmodules".to_owned()));
    let folders = listed.iter().filter(|entry| entry.kind == EntryKind::Folder);
    Ok(Checkout {
        archive: copy,
        archive_sha256,
        archive_size,
        dot_git: None,
        git_tree: None,
        reference: None,
        reference_error: None,
        from_local: archive.vouched == Vouched::Reader,
        facts,
        folders: folders.map(|entry| entry.path.clone().into_bytes()).collect(),
    })
}

/// Whether a link, read from where it stands, leads to anything but a path in the archive.
fn leads_out(path: &str, target: &str) -> bool {
    let mut depth = path.matches('/').count();
    target.is_empty()
        || target.starts_with('/')
        || target.contains('\0')
        || target.split('/').any(|part| match part {
            "" | "." => false,
            ".." if depth == 0 => true,
            ".." => {
                depth -= 1;
                false
            }
            _ => {
                depth += 1;
                false
            }
        })
}

/// Writes the entries as [`archive::write`] does those of a commit.
fn write(
    path: &Path,
    bytes: &[u8],
    entries: &BTreeMap<&str, &Entry>,
    facts: &mut Facts,
    until: Deadline,
) -> anyhow::Result<(Sha256Digest, u64)> {
    let file = std::fs::File::create_new(path).with_context(|| format!("failed to write `{}`", path.display()))?;
    let mut tar = tar::Builder::new(archive::Hashing::new(Until::new(std::io::BufWriter::new(file), until)));
    for (name, entry) in entries {
        until.check()?;
        let content = bytes.get(entry.offset..entry.offset + entry.size).context("the entry lies in the archive")?;
        match &entry.kind {
            EntryKind::Folder => archive::append_folder(&mut tar, Path::new(name))?,
            EntryKind::Link(target) => {
                facts.link(name.as_bytes());
                archive::append_link(&mut tar, Path::new(name), Path::new(target))?;
            }
            EntryKind::File => {
                let header = entry.offset.checked_sub(512).and_then(|at| bytes.get(at..entry.offset));
                let header = tar::Header::from_byte_slice(header.context("a header stands before its content")?);
                let mode = if header.mode()? & 0o111 == 0 { 0o644 } else { 0o755 };
                let mut rest = content;
                let read = facts.look(name.as_bytes(), content.len() as u64, &mut rest)?;
                let whole = std::io::Read::chain(read.as_slice(), rest);
                archive::append_file(&mut tar, Path::new(name), mode, content.len() as u64, whole)?;
            }
        }
    }
    archive::finish(tar)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::failure::code_of;
    use crate::source::checkout::tests::Made;

    fn until() -> Deadline {
        Deadline::after(Duration::from_secs(60), Code::LimitExceeded)
    }

    fn checked_out(bytes: &[u8]) -> anyhow::Result<Checkout> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("given.tar");
        std::fs::write(&path, bytes).unwrap();
        let work = tempfile::tempdir().unwrap();
        let sha256 = Sha256Digest::of(bytes);
        checkout(&Archived { path, sha256, vouched: Vouched::Manifest }, work.path(), until())
    }

    #[test]
    fn what_a_rebuild_wrote_is_read_back_with_all_that_its_files_tell() {
        let made = Made::new();
        made.write("a/Cargo.toml", "[package]\nname = \"x\"\n");
        made.write("build.rs", "fn main() {}");
        made.write("run.sh", "#!/bin/sh\n");
        made.write(&format!("long/{}/x", "n".repeat(150)), "x");
        std::os::unix::fs::symlink("a/Cargo.toml", made.path().join("link")).unwrap();
        made.git(&["add", "-A"]);
        made.git(&["update-index", "--chmod=+x", "run.sh"]);
        made.git(&["commit", "-q", "-m", "c"]);
        let commit = made.git(&["rev-parse", "HEAD"]);
        let (first, _keep) = made.checkout(&commit).unwrap();
        let bytes = std::fs::read(&first.archive).unwrap();
        let again = checked_out(&bytes).unwrap();
        assert_eq!((again.archive_sha256, again.archive_size), (first.archive_sha256, first.archive_size));
        assert_eq!((&again.facts.kept, &again.facts.links), (&first.facts.kept, &first.facts.links));
        assert!(again.facts.rust.contains_key("build.rs") && again.is_folder("a") && !again.is_folder("link"));
        assert!(again.dot_git.is_none() && again.git_tree.is_none() && again.reference.is_none());
        // Another file, or the same one changed.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("given.tar");
        std::fs::write(&path, &bytes).unwrap();
        for (sha256, vouched) in
            [(Sha256Digest::of(b"other"), Vouched::Reader), (Sha256Digest::of(&bytes), Vouched::Nobody)]
        {
            let error =
                checkout(&Archived { path: path.clone(), sha256, vouched }, folder.path(), until()).unwrap_err();
            assert_eq!(code_of(&error), Code::SourceRefused);
        }
    }

    #[test]
    fn an_archive_that_no_rebuild_wrote_is_refused() {
        type Entries<'a> = &'a [(&'a str, char, &'a str)];
        let archive = |entries: Entries<'_>, bend: &dyn Fn(&mut tar::Header)| {
            let mut tar = tar::Builder::new(Vec::new());
            for (name, kind, content) in entries {
                let mut header = tar::Header::new_gnu();
                header.set_mtime(archive::MODIFIED);
                header.set_uid(0);
                header.set_gid(0);
                header.set_mode(if *kind == 'd' { 0o755 } else { 0o644 });
                header.set_size(0);
                match kind {
                    'd' => header.set_entry_type(tar::EntryType::Directory),
                    'l' | 'h' => {
                        let is_link = *kind == 'l';
                        header.set_entry_type(if is_link { tar::EntryType::Symlink } else { tar::EntryType::Link });
                        header.set_mode(0o777);
                        header.set_link_name_literal(content).unwrap();
                    }
                    _ => {
                        header.set_entry_type(tar::EntryType::Regular);
                        header.set_size(content.len() as u64);
                    }
                }
                let field = &mut header.as_gnu_mut().unwrap().name;
                field[..name.len()].copy_from_slice(name.as_bytes());
                bend(&mut header);
                header.set_cksum();
                let body = if *kind == 'f' { content.as_bytes() } else { b"" };
                tar.append(&header, body).unwrap();
            }
            tar.into_inner().unwrap()
        };
        let plain: Entries<'_> = &[("a", 'd', ""), ("a/b", 'f', "x"), ("l", 'l', "a/b")];
        checked_out(&archive(plain, &|_| {})).unwrap();
        let rows: [(Entries<'_>, &str); 11] = [
            (&[("../x", 'f', "x")], "no path inside"),
            (&[("/etc/x", 'f', "x")], "no path inside"),
            (&[(".git", 'd', ""), (".git/config", 'f', "x")], "not safe to write"),
            (&[("a", 'd', ""), ("l", 'l', "a"), ("l/x", 'f', "x")], "below something that is not a folder"),
            (&[("x/y", 'f', "x")], "below something that is not a folder"),
            (&[("l", 'l', "/etc/passwd")], "does not lead"),
            (&[("a", 'd', ""), ("a/l", 'l', "../../x")], "does not lead"),
            (&[("a", 'f', "x"), ("b", 'h', "a")], "of type"),
            (&[("a", 'f', "x"), ("a", 'f', "y")], "two entries"),
            (&[("b", 'f', "x"), ("a", 'f', "x")], "not as a rebuild writes one"),
            (&[("a", 'f', "x"), ("l", 'l', "")], "does not lead"),
        ];
        for (entries, says) in rows {
            let error = checked_out(&archive(entries, &|_| {})).unwrap_err();
            assert_eq!(code_of(&error), Code::SourceRefused, "{entries:?}: {error:#}");
            assert!(format!("{error:#}").contains(says), "{entries:?}: {error:#}");
        }
        let bends: [&dyn Fn(&mut tar::Header); 4] = [
            &|header| header.set_mode(0o4755),
            &|header| header.set_mtime(1),
            &|header| header.set_uid(1000),
            &|header| header.set_username("root").unwrap(),
        ];
        for bend in bends {
            assert!(checked_out(&archive(plain, bend)).is_err());
        }
        let whole = archive(plain, &|_| {});
        for bytes in [&whole[..whole.len() - 600], b"not a tar", &[whole.clone(), vec![1; 512]].concat()] {
            assert_eq!(code_of(&checked_out(bytes).unwrap_err()), Code::SourceRefused);
        }
    }
}
