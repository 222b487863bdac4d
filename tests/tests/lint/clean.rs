//! Repositories in which nothing is found.

use crate::made::{LOCK, MANIFEST, Made};

fn assert_clean(made: &Made, folder: &str) {
    let (exit, answer) = made.lint(&[folder]);
    assert_eq!((exit, answer["findings"].as_array().unwrap().len()), (0, 0), "{answer:#}");
    for contract in answer["contracts"].as_array().unwrap() {
        assert_eq!(contract["prediction"]["verdict"], "reproduced", "{answer:#}");
    }
}

/// The contracts that were found.
fn contracts(made: &Made) -> Vec<String> {
    let (_, answer) = made.lint(&[]);
    answer["contracts"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_single_crate() {
    let made = Made::app();
    made.push();
    assert_clean(&made, ".");
    assert_eq!(contracts(&made), ["app"]);
}

/// A workspace whose members inherit from it, linted from its root and from the member.
#[test]
fn a_member_of_a_workspace() {
    let made = workspace();
    made.push();
    assert_clean(&made, ".");
    assert_clean(&made, "contracts/app");
    assert_eq!(contracts(&made), ["app"]);
}

fn workspace() -> Made {
    let made = Made::empty();
    let root = "[workspace]\nresolver = \"2\"\nmembers = [\"contracts/*\", \"lib\"]\n\n[workspace.package]\nversion = \"0.1.0\"\n\
        repository = \"https://github.com/example/app\"\n\n[workspace.dependencies]\nnear-sdk = \"5.29\"\nlib = { path = \"lib\" }\n";
    made.write("Cargo.toml", root);
    let member = MANIFEST
        .replace("version = \"0.1.0\"", "version.workspace = true")
        .replace("repository = \"https://github.com/example/app\"", "repository.workspace = true")
        .replace("near-sdk = \"5.29\"", "near-sdk.workspace = true\nlib.workspace = true");
    made.write("contracts/app/Cargo.toml", member);
    made.write("contracts/app/src/lib.rs", "");
    made.write("lib/Cargo.toml", "[package]\nname = \"lib\"\nversion = \"0.2.0\"\n");
    made.write("lib/src/lib.rs", "");
    let lock = LOCK.replace(" \"near-sdk\",\n", " \"lib\",\n \"near-sdk\",\n");
    made.write("Cargo.lock", format!("{lock}\n[[package]]\nname = \"lib\"\nversion = \"0.2.0\"\n"));
    made
}

/// The build script of a factory builds its product by cargo-near-build.
#[test]
fn a_factory_with_a_product() {
    let made = Made::empty();
    let factory =
        MANIFEST.replace("name = \"app\"", "name = \"factory\"").replace("[lib]", "build = \"build.rs\"\n\n[lib]");
    made.write("factory/Cargo.toml", format!("{factory}\n[build-dependencies]\ncargo-near-build = \"0.11\"\n"));
    made.write("factory/build.rs", "fn main() { cargo_near_build::extended::build(opts()); }\n");
    made.write("factory/src/lib.rs", "");
    made.write("product/Cargo.toml", MANIFEST.replace("name = \"app\"", "name = \"product\""));
    made.write("product/src/lib.rs", "");
    made.write("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"factory\", \"product\"]\n");
    let builder = "\n[[package]]\nname = \"cargo-near-build\"\nversion = \"0.11.5\"\n\
        source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let product = "\n[[package]]\nname = \"product\"\nversion = \"0.1.0\"\ndependencies = [\n \"near-sdk\",\n]\n";
    let lock = LOCK
        .replace("name = \"app\"", "name = \"factory\"")
        .replace("\n \"near-sdk\"", "\n \"cargo-near-build\",\n \"near-sdk\"");
    made.write("Cargo.lock", lock + builder + product);
    made.push();
    assert_clean(&made, ".");
    assert_eq!(contracts(&made), ["factory", "product"]);
}

#[test]
fn a_variant() {
    let made = Made::app();
    let command = "container_build_command = [\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\", \"--locked\", \"--features\", \"x\"]";
    made.replace(
        "Cargo.toml",
        "[dependencies]",
        &format!("[package.metadata.near.reproducible_build.variant.x]\n{command}\n\n[dependencies]"),
    );
    made.push();
    assert_clean(&made, ".");
    assert_eq!(contracts(&made), ["app", "app:x"]);
}

/// The names of all kinds of dependencies, in each spelling that cargo takes.
#[test]
fn what_a_manifest_names_in_some_way_is_not_left_over_in_the_lock_file() {
    let made = Made::app();
    let text = made.read("Cargo.toml");
    let named = "other = { package = \"renamed\", version = \"1\" }\n[build_dependencies]\nbuilt = \"1\"\n\
        [dev_dependencies]\ntested = \"1\"\n[target.'cfg(unix)'.dependencies]\nof-unix = { version = \"1\", optional = true }\n";
    made.write("Cargo.toml", text + named);
    let names = ["built", "of-unix", "renamed", "tested"];
    let listed: String = names.iter().map(|name| format!(" \"{name}\",\n")).collect();
    let entries: String = names
        .iter()
        .map(|name| format!("\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"r\"\n"))
        .collect();
    made.write("Cargo.lock", LOCK.replace(" \"near-sdk\",\n", &format!("{listed} \"near-sdk\",\n")) + &entries);
    made.push();
    assert_clean(&made, ".");
}

/// Each of these looks like something that is found, and is not.
#[test]
fn what_only_looks_wrong_is_not_found() {
    let made = Made::app();
    // A copy of a repository has other times than git remembers.
    made.push();
    let text = made.read("src/lib.rs");
    std::fs::remove_file(made.path().join("src/lib.rs")).unwrap();
    made.write("src/lib.rs", text);
    // Honest cargo configuration, attributes that say what is so anyway, a build script that asks for what cargo sets.
    made.write(".cargo/config.toml", "[alias]\nxtask = \"run --package xtask\"\n[net]\nretry = 3\n");
    made.write(".gitattributes", "* text=auto\n*.png binary\n");
    made.write(
        "build.rs",
        "fn main() { println!(\"{}\", std::env::var(\"OUT_DIR\").unwrap()); }\n// std::time::SystemTime::now()\n\
        // We do not call `git rev-parse`.\nfn load() { prebuilt::load(); }\n",
    );
    made.write("tests/sandbox.rs", "const WHERE: &str = env!(\"SANDBOX\");\n");
    made.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.97.1\"\n");
    made.push();
    assert_clean(&made, ".");
    made.write("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    // The page of a fork's remote, in another spelling of the same repository.
    made.git(&["remote", "set-url", "origin", "git@github.com:Example/App.git"]);
    made.push();
    assert_clean(&made, ".");
}
