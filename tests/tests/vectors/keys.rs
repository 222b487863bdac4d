//! Lists of trusted keys: `expect: ok` with each key and its name, or the error. In the body, `\u{…}` stands for a character.

use provenear_shared::keys::parse_keys;
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "key"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let expect = vector.header("expect")?;
    match parse_keys(&unescape(&vector.text()?)?) {
        Ok(keys) => {
            same("the outcome", "ok", expect)?;
            let shown = keys.iter().map(|(key, name)| format!("{} {name}", key.to_near()).trim_end().to_owned());
            same("the list of keys", &shown.collect::<Vec<_>>().join("; "), &vector.headers("key").join("; "))
        }
        Err(error) => same("the error", &error.to_string(), expect),
    }
}

/// So that a vector shows the characters that nobody would see.
fn unescape(text: &str) -> Result<String, String> {
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_once('}').ok_or("an escape has no end")?;
        let code = u32::from_str_radix(digits, 16).map_err(|error| error.to_string())?;
        out.push(char::from_u32(code).ok_or("an escape is no character")?);
        out.push_str(rest);
    }
    Ok(out)
}
