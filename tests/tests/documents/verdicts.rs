//! `docs/verdicts.md`: tables of verdicts and exit codes, and a section for each kind of code, whose sentences are the code's own.

use std::collections::BTreeSet;

use provenear_shared::deployment::LookCode;
use provenear_shared::report::{ErrorCode, FailureCode};
use provenear_shared::verdict::VerdictCode;
use provenear_tests::vector::Vector;

use crate::codes::{Entry, KINDS};
use crate::{path, quoted, read, rows, section};

const DOCUMENT: &str = "verdicts.md";
const REASONS: &str = "Why `not-rebuilt`";
const DO: &str = "- **What to do.** ";

/// The entries of one section, in the order of the code; what to do is kept from what the document says so far.
fn entries(document: &str, title: &str, entries: &[Entry]) -> String {
    let old = section(document, title);
    let mut text = old.split("\n### ").next().unwrap().to_owned();
    for entry in entries {
        let block = old.split("\n### ").find(|block| block.lines().next() == Some(&format!("`{}`", entry.code)));
        let act = block.and_then(|block| block.lines().find_map(|line| line.strip_prefix(DO))).unwrap_or("?");
        text += &format!("\n### `{}`\n\n", entry.code);
        entry.says.iter().for_each(|sentence| text += &format!("> {sentence}\n>\n"));
        text.truncate(text.len() - ">\n".len());
        text.push('\n');
        entry.facts.iter().for_each(|(name, fact)| text += &format!("- **{name}** {fact}\n"));
        text += &format!("{DO}{act}\n");
    }
    text
}

/// The table of reasons, each with the headline of its vector.
fn reasons(table: &str, vectors: &[Vector]) -> String {
    let mut text = table.to_owned();
    for row in rows(table) {
        let [old, _, shown] = row[..] else { panic!("not three cells: {row:?}") };
        let vector = vectors.iter().find(|vector| vector.name == quoted(shown)[0]).expect("it is a vector");
        assert_eq!(vector.header("expect").unwrap(), VerdictCode::NotRebuilt.code(), "{shown}");
        text = text.replace(&format!("\n| {old} |"), &format!("\n| {} |", vector.header("headline").unwrap()));
    }
    text
}

#[test]
fn every_code_and_headline_stands_in_the_document_in_the_words_of_the_code() {
    let document = read(DOCUMENT);
    let table = section(&document, REASONS);
    let mut generated = document.replacen(table, &reasons(table, &Vector::all().unwrap()), 1);
    for (title, all) in KINDS {
        let new = entries(&document, title, &all());
        generated = generated.replacen(section(&document, title), &new, 1);
    }
    if std::env::var_os("PROVENEAR_RECORD").is_some() {
        std::fs::write(path(DOCUMENT), &generated).unwrap();
    } else {
        let differing = document.lines().zip(generated.lines()).find(|(old, new)| old != new);
        assert!(document == generated, "written anew by PROVENEAR_RECORD=1; first difference: {differing:?}");
    }
    let blocks = generated.split("\n### ").filter(|block| block.contains(&format!("{DO}?")));
    let silent: Vec<_> = blocks.filter_map(|block| block.lines().next()).collect();
    assert!(silent.is_empty(), "nothing says what to do: {silent:?}");
}

#[test]
fn the_table_of_verdicts_names_each_with_its_exit_code_and_vectors() {
    let document = read(DOCUMENT);
    let vectors = Vector::all().unwrap();
    let mut documented = BTreeSet::new();
    for row in rows(section(&document, "Verdicts")) {
        let [code, _, exit, shown] = row[..] else { panic!("not four cells: {row:?}") };
        let code = VerdictCode::parse(quoted(code)[0]).unwrap_or_else(|| panic!("{code} is not a verdict"));
        assert!(documented.insert(code), "{code:?} stands twice");
        assert_eq!(exit, code.exit_code().to_string(), "{code:?}");
        assert!(!quoted(shown).is_empty(), "{code:?} names no vector");
        for name in quoted(shown) {
            let vector = vectors.iter().find(|vector| vector.name == name);
            let vector = vector.unwrap_or_else(|| panic!("`{name}` is not a vector"));
            assert_eq!(vector.header("expect").unwrap(), code.code(), "{name}");
        }
    }
    assert_eq!(documented, VerdictCode::ALL.iter().copied().collect());
}

#[test]
fn each_reason_of_not_rebuilt_has_a_row() {
    let source = include_str!("../../../shared/src/verdict.rs");
    let body = source.split("pub enum NotRebuilt {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let variants = body.lines().filter(|line| line.trim_start().starts_with(char::is_uppercase)).count();
    let document = read(DOCUMENT);
    let headlines: BTreeSet<&str> = rows(section(&document, REASONS)).iter().map(|row| row[0]).collect();
    assert_eq!(headlines.len(), variants);
}

#[test]
fn the_table_of_exit_codes_is_the_codes() {
    let document = read(DOCUMENT);
    let verdicts = VerdictCode::ALL.iter().map(|code| (code.exit_code(), code.code()));
    let looks = LookCode::ALL.iter().map(|code| ErrorCode::from(*code));
    let failures = FailureCode::ALL.iter().map(|code| ErrorCode::from(*code));
    let errors = looks.chain(failures).map(|code| (code.exit_code(), code.code()));
    let expected: BTreeSet<(u8, &str)> = verdicts.chain(errors).collect();
    let rows = rows(section(&document, "Exit codes"));
    let documented: BTreeSet<(u8, &str)> =
        rows.iter().flat_map(|row| quoted(row[2]).into_iter().map(|code| (row[0].parse().unwrap(), code))).collect();
    assert_eq!(documented, expected);
}
