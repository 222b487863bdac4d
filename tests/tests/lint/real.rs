//! What public repositories taught: each of these was found where nothing was wrong.

use crate::made::{LOCK, MANIFEST, Made};

/// The build script builds another contract and says where it is.
#[test]
fn a_variable_that_the_build_script_sets_is_not_the_builders() {
    for script in [
        "fn main() { let key = \"OTHER_WASM\"; cargo_near_build::extended::build(key); }\n",
        "fn main() { println!(\"cargo::rustc-env=OTHER_WASM=x\"); }\n",
    ] {
        let made = Made::app();
        made.write("build.rs", script);
        made.write("src/lib.rs", "const OTHER: &[u8] = include_bytes!(env!(\"OTHER_WASM\"));\n");
        made.push();
        assert_eq!(made.found("."), [], "{script}");
        made.write("build.rs", "fn main() {}\n");
        made.push();
        assert_eq!(made.found(".").len(), 1, "{script}");
    }
}

/// A lock file does not say which dependencies are of tests alone.
#[test]
fn what_only_tests_need_is_no_part_of_the_contract() {
    let made = Made::app();
    made.write("Cargo.toml", format!("{MANIFEST}\n[dev-dependencies]\nservice = {{ path = \"service\" }}\n"));
    made.write("service/Cargo.toml", "[package]\nname = \"service\"\nversion = \"0.1.0\"\n");
    made.write("service/build.rs", "fn main() { if std::env::var(\"CI\").is_ok() {} std::time::SystemTime::now(); }\n");
    let lock = LOCK.replace("\n \"near-sdk\",\n", "\n \"near-sdk\",\n \"service\",\n");
    made.write("Cargo.lock", format!("{lock}\n[[package]]\nname = \"service\"\nversion = \"0.1.0\"\n"));
    made.push();
    assert_eq!(made.found("."), []);
}

/// near-sdk is made to be used outside of contracts too, and says so by a feature.
#[test]
fn a_library_that_talks_to_contracts_is_none() {
    let made = Made::app();
    let client = "[package]\nname = \"client\"\nversion = \"0.1.0\"\n[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\n\
        near-sdk = { version = \"5\", features = [\"non-contract-usage\"] }\n";
    made.write("client/Cargo.toml", client);
    made.push();
    assert_eq!(made.found("."), []);
}

/// A member adds features to what it has of the workspace.
#[test]
fn a_feature_beside_what_the_workspace_says_counts_too() {
    let made = Made::app();
    let shared = "[workspace]\nmembers = [\"fuzz\"]\n[workspace.dependencies]\nnear-sdk = \"5.29\"\n";
    made.write("Cargo.toml", format!("{MANIFEST}\n{shared}"));
    let lock = "\n[[package]]\nname = \"fuzz\"\nversion = \"0.1.0\"\ndependencies = [\n \"near-sdk\",\n]\n";
    made.write("Cargo.lock", format!("{LOCK}{lock}"));
    let fuzz = |features: &str| {
        format!(
            "[package]\nname = \"fuzz\"\nversion = \"0.1.0\"\n[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\n\
             near-sdk = {{ workspace = true{features} }}\n"
        )
    };
    made.write("fuzz/Cargo.toml", fuzz(""));
    made.push();
    assert_eq!(made.found(".").len(), 1, "a contract without a section");
    made.write("fuzz/Cargo.toml", fuzz(", features = [\"non-contract-usage\"]"));
    made.push();
    assert_eq!(made.found("."), []);
}

/// The same contract in two languages, side by side: what is wrong with one is not held against the other.
#[test]
fn contracts_of_one_name_are_judged_each_by_itself() {
    let made = Made::empty();
    made.write("rs/Cargo.toml", MANIFEST);
    made.write("rs/Cargo.lock", LOCK);
    made.write("rs/src/lib.rs", "");
    made.write("ts/package.json", "{ \"name\": \"app\", \"dependencies\": { \"near-sdk-js\": \"2.0.0\" } }");
    made.push();
    let (_, answer) = made.lint(&[]);
    let verdicts: Vec<_> = answer["contracts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), it["prediction"]["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(verdicts, [("app", "reproduced"), ("app (ts)", "not-rebuildable")]);
}
