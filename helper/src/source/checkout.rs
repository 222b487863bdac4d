//! A claimed commit, submodules included, as one deterministic tar: read by git plumbing, written by our own code.
//! Nothing of the repository is run, checked out or interpreted on this host (law 7).

mod archived;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::digest::Sha256Digest;

use super::archive::{self, Part, Place, Places};
use super::attributes::Attributes;
use super::facts::Facts;
use super::git::{Limits, Repository};
use super::tree::{self, Entry, Room, Tree};
use super::{dot_git, git_folder, refs};
use crate::failure::{Code, Failure, code_of, fail};
use crate::network::url::{RepositoryUrl, by_https};

pub use archived::{Archived, Vouched, read as read_archive};

/// How deep submodules may nest, and how many there may be.
const MAX_DEPTH: usize = 6;
const MAX_SUBMODULES: usize = 128;
/// An empty folder that git takes for the user's home, below the private one.
const HOME: &str = "home";

/// Where the commit is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The claimed URL.
    Claimed,
    /// Another URL that the reader named.
    Url(RepositoryUrl),
    /// A git repository on this machine; only its objects are read.
    Directory(PathBuf),
    /// The source archive of an earlier rebuild.
    Archive(Archived),
}

/// What to fetch.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The claimed URL.
    pub url: &'a RepositoryUrl,
    /// The full commit id, 40 or 64 hex digits.
    pub commit: &'a str,
    /// Where to take it from.
    pub origin: &'a Origin,
    /// Time and disk.
    pub limits: Limits,
    /// More certificate authorities.
    pub ca_file: Option<&'a Path>,
}

/// The files of a commit.
#[derive(Debug)]
pub struct Checkout {
    /// The tar on disk, in the private folder that was given.
    pub archive: PathBuf,
    /// Its SHA-256.
    pub archive_sha256: Sha256Digest,
    /// Its size in bytes.
    pub archive_size: u64,
    /// A tar of the `.git` that goes with the files; an archive has none.
    pub dot_git: Option<PathBuf>,
    /// The id of the commit's tree, where the files were taken from that very commit.
    pub git_tree: Option<String>,
    /// The branch or tag of the claimed URL that reaches the commit.
    pub reference: Option<String>,
    /// Why the branch or tag could not be looked up, if it could not.
    pub reference_error: Option<String>,
    /// Whether anything came from this machine or a private network.
    pub from_local: bool,
    /// What the files tell.
    pub facts: Facts,
    folders: BTreeSet<Vec<u8>>,
}

impl Checkout {
    /// Whether a path (relative, without `.` and `..`) is a real folder of the commit.
    pub fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.folders.contains(path.as_bytes())
    }
}

/// Fetches the commit into `directory`, a private empty folder, and looks its branch or tag up.
///
/// # Errors
/// [`Code::CommitNotFound`] when nobody has it, [`Code::SourceRefused`] when its tree is not safe,
/// [`Code::LimitExceeded`] when it is too large or too slow.
pub fn checkout(wanted: &Wanted<'_>, directory: &Path) -> anyhow::Result<Checkout> {
    let mut checkout = gather(wanted, directory)?;
    if matches!(wanted.origin, Origin::Archive(_)) {
        return Ok(checkout);
    }
    let home = directory.join(HOME);
    let history = Repository::create(&directory.join("history"), &home, wanted.commit, wanted.limits, wanted.ca_file)?;
    (checkout.reference, checkout.reference_error) = match refs::look_up(&history, wanted.url, wanted.commit) {
        Ok(reference) => (reference, None),
        Err(error) => {
            crate::interrupt::check()?;
            (None, Some(format!("{error:#}")))
        }
    };
    checkout.from_local |= history.reached_local();
    Ok(checkout)
}

/// The same without asking anybody for a branch or tag.
///
/// # Errors
/// As [`checkout`].
pub fn gather(wanted: &Wanted<'_>, directory: &Path) -> anyhow::Result<Checkout> {
    if ![40, 64].contains(&wanted.commit.len()) || !wanted.commit.bytes().all(|b| b.is_ascii_hexdigit()) {
        return fail(Code::CommitNotFound, format!("`{}` is not a full commit id", wanted.commit));
    }
    if let Origin::Archive(archive) = wanted.origin {
        return archived::checkout(archive, directory, wanted.limits.deadline);
    }
    let home = directory.join(HOME);
    std::fs::create_dir(&home)?;
    let mut gathering = Gathering {
        wanted,
        directory,
        home: &home,
        room: Room::default(),
        parts: Vec::new(),
        places: Places::new(),
        facts: Facts::default(),
    };
    gathering.fetch_claimed()?;
    let Gathering { parts, places, mut facts, .. } = gathering;
    let claimed = parts.first().context("the claimed repository is the first part")?;
    let tree = claimed.repository.ask(["rev-parse", "--verify", &format!("{}^{{tree}}", wanted.commit)])?;
    let git_tree = String::from_utf8_lossy(&tree).trim().to_owned();
    let archive = directory.join("source.tar");
    let (archive_sha256, archive_size) = archive::write(&archive, &parts, &places, &mut facts, wanted.limits.deadline)?;
    let is_folder = |place: &Place| place.entry == Entry::Directory;
    let folders = places.into_iter().filter(|(_, place)| is_folder(place)).map(|(path, _)| path).collect();
    let dot_git = directory.join("dot-git.tar");
    dot_git::write(&dot_git, &parts, wanted.url, directory, wanted.limits.deadline)?;
    Ok(Checkout {
        archive,
        archive_sha256,
        archive_size,
        dot_git: Some(dot_git),
        git_tree: Some(git_tree),
        reference: None,
        reference_error: None,
        from_local: parts.iter().any(|part| part.repository.reached_local()),
        facts,
        folders,
    })
}

struct Gathering<'a> {
    wanted: &'a Wanted<'a>,
    directory: &'a Path,
    home: &'a Path,
    room: Room,
    parts: Vec<Part>,
    places: Places,
    facts: Facts,
}

impl Gathering<'_> {
    fn repository(&self, commit: &str) -> anyhow::Result<Repository> {
        let path = self.directory.join(format!("git{}", self.parts.len()));
        Repository::create(&path, self.home, commit, self.wanted.limits, self.wanted.ca_file)
    }

    fn fetch_claimed(&mut self) -> anyhow::Result<()> {
        let commit = self.wanted.commit;
        let repository = self.repository(commit)?;
        let (base, local) = match self.wanted.origin {
            // Of an archive nothing is gathered.
            Origin::Claimed | Origin::Archive(_) => (self.wanted.url, None),
            Origin::Url(url) => (url, None),
            Origin::Directory(directory) => (self.wanted.url, Some(directory.as_path())),
        };
        match local {
            Some(directory) => {
                repository.borrow_objects(directory)?;
                if !repository.has_commit(commit)? {
                    let directory = directory.display();
                    return fail(Code::CommitNotFound, format!("`{directory}` does not have the commit `{commit}`"));
                }
            }
            None => fetch(&repository, base, commit)?,
        }
        let kept = local.and_then(git_folder::common).map(|folder| folder.join("modules"));
        self.add(Vec::new(), repository, commit, Some(base), kept, 0)
    }

    /// Adds a repository at a path, then its submodules. `url` is what their relative URLs are relative to, where that is known;
    /// `kept` the folder in which a clone on this machine keeps their objects.
    fn add(
        &mut self,
        mount: Vec<u8>,
        repository: Repository,
        commit: &str,
        url: Option<&RepositoryUrl>,
        kept: Option<PathBuf>,
        depth: usize,
    ) -> anyhow::Result<()> {
        let tree = tree::read(&repository, commit, &mut self.room)?;
        let links = links(&repository, &tree)?;
        let attributes = Attributes::read(&repository, &tree)?;
        archive::lay_over(&mut self.places, &mount, self.parts.len(), tree);
        self.parts.push(Part { mount: mount.clone(), repository, commit: commit.to_owned(), attributes });
        for (path, module, commit) in links {
            if depth >= MAX_DEPTH || self.parts.len() > MAX_SUBMODULES {
                return fail(Code::LimitExceeded, "the commit nests too many submodules");
            }
            let mut full = mount.clone();
            if !full.is_empty() {
                full.push(b'/');
            }
            full.extend_from_slice(&path);
            let shown = String::from_utf8_lossy(&full).into_owned();
            self.facts.submodules.push(shown.clone());
            let kept = kept
                .as_ref()
                .map(|modules| modules.join(&module.name))
                .filter(|p| tree::check_path(module.name.as_bytes()).is_ok() && p.is_dir());
            let repository = self.repository(&commit)?;
            if let Some(kept) = &kept {
                repository.borrow_objects(kept)?;
            }
            // An address that need not be asked may be one that could not be.
            let url = match url {
                None if module.is_relative() => {
                    fail(Code::SourceRefused, format!("nobody knows what its URL `{}` is relative to", module.url))
                }
                Some(_) | None => url.unwrap_or(self.wanted.url).submodule(&module.url),
            };
            if kept.is_none() || !repository.has_commit(&commit)? {
                let url = url.as_ref().map_err(|why| refuse(&shown, why))?;
                self.fetch_submodule(&repository, &module, &shown, url, &commit)?;
            }
            let kept = kept.map(|kept| kept.join("modules"));
            self.add(full, repository, &commit, url.as_ref().ok(), kept, depth + 1)?;
        }
        Ok(())
    }

    fn fetch_submodule(
        &mut self,
        repository: &Repository,
        module: &tree::Submodule,
        path: &str,
        url: &RepositoryUrl,
        commit: &str,
    ) -> anyhow::Result<()> {
        if by_https(&module.url).is_some() {
            self.facts.fetched_elsewhere.push((path.to_owned(), module.url.clone(), url.as_str().to_owned()));
        }
        fetch(repository, url, commit)
            .with_context(|| format!("failed to fetch the submodule `{path}`; {FROM_A_CLONE}"))
    }
}

/// What helps where the address of a submodule does not.
const FROM_A_CLONE: &str = "`--source DIR` takes it from a clone that has its submodules";

/// Why a submodule cannot be fetched, and what helps.
fn refuse(path: &str, why: &anyhow::Error) -> anyhow::Error {
    let path = path.escape_debug();
    Failure::new(code_of(why), format!("the submodule `{path}` cannot be fetched: {why:#}; {FROM_A_CLONE}")).into()
}

fn fetch(repository: &Repository, url: &RepositoryUrl, commit: &str) -> anyhow::Result<()> {
    let out = repository.fetch_commit(url, commit)?;
    if repository.has_commit(commit)? {
        return Ok(());
    }
    let mut why = out.complaint();
    if why.is_empty() {
        why = "the server has no such commit".to_owned();
    }
    fail(Code::CommitNotFound, format!("`{}` did not give the commit `{commit}`: {why}", url.as_str()))
}

/// The submodules of a tree, each with its path and commit.
fn links(repository: &Repository, tree: &Tree) -> anyhow::Result<Vec<(Vec<u8>, tree::Submodule, String)>> {
    let gitlinks: Vec<(&Vec<u8>, &String)> = tree
        .iter()
        .filter_map(|(path, entry)| if let Entry::Submodule { commit } = entry { Some((path, commit)) } else { None })
        .collect();
    if gitlinks.is_empty() {
        return Ok(Vec::new());
    }
    let modules = match tree.get(&b".gitmodules"[..]) {
        Some(Entry::File { id, size, .. }) => tree::submodules(repository, id, *size)?,
        Some(_) => return fail(Code::SourceRefused, "`.gitmodules` is not a plain file"),
        None => {
            return fail(Code::SourceRefused, "the commit has submodules, but no `.gitmodules`");
        }
    };
    let mut found = Vec::new();
    for (path, commit) in gitlinks {
        match modules.get(path) {
            Some(module) if module.left_out => {}
            Some(module) => found.push((path.clone(), module.clone(), commit.clone())),
            None => {
                let path = String::from_utf8_lossy(path);
                return fail(Code::SourceRefused, format!("`.gitmodules` does not name the submodule `{path}`"));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
pub(super) mod tests;
