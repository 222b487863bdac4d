//! What a file of Rust says of git while it is compiled, by words alone. Not here: whose file it is (`packages`).

/// What a build script says that reads git: by running it, by a library, or by itself.
pub const IN_BUILD_SCRIPTS: [&str; 10] = [
    "\"git\"",
    ".git/",
    "rev-parse",
    "git2::",
    "gix::",
    "vergen",
    "shadow_rs",
    "git_version",
    "git_testament",
    "built::",
];
/// What any other code says that has git read while it is compiled.
pub const ANYWHERE: [&str; 5] =
    ["git_version!(", "git_describe!(", "git_testament!(", "include_str!(\"../.git/", "include_str!(\"../../.git/"];
/// What a build script says that builds another contract, with manifests and lock file of its own.
pub const NESTED: &str = "cargo_near_build";

/// What one file of Rust says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// It reads git, if it is a build script.
    pub as_build_script: bool,
    /// It has git read wherever it stands.
    pub anywhere: bool,
    /// It builds another contract, if it is a build script.
    pub nested: bool,
    /// It was not read, and is believed to say everything.
    pub unread: bool,
}

impl Signs {
    /// Of a file that is not read.
    pub const ALL: Signs = Signs { as_build_script: true, anywhere: true, nested: true, unread: true };

    /// Looks at the text of a file.
    pub fn of(text: &[u8]) -> Signs {
        let text = String::from_utf8_lossy(text);
        let says = |words: &[&'static str]| {
            // Most files have none of these words, not even in a comment.
            words.iter().any(|word| text.contains(word))
                && code_lines(&text).any(|(_, code)| first(code, words).is_some())
        };
        Signs {
            as_build_script: says(&IN_BUILD_SCRIPTS),
            anywhere: says(&ANYWHERE),
            nested: says(&[NESTED]),
            unread: false,
        }
    }

    /// Takes in what another file says that has the same name to a reader.
    pub fn add(&mut self, other: Signs) {
        self.as_build_script |= other.as_build_script;
        self.anywhere |= other.anywhere;
        self.nested |= other.nested;
        self.unread |= other.unread;
    }
}

/// The lines of code, with their numbers and without comments to the end of a line. Where it is open whether something is such a
/// comment, because a text or another comment may end in it, it is code.
pub fn code_lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let code = |line: &str| {
        let is_comment = |at: &usize| {
            line[..*at].matches('"').count().is_multiple_of(2)
                && !line[*at..].contains('"')
                && !line[*at..].contains("*/")
        };
        line.find("//").filter(is_comment).unwrap_or(line.len())
    };
    let lines = (1..).zip(text.lines()).map(move |(number, line)| (number, &line[..code(line)]));
    lines.filter(|(_, code)| !code.trim().is_empty())
}

/// The first of these words that a line says, and not as the end of a longer name.
pub fn first(code: &str, words: &[&'static str]) -> Option<&'static str> {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    let says = |word: &&str| {
        let is_name = word.starts_with(is_part);
        code.match_indices(*word).any(|(at, _)| !is_name || !code[..at].ends_with(is_part))
    };
    words.iter().copied().find(|word| says(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_ends_of_longer_names_say_nothing() {
        for (text, expected) in [
            ("// We do not call `git rev-parse` here.\nfn main() {}", false),
            ("    //! built::write\n", false),
            ("fn main() { run(); } // no rev-parse", false),
            ("fn main() { prebuilt::load(); }", false),
            ("fn main() { built::write(); }", true),
            ("fn main() { ::built::write(); } // once", true),
            ("get(\"https://h.example/\"); run(\"git\");", true),
            ("// one\nrun(\"git\"); // two", true),
            ("/* x */ vergen_gix::emit()", true),
            // What looks like a comment ends another one, or a text.
            ("/*\n// */ git2::open()", true),
            ("/*\nx // */ git2::open()", true),
            ("let text = \"\n// \"; git2::open();", true),
        ] {
            assert_eq!(Signs::of(text.as_bytes()).as_build_script, expected, "{text}");
        }
        assert!(Signs::of(b"const G: &str = git_version!();").anywhere);
        assert!(!Signs::of(b"// git_version!()\nmy_git_version!()").anywhere);
        assert!(!Signs::of(b"// cargo_near_build\n").nested);
        assert!(Signs::of(b"/*\n// */ cargo_near_build::build()").nested);
    }
}
