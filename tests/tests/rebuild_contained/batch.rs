//! A batch that is run again: what stands at an account is looked up by every run, and only what was rebuilt is kept.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::documents;
use provenear_tests::notary::Notary;
use serde_json::Value;

use crate::bench::{Kind, payload};
use crate::lies::Town;

/// What a run says of its one subject.
#[derive(Debug)]
struct Said {
    verdict: Value,
    code: Value,
    height: Value,
    rebuilds: Value,
    exit: Option<i32>,
}

#[test]
fn code_that_was_deployed_after_a_batch_is_seen_by_the_next() {
    let town = Town::new(Kind::Docker);
    let (published, _) = town.published();
    town.deploy("published", &published, b"");
    std::fs::write(town.bench.path("list"), "app.devnet\n").unwrap();
    let batch_with = |more: &[&str]| {
        town.devnet.forget();
        let mut command = town.command(&[&["batch", "list"], more].concat(), &published);
        let out = command.current_dir(town.bench.folder.path()).output().unwrap();
        let lines = documents::read_lines(&out.stdout).unwrap();
        let [answer, summary] = lines.as_slice() else {
            panic!("{lines:?} {}", String::from_utf8_lossy(&out.stderr));
        };
        assert!(!town.devnet.received().is_empty(), "nobody was asked");
        let of = |pointer: &str| answer.pointer(pointer).cloned().unwrap_or_else(|| panic!("{answer}"));
        Said {
            verdict: of("/verdict/code"),
            code: of("/code/code_hash"),
            height: of("/deployment/block_height"),
            rebuilds: summary["rebuilds"].clone(),
            exit: out.status.code(),
        }
    };
    let batch = || batch_with(&[]);
    // Where fences might have lacked and did not, by what was signed, it is what is kept for who wants them all.
    assert_eq!(batch_with(&["--allow-unlimited"]).rebuilds, 1);
    let first = batch();
    assert_eq!((&first.verdict, &first.rebuilds, first.exit), (&"reproduced".into(), &0.into(), Some(0)));
    // The same code at a later block: looked at, and not built again.
    town.devnet.deploy("other.devnet", b"\0asm\x01\0\0\0".to_vec());
    let again = batch();
    assert_eq!((&again.verdict, &again.rebuilds, again.exit), (&"reproduced".into(), &0.into(), Some(0)));
    assert_eq!(again.code, first.code);
    assert_ne!(again.height, first.height);
    // Other code with the same claim: measured by the rebuild that is kept.
    town.redeploy(b"\0\x02\x01y");
    let changed = batch();
    assert_eq!((&changed.verdict, &changed.rebuilds, changed.exit), (&"differs".into(), &0.into(), Some(1)));
    assert_ne!(changed.code, first.code);
    // A folder can come from elsewhere: what is kept in it counts if this run's own key signed it, and is built again otherwise.
    town.redeploy(b"");
    let stranger = Notary::named("stranger");
    let kept = std::fs::read_dir(town.bench.path("out/batch")).unwrap().map(|entry| entry.unwrap().path());
    for unit in kept.collect::<Vec<_>>() {
        let manifest = unit.join("manifest.intoto.jsonl");
        let line = stranger.sign(&payload(std::fs::read_to_string(&manifest).unwrap().trim()));
        std::fs::write(&manifest, &line).unwrap();
        let mut report: Value = serde_json::from_slice(&std::fs::read(unit.join("unit.json")).unwrap()).unwrap();
        report["key"] = stranger.public_key().to_near().into();
        for file in report["files"].as_array_mut().unwrap() {
            if file["name"] == "manifest.intoto.jsonl" {
                file["sha256"] = Sha256Digest::of(line.as_bytes()).to_hex().into();
            }
        }
        std::fs::write(unit.join("unit.json"), report.to_string()).unwrap();
    }
    let planted = batch();
    assert_eq!((&planted.verdict, &planted.rebuilds, planted.exit), (&"reproduced".into(), &1.into(), Some(0)));
}
