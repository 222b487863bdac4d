//! Which host functions change neither the code nor the keys of the account whose code calls them. A list of the harmless
//! ones: what a later protocol brings is taken for harmful until somebody has looked at it.

use crate::wasm::Module;
use crate::wasm::node::HOST_MODULE;

/// Harmless host functions by the protocol version that brought them, 29 standing for all that were there before the public
/// networks began; names parted by a space, as a list of texts would be more to download. Source: `near-vm-runner` 0.38 (`imports.rs`), `near-parameters` 0.38 (`runtime_configs`) and
/// `ProtocolFeature` of `near-primitives-core` 0.38.
///
/// Some may look harmful and are not. A call, be it of the account itself, runs code that is there already. Keys for calls
/// alone cannot deploy. Deleting a key gives nobody more. A state init changes nothing in an account that has code
/// (nearcore's `deterministic_account_id.rs` and `universal_account_id.rs`: an active account is left as it is), and only
/// such an account runs any. Nobody may act on an account by creating it again while it is there.
pub const HARMLESS: &[(u32, &str)] = &[
    (
        29,
        "read_register register_len write_register current_account_id signer_account_id signer_account_pk \
         predecessor_account_id input block_index block_timestamp epoch_height storage_usage account_balance \
         account_locked_balance attached_deposit prepaid_gas used_gas random_seed sha256 keccak256 keccak512 \
         value_return panic panic_utf8 log_utf8 log_utf16 abort promise_create promise_then promise_and \
         promise_batch_create promise_batch_then promise_batch_action_create_account \
         promise_batch_action_function_call promise_batch_action_transfer promise_batch_action_stake \
         promise_batch_action_add_key_with_function_call promise_batch_action_delete_key promise_results_count \
         promise_result promise_return storage_write storage_read storage_remove storage_has_key storage_iter_prefix \
         storage_iter_range storage_iter_next gas validator_stake validator_total_stake",
    ),
    (46, "ripemd160 ecrecover"),
    (53, "promise_batch_action_function_call_weight"),
    (55, "alt_bn128_g1_multiexp alt_bn128_g1_sum alt_bn128_pairing_check"),
    (59, "ed25519_verify"),
    (67, "promise_yield_create promise_yield_resume"),
    (
        70,
        "bls12381_p1_sum bls12381_p2_sum bls12381_g1_multiexp bls12381_g2_multiexp bls12381_map_fp_to_g1 \
         bls12381_map_fp2_to_g2 bls12381_pairing_check bls12381_p1_decompress bls12381_p2_decompress",
    ),
    (
        82,
        "promise_set_refund_to promise_batch_action_state_init promise_batch_action_state_init_by_account_id \
         set_state_init_data_entry current_contract_code refund_to_account_id",
    ),
    (
        85,
        "chain_id p256_verify promise_batch_action_transfer_to_gas_key \
         promise_batch_action_add_gas_key_with_function_call promise_yield_create_with_id \
         promise_yield_resume_with_yield_id",
    ),
    (87, "sha3_256 sha3_384 sha3_512 ml_dsa_verify"),
    (88, "universal_state_init_to_account_id promise_batch_action_universal_state_init"),
];

/// The host functions that a module imports and that are not known to be harmless: with them it may be able to replace its
/// code or to hand out access, however rarely that is what they are there for. Hostile text.
pub fn redeploy_imports(module: &Module<'_>) -> Vec<String> {
    let is_harmless = |name: &str| HARMLESS.iter().any(|(_, names)| names.split(' ').any(|known| known == name));
    let imported = module.imported_functions().filter(|import| import.module == HOST_MODULE);
    imported.filter(|import| !is_harmless(import.name)).map(|import| import.name.to_owned()).collect()
}
