//! Docker or Podman, through their command line: works with contexts, remote and rootless engines alike.
//! Not here: what is built (`rebuild`), what may be trusted (`shared`).

pub mod argv;
pub mod artifact;
mod complaint;
pub mod container;
pub mod disk;
pub mod enforce;
pub mod entries;
pub mod image;
pub mod limits;
pub mod skeleton;

use std::time::Duration;

use crate::command::{Argv, Output, Run};
use crate::failure::{Code, fail};
use crate::owner::Owner;

pub use container::{Container, Exec};
pub use enforce::Fence;
pub use image::{Identity, Image};
pub use limits::Limits;
pub use provenear_shared::container::Kind;

/// Time for an engine command that does no work of its own.
pub const SHORT: Duration = Duration::from_secs(120);

/// An engine that answered.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Docker or Podman.
    pub kind: Kind,
    /// The version of its server.
    pub version: String,
    /// The architecture that its server runs on, as it spells it.
    pub architecture: String,
    prefix: Argv,
}

impl Engine {
    /// The first that answers: the one asked for, or Docker, or Podman.
    ///
    /// # Errors
    /// [`Code::EngineMissing`] when none does.
    pub fn find(choice: Option<&str>) -> anyhow::Result<Engine> {
        let candidates = argv::candidates(choice)?;
        let mut reasons = Vec::new();
        for (kind, prefix) in candidates {
            match ask_version(kind, &prefix) {
                Ok((version, architecture)) => {
                    return Ok(Engine { kind, version, architecture, prefix });
                }
                Err(reason) => reasons.push(format!("`{}`: {reason:#}", prefix.to_shell())),
            }
            crate::interrupt::check()?;
        }
        let (reasons, way) = (
            reasons.join("; "),
            match choice {
                Some(_) => "start it, or name another with `--engine`",
                None => "start Docker or Podman, or name another engine with `--engine`",
            },
        );
        fail(Code::EngineMissing, format!("no container engine answers ({reasons}): {way}"))
    }

    /// A command line of this engine.
    pub fn argv<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Argv {
        self.prefix.clone().with(words)
    }

    /// Its program with its global options, as a person would type it.
    pub fn to_shell(&self) -> String {
        self.prefix.to_shell()
    }

    /// Whether it is still there.
    pub fn answers(&self) -> bool {
        ask_version(self.kind, &self.prefix).is_ok()
    }

    /// Runs a short command and wants it to succeed.
    ///
    /// # Errors
    /// [`Code::EngineFailed`] when it does not.
    pub fn ask<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> anyhow::Result<Output> {
        let argv = self.argv(words);
        let shown = argv.0.get(self.prefix.0.len()).map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
        let out = Run::new(argv).limit(SHORT, Code::EngineFailed).output()?;
        if !out.status.success() {
            return fail(Code::EngineFailed, format!("`{} {shown}` failed: {}", self.kind.as_str(), out.complaint()));
        }
        Ok(out)
    }

    /// Removes what helpers that are gone have left on this engine. A living helper's containers stay.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub fn sweep(&self, us: &Owner) -> anyhow::Result<usize> {
        let listed = self.ask(argv::list_ours())?;
        let ids: Vec<String> =
            String::from_utf8_lossy(&listed.stdout).split_whitespace().map(ToOwned::to_owned).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        // One of them may vanish while we look: what is printed for the others is enough.
        let labels = Run::new(self.argv(argv::owners(&ids))).limit(SHORT, Code::EngineFailed).output()?;
        let mut removed = 0;
        for line in String::from_utf8_lossy(&labels.stdout).lines() {
            let Some((id, owner)) = line.split_once(' ') else {
                continue;
            };
            if Owner::parse(owner).is_some_and(|owner| owner.is_gone(us)) {
                let out = Run::new(self.argv(argv::remove(id))).limit(SHORT, Code::EngineFailed).output()?;
                removed += usize::from(out.status.success());
            }
        }
        Ok(removed)
    }
}

fn ask_version(kind: Kind, prefix: &Argv) -> anyhow::Result<(String, String)> {
    let out = Run::new(prefix.clone().with(argv::version(kind))).limit(Duration::from_secs(20), Code::EngineMissing);
    let out = out.output()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        [version, architecture] if out.status.success() => Ok(((*version).to_owned(), (*architecture).to_owned())),
        _ if out.status.success() => anyhow::bail!("it does not say its version"),
        _ => anyhow::bail!("{}", out.complaint()),
    }
}
