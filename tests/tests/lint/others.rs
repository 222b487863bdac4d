//! A repository for each finding about git, the tree, and contracts in JavaScript. Not here: Python (`python`).

use std::os::unix::fs::symlink;

use provenear_shared::finding::FindingCode;

use crate::made::{MANIFEST, Made, REMOTE};

/// The codes of this room.
pub(crate) const CODES: [FindingCode; 22] = {
    use FindingCode::*;
    [
        ContractWithoutSection,
        NoGit,
        NoCommit,
        TreeDirty,
        CommitNotPushed,
        CommitOnTagAlone,
        ShallowClone,
        SubmoduleBySsh,
        SubmoduleUnfetchable,
        CheckoutAttributes,
        PrebuiltWasmInTree,
        BuildOutputInTree,
        NotExamined,
        SubmoduleNotExamined,
        NotFinished,
        PythonDependenciesOpen,
        PythonVersionOpen,
        PythonFormatterOpen,
        PythonEntryMissing,
        PythonOwnClaim,
        LanguageWithoutClaim,
        LockNotCommitted,
    ]
};

/// Code and path of what is found.
fn found(made: &Made) -> Vec<(String, String)> {
    let found = made.found(".");
    found.into_iter().map(|(code, path, _)| (code, path.unwrap_or_default())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(code, path)| ((*code).to_owned(), (*path).to_owned())).collect()
}

#[test]
fn without_git_or_a_commit_there_is_nothing_to_claim() {
    let made = Made::app();
    assert_eq!(found(&made), pairs(&[("no-commit", "")]));
    std::fs::remove_dir_all(made.path().join(".git")).unwrap();
    assert_eq!(found(&made), pairs(&[("no-git", "")]));
    assert_eq!(made.verdict(), "not-rebuildable");
}

#[test]
fn changes_are_seen_and_ignored_files_are_not() {
    let made = Made::app();
    made.push();
    made.write("target/x.wasm", b"\0asm\x01\0\0\0");
    assert_eq!(found(&made), []);
    made.write("notes.txt", "");
    assert_eq!(found(&made), pairs(&[("tree-dirty", "notes.txt")]));
    // The commit may hold anything else: nothing is promised of it.
    assert_eq!(made.verdict(), "reproduced-unvetted");
    let said = String::from_utf8(made.run(&["--color", "never"]).stdout).unwrap();
    let line = "`app` would be reproduced-unvetted, as far as can be told; a rebuild takes what was not read here: `tree-dirty`";
    assert!(said.contains(line), "{said}");
    made.write("src/lib.rs", "// another\n");
    std::fs::remove_file(made.path().join(".gitignore")).unwrap();
    let (exit, answer) = made.lint(&[]);
    assert_eq!((exit, answer["findings"][0]["code"].as_str()), (3, Some("tree-dirty")));
    assert!(answer["findings"][0]["message"].as_str().unwrap().contains("more"), "{answer:#}");
}

#[test]
fn a_commit_has_to_be_where_others_find_it() {
    let made = Made::app();
    made.push();
    made.git(&["commit", "-q", "--allow-empty", "-m", "ahead"]);
    assert_eq!(found(&made), pairs(&[("commit-not-pushed", "")]));
    assert_eq!(made.verdict(), "not-rebuilt");
    made.git(&["remote", "remove", "origin"]);
    assert_eq!(found(&made), pairs(&[("commit-not-pushed", "")]));
}

/// A branch of another remote, or a proposal, is none of the repository that the claim names.
#[test]
fn a_branch_counts_where_it_is_of_the_repository_that_is_named() {
    let made = Made::app();
    made.push();
    made.git(&["commit", "-q", "--allow-empty", "-m", "ahead"]);
    made.git(&["remote", "add", "fork", "git@github.com:me/app.git"]);
    let on = |made: &Made, name: &str| {
        made.git(&["update-ref", name, "HEAD"]);
        let found = found(made);
        made.git(&["update-ref", "-d", name]);
        found
    };
    for name in ["fork/main", "pull/5/merge", "origin/pull/5/head", "origin/pr/5", "origin/merge-requests/5"] {
        let name = format!("refs/remotes/{name}");
        assert_eq!(on(&made, &name), pairs(&[("commit-not-pushed", "")]), "{name}");
    }
    for name in ["origin/next", "origin/pull/next"] {
        assert_eq!(on(&made, &format!("refs/remotes/{name}")), [], "{name}");
    }
    // Where no remote is the repository, that alone is said.
    made.git(&["remote", "set-url", "origin", "https://github.com/you/app"]);
    let not_remote = pairs(&[("repository-not-remote", "Cargo.toml")]);
    assert_eq!(on(&made, "refs/remotes/fork/main"), not_remote);
    assert_eq!(on(&made, "refs/remotes/pull/5/merge").len(), 2);
}

/// Whether a tag was pushed is not known here. A rebuild takes the commit of one.
#[test]
fn a_commit_on_a_tag_alone_is_no_more_than_a_doubt() {
    let made = Made::app();
    made.push();
    made.git(&["commit", "-q", "--allow-empty", "-m", "release"]);
    made.git(&["tag", "v1"]);
    assert_eq!(found(&made), pairs(&[("commit-on-tag-alone", "")]));
    assert_eq!((made.lint(&[]).0, made.verdict().as_str()), (3, "reproduced"));
    made.git(&["remote", "remove", "origin"]);
    assert_eq!(found(&made), pairs(&[("commit-not-pushed", "")]));
}

#[test]
fn of_a_shallow_clone_it_is_not_known_unless_a_branch_of_the_remote_has_it() {
    let made = Made::app();
    made.push();
    made.git(&["commit", "-q", "--allow-empty", "-m", "second"]);
    let clone = Made::folder();
    let from = format!("file://{}", made.path().display());
    clone.git(&["clone", "-q", "--depth=1", &from, "."]);
    clone.git(&["remote", "set-url", "origin", REMOTE]);
    assert_eq!(found(&clone), []);
    clone.git(&["commit", "-q", "--allow-empty", "-m", "third"]);
    assert_eq!(found(&clone), pairs(&[("shallow-clone", "")]));
    assert_eq!(clone.lint(&[]).0, 3);
}

/// Git can refuse to read a repository that is there.
#[test]
fn a_repository_that_git_does_not_read_is_there_all_the_same() {
    let made = Made::app();
    made.push();
    for (name, value, said) in
        [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1", "safe.directory"), ("PATH", "/nowhere", "git is needed")]
    {
        let mut command = provenear_tests::ground::provenear().unwrap();
        command.args(["lint", "--json"]).current_dir(made.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let out = command.env(name, value).output().unwrap();
        let answer = provenear_tests::documents::read(&out.stdout).unwrap();
        assert_eq!((out.status.code(), answer["error"]["code"].as_str()), (Some(4), Some("io")), "{answer:#}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(said), "{answer:#}");
    }
}

#[test]
fn submodules_are_known_by_their_urls() {
    for (url, code) in [
        ("https://github.com/example/lib", None),
        ("../lib", None),
        ("git@github.com:example/lib.git", Some("submodule-by-ssh")),
        ("https://git.local/lib", Some("local-source")),
        ("/srv/git/lib", Some("submodule-unfetchable")),
    ] {
        let made = Made::app();
        made.write(".gitmodules", format!("[submodule \"lib\"]\n\tpath = lib\n\turl = {url}\n"));
        made.git(&["add", "-A"]);
        let commit = "160000,1111111111111111111111111111111111111111,lib";
        made.git(&["update-index", "--add", "--cacheinfo", commit]);
        made.git(&["commit", "-q", "-m", "c"]);
        made.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        std::fs::create_dir(made.path().join("lib")).unwrap();
        let mut found = made.found(".");
        // What stands in one is not read, and a rebuild would take it.
        let unread = ("submodule-not-examined".to_owned(), Some("lib".to_owned()), None);
        assert!(found.contains(&unread), "{found:?}");
        let is_fetched = code != Some("submodule-unfetchable");
        assert_eq!(made.verdict(), if is_fetched { "reproduced-unvetted" } else { "not-rebuilt" }, "{url}");
        found.retain(|it| *it != unread);
        let expected = code.map(|code| (code.to_owned(), Some(".gitmodules".to_owned()), Some(3)));
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{url}");
    }
}

#[test]
fn what_is_in_the_tree_is_told() {
    let made = Made::app();
    made.write("res/token.wasm", b"\0asm\x01\0\0\0");
    made.write("lib/liba.a", b"!<arch>\nx");
    made.write("Cargo.toml.orig/Cargo.toml", "= =");
    made.write(".gitattributes", "*.bin filter=lfs\n");
    made.write("x.bin", "x");
    made.push();
    assert_eq!(
        found(&made),
        pairs(&[
            ("checkout-attributes", ".gitattributes"),
            ("not-examined", "Cargo.toml.orig/Cargo.toml"),
            ("build-output-in-tree", "lib/liba.a"),
            ("prebuilt-wasm-in-tree", "res/token.wasm"),
        ])
    );
    assert_eq!(made.verdict(), "reproduced-unvetted");
}

/// One that only tests use is not one that is deployed.
#[test]
fn a_contract_without_a_section_beside_one_that_has_one_is_told() {
    let made = Made::app();
    let without =
        MANIFEST.split("[package.metadata").next().unwrap().to_owned() + "[dependencies]\nnear-sdk = \"5.29\"\n";
    made.write("second/Cargo.toml", without.replace("\"app\"", "\"second\""));
    made.write("tests/mock/Cargo.toml", without.replace("\"app\"", "\"mock\""));
    made.push();
    assert_eq!(found(&made), pairs(&[("contract-without-section", "second/Cargo.toml")]));
    assert_eq!(made.lint(&[]).0, 0);
    // Named by itself, it is the contract.
    let (exit, answer) = made.lint(&["tests/mock"]);
    assert_eq!((exit, answer["contracts"][0]["name"].as_str()), (1, Some("mock")));
}

/// Cargo finds the lock file of the workspace, and not the one beside the package.
#[test]
fn a_link_in_place_of_a_lock_file_is_not_followed() {
    let made = Made::app();
    let elsewhere = Made::folder();
    elsewhere.write("Cargo.lock", "version = 4\n");
    std::fs::remove_file(made.path().join("Cargo.lock")).unwrap();
    symlink(elsewhere.path().join("Cargo.lock"), made.path().join("Cargo.lock")).unwrap();
    made.push();
    assert_eq!(found(&made), []);
}

#[test]
fn nobody_can_check_a_contract_in_javascript() {
    let made = Made::empty();
    made.write(
        "package.json",
        "{\n  \"name\": \"hello\",\n  \"dependencies\": {\n    \"near-sdk-js\": \"2.0.0\"\n  }\n}\n",
    );
    made.push();
    assert_eq!(made.found("."), [("language-without-claim".to_owned(), Some("package.json".to_owned()), Some(4))]);
    assert_eq!(made.verdict(), "not-rebuildable");
    // A page that talks to a contract is none.
    made.write(
        "package.json",
        "{ \"devDependencies\": { \"near-sdk-js\": \"2\" }, \"dependencies\": { \"near-api-js\": \"4\" } }",
    );
    let (exit, answer) = made.lint(&[]);
    assert_eq!((exit, answer["error"]["code"].as_str()), (2, Some("usage")));
}
