//! What a file of manifests holds, one by one: a line each, as in-toto writes them, or whatever editors and shells have made of
//! that: a byte order mark, other line ends, a JSON array, indented values one behind the other.
//! Not here: what each of them is (`dsse`), and whether it counts (`attestation`).

use serde_json::value::RawValue;

/// The first `most` of what can be envelopes, and whether there is more than that.
pub fn items(text: &str, most: usize) -> (Vec<&str>, bool) {
    // One text that is not JSON must not take the others with it: then each line is by itself.
    values(text, most).unwrap_or_else(|| lines(text, most))
}

/// The values of a text that holds nothing but JSON values, or of the array that it is. Read one by one and no further than
/// `most`, so that an array of a million costs no more than one of a few.
fn values(text: &str, most: usize) -> Option<(Vec<&str>, bool)> {
    let mut rest = after_blanks(text.trim_end());
    let array = rest.strip_prefix('[');
    rest = after_blanks(array.unwrap_or(rest));
    let mut values = Vec::new();
    let end = if array.is_some() { "]" } else { "" };
    while rest != end {
        if values.len() == most {
            return Some((values, true));
        }
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        values.push(stream.next()?.ok()?.get());
        rest = after_blanks(&rest[stream.byte_offset()..]);
        if array.is_some() && rest != end {
            rest = after_blanks(rest.strip_prefix(',')?);
        }
    }
    Some((values, false))
}

fn lines(text: &str, most: usize) -> (Vec<&str>, bool) {
    let mut lines = text.lines().map(|line| after_blanks(line.trim())).filter(|line| !line.is_empty());
    let first = lines.by_ref().take(most).collect();
    (first, lines.next().is_some())
}

/// Without blanks and byte order marks, which stand within a text where files were joined.
fn after_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<&str> {
        let (items, is_cut) = items(text, 3);
        assert!(!is_cut, "{text}");
        items
    }

    #[test]
    fn one_a_line_or_spread_or_in_an_array() {
        let spread = "{\n \"a\": 1\n}";
        for (text, expected) in [
            ("", &[][..]),
            (" \r\n\u{feff}\n", &[]),
            ("{}\n\n  {\"a\":1}\r\n", &["{}", "{\"a\":1}"]),
            ("\u{feff}{}\n\u{feff}{\"a\":1}", &["{}", "{\"a\":1}"]),
            (spread, &[spread]),
            ("{\n \"a\": 1\n}\n{\n \"a\": 1\n}", &[spread, spread]),
            ("{}{}", &["{}", "{}"]),
            ("[]", &[]),
            ("[ ]\n", &[]),
            ("[{}]", &["{}"]),
            ("\u{feff}[\n {},\n {\"a\":[1,2]} ]\r\n", &["{}", "{\"a\":[1,2]}"]),
            ("\"a\" 1 null", &["\"a\"", "1", "null"]),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_json_leaves_the_other_lines_as_they_are() {
        for text in ["{}\nx\n{}", "{}\n  x  \r\n{}", "\u{feff}{}\n\u{feff}x\n\u{feff}{}"] {
            assert_eq!(read(text), ["{}", "x", "{}"], "{text:?}");
        }
        for text in ["[", "[{}", "[{} {}]", "[,{}]", "[{}] {}", "]", "[{}]]", "{\"a\":}"] {
            assert_eq!(read(text), [text], "{text:?}");
        }
    }

    #[test]
    fn no_more_is_read_than_is_wanted() {
        for (text, first) in [
            ("{} ".repeat(4), "{}"),
            ("x\n".repeat(4), "x"),
            (format!("[{}1]", "1,".repeat(1_000_000)), "1"),
            // What follows may be anything.
            ("[1,1,1,}".to_owned(), "1"),
        ] {
            assert_eq!(items(&text, 3), (vec![first; 3], true));
        }
        assert!(!items("[1,1,1]", 3).1);
        assert!(!items("1\n1\n1\n", 3).1);
        // Nothing is built up for what is nested.
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(items(&deep, 3).0.len(), 1);
    }
}
