//! A contract in Python, by the claim that nearc makes of it. In the image a script stands for nearc: it writes into the code what nearc
//! asks git for, and leaves the wasm where nearc does.

use provenear_tests::registry::Registry;

use crate::bench::{Bench, File, Kind};

/// A module with one custom section: its length, one byte for the length of its name, the name and the text.
const NEARC: &str = r#"#!/bin/bash
set -e
source="$(git config --get remote.origin.url)#$(git rev-parse HEAD)"
for contract in __init__.py main.py; do
    if [ -f "$contract" ]; then
        printf '\0asm\1\0\0\0\0' > "${contract%.py}.wasm"
        printf "\\x$(printf %x $((${#source} + 2)))\\1s%s" "$source" >> "${contract%.py}.wasm"
        exit
    fi
done
exit 1
"#;

#[test]
fn a_rebuild_gives_nearc_the_claimed_remote_and_takes_what_it_leaves() {
    let bench = Bench::new(Kind::Docker);
    let registry = Registry::open(&bench.ground).unwrap();
    let image = registry.variant_of_programs(&[("usr/local/bin/nearc", NEARC.as_bytes())]).unwrap();
    let commit = bench.repository("greeter", &[("main.py", File::Text("import near\n"))]);
    // As nearc writes it: no path, no output, and the commit behind `#`.
    let source = format!("{}/greeter.git#{commit}", bench.git.url());
    let claim = serde_json::json!({
        "standards": [{"standard": "nep330", "version": "1.0.0"}],
        "version": "0.1.0",
        "build_info": {
            "build_environment": image.reference,
            "build_command": ["nearc"],
            "source_code_snapshot": format!("git+{source}"),
        },
    });
    let built = bench.rebuild(&claim, &[]);
    assert_eq!(built.exit, 0, "{} {}", built.json["error"], built.stderr);
    let artifact = std::fs::read(built.json["rebuild"]["artifact"]["path"].as_str().unwrap()).unwrap();
    assert!(artifact.ends_with(source.as_bytes()), "{}", String::from_utf8_lossy(&artifact));
    assert_eq!(artifact.len(), 8 + 4 + source.len());

    let commit = bench.repository("nothing", &[("contract.py", File::Text("import near\n"))]);
    let mut claim = claim;
    claim["build_info"]["source_code_snapshot"] = format!("git+{}/nothing.git#{commit}", bench.git.url()).into();
    let ended = bench.rebuild(&claim, &[]);
    assert_eq!(ended.code(), "artifact-ambiguous", "{}", ended.json["error"]);
    assert!(ended.json["error"]["message"].as_str().unwrap().contains("nearc"), "{}", ended.json["error"]);
}
