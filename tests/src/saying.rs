//! The smallest contract that says something of its build. Not here: claims from state (`rows`), hostile ones (`hostile`).

/// A contract whose claim is `claim`, told by `mark` from others that say the same; below 60,000 bytes.
///
/// # Panics
/// Never: the text is well-formed.
pub fn saying(claim: &str, mark: &str) -> Vec<u8> {
    let data: String = claim.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let length = claim.len();
    let mark = if mark.is_empty() { String::new() } else { format!(r#"(data (i32.const 60000) "{mark}")"#) };
    let module = format!(
        r#"(module (import "env" "value_return" (func $return (param i64 i64))) (memory (export "memory") 1)
        (data (i32.const 0) "{data}") {mark}
        (func (export "contract_source_metadata") (call $return (i64.const {length}) (i64.const 0))))"#
    );
    wat::parse_str(module).expect("the text is well-formed")
}
