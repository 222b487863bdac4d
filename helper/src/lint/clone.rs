//! What git says of a clone: its commit, its remotes, its files, and what differs from the commit. Only plumbing that reads, and
//! nothing that the repository's own configuration could make start a program. Not here: what follows from it (`git`).

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

use crate::command::{Run, collect};
use crate::deadline::Deadline;
use crate::failure::{Code, fail};
use crate::source::git::{Limits, Repository, looking};
use crate::source::git_folder;
use crate::source::index::{self, Kind};
use crate::source::tree::{self, Submodule};

/// How long git may take for all of it, and how many bytes it may list.
const TIME: Duration = Duration::from_secs(60);
const MOST: u64 = 32 << 20;
/// The longest file that is compared byte by byte.
const MAX_COMPARED: u64 = 8 << 20;
/// How many refs that have the commit are listed.
const MOST_REFS: usize = 4096;
/// How many files that look changed are compared byte by byte: git knows them by their times, which a copy changes.
const MOST_COMPARED: usize = 256;

/// A clone.
#[derive(Debug)]
pub struct Clone {
    /// Its root.
    pub root: PathBuf,
    /// Its commit, if there is one.
    pub head: Option<String>,
    /// Whether it lacks history.
    pub is_shallow: bool,
    /// Its remotes, by name and URL.
    pub remotes: BTreeSet<(String, String)>,
    /// That of the remote `origin`.
    pub origin: Option<String>,
    /// What git tracks, by path.
    pub tracked: BTreeMap<Vec<u8>, Kind>,
    /// Files that it neither tracks nor ignores.
    pub untracked: BTreeSet<Vec<u8>>,
    /// Tracked paths that differ from the commit.
    pub changed: BTreeSet<Vec<u8>>,
    /// The refs of remotes, and the tags, that have the commit, as far as this clone knows.
    pub holders: BTreeSet<String>,
    /// By path.
    pub submodules: BTreeMap<Vec<u8>, Submodule>,
}

impl Clone {
    /// The clone that a folder is in, the outermost one as cargo-near has it; none where there is no git or no clone.
    ///
    /// # Errors
    /// Where git lists more than is read, or takes too long.
    pub fn around(folder: &Path) -> anyhow::Result<Option<Clone>> {
        let until = Deadline::after(TIME, Code::LimitExceeded);
        let Some((mut root, mut is_shallow, mut head)) = position(folder, until)? else { return Ok(None) };
        // A submodule or a linked work tree has a file in that place.
        while root.join(".git").is_file() {
            let out = looking(&root, ["rev-parse", "--show-superproject-working-tree"]).until(until).output()?;
            let outer = line(&out.stdout).filter(|outer| !outer.is_empty());
            let Some(found) = outer.and_then(|outer| position(Path::new(OsStr::from_bytes(outer)), until).transpose())
            else {
                break;
            };
            let (outer, outer_shallow, outer_head) = found?;
            if outer == root {
                break;
            }
            (root, is_shallow, head) = (outer, outer_shallow, outer_head);
        }
        let clone = Clone {
            root,
            head,
            is_shallow,
            remotes: BTreeSet::new(),
            origin: None,
            tracked: BTreeMap::new(),
            untracked: BTreeSet::new(),
            changed: BTreeSet::new(),
            holders: BTreeSet::new(),
            submodules: BTreeMap::new(),
        };
        clone.filled(until).map(Some)
    }

    /// Each question is a process of its own, which takes longer to start than to answer: they are asked at once.
    fn filled(self, until: Deadline) -> anyhow::Result<Clone> {
        let root = self.root.as_path();
        let head = self.head.as_deref();
        let modules = root.join(".gitmodules");
        let has_modules = modules.symlink_metadata().is_ok_and(|it| it.is_file() && it.len() <= tree::MAX_MODULES);
        std::thread::scope(|scope| {
            let ask = |words: Vec<String>| scope.spawn(move || ask(looking(root, words), until));
            let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
            let tracked = ask(words("ls-files -z --stage"));
            let untracked = ask(words("ls-files -z --others --exclude-standard"));
            let remotes = ask(words("config -z --local --get-regexp ^remote\\..*\\.url$"));
            let changed = head.map(|head| scope.spawn(move || differing(root, head, until)));
            let hidden = ask(words("ls-files -z -v"));
            let containing = head.map(|head| {
                let refs = "refs/remotes refs/tags";
                ask(words(&format!("for-each-ref --count={MOST_REFS} --format=%(refname) --contains {head} {refs}")))
            });
            let listed = has_modules.then(|| ask(words("config -z --no-includes --list --file .gitmodules")));

            let joined = |asked: std::thread::ScopedJoinHandle<'_, anyhow::Result<Vec<u8>>>| {
                asked.join().map_err(|_| anyhow::anyhow!("asking git broke down"))?
            };
            let tracked = index::parse(&joined(tracked)?);
            let untracked = items(&joined(untracked)?).map(<[u8]>::to_vec).collect();
            let listing = joined(remotes)?;
            let urls = || items(&listing).filter_map(parse_remote);
            // Of several, git gives the last one.
            let origin = urls().filter(|(name, _)| *name == "origin").last().map(|(_, url)| url.to_owned());
            let remotes: BTreeSet<_> = urls().map(|(name, url)| (name.to_owned(), url.to_owned())).collect();
            let changed = changed.map(joined).transpose()?.unwrap_or_default();
            let mut changed = really_changed(root, parse_changed(&changed), until)?;
            // What git was told to take for unchanged was not looked at.
            changed.extend(items(&joined(hidden)?).filter_map(parse_hidden));
            let holders = containing.map(joined).transpose()?.unwrap_or_default();
            let holders = String::from_utf8_lossy(&holders).lines().map(str::to_owned).collect();
            let submodules = match listed.map(joined).transpose()? {
                // A path in it that no checkout takes is for the build to refuse.
                Some(listing) => tree::parse_submodules(&listing).unwrap_or_default(),
                None => BTreeMap::new(),
            };
            Ok((tracked, untracked, remotes, origin, changed, holders, submodules))
        })
        .map(|(tracked, untracked, remotes, origin, changed, holders, submodules)| Clone {
            tracked,
            untracked,
            remotes,
            origin,
            changed,
            holders,
            submodules,
            ..self
        })
    }
}

/// The root of the clone around a folder, whether it is shallow, and its commit.
fn position(folder: &Path, until: Deadline) -> anyhow::Result<Option<(PathBuf, bool, Option<String>)>> {
    let asked = looking(folder, ["rev-parse", "--show-toplevel", "--is-shallow-repository", "HEAD"]).until(until);
    let out = match asked.output() {
        Ok(out) => out,
        Err(error) => match repository_around(folder) {
            Some(root) => return Err(error.context(format!("git is needed to read `{}`", root.display()))),
            // No git on this machine is as good as no clone.
            None => return Ok(None),
        },
    };
    // It may be there, and git not be let into it: by its owner, or by what it was made of.
    let is_none = || String::from_utf8_lossy(&out.stderr).contains("not a git repository (or any");
    if out.stdout.is_empty()
        && !out.status.success()
        && !is_none()
        && let Some(root) = repository_around(folder)
    {
        return fail(Code::Io, format!("git does not read the repository `{}`: {}", root.display(), out.complaint()));
    }
    let mut lines = out.stdout.split(|byte| *byte == b'\n');
    let (Some(root), Some(is_shallow)) = (lines.next(), lines.next()) else { return Ok(None) };
    let root = PathBuf::from(OsStr::from_bytes(root));
    // `core.worktree` of a configuration can name any folder.
    if !root.is_absolute() || root.join(".git").symlink_metadata().is_err() {
        return Ok(None);
    }
    let head = lines.next().and_then(|head| std::str::from_utf8(head).ok());
    let head = head.filter(|head| matches!(head.len(), 40 | 64) && head.bytes().all(|byte| byte.is_ascii_hexdigit()));
    Ok(Some((root, is_shallow == b"true", head.map(ToOwned::to_owned))))
}

/// The nearest folder around this one that has a `.git`.
fn repository_around(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").symlink_metadata().is_ok())
}

/// What differs from a commit, as `diff-index` lists it. To compare a file, git runs the filter that the attributes name and the
/// repository's configuration spells out: so it looks through a private repository with a copy of the index and no configuration.
fn differing(root: &Path, head: &str, until: Deadline) -> anyhow::Result<Vec<u8>> {
    let directory = tempfile::tempdir()?;
    let (home, path) = (directory.path().join("home"), directory.path().join("private.git"));
    std::fs::create_dir(&home)?;
    let limits = Limits { deadline: until, ..Limits::default() };
    let repository = Repository::create(&path, &home, head, limits, None)?;
    repository.borrow_objects(root)?;
    let index = git_folder::own(root).context("the repository cannot be read")?.join("index");
    // One that is split has its greater part beside it.
    let beside = index.parent().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let shared = beside.filter(|it| it.file_name().as_bytes().starts_with(b"sharedindex."));
    let parts: Vec<PathBuf> = shared.map(|it| it.path()).take(MOST_SHARED).collect();
    for from in parts.into_iter().chain([index]) {
        let Ok(found) = from.metadata() else { continue };
        if !found.is_file() || found.len() > MAX_INDEX {
            return fail(Code::LimitExceeded, "the index of the repository is not read: it is too large, or no file");
        }
        let to = path.join(from.file_name().context("an index has a name")?);
        std::fs::copy(&from, &to)?;
        // A file that is as young as the index is compared byte by byte.
        std::fs::File::options().write(true).open(&to)?.set_modified(found.modified()?)?;
    }
    let words = ["diff-index", "--raw", "-z", "--no-renames", "--ignore-submodules=dirty", head, "--"];
    let words = ["--work-tree".as_ref(), root.as_os_str()].into_iter().chain(words.map(OsStr::new));
    let mut listed = Vec::new();
    let out = repository.status(repository.run(words).directory(root).stdout(collect(&mut listed, MOST)))?;
    if !out.status.success() {
        return fail(Code::Io, format!("git cannot compare the tree with its commit: {}", out.complaint()));
    }
    Ok(listed)
}

/// The largest index, in bytes, and the most parts of one.
const MAX_INDEX: u64 = 256 << 20;
const MOST_SHARED: usize = 4;

/// `<tag> <path>` of a path that git was told to take for unchanged, or that it leaves out of the work tree.
fn parse_hidden(item: &[u8]) -> Option<Vec<u8>> {
    let (tag, path) = (item.first()?, item.get(2..)?);
    (*tag == b'S' || tag.is_ascii_lowercase()).then(|| path.to_vec())
}

/// What a question is answered with; nothing where git has no answer.
fn ask(run: Run<'_>, until: Deadline) -> anyhow::Result<Vec<u8>> {
    let mut listed = Vec::new();
    run.until(until).stdout(collect(&mut listed, MOST)).status().context("failed to look at the repository")?;
    Ok(listed)
}

fn line(text: &[u8]) -> Option<&[u8]> {
    text.split(|byte| *byte == b'\n').next()
}

fn items(listing: &[u8]) -> impl Iterator<Item = &[u8]> {
    listing.split(|byte| *byte == 0).filter(|item| !item.is_empty())
}

/// Name and URL of `remote.<name>.url\n<url>`.
fn parse_remote(item: &[u8]) -> Option<(&str, &str)> {
    let (key, url) = std::str::from_utf8(item).ok()?.split_once('\n')?;
    Some((key.strip_prefix("remote.")?.strip_suffix(".url")?, url))
}

/// A path that differs, by what git knows: the id in the commit, where only the file itself may differ.
struct Changed {
    path: Vec<u8>,
    id: Option<String>,
}

/// `:<mode> <mode> <id> <id> <status>\0<path>\0`.
fn parse_changed(listing: &[u8]) -> Vec<Changed> {
    let mut items = items(listing);
    let mut changed = Vec::new();
    while let (Some(head), Some(path)) = (items.next(), items.next()) {
        let head = String::from_utf8_lossy(head);
        let words: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let [from, to, id, other, _] = words[..] else { continue };
        let is_unsure = from == to && from.starts_with("100") && other.bytes().all(|digit| digit == b'0');
        changed.push(Changed { path: path.to_vec(), id: is_unsure.then(|| id.to_owned()) });
    }
    changed
}

/// Those whose content differs. Filters of the repository's attributes are programs, and are not run.
fn really_changed(root: &Path, listed: Vec<Changed>, until: Deadline) -> anyhow::Result<BTreeSet<Vec<u8>>> {
    let is_plain = |it: &&Changed| {
        let found = root.join(OsStr::from_bytes(&it.path)).symlink_metadata();
        let is_short = found.is_ok_and(|found| found.is_file() && found.len() <= MAX_COMPARED);
        it.id.is_some() && !it.path.contains(&b'\n') && is_short
    };
    let unsure: Vec<&Changed> = listed.iter().filter(is_plain).take(MOST_COMPARED).collect();
    let mut same = BTreeSet::new();
    if !unsure.is_empty() {
        let paths: Vec<u8> = unsure.iter().flat_map(|it| [it.path.as_slice(), b"\n"].concat()).collect();
        let mut hashed = Vec::new();
        let run = looking(root, ["hash-object", "--no-filters", "--stdin-paths"]).until(until);
        let run = run.stdin(Box::new(move |to| to.write_all(&paths))).stdout(collect(&mut hashed, MOST));
        if run.status()?.success() {
            let ids = hashed.split(|byte| *byte == b'\n');
            let pairs = unsure.iter().zip(ids).filter(|(it, id)| it.id.as_deref().map(str::as_bytes) == Some(*id));
            same.extend(pairs.map(|(it, _)| it.path.clone()));
        }
    }
    if listed.len() > MOST_PATHS {
        return fail(Code::LimitExceeded, format!("more than {MOST_PATHS} files differ from the commit"));
    }
    Ok(listed.into_iter().map(|it| it.path).filter(|path| !same.contains(path)).collect())
}

/// As many as a commit may have.
const MOST_PATHS: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_of_git_are_read_whatever_is_in_them() {
        let changed =
            parse_changed(b":100644 100644 aa 0000 M\0a\0:100644 100755 aa 0000 M\0b\0:000000 100644 00 bb A\0c\0:x\0");
        let ids: Vec<_> = changed.iter().map(|it| it.id.as_deref()).collect();
        assert_eq!(ids, [Some("aa"), None, None]);
        assert_eq!(parse_remote(b"remote.o.url\nhttps://h/x"), Some(("o", "https://h/x")));
        assert_eq!(parse_remote(b"remote.o.url"), None);
    }
}
