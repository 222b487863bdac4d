//! `provenear inspect`: the code of a subject, what it claims, and the verdict by the manifests at hand.

use crate::args::{Inspect, Output};
use crate::look::inspection::{exit_code, look, report};
use crate::look::question::{question, subject};
use crate::look::report::{Rebuilt, print};
use crate::network::transport::Http;
use crate::progress::Progress;

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, or a file cannot be read.
pub fn run(args: &Inspect, output: &Output) -> anyhow::Result<u8> {
    let http = Http::new(args.common.place.ca_file.as_deref())?;
    let question = question(subject(&args.subject, &Progress::new(output.quiet))?, &args.common, &http)?;
    let progress = Progress::new(output.quiet || output.json);
    let inspection = look(&question, &http, &progress);
    print(&report(&inspection, &question), Rebuilt::NotAsked, output)?;
    Ok(exit_code(&inspection))
}
