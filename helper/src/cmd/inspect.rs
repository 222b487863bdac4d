//! `provenear inspect`: what stands there, what it claims, and the verdict by the manifests at hand.

use crate::args::Inspect;
use crate::look::inspection::{exit_code, look, report};
use crate::look::question::{question, subject};
use crate::look::report::{Rebuilt, print};
use crate::network::transport::Http;
use crate::progress::Progress;

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, or a file cannot be read.
pub fn run(args: &Inspect) -> anyhow::Result<u8> {
    let http = Http::new(args.common.ca_file.as_deref())?;
    let question = question(subject(&args.subject)?, &args.common, &http)?;
    let progress = Progress::new(args.common.output.quiet || args.common.output.json);
    let inspection = look(&question, &http, &progress);
    print(&report(&inspection, &question), Rebuilt::NotAsked, &args.common.output)?;
    Ok(exit_code(&inspection))
}
