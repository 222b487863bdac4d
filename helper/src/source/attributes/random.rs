//! Files of attributes put together at random from what people write and what nobody should: libgit2 is asked what it makes
//! of each, and git, and whatever they do not agree on has to be known.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::super::conversion::Endings;
use super::rules::{Name, Value};
use super::*;

/// The same numbers each time (xorshift).
pub(super) struct Random(pub(super) u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// A file of some lines; of each three one has what few would write.
    pub(super) fn attributes(&mut self) -> String {
        let mut text = self.of(&["", "", "", "\u{feff}"]).to_owned();
        for _ in 0..=self.below(6) {
            let odd = self.below(3) == 0;
            text += if odd { self.of(&SPACES) } else { "" };
            text += if odd { self.of(&ODD_PATTERNS) } else { self.of(&PATTERNS) };
            for _ in 0..=self.below(3) {
                text += if odd { self.of(&SPACES) } else { " " };
                text += if odd && self.below(2) == 0 { self.of(&ODD_WORDS) } else { self.of(&WORDS) };
            }
            text += if odd { self.of(&ENDS) } else { "\n" };
        }
        text
    }
}

const PATTERNS: [&str; 18] = [
    "*.txt",
    "*",
    "plain.txt",
    "mark.txt",
    "/mark.txt",
    "a/*.txt",
    "/a/**",
    "**/b/*.txt",
    "a/**/m*",
    "[mp]*.txt",
    "[!m]*",
    "m?rk.txt",
    "*r*t",
    "b/",
    "*.md",
    "[attr]win",
    "[a-m]*.[[:alpha:]]*",
    "a/b/plain.txt",
];
const ODD_PATTERNS: [&str; 40] = [
    "!mark.txt",
    "!",
    "! ",
    "/",
    "/ ",
    "//",
    "//mark.txt",
    "[attr]",
    "[attr] win",
    "[attr]*",
    "[attr]!win",
    "[attr]/win/",
    "[attr]binary",
    "[attr]-x",
    "!a/",
    "!b/",
    "a/b/",
    "/a/",
    "\"mark.txt\"",
    "mark\\.txt",
    "\\mark.txt",
    "with\\ space.md",
    "mark.txt\\",
    "\\",
    "\\ ",
    "*[",
    "[",
    "[]m]*",
    "[^p]*",
    "[m\\-p]*",
    "[[:nope:]]*",
    "[[:upper:]-z]*",
    "a**/plain.txt",
    "a/b**",
    "***/plain.txt",
    "a/**/**/*.txt",
    "#",
    "# *.txt",
    ".",
    "a\\/*.txt",
];
const WORDS: [&str; 17] = [
    "text",
    "-text",
    "!text",
    "text=auto",
    "text=input",
    "eol=crlf",
    "eol=crlf",
    "eol=lf",
    "!eol",
    "ident",
    "-ident",
    "!ident",
    "-crlf",
    "crlf=input",
    "binary",
    "win",
    "filter=lfs",
];
const ODD_WORDS: [&str; 28] = [
    "#",
    "# eol=lf",
    "=",
    "-",
    "!",
    "=x",
    "eol=",
    "-eol",
    "-eol=crlf",
    "!eol=crlf",
    "eol=crlf=lf",
    "text=",
    "text=Auto",
    "crlf",
    "ident=",
    "ident=yes",
    "builtin_x",
    "x/y",
    "*",
    "-win",
    "win=x",
    "-binary",
    "!binary",
    "--text",
    "-",
    "\u{e4}",
    "eol==crlf",
    "working-tree-encoding=utf-16",
];
const SPACES: [&str; 9] = [" ", "\t", "  ", "\u{b}", "\u{c}", " \u{b}", "\r", "\\ ", "\t\u{c}"];
const ENDS: [&str; 10] = ["\n", "\r\n", " \n", "\n\n", "\u{b}\n", "\\\n", "\r", "", "\n\r\n", "\\\r\n"];

const PATHS: [&str; 13] = [
    "plain.txt",
    "mark.txt",
    "with space.md",
    "win",
    "a/plain.txt",
    "a/mark.txt",
    "a/b/plain.txt",
    "a/b/mark.txt",
    "a/b/c/x.txt",
    "aa/plain.txt",
    "b",
    "eol=crlf",
    "a/.gitattributes",
];
const NAMES: [(&str, Name); 6] = [
    ("text", Name::Text),
    ("crlf", Name::Crlf),
    ("eol", Name::Eol),
    ("ident", Name::Ident),
    ("filter", Name::Filter),
    ("working-tree-encoding", Name::Encoding),
];

/// What libgit2 says of a path, and of what is a text only whether it matters here.
fn by_libgit2(repository: &git2::Repository, path: &str) -> Vec<Option<Value>> {
    let value = |name: &str| {
        let flags = git2::AttrCheckFlags::FILE_THEN_INDEX;
        match git2::AttrValue::from_bytes(repository.get_attr_bytes(path.as_ref(), name, flags).unwrap()) {
            git2::AttrValue::True => Some(Value::True),
            git2::AttrValue::False => Some(Value::False),
            git2::AttrValue::Unspecified => None,
            git2::AttrValue::Bytes(text) => Some(Value::of(text)),
            git2::AttrValue::String(text) => Some(Value::of(text.as_bytes())),
        }
    };
    NAMES.map(|(name, _)| value(name)).to_vec()
}

/// What git says of all paths.
fn by_git(folder: &std::path::Path) -> Vec<Vec<Option<Value>>> {
    let names = NAMES.map(|(name, _)| name);
    let mut child = Command::new("git")
        .args(["-c", "core.attributesFile=/dev/null", "check-attr", "-z", "--stdin"])
        .args(names)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(PATHS.map(|path| format!("{path}\0")).concat().as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success());
    let parts: Vec<&[u8]> = out.stdout.split(|byte| *byte == 0).collect();
    let values: Vec<Option<Value>> = parts
        .chunks_exact(3)
        .map(|three| match three[2] {
            b"set" => Some(Value::True),
            b"unset" => Some(Value::False),
            b"unspecified" => None,
            text => Some(Value::of(text)),
        })
        .collect();
    values.chunks(NAMES.len()).map(<[_]>::to_vec).collect()
}

/// What comes of them.
fn what(values: &[Option<Value>]) -> (Endings, bool, bool) {
    let mut all = Values::default();
    for ((name, _), value) in NAMES.iter().zip(values) {
        value.iter().for_each(|value| all.set(name.as_bytes(), *value));
    }
    (all.endings(), all.ident(), all.are_for_git_alone())
}

#[test]
fn what_libgit2_reads_is_read_and_what_git_reads_otherwise_is_known() {
    let mut random = Random(0x5eed_0001);
    let (mut sure, mut alike) = (0, 0);
    for round in 0..600 {
        let folder = tempfile::tempdir().unwrap();
        git2::Repository::init(folder.path()).unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        let mut texts = vec![("", random.attributes())];
        texts.extend((round % 3 == 0).then(|| ("a/", random.attributes())));
        let mut ours = Attributes::default();
        for (place, text) in &texts {
            std::fs::write(folder.path().join(place).join(".gitattributes"), text).unwrap();
            ours.add(place.as_bytes(), text.as_bytes());
        }
        let ours = ours.whole();
        let mut effort = Effort::until(Deadline::after(Duration::from_secs(600), Code::LimitExceeded));
        let repository = git2::Repository::open(folder.path()).unwrap();
        let git = by_git(folder.path());
        let mut differs = None;
        for (path, by_git) in PATHS.iter().zip(git) {
            let (all, _) = ours.values(path.as_bytes(), &mut effort).unwrap();
            let all = NAMES.map(|(_, name)| all.get(name).filter(|value| *value != Value::Unset)).to_vec();
            assert_eq!(all, by_libgit2(&repository, path), "{round}: {texts:?} {path}");
            differs = differs
                .or_else(|| (what(&all) != what(&by_git)).then(|| format!("{path}: {all:?}, by git {by_git:?}")));
        }
        assert!(differs.is_none() || ours.is_unsure, "{round}: {texts:?} {differs:?}");
        (sure, alike) = (sure + usize::from(!ours.is_unsure), alike + usize::from(differs.is_none()));
    }
    // Else the second half of this test would show nothing.
    assert!(sure > 100 && alike < 550, "{sure} {alike}");
}
