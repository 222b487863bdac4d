//! Whatever a document in `docs/` puts between backticks as an option, or as a code, is one.

use std::collections::BTreeSet;

use provenear_shared::deployment::LookCode;
use provenear_shared::gap::GapCode;
use provenear_shared::manifest::Rejection;
use provenear_shared::notice::NoticeCode;
use provenear_shared::report::FailureCode;
use provenear_shared::verdict::VerdictCode;

use crate::{quoted, read};

const DOCUMENTS: [&str; 4] = ["verdicts.md", "faq.md", "hosting.md", "field.md"];

/// Prose alone: blocks of code have words of other programs.
fn prose(document: &str) -> String {
    document.split("```").step_by(2).collect()
}

#[test]
fn every_option_that_a_document_names_is_one_of_the_helper() {
    let args = include_str!("../../../helper/src/args.rs");
    let mut seen = 0;
    for name in DOCUMENTS {
        let text = prose(&read(name));
        // The options of cargo-near stand in a table of their own (`field`).
        let text = text.lines().filter(|line| !line.starts_with("| `--")).collect::<Vec<_>>().join("\n");
        for word in quoted(&text).iter().flat_map(|words| words.split(' ')).filter(|word| word.starts_with("--")) {
            seen += 1;
            // Every command has `--help`; `--env` is cargo-near's.
            let field = word.trim_start_matches('-').replace('-', "_");
            let is_known = ["help", "env"].contains(&field.as_str()) || args.contains(&format!("    pub {field}: "));
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
