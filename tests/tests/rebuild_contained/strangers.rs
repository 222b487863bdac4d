//! A stranger's image: what crates.io holds is fetched without any program of it, what is elsewhere takes leave, and with
//! leave it gets the network and no password.

use std::process::Command;

use serde_json::Value;

use crate::bench::{Bench, Ended, File, Kind};
use crate::dependencies::{LOCK, MANIFEST, SOURCE};
use crate::images::{between, by};
use crate::lies::Town;

/// A cargo that says what it was given, and writes an index of its own.
const CARGO: &str = r#"#!/bin/bash
echo "cargo $1 was given ${HTTPS_PROXY:+a proxy} ${HTTPS_PROXY:-and no other}" >&2
index=$HOME/.cargo/registry/index/index.crates.io-1949cf8c6b5b557f/.cache/cf/g-
mkdir -p $index $HOME/.cargo/registry/index/elsewhere-1
echo lie > $index/cfg-if
echo index > $HOME/.cargo/registry/index/elsewhere-1/config.json
exit STATUS
"#;
/// Prints the two names of the registry, and the entry that a cargo since 1.85 reads.
const BUILD: &str = "cd $HOME/.cargo/registry/index; echo */config.json\n\
    while IFS= read -r -d '' part; do echo \"$part\"; done < index.crates.io-1949cf8c6b5b557f/.cache/cf/g-/cfg-if\n\
    cd /home/near/code; mkdir out; cp pre.wasm out/a.wasm\n";
const ELSEWHERE: &str = "\n[[package]]\nname = \"other\"\nversion = \"1.0.0\"\nsource = \"registry+https://127.0.0.1/elsewhere\"\n\
    checksum = \"aa\"\n";
/// Where nothing listens, with a password.
const PROXY: &str = "http://me:hunter2@127.0.0.1:9";

fn claim(bench: &Bench, name: &str, lock: &str, image: &str) -> Value {
    let files = [
        ("Cargo.toml", File::Text(MANIFEST)),
        ("Cargo.lock", File::Text(lock)),
        ("src/lib.rs", File::Text(SOURCE)),
        ("build.sh", File::Text(BUILD)),
        ("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0")),
    ];
    let mut claim = bench.claim(name, &bench.repository(name, &files), &["bash", "build.sh"]);
    claim["build_info"]["build_environment"] = image.into();
    claim
}

/// A rebuild, and every command that the engine got.
fn watched(bench: &Bench, claim: &Value, more: &[&str], edit: impl FnOnce(&mut Command)) -> (Ended, String) {
    let log = bench.path("engine.log");
    let _gone = std::fs::remove_file(&log);
    let engine = between(bench, &format!("echo \"$*\" >> {}; exec REAL \"$@\"", log.display()));
    let mut command = by(&engine, &bench.command(claim, more));
    edit(&mut command);
    (Ended::by(command), std::fs::read_to_string(log).unwrap())
}

fn networks(asked: &str) -> Vec<&str> {
    let made = asked.lines().filter(|line| line.starts_with("container create"));
    made.filter_map(|line| line.split(" --network ").nth(1)?.split(' ').next()).collect()
}

fn no_program_of_an_image_is_needed_for_crates_io(kind: Kind) {
    let town = Town::new(kind);
    let (_, image) = town.with_cargo("liar", &CARGO.replace("STATUS", "0"));
    let claim = claim(&town.bench, "public", LOCK, &image);
    for source in ["crates.io", "the cache"] {
        let (ended, asked) = watched(&town.bench, &claim, &[], |_| {});
        assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
        assert_eq!(networks(&asked), ["none"], "{source}: {asked}");
        assert!(!ended.stderr.contains("cargo fetch was given") && !asked.contains("cargo fetch"), "{}", ended.stderr);
        let log = ended.log();
        let lines: Vec<&str> = log.lines().collect();
        let names = "index.crates.io-1949cf8c6b5b557f/config.json index.crates.io-6f17d22bba15001f/config.json";
        // Two numbers, one of them in four bytes, a revision, then a version and its line.
        assert_eq!((lines[0], lines[4], lines[5], lines.len()), (names, "Unknown", "1.0.0", 7), "{source}: {log}");
        assert!(lines[6].contains("baf1de4339761588bc0619e3cbc0120ee582ebb74b53b4efbf79117bd2da40fd"), "{log}");
    }
    town.bench.nothing_left(&watched(&town.bench, &claim, &[], |_| {}).0, "public");
}

fn what_is_elsewhere_takes_leave_and_no_password_is_given(kind: Kind) {
    let town = Town::new(kind);
    let (accepted, image) = town.with_cargo("talker", &CARGO.replace("STATUS", "1"));
    let bench = &town.bench;
    let claim = claim(bench, "elsewhere", &ELSEWHERE.replacen('\n', "version = 3\n\n", 1), &image);
    let proxied = |more: &[&str]| {
        watched(bench, &claim, more, |command| {
            for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"] {
                command.env(name, PROXY);
            }
        })
    };
    let said = |ended: &Ended| ended.json["error"]["message"].as_str().unwrap_or_default().to_owned();

    let (refused, asked) = proxied(&[]);
    assert_eq!((refused.code(), refused.exit), ("network-needed", 5), "{}", refused.json["error"]);
    assert!(networks(&asked).iter().all(|network| *network == "none"), "{asked}");
    let message = said(&refused);
    assert!(message.contains("--trust-image-network") && message.contains(&accepted.digest), "{message}");

    let (trusted, asked) = proxied(&["--trust-image-network"]);
    assert!(networks(&asked).contains(&"bridge"), "{asked}");
    assert!(said(&trusted).contains("cargo fetch was given  and no other"), "{}", trusted.json["error"]);

    // Accepted code gets the proxy, and what it says of it is not repeated.
    let (accepted, _) = proxied(&["--accept-image", &accepted.digest]);
    assert!(
        said(&accepted).contains("cargo fetch was given a proxy http://…@127.0.0.1:9"),
        "{}",
        accepted.json["error"]
    );
    for (what, ended) in [("refused", refused), ("trusted", trusted), ("accepted", accepted)] {
        assert!(!format!("{}{}", ended.json, ended.stderr).contains("hunter2"), "{what}: {}", ended.stderr);
        bench.nothing_left(&ended, what);
    }
}

/// What the image's cargo writes of crates.io, while it fetches something else, does not go on.
fn an_index_of_crates_io_that_an_image_writes_is_not_used(kind: Kind) {
    let town = Town::new(kind);
    let (_, image) = town.with_cargo("liar", &CARGO.replace("STATUS", "0"));
    let claim = claim(&town.bench, "both", &format!("{LOCK}{ELSEWHERE}"), &image);
    for source in ["fetched", "kept"] {
        let (ended, _) = watched(&town.bench, &claim, &["--trust-image-network"], |_| {});
        assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
        let log = ended.log();
        assert!(log.starts_with("elsewhere-1/config.json ") && log.contains("baf1de43"), "{source}: {log}");
        assert!(!log.contains("lie"), "{source}: {log}");
    }
}

docker_and_podman!(
    no_program_of_an_image_is_needed_for_crates_io,
    what_is_elsewhere_takes_leave_and_no_password_is_given,
    an_index_of_crates_io_that_an_image_writes_is_not_used
);
