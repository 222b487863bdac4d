//! A folder of its own in which the helper is run, with keys and cache in it. For suites that need nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::ground;

/// The folder.
#[derive(Debug)]
pub struct Desk(TempDir);

/// How a command ended.
#[derive(Debug)]
pub struct Said {
    /// The exit code.
    pub exit: i32,
    /// What it printed.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
}

impl Desk {
    /// An empty one. The helper is built now, so that no time of a run is that of a compiler.
    ///
    /// # Panics
    /// When it cannot be built.
    #[expect(clippy::new_without_default, reason = "it builds the helper and makes a folder")]
    pub fn new() -> Desk {
        ground::provenear().expect("the helper can be built");
        Desk(TempDir::new().expect("a folder can be made"))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Writes a file.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("a file can be written");
    }

    /// A command of the helper, not started.
    ///
    /// # Panics
    /// When it cannot be built.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.told(ground::provenear().expect("the helper can be built"));
        command.args(words);
        command
    }

    /// Any command, with this folder, and with keys and cache of the helper in it.
    pub fn told(&self, mut command: Command) -> Command {
        command.env("PROVENEAR_DATA", self.path("data")).env("PROVENEAR_CACHE", self.path("cache"));
        command.current_dir(self.folder());
        command
    }

    /// Runs the helper.
    ///
    /// # Panics
    /// When it cannot be started, prints what is not text, or is ended by a signal.
    pub fn run(&self, words: &[&str]) -> Said {
        let out = self.command(words).output().expect("the helper can be started");
        let text = |bytes| String::from_utf8(bytes).expect("the helper prints text");
        let exit = out.status.code().expect("nobody ends it by a signal");
        Said { exit, stdout: text(out.stdout), stderr: text(out.stderr) }
    }
}
