//! Lint and rebuild side by side: what one finds in a folder is what the other notices in the commit of the same tree, and a
//! section is usable where the claim that it leads to is.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use provenear_shared::finding::Outcome;
use provenear_shared::gap::GapCode;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::notice::{Notice, NoticeCode};
use provenear_shared::recipe::Recipe;
use provenear_shared::verdict::VerdictCode;

use super::*;
use crate::network::url::{LocalSources, RepositoryUrl};
use crate::project::CUSTOMARY;
use crate::source::cargo_config::{self, Scope};
use crate::source::checkout::{Checkout, Origin, Wanted, checkout};
use crate::source::git::Limits;

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nrepository = \"https://github.com/example/app\"\n\
    [lib]\ncrate-type = [\"cdylib\"]\n[package.metadata.near.reproducible_build]\n\
    image = \"sourcescan/cargo-near:0.22.0-rust-1.97.1\"\n\
    image_digest = \"sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234\"\n\
    container_build_command = [\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\", \"--locked\"]\n\
    [dependencies]\nnear-sdk = \"5\"\n";
const LOCK: &str = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"near-sdk\"]\n\
    [[package]]\nname = \"near-sdk\"\nversion = \"5.29.0\"\nsource = \"registry+x\"\n";

fn git(folder: &Path, words: &[&str]) -> String {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let mut command = Command::new("git");
    command.args(identity).args(words).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let out = command.output().unwrap();
    assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// A pushed commit with these files beside those of a contract in `contracts/app`.
fn repository(manifest: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let app = [("contracts/app/Cargo.toml", manifest), ("contracts/app/Cargo.lock", LOCK)];
    for (path, text) in app.iter().chain(files) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "c"]);
    git(folder.path(), &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    git(folder.path(), &["remote", "add", "origin", "https://github.com/example/app"]);
    folder
}

fn checked_out(folder: &Path, into: &Path) -> Checkout {
    let url = RepositoryUrl::parse("http://127.0.0.1:9/none.git", LocalSources::Allowed).unwrap();
    let origin = Origin::Directory(folder.to_path_buf());
    let commit = git(folder, &["rev-parse", "HEAD"]);
    let wanted = Wanted { url: &url, commit: &commit, origin: &origin, limits: Limits::default(), ca_file: None };
    checkout(&wanted, into).unwrap()
}

/// What a rebuild notices of a tree, as `rebuild::statement` asks for it.
fn noticed(folder: &Path) -> BTreeSet<NoticeCode> {
    let into = tempfile::tempdir().unwrap();
    let facts = checked_out(folder, into.path()).facts;
    let contract = "contracts/app";
    let manifests = Manifests::of(&facts);
    let packages = Packages::of(&manifests, contract);
    let scope = if packages.nests() { Scope::Everywhere } else { Scope::Above(contract) };
    let config = cargo_config::examine(&facts, scope, &CUSTOMARY.map(str::to_owned));
    let rows = [
        (cargo_config::names_toolchain_by_path(&facts, contract), NoticeCode::ToolchainPath),
        (!facts.build_output.is_empty(), NoticeCode::BuildOutputInTree),
        (!facts.wasm.is_empty(), NoticeCode::PrebuiltWasmInTree),
        (packages.reads_git().is_some(), NoticeCode::BuildReadsGit),
        (facts.converts_elsewhere, NoticeCode::CheckoutAttributes),
    ];
    let rows = rows.into_iter().filter_map(|(holds, notice)| holds.then_some(notice));
    config.doubts.iter().map(Notice::code).chain(rows).collect()
}

#[test]
fn a_folder_and_its_commit_are_read_alike() {
    let trees: [&[(&str, &str)]; 20] = [
        &[],
        &[(".cargo/config.toml", "[build]\nrustc-wrapper = \"x\"\n[alias]\nnear = \"run\"\n")],
        &[("contracts/.cargo/config", "paths = [\"x\"]\n")],
        &[("contracts/app/.cargo/config.toml", "include = \"x\"\n[env]\nRUSTC = \"x\"\n")],
        &[("other/.cargo/config.toml", "[build]\nrustc-wrapper = \"x\"\n")],
        &[(".cargo/config.toml", "= =")],
        &[(".cargo/config.toml", "[source.crates-io]\nreplace-with = \"x\"\n[alias]\nxtask = \"run\"\n")],
        &[("rust-toolchain", "[toolchain]\npath = \"x\"\n")],
        &[("rust-toolchain", "stable\n"), ("contracts/rust-toolchain.toml", "[toolchain]\nchannel = \"/x\"\n")],
        &[("contracts/app/build.rs", "fn main() { run(\"git\") }")],
        &[("other/build.rs", "fn main() { run(\"git\") }"), ("other/Cargo.toml", "[package]\nname = \"other\"\n")],
        &[("contracts/app/src/lib.rs", "const G: &str = git_version!();")],
        &[
            ("contracts/app/build.rs", "fn main() { cargo_near_build::extended::build() }"),
            ("other/.cargo/config.toml", "[alias]\nnear = \"run\"\n"),
        ],
        &[("x.wasm", "\0asm\x01\0\0\0")],
        &[("lib/x.a", "!<arch>\n"), ("target/.fingerprint/x", "")],
        &[(".gitattributes", "*.txt filter=x\n"), ("a.txt", "x")],
        &[(".gitattributes", "*.txt filter=x\n")],
        &[
            (".gitattributes", "* text=auto eol=lf\n"),
            ("sub/.gitattributes", "*.rs working-tree-encoding=utf-16\n"),
            ("sub/a.rs", ""),
        ],
        &[("sub/.gitattributes", "[attr]x eol=crlf\n*.rs x\n"), ("sub/a.rs", "a\n")],
        &[("contracts/Cargo.toml", "[workspace]\nexclude = [\"app\"]\n"), ("contracts/Cargo.lock", "= =")],
    ];
    for files in trees {
        let folder = repository(MANIFEST, files);
        let linted = lint(folder.path()).unwrap();
        let [contract] = &linted.contracts[..] else { panic!("{files:?}: {:?}", linted.contracts) };
        let found: BTreeSet<NoticeCode> = contract.prediction.notices.iter().copied().collect();
        assert_eq!(found, noticed(folder.path()), "{files:?}: {:?}", linted.findings);
    }
}

/// What there was no time for is said, and nothing is promised of it.
#[test]
fn what_was_not_looked_at_is_never_called_clean() {
    let folder = repository(MANIFEST, &[]);
    assert_eq!(lint(folder.path()).unwrap().exit, 0);
    let over = Deadline::after(Duration::ZERO, Code::LimitExceeded);
    std::thread::sleep(Duration::from_millis(1));
    let linted = lint_until(folder.path(), over).unwrap();
    let codes: Vec<FindingCode> = linted.findings.iter().map(|it| it.code).collect();
    assert_eq!((codes, linted.exit), (vec![FindingCode::NotFinished], 3));
    assert!(linted.contracts.iter().all(|it| it.prediction.verdict != VerdictCode::Reproduced), "{linted:?}");
}

#[test]
fn a_manifest_that_is_not_toml_is_not_said_to_make_no_contract() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Cargo.toml"), "[package]\n[lib\n").unwrap();
    let why = format!("{:#}", lint(folder.path()).err().unwrap());
    assert!(why.contains("this is not TOML: line 2: "), "{why}");
}

/// The claim that cargo-near makes of a section and a repository.
fn claim(manifest: &str) -> ContractSourceMetadata {
    let table: toml::Table = toml::from_str(manifest).unwrap();
    let at = |keys: &[&str]| crate::project::get(&table, keys);
    let section = |key: &str| at(&["package", "metadata", "near", "reproducible_build", key]);
    let text = |value: Option<&toml::Value>| value.and_then(toml::Value::as_str).map(str::to_owned);
    let image = match (text(section("image")), text(section("image_digest"))) {
        (Some(image), Some(digest)) if !digest.is_empty() => Some(format!("{image}@{digest}")),
        (image, _) => image,
    };
    let repository = text(at(&["package", "repository"])).filter(|url| !url.is_empty());
    let commit = "d76a82548ce6a7aea346aa6c56f4af914366abf8";
    let json = serde_json::json!({ "build_info": {
        "build_environment": image,
        "build_command": section("container_build_command"),
        "contract_path": "contracts/app",
        "source_code_snapshot": repository.map(|url| format!("git+{url}?rev={commit}")),
    }});
    ContractSourceMetadata::parse(json.to_string().as_bytes()).unwrap()
}

#[test]
fn a_section_is_usable_where_the_claim_that_it_leads_to_is() {
    let command = "[\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\", \"--locked\"]";
    for (from, to) in [
        ("", ""),
        ("sourcescan/", "docker.io/sourcescan/"),
        ("sourcescan/", "localhost:5000/"),
        (":0.22.0-rust-1.97.1", ""),
        (":0.22.0-rust-1.97.1", ":UPPER_case"),
        ("sourcescan/", "Source/"),
        ("7467038b", "7467038B"),
        ("sha256:7467038b", "sha512:7467038b"),
        ("b2234\"", "b223\""),
        (command, "[]"),
        (command, "[\"\"]"),
        (command, "[\"make\"]"),
        ("https://github.com", "ssh://git@github.com"),
        ("https://github.com", "https://me:pw@github.com"),
        ("https://github.com", "ftp://github.com"),
        ("https://github.com", "https://10.0.0.5"),
        ("https://github.com", "https://localhost"),
        ("https://github.com", "https://gitlab.internal"),
        ("https://github.com", "https://git.local"),
        ("https://github.com/example/app", "https://github.com/<xxx>/<xxx>"),
        ("https://github.com/example/app", "https://github.com/example/../app"),
        ("https://github.com/example/app", ""),
        ("https://github.com/example/app", "https://xn--gthub-cta.com/example/app"),
    ] {
        let manifest = MANIFEST.replacen(from, to, 1);
        let folder = repository(&manifest, &[]);
        let linted = lint(folder.path()).unwrap();
        let prediction = &linted.contracts[0].prediction;
        let recipe = Recipe::from_metadata(&claim(&manifest));
        match recipe {
            Ok(recipe) => {
                assert_eq!(prediction.gaps, [], "{from} → {to}: {:?}", linted.findings);
                let doubts = Notice::of_recipe(&recipe).into_iter().filter(|notice| notice.doubt().is_some());
                let doubts: BTreeSet<NoticeCode> = doubts.map(|notice| notice.code()).collect();
                let found = linted.findings.iter().filter_map(|it| match it.code.outcome() {
                    Outcome::Doubt(notice) if notice != NoticeCode::UnlistedImage => Some(notice),
                    _ => None,
                });
                assert_eq!(found.collect::<BTreeSet<_>>(), doubts, "{from} → {to}");
            }
            Err(gaps) => {
                let gaps: BTreeSet<GapCode> = gaps.iter().map(|gap| gap.code()).collect();
                assert!(!prediction.gaps.is_empty(), "{from} → {to}: {gaps:?}");
            }
        }
    }
}
