//! Lighthouse's marks for a page, by way of a Chromium that runs already and its settings.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What Lighthouse said.
#[derive(Debug)]
pub struct Marks {
    /// Out of 100, by category.
    pub marks: BTreeMap<String, f64>,
    /// What cost marks, in Lighthouse's words.
    pub lost: Vec<String>,
}

/// Lets Lighthouse (`program`) load `url` in the Chromium whose protocol is spoken on `port`, as a phone on a slow network
/// would, and mark it in `categories`.
/// Neither settings nor keys that the browser holds are cleared.
///
/// # Errors
/// When it cannot be run, or could not load the page.
pub fn marks(mut program: Command, port: u16, url: &str, categories: &[&str]) -> Result<Marks> {
    program.arg(url).arg(format!("--port={port}"));
    program.arg(format!("--only-categories={}", categories.join(",")));
    program.args(["--output=json", "--output-path=stdout", "--quiet", "--disable-storage-reset"]);
    program.args(["--no-enable-error-reporting", "--disable-full-page-screenshot"]);
    let output = program.output().context("failed to start Lighthouse")?;
    let report = serde_json::from_slice::<Value>(&output.stdout).ok().filter(|report| report["runtimeError"].is_null());
    let Some(report) = report else {
        bail!("Lighthouse could not look at `{url}`: {}", String::from_utf8_lossy(&output.stderr));
    };
    let mut found = Marks { marks: BTreeMap::new(), lost: Vec::new() };
    for name in categories {
        let category = &report["categories"][name];
        let mark = category["score"].as_f64().with_context(|| format!("Lighthouse gave no mark for `{name}`"))?;
        found.marks.insert((*name).to_owned(), (mark * 100.0).round());
        for audit in category["auditRefs"].as_array().into_iter().flatten() {
            let audit = &report["audits"][audit["id"].as_str().unwrap_or_default()];
            if audit["score"].as_f64().is_some_and(|score| score < 1.0) {
                found.lost.push(format!("{name}: {} {}", audit["title"], audit["displayValue"]));
            }
        }
    }
    Ok(found)
}
