//! A repository for each finding in a contract of Rust: it is found where it is, and nothing else is. Not here: git, the tree and
//! other languages (`others`).

use provenear_shared::finding::{FindingCode, Severity};

use crate::made::{MANIFEST, Made};

/// What is found: the code, the file and the line; and what comes with it.
struct Row {
    code: FindingCode,
    path: &'static str,
    line: Option<u64>,
    beside: &'static [FindingCode],
    change: fn(&Made),
}

const fn row(code: FindingCode, path: &'static str, line: u64, change: fn(&Made)) -> Row {
    Row { code, path, line: if line == 0 { None } else { Some(line) }, beside: &[], change }
}

const M: &str = "Cargo.toml";
const COMMAND: &str = "[\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\", \"--locked\"]";
const DIGEST: &str = "image_digest = \"sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234\"\n";
const IMAGE: &str = "image = \"sourcescan/cargo-near:0.22.0-rust-1.97.1\"\n";
const REPOSITORY: &str = "https://github.com/example/app";

/// Rust 1.86 with cargo-near 0.18.
fn older_image(made: &Made) {
    let image = "image = \"sourcescan/cargo-near:0.18.0-rust-1.86.0\"\n";
    made.replace(M, IMAGE, image);
    let digest = "image_digest = \"sha256:2d0d458d2357277df669eac6fa23a1ac922e5ed16646e1d3315336e4dff18043\"\n";
    made.replace(M, DIGEST, digest);
}

/// cargo-near 0.13 with Rust 1.86.
fn oldest_image(made: &Made) {
    made.replace(M, IMAGE, "image = \"sourcescan/cargo-near:0.13.6-rust-1.86.0\"\n");
    let digest = "image_digest = \"sha256:589c460a6dd7c66656206ab8fc94db5d74d10feb4126af26e7c67ad0407086b8\"\n";
    made.replace(M, DIGEST, digest);
}

fn sdk(made: &Made, requirement: &str, version: &str) {
    made.replace(M, "near-sdk = \"5.29\"", &format!("near-sdk = \"{requirement}\""));
    made.replace("Cargo.lock", "version = \"5.29.0\"", &format!("version = \"{version}\""));
}

fn command(made: &Made, command: &str) {
    made.replace(M, COMMAND, command);
}

fn git_dependency(made: &Made, named: &str, source: &str) {
    made.replace(M, "near-sdk = \"5.29\"", &format!("near-sdk = \"5.29\"\nd = {{ {named} }}"));
    made.replace("Cargo.lock", " \"near-sdk\",\n", " \"d\",\n \"near-sdk\",\n");
    let lock = made.read("Cargo.lock");
    made.write(
        "Cargo.lock",
        format!("{lock}\n[[package]]\nname = \"d\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n"),
    );
}

fn builder(made: &Made, version: &str) {
    let text = made.read(M);
    made.write(M, format!("{text}\n[build-dependencies]\ncargo-near-build = \"*\"\n"));
    made.replace("Cargo.lock", " \"near-sdk\",\n", " \"cargo-near-build\",\n \"near-sdk\",\n");
    let lock = made.read("Cargo.lock");
    made.write(
        "Cargo.lock",
        format!("{lock}\n[[package]]\nname = \"cargo-near-build\"\nversion = \"{version}\"\nsource = \"r\"\n"),
    );
}

fn config(made: &Made, text: &str) {
    made.write(".cargo/config.toml", text);
}

fn rows() -> Vec<Row> {
    use FindingCode::*;
    let unlisted = |made: &Made| made.replace(M, "7467038b", "00000000");
    let mut rows = vec![
        row(NoSection, M, 2, |made| {
            let text = made.read(M);
            let (before, rest) = text.split_once("[package.metadata").unwrap();
            made.write(M, format!("{before}[dependencies]{}", rest.split_once("[dependencies]").unwrap().1));
        }),
        row(SectionMalformed, M, 13, |made| made.replace(M, "passed_env = []", "passed_env = 1")),
        row(SectionMalformed, M, 10, |made| made.replace(M, IMAGE, "")),
        row(UnknownKeys, M, 13, |made| made.replace(M, "passed_env = []", "passed_envs = []")),
        row(NoDigest, M, 11, |made| made.replace(M, DIGEST, "")),
        row(NoDigest, M, 11, |made| made.replace(M, DIGEST, "image_digest = \"\"\n")),
        row(ImageMalformed, M, 12, |made| made.replace(M, "sha256:7467", "SHA256:7467")),
        row(ImageMalformed, M, 11, |made| made.replace(M, "sourcescan/", "Source Scan/")),
        row(TagDigestMismatch, M, 11, |made| made.replace(M, "0.22.0-rust-1.97.1", "0.21.1-rust-1.96.0")),
        row(UnlistedImage, M, 12, unlisted),
        row(ImageTooOld, M, 11, older_image),
        row(ImageTooOld, M, 11, |made| {
            older_image(made);
            sdk(made, "5.23", "5.23.0");
            made.replace(M, "edition = \"2021\"", "edition = \"2021\"\nrust-version = \"1.90\"");
            // One line more stands before the section, and one less.
            made.replace(M, "\n\n[lib]", "\n[lib]");
        }),
        row(ImageTooNew, M, 11, |made| sdk(made, "5.26", "5.26.1")),
        row(ImageNoOutputPath, M, 11, |made| {
            oldest_image(made);
            sdk(made, "5.24", "5.24.0");
        }),
        row(CommandMissing, M, 10, |made| made.replace(M, &format!("container_build_command = {COMMAND}\n"), "")),
        row(CommandMalformed, M, 14, |made| command(made, "[]")),
        row(CommandNoLocked, M, 14, |made| {
            command(made, "[\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\", \"--no-locked\"]")
        }),
        row(CommandNotLocked, M, 14, |made| {
            command(made, "[\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\"]")
        }),
        row(CommandManifestPath, M, 14, |made| {
            command(
                made,
                "[\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\", \"--locked\", \"--manifest-path\", \"x\"]",
            )
        }),
        row(CustomBuildCommand, M, 14, |made| command(made, "[\"./build.sh\"]")),
        row(CustomBuildCommand, M, 13, |made| made.replace(M, "passed_env = []", "passed_env = [\"RUSTC\"]")),
        row(PassedEnv, M, 13, |made| made.replace(M, "passed_env = []", "passed_env = [\"RELEASE\"]")),
        row(PassedEnvSecret, M, 13, |made| made.replace(M, "passed_env = []", "passed_env = [\"API_KEY\"]")),
        row(AbiNotEmbedded, M, 14, |made| command(made, &COMMAND.replace("]", ", \"--no-abi\"]"))),
        row(NotACdylib, M, 8, |made| made.replace(M, "\"cdylib\", ", "")),
        row(NoRepository, M, 1, |made| {
            made.replace(M, &format!("repository = \"{REPOSITORY}\""), "description = \"\"")
        }),
        row(RepositoryNotHttps, M, 5, |made| made.replace(M, REPOSITORY, "git@github.com:example/app.git")),
        row(RepositoryNotHttps, M, 5, |made| made.replace(M, REPOSITORY, "http://github.com/example/app")),
        row(RepositoryCredentials, M, 5, |made| made.replace(M, REPOSITORY, "https://me:word@github.com/example/app")),
        row(RepositoryNotCloneable, M, 5, |made| {
            made.replace(M, REPOSITORY, "https://github.com/example/app/tree/main/x")
        }),
        // As cargo-near's template has it before it is filled in.
        row(RepositoryNotCloneable, M, 5, |made| made.replace(M, REPOSITORY, "https://github.com/<xxx>/<xxx>")),
        row(RepositoryNotRemote, M, 5, |made| made.replace(M, REPOSITORY, "https://github.com/example/other")),
        row(LocalSource, M, 5, |made| {
            made.replace(M, REPOSITORY, "https://gitlab.internal/app");
            made.git(&["remote", "set-url", "origin", "https://gitlab.internal/app.git"]);
        }),
        row(LockMissing, M, 2, |made| std::fs::remove_file(made.path().join("Cargo.lock")).unwrap()),
        row(LockNotCommitted, "Cargo.lock", 0, |made| made.write(".gitignore", "/target\nCargo.lock\n")),
        row(LockStale, M, 17, |made| made.replace(M, "\"5.29\"", "\"6\"")),
        row(LockStale, M, 18, |made| made.replace(M, "\"5.29\"", "\"5.29\"\nborsh = \"1\"")),
        row(LockStale, M, 3, |made| made.replace(M, "version = \"0.1.0\"", "version = \"0.2.0\"")),
        row(LockStale, M, 20, |made| {
            made.replace(M, "version = \"0.1.0\"", "version.workspace = true");
            let text = made.read(M);
            made.write(M, format!("{text}\n[workspace.package]\nversion = \"0.2.0\"\n"));
        }),
        // One that was removed.
        row(LockStale, "Cargo.lock", 0, |made| {
            made.replace("Cargo.lock", " \"near-sdk\",\n", " \"borsh\",\n \"near-sdk\",\n");
            let lock = made.read("Cargo.lock");
            made.write(
                "Cargo.lock",
                format!("{lock}\n[[package]]\nname = \"borsh\"\nversion = \"1.0.0\"\nsource = \"r\"\n"),
            );
        }),
        row(LockStale, "Cargo.lock", 0, |made| made.write("Cargo.lock", "= =\n")),
        row(LockTooNew, "Cargo.lock", 1, |made| {
            let image = "image = \"sourcescan/cargo-near:0.14.0-rust-1.77.0\"\n";
            made.replace(M, IMAGE, image);
            unlisted_digest(made);
            sdk(made, "5.23", "5.23.0");
        }),
        row(DependencyOutside, M, 18, |made| {
            git_dependency(made, "path = \"../d\"", "");
            made.replace("Cargo.lock", "source = \"\"\n", "");
        }),
        row(DependencyOutside, M, 18, |made| {
            git_dependency(made, "path = \"/home/me/d\"", "");
            made.replace("Cargo.lock", "source = \"\"\n", "");
        }),
        row(DependencyByBranch, M, 18, |made| {
            git_dependency(
                made,
                "git = \"https://h.example/d\", branch = \"main\"",
                "git+https://h.example/d?branch=main#cafe",
            )
        }),
        row(DependencyByBranch, M, 18, |made| {
            git_dependency(made, "git = \"https://h.example/d\"", "git+https://h.example/d#cafe")
        }),
        row(DependencyBySsh, M, 18, |made| {
            git_dependency(
                made,
                "git = \"ssh://git@h.example/d\", rev = \"cafe\"",
                "git+ssh://git@h.example/d?rev=cafe#cafe",
            )
        }),
        row(SdkTooOld, M, 17, |made| {
            older_image(made);
            sdk(made, "5.1", "5.1.0");
        }),
        row(SdkNoOutputPath, M, 17, |made| {
            older_image(made);
            sdk(made, "5.11", "5.11.0");
        }),
        row(BuilderTooOld, M, 20, |made| builder(made, "0.5.1")),
        row(ToolchainOverrides, "rust-toolchain.toml", 2, |made| {
            own_image(made);
            made.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.85.0\"\n");
        }),
        row(ToolchainDiffers, "rust-toolchain", 0, |made| made.write("rust-toolchain", "1.85.0\n")),
        row(ToolchainPath, "rust-toolchain.toml", 1, |made| {
            made.write("rust-toolchain.toml", "[toolchain]\npath = \"toolchain\"\n")
        }),
        row(RustcWrapper, ".cargo/config.toml", 1, |made| config(made, "[build]\nrustc-wrapper = \"sccache\"\n")),
        row(CargoAlias, ".cargo/config.toml", 2, |made| config(made, "\n[alias]\nnear = \"run\"\n")),
        row(SourcesReplaced, ".cargo/config.toml", 1, |made| {
            config(made, "[source.crates-io]\nreplace-with = \"v\"\n")
        }),
        row(PathOverrides, ".cargo/config.toml", 1, |made| config(made, "paths = [\"vendor\"]\n")),
        row(ConfigInclude, ".cargo/config.toml", 1, |made| config(made, "include = \"x.toml\"\n")),
        row(EnvNamesPrograms, ".cargo/config.toml", 1, |made| config(made, "[env]\nCC = \"evil\"\n")),
        row(BuildReadsGit, "build.rs", 2, |made| {
            made.write("build.rs", "fn main() {\n    std::process::Command::new(\"git\");\n}\n")
        }),
        row(BuildScriptMissing, M, 5, |made| {
            made.replace(M, "edition = \"2021\"", "edition = \"2021\"\nbuild = \"gone.rs\"");
        }),
        row(BuildReadsClock, "build.rs", 1, |made| {
            made.write("build.rs", "fn main() { std::time::SystemTime::now(); }\n")
        }),
        row(BuildReadsNetwork, "build.rs", 1, |made| {
            made.write("build.rs", "fn main() { std::net::TcpStream::connect(\"h:1\").unwrap(); }\n")
        }),
        row(BuildReadsEnvironment, "build.rs", 1, |made| {
            made.write("build.rs", "fn main() { std::env::var(\"MY_FLAG\").unwrap(); }\n")
        }),
        row(BuildReadsEnvironment, "src/lib.rs", 2, |made| {
            made.write("src/lib.rs", "\nconst WHO: &str = env!(\"USER\");\n")
        }),
    ];
    rows.push(Row {
        beside: &[UnlistedImage, ToolchainOverrides],
        ..row(ToolchainNotPinned, "rust-toolchain.toml", 2, |made| {
            own_image(made);
            made.write("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
        })
    });
    for row in &mut rows {
        match row.code {
            LockTooNew => row.beside = &[UnlistedImage],
            ToolchainOverrides => row.beside = &[UnlistedImage],
            _ => {}
        }
    }
    rows
}

fn unlisted_digest(made: &Made) {
    made.replace(M, "7467038b", "00000000");
}

/// An image that nobody publishes.
fn own_image(made: &Made) {
    made.replace(M, IMAGE, "image = \"ghcr.io/example/builder:1\"\n");
    unlisted_digest(made);
}

#[test]
fn each_is_found_where_it_is_and_nothing_else_is() {
    let mut wrong = Vec::new();
    for row in rows() {
        let made = Made::app();
        (row.change)(&made);
        made.push();
        let found = made.found(".");
        let expected = (row.code.code().to_owned(), Some(row.path.to_owned()), row.line);
        let others: Vec<_> = found.iter().filter(|it| **it != expected).collect();
        let is_known = |code: &str| row.beside.iter().any(|known| known.code() == code);
        if !found.contains(&expected) || others.iter().any(|(code, ..)| !is_known(code)) {
            wrong.push(format!("{expected:?}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_finding_of_a_contract_in_rust_has_a_row() {
    let elsewhere = crate::others::CODES;
    let rows = rows();
    let without: Vec<_> = FindingCode::ALL
        .iter()
        .filter(|code| !rows.iter().any(|row| row.code == **code) && !elsewhere.contains(code))
        .map(|code| code.code())
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

/// The exit code is the one of the weightiest, and the verdict follows.
#[test]
fn the_prediction_follows_from_what_is_found() {
    for (code, exit, verdict) in [
        (FindingCode::NoDigest, 1, "not-rebuildable"),
        (FindingCode::SdkTooOld, 1, "not-rebuildable"),
        (FindingCode::DependencyBySsh, 1, "not-rebuilt"),
        (FindingCode::UnlistedImage, 3, "reproduced-unvetted"),
        (FindingCode::LocalSource, 3, "reproduced-unvetted"),
        (FindingCode::RustcWrapper, 3, "reproduced-unvetted"),
        (FindingCode::BuildReadsClock, 3, "reproduced"),
        (FindingCode::PassedEnv, 0, "reproduced"),
    ] {
        let made = Made::app();
        (rows().iter().find(|row| row.code == code).unwrap().change)(&made);
        made.push();
        assert_eq!((made.lint(&[]).0, made.verdict().as_str()), (exit, verdict), "{}", code.code());
        let weight = match code.severity() {
            Severity::Breaks => 1,
            Severity::Doubt => 3,
            Severity::Note => 0,
        };
        assert_eq!(weight, exit);
    }
}

/// What concerns one variant is not held against the others.
#[test]
fn a_variant_is_judged_by_itself() {
    let made = Made::app();
    let variant =
        "[package.metadata.near.reproducible_build.variant.own]\nimage_digest = \"sha256:00\"\n\n[dependencies]";
    made.replace(M, "[dependencies]", variant);
    made.push();
    let (exit, answer) = made.lint(&[]);
    assert_eq!(exit, 1);
    let verdicts: Vec<_> = answer["contracts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), it["prediction"]["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(verdicts, [("app", "reproduced"), ("app:own", "not-rebuildable")]);
    assert_eq!(answer["findings"][0]["line"], 17);
    assert!(MANIFEST.lines().count() < 20);
}
