//! Puts `testdata/vectors` and `testdata/rpc` into the library, because the wasm32 run has no file system.
//! Enumerates folders: a new file is in the next run without being named anywhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    if std::env::var_os("CARGO_FEATURE_GROUND").is_none() {
        println!(
            "cargo::warning=tests that need container engines or browsers are left out here; `cargo xtask test` sets both up and runs all"
        );
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let vectors = data.join("vectors");
    println!("cargo::rerun-if-changed={}", vectors.display());
    println!("cargo::rerun-if-changed={}", data.join("rpc").display());
    let mut out = String::from(
        "/// Room, name and text of every vector.\npub(crate) const VECTORS: &[(&str, &str, &str)] = &[\n",
    );
    for room in entries(&vectors) {
        for file in entries(&room) {
            writeln!(out, "({:?}, {:?}, include_str!({:?})),", stem(&room), stem(&file), file)
                .expect("a String takes all");
        }
    }
    out.push_str("];\n/// Name and text of every recording.\npub(crate) const RECORDINGS: &[(&str, &str)] = &[\n");
    for file in entries(&data.join("rpc")) {
        if file.extension().is_some_and(|ending| ending == "json") {
            writeln!(out, "({:?}, include_str!({:?})),", stem(&file), file).expect("a String takes all");
        }
    }
    out.push_str("];\n");
    let target = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("testdata.rs");
    std::fs::write(target, out).expect("cargo's own folder can be written");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("`{}`: {error}", folder.display()));
    let mut all: Vec<PathBuf> = listed.map(|entry| entry.expect("the folder can be read").path()).collect();
    all.sort();
    all
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|name| name.to_str()).expect("test data have plain names")
}
