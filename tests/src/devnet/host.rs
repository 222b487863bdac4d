//! The host functions of a view call, as the node's `near-vm-logic` has them.

use std::fmt;

use wasmi::{Caller, Error, FuncType, Val};

use super::account::Hash;
use super::call::Run;

const MAX_LOGS: usize = 100;
const MAX_LOG_BYTES: usize = 16_384;
const MAX_VALUE: usize = 4 << 20;

/// Why the host ended a call, in the node's words.
#[derive(Debug)]
pub(crate) struct Fault(pub(crate) String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}
impl wasmi::errors::HostError for Fault {}

/// What the devnet runs: name, number of parameters, number of results.
const RUN: [(&str, usize, usize); 25] = [
    ("abort", 4, 0),
    ("account_balance", 1, 0),
    ("account_locked_balance", 1, 0),
    ("block_index", 0, 1),
    ("block_timestamp", 0, 1),
    ("current_account_id", 1, 0),
    ("epoch_height", 0, 1),
    ("input", 1, 0),
    ("log_utf16", 2, 0),
    ("log_utf8", 2, 0),
    ("panic", 0, 0),
    ("panic_utf8", 2, 0),
    ("random_seed", 1, 0),
    ("read_register", 2, 0),
    ("register_len", 1, 1),
    ("sha256", 3, 0),
    ("storage_has_key", 2, 1),
    ("storage_read", 3, 1),
    ("storage_usage", 0, 1),
    ("validator_total_stake", 1, 0),
    ("value_return", 2, 0),
    ("write_register", 3, 0),
    ("storage_iter_prefix", 2, 1),
    ("storage_iter_range", 4, 1),
    ("storage_iter_next", 3, 1),
];

/// What a view call may import and not call. Every `promise_…` is one of them too.
const PROHIBITED: [&str; 9] = [
    "attached_deposit",
    "predecessor_account_id",
    "prepaid_gas",
    "refund_to_account_id",
    "signer_account_id",
    "signer_account_pk",
    "storage_remove",
    "storage_write",
    "used_gas",
];

/// What the node runs and the devnet does not.
const ELSEWHERE: [&str; 9] = [
    "alt_bn128_",
    "bls12381_",
    "current_contract_code",
    "ecrecover",
    "ed25519_verify",
    "keccak",
    "p256_verify",
    "ripemd160",
    "validator_stake",
];

fn is_prohibited(name: &str) -> bool {
    name.starts_with("promise_") || PROHIBITED.contains(&name)
}

/// Whether NEAR has a host function of this name and, as far as the devnet runs it, this shape.
pub(crate) fn is_known(name: &str, ty: &FuncType) -> bool {
    match RUN.iter().find(|(known, ..)| *known == name) {
        Some((_, params, results)) => ty.params().len() == *params && ty.results().len() == *results,
        None => is_prohibited(name) || ELSEWHERE.iter().any(|prefix| name.starts_with(prefix)),
    }
}

/// Runs one host function whose shape `is_known` has checked.
pub(crate) fn call(name: &str, caller: &mut Caller<'_, Run>, args: &[Val], results: &mut [Val]) -> Result<(), Error> {
    run(name, caller, args, results).map_err(|fault| Error::host(Fault(fault)))
}

fn run(name: &str, caller: &mut Caller<'_, Run>, args: &[Val], results: &mut [Val]) -> Result<(), String> {
    let arg = |at: usize| match args.get(at) {
        Some(Val::I64(value)) => *value as u64,
        Some(Val::I32(value)) => u64::from(*value as u32),
        _ => 0,
    };
    let mut answer = None;
    match name {
        "input" => set(caller, arg(0), caller.data().call.args.clone())?,
        "current_account_id" => set(caller, arg(0), caller.data().call.account_id.clone().into_bytes())?,
        "random_seed" => set(caller, arg(0), caller.data().call.random_seed.to_vec())?,
        "register_len" => answer = Some(caller.data().registers.get(&arg(0)).map_or(u64::MAX, |r| r.len() as u64)),
        "read_register" => {
            let bytes = register(caller, arg(0))?;
            write(caller, arg(1), &bytes)?;
        }
        "write_register" => {
            let bytes = read(caller, arg(1), arg(2))?;
            set(caller, arg(0), bytes)?;
        }
        "value_return" => {
            let bytes = bytes(caller, arg(0), arg(1))?;
            if bytes.len() > MAX_VALUE {
                return Err(format!("ReturnedValueLengthExceeded {{ length: {}, limit: {MAX_VALUE} }}", bytes.len()));
            }
            caller.data_mut().returned = bytes;
        }
        "storage_read" => {
            let key = bytes(caller, arg(0), arg(1))?;
            let value = caller.data().call.state.get(&key).cloned();
            answer = Some(u64::from(value.is_some()));
            if let Some(value) = value {
                set(caller, arg(2), value)?;
            }
        }
        "storage_has_key" => {
            let key = bytes(caller, arg(0), arg(1))?;
            answer = Some(u64::from(caller.data().call.state.contains_key(&key)));
        }
        "storage_usage" => answer = Some(caller.data().call.storage_usage),
        "block_index" => answer = Some(caller.data().call.block_height),
        "block_timestamp" => answer = Some(caller.data().call.block_timestamp),
        "epoch_height" => answer = Some(caller.data().call.block_height / 43_200),
        "account_balance" => {
            let amount = caller.data().call.amount;
            write(caller, arg(0), &amount.to_le_bytes())?;
        }
        "account_locked_balance" | "validator_total_stake" => write(caller, arg(0), &0u128.to_le_bytes())?,
        "sha256" => {
            let bytes = bytes(caller, arg(0), arg(1))?;
            set(caller, arg(2), Hash::of(&bytes).0.to_vec())?;
        }
        "log_utf8" => log(caller, |caller| utf8(caller, arg(0), arg(1)))?,
        "log_utf16" => log(caller, |caller| utf16(caller, arg(0), arg(1)))?,
        "panic" => return Err("GuestPanic { panic_msg: \"explicit guest panic\" }".into()),
        "panic_utf8" => {
            return Err(format!("GuestPanic {{ panic_msg: {:?} }}", utf8(caller, arg(0), arg(1))?));
        }
        "abort" => return Err(abort(caller, arg(0), arg(1), arg(2), arg(3))?),
        "storage_iter_prefix" | "storage_iter_range" | "storage_iter_next" => {
            return Err(format!("Deprecated {{ method_name: \"{name}\" }}"));
        }
        _ if is_prohibited(name) => {
            return Err(format!("ProhibitedInView {{ method_name: \"{name}\" }}"));
        }
        // The one answer that no node gives: a test that meets it needs more than the devnet has.
        _ => return Err(format!("NotOnDevnet {{ method_name: \"{name}\" }}")),
    }
    if let (Some(value), Some(slot)) = (answer, results.first_mut()) {
        *slot = Val::I64(value as i64);
    }
    Ok(())
}

/// The bytes at `pointer`, or those of the register `pointer` when `len` is all ones.
fn bytes(caller: &Caller<'_, Run>, len: u64, pointer: u64) -> Result<Vec<u8>, String> {
    if len == u64::MAX { register(caller, pointer) } else { read(caller, len, pointer) }
}

fn register(caller: &Caller<'_, Run>, id: u64) -> Result<Vec<u8>, String> {
    let missing = || format!("InvalidRegisterId {{ register_id: {id} }}");
    caller.data().registers.get(&id).cloned().ok_or_else(missing)
}

fn set(caller: &mut Caller<'_, Run>, id: u64, bytes: Vec<u8>) -> Result<(), String> {
    // The node's `max_number_registers`.
    if caller.data().registers.len() >= 100 && !caller.data().registers.contains_key(&id) {
        return Err("MemoryAccessViolation".into());
    }
    caller.data_mut().registers.insert(id, bytes);
    Ok(())
}

fn memory(caller: &Caller<'_, Run>) -> Result<wasmi::Memory, String> {
    let exported = caller.get_export("memory").and_then(wasmi::Extern::into_memory);
    exported.or(caller.data().memory).ok_or_else(|| "MemoryAccessViolation".to_owned())
}

fn read(caller: &Caller<'_, Run>, len: u64, pointer: u64) -> Result<Vec<u8>, String> {
    let all = memory(caller)?.data(caller);
    let end = pointer.checked_add(len).filter(|end| *end <= all.len() as u64);
    let end = end.ok_or_else(|| "MemoryAccessViolation".to_owned())?;
    Ok(all[pointer as usize..end as usize].to_vec())
}

fn write(caller: &mut Caller<'_, Run>, pointer: u64, bytes: &[u8]) -> Result<(), String> {
    memory(caller)?.write(caller, pointer as usize, bytes).map_err(|_| "MemoryAccessViolation".to_owned())
}

/// As the node reads text: up to a zero byte when `len` is all ones.
fn utf8(caller: &Caller<'_, Run>, len: u64, pointer: u64) -> Result<String, String> {
    let bytes = if len == u64::MAX {
        let all = memory(caller)?.data(caller);
        let rest = all.get(pointer as usize..).ok_or("MemoryAccessViolation")?;
        rest.iter().take(MAX_LOG_BYTES).take_while(|byte| **byte != 0).copied().collect()
    } else if len > MAX_LOG_BYTES as u64 {
        return Err(format!("TotalLogLengthExceeded {{ length: {len}, limit: {MAX_LOG_BYTES} }}"));
    } else {
        read(caller, len, pointer)?
    };
    String::from_utf8(bytes).map_err(|_| "BadUTF8".to_owned())
}

fn utf16(caller: &Caller<'_, Run>, len: u64, pointer: u64) -> Result<String, String> {
    if len > MAX_LOG_BYTES as u64 || !len.is_multiple_of(2) {
        return Err("BadUTF16".into());
    }
    let bytes = read(caller, len, pointer)?;
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).map_err(|_| "BadUTF16".to_owned())
}

fn log(caller: &mut Caller<'_, Run>, text: impl Fn(&Caller<'_, Run>) -> Result<String, String>) -> Result<(), String> {
    if caller.data().logs.len() >= MAX_LOGS {
        return Err(format!("NumberOfLogsExceeded {{ limit: {MAX_LOGS} }}"));
    }
    let text = text(caller)?;
    caller.data_mut().logs.push(text);
    Ok(())
}

/// AssemblyScript's panic: two UTF-16 texts whose length stands four bytes before them.
fn abort(caller: &Caller<'_, Run>, message: u64, file: u64, line: u64, column: u64) -> Result<String, String> {
    let text = |pointer: u64| {
        let at = pointer.checked_sub(4).ok_or("BadUTF16")?;
        let len = read(caller, 4, at)?;
        utf16(caller, u64::from(u32::from_le_bytes([len[0], len[1], len[2], len[3]])), pointer)
    };
    let told = format!("{}, filename: \"{}\" line: {line} col: {column}", text(message)?, text(file)?);
    Ok(format!("GuestPanic {{ panic_msg: {told:?} }}"))
}
