//! The program that the demo starts: it says when it is ready, takes more accounts, and ends with its input.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

fn get(url: &str) -> String {
    crate::ask::agent().get(url).call().unwrap().body_mut().read_to_string().unwrap()
}

#[test]
fn runs_until_its_input_ends() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.wasm"), "app").unwrap();
    std::fs::create_dir(folder.path().join("page")).unwrap();
    std::fs::write(folder.path().join("page/index.html"), "<title>page").unwrap();
    let description = json!({
        "chain_id": "devnet-demo",
        "rpc_ports": [0, 0],
        "global_contracts": [{ "wasm": "app.wasm", "owner": "owner.near" }],
        "accounts": [
            { "account_id": "app.near", "contract": { "local": "app.wasm" }, "keys": ["ed25519:5SEPrn8QpK11d6wJBFkPeXCPzNaJMwd6Lwb8bBytdyA1"] },
            { "account_id": "user.near", "contract": { "global_account": "owner.near" } },
            { "account_id": "empty.near" },
        ],
        "static": [{ "folder": "page", "prefix": "/sub" }],
    });
    let file = folder.path().join("stage.json");
    std::fs::write(&file, description.to_string()).unwrap();

    let mut child = Command::new(env!("CARGO_BIN_EXE_provenear-devnet"))
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(|line| {
        let line = line.unwrap();
        serde_json::from_str::<Value>(&line).unwrap()
    });
    let ready = lines.next().unwrap();
    assert_eq!(ready["accounts"]["app.near"], ready["accounts"]["user.near"]);
    assert_eq!(ready["accounts"]["empty.near"], Value::Null);
    assert_eq!(ready["rpc"].as_array().unwrap().len(), 2);
    assert_eq!(get(&format!("{}/", ready["static"][0].as_str().unwrap())), "<title>page");

    writeln!(input, "{}", json!({ "account_id": "late.near", "contract": { "local": "app.wasm" } })).unwrap();
    assert_eq!(lines.next().unwrap()["code_hash"], ready["accounts"]["app.near"]);
    writeln!(input, "{{}}").unwrap();
    assert!(lines.next().unwrap()["error"].is_string());
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "query",
        "params": { "request_type": "view_account", "finality": "final", "account_id": "late.near" } });
    let mut answer = crate::ask::agent()
        .post(ready["rpc"][1].as_str().unwrap())
        .content_type("application/json")
        .send(body.to_string())
        .unwrap();
    assert!(answer.body_mut().read_to_string().unwrap().contains(ready["accounts"]["app.near"].as_str().unwrap()));

    drop(input);
    assert!(child.wait().unwrap().success());
}
