//! `docs/json.md` and `docs/schemas` against the helper: each example is what it prints, and a document that was changed is
//! refused. Not here: whether the schemas are those of the types (`json_schemas`).
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output};

use provenear_tests::documents::{self, SCHEMAS};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::ground;
use serde_json::{Value, json};
use tempfile::TempDir;

const DOCUMENT: &str = include_str!("../../docs/json.md");

/// What a contract says of itself is passed on as it is.
const VERBATIM: [&str; 4] = ["/metadata/code", "/metadata/rpc", "/metadata/nep330", "/abi"];

/// A folder with the files that the examples name.
fn desk() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("counter.wasm"), COUNTER_PINNED).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "bread\n").unwrap();
    folder
}

fn helper(folder: &Path) -> Command {
    let mut command = ground::provenear().unwrap();
    command.env("PROVENEAR_CACHE", folder.join("cache")).env("PROVENEAR_DATA", folder.join("data"));
    command.current_dir(folder);
    command
}

fn run(folder: &Path, words: &[&str]) -> Output {
    helper(folder).args(words).output().unwrap()
}

/// Each command of the document: its words, the part that is shown, what is shown of it, and the exit code.
fn examples() -> Vec<(Vec<&'static str>, &'static str, String, i32)> {
    let blocks = DOCUMENT.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let example = |block: &'static str| {
        let (command, rest) = block.split_once('\n').unwrap();
        let (shown, exit) = rest.split_once("$ echo ${PIPESTATUS[0]}\n").unwrap_or_else(|| panic!("{block}"));
        let words = command.strip_prefix("$ provenear ").unwrap_or_else(|| panic!("{command}"));
        let (words, part) = words.split_once(" | jq .").unwrap_or_else(|| panic!("{command}"));
        (words.split(' ').collect(), part, shown.to_owned(), exit.trim().parse().unwrap())
    };
    blocks.map(example).collect()
}

#[test]
fn every_example_is_what_is_printed() {
    let examples = examples();
    assert!(examples.len() >= 5, "{examples:?}");
    for (words, part, shown, exit) in examples {
        let folder = desk();
        let output = run(folder.path(), &words);
        let printed =
            documents::read_lines(&output.stdout).or_else(|_| documents::read(&output.stdout).map(|it| vec![it]));
        let printed = printed.unwrap_or_else(|error| panic!("{words:?}: {error:#}")).pop().unwrap();
        let pointer = if part.is_empty() { String::new() } else { format!("/{}", part.replace('.', "/")) };
        let home = folder.path().to_str().unwrap();
        let found = printed.pointer(&pointer).unwrap().to_string().replace(home, "/home/you");
        let (found, shown): (Value, Value) =
            (serde_json::from_str(&found).unwrap(), serde_json::from_str(&shown).unwrap());
        assert_eq!(found, shown, "{words:?}: {found:#}");
        assert_eq!(output.status.code(), Some(exit), "{words:?}");
    }
}

#[test]
fn every_schema_stands_in_the_document() {
    for (name, _) in SCHEMAS {
        let [_, kind, version] = name.split('/').collect::<Vec<_>>().try_into().unwrap();
        let row = format!("[`{name}`](schemas/{kind}-{version}.json)");
        assert!(DOCUMENT.contains(&row), "{row}");
    }
}

/// Pointers to every value in a document.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| pointers(item, &format!("{at}/{n}"), all));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a part is foreign text of any shape, or below one.
fn is_foreign(pointer: &str) -> bool {
    let below = |part: &str| pointer == part || pointer.starts_with(&format!("{part}/"));
    VERBATIM.iter().any(|part| below(part)) || pointer.starts_with("/module/embedded/") && pointer.contains("/metadata")
}

fn refused(document: &Value, what: &str) {
    assert!(documents::check(document).is_err(), "{what} went unseen");
}

/// Changes a document in every place, and holds that each change is refused.
fn changes_are_refused(document: &Value) {
    documents::check(document).unwrap();
    let mut all = Vec::new();
    pointers(document, "", &mut all);
    let mut of = [0usize; 4];
    for pointer in all.iter().filter(|pointer| !is_foreign(pointer)) {
        let mut wrong = document.clone();
        *wrong.pointer_mut(pointer).unwrap() = json!({"surprise": 1});
        refused(&wrong, &format!("another type at `{pointer}`"));
        of[0] += 1;
        if pointer.ends_with("/code") && document.pointer(pointer).unwrap().is_string() {
            let mut unknown = document.clone();
            *unknown.pointer_mut(pointer).unwrap() = "never-heard-of".into();
            refused(&unknown, &format!("an unknown code at `{pointer}`"));
            of[1] += 1;
        }
        let Some(members) = document.pointer(pointer).unwrap().as_object() else { continue };
        let mut more = document.clone();
        more.pointer_mut(pointer).unwrap()["surprise"] = Value::Null;
        refused(&more, &format!("a new member of `{pointer}`"));
        of[2] += 1;
        // These two are there for some commands alone.
        let is_optional = |name: &str| pointer.is_empty() && matches!(name, "rebuild" | "side_by_side");
        for name in members.keys().filter(|name| !is_optional(name)) {
            let mut less = document.clone();
            less.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name);
            refused(&less, &format!("`{pointer}` without `{name}`"));
            of[3] += 1;
        }
    }
    assert!(of[0] > 3 && of[2] > 0 && of[3] > 1, "{of:?}");
}

#[test]
fn a_document_that_was_changed_is_refused() {
    let folder = desk();
    let mut other = COUNTER_PINNED.to_vec();
    let at = other.windows(11).rposition(|window| window == b"counter.git").unwrap();
    other[at] = b'C';
    std::fs::write(folder.path().join("other.wasm"), other).unwrap();
    let key = format!("{}\n", provenear_tests::notary::Notary::named("alice").public_key().to_near());
    std::fs::write(folder.path().join("keys"), key).unwrap();
    let commands: [&[&str]; 10] = [
        &["inspect", "counter.wasm", "--trust", "keys", "--store", "."],
        &["inspect", "missing.wasm"],
        &["diff", "counter.wasm", "other.wasm", "--function", "12"],
        &["diff", "counter.wasm", "missing.wasm"],
        &["keygen"],
        &["keygen"],
        &["cache"],
        &["lint", "missing"],
        &["publish", "notes.txt", "--to", "site"],
        &["rebuild", "counter.wasm", "--threshold", "9"],
    ];
    for words in commands {
        let output = run(folder.path(), &[words, &["--json"]].concat());
        let document = documents::read(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error:#}"));
        changes_are_refused(&document);
    }
    changes_are_refused(&documents::read(&run(folder.path(), &["batch", "missing.txt", "--json"]).stdout).unwrap());
    assert!(documents::check(&json!({"schema": "provenear/inspection/v2"})).is_err());
}

#[test]
fn settings_are_held_against_their_schema() {
    let key = provenear_tests::notary::Notary::named("alice").public_key().to_near();
    let whole = json!({
        "schema": "provenear/settings/v1", "page": "https://page.example/", "network": "mainnet",
        "networks": {"mainnet": {"endpoints": ["https://rpc.example"], "quorum": 1, "registry": null}},
        "keys": [{"key": key, "name": "Alice"}], "threshold": 1, "images": null, "accept_custom_build": false,
        "stores": ["manifests/"],
    });
    documents::check(&whole).unwrap();
    for (pointer, wrong) in [
        ("/threshold", json!(0)),
        ("/threshold", json!("1")),
        ("/keys/0/key", json!("ed25519:no")),
        ("/networks/mainnet/quorum", json!(100)),
        ("/networks/mainnet", json!({"proxy": "x"})),
        ("/networks", json!({"Main net": {}})),
        ("/stores", json!("manifests/")),
        ("/accept_custom_build", json!(null)),
    ] {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        refused(&changed, &format!("`{pointer}` as {}", changed.pointer(pointer).unwrap()));
    }
    let mut more = whole.clone();
    more["accept_local_source"] = true.into();
    refused(&more, "local sources in a file");
}

#[test]
fn a_path_that_is_not_text_is_printed_as_far_as_it_is() {
    let folder = desk();
    let mut command = helper(folder.path());
    let output = command.args(["keygen", "--json", "--out"]).arg(OsStr::from_bytes(b"a\xff.pem")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(documents::read(&output.stdout).unwrap()["path"], "a\u{fffd}.pem");
}
