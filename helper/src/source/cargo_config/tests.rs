//! Every key of cargo configuration that takes the place of something, and honest configuration beside it.

use super::*;
use crate::source::packages::{Manifests, Packages};

const COMMAND: &str = "cargo near build non-reproducible-wasm --locked";

fn facts(files: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (path, text) in files {
        facts.look(path.as_bytes(), text.len() as u64, &mut text.as_bytes()).unwrap();
    }
    facts
}

fn found(facts: &Facts, folder: &str) -> CargoConfig {
    let command: Vec<String> = COMMAND.split(' ').map(str::to_owned).collect();
    examine(facts, Scope::Above(folder), &command)
}

fn doubts(text: &str) -> Vec<&'static str> {
    let config = found(&facts(&[(".cargo/config.toml", text)]), "contracts/app");
    config.doubts.iter().map(|notice| notice.code().code()).collect()
}

#[test]
fn what_takes_the_place_of_something_is_a_doubt() {
    for (text, doubt) in [
        ("[alias]\nnear = \"run\"", "cargo-alias"),
        ("alias.near = [\"run\", \"--quiet\"]", "cargo-alias"),
        ("alias = { \"near\" = \"run\" }", "cargo-alias"),
        ("[alias]\nbuild = \"run\"", "cargo-alias"),
        ("[alias]\nnon-reproducible-wasm = \"run\"", "cargo-alias"),
        (
            "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"",
            "sources-replaced",
        ),
        (
            "[source.\"https://github.com/a/b\"]\ngit = \"https://github.com/a/b\"\nreplace-with = \"v\"",
            "sources-replaced",
        ),
        ("[patch.crates-io]\nborsh = { path = \"borsh\" }", "sources-replaced"),
        ("[registries.crates-io]\nindex = \"sparse+https://evil.example/\"", "sources-replaced"),
        ("[registry]\nindex = \"https://evil.example\"", "sources-replaced"),
        ("paths = [\"vendor/borsh\"]", "path-overrides"),
        ("[target.wasm32-unknown-unknown.secp256k1]\nrustc-link-search = [\"lib\"]", "path-overrides"),
        ("include = \"more.toml\"", "config-include"),
        ("include = [{ path = \"more.toml\", optional = true }]", "config-include"),
        ("[build]\nrustc = \"./evil\"", "rustc-wrapper"),
        ("build.rustc-wrapper = \"sccache\"", "rustc-wrapper"),
        ("[build]\nrustc-workspace-wrapper = \"./evil\"", "rustc-wrapper"),
        ("[target.wasm32-unknown-unknown]\nlinker = \"rust-lld\"", "rustc-wrapper"),
        ("[target.'cfg(target_family=\"wasm\")']\nlinker = \"lld\"", "rustc-wrapper"),
        ("[target.x86_64-unknown-linux-gnu]\nlinker = \"./evil\"", "rustc-wrapper"),
        ("[target.x86_64-unknown-linux-gnu]\nlinker = { path = \"evil\" }", "rustc-wrapper"),
        ("[unstable]\nhost-config = true", "rustc-wrapper"),
        ("[host]\nlinker = \"evil\"", "rustc-wrapper"),
        ("[registry]\nglobal-credential-providers = [\"./evil\"]", "rustc-wrapper"),
        ("[registries.mine]\nindex = \"https://r.example\"\ncredential-provider = \"./evil\"", "rustc-wrapper"),
        ("[env]\nPATH = { value = \"bin\", relative = true, force = true }", "env-names-programs"),
        ("[env]\nTARGET_CC = \"./evil\"", "env-names-programs"),
        ("env.LD_PRELOAD = \"/home/near/code/evil.so\"", "env-names-programs"),
        ("[alias\nnear = \"run\"", "config-include"),
        ("near = \"a\"\nnear = \"b\"", "config-include"),
        ("build = 3", "rustc-wrapper"),
    ] {
        assert_eq!(doubts(text), [doubt], "{text}");
    }
    let several = "paths = [\"x\"]\n[alias]\nnear = \"run\"\n[env]\nCC = \"x\"";
    assert_eq!(doubts(several), ["cargo-alias", "path-overrides", "env-names-programs"]);
}

/// Of the same kind as the configurations of near/mpc, near/intents and Templar, and others that many projects have.
#[test]
fn the_configuration_of_honest_projects_is_listed_and_no_doubt() {
    for (text, keys) in [
        (
            "[target.'cfg(target_arch = \"x86_64\")']\nrustflags = [\"-C\", \"target-cpu=x86-64-v3\"]\n",
            &["target.cfg(target_arch = \"x86_64\").rustflags"][..],
        ),
        (
            "[target.'cfg(all(near, target_family=\"wasm\"))']\nrustflags = [\"--remap-path-prefix=.=src\"]\n\
          [env]\nAPP_OUT_DIR = { value = \"res\", relative = true }\n[alias]\nintegration = \"test -p app-tests --features\"\n",
            &["alias.integration", "env.APP_OUT_DIR", "target.cfg(all(near, target_family=\"wasm\")).rustflags"],
        ),
        (
            "[env]\nCARGO_WORKSPACE_DIR = { value = \"\", relative = true }\n[target.wasm32-unknown-unknown]\nrustflags = []\n",
            &["env.CARGO_WORKSPACE_DIR", "target.wasm32-unknown-unknown.rustflags"],
        ),
        (
            "[build]\ntarget = \"wasm32-unknown-unknown\"\nrustflags = \"-C link-arg=-s\"\njobs = 2\n",
            &["build.jobs", "build.rustflags", "build.target"],
        ),
        (
            "[target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\nrunner = \"./run\"\n[net]\ngit-fetch-with-cli = true\n",
            &[
                "net.git-fetch-with-cli",
                "target.x86_64-unknown-linux-gnu.linker",
                "target.x86_64-unknown-linux-gnu.runner",
            ],
        ),
        (
            "[profile.release]\nopt-level = \"z\"\n[registries.crates-io]\nprotocol = \"sparse\"\n[source]\n",
            &["profile.release.opt-level", "registries.crates-io", "source"],
        ),
        ("", &[]),
    ] {
        let config = found(&facts(&[(".cargo/config.toml", text)]), "contracts/app");
        assert_eq!(config.doubts, BTreeSet::new(), "{text}");
        let expected: Vec<String> = keys.iter().map(|key| format!(".cargo/config.toml: {key}")).collect();
        let mut keys = config.keys;
        keys.sort_unstable();
        assert_eq!(keys, expected, "{text}");
    }
}

#[test]
fn only_files_that_cargo_reads_count_and_all_of_them() {
    let alias = "[alias]\nnear = \"run\"";
    for (path, counts) in [
        (".cargo/config.toml", true),
        (".cargo/config", true),
        ("contracts/.cargo/config.toml", true),
        ("contracts/app/.cargo/config", true),
        ("contracts/other/.cargo/config.toml", false),
        ("contracts/app/src/.cargo/config.toml", false),
        ("contracts/app2/.cargo/config.toml", false),
        ("cargo/config.toml", false),
        ("contracts/app/config.toml", false),
    ] {
        assert_eq!(!found(&facts(&[(path, alias)]), "contracts/app").doubts.is_empty(), counts, "{path}");
    }
    // Both names in one folder: cargo takes one of them, and here both are looked at.
    let both = facts(&[(".cargo/config", ""), (".cargo/config.toml", alias)]);
    assert!(!found(&both, "").doubts.is_empty());
}

#[test]
fn what_cannot_be_read_is_a_doubt() {
    let mut facts = Facts::default();
    facts.look(b".cargo/config.toml", 3, &mut &b"\xff\xfe\n"[..]).unwrap();
    assert!(facts.unread.iter().eq([".cargo/config.toml"]));
    assert!(found(&facts, "app").doubts.contains(&Notice::ConfigInclude));
    let mut facts = Facts::default();
    facts.look(b"app/.cargo/config", 1 << 30, &mut &b"#"[..]).unwrap();
    assert!(found(&facts, "app").doubts.contains(&Notice::ConfigInclude));
    for link in [".cargo", "app/.cargo", ".cargo/config", "app/.cargo/config.toml"] {
        let mut facts = Facts::default();
        facts.link(link.as_bytes());
        assert!(found(&facts, "app").doubts.contains(&Notice::ConfigInclude), "{link}");
        assert!(found(&facts, "").doubts.is_empty() == link.starts_with("app"), "{link}");
    }
}

/// The second name is the first, to a reader of text; to cargo it is another folder.
#[test]
fn a_path_that_is_not_text_hides_nothing() {
    let mut facts = facts(&[("\u{fffd}/.cargo/config.toml", "[alias]\nnear = \"run\"")]);
    facts.look(b"\xff/.cargo/config.toml", 0, &mut &b""[..]).unwrap();
    let doubts = found(&facts, "\u{fffd}").doubts;
    assert_eq!(doubts, BTreeSet::from([Notice::CargoAlias, Notice::ConfigInclude]));
    facts.look("\u{fffd}.rs".as_bytes(), 5, &mut &b"git2::"[..]).unwrap();
    facts.look(b"\xff.rs", 0, &mut &b""[..]).unwrap();
    assert!(facts.rust["\u{fffd}.rs"].as_build_script);
}

#[test]
fn where_the_folder_of_the_contract_is_a_link_its_configuration_is_not_seen() {
    let mut facts = facts(&[("real/app/.cargo/config.toml", "[alias]\nnear = \"run\"")]);
    facts.link(b"contracts");
    assert_eq!(found(&facts, "contracts/app").doubts, BTreeSet::from([Notice::ConfigInclude]));
    assert_eq!(found(&facts, "contract").doubts, BTreeSet::new());
}

#[test]
fn where_a_build_script_builds_other_packages_every_folder_counts() {
    let lock = "[[package]]\nname = \"factory\"\nversion = \"1.0.0\"\n";
    let tree = facts(&[
        ("factory/Cargo.toml", "[package]\nname = \"factory\""),
        ("factory/Cargo.lock", lock),
        ("factory/build.rs", "fn main() { cargo_near_build::build(Default::default()); }"),
        ("my.cargo/child/.cargo/config.toml", "[alias]\nnear = \"run\""),
        (".cargo/config.toml", "[net]\nretry = 3"),
    ]);
    assert!(Packages::of(&Manifests::of(&tree), "factory").nests());
    assert_eq!(found(&tree, "factory").doubts, BTreeSet::new());
    let all = examine(&tree, Scope::Everywhere, &["cargo".to_owned()]);
    assert_eq!(all.doubts, BTreeSet::from([Notice::CargoAlias]));
    assert_eq!(all.keys, [".cargo/config.toml: net.retry", "my.cargo/child/.cargo/config.toml: alias.near"]);
}

#[test]
fn a_toolchain_by_its_path_is_a_doubt_in_the_nearest_file() {
    let by_path = "[toolchain]\npath = \"./toolchain\"";
    let by_name = "[toolchain]\nchannel = \"1.85.0\"";
    for (files, expected) in [
        (&[("rust-toolchain.toml", by_path)][..], true),
        (&[("app/rust-toolchain", by_path)], true),
        (&[("rust-toolchain.toml", by_path), ("app/rust-toolchain.toml", by_name)], false),
        (&[("rust-toolchain", by_name), ("rust-toolchain.toml", by_path)], false),
        (&[("other/rust-toolchain.toml", by_path)], false),
        (&[("rust-toolchain", "1.85.0\n")], false),
        (&[("rust-toolchain", "/home/near/code/tc\n")], true),
        (&[("rust-toolchain.toml", "[toolchain]\nchannel = \"/home/near/code/tc\"")], true),
        (&[], false),
    ] {
        assert_eq!(names_toolchain_by_path(&facts(files), "app"), expected, "{files:?}");
    }
    let mut linked = facts(&[("rust-toolchain.toml", by_name)]);
    linked.link(b"app/rust-toolchain.toml");
    assert!(names_toolchain_by_path(&linked, "app"));
}

#[test]
fn what_runs_is_listed_for_the_packages_of_the_contract() {
    let lock = "[[package]]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\n \"derive\",\n \"lib\",\n]\n\
        [[package]]\nname = \"derive\"\nversion = \"1.0.0\"\n[[package]]\nname = \"lib\"\nversion = \"1.0.0\"\n\
        [[package]]\nname = \"node\"\nversion = \"1.0.0\"\n";
    let all = facts(&[
        ("Cargo.lock", lock),
        ("Cargo.toml", "[workspace]"),
        ("app/Cargo.toml", "[package]\nname = \"app\""),
        ("app/build.rs", "fn main() {}"),
        ("derive/Cargo.toml", "[package]\nname = \"derive\"\nbuild = false\n[lib]\nproc-macro = true"),
        ("derive/build.rs", "fn main() {}"),
        ("lib/Cargo.toml", "[package]\nname = \"lib\"\nbuild = \"./tools/make.rs\""),
        ("lib/tools/make.rs", "fn main() {}"),
        ("node/Cargo.toml", "[package]\nname = \"node\""),
        ("node/build.rs", "fn main() {}"),
    ]);
    let tree = Packages::of(&Manifests::of(&all), "app").tree(vec![".cargo/config.toml: net.retry".to_owned()]);
    assert_eq!(tree.build_scripts, ["app/build.rs", "lib/tools/make.rs"]);
    let mut linked = facts(&[("Cargo.toml", "[package]\nname = \"app\"")]);
    linked.link(b"build.rs");
    assert_eq!(Packages::of(&Manifests::of(&linked), "").tree(Vec::new()).build_scripts, ["build.rs"]);
    let keys = (0..70).map(|n| format!("k{n}")).collect();
    let cut = Packages::of(&Manifests::of(&linked), "").tree(keys).cargo_config;
    assert_eq!((cut.len(), cut[62].as_str(), cut[63].as_str()), (64, "k62", "and 7 more"));
    assert_eq!(tree.proc_macros, ["derive"]);
    assert_eq!(tree.cargo_config, [".cargo/config.toml: net.retry"]);
}
