//! Repositories that are made to break a reader: nothing is run, nothing outside is read, and it ends.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use crate::made::{LOCK, MANIFEST, Made};

/// Codes that are found.
fn codes(made: &Made) -> Vec<String> {
    made.found(".").into_iter().map(|(code, ..)| code).collect()
}

#[test]
fn links_out_of_the_tree_are_not_followed() {
    let outside = Made::folder();
    outside.write("Cargo.toml", MANIFEST.replace("\"app\"", "\"outside\""));
    outside.write("secret.txt", "x");
    let made = Made::app();
    symlink(outside.path(), made.path().join("linked")).unwrap();
    symlink("/dev/zero", made.path().join("rust-toolchain")).unwrap();
    symlink(outside.path().join("Cargo.toml"), made.path().join("pyproject.toml")).unwrap();
    made.push();
    let (_, answer) = made.lint(&[]);
    assert_eq!(answer["contracts"].as_array().unwrap().len(), 1, "{answer:#}");
    // A toolchain file that is a link may name anything.
    assert_eq!(codes(&made), ["toolchain-path"]);
}

/// A tracked folder that is a link on disk by now.
#[test]
fn a_folder_that_became_a_link_is_not_entered() {
    let outside = Made::folder();
    outside.write("Cargo.toml", MANIFEST.replace("\"second\"", "\"outside\""));
    let made = Made::app();
    made.write("second/Cargo.toml", MANIFEST.replace("\"app\"", "\"second\""));
    made.push();
    std::fs::remove_dir_all(made.path().join("second")).unwrap();
    symlink(outside.path(), made.path().join("second")).unwrap();
    let (_, answer) = made.lint(&[]);
    assert_eq!(answer["contracts"].as_array().unwrap().len(), 1, "{answer:#}");
}

#[test]
fn a_pipe_and_a_huge_file_do_not_stop_it() {
    let made = Made::app();
    made.push();
    let status = std::process::Command::new("mkfifo").arg(made.path().join("rust-toolchain.toml")).status();
    assert!(status.unwrap().success());
    let huge = std::fs::File::create(made.path().join("package.json")).unwrap();
    huge.set_len(64 << 30).unwrap();
    let lock = std::fs::File::create(made.path().join("Cargo.lock")).unwrap();
    lock.set_len(64 << 30).unwrap();
    let since = Instant::now();
    let (exit, answer) = made.lint(&[]);
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
    assert_eq!(exit, 3, "{answer:#}");
    assert!(codes(&made).contains(&"not-examined".to_owned()));
}

/// What the configuration of a repository would start is not started.
#[test]
fn nothing_of_the_repository_is_run() {
    let made = Made::app();
    made.write(".gitattributes", "*.rs filter=evil\n");
    made.push();
    let touch = format!("touch {}/was-run", made.path().join(".git").display());
    for key in
        ["core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.external", "core.sshCommand", "core.pager"]
    {
        made.git(&["config", key, &touch]);
    }
    made.git(&["config", "filter.evil.required", "true"]);
    made.git(&["config", "core.hooksPath", "hooks"]);
    for hook in ["post-index-change", "fsmonitor-watchman"] {
        made.write(&format!("hooks/{hook}"), format!("#!/bin/sh\n{touch}\n"));
    }
    made.write("src/lib.rs", "// other\n");
    made.write("build.rs", "fn main() { panic!() }\n");
    let (exit, _) = made.lint(&[]);
    assert_eq!(exit, 3);
    assert!(!made.path().join(".git/was-run").exists());
}

/// Where a file is as young as the index, git compares its bytes, and passes them through the filter first.
#[test]
fn no_filter_is_run_for_files_as_young_as_the_index() {
    let made = Made::app();
    made.write(".gitattributes", "* filter=evil\n");
    made.push();
    made.git(&["config", "filter.evil.clean", &format!("touch {}/was-run; cat", made.path().join(".git").display())]);
    made.git(&["config", "core.checkStat", "minimal"]);
    made.git(&["config", "core.trustctime", "false"]);
    let then = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_836_800);
    let age =
        |path: &str| std::fs::File::options().write(true).open(made.path().join(path)).unwrap().set_modified(then);
    for path in made.git(&["ls-files"]).lines() {
        age(path).unwrap();
    }
    made.git(&["-c", "filter.evil.clean=cat", "update-index", "--refresh"]);
    age(".git/index").unwrap();
    assert!(!codes(&made).contains(&"tree-dirty".to_owned()), "it is as committed");
    assert!(!made.path().join(".git/was-run").exists(), "a program of the repository was run");
}

/// What git does not look at is not taken for what is committed.
#[test]
fn what_git_was_told_to_pass_over_is_a_doubt() {
    let made = Made::app();
    made.push();
    assert_eq!(made.lint(&[]).0, 0);
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        made.git(&["update-index", flag, "src/lib.rs"]);
        assert_eq!(codes(&made), ["tree-dirty"], "{flag}");
        assert_eq!(made.verdict(), "reproduced-unvetted", "{flag}");
        made.git(&["update-index", &flag.replace("--", "--no-"), "src/lib.rs"]);
    }
}

#[test]
fn a_work_tree_elsewhere_is_not_read() {
    let made = Made::app();
    made.push();
    made.git(&["config", "core.worktree", "/"]);
    let (_, answer) = made.lint(&[]);
    assert!(answer["findings"].to_string().contains("no-git"), "{answer:#}");
}

/// Manifests that lead in circles, and out of the tree.
#[test]
fn workspaces_and_paths_in_circles_end() {
    let made = Made::app();
    made.write("Cargo.toml", format!("{MANIFEST}a = {{ path = \"a\" }}\n"));
    made.write(
        "a/Cargo.toml",
        "[package]\nname = \"a\"\nversion = \"0.1.0\"\nworkspace = \"../b\"\n[dependencies]\nb = { path = \"../b\" }\n",
    );
    made.write(
        "b/Cargo.toml",
        "[package]\nname = \"b\"\nversion = \"0.1.0\"\nworkspace = \"../a\"\n[dependencies]\na = { path = \"../a\" }\n",
    );
    let lock = LOCK.replace(" \"near-sdk\",\n", " \"a\",\n \"near-sdk\",\n");
    made.write("Cargo.lock", format!("{lock}\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n]\n"));
    made.push();
    let (exit, answer) = made.lint(&[]);
    assert_eq!(exit, 0, "{answer:#}");
}

#[test]
fn names_that_are_not_utf_8_are_shown_and_not_confused() {
    let made = Made::app();
    let name = std::ffi::OsStr::from_bytes(b"b\xffd");
    std::fs::create_dir(made.path().join(name)).unwrap();
    std::fs::write(made.path().join(name).join("Cargo.toml"), MANIFEST).unwrap();
    std::fs::write(made.path().join(name).join("x.wasm"), b"\0asm\x01\0\0\0").unwrap();
    made.write("src/odd.rs", b"// \xff\xfe\nconst A: &str = env!(\"USER\");\n");
    made.push();
    let found = made.found(".");
    let codes: Vec<_> = found.iter().map(|(code, ..)| code.as_str()).collect();
    // A manifest that was not read may name any file as its build script.
    assert_eq!(codes, ["build-reads-git", "not-examined", "build-reads-environment"], "{found:?}");
    assert!(found[1].1.as_ref().unwrap().contains('\u{fffd}'));
}

/// As many mistakes as a file has room for.
#[test]
fn a_hostile_manifest_does_not_make_an_answer_without_end() {
    let made = Made::app();
    let many: String = (0..5_000).map(|n| format!("d{n} = {{ path = \"../../d{n}\" }}\n")).collect();
    made.write("Cargo.toml", format!("{MANIFEST}{many}"));
    made.push();
    let since = Instant::now();
    let (exit, answer) = made.lint(&[]);
    assert_eq!(exit, 1);
    assert!(answer["findings"].as_array().unwrap().len() <= 200, "{}", answer["findings"].as_array().unwrap().len());
    assert!(since.elapsed() < Duration::from_secs(60), "{:?}", since.elapsed());
}

/// To find the line of each by reading the file anew would take hours: this ends.
#[test]
fn many_mistakes_in_one_section_are_looked_for_once() {
    let made = Made::app();
    let keys: String = (0..4_000).map(|n| format!("k{n} = 1\n")).collect();
    let passed: Vec<String> = (0..4_000).map(|n| format!("\"V{n}\"")).collect();
    made.replace("Cargo.toml", "passed_env = []", &format!("passed_env = [{}]\n{keys}", passed.join(",")));
    let needs: String = (0..4_000).map(|n| format!("d{n} = \"1\"\n")).collect();
    let whole = made.read("Cargo.toml") + &needs;
    made.write("Cargo.toml", whole);
    let named = " \"near-sdk\",\n".repeat(4_000);
    made.replace("Cargo.lock", " \"near-sdk\",\n", &named);
    let files = "fn main() { env!(\"A\"); std::env::var(\"B\"); }\n".repeat(20_000);
    made.write("build.rs", files);
    made.push();
    let (exit, answer) = made.lint(&[]);
    assert_eq!(exit, 1, "{:#}", answer["error"]);
    assert!(answer["findings"].as_array().unwrap().len() < 400, "{}", answer["findings"].as_array().unwrap().len());
    assert!(!codes(&made).contains(&"not-finished".to_owned()));
}

#[test]
fn a_folder_without_a_contract_is_a_slip() {
    let made = Made::folder();
    let (exit, answer) = made.lint(&[]);
    assert_eq!((exit, answer["error"]["code"].as_str()), (2, Some("usage")));
    let (exit, answer) = made.lint(&["none"]);
    assert_eq!((exit, answer["error"]["code"].as_str()), (4, Some("io")));
}
