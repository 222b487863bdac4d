//! How findings are printed: for a person, as SARIF by its published schema, as annotations of GitHub.

use std::path::PathBuf;
use std::process::Command;

use boon::{Compiler, Schemas};
use provenear_shared::finding::FindingCode;
use serde_json::Value;

use crate::made::{MANIFEST, Made};

/// A repository with a finding of each weight, one of them in a file with a name that no line or link should be made of.
fn several() -> Made {
    let made = Made::app();
    made.replace("Cargo.toml", "passed_env = []", "passed_env = [\"RELEASE\"]");
    made.replace("Cargo.toml", "7467038b", "00000000");
    let folder = "a,b:c\n::error::d";
    let second = MANIFEST.replace("\"app\"", "\"second\"").replace("\"--locked\"", "\"--no-locked\"");
    made.write(&format!("{folder}/Cargo.toml"), second);
    made.push();
    made
}

fn print(made: &Made, format: &str) -> (i32, String) {
    let out = made.run(&["--format", format, "--color", "never"]);
    (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap())
}

/// The published schema is large, and comes with the package that reads and writes SARIF for others.
fn schema() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let words = ["metadata", "--format-version=1", "--locked"];
    let out = Command::new(cargo).args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let listed = out.stdout;
    let metadata: Value = serde_json::from_slice(&listed).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|it| it["name"] == "serde-sarif").unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn sarif_is_as_its_schema_says() {
    let (schema, mut schemas, mut compiler) = (schema(), Schemas::new(), Compiler::new());
    let named = schema["id"].as_str().or(schema["$id"].as_str()).unwrap_or_default();
    assert!(named.contains("sarif") && named.contains("2.1.0"), "{named}");
    compiler.add_resource("file:///sarif.json", schema).unwrap();
    let index = compiler.compile("file:///sarif.json", &mut schemas).unwrap();
    let (exit, text) = print(&several(), "sarif");
    let mut log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(exit, 1);
    schemas.validate(&log, index).unwrap_or_else(|error| panic!("{error:#}"));
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 3, "{results:#?}");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), FindingCode::ALL.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b",:#?<>\"\\".contains(&byte)), "{uri}");
    }
    // The validator does refuse.
    log["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(schemas.validate(&log, index).is_err());
}

/// A runner takes each line that begins with `::` for a command: no name of a file makes one.
#[test]
fn annotations_are_one_line_each_whatever_files_are_called() {
    let made = several();
    let (exit, text) = print(&made, "github");
    assert_eq!(exit, 1);
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    let (_, answer) = made.lint(&[]);
    assert_eq!(commands.len(), answer["findings"].as_array().unwrap().len(), "{text}");
    for command in &commands {
        let (head, _) = command[2..].split_once("::").unwrap();
        let (level, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&level), "{command}");
        let names: Vec<&str> = properties.split(',').filter_map(|it| it.split('=').next()).collect();
        assert!(names.iter().all(|name| ["file", "line", "title"].contains(name)), "{command}");
    }
    assert!(text.contains("file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ad/Cargo.toml,line=14"), "{text}");
}

#[test]
fn a_person_reads_what_it_is_why_it_matters_and_what_to_do() {
    let made = several();
    let (exit, text) = print(&made, "text");
    assert_eq!(exit, 1);
    let code = FindingCode::UnlistedImage;
    for expected in [
        "Cargo.toml:12: doubt unlisted-image",
        code.why(),
        code.fix(),
        "`app` would be reproduced-unvetted, until a reader accepts what a rebuild notices: `unlisted-image`",
        "`second` would be not-rebuildable, the claim would have the gap `build-info-missing`",
        "2 findings break a rebuild, 1 doubt, 1 note; `--fix` corrects 1",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // The name of a file does not begin a line of its own.
    assert!(!text.lines().any(|line| line.starts_with("::error")), "{text}");
}

/// A runner of GitHub takes `::` at the beginning of a line, and `##[` anywhere, for a command: only `--format github` gives any.
#[test]
fn a_runner_is_given_no_command_by_a_tree() {
    let made = Made::app();
    let second = MANIFEST.replace("\"app\"", "\"##[error]second\"").replace("\"--locked\"", "\"--no-locked\"");
    let hostile = "\n# ##[error]x\nnote = \"\"\"\n::error::x\n\"\"\"\n\n[dependencies]";
    made.write("::error::d/Cargo.toml", second.replace("\n\n[dependencies]", hostile));
    made.write(
        "init/Cargo.toml",
        "[package]\nname = \"init\"\n# ##[error]x\ndescription = \"\"\"\n::error::x\n\"\"\"\n",
    );
    made.push();
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    let mut seen = 0;
    for words in [
        &["lint"][..],
        &["lint", "--json"],
        &["lint", "--format", "sarif"],
        &["init", "init", "--dry-run"],
        &["lint", "--fix"],
    ] {
        for is_runner in [true, false] {
            let mut command = provenear_tests::ground::provenear().unwrap();
            command.args(words).current_dir(made.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
            if is_runner {
                command.env("GITHUB_ACTIONS", "true");
            } else {
                command.env_remove("GITHUB_ACTIONS");
            }
            let out = command.output().unwrap();
            let said = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
            let commands: Vec<&str> = said.lines().filter(|line| is_command(line)).collect();
            seen += commands.len();
            assert!(!is_runner || commands.is_empty(), "{words:?}: {commands:#?}");
        }
    }
    assert!(seen > 3, "only {seen}: this test looks in the wrong place");
}

#[test]
fn two_formats_at_once_are_refused() {
    let made = Made::app();
    let out = made.run(&["--json", "--format", "sarif"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(made.run(&["--json", "--format", "json"]).status.code(), Some(1));
}
