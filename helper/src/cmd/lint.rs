//! `provenear lint`: what keeps a contract from being rebuilt, before it is deployed. Not here: finding it (`crate::lint`).

mod github;
mod sarif;
mod text;

use crate::args::{self, LintFormat, Output};
use crate::failure::{Code, fail};
use crate::lint::{fix, lint};
use crate::look::report::{print_commands, print_json, print_styled};
use crate::progress;

/// Runs it.
///
/// # Errors
/// As [`lint()`], and when a file cannot be changed or the answer not be written.
pub fn run(args: &args::Lint, output: &Output) -> anyhow::Result<u8> {
    if output.json && args.format.is_some_and(|format| format != LintFormat::Json) {
        return fail(Code::Usage, "`--json` and `--format` ask for two formats; leave one out");
    }
    let format = if output.json { LintFormat::Json } else { args.format.unwrap_or(LintFormat::Text) };
    let mut linted = lint(&args.dir)?;
    let mut fixed = Vec::new();
    if args.fix {
        for changed in fix::plan(&linted.root, &linted.findings)? {
            let diff = changed.diff();
            match format {
                LintFormat::Text => print_styled(&text::diff(&diff))?,
                // Beside the answer, where nothing takes colours away.
                LintFormat::Json | LintFormat::Sarif | LintFormat::Github => progress::line(diff.trim_end()),
            }
            changed.write()?;
            fixed.push(changed.shown().to_owned());
        }
        if !fixed.is_empty() {
            linted = lint(&args.dir)?;
        }
    }
    match format {
        LintFormat::Text => print_styled(&text::whole(&linted, args.fix.then_some(&fixed[..])))?,
        LintFormat::Json => print_json(&linted.report(fixed))?,
        LintFormat::Sarif => print_json(&sarif::log(&linted))?,
        LintFormat::Github => print_commands(&github::annotations(&linted))?,
    }
    Ok(linted.exit)
}
