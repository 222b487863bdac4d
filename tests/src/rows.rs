//! The rows of the verdict table as accounts of a devnet, each with the manifest that it comes with and what has to come
//! of it. The helper and the page are put before the same ones. Manifests are signed by notaries, so no container is needed.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use serde_json::{Value, json};

use crate::devnet::{Account, Contract, Devnet};
use crate::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CLAIM};
use crate::notary::{Notary, statement};

/// A claim as nearc writes it into a Python contract by default (its `metadata.py`): the image without a digest, no output, and
/// the remote as it is configured where the author builds.
pub const NEARC_CLAIM: &str = r#"{"standards":[{"standard":"nep330","version":"1.0.0"}],"version":"0.1.0","build_info":{"build_environment":"ghcr.io/r-near/nearc:main","build_command":["nearc"],"source_code_snapshot":"git+git@github.com:you/app.git#0f2fb6ea88bb98310cc0fa52a05fd34d8896f810"}}"#;

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is special about it, as part of file names.
    pub name: &'static str,
    /// The account, which [`Row::all`]'s devnet holds.
    pub account: &'static str,
    /// The manifest line that is brought along.
    pub manifest: Option<String>,
    /// Code of the verdict.
    pub verdict: &'static str,
    /// The helper's exit code.
    pub exit: i32,
    /// Every notice, in any order.
    pub notices: Vec<&'static str>,
    /// Every gap.
    pub gaps: Vec<&'static str>,
    /// Why the manifest does not count.
    pub rejection: Option<&'static str>,
}

/// Whom the reader of the rows trusts: `alice`.
pub fn trusted() -> Notary {
    Notary::named("alice")
}

/// What a rebuilder of the counter states who got `artifact`, with members set by JSON pointer.
///
/// # Panics
/// When a pointer leads nowhere.
pub fn counter_statement(artifact: &[u8], edits: &[(&str, Value)]) -> Value {
    let recipe = ContractSourceMetadata::parse(COUNTER_PINNED_CLAIM.as_bytes()).expect("the claim is well-formed");
    let recipe = Recipe::from_metadata(&recipe).expect("the claim can be rebuilt");
    let image = recipe.image().digest().to_hex();
    let mut made = statement(recipe.claimed(), &image, recipe.source().commit(), &Sha256Digest::of(artifact));
    for (pointer, value) in edits {
        *made.pointer_mut(pointer).unwrap_or_else(|| panic!("nothing stands at `{pointer}`")) = value.clone();
    }
    made
}

/// The counter with one byte changed that is neither claim nor code that the claim's export runs.
///
/// # Panics
/// When the counter has no such byte.
pub fn tampered() -> Vec<u8> {
    let mut wasm = COUNTER_PINNED.to_vec();
    let word = b"increment";
    let at = wasm.windows(word.len()).rposition(|window| window == word).expect("the counter has a method `increment`");
    wasm[at] ^= 1;
    wasm
}

/// A contract whose export gives a text: from its bytes, or from its state at `STATE`.
///
/// # Panics
/// Never: the text is well-formed.
pub fn claiming(from_state: bool, claim: &str) -> Vec<u8> {
    let quoted: String = claim.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let length = claim.len();
    let body = if from_state {
        "(drop (call $storage_read (i64.const 5) (i64.const 0) (i64.const 0)))
         (call $read_register (i64.const 0) (i64.const 64))
         (call $value_return (call $register_len (i64.const 0)) (i64.const 64))"
            .to_owned()
    } else {
        format!("(call $value_return (i64.const {length}) (i64.const 64))")
    };
    let data = if from_state { String::new() } else { format!("(data (i32.const 64) \"{quoted}\")") };
    let pages = length / 65_536 + 2;
    let text = format!(
        r#"(module
         (import "env" "storage_read" (func $storage_read (param i64 i64 i64) (result i64)))
         (import "env" "read_register" (func $read_register (param i64 i64)))
         (import "env" "register_len" (func $register_len (param i64) (result i64)))
         (import "env" "value_return" (func $value_return (param i64 i64)))
         (memory (export "memory") {pages})
         (data (i32.const 0) "STATE") {data}
         (func (export "contract_source_metadata") {body}))"#
    );
    wat::parse_str(text).expect("the text is well-formed")
}

impl Row {
    fn new(name: &'static str, account: &'static str, verdict: &'static str, exit: i32) -> Row {
        let (notices, gaps) = (Vec::new(), Vec::new());
        Row { name, account, manifest: None, verdict, exit, notices, gaps, rejection: None }
    }

    fn signed(mut self, by: &str, statement: &Value) -> Row {
        self.manifest = Some(Notary::named(by).sign(statement));
        self
    }

    /// Puts the accounts of the rows on `devnet`, and gives the rows.
    ///
    /// # Panics
    /// Never: the fixtures are well-formed.
    pub fn all(devnet: &Devnet) -> Vec<Row> {
        devnet.deploy("honest.devnet", COUNTER_PINNED);
        devnet.deploy("tampered.devnet", tampered());
        devnet.deploy("silent.devnet", wat::parse_str("(module)").expect("the smallest module"));
        devnet.chain().put("empty.devnet", Account::new(Contract::None));
        let from_state = Account::new(Contract::local(claiming(true, "")));
        devnet.chain().put("state.devnet", from_state.state("STATE", COUNTER_PINNED_CLAIM));

        const DEPENDENCIES: &str = "/predicate/buildDefinition/resolvedDependencies";
        let honest = counter_statement(COUNTER_PINNED, &[]);
        let edited = |pointer: &str, value: Value| counter_statement(COUNTER_PINNED, &[(pointer, value)]);
        let other_image = json!({ "sha256": "5e".repeat(32) });
        let other_words = json!(["cargo", "near", "build", "non-reproducible-wasm", "--locked", "--features", "x"]);
        let unclaimed = counter_statement(
            COUNTER_PINNED,
            &[
                ("/predicate/buildDefinition/externalParameters/build_command", other_words.clone()),
                (
                    "/predicate/buildDefinition/internalParameters/argv/2",
                    json!("cargo near build non-reproducible-wasm --locked --features x"),
                ),
            ],
        );
        let of_state = counter_statement(&claiming(true, ""), &[]);
        let mut rows = vec![
            Row::new("honest", "honest.devnet", "reproduced", 0).signed("alice", &honest),
            Row::new("tampered", "tampered.devnet", "differs", 1).signed("alice", &honest),
            Row::new("no-metadata", "silent.devnet", "not-rebuildable", 3),
            Row::new("no-code", "empty.devnet", "no-contract", 3),
            Row::new("nobody", "honest.devnet", "not-rebuilt", 3),
            Row::new("untrusted-key", "honest.devnet", "not-rebuilt", 3).signed("mallory", &honest),
            Row::new("flipped-payload", "honest.devnet", "not-rebuilt", 3).signed("alice", &honest),
            Row::new("unclaimed-recipe", "honest.devnet", "reproduced-unclaimed", 3).signed("alice", &unclaimed),
            Row::new("unlisted-image", "honest.devnet", "reproduced-unvetted", 3)
                .signed("alice", &edited(&format!("{DEPENDENCIES}/1/digest"), other_image)),
            Row::new("commit-on-no-ref", "honest.devnet", "reproduced-unvetted", 3)
                .signed("alice", &edited(&format!("{DEPENDENCIES}/0/annotations"), json!({}))),
            Row::new("claim-from-state", "state.devnet", "reproduced-unclaimed", 3).signed("alice", &of_state),
        ];
        for row in &mut rows {
            match row.name {
                "no-metadata" => row.gaps = vec!["metadata-missing"],
                "untrusted-key" => row.rejection = Some("key-untrusted"),
                "flipped-payload" => {
                    row.rejection = Some("signature-invalid");
                    row.manifest = row.manifest.take().map(|line| line.replacen("\"eyJ", "\"eyK", 1));
                }
                "unlisted-image" => row.notices = vec!["unlisted-image"],
                "commit-on-no-ref" => row.notices = vec!["commit-not-on-a-ref"],
                "claim-from-state" => row.notices = vec!["claim-from-rpc"],
                _ => {}
            }
        }
        rows
    }

    /// The row of this name.
    ///
    /// # Panics
    /// When there is none.
    pub fn named<'a>(rows: &'a [Row], name: &str) -> &'a Row {
        rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row is named `{name}`"))
    }
}
