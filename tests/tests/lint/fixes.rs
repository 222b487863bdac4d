//! `--fix`: what it corrects is not found again, what it does not is left alone, and a second time changes nothing.

use std::collections::BTreeSet;

use provenear_shared::finding::FindingCode;

use crate::made::{MANIFEST, Made};

/// Comments stand where they stood.
const BROKEN: &str = r#"# the contract
[package]
name = "app" # as on chain
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib", "rlib"]

# how it is built
[package.metadata.near.reproducible_build]
image = "sourcescan/cargo-near:0.22.0-rust-1.97.1"
container_build_command = [
    "cargo",
    "near",
    "build",
    "non-reproducible-wasm", # in the container
]

[dependencies]
near-sdk = "5.29" # the newest
"#;

fn broken(manifest: &str) -> Made {
    let made = Made::app();
    made.write("Cargo.toml", manifest);
    made.push();
    made
}

fn fix(made: &Made) -> String {
    let out = made.run(&["--fix", "--color", "never"]);
    assert!(out.status.code().is_some_and(|code| [0, 1, 3].contains(&code)), "{out:?}");
    String::from_utf8(out.stdout).unwrap()
}

/// How lines end, a byte order mark and who may read a file are the author's.
#[test]
fn what_is_not_corrected_stays_byte_for_byte() {
    use std::os::unix::fs::PermissionsExt as _;

    let windows = format!("\u{feff}{}", BROKEN.replace('\n', "\r\n"));
    let made = broken(&windows);
    let file = made.path().join("Cargo.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let said = fix(&made);
    let fixed = made.read("Cargo.toml");
    assert!(fixed.starts_with('\u{feff}') && fixed.len() > windows.len(), "{said}");
    assert_eq!(fixed.matches('\n').count(), fixed.matches("\r\n").count());
    for line in windows.lines() {
        assert!(fixed.contains(line), "`{line}` is gone:\n{fixed}");
    }
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_fixed_is_clean_and_a_second_fix_changes_nothing() {
    let made = broken(BROKEN);
    assert_eq!(made.lint(&[]).0, 1);
    let said = fix(&made);
    let fixed = made.read("Cargo.toml");
    // The diff comes first, and holds each line that was changed.
    let diff = said.split("changed `Cargo.toml`").next().unwrap();
    assert!(diff.starts_with("--- a/Cargo.toml\n+++ b/Cargo.toml\n"), "{said}");
    let added: Vec<&str> = fixed.lines().filter(|line| !BROKEN.contains(line)).collect();
    assert!(!added.is_empty() && added.iter().all(|line| diff.contains(&format!("+{line}"))), "{added:?}\n{diff}");
    for line in BROKEN.lines() {
        assert!(fixed.contains(line), "`{line}` is gone:\n{fixed}");
    }
    made.push();
    let (exit, answer) = made.lint(&[]);
    assert_eq!((exit, answer["findings"].as_array().unwrap().len()), (0, 0), "{answer:#}\n{fixed}");
    let again = fix(&made);
    assert!(!again.contains("changed") && made.read("Cargo.toml") == fixed, "{again}");
    assert!(again.starts_with("nothing to correct\n"), "{again}");
    assert_eq!(made.git(&["status", "--porcelain"]), "");
}

#[test]
fn each_safe_change_is_made() {
    let without = |line: &str| {
        MANIFEST.lines().filter(|it| !it.starts_with(line)).map(|it| format!("{it}\n")).collect::<String>()
    };
    let mut corrected = BTreeSet::new();
    for (manifest, becomes) in [
        (without("image_digest"), "image_digest = \"sha256:7467038b"),
        (without("container_build_command"), "\"non-reproducible-wasm\", \"--locked\"]"),
        (MANIFEST.replace("--locked", "--no-locked"), "\"non-reproducible-wasm\", \"--locked\"]"),
        (MANIFEST.replace(", \"--locked\"", ""), "\"non-reproducible-wasm\", \"--locked\"]"),
        (without("repository"), "repository = \"https://github.com/example/app\""),
        (
            MANIFEST.replace("https://github.com/example/app", "git@github.com:example/app"),
            "repository = \"https://github.com/example/app\"",
        ),
    ] {
        let made = broken(&manifest);
        corrected.extend(fixable(&made));
        fix(&made);
        assert!(made.read("Cargo.toml").contains(becomes), "{becomes}: {}", made.read("Cargo.toml"));
        made.push();
        assert_eq!(made.lint(&[]).0, 0, "{becomes}: {:?}", made.found("."));
    }
    // Those are all that the document says it corrects.
    let said: BTreeSet<FindingCode> =
        FindingCode::ALL.iter().copied().filter(|code| code.correction().is_some()).collect();
    assert_eq!(corrected, said);
}

/// What `--fix` would correct.
fn fixable(made: &Made) -> BTreeSet<FindingCode> {
    let (_, answer) = made.lint(&[]);
    let findings = answer["findings"].as_array().unwrap().iter().filter(|it| it["fixable"] == true);
    findings.map(|it| FindingCode::parse(it["code"].as_str().unwrap()).unwrap()).collect()
}

/// The key is the workspace's: there it is changed.
#[test]
fn what_a_workspace_says_is_changed_there() {
    let made =
        broken(&MANIFEST.replace("repository = \"https://github.com/example/app\"", "repository.workspace = true"));
    let whole = made.read("Cargo.toml");
    made.write("Cargo.toml", whole + "\n[workspace.package]\nrepository = \"ssh://git@github.com/example/app\"\n");
    made.push();
    fix(&made);
    let fixed = made.read("Cargo.toml");
    assert!(fixed.contains("[workspace.package]\nrepository = \"https://github.com/example/app\""), "{fixed}");
    assert!(fixed.contains("repository.workspace = true"), "{fixed}");
}

/// A digest is of one image: it is written beside that, and each image gets its own.
#[test]
fn a_digest_is_written_into_the_table_of_its_image() {
    let digest = "image_digest = \"sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234\"\n";
    let variant = "[package.metadata.near.reproducible_build.variant.b]\n\
        image = \"sourcescan/cargo-near:0.21.1-rust-1.96.0\"\n\n[dependencies]";
    let made = broken(&MANIFEST.replace(digest, "").replace("[dependencies]", variant));
    fix(&made);
    let fixed = made.read("Cargo.toml");
    let (base, of_variant) = fixed.split_once("[package.metadata.near.reproducible_build.variant.b]").unwrap();
    assert!(base.contains(digest) && of_variant.contains("image_digest = \"sha256:"), "{fixed}");
    assert!(!of_variant.contains("7467038b"), "{fixed}");
    made.push();
    assert_eq!(made.lint(&[]).0, 0, "{:?}", made.found("."));
}

/// What nobody but the author can decide is left: a digest of an unknown tag, a secret.
#[test]
fn what_is_not_safe_is_left_alone() {
    for manifest in [
        MANIFEST
            .replace("0.22.0-rust-1.97.1", "0.99.0-rust-1.97.1")
            .replace("image_digest = \"sha256:7467", "x = \"sha256:7467"),
        MANIFEST.replace("passed_env = []", "passed_env = [\"API_KEY\"]"),
        MANIFEST.replace("passed_env = []", "passed_envs = []"),
    ] {
        let made = broken(&manifest);
        let said = fix(&made);
        assert!(said.starts_with("nothing to correct: what is found is left to you\n"), "{said}");
        assert_eq!(made.read("Cargo.toml"), manifest);
    }
}

#[test]
fn a_fix_of_a_program_shows_its_diff_beside_the_answer() {
    let made = broken(&MANIFEST.replace("--locked", "--no-locked"));
    let out = made.run(&["--fix", "--json"]);
    let answer = provenear_tests::documents::read(&out.stdout).unwrap();
    assert_eq!(answer["fixed"], serde_json::json!(["Cargo.toml"]));
    assert!(String::from_utf8_lossy(&out.stderr).contains("+container_build_command"), "{out:?}");
    assert!(!String::from_utf8_lossy(&out.stderr).contains("[31m"), "colours where nothing shows them: {out:?}");
    // Nothing but the uncommitted change is left.
    assert_eq!(answer["findings"][0]["code"], "tree-dirty");
    assert_eq!(out.status.code(), Some(3));
}
