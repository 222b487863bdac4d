//! Colours for source: comments, strings, numbers and keywords of the languages that contracts are written in. A reader's
//! help that may be wrong in corners; the text is always all of the text.

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Plain,
    Comment,
    Text,
    Number,
    Keyword,
}

impl Token {
    /// The class in the stylesheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Comment => "tok-comment",
            Self::Text => "tok-text",
            Self::Number => "tok-number",
            Self::Keyword => "tok-keyword",
        }
    }
}

struct Language {
    line_comment: &'static str,
    block_comment: Option<(&'static str, &'static str)>,
    quotes: &'static [char],
    keywords: &'static str,
}

const RUST: Language = Language {
    line_comment: "//",
    block_comment: Some(("/*", "*/")),
    quotes: &['"'],
    keywords: "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type union unsafe use where while",
};
const SCRIPT: Language = Language {
    line_comment: "//",
    block_comment: Some(("/*", "*/")),
    quotes: &['"', '\'', '`'],
    keywords: "abstract async await boolean break case catch class const continue default do else enum export extends false finally for from function if implements import in instanceof interface let new null number of private protected public return static string super switch this throw true try type typeof undefined var void while yield",
};
const CONFIG: Language =
    Language { line_comment: "#", block_comment: None, quotes: &['"', '\''], keywords: "true false" };
const PYTHON: Language = Language {
    line_comment: "#",
    block_comment: None,
    quotes: &['"', '\''],
    keywords: "and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield",
};

fn language(path: &str) -> Option<&'static Language> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("rs") => Some(&RUST),
        Some("js" | "ts" | "mjs" | "json" | "tsx" | "jsx" | "go" | "c" | "h" | "cpp" | "wat") => Some(&SCRIPT),
        Some("toml" | "lock" | "yml" | "yaml" | "sh" | "nix" | "cfg") => Some(&CONFIG),
        Some("py") => Some(&PYTHON),
        _ if matches!(name, "Dockerfile" | "Makefile") => Some(&CONFIG),
        _ => None,
    }
}

/// `text` in pieces that together are the whole of it.
pub(super) fn tokens<'a>(path: &str, text: &'a str) -> Vec<(Token, &'a str)> {
    let Some(language) = language(path) else { return vec![(Token::Plain, text)] };
    let mut found: Vec<(Token, &str)> = Vec::new();
    let (mut at, mut plain) = (0, 0);
    while let Some(next) = text[at..].chars().next() {
        let (token, length) = piece(language, &text[at..], next);
        if token != Token::Plain {
            if plain < at {
                found.push((Token::Plain, &text[plain..at]));
            }
            found.push((token, &text[at..at + length]));
            plain = at + length;
        }
        at += length;
    }
    if plain < text.len() {
        found.push((Token::Plain, &text[plain..]));
    }
    found
}

/// What begins here, and how many bytes of it there are.
fn piece(language: &Language, rest: &str, next: char) -> (Token, usize) {
    if rest.starts_with(language.line_comment) {
        return (Token::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if let Some((_, end)) = language.block_comment.filter(|(start, _)| rest.starts_with(start)) {
        return (Token::Comment, rest[2..].find(end).map_or(rest.len(), |at| at + 2 + end.len()));
    }
    if let Some(marks) = raw_string(rest) {
        let end = format!("\"{}", "#".repeat(marks));
        let start = marks + 2;
        return (Token::Text, rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len()));
    }
    if language.quotes.contains(&next) {
        return (Token::Text, quoted(rest, next));
    }
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let length = rest.find(|sign| !is_word(sign)).unwrap_or(rest.len());
    if next.is_ascii_digit() {
        return (Token::Number, length);
    }
    if is_word(next) {
        let is_keyword = language.keywords.split(' ').any(|word| word == &rest[..length]);
        return (if is_keyword { Token::Keyword } else { Token::Plain }, length);
    }
    (Token::Plain, next.len_utf8())
}

/// Rust's `r"…"` and `r#"…"#`: how many marks.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let marks = after.len() - after.trim_start_matches('#').len();
    after[marks..].starts_with('"').then_some(marks)
}

/// Up to the closing quote or, so that a stray one costs little, the end of a line that has none.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in rest.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if sign == quote => return at + 1,
            '\n' if quote == '\'' => return at,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_whole_text() {
        let texts = ["fn f() -> u8 { 7 } // x\n/* y", "let s = r#\"a\"b\"#; 'a", "\"\\\"", "é\"ü", "'\n'x'", ""];
        for text in texts {
            for path in ["a.rs", "a.js", "a.toml", "a.py", "a.txt"] {
                let whole: String = tokens(path, text).into_iter().map(|(_, piece)| piece).collect();
                assert_eq!(whole, text, "{path}");
            }
        }
    }

    #[test]
    fn each_kind_is_seen() {
        let found = tokens("a.rs", "pub fn f() { \"x\"; 7 } // y");
        let kinds: Vec<(Token, &str)> = found.into_iter().filter(|(token, _)| *token != Token::Plain).collect();
        let expected = [
            (Token::Keyword, "pub"),
            (Token::Keyword, "fn"),
            (Token::Text, "\"x\""),
            (Token::Number, "7"),
            (Token::Comment, "// y"),
        ];
        assert_eq!(kinds, expected);
    }
}
