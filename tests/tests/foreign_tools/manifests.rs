//! What every program has to say about one manifest and its bent copies; first one that the suites make themselves.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::provenance::{BUILD_TYPE_1, BUILDER_HERMETIC_1, DIGEST_IMAGE_ID, LIMIT_NOT_ENFORCED};
use provenear_shared::recipe::Recipe;
use provenear_tests::ground::Ground;
use provenear_tests::notary::{Notary, statement};
use serde_json::{Value, json};

use crate::tools::{Answer, Case, VERIFIERS, in_toto, ssh_fingerprint};

const CLAIM: &[u8] = include_bytes!("../../testdata/claim.json");

#[test]
fn what_the_suites_sign_is_accepted_and_bent_copies_are_refused() {
    let metadata = ContractSourceMetadata::parse(CLAIM).unwrap();
    let recipe = Recipe::from_metadata(&metadata).unwrap();
    let wasm = b"\0asm\x01\0\0\0".to_vec();
    let image = recipe.image().digest().to_hex();
    let statement = statement(recipe.claimed(), &image, recipe.source().commit(), &Sha256Digest::of(&wasm));
    let notary = Notary::named("alice");
    let line = notary.sign(&statement);
    let sigstore = published(&line);
    hold(&Case { line: serde_json::from_str(&line).unwrap(), sigstore, key: notary.public_key(), wasm: wasm.clone() });

    // An image that was never pulled, a fence that was not held, and a line of version 1 are forms that in-toto knows too.
    let mut by_id = statement.clone();
    let dependency = "/predicate/buildDefinition/resolvedDependencies/1/digest";
    *by_id.pointer_mut(dependency).unwrap() = json!({ DIGEST_IMAGE_ID: image });
    let limit = "/predicate/buildDefinition/internalParameters/limits/network";
    *by_id.pointer_mut(limit).unwrap() = json!(LIMIT_NOT_ENFORCED);
    parsed(by_id.to_string().as_bytes(), &wasm);
    let mut first = statement;
    *first.pointer_mut("/predicate/buildDefinition/buildType").unwrap() = json!(BUILD_TYPE_1);
    *first.pointer_mut("/predicate/runDetails/builder/id").unwrap() = json!(BUILDER_HERMETIC_1);
    parsed(first.to_string().as_bytes(), &wasm);
}

/// The bundle form that `publish` writes beside a line.
fn published(line: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("a.intoto.jsonl");
    std::fs::write(&manifest, line).unwrap();
    let mut publish = Ground::read().unwrap().provenear().unwrap();
    let out = publish.args(["publish", "--json"]).arg(&manifest).arg("--to").arg(folder.path().join("store")).output();
    let out = out.unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let said = provenear_tests::documents::read(&out.stdout).unwrap();
    let files: Vec<String> = serde_json::from_value(said["files"].clone()).unwrap();
    let bundles: Vec<&String> = files.iter().filter(|name| name.ends_with(".sigstore.json")).collect();
    assert_eq!(bundles.len(), 1, "{files:?}");
    serde_json::from_slice(&std::fs::read(bundles[0]).unwrap()).unwrap()
}

/// Every program accepts the case and refuses each of its bent copies, for the right reason.
pub(crate) fn hold(case: &Case) {
    assert_eq!(case.sigstore["dsseEnvelope"]["payload"], case.line["payload"]);
    assert_eq!(case.sigstore["dsseEnvelope"]["signatures"], case.line["signatures"]);
    let payload = case.payload();
    let artifact = Sha256Digest::of(&case.wasm).to_hex();
    let at =
        payload.windows(64).position(|window| window == artifact.as_bytes()).expect("the statement names the wasm");
    let mut flipped = payload.clone();
    flipped[at] = if flipped[at] == b'0' { b'1' } else { b'0' };
    let stranger = Notary::named("a stranger").public_key();
    let rows = [
        ("as it is", case.clone(), Answer::Accepted(String::from_utf8(payload.clone()).unwrap())),
        ("a flipped byte of the payload", case.with_payload(&flipped), Answer::SignatureRefused),
        ("a blank after the payload", case.with_payload(&[&payload[..], b" "].concat()), Answer::SignatureRefused),
        ("another payload type", case.with("payloadType", json!("application/json")), Answer::SignatureRefused),
        ("another key", Case { key: stranger, ..case.clone() }, Answer::SignatureRefused),
        ("another wasm", Case { wasm: [&case.wasm[..], b"\0"].concat(), ..case.clone() }, Answer::OtherBytes),
    ];
    let mut wrong = Vec::new();
    for (name, verify) in VERIFIERS {
        for (bend, bent, expected) in &rows {
            let answer = verify(bent);
            if answer != *expected {
                wrong.push(format!("{name}, {bend}: {answer:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    parsed(&payload, &case.wasm);
    fingerprint(case);
}

/// in-toto's types know every field, and understand what we mean.
fn parsed(payload: &[u8], wasm: &[u8]) {
    let Answer::Accepted(understood) = in_toto(payload, wasm) else { panic!("in-toto-attestation refuses it") };
    let understood: Value = serde_json::from_str(&understood).unwrap();
    let statement: Value = serde_json::from_slice(payload).unwrap();
    let predicate = &statement["predicate"];
    assert_eq!(understood["buildType"], predicate["buildDefinition"]["buildType"]);
    assert_eq!(understood["builder"], predicate["runDetails"]["builder"]["id"]);
    assert_eq!(understood["finishedOn"], predicate["runDetails"]["metadata"]["finishedOn"]);
    let dependencies = predicate["buildDefinition"]["resolvedDependencies"].as_array().unwrap();
    let names: Vec<&Value> = dependencies.iter().map(|dependency| &dependency["name"]).collect();
    assert_eq!(understood["dependencies"], json!(names));

    assert_eq!(in_toto(payload, b"other bytes"), Answer::OtherBytes);
    let bends: [fn(&mut Value); 6] = [
        |s| s["verdict"] = json!("reproduced"),
        |s| s["predicate"]["verdict"] = json!("reproduced"),
        |s| s["predicate"]["buildDefinition"]["verdict"] = json!("reproduced"),
        |s| s["_type"] = json!("https://in-toto.io/Statement/v0.1"),
        |s| s["subject"] = json!([]),
        |s| s["predicate"]["runDetails"]["metadata"]["finishedOn"] = json!("yesterday"),
    ];
    for (at, bend) in bends.iter().enumerate() {
        let mut bent = statement.clone();
        bend(&mut bent);
        assert_eq!(in_toto(bent.to_string().as_bytes(), wasm), Answer::Malformed, "bend {at}");
    }
}

/// Our `keyid` is what `ssh-keygen -lf` shows of the key.
fn fingerprint(case: &Case) {
    let shown = ssh_fingerprint(&case.key.to_ssh());
    assert_eq!(shown.as_deref(), case.line["signatures"][0]["keyid"].as_str());
    assert_eq!(shown, Some(case.key.fingerprint()));
    assert_eq!(case.sigstore["verificationMaterial"]["publicKey"]["hint"].as_str(), shown.as_deref());
    assert_ne!(ssh_fingerprint(&Notary::named("a stranger").public_key().to_ssh()), shown);
    assert_eq!(ssh_fingerprint(&case.key.to_near()), None);
}
