//! The files of a folder as a rebuild would get them from git, read where they are: bounded, no link followed, and by the same
//! reader as a rebuild's (`source::facts`). Not here: what they say (`contract` and the rooms beside it).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use toml::Table;

use super::clone::Clone;
use super::finding::Place;
use super::place;
use super::scripts::Asks;
use crate::deadline::Deadline;
use crate::failure::{Code, fail};
use crate::files;
use crate::source::facts::Facts;
use crate::source::index::Kind;
use crate::source::paths::join;
use crate::source::workspace;

/// Paths that are looked at, as many as a rebuild takes of one commit.
const MAX_PATHS: usize = 65_536;
/// How deep folders are followed where git does not list them.
const MAX_DEPTH: usize = 24;
/// Bytes of a file that is not cargo's and is read whole, and of all of them.
const MAX_TEXT: u64 = 1 << 20;
const MAX_ALL_TEXT: usize = 32 << 20;

/// Folders that tools fill, where git does not say which files count.
const FILLED: [&str; 5] = [".git", "target", "node_modules", ".venv", "__pycache__"];
/// Files of other languages and of git that are read.
const READ: [&str; 5] = ["pyproject.toml", "package.json", ".gitattributes", ".gitmodules", ".python-version"];
/// By these words nearc knows that a contract has a claim of its author's own, and adds none.
const OWN_CLAIM: &str = "def contract_source_metadata()";
/// Files that count by being there.
const LOCKS: [&str; 8] = [
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
];

/// A folder, read.
pub struct Project {
    /// The root of the repository, or the folder itself where there is none.
    pub root: PathBuf,
    /// The folder that was named, below the root.
    pub within: String,
    /// What git says.
    pub clone: Option<Clone>,
    /// What a rebuild would see, of files that git tracks or would track.
    pub facts: Facts,
    /// Each `Cargo.toml`, by its folder.
    pub manifests: BTreeMap<String, Table>,
    /// Files of other languages and of git, by path.
    pub texts: BTreeMap<String, String>,
    /// What Rust asks outside while it is compiled, by path.
    pub rust: BTreeMap<String, Asks>,
    /// Files of Python with a claim of their author's own.
    pub own_claims: BTreeSet<String>,
    /// Folders with a `Cargo.lock` that git does not give to others.
    pub ignored_locks: BTreeSet<String>,
    /// Paths of submodules.
    pub submodules: BTreeSet<String>,
    text_bytes: usize,
    /// By when all of it has to be looked at, and whether it was not.
    until: Deadline,
    is_cut_short: Cell<bool>,
    /// The workspace of each folder that was asked for: to find one, manifests are parsed.
    workspaces: RefCell<BTreeMap<String, Option<String>>>,
}

impl Project {
    /// Reads the folder and the repository around it.
    ///
    /// # Errors
    /// [`Code::Io`] where there is no such folder, [`Code::LimitExceeded`] for more than is read.
    pub fn read(folder: &Path, until: Deadline) -> anyhow::Result<Project> {
        let named = files::folder(folder)?;
        let clone = Clone::around(&named)?;
        let root = clone.as_ref().map_or_else(|| named.clone(), |clone| clone.root.clone());
        let root = root.canonicalize().unwrap_or(root);
        let within = named.strip_prefix(&root).unwrap_or(Path::new("")).to_string_lossy().into_owned();
        let paths = match &clone {
            Some(clone) => clone.tracked.keys().chain(&clone.untracked).cloned().collect(),
            None => walk(&root)?,
        };
        if paths.len() > MAX_PATHS {
            return fail(Code::LimitExceeded, format!("the repository has more than {MAX_PATHS} paths"));
        }
        let mut project = Project {
            root,
            within,
            clone,
            facts: Facts::default(),
            manifests: BTreeMap::new(),
            texts: BTreeMap::new(),
            rust: BTreeMap::new(),
            own_claims: BTreeSet::new(),
            ignored_locks: BTreeSet::new(),
            submodules: BTreeSet::new(),
            text_bytes: 0,
            until,
            is_cut_short: Cell::new(false),
            workspaces: RefCell::default(),
        };
        project.look(&paths)?;
        for (folder, text) in project.facts.named("Cargo.toml") {
            project.manifests.insert(folder.to_owned(), toml::from_str(text).unwrap_or_default());
        }
        project.submodules = project.facts.submodules.iter().cloned().collect();
        project.find_ignored_locks();
        Ok(project)
    }

    /// Whether there is time left to look at more; what is left out then is noted.
    pub fn goes_on(&self) -> bool {
        let is_over = self.until.check().is_err();
        self.is_cut_short.set(self.is_cut_short.get() || is_over);
        !is_over
    }

    /// Whether something was not looked at for want of time or room.
    pub fn is_cut_short(&self) -> bool {
        self.is_cut_short.get()
    }

    /// Whether git gives a path to others.
    pub fn is_tracked(&self, path: &str) -> bool {
        self.clone.as_ref().is_none_or(|clone| clone.tracked.contains_key(path.as_bytes()))
    }

    /// Whether a path is one of the folder that was named.
    pub fn is_within(&self, path: &str) -> bool {
        self.within.is_empty()
            || path.strip_prefix(&self.within).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The folder of the workspace that the package in a folder belongs to, where the manifests say it plainly.
    pub fn workspace_of(&self, folder: &str) -> Option<String> {
        let mut known = self.workspaces.borrow_mut();
        let manifest = |folder: &str| self.manifests.get(folder);
        let found = || workspace::root(folder, &manifest).ok();
        known.entry(folder.to_owned()).or_insert_with(found).clone()
    }

    /// The place of a key of a manifest.
    pub fn at(&self, folder: &str, keys: &[&str]) -> Place {
        self.at_key(&join(folder, "Cargo.toml"), keys)
    }

    /// The place of a key of a TOML file.
    pub fn at_key(&self, path: &str, keys: &[&str]) -> Place {
        match self.facts.kept.get(path).or_else(|| self.texts.get(path)) {
            Some(text) => place::of_key(path, text, keys),
            None => Place::file(path),
        }
    }

    fn look(&mut self, paths: &[Vec<u8>]) -> anyhow::Result<()> {
        // A folder of the tree that is a link on disk leads elsewhere.
        let mut real: BTreeMap<&[u8], bool> = BTreeMap::new();
        for path in paths {
            if !self.goes_on() {
                break;
            }
            let kind = self.clone.as_ref().and_then(|clone| clone.tracked.get(path));
            if kind == Some(&Kind::Submodule) {
                self.facts.submodules.push(String::from_utf8_lossy(path).into_owned());
                continue;
            }
            if !is_real(&self.root, parent(path), &mut real) {
                continue;
            }
            let full = self.root.join(OsStr::from_bytes(path));
            let Ok(found) = full.symlink_metadata() else { continue };
            if found.is_symlink() {
                self.facts.link(path);
            } else if found.is_file() {
                self.read_file(path, &full, found.len())?;
            }
        }
        Ok(())
    }

    fn read_file(&mut self, path: &[u8], full: &Path, size: u64) -> anyhow::Result<()> {
        let shown = String::from_utf8_lossy(path).into_owned();
        // Nor a link or a pipe that came in its place in the meantime.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let opened = std::fs::OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(full);
        let Some(mut file) = opened.ok().filter(|file: &File| file.metadata().is_ok_and(|it| it.is_file())) else {
            self.facts.unread.insert(shown);
            return Ok(());
        };
        let name = shown.rsplit('/').next().unwrap_or_default();
        let is_requirements = name.starts_with("requirements") && name.ends_with(".txt");
        if READ.contains(&name) || LOCKS.contains(&name) || is_requirements {
            let mut bytes = Vec::new();
            (&mut file).take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
            let has_room = bytes.len() as u64 <= MAX_TEXT && self.text_bytes + bytes.len() <= MAX_ALL_TEXT;
            match String::from_utf8(bytes).ok().filter(|_| has_room || LOCKS.contains(&name)) {
                // What counts by being there need not be kept.
                Some(_) if LOCKS.contains(&name) => _ = self.texts.insert(shown, String::new()),
                Some(text) => self.keep(shown, text),
                None => _ = self.facts.unread.insert(shown),
            }
            return Ok(());
        }
        // A file that grows while it is read is no longer than it was.
        let mut read = self.facts.look(path, size, &mut (&mut file).take(size))?;
        if self.facts.python.contains(&shown) {
            file.take(MAX_TEXT).read_to_end(&mut read)?;
            if String::from_utf8_lossy(&read).contains(OWN_CLAIM) {
                self.own_claims.insert(shown);
            }
            return Ok(());
        }
        if let Some(asks) = name.ends_with(".rs").then(|| Asks::read(&read)).flatten() {
            self.text_bytes += asks.size();
            if self.text_bytes > MAX_ALL_TEXT {
                self.is_cut_short.set(true);
                return Ok(());
            }
            self.rust.insert(shown, asks);
        }
        Ok(())
    }

    fn keep(&mut self, path: String, text: String) {
        self.text_bytes += text.len();
        self.texts.insert(path, text);
    }

    /// A lock file on disk that is ignored is in no listing of git.
    fn find_ignored_locks(&mut self) {
        let Some(clone) = &self.clone else { return };
        for folder in self.manifests.keys() {
            let path = join(folder, "Cargo.lock");
            let is_there = self.root.join(&path).symlink_metadata().is_ok_and(|it| it.is_file());
            // Before the first commit nothing is tracked.
            let is_new = clone.head.is_none() && clone.untracked.contains(path.as_bytes());
            if is_there && !is_new && !self.is_tracked(&path) {
                self.ignored_locks.insert(folder.clone());
            }
        }
    }
}

fn parent(path: &[u8]) -> &[u8] {
    path.get(..path.iter().rposition(|byte| *byte == b'/').unwrap_or(0)).unwrap_or_default()
}

/// Whether a folder and all above it are folders, and not links to some.
fn is_real<'a>(root: &Path, folder: &'a [u8], known: &mut BTreeMap<&'a [u8], bool>) -> bool {
    if folder.is_empty() {
        return true;
    }
    if let Some(known) = known.get(folder) {
        return *known;
    }
    let is_folder = || root.join(OsStr::from_bytes(folder)).symlink_metadata().is_ok_and(|it| it.is_dir());
    let real = is_real(root, parent(folder), known) && is_folder();
    known.insert(folder, real);
    real
}

/// The files below a folder, where git does not list them. No link is followed.
fn walk(root: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut folders = vec![(root.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        // What cannot be listed is as good as empty: a rebuild has no such folder.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let name = entry.file_name();
            if kind.is_dir() {
                let is_filled = FILLED.iter().any(|filled| name == *filled);
                if depth < MAX_DEPTH && !is_filled {
                    folders.push((entry.path(), depth + 1));
                }
            } else if let Ok(path) = entry.path().strip_prefix(root) {
                found.push(path.as_os_str().as_bytes().to_vec());
            }
            if found.len() > MAX_PATHS {
                return fail(Code::LimitExceeded, format!("the folder has more than {MAX_PATHS} files"));
            }
        }
    }
    found.sort();
    Ok(found)
}
