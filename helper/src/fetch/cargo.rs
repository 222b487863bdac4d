//! The cargo of the image, run in the container of the fetch.

use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::recipe::SOURCE_MOUNT;

use crate::command::pass_on;
use crate::engine::Limits;
use crate::engine::container::{Container, Exec};
use crate::failure::Code;
use crate::progress::Progress;

/// Where the certificates are put.
pub(super) const CERTIFICATES: &str = "/etc/provenear-ca.pem";

/// Where cargo runs in the fetch, and with what.
pub(super) struct Cargo<'a> {
    pub(super) container: &'a Container<'a>,
    pub(super) env: &'a [(String, String)],
    pub(super) passed: &'a [&'a str],
    pub(super) limits: &'a Limits,
    pub(super) progress: &'a Progress,
}

impl Cargo<'_> {
    /// Runs it outside of the source, on the manifest of a folder; gives the end of its complaint where it fails.
    pub(super) fn run(&self, words: &[&str], folder: &str) -> anyhow::Result<Result<(), String>> {
        let mut command: Vec<String> = ["cargo"].iter().chain(words).map(ToString::to_string).collect();
        command.extend(["--locked".to_owned(), "--manifest-path".to_owned(), manifest(folder)]);
        let limit = (self.limits.time, Code::BuildTimeout);
        let exec = Exec { workdir: "/", env: self.env, passed: self.passed, command: &command, limit };
        let (mut said, quiet) = (Vec::new(), self.progress.is_quiet());
        let show = move |bytes: &[u8]| {
            if !quiet {
                crate::progress::show_log(bytes);
            }
            Ok(())
        };
        let complaints = tee(&mut said, quiet, self.limits.output);
        let status = self.container.exec(&exec, pass_on(self.limits.output, show), complaints)?;
        if status.success() {
            return Ok(Ok(()));
        }
        Ok(Err(crate::command::Output { status, stdout: Vec::new(), stderr: said }.complaint()))
    }
}

/// The manifest of a folder of the source.
pub(super) fn manifest(folder: &str) -> String {
    if folder.is_empty() { format!("{SOURCE_MOUNT}/Cargo.toml") } else { format!("{SOURCE_MOUNT}/{folder}/Cargo.toml") }
}

fn tee(said: &mut Vec<u8>, quiet: bool, cap: u64) -> crate::command::Sink<'_> {
    pass_on(cap, move |bytes| {
        if !quiet {
            crate::progress::show_log(bytes);
        }
        said.extend_from_slice(bytes);
        let from = said.len().saturating_sub(16 << 10);
        said.drain(..from);
        Ok(())
    })
}

/// The certificates of this machine that the fetch may trust besides the image's.
pub(super) fn certificates(ca_file: Option<&Path>) -> anyhow::Result<Option<Vec<u8>>> {
    let environment = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let mut all = Vec::new();
    for path in [environment.as_deref(), ca_file].into_iter().flatten() {
        all.extend(std::fs::read(path).with_context(|| format!("failed to read certificates `{}`", path.display()))?);
        all.push(b'\n');
    }
    Ok((!all.is_empty()).then_some(all))
}

/// The environment of cargo.
pub(super) fn environment(certificates: bool) -> Vec<(String, String)> {
    let mut env: Vec<(String, String)> = Vec::new();
    if certificates {
        for name in ["CARGO_HTTP_CAINFO", "SSL_CERT_FILE", "GIT_SSL_CAINFO"] {
            env.push((name.to_owned(), CERTIFICATES.to_owned()));
        }
    }
    env.push(("CARGO_TERM_COLOR".to_owned(), "never".to_owned()));
    env
}
