//! A contract that answers each of its methods with a text, whatever it is asked.

/// The module: method and answer.
///
/// # Panics
/// When a method's name is not plain.
pub fn answering(methods: &[(&str, &str)]) -> Vec<u8> {
    let mut at = 64;
    let (mut data, mut functions) = (String::new(), String::new());
    for (method, answer) in methods {
        assert!(method.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "`{method}` is not plain");
        let quoted: String = answer.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        let length = answer.len();
        data.push_str(&format!("(data (i32.const {at}) \"{quoted}\")"));
        functions.push_str(&format!(
            "(func (export \"{method}\") (call $value_return (i64.const {length}) (i64.const {at})))"
        ));
        at += length;
    }
    let pages = at / 65_536 + 1;
    let text = format!(
        "(module (import \"env\" \"value_return\" (func $value_return (param i64 i64)))
         (memory (export \"memory\") {pages}) {data} {functions})"
    );
    wat::parse_str(text).expect("the text is well-formed")
}
