//! A work tree on this machine as a commit, whether or not somebody committed it: its files, without what git ignores, go
//! into a private repository, from which a checkout takes them as it takes any commit. Nothing is written into the tree or
//! its repository, and nothing of either is run.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::git::{Limits, Repository};
use super::git_folder;
use super::index::{self, Kind};
use crate::failure::{Code, fail};
use crate::files::{self, read_plain};

/// What is left out where there is no repository to say it.
const LEFT_OUT: &str = "target/\nnode_modules/\n";
/// Bytes of a list of what is left out.
const MAX_EXCLUDE: u64 = 1 << 20;
/// Who an uncommitted tree is by, and when: the same each time, so that the same files are the same commit.
const NOBODY: &str = "Provenear <provenear@localhost> 946684800 +0000";

/// A folder with a contract, and the tree that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTree {
    /// The folder of the repository; where there is none, the folder itself.
    pub root: PathBuf,
    /// The contract's folder below it, `""` for the root itself.
    pub contract: String,
}

/// A tree in a private repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The repository.
    pub repository: PathBuf,
    /// The commit.
    pub commit: String,
    /// Whether it is the commit that the tree stands at: nothing was changed since.
    pub is_head: bool,
}

impl WorkTree {
    /// The one around a folder.
    ///
    /// # Errors
    /// When there is no such folder, or its path below the repository is not text.
    pub fn around(folder: &Path) -> anyhow::Result<WorkTree> {
        let shown = folder.display();
        let folder = files::folder(folder)?;
        let root = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&folder);
        let below = folder.strip_prefix(root)?;
        let contract = below.to_str().with_context(|| format!("the path `{shown}` is not plain text"))?.to_owned();
        Ok(WorkTree { root: root.to_path_buf(), contract })
    }

    /// Copies its files into a repository in `directory`, a private empty folder.
    ///
    /// # Errors
    /// When git cannot read them, or a limit is reached.
    pub fn commit(&self, directory: &Path, limits: Limits) -> anyhow::Result<Committed> {
        let home = directory.join("home");
        std::fs::create_dir(&home)?;
        let path = directory.join("tree.git");
        let common = git_folder::common(&self.root);
        let head = common.as_ref().map(|_| self.head(&home)).transpose()?.flatten();
        let repository = Repository::create(&path, &home, head.as_deref().unwrap_or_default(), limits, None)?;
        std::fs::create_dir_all(path.join("info"))?;
        let mut left_out = LEFT_OUT.as_bytes().to_vec();
        if let Some(common) = &common {
            repository.borrow_objects(&self.root)?;
            left_out = read_plain(&common.join("info/exclude"), MAX_EXCLUDE).unwrap_or_default();
            // Where a checkout finds the objects of submodules.
            #[cfg(unix)]
            if common.join("modules").is_dir() {
                std::os::unix::fs::symlink(common.join("modules").canonicalize()?, path.join("modules"))?;
            }
        }
        std::fs::write(path.join("info/exclude"), left_out)?;
        if let Some(head) = &head {
            // What is tracked is taken even if it is ignored.
            repository.ask(["read-tree", head])?;
        }
        // In a submodule git would look by the submodule's own configuration, which can name programs: those stay as committed.
        let mut words: Vec<OsString> = [
            "--work-tree".as_ref(),
            self.root.as_os_str(),
            "add".as_ref(),
            "--all".as_ref(),
            "--".as_ref(),
            ".".as_ref(),
        ]
        .map(OsStr::to_os_string)
        .into();
        let tracked = index::parse(&repository.ask(["ls-files", "-z", "--stage"])?);
        let submodules = tracked.into_iter().filter(|(_, kind)| *kind == Kind::Submodule);
        words.extend(submodules.map(|(path, _)| OsString::from_vec([b":(exclude,literal)", path.as_slice()].concat())));
        let added = repository.output(repository.run(words).directory(&self.root))?;
        if !added.status.success() {
            return fail(Code::SourceRefused, format!("git cannot read the tree: {}", added.complaint()));
        }
        let tree = text(&repository.ask(["write-tree"])?);
        if let Some(head) = head {
            let committed = text(&repository.ask(["rev-parse", &format!("{head}^{{tree}}")])?);
            if committed == tree {
                return Ok(Committed { repository: path, commit: head, is_head: true });
            }
        }
        let commit = format!("tree {tree}\nauthor {NOBODY}\ncommitter {NOBODY}\n\nAn uncommitted tree\n");
        let written = repository.run(["hash-object", "-t", "commit", "-w", "--stdin"]);
        let written = repository.output(written.stdin(Box::new(|to| to.write_all(commit.as_bytes()))))?;
        if !written.status.success() {
            return fail(Code::SourceRefused, format!("git cannot write a commit: {}", written.complaint()));
        }
        Ok(Committed { repository: path, commit: text(&written.stdout), is_head: false })
    }

    /// The commit that the tree stands at; none where nothing was committed, or there is no repository.
    fn head(&self, home: &Path) -> anyhow::Result<Option<String>> {
        let Some(git_dir) = git_folder::own(&self.root) else { return Ok(None) };
        let repository = Repository::open(&git_dir, home);
        let out = repository.output(repository.run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]))?;
        Ok(out.status.success().then(|| text(&out.stdout)))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::checkout::tests::Made;

    fn commit(tree: &WorkTree) -> (Committed, Vec<String>, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let committed = tree.commit(directory.path(), Limits::default()).unwrap();
        let out = std::process::Command::new("git")
            .arg("--git-dir")
            .arg(&committed.repository)
            .args(["ls-tree", "-r", "--name-only", &committed.commit])
            .output()
            .unwrap();
        let names = String::from_utf8(out.stdout).unwrap().lines().map(ToOwned::to_owned).collect();
        (committed, names, directory)
    }

    /// Every file below a folder, with what is in it.
    fn all(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                found.extend(all(&entry.path()));
            } else {
                found.push((entry.path(), std::fs::read(entry.path()).unwrap()));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn a_clean_tree_is_its_commit_and_a_dirty_one_has_what_is_not_ignored() {
        let made = Made::new();
        made.write("c/src/lib.rs", "1");
        made.write(".gitignore", "target\nkept.log\n");
        made.write("kept.log", "tracked although it is ignored");
        made.git(&["add", "--force", "kept.log"]);
        let head = made.commit();
        let tree = WorkTree::around(&made.path().join("c")).unwrap();
        assert_eq!((tree.root.as_path(), tree.contract.as_str()), (made.path().canonicalize().unwrap().as_path(), "c"));
        let (clean, names, _kept) = commit(&tree);
        assert_eq!((clean.commit.as_str(), clean.is_head), (head.as_str(), true));
        assert_eq!(names, [".gitignore", "c/src/lib.rs", "kept.log"]);

        made.write("c/src/lib.rs", "2");
        made.write("c/new.rs", "new");
        made.write("target/big", "output");
        let before = all(made.path());
        let (dirty, names, _kept) = commit(&tree);
        let (again, ..) = commit(&tree);
        assert!(!dirty.is_head && dirty.commit != head);
        assert_eq!(dirty.commit, again.commit, "the same files are the same commit");
        assert_eq!(names, [".gitignore", "c/new.rs", "c/src/lib.rs", "kept.log"]);
        assert_eq!(all(made.path()), before, "something was written into the tree");
    }

    #[test]
    fn a_submodule_is_not_looked_into_by_its_own_configuration() {
        let (made, inner) = (Made::new(), Made::new());
        inner.write("a", "1");
        inner.write(".gitattributes", "a filter=evil\n");
        inner.commit();
        let url = inner.path().to_str().unwrap();
        made.write("Cargo.toml", "");
        made.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "sub"]);
        let head = made.commit();
        let ran = made.path().join(".git/was-run");
        let touch = format!("touch {}; cat", ran.display());
        made.git(&["-C", "sub", "config", "filter.evil.clean", &touch]);
        std::fs::write(made.path().join("sub/a"), "2").unwrap();
        let (committed, ..) = commit(&WorkTree::around(made.path()).unwrap());
        assert!(!ran.exists(), "a program of the submodule was run");
        assert_eq!((committed.commit.as_str(), committed.is_head), (head.as_str(), true));
    }

    #[test]
    fn what_is_no_file_in_a_repository_is_not_waited_for() {
        for name in ["commondir", "info/exclude"] {
            let made = Made::new();
            made.write("Cargo.toml", "");
            made.commit();
            let pipe = made.path().join(".git").join(name);
            let _ = std::fs::remove_file(&pipe);
            std::fs::create_dir_all(pipe.parent().unwrap()).unwrap();
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            // Ends at all: what is left of the repository is read, or refused.
            let directory = tempfile::tempdir().unwrap();
            let _ = WorkTree::around(made.path()).unwrap().commit(directory.path(), Limits::default());
        }
    }

    #[test]
    fn a_folder_without_a_repository_is_taken_without_what_a_build_leaves() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("target/debug")).unwrap();
        std::fs::write(folder.path().join("target/debug/a"), "output").unwrap();
        std::fs::write(folder.path().join("Cargo.toml"), "[package]").unwrap();
        let tree = WorkTree::around(folder.path()).unwrap();
        assert_eq!(tree.contract, "");
        let (committed, names, _kept) = commit(&tree);
        assert!(!committed.is_head);
        assert_eq!(names, ["Cargo.toml"]);
        assert!(WorkTree::around(&folder.path().join("Cargo.toml")).is_err());
        assert!(WorkTree::around(&folder.path().join("none")).is_err());
    }
}
