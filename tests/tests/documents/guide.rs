//! What `docs/guide` says of the page: headlines are those of the verdicts, words in quotation marks stand in the page, and
//! pictures are those that the suite makes. Not here: the commands of the guides (`guides`), whether the words are found where
//! a guide leads (`e2e_browser`).

use std::path::Path;

use provenear_tests::prose::{MOST_OF_A_PICTURE, PICTURES, pictures, quotations};

use crate::{path, quoted, read, rows, section};

const PAGES: [&str; 5] =
    ["guide/README.md", "guide/signing.md", "guide/author.md", "guide/rebuilder.md", "guide/auditor.md"];

/// Whether `text` has all parts of `words`, which `…` parts, in their order and from the beginning.
fn begins(text: &str, words: &str) -> bool {
    let mut rest = Some(text);
    for (at, part) in words.split('…').enumerate() {
        rest = rest.and_then(|text| {
            let found = text.find(part)?;
            (at > 0 || found == 0).then(|| &text[found + part.len()..])
        });
    }
    rest.is_some()
}

/// Verdict and headline of every vector of now: the page says them so.
fn headlines() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/vectors/verdict");
    let vectors =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let of = |text: &str, name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    let both = vectors.filter_map(|text| Some((of(&text, "expect: ")?, of(&text, "headline: ")?)));
    both.filter(|(_, headline)| !headline.contains("block 200")).collect()
}

#[test]
fn every_headline_is_in_the_guide_of_those_who_sign() {
    let document = read("guide/signing.md");
    let table: Vec<(String, Vec<String>)> = rows(section(&document, "4. Read the headline"))
        .iter()
        .map(|row| (quoted(row[1])[0].to_owned(), quotations(row[0])))
        .collect();
    assert_eq!(table.len(), 7, "{table:#?}");
    let headlines = headlines();
    assert!(headlines.len() > 200, "only {}: this test reads vectors wrongly", headlines.len());
    for (verdict, headline) in &headlines {
        // What the page says of dissent comes in front.
        let (disputed, plain) = match headline.strip_prefix("Disputed: ") {
            Some(rest) => (true, rest),
            None if headline.contains("got different code from the claimed build; ") => {
                (true, headline.split_once("; ").map_or("", |(_, rest)| rest))
            }
            None => (false, headline.as_str()),
        };
        let (_, expected) = table.iter().find(|(code, _)| code == verdict).unwrap_or_else(|| panic!("no `{verdict}`"));
        let capital = plain[..1].to_uppercase() + &plain[1..];
        let is_there = expected.iter().any(|words| begins(&capital, words) || begins(&format!(" {plain}"), words));
        assert!(is_there, "{verdict}: \"{headline}\" is not in the table (disputed: {disputed})");
    }
    // And none is there that no verdict has.
    for (verdict, expected) in &table {
        for words in expected {
            let of_verdict = |(code, _): &&(String, String)| code == verdict;
            let is_one = headlines
                .iter()
                .filter(of_verdict)
                .any(|(_, headline)| begins(&format!(" {headline}"), &format!("…{words}")));
            assert!(is_one, "{verdict}: no vector says “{words}”");
        }
    }
}

/// The text of every file of the page, and of what words verdicts, with the strings that go over several lines made whole.
fn page() -> String {
    fn gather(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, text);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for folder in ["web", "shared/src"] {
        gather(&root.join(folder), &mut text);
    }
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("\n").replace("\\\n", "")
}

#[test]
fn words_in_quotation_marks_are_those_of_the_page() {
    let (page, headlines) = (page(), headlines());
    let mut seen = 0;
    for name in PAGES {
        for words in quotations(&read(name)) {
            seen += 1;
            // A word alone is a label, or the beginning of one.
            let quote = if words.contains(' ') { "" } else { "\"" };
            let is_said = |part: &str| {
                let small =
                    part.chars().take(1).flat_map(char::to_lowercase).chain(part.chars().skip(1)).collect::<String>();
                page.contains(&format!("{quote}{part}")) || page.contains(&format!("{quote}{small}"))
            };
            let is_text = words.split('…').map(str::trim).all(is_said);
            let is_headline =
                || headlines.iter().any(|(_, headline)| begins(&format!(" {headline}"), &format!("…{words}")));
            assert!(is_text || is_headline(), "{name}: the page does not say “{words}”");
        }
    }
    assert!(seen > 60, "only {seen} quotations: this test reads them wrongly");
}

#[test]
fn every_picture_is_made_by_the_suite_and_shown_with_words_for_it() {
    let mut shown = Vec::new();
    for name in PAGES {
        let page = name.trim_start_matches("guide/");
        let document = read(name);
        for (words, file) in pictures(&document) {
            let picture = file.strip_prefix("pictures/").and_then(|file| file.strip_suffix(".png"));
            let picture = picture.unwrap_or_else(|| panic!("{name}: `{file}` is not in `pictures`")).to_owned();
            assert!(words.split(' ').count() > 5 && words.ends_with('.'), "{name}: what is seen in {file}? {words}");
            shown.push((page, picture));
        }
    }
    let shown: Vec<(&str, &str)> = shown.iter().map(|(page, picture)| (*page, picture.as_str())).collect();
    assert_eq!(shown, PICTURES);
    let there = std::fs::read_dir(path("guide/pictures")).unwrap().map(|entry| entry.unwrap());
    let mut there: Vec<String> = there.map(|entry| entry.file_name().into_string().unwrap()).collect();
    there.sort();
    let mut made: Vec<String> = PICTURES.iter().map(|(_, name)| format!("{name}.png")).collect();
    made.sort();
    assert_eq!(there, made);
    for (_, file) in pictures(&read("../README.md")) {
        assert!(made.iter().any(|name| file == format!("docs/guide/pictures/{name}")), "README.md: {file}");
    }
    for name in made {
        let bytes = std::fs::read(path("guide/pictures").join(&name)).unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n"), "{name} is not a picture");
        assert!(bytes.len() <= MOST_OF_A_PICTURE, "{name} has {} bytes", bytes.len());
    }
}
