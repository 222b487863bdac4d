//! A helper that prints what a hostile tree might make it print: the runner obeys none of it, and the summary shows it as text.

use std::os::unix::fs::PermissionsExt as _;

use provenear_tests::ground::Ground;

use crate::runner::Runner;

/// Says on each stream, and in each report, what a runner or a page would obey.
const HELPER: &str = r#"#!/bin/bash
case "$*" in *--json*) ;; *) echo "::error::owned $1" ;; esac
echo "  ##[error]owned" >&2; printf 'a\r::add-mask::b\n' >&2
message='::error::owned\n##[group]x\u001b[2J | [link](https://evil.example) <img src=x> `code` www.evil.example'
case "$*" in
  *--version*) ;;
  "lint"*) ;;
  "rebuild --tree"*)
    while [ "$1" != --out ]; do shift; done
    mkdir -p "$2" && touch "$2/a.wasm" ;;
  "rebuild"*) printf '{"error": {"code": "io", "message": "%s"}}' "$message"; exit "$REBUILD" ;;
  "verify"*) printf '{"error": {"code": "io", "message": "%s"}}' "$message"; exit 4 ;;
esac
"#;

#[test]
fn nothing_of_a_tree_is_a_command_or_markdown() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("helper");
    std::fs::write(&program, HELPER).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    // It is there, and reads YAML.
    Ground::read().unwrap();
    let mut seen = 0;
    for rebuild in ["0", "5"] {
        let inputs = [("program", program.to_str().unwrap()), ("deployed", "require"), ("lint", "skip")];
        let mut runner = Runner::new(&folder.path().join(rebuild), folder.path(), &inputs);
        let steps = runner.run(&[("REBUILD", rebuild.to_owned())]);
        for step in steps.iter().filter(|step| step.exit.is_some() && !step.name.contains("Install")) {
            seen += step.said.matches("owned").count();
            assert_eq!(step.commands(), [""; 0], "{step:#?}");
        }
        let summary = runner.summary();
        let text = summary.lines().find(|line| line.contains("evil")).unwrap_or_else(|| panic!("{summary}"));
        let (mut bare, mut rest) = (String::new(), text.chars());
        while let Some(character) = rest.next() {
            if character == '\\' {
                rest.next();
            } else {
                bare.push(character);
            }
        }
        assert!(!bare.contains(['[', '<', '`', '|', '*', '#', ':', '.', '&', '_', '\u{1b}']), "{bare}: {text}");
        assert!(text.contains(r"\[link\]\(https\:\/\/evil\.example\)"), "{text}");
        // The step after the one that failed keeps what was said.
        assert!(steps.last().unwrap().name.contains("Keep"), "{steps:#?}");
    }
    assert!(seen > 4, "only {seen}: this test looks in the wrong place");
}
