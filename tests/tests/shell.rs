//! What lies beside the helper in a release: what `--version` says, completions, pages for `man`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::process::Command;

use provenear_shared::wasm::PROTOCOL;
use provenear_tests::ground;

fn said(arguments: &[&str]) -> String {
    let output = ground::provenear().unwrap().args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_version_names_commit_and_protocol() {
    let version = said(&["--version"]);
    let rest = version.strip_prefix(concat!("provenear ", env!("CARGO_PKG_VERSION"), " (commit ")).unwrap();
    let (commit, protocol) = rest.trim_end().split_once(", protocol ").unwrap();
    assert_eq!(protocol, format!("{PROTOCOL})"));
    let commit = commit.trim_end_matches("+changes");
    assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{commit}");
}

#[test]
fn completions_are_read_by_their_shell() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("provenear.bash");
    std::fs::write(&file, said(&["completions", "bash"])).unwrap();
    let script = format!("set -e; source '{}'; complete -p provenear", file.display());
    let bash = Command::new("bash").args(["--noprofile", "--norc", "-c", &script]).output().unwrap();
    assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));
    assert!(said(&["completions", "zsh"]).starts_with("#compdef provenear"));
    assert!(said(&["completions", "fish"]).contains("complete -c provenear"));
}

#[test]
fn each_command_has_a_page_for_man() {
    let folder = tempfile::tempdir().unwrap();
    said(&["man", folder.path().to_str().unwrap()]);
    for command in
        ["", "-inspect", "-rebuild", "-verify", "-diff", "-publish", "-batch", "-batch-plan", "-keygen", "-cache"]
    {
        let page = std::fs::read_to_string(folder.path().join(format!("provenear{command}.1"))).unwrap();
        assert!(page.contains(".TH provenear") && page.contains(".SH SYNOPSIS"), "provenear{command}.1");
    }
}
