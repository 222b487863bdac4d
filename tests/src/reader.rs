//! The machine of somebody who follows the guides: a shell, engine, image and helper. It is this machine, or for
//! `cargo xtask release --try` a container without Rust that has the released helper. Not here: what the guides say.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::ground::{self, Engine, Engines, Image};

/// The file that says what is around, in place of `target/ground.json`.
const AROUND: &str = "PROVENEAR_AROUND";
/// Where the released helper is in the container.
const RELEASED: &str = "/opt/provenear/provenear";

/// What is around: a part of `target/ground.json`, and in the file of `cargo xtask release --try` whose machine it is.
#[derive(Debug, Deserialize)]
pub struct Around {
    /// Container engines.
    pub engines: Engines,
    /// The build image.
    pub image: Image,
    /// Certificates that are needed on a network with a certificate of its own.
    pub ca_file: Option<PathBuf>,
    /// The built helper.
    pub provenear: PathBuf,
    reader: Option<Container>,
}

#[derive(Debug, Deserialize)]
struct Container {
    image: String,
    commit: String,
}

impl Around {
    /// Reads what the set-up wrote.
    ///
    /// # Errors
    /// When the file is not there or lacks something.
    pub fn read() -> Result<Around> {
        let Some(file) = std::env::var_os(AROUND) else { return ground::read() };
        let bytes = std::fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        serde_json::from_slice(&bytes).with_context(|| format!("`{}` lacks something", file.display()))
    }
}

/// A machine to follow guides on; a container ends when this is dropped.
pub struct Reader {
    around: Around,
    engine: Engine,
    container: Option<String>,
}

impl Reader {
    /// Starts it, with `folder` in the same place as here.
    ///
    /// # Errors
    /// When an engine is missing, when the container does not start, or when it is not as [`Reader::check_release`] says.
    pub fn start(folder: &Path) -> Result<Reader> {
        let around = Around::read()?;
        let Some(Container { image, commit }) = &around.reader else {
            let engine = around.engines.any()?.clone();
            return Ok(Reader { around, engine, container: None });
        };
        let engine = around.engines.docker()?.clone();
        let socket = socket(&engine)?;
        let (owner, group) = (std::fs::metadata(folder)?, std::fs::metadata(&socket)?);
        let shared = |path: &Path| format!("{0}:{0}", path.display());
        let mut run = engine.command();
        run.args(["run", "--detach", "--rm", "--network", "host", "--user"]);
        run.arg(format!("{}:{}", owner.uid(), owner.gid())).arg("--group-add").arg(group.gid().to_string());
        run.arg("--volume").arg(shared(folder)).arg("--volume").arg(shared(&socket));
        run.arg("--volume").arg(format!("{}:{RELEASED}:ro", around.provenear.display()));
        // `ssh-keygen` wants to know what its user is called.
        run.args(["--volume", "/etc/passwd:/etc/passwd:ro"]);
        if let Some(file) = &around.ca_file {
            run.arg("--volume").arg(format!("{}:ro", shared(file)));
        }
        run.arg("--env").arg(format!("DOCKER_HOST=unix://{}", socket.display()));
        // Should nobody remove it, it ends by itself.
        let id = stdout_of(run.args([image, "sleep", "3600"]).output()?)?;
        let commit = commit.clone();
        let reader = Reader { around, engine, container: Some(id.trim().to_owned()) };
        reader.check_release(&commit)?;
        Ok(reader)
    }

    /// What is around.
    pub fn around(&self) -> &Around {
        &self.around
    }

    /// The engine, for options that name it: its program as the reader calls it.
    pub fn engine(&self) -> &Path {
        if self.container.is_some() { Path::new("docker") } else { &self.engine.command }
    }

    /// The helper.
    pub fn provenear(&self) -> &Path {
        if self.container.is_some() { Path::new(RELEASED) } else { &self.around.provenear }
    }

    /// A command of bash, with these variables and its arguments to come.
    pub fn bash(&self, folder: &Path, variables: &[(&str, String)]) -> Command {
        let Some(container) = &self.container else {
            let mut command = Command::new("bash");
            command
                .current_dir(folder)
                .envs(&self.engine.env)
                .envs(variables.iter().map(|(name, value)| (name, value)));
            return command;
        };
        let mut command = self.engine.command();
        command.args(["exec", "--workdir"]).arg(folder);
        for (name, value) in variables {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        command.args([container, "bash"]);
        command
    }

    /// Holds that there is no Rust here, and that the helper is a static program of `commit`.
    ///
    /// # Errors
    /// What is otherwise.
    pub fn check_release(&self, commit: &str) -> Result<()> {
        let look = |script: &str| stdout_of(self.bash(Path::new("/"), &[]).args(["-c", script]).output()?);
        let rust = look("command -v rustc cargo rustup || true")?;
        ensure!(rust.is_empty(), "there is Rust: {rust}");
        // Also where no PATH leads. The one file that has to be there shows that all was looked through.
        let names = "-name rustc -o -name cargo -o -name rustup -o -path /etc/debian_version";
        let found = look(&format!("find / -xdev \\( {names} \\) 2> /dev/null || true"))?;
        ensure!(found == "/etc/debian_version\n", "there is Rust, or nobody can tell: {found}");
        let program = self.provenear().display();
        let linked = look(&format!("ldd {program} 2>&1 || true"))?;
        let is_static = ["statically linked", "not a dynamic executable"].iter().any(|words| linked.contains(words));
        ensure!(is_static, "`{program}` needs libraries: {linked}");
        let version = look(&format!("{program} --version"))?;
        ensure!(!commit.is_empty() && version.contains(&format!("commit {commit},")), "not of `{commit}`: {version}");
        Ok(())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(container) = &self.container {
            let _ = self.engine.command().args(["container", "rm", "--force", "--volumes", container]).output();
        }
    }
}

/// The file of the daemon's socket.
fn socket(engine: &Engine) -> Result<PathBuf> {
    let host = match std::env::var("DOCKER_HOST") {
        Ok(host) => host,
        Err(_) => {
            let asked = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
            stdout_of(engine.command().args(asked).output()?)?.trim().to_owned()
        }
    };
    let Some(path) = host.strip_prefix("unix://") else { bail!("`{host}` is not a socket that a container can share") };
    // A link leads elsewhere inside.
    std::fs::canonicalize(path).with_context(|| format!("failed to find `{path}`"))
}

/// What a command printed.
fn stdout_of(output: Output) -> Result<String> {
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_rust_is_nothing_counts_as_released() {
        let container = None;
        let engine = Engine { command: "docker".into(), usable: true, env: Default::default() };
        let engines = Engines { docker: None, podman: None };
        let image = Image { reference: String::new(), digest: String::new(), published: false, claimed: String::new() };
        let around = Around { engines, image, ca_file: None, provenear: "provenear".into(), reader: None };
        let error = Reader { around, engine, container }.check_release("0").unwrap_err().to_string();
        assert!(error.starts_with("there is Rust: ") && error.contains("rustc"), "{error}");
    }
}
