//! The `.git` that goes into the container: what other rebuilders mount along with the source, as far as the claim
//! decides it. One commit with its files and an index, made by git here from verified objects, and the claimed URL as its remote,
//! which nearc writes into the code: no history, no branch or tag, no hook, no configuration of the repository's. Submodules have
//! theirs in their own folders.

use std::path::Path;

use anyhow::Context;

use super::archive::{MODIFIED, Part, path_of};
use crate::deadline::{Deadline, Until};
use crate::failure::{Code, fail};
use crate::network::url::RepositoryUrl;

/// Writes a tar with the `.git` of every part to `path`, the first of them a clone of `url`; `scratch` is a private folder.
///
/// # Errors
/// When git refuses an object, or the disk is full.
pub fn write(
    path: &Path,
    parts: &[Part],
    url: &RepositoryUrl,
    scratch: &Path,
    deadline: Deadline,
) -> anyhow::Result<()> {
    let file = std::fs::File::create_new(path).with_context(|| format!("failed to write `{}`", path.display()))?;
    let mut tar = tar::Builder::new(Until::new(std::io::BufWriter::new(file), deadline));
    for (index, part) in parts.iter().enumerate() {
        let folder = scratch.join(format!("dot-git{index}"));
        std::fs::create_dir(&folder)?;
        lay_out(part, Some(url).filter(|_| index == 0), &folder)?;
        let mut place = part.mount.clone();
        if !place.is_empty() {
            place.push(b'/');
        }
        place.extend_from_slice(b".git");
        append(&mut tar, path_of(&place), &folder)?;
        std::fs::remove_dir_all(&folder)?;
    }
    tar.into_inner()?.into_inner().into_inner().context("the tar could not be written to its end")?;
    Ok(())
}

/// Lays one out in an empty folder.
fn lay_out(part: &Part, origin: Option<&RepositoryUrl>, folder: &Path) -> anyhow::Result<()> {
    let Part { repository, commit, .. } = part;
    for below in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        std::fs::create_dir_all(folder.join(below))?;
    }
    let objects = repository.ask(["rev-list", "--objects", "--no-walk", commit])?;
    let base = folder.join("objects/pack/pack");
    // No deltas and one thread: quick, and the same pack every time.
    let words = ["pack-objects", "--quiet", "--threads=1", "--window=0", "--no-reuse-delta", "--compression=1"];
    let packed = repository.run(words.map(Path::new).into_iter().chain([base.as_path()]));
    let packed = repository.output(packed.stdin(Box::new(|to| to.write_all(&objects))))?;
    if !packed.status.success() {
        return fail(Code::SourceRefused, format!("git could not pack the commit: {}", packed.complaint()));
    }
    // Beside the repository's own index, which git renames into place.
    let index = repository.path().join("index-of-the-commit");
    repository.ask(["read-tree", &format!("--index-output={}", index.display()), commit])?;
    std::fs::rename(&index, folder.join("index"))?;
    std::fs::write(folder.join("HEAD"), format!("{commit}\n"))?;
    let (version, extensions) =
        if commit.len() == 64 { (1, "[extensions]\n\tobjectFormat = sha256\n") } else { (0, "") };
    // No such URL has a backslash, and git takes a quotation mark behind one for itself.
    let quoted = |url: &RepositoryUrl| url.as_str().replace('"', "\\\"");
    let remote = origin.map(|url| format!("[remote \"origin\"]\n\turl = \"{}\"\n", quoted(url))).unwrap_or_default();
    let config = format!(
        "[core]\n\trepositoryformatversion = {version}\n\tfilemode = true\n\tbare = false\n{extensions}{remote}"
    );
    std::fs::write(folder.join("config"), config)?;
    let text = repository.ask(["cat-file", "commit", commit])?;
    let has_parents =
        text.split(|b| *b == b'\n').take_while(|line| !line.is_empty()).any(|l| l.starts_with(b"parent "));
    if has_parents {
        std::fs::write(folder.join("shallow"), format!("{commit}\n"))?;
    }
    Ok(())
}

/// Everything below a folder of ours, names sorted, one time for all.
fn append<W: std::io::Write>(tar: &mut tar::Builder<W>, place: &Path, folder: &Path) -> anyhow::Result<()> {
    header(tar, tar::EntryType::Directory, 0o755, place, 0, &mut std::io::empty())?;
    let mut entries = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let place = place.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            append(tar, &place, &entry.path())?;
        } else {
            // As large as all of the commit's files: not taken into memory.
            let mut file = std::fs::File::open(entry.path())?;
            header(tar, tar::EntryType::Regular, 0o644, &place, file.metadata()?.len(), &mut file)?;
        }
    }
    Ok(())
}

fn header<W: std::io::Write>(
    tar: &mut tar::Builder<W>,
    kind: tar::EntryType,
    mode: u32,
    place: &Path,
    size: u64,
    content: &mut dyn std::io::Read,
) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(MODIFIED);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    tar.append_data(&mut header, place, content)
}
