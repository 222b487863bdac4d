//! Every host function of a node, with the protocol version that brought it, against the list of the harmless ones. The node's
//! list is a macro inside near-vm-runner, so its source is read; nothing of it has to be built for that.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use near_parameters::RuntimeConfigStore;
use near_parameters::vm::Config;
use near_primitives_core::version::{MIN_SUPPORTED_PROTOCOL_VERSION, PROD_GENESIS_PROTOCOL_VERSION, ProtocolFeature};
use provenear_shared::wasm::PROTOCOL;
use provenear_shared::wasm::node::HARMLESS;
use serde_json::Value;

/// With these, code can replace itself or hand out access: what the list leaves out on purpose.
const LEFT_OUT: &[&str] = &[
    "promise_batch_action_add_gas_key_with_full_access",
    "promise_batch_action_add_key_with_full_access",
    "promise_batch_action_delete_account",
    "promise_batch_action_deploy_contract",
    "promise_batch_action_deploy_global_contract",
    "promise_batch_action_deploy_global_contract_by_account_id",
    "promise_batch_action_use_global_contract",
    "promise_batch_action_use_global_contract_by_account_id",
];

/// Host functions by name, each with the member of the configuration that it depends on.
fn of_the_node() -> BTreeMap<String, Option<String>> {
    let arguments = ["metadata", "--locked", "--format-version", "1", "--features", "node", "--manifest-path"];
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata = Command::new(env!("CARGO")).args(arguments).arg(manifest).output().unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let runner = packages.iter().find(|it| it["name"] == "near-vm-runner" && it["version"] == "0.38.0").unwrap();
    let source = runner["manifest_path"].as_str().unwrap().replace("Cargo.toml", "src/imports.rs");
    let source = fs::read_to_string(source).unwrap();
    let list = source.split("\nimports! {\n").nth(1).unwrap().split("\n}\n").next().unwrap();
    let mut functions = BTreeMap::new();
    for line in list.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        let Some((before, _)) = line.split_once("<[") else { continue };
        let (gate, name) = match before.strip_prefix("#[").and_then(|rest| rest.split_once("] ")) {
            Some((gate, name)) => (Some(gate.to_owned()), name),
            None => (None, before),
        };
        // `@in` are no functions of `env`, and those of a feature are in no node.
        let is_of_feature = gate.as_deref().is_some_and(|gate| gate.starts_with('['));
        if is_of_feature || name.starts_with("@in ") {
            continue;
        }
        let name = match name.strip_prefix("@as ") {
            Some(renamed) => renamed.split(':').next().unwrap().trim(),
            None => name.trim(),
        };
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "`{name}` is read wrongly");
        functions.insert(name.to_owned(), gate);
    }
    functions
}

fn is_open(gate: &str, config: &Config) -> bool {
    match gate {
        "chain_id_host_fn" => config.chain_id_host_fn,
        "gas_key_host_fns" => config.gas_key_host_fns,
        "global_contract_host_fns" => config.global_contract_host_fns,
        "ml_dsa_verify_host_fn" => config.ml_dsa_verify_host_fn,
        "p256_verify_host_fn" => config.p256_verify_host_fn,
        "sha3_host_fns" => config.sha3_host_fns,
        "universal_accounts" => config.universal_accounts,
        "yield_with_id_host_fns" => config.yield_with_id_host_fns,
        other => panic!("`{other}` is new in the node's configuration"),
    }
}

fn listed() -> Vec<(u32, &'static str)> {
    let split = |functions: &'static str| functions.split(' ').filter_map(|function| function.split_once(':'));
    HARMLESS.iter().flat_map(|(version, functions)| split(functions).map(|(name, _)| (*version, name))).collect()
}

#[test]
fn every_host_function_of_a_node_is_listed_or_left_out_on_purpose() {
    let node = of_the_node();
    assert!(node.len() > 80, "{node:?}");
    let listed = listed();
    let foreign: Vec<&str> = listed.iter().map(|(_, name)| *name).filter(|name| !node.contains_key(*name)).collect();
    assert!(foreign.is_empty(), "no host functions of a node: {foreign:?}");
    let unlisted: Vec<&str> =
        node.keys().map(String::as_str).filter(|name| listed.iter().all(|(_, known)| known != name)).collect();
    assert_eq!(unlisted, LEFT_OUT);
}

#[test]
fn each_is_listed_with_the_protocol_version_that_brought_it() {
    let (node, store) = (of_the_node(), RuntimeConfigStore::new(None));
    let mut dated = 0;
    for (version, name) in listed() {
        match &node[name] {
            Some(gate) => {
                let open = |version| is_open(gate, &store.get_config(version).wasm_config);
                let first = (PROD_GENESIS_PROTOCOL_VERSION..=PROTOCOL).find(|version| open(*version));
                assert_eq!(first, Some(version), "{name}");
                dated += 1;
            }
            // What every supported version has carries no date any more.
            None => assert!(version <= MIN_SUPPORTED_PROTOCOL_VERSION, "{name}: {version}"),
        }
    }
    assert!(dated > 5, "{dated}");
    // The versions of those that carry none are the versions of these features, which are over for those who run a node.
    #[allow(deprecated)]
    let features = [
        ProtocolFeature::_DeprecatedMathExtension,
        ProtocolFeature::_DeprecatedFunctionCallWeight,
        ProtocolFeature::_DeprecatedAltBn128,
        ProtocolFeature::_DeprecatedEd25519Verify,
        ProtocolFeature::_DeprecatedYieldExecution,
        ProtocolFeature::_DeprecatedBLS12381,
        ProtocolFeature::_DeprecatedDeterministicAccountIds,
    ];
    let expected = [PROD_GENESIS_PROTOCOL_VERSION].into_iter().chain(features.map(ProtocolFeature::protocol_version));
    let undated =
        HARMLESS.iter().map(|(version, _)| *version).filter(|version| *version < MIN_SUPPORTED_PROTOCOL_VERSION);
    assert!(undated.eq(expected));
}
