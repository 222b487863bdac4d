//! What a store holds after merges: the same in any order, any number of times, by several at once, and after a kill.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use provenear_shared::digest::Sha256Digest;
use provenear_tests::notary::Notary;
use serde_json::{Value, json};

use crate::bench::{Bench, Left, files, manifests_of, module};

/// Three folders with six units among them, two of which gave the same code.
fn three_machines(bench: &Bench, units: &[Value]) {
    let notaries = ["alice", "bob"].map(Notary::named);
    for (number, unit) in units.iter().enumerate() {
        let left = Left::new(unit, module(number % 5));
        left.write(&bench.path(&format!("node{}", number % 3)), Some(&notaries[number % 2]));
    }
    // A unit that two machines built, and one that was put aside by a run with another key.
    Left::new(&units[0], module(0)).write(&bench.path("node1"), Some(&notaries[1]));
    let aside = format!("{}.{}", units[1]["unit"].as_str().unwrap(), "0123456789abcdef");
    Left::new(&units[1], module(1)).write_as(&bench.path("node1"), &aside, Some(&notaries[0]));
    // What a run that was killed had begun.
    let begun = bench.path("node2").join(".provenear-a.1.2-x");
    std::fs::create_dir(&begun).unwrap();
    std::fs::write(begun.join("build.log"), "half").unwrap();
}

#[test]
fn the_store_is_the_same_in_whatever_order_and_however_often_it_is_merged() {
    let (bench, units) = Bench::planned(6);
    three_machines(&bench, &units);
    let (report, exit) = bench.merge(&["node0", "node1", "node2", "--to", "store", "--plan", "plan.json"]);
    assert_eq!((&report["taken"], &report["added"], exit), (&json!(6), &json!(8), 0), "{report}");
    let store = files(&bench.path("store"));
    let ends = |end: &str| store.iter().filter(|(name, _)| name.ends_with(end)).count();
    assert_eq!((ends(".wasm"), ends(".intoto.jsonl"), ends(".sigstore.json"), ends(".unit.json")), (5, 5, 8, 6));
    assert_eq!((ends(".log"), ends(".source.tar"), store.len()), (5, 6, 5 + 5 + 8 + 6 + 5 + 6));
    let lines = |artifact: &[u8]| {
        let text = std::fs::read_to_string(bench.path("store").join(manifests_of(artifact))).unwrap();
        text.lines().count()
    };
    assert_eq!((lines(&module(0)), lines(&module(1)), lines(&module(2))), (3, 2, 1));

    let orders = [["node0", "node2", "node1"], ["node1", "node0", "node2"], ["node2", "node1", "node0"]];
    for (number, order) in orders.iter().enumerate() {
        let to = format!("store{number}");
        assert_eq!(bench.merge(&[&order[..], &["--to", &to]].concat()).1, 0);
        assert!(files(&bench.path(&to)) == store, "{order:?}");
        // One after the other, one of them twice.
        let to = format!("slowly{number}");
        for folder in [&order[..], &order[..1]].concat() {
            assert_eq!(bench.merge(&[folder, "--to", &to]).1, 0);
        }
        assert!(files(&bench.path(&to)) == store, "{order:?} one by one");
    }
    let (report, _) = bench.merge(&["node2", "node1", "node0", "--to", "store"]);
    assert_eq!((&report["taken"], &report["added"]), (&json!(6), &json!(0)));
    assert!(files(&bench.path("store")) == store, "merged again");
    let text = bench.desk.run(&["batch", "merge", "node0", "node1", "node2", "--to", "store"]);
    assert_eq!((text.exit, text.stdout.as_str()), (0, "6 units taken, 0 new manifests\n"));
}

#[test]
fn what_another_has_put_into_the_store_stays() {
    let (bench, units) = Bench::planned(1);
    let (alice, bob) = (Notary::named("alice"), Notary::named("bob"));
    let left = Left::new(&units[0], module(0));
    left.write(&bench.path("runs"), Some(&alice));
    std::fs::create_dir(bench.path("store")).unwrap();
    let manifests = bench.path("store").join(manifests_of(&module(0)));
    let before = [bob.sign(&left.statement), "{}".to_owned(), "no JSON at all".to_owned()];
    std::fs::write(&manifests, before.join("\n")).unwrap();
    assert_eq!(bench.merge(&["runs", "--to", "store"]).1, 0);
    let after = std::fs::read_to_string(&manifests).unwrap();
    assert_eq!(after.lines().count(), 4);
    assert!(before.iter().all(|line| after.lines().any(|it| it == line)), "{after}");
}

#[test]
fn several_merges_at_once_lose_nothing() {
    let (bench, units) = Bench::planned(12);
    // All of one code, so that all of them write the same file.
    let nodes: Vec<String> = (0..4).map(|node| format!("node{node}")).collect();
    for (number, unit) in units.iter().enumerate() {
        let notary = Notary::named(&format!("key{number}"));
        Left::new(unit, module(0)).write(&bench.path(&nodes[number % 4]), Some(&notary));
    }
    let all: Vec<&str> = nodes.iter().map(String::as_str).collect();
    assert_eq!(bench.merge(&[&all[..], &["--to", "alone"]].concat()).1, 0);
    let merges: Vec<_> = [0, 1, 2, 3, 2, 1]
        .iter()
        .map(|node| {
            let mut merge = bench.desk.command(&["batch", "merge", &nodes[*node], "--to", "store"]);
            merge.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut merge in merges {
        assert_eq!(merge.wait().unwrap().code(), Some(0));
    }
    assert!(files(&bench.path("store")) == files(&bench.path("alone")));
}

/// Whatever moment it is killed at, each file that is there is whole, and the next merge makes the store that one would have made.
#[test]
fn a_merge_that_is_killed_leaves_whole_files_and_the_next_goes_on() {
    let (bench, units) = Bench::planned(12);
    for (number, unit) in units.iter().enumerate() {
        let mut left = Left::new(unit, module(number % 6));
        left.source = vec![u8::try_from(number).unwrap(); 300_000];
        let digest = json!({"sha256": Sha256Digest::of(&left.source).to_hex()});
        left.statement["predicate"]["buildDefinition"]["resolvedDependencies"][2]["digest"] = digest;
        left.write(&bench.path("runs"), Some(&Notary::named("alice")));
    }
    assert_eq!(bench.merge(&["runs", "--to", "alone"]).1, 0);
    let whole = files(&bench.path("alone"));
    let mut cut = 0;
    for round in 0..12 {
        let to = format!("store{round}");
        let mut merge = bench.desk.command(&["batch", "merge", "runs", "--to", &to]);
        let mut merge = merge.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // At another moment each time: once so many files are there.
        while count(&bench.path(&to)) < round * 4 && merge.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        let _ended = merge.kill();
        merge.wait().unwrap();
        let left = files_of_the_store(&bench.path(&to));
        cut += usize::from(left.len() < whole.len());
        for (name, bytes) in &left {
            if !name.ends_with(".intoto.jsonl") && !name.ends_with(".unit.json") {
                assert!(whole.iter().any(|(known, right)| known == name && right == bytes), "{name} is half there");
            }
        }
        assert_eq!(bench.merge(&["runs", "--to", &to]).1, 0);
        assert!(files_of_the_store(&bench.path(&to)) == whole, "round {round}");
    }
    assert!(cut > 0, "no merge was killed before its end");
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).into_iter().flatten().count()
}

/// Without what was being written when somebody was killed, which has a name of its own and is swept.
fn files_of_the_store(folder: &Path) -> Vec<(String, Vec<u8>)> {
    if !folder.exists() {
        return Vec::new();
    }
    files(folder).into_iter().filter(|(name, _)| !name.starts_with(".provenear-")).collect()
}

#[test]
fn what_nobody_signed_is_signed_by_the_merge_once_it_was_checked() {
    let (bench, units) = Bench::planned(2);
    let alice = bench.write_key("alice");
    for (number, unit) in units.iter().enumerate() {
        let mut left = Left::new(unit, module(number));
        left.statement["predicate"]["runDetails"]["byproducts"][0]["annotations"] = json!({"host": "node7"});
        left.write(&bench.path("runs"), None);
    }
    let (report, exit) = bench.merge(&["runs", "--to", "store"]);
    assert_eq!((&report["taken"], exit), (&json!(0), 4));
    assert!(report["refused"].as_array().unwrap().iter().all(|it| it["code"] == "unsigned"), "{report}");
    let (report, exit) = bench.merge(&["runs", "--to", "store", "--plan", "plan.json", "--key", "alice"]);
    assert_eq!((&report["taken"], &report["added"], exit), (&json!(2), &json!(2), 0), "{report}");
    let line = std::fs::read_to_string(bench.path("store").join(manifests_of(&module(0)))).unwrap();
    let envelope: Value = serde_json::from_str(&line).unwrap();
    let payload = base64::engine::general_purpose::STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    let statement: Value = serde_json::from_slice(&payload).unwrap();
    let named = statement.pointer("/predicate/buildDefinition/internalParameters/signer/public_key").unwrap();
    assert_eq!(*named, alice.public_key().to_near());
    // Where it was built, and that its signer only checked what was stated there.
    let unsigned = std::fs::read(bench.path("runs").join(units[0]["unit"].as_str().unwrap()).join("statement.json"));
    let digest = Sha256Digest::of(&unsigned.unwrap()).to_hex();
    let byproducts = statement.pointer("/predicate/runDetails/byproducts").unwrap();
    assert_eq!(byproducts[0]["annotations"], json!({"host": "node7"}));
    assert_eq!(byproducts[1], json!({"name": "unsigned-statement", "digest": {"sha256": digest}}));
    // A second time it is the same line.
    let before = files(&bench.path("store"));
    assert_eq!(bench.merge(&["runs", "--to", "store", "--plan", "plan.json", "--key", "alice"]).0["added"], 0);
    assert!(files(&bench.path("store")) == before);
    // And readers take it as any other.
    let store = manifests_of(&module(0));
    let key = alice.public_key().to_near();
    let said =
        bench.desk.run(&["diff", &format!("store/{store}"), &format!("store/{store}"), "--trust", &key, "--json"]);
    let diff = provenear_tests::documents::read(said.stdout.as_bytes()).unwrap();
    assert_eq!((&diff["a"]["signature"], said.exit), (&json!("trusted"), 0), "{diff}");
}

/// Who may write a folder can write any number of lines about code that others rebuilt honestly.
#[test]
fn lines_of_strangers_push_no_other_out() {
    let (bench, units) = Bench::planned(1);
    let (alice, mallory) = (bench.write_key("alice"), Notary::named("mallory"));
    Left::new(&units[0], module(0)).write(&bench.path("alice-runs"), Some(&alice));
    let id = units[0]["unit"].as_str().unwrap();
    for number in 0..26 {
        let mut left = Left::new(&units[0], module(0));
        let env = json!({"X": "y".repeat(720_000), "number": number.to_string()});
        left.statement.pointer_mut("/predicate/buildDefinition/internalParameters").unwrap()["env"] = env;
        left.write_as(&bench.path("flood"), &format!("{id}.{number:016x}"), Some(&mallory));
    }
    let line = || std::fs::read_to_string(bench.path("store").join(manifests_of(&module(0)))).unwrap();
    let hint = format!("\"keyid\":\"{}\"", alice.public_key().fingerprint());
    let (report, exit) = bench.merge(&["alice-runs", "flood", "--to", "store", "--plan", "plan.json"]);
    assert_eq!((&report["taken"], &report["added"], exit), (&json!(1), &json!(9), 4), "{}", report["taken"]);
    assert!(report["refused"].as_array().unwrap().iter().all(|it| it["code"] == "too-much"));
    assert!(line().contains(&hint));
    let trust = alice.public_key().to_near();
    let (report, _) = bench.merge(&["alice-runs", "flood", "--to", "clean", "--trust", &trust]);
    assert_eq!((&report["taken"], &report["added"]), (&json!(1), &json!(1)));

    // As many keys as readers look at lines, and one more line that was there before all of them.
    let mut crowd: Vec<String> = (0..256)
        .map(|number| {
            let mut left = Left::new(&units[0], module(0));
            left.statement["predicate"]["runDetails"]["metadata"]["invocationId"] = json!(number.to_string());
            Notary::named(&number.to_string()).sign(&left.statement)
        })
        .collect();
    let file = bench.path("full").join(manifests_of(&module(0)));
    std::fs::create_dir(bench.path("full")).unwrap();
    std::fs::write(&file, crowd.join("\n")).unwrap();
    let (report, exit) = bench.merge(&["alice-runs", "--to", "full", "--plan", "plan.json"]);
    assert_eq!((&report["refused"][0]["code"], exit), (&json!("too-much"), 4));
    assert_eq!(report["missing"], json!([id]));
    crowd.truncate(255);
    std::fs::write(&file, crowd.join("\n")).unwrap();
    assert_eq!(bench.merge(&["alice-runs", "--to", "full", "--plan", "plan.json"]).1, 0);
}

#[test]
fn a_file_of_the_store_that_was_spoilt_is_made_good() {
    let (bench, units) = Bench::planned(1);
    Left::new(&units[0], module(0)).write(&bench.path("runs"), Some(&Notary::named("alice")));
    assert_eq!(bench.merge(&["runs", "--to", "store"]).1, 0);
    let before = files(&bench.path("store"));
    let mut spoilt = 0;
    for (name, bytes) in &before {
        if [".wasm", ".log", ".source.tar"].iter().any(|end| name.ends_with(end)) {
            std::fs::write(bench.path("store").join(name), "Z".repeat(bytes.len())).unwrap();
            spoilt += 1;
        }
    }
    assert_eq!((spoilt, bench.merge(&["runs", "--to", "store"]).1), (3, 0));
    assert!(files(&bench.path("store")) == before);
}

#[test]
fn what_cannot_be_noted_is_refused_and_the_rest_is_taken() {
    let (bench, units) = Bench::planned(2);
    for unit in &units {
        Left::new(unit, module(0)).write(&bench.path("runs"), Some(&Notary::named("alice")));
    }
    let id = units[0]["unit"].as_str().unwrap();
    std::fs::create_dir_all(bench.path("store").join(format!("{id}.unit.json"))).unwrap();
    let (report, exit) = bench.merge(&["runs", "--to", "store"]);
    assert_eq!((report["refused"].as_array().unwrap().len(), exit), (1, 4), "{report}");
    assert_eq!(report["refused"][0]["code"], "unreadable");
    // A name that no run gives is not passed over.
    let runs = bench.path("runs");
    let mut name = id.to_owned();
    for (number, other) in [format!("{id}.zzzz"), id.to_ascii_uppercase()].into_iter().enumerate() {
        std::fs::rename(runs.join(name), runs.join(&other)).unwrap();
        let (report, exit) = bench.merge(&["runs", "--to", &format!("other{number}")]);
        assert_eq!((&report["refused"][0]["code"], &report["taken"], exit), (&json!("other-unit"), &json!(1), 4));
        name = other;
    }
}

/// A runner of GitHub Actions obeys `##[` wherever it stands.
#[test]
fn nothing_of_a_folder_is_a_command_to_a_runner() {
    let (bench, units) = Bench::planned(1);
    let unit = Left::new(&units[0], module(0)).write(&bench.path("runs"), None);
    let failed = json!({"code": "build-failed", "message": "x\n::error::a ##[add-mask]b"});
    let mut report: Value = serde_json::from_slice(&std::fs::read(unit.join("unit.json")).unwrap()).unwrap();
    for (member, value) in [("error", failed), ("artifact", json!(null)), ("files", json!([]))] {
        report[member] = value;
    }
    std::fs::write(unit.join("unit.json"), report.to_string()).unwrap();
    for more in [&[][..], &["--json"]] {
        let words = [&["batch", "merge", "runs", "--to", "store"], more].concat();
        let output = bench.desk.command(&words).env("GITHUB_ACTIONS", "true").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("add-mask") && !text.contains("##["), "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
}
