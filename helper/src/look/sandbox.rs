//! Runs one export of untrusted wasm in an interpreter, under the rules of `shared::wasm::sandbox`.

mod remembered;

use std::cell::RefCell;

use provenear_shared::embedded::{Sandbox, SandboxEnd, SandboxRun};
use provenear_shared::wasm::node::{HOST_MODULE, MAX_MEMORY_PAGES, MAX_STACK_HEIGHT, MAX_TABLE_ELEMENTS};
use provenear_shared::wasm::sandbox::{
    HostFunction, MAX_RETURNED, Plan, RETURN_SHIFT, RETURN_STEPS, VALUE_RETURN, ValueType,
};
use wasmi::errors::{ErrorKind, InstantiationError};
use wasmi::{
    Caller, CompilationMode, Config, Engine, Error, FuncType, Global, Linker, Memory, Module, Store, StoreLimits,
    StoreLimitsBuilder, TrapCode, Val, ValType,
};

/// Calls within calls: more than a node's stack does for, as each takes 64 bytes of it. The plan's copy counts.
const MAX_DEPTH: usize = 4 + MAX_STACK_HEIGHT as usize / 64;
/// Bytes for their values, four times what a node has: no value takes more room here than that.
const STACK: usize = 4 * MAX_STACK_HEIGHT as usize;

/// The helper's sandbox.
#[derive(Debug, Clone, Copy, Default)]
pub struct Interpreter;

struct State {
    limits: StoreLimits,
    memory: Option<Memory>,
    /// Tells why the copy ended the run.
    mark: Option<Global>,
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
fn compile(bytes: &[u8]) -> (Engine, Result<Module, Error>) {
    let known = LAST.with_borrow(|last| {
        let (_, engine, module) = last.as_ref().filter(|(known, ..)| known == bytes)?;
        Some((engine.clone(), module.clone()))
    });
    if let Some((engine, module)) = known {
        return (engine, Ok(module));
    }
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::LazyTranslation).set_max_recursion_depth(MAX_DEPTH);
    config.set_max_stack_height(STACK);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, bytes);
    if let Ok(module) = &module {
        LAST.set(Some((bytes.to_vec(), engine.clone(), module.clone())));
    }
    (engine, module)
}

impl Sandbox for Interpreter {
    async fn run(&self, plan: &Plan) -> SandboxRun {
        remembered::or_run(plan, || once(plan))
    }
}

fn once(plan: &Plan) -> SandboxRun {
    let (engine, module) = compile(plan.bytes());
    let limits = StoreLimitsBuilder::new()
        .memory_size(usize::try_from(MAX_MEMORY_PAGES).unwrap_or(2048) << 16)
        .table_elements(usize::try_from(MAX_TABLE_ELEMENTS).unwrap_or(10_000))
        .build();
    let mut store = Store::new(
        &engine,
        State {
            limits,
            memory: None,
            mark: None,
            returned: None,
            noted: vec![false; plan.functions().len()],
            called: Vec::new(),
        },
    );
    store.limiter(|state| &mut state.limits);
    let end = match module {
        Ok(module) => match run(&engine, &module, &mut store, plan) {
            Ok(()) => SandboxEnd::Returned,
            Err(error) => end(&store, &error),
        },
        Err(error) if matches!(error.kind(), ErrorKind::Wasm(_) | ErrorKind::Read(_)) => SandboxEnd::Invalid,
        Err(error) => SandboxEnd::NotStarted(error.to_string()),
    };
    let state = store.into_data();
    let called = state.called.iter().filter_map(|at| plan.functions().get(*at)).map(|it| it.name.clone()).collect();
    SandboxRun { returned: state.returned, called, end }
}

fn run(engine: &Engine, module: &Module, store: &mut Store<State>, plan: &Plan) -> Result<(), Error> {
    let mut linker = Linker::<State>::new(engine);
    for (at, function) in plan.functions().iter().enumerate() {
        define(&mut linker, at, function)?;
    }
    let instance = linker.instantiate_and_start(&mut *store, module)?;
    store.data_mut().memory = plan.memory().and_then(|name| instance.get_memory(&*store, name));
    store.data_mut().mark = instance.get_global(&*store, plan.mark());
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
        if is_value_return {
            let returned = value_return(&mut caller, params)?;
            caller.data_mut().returned = Some(returned);
        }
        for result in results {
            *result = Val::default_for_ty(result.ty());
        }
        Ok(())
    })?;
    Ok(())
}

/// The bytes that `value_return(length, address)` names, both read as unsigned.
fn value_return(caller: &mut Caller<'_, State>, params: &[Val]) -> Result<Vec<u8>, Error> {
    let number = |at: usize| params.get(at).and_then(Val::i64).map(i64::cast_unsigned);
    let (Some(length), Some(address)) = (number(0), number(1)) else {
        return Err(Error::new("`value_return` takes a length and an address"));
    };
    if length > MAX_RETURNED {
        return Err(Error::new("`value_return` of more than the node takes"));
    }
    if let Some(mark) = caller.data().mark {
        let left = mark.get(&*caller).i32().unwrap_or_default() - RETURN_STEPS - (length >> RETURN_SHIFT) as i32;
        mark.set(&mut *caller, Val::I32(left))?;
        if left < 0 {
            return Err(Error::new("no steps are left"));
        }
    }
    if length == 0 {
        return Ok(Vec::new());
    }
    let data = caller.data().memory.map(|memory| memory.data(&*caller)).unwrap_or_default();
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
    }
}

/// How a run ended that did not return.
fn end(store: &Store<State>, error: &Error) -> SandboxEnd {
    let mark = store.data().mark.and_then(|global| global.get(store).i32());
    let marked = mark.and_then(SandboxEnd::of_mark);
    match (error.kind(), error.kind().as_trap_code()) {
        // Limits of the interpreter, which says so when a function is called.
        (_, Some(TrapCode::StackOverflow | TrapCode::OutOfSystemMemory))
        | (ErrorKind::Instantiation(InstantiationError::FailedToInstantiateMemory(_)), _)
        | (ErrorKind::Translation(_) | ErrorKind::ImplementationLimits(_) | ErrorKind::Ir(_), _) => {
            SandboxEnd::NotStarted(error.to_string())
        }
        _ => marked.unwrap_or_else(|| SandboxEnd::Trapped(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::embedded::facts;
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
        let got = run(r#"(module (import "env" "storage_has_key" (func $s (param i64 i64) (result i64))) (memory 1)
            (func (export "get") (if (i64.ne (call $s (i64.const 1) (i64.const 1)) (i64.const 0)) (then unreachable))))"#);
        assert_eq!((got.called, got.end), (vec!["storage_has_key".to_owned()], SandboxEnd::Returned));
    }

    #[test]
    fn loops_recursion_and_greed_end() {
        let endless = run(r#"(module (func (export "get") (loop (br 0))))"#);
        assert_eq!(endless.end, SandboxEnd::LimitReached);
        let deep = run(r#"(module (func $f (export "get") (call $f)))"#);
        assert_eq!(deep.end, SandboxEnd::StackExhausted);
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

    /// In release builds without `portable-dispatch` the first two end the process: to see that, this test has to be one.
    #[test]
    fn no_operator_wears_out_the_interpreter() {
        let zeros = |operator: &str, count: usize| format!("({operator} {})", "(i32.const 0) ".repeat(count));
        for operator in [
            "(drop (memory.grow (i32.const 3000)))".to_owned(),
            "(drop (table.grow (ref.null func) (i32.const 0)))".to_owned(),
            zeros("memory.fill", 3),
            zeros("memory.copy", 3),
            zeros("memory.init 0", 3),
            zeros("table.copy", 3),
            zeros("table.init 0", 3),
            "(table.fill (i32.const 0) (ref.null func) (i32.const 0))".to_owned(),
            "(call $f)".to_owned(),
            "(call_indirect (i32.const 0))".to_owned(),
        ] {
            let end = run(&format!(
                r#"(module (memory 1) (table 1 funcref) (elem (i32.const 0) $f) (data "") (func $f)
                (func (export "get") (loop {operator} (br 0))))"#
            ))
            .end;
            assert_eq!(end, SandboxEnd::LimitReached, "{operator}");
        }
    }

    #[test]
    fn modules_inside_have_the_steps_of_one_between_them() {
        let inner = wat::parse_str(
            r#"(module (import "env" "value_return" (func $v (param i64 i64)))
            (memory 1) (data (i32.const 0) "{\22version\22:\221.0.0\22}")
            (func (export "contract_source_metadata") (local i32)
              (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3000000))))
              (call $v (i64.const 19) (i64.const 0))))"#,
        );
        let quoted: String = inner.unwrap().iter().map(|byte| format!("\\{byte:02x}")).collect();
        let claims = |count: usize| {
            let data: String = (0..count).map(|at| format!(r#"(data (i32.const {}) "{quoted}")"#, at * 4096)).collect();
            let outer = wat::parse_str(format!("(module (memory 1) {data})")).unwrap();
            let facts = pollster::block_on(facts(&Parsed::parse(&outer).unwrap(), &Interpreter));
            facts.embedded.iter().map(|inside| inside.metadata.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(claims(1), [true]);
        assert_eq!(claims(4), [false; 4]);
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
        // Past another that is not reached, by whichever way.
        let sum = "(drop (f32.add (f32.const 1) (f32.const 1)))";
        for code in [
            format!("(block (br 0) {sum}) {sum}"),
            format!("(if (i32.const 0) (then {sum}) (else {sum}))"),
            format!("(if (i32.const 0) (then {sum})) {sum}"),
            format!("(block (loop (br_if 1 (i32.const 1)) {sum} (br 0))) {sum}"),
        ] {
            assert_eq!(reaching(&code), SandboxEnd::FloatReached, "{code}");
        }
        assert_eq!(reaching("(drop (f64.promote_f32 (f32.const 1)))"), SandboxEnd::FloatReached);
        // A module that only contains one ends by its own trap, in a function of many sizes.
        for nops in [0, 100, 120, 130, 20_000] {
            let nops = "nop ".repeat(nops);
            let code =
                format!("(if (i32.const 0) (then (drop (f32.add (f32.const 1) (f32.const 1))))) {nops} unreachable");
            assert!(matches!(reaching(&code), SandboxEnd::Trapped(_)));
        }
    }

    #[test]
    fn no_call_within_calls_is_too_deep_here_and_not_on_a_node() {
        // The least that a call takes, and the most that its values take here: all of 4 bytes there and 8 here.
        let deepest = |locals: usize, times: usize| {
            let (locals, room) = ("i32 ".repeat(locals), "a".repeat(2 * locals));
            run(&format!(
                r#"(module (@custom "room" "{room}") (global $n (mut i32) (i32.const {times}))
                (func $f (export "get") (local {locals})
                  (global.set $n (i32.sub (global.get $n) (i32.const 1))) (br_if 0 (i32.eqz (global.get $n))) (call $f)))"#
            ))
            .end
        };
        // More than the interpreter takes, which is not the code's fault.
        assert!(matches!(deepest(49_000, 1), SandboxEnd::NotStarted(_)));
        for locals in [0, 1, 14, 200, 1_000, 30_000] {
            let most = MAX_STACK_HEIGHT as usize / (64 + 4 * locals + 8);
            assert_eq!(deepest(locals, most), SandboxEnd::Returned, "{locals}");
            assert_eq!(deepest(locals, most + 1), SandboxEnd::StackExhausted, "{locals}");
        }
    }

    #[test]
    fn operators_after_a_functions_end_are_not_taken() {
        let good = wat::parse_str(r#"(module (func (export "get") (nop) (nop) (nop)))"#).unwrap();
        let end = |bytes: &[u8]| {
            let plan = Plan::new(&Parsed::parse(bytes).unwrap(), "get").unwrap();
            pollster::block_on(Interpreter.run(&plan)).end
        };
        assert_eq!(end(&good), SandboxEnd::Returned);
        // The last four bytes are `nop nop nop end`; each of the `nop`s as `end`, and the end as something else.
        for tail in
            [[0x0b, 1, 1, 0x0b], [1, 0x0b, 1, 0x0b], [1, 1, 0x0b, 0x0b], [1, 1, 0x0b, 1], [1, 1, 1, 1], [1, 1, 1, 0]]
        {
            let mut bytes = good.clone();
            let at = bytes.windows(4).rposition(|window| window == [1, 1, 1, 0x0b]).unwrap();
            bytes[at..at + 4].copy_from_slice(&tail);
            assert_eq!(end(&bytes), SandboxEnd::Invalid, "{tail:?}");
        }
    }
}
