//! What is typed means the same whatever files lie in the folder, and only manifests that count choose a subject.

use provenear_tests::devnet::Devnet;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::notary::Notary;
use provenear_tests::rows::{counter_statement, tampered, trusted};
use serde_json::json;
use tempfile::TempDir;

use crate::asking::{Ended, ask, ended, helper};

/// A chain with an honest account and one that runs other code, and a folder with a manifest.
struct Town {
    folder: TempDir,
    chain: Devnet,
}

impl Town {
    fn new() -> Town {
        let town = Town { folder: tempfile::tempdir().unwrap(), chain: Devnet::start().unwrap() };
        town.chain.deploy("honest.devnet", COUNTER_PINNED);
        town.chain.deploy("app.devnet", tampered());
        town.write("honest.jsonl", &by("alice", "honest.devnet"));
        town
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn ask(&self, words: &[&str]) -> Ended {
        let key = trusted().public_key().to_near();
        ask(self.folder.path(), &[&self.chain], &[words, &["--trust", &key]].concat())
    }
}

/// A line about the counter, made for an account.
fn by(name: &str, account: &str) -> String {
    let mut statement = counter_statement(COUNTER_PINNED, &[]);
    statement["predicate"]["buildDefinition"]["internalParameters"]["observed"] =
        json!({"network": "devnet-test", "account_id": account, "code_hash": "1", "endpoints": []});
    Notary::named(name).sign(&statement)
}

#[test]
fn a_file_that_is_called_like_the_subject_does_not_take_its_place() {
    let town = Town::new();
    for text in [by("mallory", "honest.devnet"), "{".to_owned(), String::new()] {
        town.write("app.devnet", &text);
        let found = town.ask(&["verify", "honest.jsonl", "app.devnet"]);
        assert_eq!(found.outcome(), ("differs", 1), "{}", found.json);
        assert_eq!(found.text("/subject/name"), "app.devnet");
        // Named as a file it is one.
        assert_eq!(town.ask(&["verify", "honest.jsonl", "file:app.devnet"]).text("/subject/kind"), "file");
    }
    // An account in the place of a manifest is not a file either.
    town.write("app.devnet", &by("alice", "honest.devnet"));
    assert_eq!(town.ask(&["verify", "app.devnet"]).outcome(), ("usage", 2));
    assert_eq!(town.ask(&["verify", "app.devnet", "honest.devnet"]).outcome(), ("usage", 2));
    assert_eq!(town.ask(&["verify", "file:app.devnet", "honest.devnet"]).outcome(), ("reproduced", 0));
    assert_eq!(town.ask(&["verify", "./app.devnet", "honest.devnet"]).outcome(), ("reproduced", 0));
    // Nor where two modules are compared.
    std::fs::write(town.folder.path().join("app.devnet"), COUNTER_PINNED).unwrap();
    let found = town.ask(&["inspect", "app.devnet"]);
    assert_eq!((found.text("/subject/kind"), found.exit), ("account", 3));
}

#[test]
fn only_a_line_that_opens_says_what_it_is_about() {
    let town = Town::new();
    assert_eq!(town.ask(&["verify", "honest.jsonl"]).outcome(), ("reproduced", 0));
    // Before the line that counts, a stranger's about another account.
    let both = [by("mallory", "app.devnet"), by("alice", "honest.devnet")].join("\n");
    town.write("both.jsonl", &both);
    let found = town.ask(&["verify", "both.jsonl"]);
    assert_eq!((found.outcome(), found.text("/subject/name")), (("reproduced", 0), "honest.devnet"));
    town.write("stranger.jsonl", &by("mallory", "honest.devnet"));
    let found = town.ask(&["verify", "stranger.jsonl"]);
    assert_eq!(found.outcome(), ("usage", 2));
    assert!(found.text("/error/message").contains("--trust"), "{}", found.json);
    // Two that count, about two accounts: which of them is meant has to be said.
    town.write("two.jsonl", &[by("alice", "app.devnet"), by("alice", "honest.devnet")].join("\n"));
    assert_eq!(town.ask(&["verify", "two.jsonl"]).outcome(), ("usage", 2));
    assert_eq!(town.ask(&["verify", "two.jsonl", "app.devnet"]).outcome(), ("differs", 1));
}

#[test]
fn local_source_is_green_for_nobody_who_did_not_allow_it() {
    let town = Town::new();
    let key = trusted().public_key().to_near();
    let look = |more: &[&str]| {
        let mut command = helper(town.folder.path());
        command.args(["verify", "honest.jsonl", "honest.devnet", "--trust", &key, "--json"]);
        ended(&command.args(["--network", "devnet-test", "--rpc", &town.chain.url()]).args(more).output().unwrap())
    };
    let found = look(&[]);
    assert_eq!(found.outcome(), ("reproduced-unvetted", 3), "{}", found.json);
    assert!(found.codes("/notices").contains(&"local-source"));
    assert!(found.text("/verdict/message").contains("127.0.0.1:5098"), "{}", found.json);
    let found = look(&["--accept-custom-build"]);
    assert_eq!(found.outcome(), ("reproduced-unvetted", 3));
    let found = look(&["--allow-local-source"]);
    assert_eq!(found.outcome(), ("reproduced", 0));
    assert!(!found.codes("/notices").contains(&"local-source"));
}

#[test]
fn a_misspelt_key_or_digest_is_not_looked_for_as_a_file() {
    let town = Town::new();
    let wrong = trusted().public_key().to_near().replace("ed25519:", "ed25519:0");
    town.write(&wrong, &format!("{} mallory", Notary::named("mallory").public_key().to_near()));
    assert_eq!(town.ask(&["inspect", "honest.devnet", "--trust", &wrong]).outcome(), ("usage", 2));
    town.write("sha256:1", "# nothing\n");
    assert_eq!(town.ask(&["inspect", "honest.devnet", "--accept-image", "sha256:1"]).outcome(), ("usage", 2));
}
