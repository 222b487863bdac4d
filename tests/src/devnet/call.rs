//! Runs a view call on an interpreter, with fuel, the node's memory limit and the host functions of `host`.
//! Failures are worded as the node words them (the `Debug` form of its `FunctionCallError`).

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use wasmi::{
    Config, Engine, ExternType, FuncType, Linker, Memory, MemoryType, Module, Store, StoreLimits, StoreLimitsBuilder,
    TrapCode, Val,
};

use super::host::{self, Fault};

/// Enough for a metadata or registry call, spent by an endless loop within a second.
const FUEL: u64 = 50_000_000;
/// The node's `max_memory_pages`.
const MAX_PAGES: u32 = 2_048;

/// What a call may read.
pub(crate) struct Call {
    pub(crate) account_id: String,
    pub(crate) args: Vec<u8>,
    pub(crate) state: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) amount: u128,
    pub(crate) storage_usage: u64,
    pub(crate) block_height: u64,
    pub(crate) block_timestamp: u64,
    pub(crate) random_seed: [u8; 32],
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) result: Result<Vec<u8>, String>,
    pub(crate) logs: Vec<String>,
}

impl Outcome {
    pub(crate) fn failed(error: String) -> Outcome {
        Outcome { result: Err(error), logs: Vec::new() }
    }
}

/// The state of one run.
pub(crate) struct Run {
    pub(crate) call: Call,
    pub(crate) registers: HashMap<u64, Vec<u8>>,
    pub(crate) logs: Vec<String>,
    pub(crate) returned: Vec<u8>,
    pub(crate) memory: Option<Memory>,
    limits: StoreLimits,
}

/// The newer methods' form of an error, for the names that hold no further fields.
pub(crate) fn structured(error: &str) -> Value {
    match error.split_once('(').map(|(kind, rest)| (kind, rest.trim_end_matches(')'))) {
        Some((kind, name)) if name.chars().all(|c| c.is_ascii_alphanumeric()) => {
            json!({ kind: name })
        }
        _ => json!(error),
    }
}

/// Runs the export `method` of `code`.
pub(crate) fn run(code: &[u8], method: &str, call: Call) -> Outcome {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    if method.is_empty() {
        return Outcome::failed("MethodResolveError(MethodEmptyName)".into());
    }
    let Ok(module) = Module::new(&engine, code) else {
        return Outcome::failed("CompilationError(PrepareError(Deserialization))".into());
    };
    match module.get_export(method) {
        Some(ExternType::Func(ty)) if ty.params().is_empty() && ty.results().is_empty() => {}
        Some(ExternType::Func(_)) => {
            return Outcome::failed("MethodResolveError(MethodInvalidSignature)".into());
        }
        _ => return Outcome::failed("MethodResolveError(MethodNotFound)".into()),
    }
    let limits = StoreLimitsBuilder::new().memory_size(MAX_PAGES as usize * 65_536).build();
    let run = Run { call, registers: HashMap::new(), logs: Vec::new(), returned: Vec::new(), memory: None, limits };
    let mut store = Store::new(&engine, run);
    store.limiter(|run| &mut run.limits);
    store.set_fuel(FUEL).expect("fuel is switched on above");
    let result = execute(&mut store, &module, method);
    let run = store.into_data();
    Outcome { result: result.map(|()| run.returned), logs: run.logs }
}

fn execute(store: &mut Store<Run>, module: &Module, method: &str) -> Result<(), String> {
    let mut linker = Linker::<Run>::new(module.engine());
    for import in module.imports() {
        let (place, name) = (import.module().to_owned(), import.name().to_owned());
        let unknown = || format!("LinkError {{ msg: \"unknown import: {place}.{name}\" }}");
        match import.ty() {
            ExternType::Memory(ty) if place == "env" => {
                let ty = MemoryType::new(ty.minimum() as u32, Some(MAX_PAGES));
                let memory = Memory::new(&mut *store, ty).map_err(|_| unknown())?;
                store.data_mut().memory = Some(memory);
                linker.define(&place, &name, memory).map_err(|_| unknown())?;
            }
            ExternType::Func(ty) if place == "env" && host::is_known(&name, ty) => {
                let told = name.clone();
                linker
                    .func_new(&place, &name, ty.clone(), move |mut caller, args, results| {
                        host::call(&told, &mut caller, args, results)
                    })
                    .map_err(|_| unknown())?;
            }
            _ => return Err(unknown()),
        }
    }
    let instance = linker.instantiate_and_start(&mut *store, module).map_err(|error| told(&error))?;
    if let Some(memory) = instance.get_memory(&*store, "memory") {
        store.data_mut().memory = Some(memory);
    }
    let entry = instance.get_func(&*store, method).expect("the export was looked up before");
    debug_assert_eq!(entry.ty(&*store), FuncType::new([], []));
    entry.call(&mut *store, &[], &mut [] as &mut [Val]).map_err(|error| told(&error))
}

fn told(error: &wasmi::Error) -> String {
    if let Some(Fault(text)) = error.downcast_ref::<Fault>() {
        return format!("HostError({text})");
    }
    let trap = match error.as_trap_code() {
        Some(TrapCode::UnreachableCodeReached) => "Unreachable",
        Some(TrapCode::MemoryOutOfBounds) => "MemoryOutOfBounds",
        Some(TrapCode::TableOutOfBounds) => "CallIndirectOOB",
        Some(TrapCode::IndirectCallToNull) => "IndirectCallToNull",
        Some(TrapCode::IntegerDivisionByZero | TrapCode::IntegerOverflow | TrapCode::BadConversionToInteger) => {
            "IllegalArithmetic"
        }
        Some(TrapCode::StackOverflow) => "StackOverflow",
        Some(TrapCode::BadSignature) => "IncorrectCallIndirectSignature",
        Some(TrapCode::OutOfFuel) => return "HostError(GasLimitExceeded)".into(),
        _ => "GenericTrap",
    };
    format!("WasmTrap({trap})")
}
