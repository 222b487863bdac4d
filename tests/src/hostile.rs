//! Modules that were made to harm whoever looks at them. Each is valid enough to be deployed, or says that it is not.
//! The helper and the page are put before the same ones.

use crate::rows::claiming;

/// One module.
pub struct Module {
    /// What it tries.
    pub name: &'static str,
    /// The module.
    pub bytes: Vec<u8>,
    /// The verdict, or the error's code.
    pub outcome: &'static str,
    /// The one gap, where there is one.
    pub gap: Option<&'static str>,
}

/// A text with markup, control and bidirectional characters, as it would spoof or inject.
pub const MARKUP: &str = "\"><img src=x onerror=alert(1)><script>alert(2)</script>\u{202e}gnp.\u{2066}\u{7}\u{1b}[2J";
/// A claim that can be rebuilt, whose `link` is a script and whose other members are [`MARKUP`].
///
/// # Panics
/// Never: it is JSON.
pub fn claim_with_markup() -> String {
    let mut claim: serde_json::Value =
        serde_json::from_str(crate::fixtures::COUNTER_PINNED_CLAIM).expect("the counter's claim is JSON");
    claim["version"] = MARKUP.into();
    claim["link"] = "javascript:alert(document.domain)".into();
    claim[MARKUP] = MARKUP.into();
    claim["standards"][0]["version"] = MARKUP.into();
    claim["build_info"]["build_command"][4] = MARKUP.into();
    claim.to_string()
}

/// Every one.
pub fn modules() -> Vec<Module> {
    let malformed = |name, bytes| Module { name, bytes, outcome: "not-rebuildable", gap: Some("metadata-malformed") };
    let unended = |name, bytes| Module { name, bytes, outcome: "not-rebuildable", gap: Some("not-run-here") };
    let unrunnable = |name, bytes| Module { name, bytes, outcome: "not-rebuildable", gap: Some("not-runnable") };
    let refused = |name, bytes| Module { name, bytes, outcome: "module-malformed", gap: None };
    let silent = |name, bytes| Module { name, bytes, outcome: "not-rebuildable", gap: Some("metadata-missing") };
    vec![
        unended("endless-loop", exporting("(loop (br 0))")),
        unended("endless-grow", exporting("(loop (drop (memory.grow (i32.const 1))) (br 0))")),
        unended("endless-fill", exporting(FILL)),
        malformed("trap", exporting("unreachable")),
        malformed("recursion", exporting("(call $recurse)")),
        malformed("returns-nothing", exporting("")),
        malformed("returns-from-outside", exporting("(call $value_return (i64.const 4) (i64.const -2))")),
        malformed(
            "claim-of-4-mib",
            exporting(&format!("{GROW} (call $value_return (i64.const 4194304) (i64.const 0))")),
        ),
        malformed(
            "claim-above-4-mib",
            exporting(&format!("{GROW} (call $value_return (i64.const 4194305) (i64.const 0))")),
        ),
        malformed("claim-not-utf-8", claiming_bytes(b"{\"version\":\"\xff\xfe\xc0\x80\"}")),
        malformed("claim-deep", claiming(false, &("[".repeat(10_000) + &"]".repeat(10_000)))),
        malformed("claim-deep-inside", claiming(false, &deep_inside())),
        unrunnable("import-named-proto", calling_odd_names()),
        unended("start-function", text("(module (func $f) (start $f) (func (export \"contract_source_metadata\")))")),
        unrunnable("nested-blocks", nested_blocks(2_000_000)),
        malformed("nested-blocks-within-limits", nested_blocks(5_000)),
        unrunnable("locals-beyond-limits", many_locals()),
        malformed("many-imports-called", many_imports_called()),
        unended(
            "endless-return",
            exporting(&format!("{GROW} (loop (call $value_return (i64.const 4194304) (i64.const 0)) (br 0))")),
        ),
        unrunnable("many-functions", many_functions()),
        silent("many-globals", many_globals()),
        silent("many-exports", many_exports()),
        unended("many-jumps", jumping(65_521)),
        unrunnable("jump-beyond-limits", jumping(131_073)),
        silent("abi-bomb", abi_bomb()),
        unrunnable("names-with-markup", names_with_markup()),
        refused("empty", Vec::new()),
        refused("truncated", crate::fixtures::COUNTER_PINNED[..10_000].to_vec()),
        refused(
            "section-longer-than-file",
            [b"\0asm\x01\0\0\0".as_slice(), &[10, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]].concat(),
        ),
        refused("count-above-all", [b"\0asm\x01\0\0\0".as_slice(), &[1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]].concat()),
    ]
}

const GROW: &str = "(drop (memory.grow (i32.const 100)))";
/// Touches every page that it can get.
const FILL: &str = "(drop (memory.grow (i32.const 2047)))
    (loop (memory.fill (i32.const 0) (i32.const 65) (i32.mul (memory.size) (i32.const 65536))) (br 0))";

fn text(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("the text is well-formed")
}

/// A module whose metadata export does this.
fn exporting(body: &str) -> Vec<u8> {
    text(&format!(
        r#"(module (import "env" "value_return" (func $value_return (param i64 i64)))
           (memory (export "memory") 1)
           (func $recurse (param) (call $recurse) (call $recurse))
           (func (export "contract_source_metadata") {body}))"#
    ))
}

fn claiming_bytes(claim: &[u8]) -> Vec<u8> {
    let quoted: String = claim.iter().map(|byte| format!("\\{byte:02x}")).collect();
    text(&format!(
        r#"(module (import "env" "value_return" (func $value_return (param i64 i64)))
           (memory (export "memory") 1) (data (i32.const 0) "{quoted}")
           (func (export "contract_source_metadata") (call $value_return (i64.const {}) (i64.const 0))))"#,
        claim.len()
    ))
}

fn deep_inside() -> String {
    format!("{{\"version\":\"1\",\"x\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000))
}

/// Host functions named as members that every JavaScript object has.
fn calling_odd_names() -> Vec<u8> {
    text(
        r#"(module (import "env" "__proto__" (func $a)) (import "env" "constructor" (func $b))
           (import "env" "toString" (func $c)) (import "env" "value_return" (func $value_return (param i64 i64)))
           (memory (export "memory") 1)
           (func (export "contract_source_metadata") (call $a) (call $b) (call $c)
             (call $value_return (i64.const 2) (i64.const 0))))"#,
    )
}

/// One function of so many blocks, each in the one before, close to the largest contract.
fn nested_blocks(depth: usize) -> Vec<u8> {
    // A block is two bytes in front and one behind; 4 MiB hold 1.39 million of them.
    let depth = depth.min(1_390_000);
    let body = [vec![0], [0x02, 0x40].repeat(depth), vec![0x0b; depth + 1]].concat();
    let name = b"contract_source_metadata";
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(7, &[&[1, name.len() as u8][..], name, &[0, 0]].concat()),
        section(10, &[vec![1], leb(body.len()), body].concat()),
    ]
    .concat()
}

/// Functions that each declare as many locals as engines take, more together than the node takes.
fn many_locals() -> Vec<u8> {
    let functions = "(func (local LOCALS))".repeat(30).replace("LOCALS", &"i64 ".repeat(49_999));
    text(&format!(r#"(module {functions} (func (export "contract_source_metadata")))"#))
}

/// As many host functions as a node takes, all called again and again.
fn many_imports_called() -> Vec<u8> {
    let count = 9_999;
    let imports = r#"(import "env" "block_index" (func (result i64)))"#.repeat(count);
    let calls: String = (0..count).map(|at| format!("(drop (call {at}))")).collect();
    text(&format!(r#"(module {imports} (func (export "contract_source_metadata") (loop {calls} (br 0))))"#))
}

/// A contract with hostile words in every place that "Look inside" shows: ABI, names of exports and sections, crates, and the
/// claim of a module in its data. Not an import of such a name: no node gives it, so that nothing else would be heard.
///
/// # Panics
/// Never: it is well-formed.
pub fn inside_with_markup() -> Vec<u8> {
    let schema = serde_json::json!({ "type": MARKUP });
    let method = serde_json::json!({
        "name": MARKUP, "doc": format!("{MARKUP} javascript:alert(1) data:text/html,x"), "kind": MARKUP,
        "modifiers": [MARKUP],
        "params": { "serialization_type": MARKUP, "args": [{ "name": MARKUP, "type_schema": schema }] },
        "result": { "serialization_type": "json", "type_schema": schema },
    });
    let abi = serde_json::json!({
        "schema_version": "0.4.0",
        "metadata": { "name": MARKUP, "version": MARKUP, "build": { "compiler": MARKUP, "builder": MARKUP } },
        "body": { "functions": [method], "root_schema": {} },
    });
    let (abi, claim) = (stored_frame(abi.to_string().as_bytes()), claim_with_markup());
    let paths = "/home/near/.cargo/registry/src/<img src=x>-1/evil<script>-1.0.0/src/lib.rs\
                 /Users/<b>/.cargo/registry/src/index-1/near-sdk-5.0.0/src/lib.rs";
    let inner = claiming(false, &claim);
    let quoted = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let name = quoted(MARKUP.as_bytes());
    let mut module = text(&format!(
        r#"(module (import "env" "value_return" (func $value_return (param i64 i64)))
           (memory (export "memory") 9)
           (data (i32.const 64) "{}") (data (i32.const 65536) "{}") (data (i32.const 131072) "{}")
           (data (i32.const 196608) "{}")
           (func (export "contract_source_metadata") (call $value_return (i64.const {}) (i64.const 65536)))
           (func (export "__contract_abi") (call $value_return (i64.const {}) (i64.const 64)))
           (func (export "{name}")))"#,
        quoted(&abi),
        quoted(claim.as_bytes()),
        quoted(paths.as_bytes()),
        quoted(&inner),
        claim.len(),
        abi.len(),
    ));
    let named = [leb(MARKUP.len()), MARKUP.as_bytes().to_vec()].concat();
    module.extend(section(0, &[named, MARKUP.as_bytes().to_vec()].concat()));
    module
}

/// A zstd frame that holds `bytes` as they are, fewer than 128 KiB (RFC 8878: one raw block).
fn stored_frame(bytes: &[u8]) -> Vec<u8> {
    let header = 1 | (bytes.len() as u32) << 3;
    [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88], &header.to_le_bytes()[..3], bytes].concat()
}

fn many_functions() -> Vec<u8> {
    let count = 65_535;
    let types = [leb(count), vec![0; count]].concat();
    let bodies = [leb(count), [2, 0, 0x0b].repeat(count)].concat();
    [b"\0asm\x01\0\0\0".to_vec(), section(1, &[1, 0x60, 0, 0]), section(3, &types), section(10, &bodies)].concat()
}

/// More than any list of them that people make; a node has no limit of its own.
fn many_globals() -> Vec<u8> {
    let count = 500_000;
    let globals = [leb(count), [0x7f, 0, 0x41, 0, 0x0b].repeat(count)].concat();
    [b"\0asm\x01\0\0\0".to_vec(), section(6, &globals)].concat()
}

fn many_exports() -> Vec<u8> {
    let count = 300_000;
    let exports = (0..count).flat_map(|at| [&[6][..], format!("{at:06}").as_bytes(), &[0, 0]].concat());
    let exports = leb(count).into_iter().chain(exports).collect::<Vec<u8>>();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(7, &exports),
        section(10, &[1, 2, 0, 0x0b]),
    ]
    .concat()
}

/// A jump to so many places.
fn jumping(labels: usize) -> Vec<u8> {
    let labels = "0 ".repeat(labels);
    text(&format!(r#"(module (func (export "contract_source_metadata") (br_table {labels} 0 (i32.const 1))))"#))
}

/// An ABI of 1 GiB of zeros in a zstd frame of 32 kB (RFC 8878: RLE blocks of 128 KiB).
fn abi_bomb() -> Vec<u8> {
    // Magic, then a window of 128 MiB and no content size.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88];
    let blocks = 8_192u32;
    for block in 1..=blocks {
        let header = u32::from(block == blocks) | 1 << 1 | 131_072 << 3;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    let quoted: String = frame.iter().map(|byte| format!("\\{byte:02x}")).collect();
    text(&format!(
        r#"(module (import "env" "value_return" (func $value_return (param i64 i64)))
           (memory (export "memory") 2) (data (i32.const 0) "{quoted}")
           (func (export "__contract_abi") (call $value_return (i64.const {}) (i64.const 0))))"#,
        frame.len()
    ))
}

/// Imports, exports and custom sections named in markup.
fn names_with_markup() -> Vec<u8> {
    let name = MARKUP.as_bytes();
    let named = [leb(name.len()), name.to_vec()].concat();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(2, &[&[1, 3][..], b"env", &named, &[0, 0]].concat()),
        section(3, &[1, 0]),
        section(7, &[vec![1], named.clone(), vec![0, 1]].concat()),
        section(10, &[1, 2, 0, 0x0b]),
        section(0, &[named, name.to_vec()].concat()),
    ]
    .concat()
}

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [vec![id], leb(body.len()), body.to_vec()].concat()
}

/// Unsigned LEB128.
fn leb(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}
