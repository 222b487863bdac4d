//! Container engines: Docker or Podman as found, else a Docker daemon of our own for as long as we run.

use super::{cache, registry};
use crate::run;
use crate::service::Service;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Which program an engine is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Docker's command line, whatever daemon it talks to.
    Docker,
    /// Podman, with or without root.
    Podman,
}

impl fmt::Display for Kind {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Kind::Docker => "docker",
            Kind::Podman => "podman",
        })
    }
}

/// A working engine: its program and the environment that it needs here.
pub(crate) struct Engine {
    pub(crate) program: PathBuf,
    pub(crate) env: Vec<(&'static str, PathBuf)>,
}

impl Engine {
    /// The engine of that kind, if it answers.
    pub(crate) fn find(kind: Kind) -> Option<Engine> {
        let program = run::find_program(&kind.to_string())?;
        let env = match kind {
            Kind::Docker => Vec::new(),
            Kind::Podman => podman_files().ok()?,
        };
        let engine = Engine { program, env };
        // Both print the version of what does the work, and fail when there is none.
        let asked = match kind {
            Kind::Docker => ["version", "--format", "{{.Server.Version}}"],
            Kind::Podman => ["info", "--format", "{{.Version.Version}}"],
        };
        run::succeeds(&mut engine.command(asked)).then_some(engine)
    }

    /// A command of the engine.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Whether a container of `image` really runs.
    pub(crate) fn runs(&self, image: &str) -> bool {
        run::succeeds(&mut self.command(["run", "--rm", "--network", "none", image, "true"]))
    }
}

/// Starts a Docker daemon that ends with us.
///
/// # Errors
/// When it is not there or does not come up.
pub(crate) fn dockerd() -> Result<Service> {
    let program = run::find_program("dockerd").context("`dockerd` is not installed")?;
    run::say("starting a Docker daemon for this run");
    let argv = [program.to_string_lossy().into_owned()];
    Service::start("dockerd", &argv, Duration::from_secs(60), || Engine::find(Kind::Docker).is_some())
}

/// The engine that makes the image: Docker first, for its registry trusts loopback without being told.
///
/// # Errors
/// When there is none.
pub(crate) fn first<'a>(engines: &[Option<&'a Engine>]) -> Result<&'a Engine> {
    match engines.iter().flatten().next() {
        Some(engine) => Ok(engine),
        None => bail!("neither Docker nor Podman works here"),
    }
}

/// Configuration that Podman needs to pull from loopback without TLS, and to start as root where the
/// kernel's limits are below its defaults.
fn podman_files() -> Result<Vec<(&'static str, PathBuf)>> {
    let folder = cache::root().join("podman");
    let registries = folder.join("registries.conf");
    let address = registry::ADDRESS;
    run::write(
        &registries,
        format!(
            "unqualified-search-registries = [\"docker.io\"]\n\n[[registry]]\nlocation = \"{address}\"\ninsecure = true\n"
        ),
    )?;
    let containers = folder.join("containers.conf");
    run::write(&containers, "[containers]\ndefault_ulimits = [\"nofile=1024:4096\", \"nproc=1024:4096\"]\n")?;
    Ok(vec![("CONTAINERS_REGISTRIES_CONF", registries), ("CONTAINERS_CONF", containers)])
}
