//! A tree to probe: a contract without dependencies, built by the image's cargo in seconds.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use provenear_tests::documents;
use provenear_tests::ground::{Engine, Ground};
use serde_json::Value;
use tempfile::TempDir;

/// What is compiled; `TEXT` is what a contract leaks.
const LIBRARY: &str = r#"#![no_std]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
static LEAKED: &str = TEXT;
#[no_mangle]
pub extern "C" fn get() -> *const u8 {
    LEAKED.as_ptr()
}
"#;
const MANIFEST: &str = r#"[package]
name = "leaky"
version = "0.1.0"
edition = "2021"
[lib]
crate-type = ["cdylib"]
[profile.release]
panic = "abort"
strip = true
[package.metadata.near.reproducible_build]
image = "IMAGE"
container_build_command = ["sh", "build.sh"]
"#;
const BY_CARGO: &str = "set -e\ncargo build --quiet --release --target wasm32-unknown-unknown\nmkdir -p target/near\n\
    cp target/wasm32-unknown-unknown/release/leaky.wasm target/near/leaky.wasm\n";

pub(crate) struct Tree {
    pub(crate) ground: Ground,
    engine: Engine,
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) exit: i32,
    pub(crate) json: Value,
    pub(crate) stderr: String,
}

impl Ended {
    /// What became of a factor.
    pub(crate) fn factor(&self, name: &str) -> &Value {
        let factors = self.json["factors"].as_array().unwrap_or_else(|| panic!("{self:?}"));
        factors.iter().find(|it| it["factor"] == name).unwrap()
    }

    /// What became of all of them, by their names.
    pub(crate) fn outcomes(&self) -> Vec<(&str, &str)> {
        let factors = self.json["factors"].as_array().unwrap_or_else(|| panic!("{self:?}"));
        factors.iter().map(|it| (it["factor"].as_str().unwrap(), it["outcome"].as_str().unwrap())).collect()
    }
}

impl Tree {
    /// A contract that says `text`, an expression, and has these files besides.
    pub(crate) fn new(text: &str, files: &[(&str, &str)]) -> Tree {
        let ground = Ground::read().unwrap();
        let engine = ground.engine().unwrap().clone();
        Tree::on(ground, engine, text, files)
    }

    pub(crate) fn on(ground: Ground, engine: Engine, text: &str, files: &[(&str, &str)]) -> Tree {
        let tree = Tree { ground, engine, folder: tempfile::tempdir().unwrap() };
        tree.write("Cargo.toml", &MANIFEST.replace("IMAGE", &tree.ground.image.reference));
        tree.write("src/lib.rs", &LIBRARY.replace("TEXT", text));
        tree.write("build.sh", BY_CARGO);
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut command = self.ground.provenear().unwrap();
        command.envs(&self.engine.env).env("PROVENEAR_CACHE", self.folder.path().join("cache"));
        command.args(["probe", "--json"]).arg(self.path()).arg("--engine").arg(&self.engine.command).args(more);
        if let Some(ca_file) = &self.ground.ca_file {
            command.arg("--ca-file").arg(ca_file);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A probe, of which nothing stays: no container, no folder of work, and no change of the tree.
    pub(crate) fn probe(&self, more: &[&str]) -> Ended {
        let before = all(&self.path());
        let child = self.command(more).spawn().unwrap();
        let pid = child.id();
        let out = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        let json = documents::read(&out.stdout).unwrap_or_else(|error| panic!("{error:#}, stderr `{stderr}`"));
        assert_eq!(all(&self.path()), before, "something was written into the tree");
        assert_eq!((self.containers(pid), self.work()), (vec![], vec![]), "{stderr}");
        Ended { exit: out.status.code().unwrap_or(-1), json, stderr }
    }

    /// Containers of the helper with this process id.
    pub(crate) fn containers(&self, pid: u32) -> Vec<String> {
        let words = ["ps", "--all", "--filter", "label=provenear.owner", "--format", "{{.Names}} {{.Labels}}"];
        let out = self.engine.command().args(words).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        text.lines().filter(|line| line.contains(&format!(".{pid}."))).map(ToOwned::to_owned).collect()
    }

    fn work(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("cache/work")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }
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
