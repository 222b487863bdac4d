//! Subjects as people have them: a hash that somebody published, an account at a block, a list that went through other programs.

use std::path::Path;

use provenear_shared::digest::Sha256Digest;
use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use serde_json::Value;

use crate::asking::{ask, helper};

/// What `diff --json` says, by this endpoint.
fn diff(folder: &Path, rpc: &str, a: &str, b: &str) -> (Value, Option<i32>) {
    let mut command = helper(folder);
    let output = command.args(["diff", a, b, "--json", "--network", "devnet-test", "--rpc", rpc]).output().unwrap();
    let json = documents::read(&output.stdout);
    (json.unwrap_or_else(|error| panic!("{error:#} {}", String::from_utf8_lossy(&output.stderr))), output.status.code())
}

#[test]
fn a_published_hash_of_the_code_at_hand_is_identical_to_it_and_nobody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("app.wasm"), COUNTER_PINNED).unwrap();
    let hex = Sha256Digest::of(COUNTER_PINNED).to_hex();
    let spellings = [
        format!("hash:{hex}"),
        format!("hash:{COUNTER_PINNED_CODE_HASH}"),
        format!("sha256:{hex}"),
        format!("0x{hex}"),
        hex.to_uppercase(),
        COUNTER_PINNED_CODE_HASH.to_owned(),
        // It can be the name of an account too; nobody can have that account.
        hex.clone(),
    ];
    let devnet = Devnet::start().unwrap();
    for hash in &spellings {
        for (a, b) in [("app.wasm", hash.as_str()), (hash, "app.wasm")] {
            let (json, exit) = diff(folder, &devnet.url(), a, b);
            assert_eq!((&json["class"], exit), (&"identical".into(), Some(0)), "{a} {b} {json}");
            assert_eq!(json["functions"]["matched"], 89, "{json}");
        }
    }
    let (json, exit) = diff(folder, &devnet.url(), &spellings[0], &spellings[1]);
    assert_eq!((&json["class"], exit), (&"identical".into(), Some(0)), "{json}");
    assert!(devnet.received().is_empty(), "somebody was asked");
    devnet.deploy("app.near", COUNTER_PINNED);
    let (json, exit) = diff(folder, &devnet.url(), "app.near", &spellings[2]);
    assert_eq!((&json["class"], exit), (&"identical".into(), Some(0)), "{json}");
}

#[test]
fn another_hash_is_different_though_nobody_has_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("app.wasm"), COUNTER_PINNED).unwrap();
    let devnet = Devnet::start().unwrap();
    let [other, third] = [b"other", b"third"].map(|bytes| format!("hash:{}", Sha256Digest::of(bytes).to_hex()));
    // An endpoint that does not answer changes nothing about two hashes.
    for rpc in [devnet.url().as_str(), "http://127.0.0.1:9"] {
        for (a, b, which) in
            [("app.wasm", other.as_str(), "second"), (&other, "app.wasm", "first"), (&third, &other, "first")]
        {
            let (json, exit) = diff(folder, rpc, a, b);
            assert_eq!((&json["class"], exit), (&"different".into(), Some(1)), "{a} {b} {json}");
            assert!(json["error"].is_null() && json["functions"].is_null() && json["causes"].is_null(), "{json}");
            let said = json["message"].as_str().unwrap();
            assert!(said.contains(&format!("of the {which} only its hash is known")), "{said}");
            assert_eq!(json["notes"].as_array().unwrap().len(), 1, "{json}");
        }
    }
    let printed = helper(folder)
        .args(["diff", "app.wasm", &other, "--function", "1", "--network", "devnet-test", "--rpc", &devnet.url()])
        .output()
        .unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(text.starts_with("different  the SHA-256 of the two differ") && text.contains("`--function`"), "{text}");
    // 64 digits that are not this hash may be an account: nobody is accused, and the way out is named.
    let (json, exit) = diff(folder, &devnet.url(), "app.wasm", &Sha256Digest::of(b"other").to_hex());
    assert_eq!((&json["error"]["code"], exit), (&"usage".into(), Some(2)), "{json}");
    let said = json["error"]["message"].as_str().unwrap();
    assert!(said.contains("`account:") && said.contains("`hash:") && said.contains("of `app.wasm`"), "{said}");
    let same = Sha256Digest::of(b"other").to_hex();
    let (json, exit) = diff(folder, &devnet.url(), &format!("hash:{same}"), &same);
    assert_eq!((&json["error"]["code"], exit), (&"usage".into(), Some(2)), "an account may run anything: {json}");
    // What cannot be had on the other side is no difference.
    let (json, exit) = diff(folder, &devnet.url(), "nobody.near", &other);
    assert_eq!((&json["error"]["code"], exit), (&"unknown-account".into(), Some(4)), "{json}");
}

#[test]
fn a_block_behind_an_account_is_the_block_that_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let devnet = Devnet::start().unwrap();
    devnet.deploy("app.near", COUNTER_PINNED);
    let height = devnet.chain().final_block().height;
    let hash = devnet.chain().block(height).hash;
    devnet.deploy("app.near", b"\0asm\x01\0\0\0".to_vec());
    std::fs::write(folder.path().join("none.jsonl"), "{}\n").unwrap();
    for words in [&["inspect"][..], &["verify", "none.jsonl"]] {
        for subject in [format!("app.near@{height}"), format!("account:app.near@{hash}")] {
            let said = ask(folder.path(), &[&devnet], &[words, &[&subject]].concat());
            assert_eq!(said.text("/code/code_hash"), COUNTER_PINNED_CODE_HASH, "{words:?} {subject}: {}", said.json);
            assert_eq!(said.json["deployment"]["block_height"], height, "{}", said.json);
        }
    }
    let subject = format!("app.near@{height}");
    let same = height.to_string();
    let said = ask(folder.path(), &[&devnet], &["inspect", &subject, "--block", &same]);
    assert_eq!(said.text("/code/code_hash"), COUNTER_PINNED_CODE_HASH);
    let other = (height + 1).to_string();
    for words in [&["inspect", &subject, "--block", &other][..], &["rebuild", &subject, "--block", &other]] {
        let said = ask(folder.path(), &[&devnet], words);
        assert_eq!(said.outcome(), ("usage", 2), "{}", said.json);
        let message = said.text("/error/message");
        assert!(message.contains(&same) && message.contains(&format!("`--block` says `{other}`")), "{message}");
    }
    let said = ask(folder.path(), &[&devnet], &["inspect", "app.near@yesterday"]);
    assert_eq!((said.outcome(), said.text("/subject/kind")), (("usage", 2), "account"));
}

#[test]
fn a_link_to_an_explorer_is_the_account_that_it_leads_to_on_its_own_network() {
    let folder = tempfile::tempdir().unwrap();
    for (link, says) in [
        ("https://nearblocks.io/address/app.near", "about `mainnet` and not about `devnet-test`"),
        ("https://nearblocks.io/txns/4reLvkAWfqk5fsqio1KLudk46cqRz9erQdaHkWZKMJDZ", "a transaction or a block"),
        ("https://github.com/near/app", "a repository does not say"),
        ("https://example.org/x", "name the account itself"),
    ] {
        let said = ask(folder.path(), &[], &["inspect", link]);
        assert_eq!((said.outcome(), said.text("/subject/kind")), (("usage", 2), "account"), "{}", said.json);
        assert!(said.text("/error/message").contains(says), "{}", said.json);
    }
    let output = helper(folder.path())
        .args(["inspect", "https://testnet.nearblocks.io/address/app.testnet?tab=contract", "--json"])
        .args(["--network", "testnet", "--rpc", "http://127.0.0.1:9"])
        .output()
        .unwrap();
    let json = documents::read(&output.stdout).unwrap();
    assert_eq!((&json["subject"]["name"], &json["error"]["code"]), (&"app.testnet".into(), &"rpc-unreachable".into()));
}

/// It came from Windows, with comments and marks, and holds an account twice.
#[test]
fn a_list_is_read_as_people_write_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let devnet = Devnet::start().unwrap();
    // Without a claim there is nothing to build.
    let first = b"\0asm\x01\0\0\0\0\x02\x01x";
    devnet.deploy("a.near", first.to_vec());
    let height = devnet.chain().final_block().height;
    devnet.deploy("a.near", b"\0asm\x01\0\0\0".to_vec());
    devnet.deploy("b.near", b"\0asm\x01\0\0\0".to_vec());
    let list = format!(
        "\u{feff}account_id;why\r\na.near;x\r\n# comment\r\n\r\n- b.near   # the second\r\na.near\r\n1. \"a.near@{height}\",y\r\nNo Account\r\n"
    );
    std::fs::write(folder.join("list"), list).unwrap();
    // Nothing is built: an engine that answers is enough.
    let engine = "#!/bin/sh\ncase \"$1\" in version) echo 27.0.0 amd64;; esac\n";
    std::fs::write(folder.join("docker"), engine).unwrap();
    std::fs::set_permissions(folder.join("docker"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = helper(folder);
    command.args(["batch", "list", "--engine", "./docker", "--out", "out", "--network", "devnet-test"]);
    let output = command.args(["--rpc", &devnet.url()]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines = documents::read_lines(&output.stdout).unwrap_or_else(|error| panic!("{error:#} {stderr}"));
    let (summary, answers) = lines.split_last().unwrap();
    assert_eq!((&summary["subjects"], output.status.code()), (&4.into(), Some(2)), "{summary} {stderr}");
    let named = |name: &str| -> Vec<&Value> { answers.iter().filter(|it| it["subject"]["name"] == name).collect() };
    assert_eq!((named("a.near").len(), named("b.near").len()), (2, 1), "{answers:?}");
    let [wrong] = named("No Account")[..] else { panic!("{answers:?}") };
    let message = wrong["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("line 8 of the list: ") && message.contains("neither"), "{message}");
    let at = |it: &&&Value| it["deployment"]["block_height"] == height;
    let codes = named("a.near").iter().filter(at).map(|it| it["code"]["code_hash"].clone()).collect::<Vec<_>>();
    assert_eq!(codes, [Sha256Digest::of(first).to_base58()]);
    for notice in ["line 1 names columns", "line 6 repeats line 2 (`a.near`)"] {
        assert!(stderr.contains(notice), "{stderr}");
    }
}
