//! A folder with files in it, where the helper and git are run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use provenear_tests::ground;
use tempfile::TempDir;

pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new(files: &[(&str, &str)]) -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        for (name, text) in files {
            desk.write(name, text);
        }
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs the helper here.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        let mut command = ground::provenear().unwrap();
        command.env("PROVENEAR_CACHE", self.path(".cache")).env("PROVENEAR_DATA", self.path(".data"));
        Ran(command.current_dir(self.folder()).args(words).output().unwrap())
    }

    /// Runs git in a folder here, and gives what it printed.
    pub(crate) fn git(&self, folder: &str, words: &[&str]) -> String {
        let mut command = Command::new("git");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "An author")
                .env(format!("GIT_{role}_EMAIL"), "author@example.invalid");
        }
        let output = command.current_dir(self.path(folder)).args(words).output().unwrap();
        assert!(output.status.success(), "git {words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits all that is in a folder, and gives the commit.
    pub(crate) fn commit(&self, folder: &str) -> String {
        self.git(folder, &["add", "--all"]);
        self.git(folder, &["commit", "--quiet", "--message", "Go on"]);
        self.git(folder, &["rev-parse", "HEAD"])
    }
}

/// How a run ended.
pub(crate) struct Ran(pub(crate) Output);

impl Ran {
    pub(crate) fn exit(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Holds that it went well, and gives what it printed.
    pub(crate) fn done(&self) -> String {
        assert_eq!(self.exit(), 0, "{}{}", self.stdout(), self.stderr());
        self.stdout()
    }

    /// Holds that the command line was refused with these words.
    pub(crate) fn refused(&self, words: &[&str]) {
        assert_eq!(self.exit(), 2, "{}{}", self.stdout(), self.stderr());
        for word in words {
            assert!(self.stderr().contains(word), "not said: {word}\n{}", self.stderr());
        }
    }
}
