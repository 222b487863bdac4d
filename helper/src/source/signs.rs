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
}

impl Signs {
    /// Of a file that is not read.
    pub const ALL: Signs = Signs { as_build_script: true, anywhere: true, nested: true };

    /// Looks at the text of a file.
    pub fn of(text: &[u8]) -> Signs {
        let text = String::from_utf8_lossy(text);
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        Signs { as_build_script: says(&IN_BUILD_SCRIPTS), anywhere: says(&ANYWHERE), nested: text.contains(NESTED) }
    }

    /// Takes in what another file says that has the same name to a reader.
    pub fn add(&mut self, other: Signs) {
        self.as_build_script |= other.as_build_script;
        self.anywhere |= other.anywhere;
        self.nested |= other.nested;
    }
}
