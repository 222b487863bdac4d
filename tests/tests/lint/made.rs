//! Repositories that are made for a test: a clean one, and what is changed in it.

use std::path::Path;
use std::process::{Command, Output};

use provenear_tests::documents;
use provenear_tests::ground;
use serde_json::Value;
use tempfile::TempDir;

/// A package that can be rebuilt. Its section begins on line 10.
pub(crate) const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2021"
repository = "https://github.com/example/app"

[lib]
crate-type = ["cdylib", "rlib"]

[package.metadata.near.reproducible_build]
image = "sourcescan/cargo-near:0.22.0-rust-1.97.1"
image_digest = "sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234"
passed_env = []
container_build_command = ["cargo", "near", "build", "non-reproducible-wasm", "--locked"]

[dependencies]
near-sdk = "5.29"
"#;

/// Its lock file.
pub(crate) const LOCK: &str = r#"version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "near-sdk",
]

[[package]]
name = "near-sdk"
version = "5.29.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "b94a6d0b3f14dbe2d4c3c0ab95f0ba54b1bf0c0d9e1b2f2e3d4c5b6a79880012"
"#;

pub(crate) const REMOTE: &str = "https://github.com/example/app.git";

/// A repository.
pub(crate) struct Made {
    folder: TempDir,
}

/// One finding, as tests compare it: code, path, line.
pub(crate) type Found = (String, Option<String>, Option<u64>);

impl Made {
    /// An empty folder.
    pub(crate) fn folder() -> Made {
        Made { folder: tempfile::tempdir().unwrap() }
    }

    /// An empty repository.
    pub(crate) fn empty() -> Made {
        let made = Made::folder();
        made.git(&["init", "-q", "-b", "main"]);
        made.git(&["remote", "add", "origin", REMOTE]);
        made
    }

    /// The clean one, with nothing committed yet.
    pub(crate) fn app() -> Made {
        let made = Made::empty();
        made.write("Cargo.toml", MANIFEST);
        made.write("Cargo.lock", LOCK);
        made.write("src/lib.rs", "// a contract\n");
        made.write(".gitignore", "/target\n");
        made
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Puts one text in the place of another, which is there once.
    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
        self.write(path, text.replacen(from, to, 1));
    }

    pub(crate) fn git(&self, words: &[&str]) -> String {
        let settings = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"];
        let mut command = Command::new("git");
        command.args(settings).args(words).current_dir(self.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let out = command.output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// Commits what is there, as it is after a push.
    pub(crate) fn push(&self) -> &Made {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "c"]);
        self.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        self
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        let mut command = ground::provenear().unwrap();
        command.arg("lint").args(words).current_dir(self.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.output().unwrap()
    }

    /// The exit code and the answer.
    pub(crate) fn lint(&self, words: &[&str]) -> (i32, Value) {
        let out = self.run(&[words, &["--json"]].concat());
        let exit = out.status.code().unwrap();
        let complaint = String::from_utf8_lossy(&out.stderr).into_owned();
        let answer = documents::read(&out.stdout).unwrap_or_else(|error| panic!("{error:#}: {complaint}"));
        if answer["error"].is_null() {
            assert_eq!(answer["exit"], exit);
        }
        (exit, answer)
    }

    /// What is found in a folder of it.
    pub(crate) fn found(&self, folder: &str) -> Vec<Found> {
        found(&self.lint(&[folder]).1)
    }

    /// The verdict that is predicted of the only contract.
    pub(crate) fn verdict(&self) -> String {
        let (_, answer) = self.lint(&[]);
        let contracts = answer["contracts"].as_array().unwrap();
        assert_eq!(contracts.len(), 1, "{answer:#}");
        contracts[0]["prediction"]["verdict"].as_str().unwrap().to_owned()
    }
}

/// The findings of an answer.
pub(crate) fn found(answer: &Value) -> Vec<Found> {
    let one = |it: &Value| {
        let text = |key: &str| it[key].as_str().map(str::to_owned);
        (text("code").unwrap(), text("path"), it["line"].as_u64())
    };
    answer["findings"].as_array().unwrap_or_else(|| panic!("{answer:#}")).iter().map(one).collect()
}
