//! Documents as the suites read them: sections, tables, words in quotation marks, and the pictures of `docs/guide`.
//! Not here: code blocks (`tests/guides.rs`), links (`tests/tidy.rs`).

use std::path::{Path, PathBuf};

/// Each picture of `docs/guide`, by the first page that shows it, in the order in which `guide::` of `e2e_browser` takes it.
pub const PICTURES: &[(&str, &str)] = &[
    ("signing.md", "first-visit"),
    ("signing.md", "trust"),
    ("signing.md", "reproduced"),
    ("signing.md", "reservation"),
    ("signing.md", "proposal"),
    ("author.md", "gaps"),
    ("rebuilder.md", "stores"),
];

/// The most bytes of a picture: a page with all of them opens at once on a slow line too.
pub const MOST_OF_A_PICTURE: usize = 60_000;

/// Where a document of `docs` is.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

/// The text of a document of `docs`.
///
/// # Panics
/// When there is none of this name.
pub fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("docs/{name}: {error}"))
}

/// The titles of its sections, in order.
pub fn titles(document: &str) -> Vec<&str> {
    document.split("\n## ").skip(1).filter_map(|rest| rest.lines().next()).collect()
}

/// The text of one section, without its heading.
///
/// # Panics
/// When there is none of this title.
pub fn section<'a>(document: &'a str, title: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no section `{title}`"));
    rest.split("\n## ").next().unwrap_or(rest)
}

/// The rows of the first table of a text, each as its cells.
pub fn rows(text: &str) -> Vec<Vec<&str>> {
    let table = text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    table.skip(2).map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// The words in backticks.
pub fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The words in quotation marks, which are those of the page, on one line each.
pub fn quotations(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let quotations = prose.split('“').skip(1).filter_map(|rest| rest.split_once('”'));
    quotations.map(|(words, _)| words.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The pictures that a document shows: what stands for each where it is not seen, and its file.
pub fn pictures(document: &str) -> Vec<(String, &str)> {
    let parts = document.split("![").skip(1).filter_map(|rest| rest.split_once("]("));
    let both = parts.filter_map(|(words, rest)| Some((words, rest.split_once(')')?.0)));
    both.map(|(words, file)| (words.split_whitespace().collect::<Vec<_>>().join(" "), file)).collect()
}
