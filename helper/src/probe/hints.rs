//! Lines of a tree that may be where a factor comes in, found by words. A hint for a person who looks for the place, and never a
//! proof: a line can stand in a comment, and the place can be in a dependency.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use provenear_shared::report::{Factor, SourceHint};

/// Bytes of a file that is looked through, and of all files together.
const MAX_FILE: u64 = 1 << 20;
const MAX_ALL: u64 = 64 << 20;
/// Hints that are kept of one factor.
const MOST: usize = 12;
/// Characters of a line that are shown.
const MAX_TEXT: usize = 160;
/// What build scripts, sources and their helpers end in.
const ENDINGS: [&str; 8] = [".rs", ".sh", ".py", ".js", ".toml", ".mk", "Makefile", "makefile"];
/// What takes something into the code that was made or found while it was built.
const TAKES_IN: [&str; 5] = ["include_str!", "include_bytes!", "include!(", "option_env!(", "env!("];

/// Words by which a source reads a factor.
fn words(factor: Factor) -> &'static [&'static str] {
    const CLOCK: &[&str] = &[
        "SystemTime",
        "UNIX_EPOCH",
        "Utc::now",
        "Local::now",
        "now_utc",
        "Zoned::now",
        "Timestamp::now",
        "SOURCE_DATE_EPOCH",
        "date +",
        "$(date",
        "`date",
        "\"date\"",
        "time.time",
        "datetime.now",
        "Date.now",
        "new Date",
        "vergen",
        "shadow_rs",
        "build_time",
    ];
    match factor {
        Factor::Again => &[
            "SystemTime",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "date +",
            "$(date",
            "\"date\"",
            "HashMap",
            "HashSet",
            "RandomState",
            "rand::",
            "thread_rng",
            "getrandom",
            "/dev/urandom",
            "$RANDOM",
            "Uuid",
            "process::id",
            "$$",
            "thread::spawn",
            "par_iter",
            "codegen-units",
        ],
        Factor::Clock => CLOCK,
        Factor::Cpus => {
            &["available_parallelism", "num_cpus", "NUM_JOBS", "nproc", "cpu_count", "rayon", "codegen-units"]
        }
        Factor::HostName => &["hostname", "HOSTNAME", "gethostname", "uname", "/etc/hosts", "whoami"],
        Factor::FileOrder => {
            &["read_dir", "WalkDir", "walkdir", "glob(", "include_dir", "listdir", "readdir", "find ", "ls "]
        }
        Factor::User => &["\"USER\"", "$USER", "LOGNAME", "whoami", "getuid", ".uid()", ".gid()", "id -u", "$UID"],
        Factor::Umask => &["permissions()", ".mode()", "PermissionsExt", "umask", "stat ", "st_mode", "tar "],
        Factor::Environment => &["env::vars", "vars_os", "printenv", "environ", "\"env\""],
        Factor::Network => &[
            "TcpStream",
            "UdpSocket",
            "ToSocketAddrs",
            "reqwest",
            "ureq",
            "curl",
            "wget",
            "http://",
            "https://",
            "/sys/class/net",
            "/proc/net",
            "getaddrinfo",
        ],
        Factor::TimeZone => &["\"TZ\"", "$TZ", "Local::now", "chrono::Local", "localtime", "TimeZone", "tz", "date +"],
        Factor::Locale => &["\"LANG\"", "LC_ALL", "\"LC_", "$LANG", "setlocale", "sort", "sys_locale"],
        Factor::Home => &["\"HOME\"", "$HOME", "home_dir", "~/"],
        Factor::CargoHome => &["CARGO_HOME", ".cargo/registry", "home::cargo"],
        Factor::BuildPath => &[
            "file!()",
            "CARGO_MANIFEST_DIR",
            "OUT_DIR",
            "CARGO_TARGET_DIR",
            "current_dir",
            "$PWD",
            "pwd",
            "Location::caller",
        ],
    }
}

/// Lines of the tree in a tar that read this factor, or take in what was made meanwhile.
///
/// # Errors
/// When the tar cannot be read.
pub fn find_hints(archive: &Path, factor: Factor) -> anyhow::Result<Vec<SourceHint>> {
    let file = std::fs::File::open(archive).with_context(|| format!("failed to read `{}`", archive.display()))?;
    let mut tar = tar::Archive::new(std::io::BufReader::new(file));
    let (mut found, mut left) = (Found::default(), MAX_ALL);
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let size = entry.size();
        if !entry.header().entry_type().is_file() || size > MAX_FILE || !ENDINGS.iter().any(|end| path.ends_with(end)) {
            continue;
        }
        let Some(rest) = left.checked_sub(size) else { break };
        left = rest;
        let mut text = Vec::new();
        entry.read_to_end(&mut text)?;
        found.look(&path, &String::from_utf8_lossy(&text), words(factor));
    }
    Ok(found.all())
}

#[derive(Default)]
struct Found {
    reads: Vec<SourceHint>,
    takes_in: Vec<SourceHint>,
}

impl Found {
    fn look(&mut self, path: &str, text: &str, words: &[&str]) {
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            let is_comment = line.starts_with("//") || (line.starts_with('#') && !path.ends_with(".rs"));
            if is_comment {
                continue;
            }
            let hint = |word: &str| SourceHint {
                path: path.to_owned(),
                line: at + 1,
                text: line.chars().take(MAX_TEXT).collect(),
                word: word.to_owned(),
            };
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                self.reads.push(hint(word));
            } else if let Some(word) = TAKES_IN.iter().find(|word| line.contains(**word)) {
                self.takes_in.push(hint(word));
            }
        }
    }

    /// What reads it first, build scripts before all else: they alone run while the code is built.
    fn all(mut self) -> Vec<SourceHint> {
        for part in [&mut self.reads, &mut self.takes_in] {
            part.sort_by_key(|hint| !hint.path.ends_with("build.rs"));
        }
        self.reads.into_iter().chain(self.takes_in).take(MOST).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(factor: Factor, files: &[(&str, &str)]) -> Vec<(String, usize, String)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar");
        let mut tar = tar::Builder::new(std::fs::File::create(&path).unwrap());
        for (name, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap();
        find_hints(&path, factor).unwrap().into_iter().map(|it| (it.path, it.line, it.word)).collect()
    }

    #[test]
    fn lines_are_found_by_what_they_read_and_then_by_what_they_take_in() {
        let library = "// env!(\"HOME\") is a comment\nconst HOME: &str = env!(\"HOME\");\nconst A: &str = include_str!(\"a\");\n";
        let found = of(
            Factor::Home,
            &[("src/lib.rs", library), ("build.rs", "fn main() { std::env::var(\"HOME\"); }"), ("a.wasm", "\"HOME\"")],
        );
        let expected = [("build.rs", 1, "\"HOME\""), ("src/lib.rs", 2, "\"HOME\""), ("src/lib.rs", 3, "include_str!")];
        assert_eq!(found, expected.map(|(path, line, word)| (path.to_owned(), line, word.to_owned())));
        assert_eq!(of(Factor::Clock, &[("src/lib.rs", "fn f() {}")]), []);
    }

    #[test]
    fn no_tree_gives_more_hints_than_a_person_reads() {
        let long = "env::vars();\n".repeat(1000);
        assert_eq!(of(Factor::Environment, &[("build.rs", &long)]).len(), MOST);
        let wide = format!("env::vars(); {}", "x".repeat(1 << 21));
        assert_eq!(
            of(Factor::Environment, &[("build.rs", &wide)]),
            [],
            "a file that nobody wrote is not looked through"
        );
    }
}
