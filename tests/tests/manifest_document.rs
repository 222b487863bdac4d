//! `docs/manifest.md` against the code: ids, members, limits, notices and the order of the checks are the ones that it lists.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::collections::BTreeMap;

use provenear_shared::keys::KeyName;
use provenear_shared::manifest::{MAX_LINE_SIZE, Policy, Rejection, open};
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::notice::Notice;
use provenear_shared::provenance::{self, *};
use provenear_shared::recipe::Recipe;
use provenear_tests::notary::{Notary, statement};
use serde_json::{Value, json};

const DOCUMENT: &str = include_str!("../../docs/manifest.md");
const CLAIM: &[u8] = include_bytes!("../testdata/claim.json");

fn documents(word: &str) -> bool {
    DOCUMENT.contains(&format!("`{word}`"))
}

/// The lines of one section.
fn section(title: &str) -> Vec<&'static str> {
    let (_, rest) = DOCUMENT.split_once(&format!("## {title}")).unwrap_or_else(|| panic!("no section `{title}`"));
    rest.split("\n## ").next().unwrap().lines().collect()
}

/// The words in backticks of a line.
fn words(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_id_and_name_stands_in_the_document() {
    let ids = [BUILD_TYPE, BUILDER_HERMETIC, BUILDER_NETWORKED, BUILD_TYPE_1, BUILDER_HERMETIC_1, BUILDER_NETWORKED_1];
    let rows: Vec<&str> = section("Ids").into_iter().filter(|line| line.starts_with("| `")).collect();
    let documented: Vec<&str> = rows.iter().map(|line| words(line)[0]).collect();
    assert_eq!(documented, ids, "the table of ids");
    let names = [
        STATEMENT_TYPE,
        PREDICATE_TYPE,
        DEPENDENCY_SOURCE,
        DEPENDENCY_IMAGE,
        DIGEST_IMAGE_ID,
        DEPENDENCY_IMAGE_PLATFORM,
        DEPENDENCY_SOURCE_ARCHIVE,
        BYPRODUCT_LOG,
        LIMIT_NETWORK,
        LIMIT_NETWORK_NONE,
        LIMIT_NETWORK_FULL,
        LIMIT_NOT_ENFORCED,
    ];
    let missing: Vec<&str> = names.into_iter().filter(|name| !documents(name)).collect();
    assert!(missing.is_empty(), "not in the document: {missing:?}");
}

#[test]
fn every_member_stands_in_the_document() {
    // Each field is named: one that is added does not compile here until it is, and is looked for from then on.
    let text = || "x".to_owned();
    let whole = Statement {
        statement_type: text(),
        subject: vec![ResourceDescriptor {
            name: Some(text()),
            uri: Some(text()),
            digest: BTreeMap::new(),
            annotations: BTreeMap::new(),
        }],
        predicate_type: text(),
        predicate: Provenance {
            build_definition: BuildDefinition {
                build_type: text(),
                external_parameters: ExternalParameters {
                    origin: Origin::Claimed,
                    build_environment: Some(text()),
                    build_command: Some(Vec::new()),
                    contract_path: Some(text()),
                    source_code_snapshot: Some(text()),
                    output_wasm_path: Some(text()),
                    link: Some(text()),
                },
                internal_parameters: InternalParameters {
                    observed: Some(Observed {
                        network: text(),
                        account_id: Some(text()),
                        code_hash: text(),
                        block_height: Some(text()),
                        block_hash: Some(text()),
                        endpoints: Vec::new(),
                    }),
                    signer: Some(provenance::Signer { public_key: Some(text()), account_id: Some(text()) }),
                    platform: text(),
                    argv: Vec::new(),
                    env: BTreeMap::new(),
                    network_access: text(),
                    limits: BTreeMap::new(),
                    notices: Vec::new(),
                    tree: Some(Tree::default()),
                },
                resolved_dependencies: Vec::new(),
            },
            run_details: RunDetails {
                builder: Builder { id: text(), version: BTreeMap::new() },
                metadata: BuildMetadata { invocation_id: text(), started_on: text(), finished_on: text() },
                byproducts: Vec::new(),
            },
        },
    };
    let mut members = Vec::new();
    collect(&serde_json::to_value(whole).unwrap(), &mut members);
    assert!(members.len() > 40, "{members:?}");
    let missing: Vec<&String> = members.iter().filter(|member| !documents(member)).collect();
    assert!(missing.is_empty(), "not in the document: {missing:?}");
}

/// The names of all members, of members too.
fn collect(value: &Value, members: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                members.push(name.clone());
                collect(value, members);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, members)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn notices_and_their_doubts_are_the_ones_of_the_document() {
    let (arising, carried) = DOCUMENT.split_once("## Doubts").unwrap().1.split_once("`notices` can carry").unwrap();
    let table = |text: &'static str| text.lines().filter(|line| line.starts_with("| `")).collect::<Vec<_>>();
    let mut documented: Vec<(&str, bool)> =
        table(carried).iter().map(|line| (words(line)[0], line.ends_with("| yes |"))).collect();
    let mut expected: Vec<(&str, bool)> =
        Notice::CARRIED.iter().map(|notice| (notice.code().code(), notice.doubt().is_some())).collect();
    documented.sort_unstable();
    expected.sort_unstable();
    assert_eq!(documented, expected);
    let arising: Vec<&str> = table(arising).iter().map(|line| words(line)[0]).collect();
    for notice in [
        Notice::UnlistedImage(None),
        Notice::BuilderVersion1,
        Notice::NetworkFull,
        Notice::NetworkNotFenced,
        Notice::NetworkNotStated,
        Notice::CommitNotOnARef,
    ] {
        assert!(notice.doubt().is_some() && arising.contains(&notice.code().code()), "{notice:?}");
    }
    assert_eq!(arising.len(), 6);
    assert!(Notice::FencesNotHeld(Vec::new()).doubt().is_none());
}

/// A line with every fault at once; one is mended after the other, and `open` names the next.
#[test]
fn lines_are_checked_in_the_order_of_the_document() {
    let listed = section("Checks, in this order").into_iter().filter(|line| line.starts_with(char::is_numeric));
    let documented: Vec<&str> = listed.map(|line| words(line)[0]).collect();

    let recipe = Recipe::from_metadata(&ContractSourceMetadata::parse(CLAIM).unwrap()).unwrap();
    let image = recipe.image().digest().to_hex();
    let artifact = provenear_shared::digest::Sha256Digest::of(b"x");
    let honest = statement(recipe.claimed(), &image, recipe.source().commit(), &artifact);
    // Each fault of the statement by itself, in the order in which they are mended.
    let faults: [(&str, &str, Value); 8] = [
        ("", "_type", json!("https://in-toto.io/Statement/v0.1")),
        ("", "predicateType", json!("https://slsa.dev/provenance/v0.2")),
        ("/predicate/buildDefinition", "buildType", json!("urn:provenear:nep330-rebuild:v3")),
        ("/predicate/runDetails/builder", "id", json!(BUILDER_HERMETIC_1)),
        ("/predicate/buildDefinition/externalParameters", "verdict", json!("reproduced")),
        ("", "subject", json!([])),
        ("/predicate/runDetails/metadata", "startedOn", json!("yesterday")),
        ("/predicate/buildDefinition/internalParameters", "signer", Value::Null),
    ];
    let alice = Notary::named("alice");
    let sealed = |mended: usize, by: &Notary| {
        let mut bent = honest.clone();
        alice.introduce(&mut bent);
        for (parent, name, value) in &faults[mended..] {
            bent.pointer_mut(parent).unwrap()[name] = value.clone();
        }
        serde_json::from_str::<Value>(&by.seal(bent.to_string().as_bytes())).unwrap()
    };
    let stranger = sealed(0, &Notary::named("mallory"));
    let set = |envelope: &Value, edits: &[(&str, Value)]| {
        let mut envelope = envelope.clone();
        edits.iter().for_each(|(name, value)| envelope[*name] = value.clone());
        envelope.to_string()
    };
    let two = json!([stranger["signatures"][0], stranger["signatures"][0]]);
    let short = json!([{ "sig": "AAAA" }]);
    let other_type = ("payloadType", json!("application/json"));
    let no_payload = set(&stranger, &[other_type.clone(), ("signatures", two.clone()), ("payload", Value::Null)]);
    let mut lines = vec![
        format!("{no_payload}{}", " ".repeat(MAX_LINE_SIZE)),
        no_payload,
        set(&stranger, &[other_type.clone(), ("signatures", two)]),
        set(&stranger, &[other_type, ("signatures", short.clone())]),
        set(&stranger, &[("signatures", short)]),
        stranger.to_string(),
    ];
    lines.extend((0..=faults.len()).map(|mended| sealed(mended, &alice).to_string()));

    let mut policy = Policy::new();
    policy.keys.push((alice.public_key(), KeyName::parse("alice").unwrap()));
    let mut answers: Vec<&str> =
        lines.iter().map(|line| open(line, &policy).map_or_else(Rejection::code, |_| "opened")).collect();
    assert_eq!(answers.pop(), Some("opened"), "the honest line at last");
    assert_eq!(answers, documented);
}
