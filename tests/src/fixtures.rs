//! The contracts that the suites rebuild: their sources as git repositories that are the same on every machine,
//! their claims, and what their author deployed.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The port on loopback where the claims say that the repositories are.
pub const GIT_PORT: u16 = 5098;
/// The one commit of the repository `counter`.
pub const COUNTER_COMMIT: &str = "0f2fb6ea88bb98310cc0fa52a05fd34d8896f810";
/// The one commit of the repository `tiny`.
pub const TINY_COMMIT: &str = "66a69726e635a5c8dfbb8291307e0fd60371aa56";
/// The code hash of [`COUNTER_PINNED`].
pub const COUNTER_PINNED_CODE_HASH: &str = "BFAcvSAqNqWxkYqrhVRW9xnqWEHdDnPZyB8HXHWxYdbK";
/// What the pinned claim says, byte for byte as it stands in [`COUNTER_PINNED`].
pub const COUNTER_PINNED_CLAIM: &str = include_str!("../testdata/contracts/counter-pinned.json");
/// The counter as its author deployed it: built once by the claimed command in the claimed image's equivalent.
pub const COUNTER_PINNED: &[u8] = include_bytes!("../testdata/contracts/counter-pinned.wasm");

/// A bare repository.
#[derive(Debug)]
pub struct Repository {
    /// Its folder, `<name>.git`.
    pub folder: PathBuf,
    /// The commit that its branch `main` points at, 40 hex digits.
    pub commit: String,
}

/// The folder with the contracts' sources.
pub fn contracts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/contracts")
}

/// Makes `<into>/<name>.git` out of the contract `name`: one commit by a fixed author at a fixed time.
///
/// # Errors
/// When git fails or `into` cannot be written.
pub fn repository(name: &str, into: &Path) -> Result<Repository> {
    let tree = tempfile::tempdir().context("failed to make a temporary folder")?;
    copy(&contracts().join(name), tree.path())?;
    commit(name, tree.path(), into)
}

/// Makes `<into>/<name>.git` out of the files in `tree`: one commit, as [`repository`] makes it.
///
/// # Errors
/// When git fails.
pub fn commit(name: &str, tree: &Path, into: &Path) -> Result<Repository> {
    git(tree, &["init", "--quiet", "--initial-branch", "main"])?;
    git(tree, &["add", "--all"])?;
    git(tree, &["commit", "--quiet", "--message", "Say what the contract does"])?;
    let folder = into.join(format!("{name}.git"));
    let at = folder.to_str().context("a temporary folder has a name in UTF-8")?;
    git(tree, &["clone", "--quiet", "--bare", ".", at])?;
    // As GitHub does: a commit that no branch or tag reaches is served to those who know it.
    git(&folder, &["config", "uploadpack.allowAnySHA1InWant", "true"])?;
    let commit = git(&folder, &["rev-parse", "refs/heads/main"])?;
    Ok(Repository { folder, commit })
}

impl Repository {
    /// Adds a commit of the same tree that no branch or tag reaches.
    ///
    /// # Errors
    /// When git fails.
    pub fn stray_commit(&self) -> Result<String> {
        git(&self.folder, &["commit-tree", "main^{tree}", "-m", "Say it elsewhere"])
    }
}

/// The counter's claim with the build image in a registry on loopback.
pub fn counter_registry_claim(image: &str) -> String {
    let (before, rest) = COUNTER_PINNED_CLAIM.split_once("\"build_environment\":\"").expect("the claim names an image");
    let (_, after) = rest.split_once('"').expect("a JSON string ends");
    format!("{before}\"build_environment\":\"{image}\"{after}")
}

/// The claim of `tiny` built in `image` at `commit`, byte for byte as the contract then carries it.
pub fn tiny_claim(image: &str, commit: &str) -> String {
    let command = r#"["cargo","build","--release","--locked","--target","wasm32-unknown-unknown"]"#;
    format!(
        concat!(
            r#"{{"version":"1.0.0","link":"http://127.0.0.1:{port}/tiny.git","#,
            r#""standards":[{{"standard":"nep330","version":"1.3.0"}}],"build_info":{{"build_environment":"{image}","#,
            r#""build_command":{command},"contract_path":"","#,
            r#""source_code_snapshot":"git+http://127.0.0.1:{port}/tiny.git?rev={commit}","#,
            r#""output_wasm_path":"/home/near/code/target/wasm32-unknown-unknown/release/tiny.wasm"}}}}"#,
        ),
        port = GIT_PORT,
        image = image,
        command = command,
        commit = commit,
    )
}

fn git(folder: &Path, args: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    // Nothing of the machine's own configuration may change a commit.
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_DEFAULT_HASH", "sha1");
    command.args(["-c", "core.autocrlf=false", "-c", "core.fileMode=false", "-c", "commit.gpgSign=false"]);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Provenear fixtures");
        command.env(format!("GIT_{role}_EMAIL"), "fixtures@provenear.invalid");
        command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00+00:00");
    }
    let output = command.current_dir(folder).args(args).output().context("failed to start `git`")?;
    if !output.status.success() {
        bail!("`git {}` failed: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Copies a contract's sources, without what a build left there.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("failed to read `{}`", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            fs::copy(entry.path(), target)?;
        } else if entry.file_name() != "target" {
            fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}
