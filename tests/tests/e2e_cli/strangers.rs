//! A first visit: nobody was chosen, and what strangers say is shown and decides nothing.

use provenear_shared::manifest::MAX_LINE_SIZE;
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::notary::Notary;
use provenear_tests::peak::measure;
use provenear_tests::rows::{Row, counter_statement, trusted};
use serde_json::{Value, json};

use crate::asking::{ask, ended, helper};
use crate::stores::{text, town};

/// Most bytes that a store of such lines may cost.
const MORE: u64 = 64 << 20;

#[test]
fn who_was_never_chosen_is_quoted_and_not_counted() {
    let (folder, devnet, rows) = town();
    let line = Row::named(&rows, "untrusted-key").manifest.clone().unwrap();
    std::fs::write(folder.path().join("line.jsonl"), line).unwrap();
    let words = ["inspect", "honest.devnet", "--manifest", "line.jsonl"];
    let found = ask(folder.path(), &[&devnet], &words);
    assert_eq!(found.outcome(), ("not-rebuilt", 3));
    assert_eq!(found.text("/verdict/headline"), "You have not chosen whom to trust yet");
    assert_eq!(found.json["verdict"]["trusted"], 0);
    let key = Notary::named("mallory").public_key().to_near();
    let said = format!("the holder of {key} (not chosen by you) says: the claimed build gives this code");
    let holder = &found.json["manifests"][0]["holder"];
    assert_eq!((&holder["key"], &holder["message"]), (&json!(key), &json!(said)));
    assert_eq!((&holder["relation"], &holder["finished_on"]), (&json!("claimed"), &json!("2026-11-23T06:01:00Z")));
    assert_eq!(holder["artifact"], found.json["code"]["sha256"]);
    assert!(holder["image"].as_str().unwrap().starts_with("sha256:"));
    // Nothing of a stranger stands where what counts does.
    let line = &found.json["manifests"][0];
    for member in ["key", "name", "artifact", "relation", "image", "finished_on", "signer_account", "authority"] {
        assert_eq!(line[member], Value::Null, "{member}");
    }
    let shown = text(folder.path(), &devnet, &words);
    assert!(shown.contains(&said) && shown.contains("choose a key to trust with `--trust`"), "{shown}");
    let trust = trusted().public_key().to_near();
    let found = ask(folder.path(), &[&devnet], &[&words[..], &["--trust", &trust]].concat());
    assert_eq!((found.outcome(), &found.json["verdict"]["trusted"]), (("not-rebuilt", 3), &json!(1)));
    assert_eq!(found.json["manifests"][0]["holder"]["message"], json!(said));
}

#[test]
fn strangers_are_shown_first_come_and_counted_for_nothing() {
    let (folder, devnet, rows) = town();
    let (mallory, alice) = (Notary::named("mallory"), Row::named(&rows, "honest").manifest.clone().unwrap());
    let mut statement = counter_statement(COUNTER_PINNED, &[]);
    let mut lines = String::new();
    for second in 10..30 {
        let finished = statement.pointer_mut("/predicate/runDetails/metadata/finishedOn").unwrap();
        *finished = json!(format!("2026-11-23T06:02:{second}Z"));
        let mut forged = statement.clone();
        Notary::named("alice").introduce(&mut forged);
        let forged = mallory.seal(forged.to_string().as_bytes());
        lines += &format!("{}\n{forged}\n", mallory.sign(&statement));
    }
    std::fs::create_dir(folder.path().join("store")).unwrap();
    let store = folder.path().join("store").join(format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl"));
    std::fs::write(store, lines + &alice).unwrap();
    let trust = trusted().public_key().to_near();
    let words = ["inspect", "honest.devnet", "--store", "store", "--trust", &trust];
    let shown = text(folder.path(), &devnet, &words);
    let count = |part: &str| shown.lines().filter(|line| line.contains(part)).count();
    assert_eq!((count("the holder of"), count("signer-not-checkable")), (4, 4), "{shown}");
    assert_eq!(count("not counted  32 more that no key you trust signed"), 1, "{shown}");
    let found = ask(folder.path(), &[&devnet], &words);
    assert_eq!((found.outcome(), found.text("/verdict/keys/0/key")), (("reproduced", 0), &trust[..]));
    let manifests = found.json["manifests"].as_array().unwrap();
    let holders = manifests.iter().filter(|line| !line["holder"].is_null());
    assert_eq!((manifests.len(), holders.count()), (41, 20));
}

/// What a stranger may fill a line with costs what any line costs: 4 MiB of each kind from one store, which is all of it
/// that is read.
#[test]
fn big_lines_by_strangers_take_little_memory() {
    let (folder, devnet, _) = town();
    std::fs::create_dir(folder.path().join("store")).unwrap();
    let store = folder.path().join("store").join(format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl"));
    let peak = |fill: Option<(&str, Vec<Value>)>| {
        let mut statement = counter_statement(COUNTER_PINNED, &[]);
        if let Some((list, items)) = &fill {
            let list = statement.pointer_mut(&format!("/predicate/buildDefinition{list}")).unwrap();
            list.as_array_mut().unwrap().extend(items.iter().cloned());
        }
        let line = Notary::named("mallory").sign(&statement);
        assert!(line.len() < MAX_LINE_SIZE && (fill.is_none() || line.len() > MAX_LINE_SIZE / 4 * 3), "{}", line.len());
        // The same word again is one line, and is read all the same.
        std::fs::write(&store, [line.as_str(); 4].join("\n")).unwrap();
        let mut command = helper(folder.path());
        command.args(["inspect", "honest.devnet", "--json", "--store", "store"]);
        command.args(["--network", "devnet-test", "--allow-local-source", "--rpc", &devnet.url()]);
        let measured = measure(command).unwrap();
        let found = ended(&measured.output);
        assert_eq!((&found.json["stores"][0]["lines"], &found.json["stores"][0]["cut"]), (&json!(4), &json!(false)));
        assert!(!found.json["manifests"][0]["holder"].is_null(), "{}", found.json["manifests"]);
        measured.peak
    };
    let base = peak(None);
    for (list, items) in [
        ("/resolvedDependencies", vec![json!({}); 250_000]),
        ("/internalParameters/argv", vec![json!(""); 250_000]),
        ("/internalParameters/notices", (0..95_000).map(|code| json!(format!("{code:05x}"))).collect()),
    ] {
        let peak = peak(Some((list, items)));
        assert!(peak < base + MORE, "{list}: {peak} bytes, {base} without");
    }
}
