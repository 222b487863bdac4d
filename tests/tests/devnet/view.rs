//! View calls run, and fail, as on a node.

use provenear_tests::devnet::{Account, Contract, Devnet};
use serde_json::{Value, json};

use crate::ask::{call, query, view};

/// A contract with one export `run` of this body.
fn contract(imports: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module {imports} (memory (export "memory") 1) (data (i32.const 0) "STATEhello\ff")
            (func (export "run") {body}))"#
    );
    wat::parse_str(text).unwrap()
}

/// What `run` answers, or its error.
fn run(imports: &str, body: &str) -> Value {
    let devnet = Devnet::start().unwrap();
    let account = Account::new(Contract::local(contract(imports, body))).state("STATE", "from state");
    devnet.chain().put("app.near", account);
    let answer = view(&devnet, "app.near", "run");
    match answer.get("error") {
        Some(error) => error.clone(),
        None => json!(String::from_utf8(serde_json::from_value(answer["result"].clone()).unwrap()).unwrap()),
    }
}

const RETURN: &str = r#"(import "env" "value_return" (func $return (param i64 i64)))"#;
const READ: &str = r#"(import "env" "storage_read" (func $read (param i64 i64 i64) (result i64)))"#;

fn failed(what: &str) -> Value {
    json!(format!("wasm execution failed with error: {what}"))
}

#[test]
fn returns_memory_and_registers() {
    assert_eq!(run(RETURN, "(call $return (i64.const 5) (i64.const 5))"), "hello");
    let input = r#"(import "env" "current_account_id" (func $me (param i64)))"#;
    let body = "(call $me (i64.const 7)) (call $return (i64.const -1) (i64.const 7))";
    assert_eq!(run(&format!("{RETURN}{input}"), body), "app.near");
}

#[test]
fn answers_from_state() {
    let body =
        "(drop (call $read (i64.const 5) (i64.const 0) (i64.const 1))) (call $return (i64.const -1) (i64.const 1))";
    assert_eq!(run(&format!("{RETURN}{READ}"), body), "from state");
}

#[test]
fn fails_in_the_words_of_a_node() {
    let write = r#"(import "env" "storage_write" (func $f (param i64 i64 i64 i64 i64) (result i64)))"#;
    let five = "(i64.const 0)".repeat(5);
    assert_eq!(
        run(write, &format!("(drop (call $f {five}))")),
        failed("HostError(ProhibitedInView { method_name: \"storage_write\" })")
    );
    let who = r#"(import "env" "predecessor_account_id" (func $f (param i64)))"#;
    assert_eq!(
        run(who, "(call $f (i64.const 0))"),
        failed("HostError(ProhibitedInView { method_name: \"predecessor_account_id\" })")
    );
    assert_eq!(
        run(RETURN, "(call $return (i64.const 9) (i64.const 65530))"),
        failed("HostError(MemoryAccessViolation)")
    );
    assert_eq!(
        run(RETURN, "(call $return (i64.const -1) (i64.const 3))"),
        failed("HostError(InvalidRegisterId { register_id: 3 })")
    );
    let log = r#"(import "env" "log_utf8" (func $f (param i64 i64)))"#;
    assert_eq!(run(log, "(call $f (i64.const 1) (i64.const 10))"), failed("HostError(BadUTF8)"));
    let alien = r#"(import "env" "format_disk" (func $f))"#;
    assert_eq!(run(alien, "call $f"), failed("LinkError { msg: \"unknown import: env.format_disk\" }"));
    let misshapen = r#"(import "env" "value_return" (func $f (param i64)))"#;
    assert_eq!(
        run(misshapen, "(call $f (i64.const 0))"),
        failed("LinkError { msg: \"unknown import: env.value_return\" }")
    );
    assert_eq!(
        run("", "(local i32) (drop (i32.div_u (i32.const 1) (local.get 0)))"),
        failed("WasmTrap(IllegalArithmetic)")
    );
    assert_eq!(run("", "(drop (i32.load (i32.const 65536)))"), failed("WasmTrap(MemoryOutOfBounds)"));
    assert_eq!(run("", "(loop $l (br $l))"), failed("HostError(GasLimitExceeded)"));
    assert_eq!(run("", "(param i32)"), failed("MethodResolveError(MethodInvalidSignature)"));
}

#[test]
fn memory_ends_where_the_nodes_ends() {
    let body = r#"(if (i32.ne (memory.grow (i32.const 2048)) (i32.const -1)) (then unreachable))
        (if (i32.eq (memory.grow (i32.const 2047)) (i32.const -1)) (then unreachable))
        (call $return (i64.const 5) (i64.const 5))"#;
    assert_eq!(run(RETURN, body), "hello");
}

#[test]
fn logs_are_told() {
    let devnet = Devnet::start().unwrap();
    let log = r#"(import "env" "log_utf8" (func $f (param i64 i64)))"#;
    devnet.deploy("app.near", contract(log, "(call $f (i64.const 5) (i64.const 5)) unreachable"));
    let answer = view(&devnet, "app.near", "run");
    assert_eq!(answer["logs"], json!(["hello"]));
    assert_eq!(answer["error"], failed("WasmTrap(Unreachable)"));
}

#[test]
fn the_newer_methods_put_the_error_outside() {
    let devnet = Devnet::start().unwrap();
    devnet.deploy("app.near", contract("", "unreachable"));
    let params = json!({ "account_id": "app.near", "method_name": "gone", "args_base64": "", "finality": "final" });
    let (status, answer) = call(&devnet, "EXPERIMENTAL_call_function", params);
    assert_eq!((status, &answer["error"]["cause"]["name"]), (200, &json!("CONTRACT_EXECUTION_ERROR")));
    assert_eq!(answer["error"]["cause"]["info"]["error"], json!({ "MethodResolveError": "MethodNotFound" }));
}

#[test]
fn state_is_listed_by_prefix_up_to_a_size() {
    let devnet = Devnet::start().unwrap();
    let account = Account::new(Contract::None).state("a1", "x").state("b1", "y");
    devnet.chain().put("app.near", account.clone());
    let params = json!({ "account_id": "app.near", "prefix_base64": "YQ==" });
    let listed = query(&devnet, "view_state", params.clone());
    assert_eq!(listed["values"], json!([{ "key": "YTE=", "value": "eA==" }]));
    devnet.chain().put("app.near", account.state("c", vec![0; 50_000]));
    let refused = query(&devnet, "view_state", params);
    assert_eq!(refused["error"]["cause"]["name"], "TOO_LARGE_CONTRACT_STATE");
}
