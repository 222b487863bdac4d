//! `docs/manifest.md`, "Other tools": the programs, versions and commands are those that the suite runs (`foreign_tools`).

use std::path::Path;

use serde_json::Value;

use crate::{quoted, read, rows, section};

/// The program that starts a script, as the suite starts it.
fn starter(script: &str) -> &'static str {
    match script.rsplit('.').next().unwrap() {
        "sh" => "sh",
        "py" => "python3",
        "cjs" => "node",
        other => panic!("nobody starts a `.{other}`"),
    }
}

#[test]
fn the_commands_are_those_that_the_suite_runs() {
    let document = read("manifest.md");
    let rows = rows(section(&document, "Other tools"));
    let documented: Vec<&str> = rows.iter().map(|row| *quoted(row[2]).last().unwrap()).collect();
    let suite = include_str!("../foreign_tools/tools.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/foreign");
    let mut expected = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(suite.contains(&format!("script(\"{name}\")")), "the suite does not run `{name}`");
        let text = std::fs::read_to_string(&path).unwrap();
        let usage = text.lines().find_map(|line| Some(line.split_once(&format!("{name} "))?.1)).unwrap();
        expected.push(format!("{} {name} {usage}", starter(name)));
    }
    assert!(suite.contains("Command::new(\"ssh-keygen\").arg(\"-lf\")"));
    expected.push("ssh-keygen -lf KEY.pub".to_owned());
    expected.sort_unstable();
    let mut documented: Vec<String> = documented.into_iter().map(str::to_owned).collect();
    documented.sort_unstable();
    assert_eq!(documented, expected);
}

#[test]
fn the_versions_are_those_that_the_suite_installs() {
    let document = read("manifest.md");
    let programs: String =
        rows(section(&document, "Other tools")).iter().map(|row| row[0]).collect::<Vec<_>>().join(", ");
    let mut pinned: Vec<String> =
        include_str!("../../../xtask/locks/python/readers.in").lines().map(str::to_owned).collect();
    let npm: Value = serde_json::from_str(include_str!("../../../xtask/locks/sigstore/package.json")).unwrap();
    let npm = npm["dependencies"].as_object().unwrap();
    pinned.extend(npm.iter().map(|(name, version)| format!("{name}@{}", version.as_str().unwrap())));
    assert_eq!(pinned.len(), 4);
    for package in pinned {
        let plain = package.replace("[crypto]", "").replace("==", " ");
        let plain = plain
            .rsplit_once('@')
            .filter(|(name, _)| !name.is_empty())
            .map_or(plain.clone(), |(name, version)| format!("{name} {version}"));
        assert!(programs.contains(&plain), "`{plain}` is not in: {programs}");
    }
}

#[test]
fn the_script_for_openssl_is_the_one_that_the_suite_runs() {
    let document = read("manifest.md");
    let block = section(&document, "Other tools").split_once("```sh\n").unwrap().1.split("```").next().unwrap();
    assert_eq!(block, include_str!("../../testdata/foreign/openssl_verify.sh"));
}
