//! What the data tells: fingerprint and embedded modules.

use super::super::facts::{BuildPlace, Language};
use super::super::{Module, ModuleFacts};
use super::{CONTRACT, wasm};
use crate::digest::Sha256Digest;

/// A module whose data is `text` at 1 MiB, cut into two segments at every run of zeros.
fn with_data(data: &[u8]) -> Vec<u8> {
    let mut text = String::from("(module (memory 64) (func)");
    for (at, piece) in data.split(|byte| *byte == 0).scan(0, |at, piece| {
        let start = *at;
        *at += piece.len() + 1;
        Some((start, piece))
    }) {
        if !piece.is_empty() {
            let escaped: String = piece.iter().map(|byte| format!("\\{byte:02x}")).collect();
            text.push_str(&format!("(data (i32.const {}) \"{escaped}\")", 1_048_576 + at));
        }
    }
    text.push(')');
    wasm(&text)
}

#[test]
fn fingerprint_reads_panic_paths() {
    let registry = "/home/near/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f";
    let data = [
        "called `Option::unwrap()` on a `None` value",
        &format!("{registry}/near-sdk-5.24.0/src/collections/vec.rs"),
        &format!("{registry}/base64-0.22.1/src/engine/mod.rs"),
        &format!("{registry}/foo-2-1.0.0-rc.1+build/src/lib.rs"),
        &format!("{registry}/no-version/src/lib.rs"),
        "/home/near/.cargo/git/checkouts/near-sdk-rs-5fa5a2b7d4d1c3e9/30ee2ec/near-sdk/src/lib.rs",
        "/rustc/05f9846f893b09a1be1fc8560e33fc3c815cfecb/library/core/src/option.rs",
        "/rustc/short/library/core/src/option.rs",
    ]
    .concat();
    let bytes = with_data(data.as_bytes());
    let facts = ModuleFacts::of(&Module::parse(&bytes).unwrap()).fingerprint;
    let crates: Vec<String> = facts.crates.iter().map(|c| format!("{} {}", c.name, c.version)).collect();
    assert_eq!(crates, ["base64 0.22.1", "foo-2 1.0.0-rc.1+build", "near-sdk 5.24.0"]);
    assert_eq!((facts.git[0].repository.as_str(), facts.git[0].rev.as_str()), ("near-sdk-rs", "30ee2ec"));
    assert_eq!(facts.rustc.as_deref(), Some("1.86.0"));
    assert_eq!(facts.build_home.as_deref(), Some("/home/near"));
    assert_eq!(facts.build_place, Some(BuildPlace::Container));
    assert_eq!(facts.language.unwrap().name, Language::Rust);
}

#[test]
fn fingerprint_tells_build_homes_apart() {
    let rows = [
        ("/home/near/.cargo", "/home/near", BuildPlace::Container),
        ("/usr/local/cargo", "/usr/local/cargo", BuildPlace::Container),
        ("/home/runner/.cargo", "/home/runner", BuildPlace::CiRunner),
        ("/Users/alice/.cargo", "/Users/alice", BuildPlace::Personal),
        ("C:\\Users\\alice\\.cargo", "/Users/alice", BuildPlace::Personal),
        ("/nix/store/abc-vendor", "/nix/store/abc-vendor", BuildPlace::Nix),
        ("/root/.cargo", "/root", BuildPlace::Other),
    ];
    for (cargo, home, place) in rows {
        let bytes = with_data(format!("src/lib.rs{cargo}/registry/src/x-1/near-sdk-5.0.0/src/lib.rs").as_bytes());
        let facts = ModuleFacts::of(&Module::parse(&bytes).unwrap()).fingerprint;
        assert_eq!((facts.build_home.as_deref(), facts.build_place), (Some(home), Some(place)), "{cargo}");
    }
    let bytes = with_data(b"cannot read property '%s' of undefined");
    assert_eq!(
        ModuleFacts::of(&Module::parse(&bytes).unwrap()).fingerprint.language.unwrap().name,
        Language::Javascript
    );
    let bytes = with_data(b"3.4.0; MicroPython v1.27.0");
    assert_eq!(ModuleFacts::of(&Module::parse(&bytes).unwrap()).fingerprint.language.unwrap().name, Language::Python);
    let bytes = with_data(b"nothing");
    let facts = ModuleFacts::of(&Module::parse(&bytes).unwrap()).fingerprint;
    assert_eq!((facts.rustc_commit, facts.build_home, facts.language), (None, None, None));
    assert!(facts.crates.is_empty() && facts.git.is_empty());
}

#[test]
fn modules_in_split_data_are_found_whole() {
    let inner = wasm(CONTRACT);
    let mut data = b"\0asm\x01\0\0\0 not a module".to_vec();
    data.extend(&inner);
    data.extend(b"\0\0\0\0trailing text");
    data.extend(&inner);
    let bytes = with_data(&data);
    let embedded = ModuleFacts::of(&Module::parse(&bytes).unwrap()).embedded;
    let hash = Sha256Digest::of(&inner);
    assert_eq!(embedded.len(), 2);
    assert!(embedded.iter().all(|found| found.code_hash == hash && found.size == inner.len()));
}

#[test]
fn many_false_modules_cost_little() {
    // Each preamble is followed by a code section that claims all the rest and is malformed at its end.
    let mut data: Vec<u8> = Vec::new();
    for _ in 0..60_000 {
        data.extend(b"\0asm\x01\0\0\0\x0a\xff\xff\x07");
    }
    let mut bytes = wasm("(module (memory 64) (func))");
    let mut body = vec![1, 0, 0x41, 0, 0x0b];
    let mut size = data.len();
    while size >= 0x80 {
        body.push(size as u8 | 0x80);
        size >>= 7;
    }
    body.push(size as u8);
    body.extend(data);
    bytes.push(11);
    let mut size = body.len();
    while size >= 0x80 {
        bytes.push(size as u8 | 0x80);
        size >>= 7;
    }
    bytes.push(size as u8);
    bytes.extend(body);
    let module = Module::parse(&bytes).unwrap();
    assert_eq!(module.data().len(), 1);
    assert!(ModuleFacts::of(&module).embedded.is_empty());
}

#[test]
fn a_megabyte_of_paths_is_read_in_one_pass() {
    // Every path goes on where the one before ended, so that a search back to the first character would be quadratic.
    let data = "/home/near/.cargo/registry/src/x-1/near-sdk-5.0.0".repeat(20_000);
    let bytes = with_data(data.as_bytes());
    let facts = ModuleFacts::of(&Module::parse(&bytes).unwrap()).fingerprint;
    assert_eq!(facts.build_home.as_deref(), Some("/home/near"));
    assert_eq!(facts.crates.len(), 1);
}
