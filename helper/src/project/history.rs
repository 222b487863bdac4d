//! What git knows of an author's own clone: which commit stands there, and how another commit stands to it. Git reads objects and
//! refs, held by the collar of `source::git`; hooks, filters and the work tree have no part in it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::report::CommitPlace;

use super::MAX_MANIFEST;
use crate::failure::{Code, fail};
use crate::files;
use crate::source::git::Repository;
use crate::source::git_folder;

/// Tags that are named of one commit.
const MAX_TAGS: usize = 8;

/// A clone.
pub struct History {
    repository: Repository,
    root: PathBuf,
    is_shallow: bool,
    head: String,
    _home: tempfile::TempDir,
}

impl History {
    /// The clone that a folder lies in.
    ///
    /// # Errors
    /// [`Code::Usage`] when it lies in none, or in one without a commit.
    pub fn open(folder: &Path) -> anyhow::Result<History> {
        let shown = folder.display().to_string();
        let folder = files::folder(folder)?;
        let Some(root) = folder.ancestors().find(|above| above.join(".git").exists()) else {
            return fail(Code::Usage, format!("`{shown}` is not in a git repository"));
        };
        let (Some(git), Some(common)) = (git_folder::own(root), git_folder::common(root)) else {
            return fail(Code::Usage, format!("`{}` is not a git repository", root.display()));
        };
        let home = tempfile::tempdir()?;
        let repository = Repository::open(&git, home.path());
        let out =
            repository.run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).output().context("git is needed")?;
        let head = String::from_utf8_lossy(&out.stdout).trim().to_owned();
        if !out.status.success() || !is_id(&head) {
            return fail(Code::Usage, format!("`{}` does not have a commit yet", root.display()));
        }
        let is_shallow = common.join("shallow").exists();
        Ok(History { repository, root: root.to_path_buf(), is_shallow, head, _home: home })
    }

    /// The folder of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit that stands there.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Where the clone comes from: the URL of its remote `origin`, as it is spelled.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn origin(&self) -> anyhow::Result<Option<String>> {
        let out = self.repository.run(["config", "--local", "--get", "remote.origin.url"]).output()?;
        let url = String::from_utf8(out.stdout).ok().map(|url| url.trim().to_owned());
        Ok(url.filter(|url| out.status.success() && !url.is_empty()))
    }

    /// Whether older commits are left out of this clone.
    pub fn is_shallow(&self) -> bool {
        self.is_shallow
    }

    /// The path of a folder or file below the root, as a claim has it: with `/`, without `.` and `..`.
    ///
    /// # Errors
    /// When it is not below the root.
    pub fn path_of(&self, path: &Path) -> anyhow::Result<String> {
        let whole = path.canonicalize().with_context(|| format!("failed to find `{}`", path.display()))?;
        let below = whole.strip_prefix(&self.root).ok().and_then(Path::to_str);
        let below = below.with_context(|| format!("`{}` is not in the git repository", path.display()))?;
        Ok(below.replace('\\', "/"))
    }

    /// A file as this commit has it.
    ///
    /// # Errors
    /// When git cannot be run, or the file is too long.
    pub fn committed(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let object = format!("{}:{path}", self.head);
        let size = self.repository.run(["cat-file", "-s", &object]).output()?;
        if !size.status.success() {
            return Ok(None);
        }
        let size = String::from_utf8_lossy(&size.stdout).trim().parse().unwrap_or(u64::MAX);
        if size > MAX_MANIFEST {
            return fail(Code::LimitExceeded, format!("`{path}` is longer than {MAX_MANIFEST} bytes"));
        }
        Ok(Some(self.repository.ask(["cat-file", "blob", &object])?))
    }

    /// The files of these names below a folder that git tracks, or would track, from that folder and sorted. It has none of a
    /// submodule.
    ///
    /// # Errors
    /// When git cannot be run, or not list them.
    pub fn files(&self, folder: &Path, names: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
        let words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--"];
        let patterns = names.iter().map(|name| format!(":(glob)**/{name}").into());
        let words = ["--work-tree".into(), self.root.clone().into_os_string()]
            .into_iter()
            .chain(words.map(OsString::from))
            .chain(patterns);
        let out = self.repository.output(self.repository.run(words).directory(&files::folder(folder)?))?;
        if !out.status.success() {
            return fail(Code::Io, format!("git cannot list the files of the tree: {}", out.complaint()));
        }
        let paths = out.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let paths: BTreeSet<PathBuf> = paths.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect();
        Ok(paths.into_iter().collect())
    }

    /// How a commit stands to the one here. Only what a branch or tag of this clone reaches is ours: objects of others can be in
    /// a clone too.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn place(&self, commit: &str) -> anyhow::Result<CommitPlace> {
        if commit == self.head {
            return Ok(CommitPlace::Here);
        }
        if !is_id(commit) || !self.repository.has_commit(commit)? {
            return Ok(CommitPlace::NotKnown);
        }
        if self.is_ancestor(commit, &self.head)? {
            return Ok(CommitPlace::Before);
        }
        let refs = ["for-each-ref", "--count=1", "--format=%(refname)", "--contains", commit];
        let holders =
            self.repository.run(refs.into_iter().chain(["refs/heads", "refs/tags", "refs/remotes"])).output()?;
        if !holders.status.success() || holders.stdout.trim_ascii().is_empty() {
            return Ok(CommitPlace::NotKnown);
        }
        Ok(if self.is_ancestor(&self.head, commit)? { CommitPlace::After } else { CommitPlace::Beside })
    }

    fn is_ancestor(&self, old: &str, new: &str) -> anyhow::Result<bool> {
        Ok(self.repository.run(["merge-base", "--is-ancestor", old, new]).output()?.status.success())
    }

    /// How many commits lie between two of which the first is an ancestor of the second.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn distance(&self, old: &str, new: &str) -> anyhow::Result<Option<u64>> {
        let out = self.repository.run(["rev-list", "--count", &format!("{old}..{new}")]).output()?;
        Ok(String::from_utf8_lossy(&out.stdout).trim().parse().ok().filter(|_| out.status.success()))
    }

    /// The tags of a commit, sorted.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn tags(&self, commit: &str) -> anyhow::Result<Vec<String>> {
        let refs = ["for-each-ref", "--format=%(refname:strip=2)", "--points-at", commit, "refs/tags"];
        let out = self.repository.run(refs).output()?;
        let names = String::from_utf8_lossy(&out.stdout).into_owned();
        Ok(if out.status.success() {
            names.lines().take(MAX_TAGS).map(ToOwned::to_owned).collect()
        } else {
            Vec::new()
        })
    }
}

/// Whether a text is a whole commit id.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|it| it.is_ascii_hexdigit() && !it.is_ascii_uppercase())
}
