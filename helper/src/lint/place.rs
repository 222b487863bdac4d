//! On which line of a file something stands. Not here: what stands there.

use toml::de::{DeTable, DeValue};

use super::finding::Place;

/// The place of a key of a TOML file, or of the last key on the way to it that is there. Of an array, a number names an item.
pub fn of_key(path: &str, text: &str, keys: &[&str]) -> Place {
    let Ok(document) = DeTable::parse(text) else { return Place::file(path) };
    let mut table = document.get_ref();
    let mut at = None;
    for (depth, key) in keys.iter().enumerate() {
        let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref().as_ref() == *key) else { break };
        at = Some(name.span().start);
        match value.get_ref() {
            DeValue::Table(next) => table = next,
            DeValue::Array(items) => {
                let item = keys.get(depth + 1).and_then(|index| items.get(index.parse::<usize>().ok()?));
                at = item.map(|item| item.span().start).or(at);
                break;
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {
                break;
            }
        }
    }
    match at {
        Some(at) => Place::line(path, of_offset(text, at)),
        None => Place::file(path),
    }
}

/// The line of a byte of a text, from 1.
pub fn of_offset(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    u32::try_from(before.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX - 1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_on_their_lines() {
        let text = "# a comment\n[package]\nname = \"a\"\n\n[package.metadata.near.reproducible_build]\nimage = \"x\"\n\
            command = [\n  \"a\",\n  \"b\",\n]\n[dependencies]\nx = { git = \"g\" }\n[dependencies.y]\npath = \"..\"\n";
        for (keys, line) in [
            (&["package", "name"][..], Some(3)),
            (&["package", "none"], Some(2)),
            (&["package", "metadata", "near", "reproducible_build"], Some(5)),
            (&["package", "metadata", "near", "reproducible_build", "image"], Some(6)),
            (&["package", "metadata", "near", "reproducible_build", "command", "1"], Some(9)),
            (&["dependencies", "x", "git"], Some(12)),
            (&["dependencies", "y", "path"], Some(14)),
            (&["none"], None),
        ] {
            assert_eq!(of_key("f", text, keys).line, line, "{keys:?}");
        }
        assert_eq!(of_key("f", "= =", &["package"]), Place::file("f"));
    }
}
