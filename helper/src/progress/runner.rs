//! What a runner of GitHub Actions would obey in what is printed: it takes a line that begins with `::`, and `##[` wherever it
//! stands, for a command to itself (`ActionCommand` of github.com/actions/runner). Texts of a tree, its names and its logs are
//! others' words, and must not be able to give one.

use std::sync::LazyLock;

/// Whether a runner reads along.
pub fn is_listening() -> bool {
    static LISTENS: LazyLock<bool> =
        LazyLock::new(|| std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"));
    *LISTENS
}

/// A text of whole lines, with a blank in each command: a person reads the same.
pub fn defuse(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        let (before, rest) = line.split_at(indent(line));
        safe.push_str(before);
        match rest.strip_prefix("::") {
            Some(rest) => {
                safe.push_str(": :");
                safe.push_str(rest);
            }
            None => safe.push_str(rest),
        }
    }
    safe.replace("##[", "## [")
}

/// A JSON text that means the same. A string is the only place for such characters, and they have another spelling there.
pub fn defuse_json(text: &str) -> String {
    text.replace("##[", "#\\u0023[")
}

/// Bytes that a runner passes over before it looks for a command, colours included: those may be taken out yet.
fn indent(line: &str) -> usize {
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        let colour = rest.strip_prefix("\u{1b}[").and_then(|it| {
            let end = it.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
            it[end..].strip_prefix('m')
        });
        match colour {
            Some(after) => rest = after,
            None => return line.len() - rest.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the runner reads a line.
    fn is_command(line: &str) -> bool {
        line.trim_start().starts_with("::") || line.contains("##[")
    }

    #[test]
    fn no_line_is_a_command_and_all_words_stay() {
        for text in [
            "::error::x",
            "  ::add-mask::x\n\t::error file=a::b\n",
            "a\r::error::x\r\n::debug::\n",
            "x ##[error]y\n##[group]z",
            "\u{1b}[1m::error::x\u{1b}[0m",
            " \u{1b}[1;31m \u{a0}::x",
            "::::x\n",
        ] {
            assert!(
                text.split(['\n', '\r']).any(|it| is_command(&it.replace("\u{1b}[1m", "").replace("\u{1b}[1;31m", "")))
            );
            let safe = defuse(text);
            let plain = anstream::adapter::strip_str(&safe).to_string();
            for line in safe.split(['\n', '\r']).chain(plain.split(['\n', '\r'])) {
                assert!(!is_command(line), "{line:?} of {text:?}");
            }
            assert_eq!(safe.replace(' ', ""), text.replace(' ', ""));
        }
        for plain in ["a::b\n", "# [x]\n", ":x\n", "", "\n\n", "std::env::var\n"] {
            assert_eq!(defuse(plain), plain);
        }
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "a": "##[error]x ###[y]", "##[": ["##["] });
        let safe = defuse_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!safe.lines().any(is_command), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
