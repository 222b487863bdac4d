//! `diff` of accounts, blocks of one account, code hashes and files, mixed.

use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::fixtures::COUNTER_PINNED;
use serde_json::Value;

use crate::asking::helper;

/// What `diff --json` says of two subjects, and its exit code.
fn diff(devnet: &Devnet, folder: &std::path::Path, a: &str, b: &str) -> (Value, Option<i32>) {
    let mut command = helper(folder);
    command.args(["diff", a, b, "--json", "--network", "devnet-test", "--rpc", &devnet.url()]);
    let output = command.output().unwrap();
    let json = documents::read(&output.stdout);
    (json.unwrap_or_else(|error| panic!("{error:#} {}", String::from_utf8_lossy(&output.stderr))), output.status.code())
}

#[test]
fn accounts_blocks_hashes_and_files_are_compared_with_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let devnet = Devnet::start().unwrap();
    let mut other = COUNTER_PINNED.to_vec();
    let at = other.windows(11).rposition(|window| window == b"counter.git").unwrap();
    other[at] = b'C';
    std::fs::write(folder.path().join("other.wasm"), &other).unwrap();
    devnet.deploy("app.near", COUNTER_PINNED);
    let height = devnet.chain().final_block().height;
    let hash = devnet.chain().block(height).hash;
    devnet.deploy("app.near", other.clone());
    // By hash, only global contracts can be fetched.
    let (first, second) = (devnet.chain().publish_by_hash(COUNTER_PINNED), devnet.chain().publish_by_hash(other));
    let (old, by_hash) = (format!("app.near@{height}"), format!("account:app.near@{hash}"));
    let (first, second) = (format!("hash:{first}"), format!("hash:{second}"));
    let rows = [
        ("app.near", "app.near", "identical"),
        (&old, "app.near", "metadata"),
        (&by_hash, &old, "identical"),
        (&old, "other.wasm", "metadata"),
        ("file:other.wasm", "app.near", "identical"),
        (&first, &second, "metadata"),
        (&first, &old, "identical"),
    ];
    for (a, b, class) in rows {
        let (json, exit) = diff(&devnet, folder.path(), a, b);
        assert_eq!((&json["class"], exit), (&class.into(), Some(i32::from(class != "identical"))), "{a} {b} {json}");
        assert!(json["error"].is_null());
    }
    let (json, _) = diff(&devnet, folder.path(), &old, "app.near");
    let cause = &json["causes"][0];
    assert_eq!(cause["code"], "other-commit", "{json}");
    assert!(cause["evidence"][0][0].as_str().unwrap().contains("counter.git"));
    let (json, exit) = diff(&devnet, folder.path(), "app.near@1", "nobody.near");
    assert!(json["error"]["code"].is_string() && json["class"].is_null() && exit == Some(4), "{json}");
}
