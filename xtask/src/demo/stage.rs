//! The demo's chain, git repositories and page on loopback: one `provenear-devnet` that ends when we do.

use crate::run;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The chain id, and the first word of each link.
pub(crate) const CHAIN: &str = "demo";
/// Where the claims say that the repositories are.
const GIT_PORT: u16 = 5098;
/// Where the page is, so that a browser still knows its settings the next time.
const PAGE_PORT: u16 = 5096;
/// Where the chain is.
const RPC_PORT: u16 = 5095;

/// What runs.
pub(crate) struct Stage {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The folder of the page and its store.
    pub(crate) site: PathBuf,
    /// The endpoint's address.
    pub(crate) rpc: String,
    /// The page's address, without a slash at the end.
    pub(crate) page: String,
}

impl Stage {
    /// Starts the devnet with `accounts` and serves the folder `page`.
    ///
    /// # Errors
    /// When the port of the repositories is taken, or the devnet does not come up.
    pub(crate) fn start(program: &Path, page: &Path, accounts: &Value) -> Result<Stage> {
        let folder = folder();
        let site = folder.join("site");
        copy(page, &site)?;
        fs::create_dir_all(site.join("manifests"))?;
        fs::create_dir_all(folder.join("git"))?;
        let rpc_port = free_or_any(RPC_PORT);
        let description = json!({
            "chain_id": CHAIN,
            "rpc_ports": [rpc_port],
            "accounts": accounts,
            "static": [{ "folder": "site", "port": free_or_any(PAGE_PORT) }],
            "git": [{ "folder": "git", "contracts": ["counter"], "port": GIT_PORT }],
        });
        let file = folder.join("stage.json");
        run::write(&file, serde_json::to_vec_pretty(&description)?)?;
        let (path, log) = run::log("demo-devnet")?;
        let mut command = Command::new(program);
        command.arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).process_group(0);
        let mut child = command.spawn().with_context(|| format!("failed to start `{}`", program.display()))?;
        let commands = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().context("the devnet has an output")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            bail!("the devnet does not come up, see `{}`\n{}", path.display(), run::tail(&path));
        };
        let url = |list: &str| {
            ready[list][0].as_str().map(str::to_owned).with_context(|| format!("the devnet names no `{list}`"))
        };
        let (rpc, page) = (url("rpc")?, url("static")?);
        let stage = Stage { child, commands, answers, site, rpc, page };
        stage.name_endpoint()?;
        Ok(stage)
    }

    /// The link to an account's page.
    pub(crate) fn link(&self, account: &str) -> String {
        format!("{}/#/{CHAIN}/{account}", self.page)
    }

    /// Deploys a wasm file at a new account; returns the code hash.
    ///
    /// # Errors
    /// When the devnet refuses it.
    pub(crate) fn deploy(&mut self, account: &str, wasm: &Path) -> Result<String> {
        let line = json!({ "account_id": account, "contract": { "local": wasm } });
        let commands = self.commands.as_mut().context("the devnet listens")?;
        writeln!(commands, "{line}").and_then(|()| commands.flush()).context("the devnet has ended")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let answer: Value = serde_json::from_str(&answer).context("the devnet has ended")?;
        match answer["code_hash"].as_str() {
            Some(hash) => Ok(hash.to_owned()),
            None => bail!("the devnet refuses `{account}`: {}", answer["error"]),
        }
    }

    /// Files manifests under the hash of other code too, as someone does who thinks that they are about it.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub(crate) fn file_under(&self, manifest: &Path, code_hash: &str) -> Result<()> {
        let lines = fs::read(manifest).with_context(|| format!("failed to read `{}`", manifest.display()))?;
        run::write(&self.site.join(format!("manifests/{code_hash}.intoto.jsonl")), lines)
    }

    /// Tells the page which network it is served for. Whoever serves a page may do that; a link may not.
    fn name_endpoint(&self) -> Result<()> {
        let file = self.site.join("index.html");
        let html = fs::read_to_string(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        let meta = format!("<meta name=\"provenear-network\" content=\"{CHAIN} {}\" />\n  </head>", self.rpc);
        run::write(&file, html.replacen("</head>", &meta, 1))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It ends when its input does.
        drop(self.commands.take());
        let _ = self.child.wait();
    }
}

/// Where everything of a demo lies.
pub(crate) fn folder() -> PathBuf {
    run::target().join("demo")
}

/// Whether the repositories can be served where the claims say that they are.
///
/// # Errors
/// When something else listens there.
pub(crate) fn check_port() -> Result<()> {
    TcpListener::bind(("127.0.0.1", GIT_PORT)).map(drop).with_context(|| {
        format!("port {GIT_PORT} on loopback is taken, by another demo or a test run: the contracts claim a repository there")
    })
}

fn free_or_any(port: u16) -> u16 {
    TcpListener::bind(("127.0.0.1", port)).map_or(0, |_| port)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("failed to read `{}`", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
