//! The functions that a node gives to contracts, each with its one type, and which of them change neither the code nor the
//! keys of the account whose code calls them. A module that imports anything else is not linked: the node answers each call
//! with `LinkError`, whether or not the function would be reached. What a later protocol brings is unknown here, and taken
//! for harmful, until somebody has looked at it.

use wasmparser::{FuncType, ValType};

/// Harmless host functions by the protocol version that brought them, 29 standing for all that were there before the public
/// networks began; parted by a space, as a list of texts would be more to download. After each name its type: `I` is an
/// `i64`, `i` an `i32`, and what follows `>` is the result. Source: `near-vm-runner` 0.38 (`imports.rs`), `near-parameters`
/// 0.38 (`runtime_configs`) and `ProtocolFeature` of `near-primitives-core` 0.38.
///
/// Some may look harmful and are not. A call, be it of the account itself, runs code that is there already. Keys for calls
/// alone cannot deploy. Deleting a key gives nobody more. A state init changes nothing in an account that has code
/// (nearcore's `deterministic_account_id.rs` and `universal_account_id.rs`: an active account is left as it is), and only
/// such an account runs any. Nobody may act on an account by creating it again while it is there.
pub const HARMLESS: &[(u32, &str)] = &[
    (
        29,
        "read_register:II register_len:I>I write_register:III current_account_id:I signer_account_id:I \
         signer_account_pk:I predecessor_account_id:I input:I block_index:>I block_timestamp:>I epoch_height:>I \
         storage_usage:>I account_balance:I account_locked_balance:I attached_deposit:I prepaid_gas:>I used_gas:>I \
         random_seed:I sha256:III keccak256:III keccak512:III value_return:II panic: panic_utf8:II log_utf8:II \
         log_utf16:II abort:iiii promise_create:IIIIIIII>I promise_then:IIIIIIIII>I promise_and:II>I \
         promise_batch_create:II>I promise_batch_then:III>I promise_batch_action_create_account:I \
         promise_batch_action_function_call:IIIIIII promise_batch_action_transfer:II promise_batch_action_stake:IIII \
         promise_batch_action_add_key_with_function_call:IIIIIIIII promise_batch_action_delete_key:III \
         promise_results_count:>I promise_result:II>I promise_return:I storage_write:IIIII>I storage_read:III>I \
         storage_remove:III>I storage_has_key:II>I storage_iter_prefix:II>I storage_iter_range:IIII>I \
         storage_iter_next:III>I gas:i validator_stake:III validator_total_stake:I",
    ),
    (46, "ripemd160:III ecrecover:IIIIIII>I"),
    (53, "promise_batch_action_function_call_weight:IIIIIIII"),
    (55, "alt_bn128_g1_multiexp:III alt_bn128_g1_sum:III alt_bn128_pairing_check:II>I"),
    (59, "ed25519_verify:IIIIII>I"),
    (67, "promise_yield_create:IIIIIII>I promise_yield_resume:IIII>i"),
    (
        70,
        "bls12381_p1_sum:III>I bls12381_p2_sum:III>I bls12381_g1_multiexp:III>I bls12381_g2_multiexp:III>I \
         bls12381_map_fp_to_g1:III>I bls12381_map_fp2_to_g2:III>I bls12381_pairing_check:II>I \
         bls12381_p1_decompress:III>I bls12381_p2_decompress:III>I",
    ),
    (
        82,
        "promise_set_refund_to:III promise_batch_action_state_init:IIII>I \
         promise_batch_action_state_init_by_account_id:IIII>I set_state_init_data_entry:IIIIII \
         current_contract_code:I>I refund_to_account_id:I",
    ),
    (
        85,
        "chain_id:I p256_verify:IIIIII>I promise_batch_action_transfer_to_gas_key:IIII \
         promise_batch_action_add_gas_key_with_function_call:IIIIIIIII promise_yield_create_with_id:IIIIIIIII>I \
         promise_yield_resume_with_yield_id:IIII>i",
    ),
    (87, "sha3_256:III sha3_384:III sha3_512:III ml_dsa_verify:IIIIII>I"),
    (88, "universal_state_init_to_account_id:III>I promise_batch_action_universal_state_init:IIII"),
];

/// The others, spelled alike. Not here: what is compiled into test networks alone (`sandbox_debug_log`, `sleep_nanos`,
/// `burn_gas`).
const HARMFUL: &str = "promise_batch_action_deploy_contract:III promise_batch_action_deploy_global_contract:III \
     promise_batch_action_deploy_global_contract_by_account_id:III promise_batch_action_use_global_contract:III \
     promise_batch_action_use_global_contract_by_account_id:III promise_batch_action_add_key_with_full_access:IIII \
     promise_batch_action_delete_account:III promise_batch_action_add_gas_key_with_full_access:IIII";

/// Every host function: its name, and its type as it is spelled here.
pub fn host_functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    harmless().chain(read(HARMFUL))
}

/// Whether a host function of this name is known to be harmless.
pub(crate) fn is_harmless(name: &str) -> bool {
    harmless().any(|(known, _)| known == name)
}

fn harmless() -> impl Iterator<Item = (&'static str, &'static str)> {
    HARMLESS.iter().flat_map(|(_, functions)| read(functions))
}

fn read(functions: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    functions.split(' ').filter_map(|function| function.split_once(':'))
}

/// Why a node does not give a function of this name and type, if it does not.
pub(super) fn refusal(name: &str, ty: Option<&FuncType>) -> Option<&'static str> {
    match host_functions().find(|(known, _)| *known == name) {
        None => Some("no node has such a function"),
        Some((_, spelled)) if ty.is_some_and(|ty| spell(ty) == spelled) => None,
        Some(_) => Some("a node gives it another type"),
    }
}

fn spell(ty: &FuncType) -> String {
    let letter = |ty: &ValType| match ty {
        ValType::I64 => 'I',
        ValType::I32 => 'i',
        ValType::F32 | ValType::F64 | ValType::V128 | ValType::Ref(_) => '?',
    };
    let result = ty.results().iter().flat_map(|ty| ['>', letter(ty)]);
    ty.params().iter().map(letter).chain(result).collect()
}
