//! `SECURITY.md` on libraries: each direct dependency of page and helper stands in one of its two lists, and nothing else does.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{quoted, section};

/// The packages that people run.
const PACKAGES: [&str; 9] =
    ["shared", "helper", "web", "web/browser", "web/later", "web/page", "web/protocol", "web/ui", "web/workers"];

#[test]
fn each_library_is_said_to_read_untrusted_bytes_or_not() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let document = std::fs::read_to_string(workspace.join("SECURITY.md")).unwrap();
    let text = section(&document, "Libraries that read untrusted bytes");
    let (reading, rest) = text.split_once("\nThose that do not: ").unwrap();
    let (others, _) = rest.split_once(".\n").unwrap();
    let rows = reading.lines().filter(|line| line.starts_with("| `"));
    let reading: Vec<&str> = rows.flat_map(|row| quoted(row.split(" | ").next().unwrap())).collect();
    let listed: Vec<&str> = reading.iter().copied().chain(quoted(others)).collect();
    let found: BTreeSet<String> = PACKAGES
        .iter()
        .flat_map(|package| {
            let file = workspace.join(package).join("Cargo.toml");
            let manifest: toml::Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
            let names: Vec<String> = manifest["dependencies"].as_table().unwrap().keys().cloned().collect();
            names
        })
        .filter(|name| !name.starts_with("provenear-"))
        .collect();
    let said: BTreeSet<String> = listed.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(said, found);
    // None is in both.
    let twice: Vec<&str> =
        listed.iter().copied().filter(|name| listed.iter().filter(|it| it == &name).count() > 1).collect();
    assert_eq!(twice, [""; 0]);
}
