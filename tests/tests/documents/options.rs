//! Whatever a document in `docs/` puts between backticks as an option or a code, or in quotation marks as words of the page, is one.

use std::collections::BTreeSet;
use std::path::Path;

use provenear_shared::deployment::LookCode;
use provenear_shared::gap::GapCode;
use provenear_shared::manifest::Rejection;
use provenear_shared::notice::NoticeCode;
use provenear_shared::report::{FailureCode, TreeState};
use provenear_shared::verdict::VerdictCode;

use crate::{quoted, read};

const DOCUMENTS: [&str; 8] = [
    "verdicts.md",
    "faq.md",
    "hosting.md",
    "field.md",
    "guide/signing.md",
    "guide/author.md",
    "guide/rebuilder.md",
    "guide/auditor.md",
];

/// Prose alone: blocks of code have words of other programs.
fn prose(document: &str) -> String {
    document.split("```").step_by(2).collect()
}

#[test]
fn every_option_that_a_document_names_is_one_of_the_helper() {
    let args = [
        include_str!("../../../helper/src/args.rs"),
        include_str!("../../../helper/src/args/asking.rs"),
        include_str!("../../../helper/src/args/authoring.rs"),
        include_str!("../../../helper/src/args/batching.rs"),
        include_str!("../../../helper/src/args/building.rs"),
        include_str!("../../../helper/src/args/probing.rs"),
    ]
    .concat();
    let mut seen = 0;
    for name in DOCUMENTS {
        let text = prose(&read(name));
        // The options of cargo-near stand in a table of their own (`field`).
        let text = text.lines().filter(|line| !line.starts_with("| `--")).collect::<Vec<_>>().join("\n");
        for word in quoted(&text).iter().flat_map(|words| words.split(' ')).filter(|word| word.starts_with("--")) {
            seen += 1;
            // Every command has `--help`; `--env` is cargo-near's and `--reproducible` nearc's, and what a table says of cargo-near
            // stands there as well.
            let field = word.trim_start_matches('-').replace('-', "_");
            let is_known = ["help", "env", "reproducible"].contains(&field.as_str())
                || args.contains(&format!("    pub {field}: "));
            assert!(is_known, "{name}: `{word}` is not an option");
        }
    }
    assert!(seen > 20, "only {seen} options: this test reads them wrongly");
}

#[test]
fn every_code_that_a_document_names_is_one() {
    let mut codes: BTreeSet<&str> = VerdictCode::ALL.iter().map(|code| code.code()).collect();
    codes.extend(NoticeCode::ALL.iter().map(|code| code.code()));
    codes.extend(GapCode::ALL.iter().map(|code| code.code()));
    codes.extend(LookCode::ALL.iter().map(|code| code.code()));
    codes.extend(FailureCode::ALL.iter().map(|code| code.code()));
    codes.extend(Rejection::ALL.iter().map(|code| code.code()));
    codes.extend(TreeState::ALL.iter().map(|code| code.code()));
    // Names in examples, and words of headers.
    let others = ["a-later-notice", "my-chain", "frame-ancestors", "no-cache"];
    let is_like_a_code = |word: &str| {
        word.contains('-')
            && word.starts_with(|it: char| it.is_ascii_lowercase())
            && word.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-')
    };
    let mut seen = 0;
    for name in DOCUMENTS {
        let text = prose(&read(name));
        let unknown: Vec<&str> = quoted(&text)
            .into_iter()
            .filter(|word| is_like_a_code(word) && !others.contains(word))
            .inspect(|_| seen += 1)
            .filter(|word| !codes.contains(word))
            .collect();
        assert!(unknown.is_empty(), "{name} names {unknown:?}");
    }
    assert!(seen > codes.len(), "only {seen} codes: this test reads them wrongly");
}

/// The text of every source file below a folder.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            text += &sources(&path);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text += &std::fs::read_to_string(&path).unwrap();
        }
    }
    text
}

#[test]
fn words_of_the_page_that_a_document_quotes_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = sources(&root.join("web")) + &sources(&root.join("shared/src/verdict"));
    let page = page.to_lowercase();
    let mut seen = 0;
    for name in DOCUMENTS {
        let document = read(name);
        let text = prose(&document);
        let quotes = text.split('"').skip(1).step_by(2).filter(|words| words.starts_with(char::is_uppercase));
        for words in quotes {
            seen += 1;
            assert!(page.contains(&words.to_lowercase()), "{name}: the page does not say \"{words}\"");
        }
    }
    assert!(seen > 10, "only {seen} quotations: this test reads them wrongly");
}
