//! Runs one export of untrusted wasm in an interpreter with fuel, under the rules of `shared::wasm::sandbox`.

use std::cell::RefCell;

use provenear_shared::embedded::{Sandbox, SandboxEnd, SandboxRun};
use provenear_shared::wasm::node::{HOST_MODULE, MAX_MEMORY_PAGES, MAX_TABLE_ELEMENTS};
use provenear_shared::wasm::sandbox::{HostFunction, MAX_RETURNED, Plan, VALUE_RETURN, ValueType};
use wasmi::errors::ErrorKind;
use wasmi::{
    Caller, CompilationMode, Config, Engine, Error, FuncType, Global, Linker, Memory, Module, Store, StoreLimits,
    StoreLimitsBuilder, TrapCode, Val, ValType,
};

/// Fuel for one run: real contracts need some thousands, this is below a second even where every step is a refused
/// `memory.grow`.
const FUEL: u64 = 50_000_000;
/// Fuel for one call of the host, and for one byte that `value_return` hands over: in steps of code, what the node charges
/// (`wasm_base` and `wasm_read_memory_byte` over `wasm_regular_op_cost`). Else a loop of calls would be almost free.
const CALL_FUEL: u64 = 322;
const BYTE_FUEL: u64 = 5;
/// Calls within calls.
const MAX_DEPTH: usize = 512;

/// The helper's sandbox.
#[derive(Debug, Clone, Copy, Default)]
pub struct Interpreter;

struct State {
    limits: StoreLimits,
    memory: Option<Memory>,
    /// 1 once an operator that can make a NaN was reached.
    floats: Option<Global>,
    returned: Option<Vec<u8>>,
    /// Whether each host function was called, by its place in the plan, and the order of the first calls.
    noted: Vec<bool>,
    called: Vec<usize>,
}

thread_local! {
    /// What was validated last: claim and ABI are two runs of one module, and validation is most of the time of each.
    static LAST: RefCell<Option<(Vec<u8>, Engine, Module)>> = const { RefCell::new(None) };
}

/// Validates a module, unless it is the one that was validated last.
fn compiled(bytes: &[u8]) -> (Engine, Result<Module, Error>) {
    let known = LAST.with_borrow(|last| {
        let (_, engine, module) = last.as_ref().filter(|(known, ..)| known == bytes)?;
        Some((engine.clone(), module.clone()))
    });
    if let Some((engine, module)) = known {
        return (engine, Ok(module));
    }
    let mut config = Config::default();
    config.consume_fuel(true).compilation_mode(CompilationMode::LazyTranslation).set_max_recursion_depth(MAX_DEPTH);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, bytes);
    if let Ok(module) = &module {
        LAST.set(Some((bytes.to_vec(), engine.clone(), module.clone())));
    }
    (engine, module)
}

impl Sandbox for Interpreter {
    async fn run(&self, plan: &Plan) -> SandboxRun {
        let (engine, module) = compiled(plan.bytes());
        let limits = StoreLimitsBuilder::new()
            .memory_size(usize::try_from(MAX_MEMORY_PAGES).unwrap_or(2048) << 16)
            .table_elements(usize::try_from(MAX_TABLE_ELEMENTS).unwrap_or(10_000))
            .build();
        let mut store = Store::new(
            &engine,
            State {
                limits,
                memory: None,
                floats: None,
                returned: None,
                noted: vec![false; plan.functions().len()],
                called: Vec::new(),
            },
        );
        store.limiter(|state| &mut state.limits);
        let end = match module.and_then(|module| run(&engine, &module, &mut store, plan)) {
            Ok(()) => SandboxEnd::Returned,
            Err(error) if is_out_of_fuel(&error) => SandboxEnd::LimitReached,
            Err(_) if has_reached_floats(&store) => SandboxEnd::FloatReached,
            Err(error) => SandboxEnd::Trapped(error.to_string()),
        };
        let state = store.into_data();
        let called = state.called.iter().filter_map(|at| plan.functions().get(*at)).map(|it| it.name.clone()).collect();
        SandboxRun { returned: state.returned, called, end }
    }
}

fn run(engine: &Engine, module: &Module, store: &mut Store<State>, plan: &Plan) -> Result<(), Error> {
    store.set_fuel(FUEL)?;
    let mut linker = Linker::<State>::new(engine);
    for (at, function) in plan.functions().iter().enumerate() {
        define(&mut linker, at, function)?;
    }
    let instance = linker.instantiate_and_start(&mut *store, module)?;
    store.data_mut().memory = plan.memory().and_then(|name| instance.get_memory(&*store, name));
    store.data_mut().floats = plan.floats().and_then(|name| instance.get_global(&*store, name));
    // What a run calls counts from here on.
    store.data_mut().called.clear();
    store.data_mut().noted.fill(false);
    store.data_mut().returned = None;
    instance.get_typed_func::<(), ()>(&*store, plan.export())?.call(&mut *store, ())
}

fn define(linker: &mut Linker<State>, at: usize, function: &HostFunction) -> Result<(), Error> {
    let types = |list: &[ValueType]| list.iter().copied().map(value_type).collect::<Vec<_>>();
    let ty = FuncType::new(types(&function.params), types(&function.results));
    let is_value_return = function.name == VALUE_RETURN;
    linker.func_new(HOST_MODULE, &function.name, ty, move |mut caller: Caller<'_, State>, params, results| {
        // By number: a module can import as many functions as it has room for, and call each of them over and over.
        if let Some(noted) = caller.data_mut().noted.get_mut(at).filter(|noted| !**noted) {
            *noted = true;
            caller.data_mut().called.push(at);
        }
        let mut spent = CALL_FUEL;
        if is_value_return {
            let returned = value_return(&caller, params)?;
            spent += BYTE_FUEL * returned.len() as u64;
            caller.data_mut().returned = Some(returned);
        }
        let left = caller.get_fuel()?;
        caller.set_fuel(left.saturating_sub(spent))?;
        for result in results {
            *result = Val::default_for_ty(result.ty());
        }
        Ok(())
    })?;
    Ok(())
}

/// The bytes that `value_return(length, address)` names, both read as unsigned.
fn value_return(caller: &Caller<'_, State>, params: &[Val]) -> Result<Vec<u8>, Error> {
    let number = |at: usize| params.get(at).and_then(Val::i64).map(i64::cast_unsigned);
    let (Some(length), Some(address)) = (number(0), number(1)) else {
        return Err(Error::new("`value_return` takes a length and an address"));
    };
    if length > MAX_RETURNED {
        return Err(Error::new("`value_return` of more than the node takes"));
    }
    if length == 0 {
        return Ok(Vec::new());
    }
    let data = caller.data().memory.map(|memory| memory.data(caller)).unwrap_or_default();
    let range = usize::try_from(address).ok().zip(usize::try_from(length).ok());
    range
        .and_then(|(from, length)| data.get(from..from.checked_add(length)?))
        .map(<[u8]>::to_vec)
        .ok_or_else(|| Error::new("`value_return` outside of the memory"))
}

fn value_type(ty: ValueType) -> ValType {
    match ty {
        ValueType::I32 => ValType::I32,
        ValueType::I64 => ValType::I64,
        ValueType::F32 => ValType::F32,
        ValueType::F64 => ValType::F64,
    }
}

fn has_reached_floats(store: &Store<State>) -> bool {
    store.data().floats.is_some_and(|global| global.get(store).i32() == Some(1))
}

fn is_out_of_fuel(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::TrapCode(TrapCode::OutOfFuel))
        || error.kind().as_trap_code() == Some(TrapCode::OutOfFuel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::wasm::Module as Parsed;

    fn run(wat: &str) -> SandboxRun {
        let bytes = wat::parse_str(wat).unwrap();
        let module = Parsed::parse(&bytes).unwrap();
        let plan = Plan::new(&module, "get").unwrap();
        pollster::block_on(Interpreter.run(&plan))
    }

    #[test]
    fn the_last_returned_value_counts() {
        let got = run(
            r#"(module (import "env" "value_return" (func $v (param i64 i64))) (memory 1) (data (i32.const 8) "abcdef")
            (func (export "get") (call $v (i64.const 3) (i64.const 8)) (call $v (i64.const 2) (i64.const 12))))"#,
        );
        assert_eq!(got.returned.as_deref(), Some(&b"ef"[..]));
        assert_eq!((got.called, got.end), (vec!["value_return".to_owned()], SandboxEnd::Returned));
    }

    #[test]
    fn what_is_called_is_named_and_answers_zero() {
        let got = run(r#"(module (import "env" "storage_read" (func $s (param i64) (result i64))) (memory 1)
            (func (export "get") (if (i64.ne (call $s (i64.const 1)) (i64.const 0)) (then unreachable))))"#);
        assert_eq!((got.called, got.end), (vec!["storage_read".to_owned()], SandboxEnd::Returned));
    }

    #[test]
    fn loops_recursion_and_greed_end() {
        let endless = run(r#"(module (func (export "get") (loop (br 0))))"#);
        assert_eq!(endless.end, SandboxEnd::LimitReached);
        let deep = run(r#"(module (func $f (export "get") (call $f)))"#);
        assert!(matches!(deep.end, SandboxEnd::Trapped(_)));
        let greedy = run(
            r#"(module (memory 1) (func (export "get") (if (i32.ne (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable))))"#,
        );
        assert_eq!(greedy.end, SandboxEnd::Returned);
        let talkative = run(r#"(module (import "env" "value_return" (func $v (param i64 i64))) (memory 64)
            (func (export "get") (loop (call $v (i64.const 4194304) (i64.const 0)) (br 0))))"#);
        assert_eq!(talkative.end, SandboxEnd::LimitReached);
        let outside = run(r#"(module (import "env" "value_return" (func $v (param i64 i64))) (memory 1)
            (func (export "get") (call $v (i64.const 2) (i64.const 67108863))))"#);
        assert!(matches!(outside.end, SandboxEnd::Trapped(_)));
    }

    #[test]
    fn the_memory_is_the_nodes_whatever_is_declared() {
        for declared in ["0", "1 3", "1 65536", "2049", "4097"] {
            let got = run(&format!(
                r#"(module (memory {declared}) (func (export "get")
                (if (i32.ne (memory.size) (i32.const 1024)) (then unreachable))
                (if (i32.ne (memory.grow (i32.const 1024)) (i32.const 1024)) (then unreachable))
                (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))))"#
            ));
            assert_eq!(got.end, SandboxEnd::Returned, "{declared}");
        }
    }

    #[test]
    fn what_can_make_a_nan_is_not_run_and_the_rest_is() {
        let reaching = |code: &str| run(&format!(r#"(module (func (export "get") {code}))"#)).end;
        for ty in ["f32", "f64"] {
            for one in ["ceil", "floor", "trunc", "nearest", "sqrt"] {
                assert_eq!(reaching(&format!("(drop ({ty}.{one} ({ty}.const 1)))")), SandboxEnd::FloatReached, "{one}");
            }
            for two in ["add", "sub", "mul", "div", "min", "max"] {
                let code = format!("(drop ({ty}.{two} ({ty}.const 1) ({ty}.const 1)))");
                assert_eq!(reaching(&code), SandboxEnd::FloatReached, "{two}");
            }
            let kept = format!(
                "(drop ({ty}.lt ({ty}.copysign ({ty}.neg ({ty}.abs ({ty}.const 1))) ({ty}.const -1)) ({ty}.const 0)))
                 (drop (i64.trunc_sat_{ty}_s ({ty}.convert_i64_u (i64.trunc_{ty}_s ({ty}.const 7)))))"
            );
            assert_eq!(reaching(&kept), SandboxEnd::Returned);
        }
        assert_eq!(reaching("(drop (f32.demote_f64 (f64.const 1)))"), SandboxEnd::FloatReached);
        assert_eq!(reaching("(drop (f64.promote_f32 (f32.const 1)))"), SandboxEnd::FloatReached);
        // A module that only contains one ends by its own trap, in a function of many sizes.
        for nops in [0, 100, 120, 130, 20_000] {
            let nops = "nop ".repeat(nops);
            let code =
                format!("(if (i32.const 0) (then (drop (f32.add (f32.const 1) (f32.const 1))))) {nops} unreachable");
            assert!(matches!(reaching(&code), SandboxEnd::Trapped(_)));
        }
    }
}
