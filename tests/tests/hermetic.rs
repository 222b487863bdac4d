//! Every way in which builder, request and limits of a line can speak about the network: one alone is free of doubt.
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use provenear_shared::digest::Sha256Digest;
use provenear_shared::keys::KeyName;
use provenear_shared::manifest::{Policy, open};
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::notice::Notice;
use provenear_shared::provenance::{
    BUILD_TYPE, BUILD_TYPE_1, BUILDER_HERMETIC, BUILDER_HERMETIC_1, BUILDER_NETWORKED, BUILDER_NETWORKED_1,
};
use provenear_shared::recipe::Recipe;
use provenear_tests::notary::{Notary, statement};
use serde_json::{Value, json};

const CLAIM: &[u8] = include_bytes!("../testdata/claim.json");

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn only_a_hermetic_build_whose_network_fence_was_held_is_free_of_doubt() {
    let recipe = Recipe::from_metadata(&ContractSourceMetadata::parse(CLAIM).unwrap()).unwrap();
    let (image, artifact) = (recipe.image().digest().to_hex(), Sha256Digest::of(b"x"));
    let honest = statement(recipe.claimed(), &image, recipe.source().commit(), &artifact);
    let notary = Notary::named("alice");
    let mut policy = Policy::new();
    policy.keys.push((notary.public_key(), KeyName::default()));

    let limits =
        [json!("none"), json!("full"), json!("not enforced"), json!("None"), json!("enforced"), json!(""), Value::Null];
    let (mut free, mut opened, mut all) = (Vec::new(), 0, 0);
    for build_type in [BUILD_TYPE, BUILD_TYPE_1] {
        for builder in [BUILDER_HERMETIC, BUILDER_NETWORKED, BUILDER_HERMETIC_1, BUILDER_NETWORKED_1] {
            for access in ["fetch", "none", "full", "proxy", ""] {
                for limit in &limits {
                    let mut bent = honest.clone();
                    let definition = &mut bent["predicate"]["buildDefinition"];
                    definition["buildType"] = json!(build_type);
                    definition["internalParameters"]["network_access"] = json!(access);
                    let held = definition["internalParameters"]["limits"].as_object_mut().unwrap();
                    match limit {
                        Value::Null => _ = held.remove("network"),
                        said => _ = held.insert("network".to_owned(), said.clone()),
                    }
                    bent["predicate"]["runDetails"]["builder"]["id"] = json!(builder);
                    all += 1;
                    let Ok(attestation) = open(&notary.sign(&bent), &policy) else { continue };
                    opened += 1;
                    if attestation.notices().iter().all(|notice| Notice::doubt(notice).is_none()) {
                        free.push((build_type, builder, access, limit.clone()));
                    }
                }
            }
        }
    }
    // Half of the pairs are of two versions.
    assert_eq!((all, opened), (280, 140));
    let expected = ["fetch", "none"].map(|access| (BUILD_TYPE, BUILDER_HERMETIC, access, json!("none")));
    assert_eq!(free, expected);
}
