//! Files that no chain could hold, and those that are not read at all.

use provenear_shared::wasm::MAX_MODULE_SIZE;
use provenear_tests::documents;

use crate::asking::helper;

#[test]
fn a_file_of_more_than_64_mib_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("huge.wasm")).unwrap();
    file.set_len(MAX_MODULE_SIZE as u64 + 1).unwrap();
    let mut command = helper(folder.path());
    let ended = command.args(["diff", "huge.wasm", "huge.wasm", "--json"]).output().unwrap();
    let json = documents::read(&ended.stdout).unwrap();
    assert_eq!((&json["error"]["code"], ended.status.code()), (&"usage".into(), Some(2)), "{json}");
    assert!(json["error"]["message"].as_str().unwrap().contains("larger than 64 MiB"), "{json}");
}
