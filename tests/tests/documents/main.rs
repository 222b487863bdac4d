//! `docs/` against the code: what a document says of codes, exit codes and limits is what the code has.
//! `PROVENEAR_RECORD=1` writes the generated parts anew. Not here: the statement of
//! `docs/manifest.md` (`manifest_document`), links (`tidy`).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod codes;
mod field;
mod guide;
mod hosting;
mod manifest;
mod options;
mod verdicts;

use std::path::{Path, PathBuf};

/// Where a document is.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("docs/{name}: {error}"))
}

/// The text of one section, without its heading.
fn section<'a>(document: &'a str, title: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no section `{title}`"));
    rest.split("\n## ").next().unwrap()
}

/// The rows of the first table of a text, each as its cells.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let table = text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    table.skip(2).map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// The words in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}
