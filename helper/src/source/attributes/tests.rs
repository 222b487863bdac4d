//! What libgit2 itself checks out is what stands in the archive, byte for byte; and where git checks out something else, that
//! is known.

use std::path::Path;
use std::time::{Duration, Instant};

use super::super::checkout::tests::Made;
use super::random::Random;
use super::*;
use crate::failure::code_of;

/// Files by path, with the bytes of each.
type Files = BTreeMap<String, Vec<u8>>;

/// The files that libgit2 writes of a commit into an empty folder, whatever the configuration of this machine's user.
fn by_libgit2(made: &Path, commit: &str) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let repository = git2::Repository::init(folder.path()).unwrap();
    let mut config = repository.config().unwrap();
    config.set_bool("core.autocrlf", false).unwrap();
    config.set_str("core.eol", "native").unwrap();
    config.set_str("core.attributesFile", "/dev/null").unwrap();
    let mut remote = repository.remote_anonymous(made.to_str().unwrap()).unwrap();
    remote.fetch(&["refs/heads/main"], None, None).unwrap();
    let commit = repository.find_object(git2::Oid::from_str(commit).unwrap(), None).unwrap();
    repository.checkout_tree(&commit, Some(git2::build::CheckoutBuilder::new().force())).unwrap();
    files(folder.path())
}

/// The same by git.
fn by_git(made: &Path) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let there = Made::at(folder);
    there.git(&["clone", "-q", "-c", "core.attributesFile=/dev/null", made.to_str().unwrap(), "."]);
    files(there.path())
}

fn files(folder: &Path) -> Files {
    fn walk(root: &Path, folder: &Path, into: &mut Files) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && entry.file_name() != ".git" {
                walk(root, &path, into);
            } else if kind.is_file() {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                into.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut all = Files::new();
    walk(folder, folder, &mut all);
    all
}

/// Every kind of content that line endings and marks care about, under one name each.
const CONTENTS: [(&str, &[u8]); 18] = [
    ("empty", b""),
    ("plain", b"one\ntwo\n"),
    ("no-end", b"one\ntwo"),
    ("crlf", b"one\r\ntwo\r\n"),
    ("mixed", b"one\r\ntwo\nthree\n"),
    ("lone-cr", b"one\rtwo\nthree\n"),
    ("cr-lf-lf", b"\n\r\n\n\r\r\n"),
    ("nul", b"one\0\ntwo\n"),
    ("control", b"\x01\x02\x03\n\x04"),
    ("dos-end", b"one\ntwo\n\x1a"),
    ("mark", b"a $Id$ b\n"),
    ("mark-old", b"a $Id: 0123 $ b\n"),
    ("marks", b"$Id$\n$Id$\n"),
    ("mark-far", b"$Id of\nsomething that costs 3$ here\n"),
    ("mark-none", b"$ $I $Id at 3 euros\n"),
    ("mark-end", b"ends in $ab$"),
    ("bom", b"\xef\xbb\xbf$Id$\n"),
    ("utf-16", b"\xff\xfea\0\n\0$\0I\0d\0$\0"),
];

/// Makes a repository with every content below every folder, and these files of attributes.
fn made(attributes: &[(&str, &str)]) -> (Made, String) {
    let made = Made::new();
    for folder in ["", "a", "a/b", "-early", ".cargo"] {
        for (name, bytes) in CONTENTS {
            let path = made.path().join(folder).join(format!("{name}.txt"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        made.write(format!("{folder}/with space.md").trim_start_matches('/'), "one\n");
    }
    for (path, text) in attributes {
        made.write(path, text);
    }
    // As they are: no attribute changes what goes in.
    std::fs::write(made.path().join(".git/info/attributes"), "* !eol !ident !filter !working-tree-encoding -text\n")
        .unwrap();
    let commit = made.commit();
    (made, commit)
}

#[test]
fn the_archive_holds_what_libgit2_checks_out() {
    let rows: &[&[(&str, &str)]] = &[
        &[],
        &[(".gitattributes", "*.txt eol=crlf\n")],
        &[(".gitattributes", "* text=auto eol=crlf\n")],
        &[(".gitattributes", "* text=auto\n*.txt text\n")],
        &[(".gitattributes", "* text eol=crlf\n*.txt -text\n")],
        &[(".gitattributes", "* text eol=crlf\n*.txt !text\n")],
        &[(".gitattributes", "* text eol=crlf\n*.txt !eol\n")],
        &[(".gitattributes", "* eol=crlf\n*.txt binary\n")],
        &[(".gitattributes", "* eol=crlf\n*.txt binary text\n")],
        &[(".gitattributes", "* eol=crlf\n*.txt -crlf\n")],
        &[(".gitattributes", "* crlf=auto eol=crlf\n")],
        &[(".gitattributes", "* text=input eol=crlf\n")],
        &[(".gitattributes", "* text=other eol=crlf\n")],
        &[(".gitattributes", "*.txt ident\n")],
        &[(".gitattributes", "*.txt ident eol=crlf\n")],
        &[(".gitattributes", "*.txt ident=yes -eol\n")],
        &[
            (".gitattributes", "*.txt eol=crlf"),
            ("a/.gitattributes", "*.txt eol=lf\n"),
            ("a/b/.gitattributes", "p* eol=crlf"),
        ],
        &[("a/.gitattributes", "/b/*.txt eol=crlf\n"), ("a/b/.gitattributes", "/plain.txt ident\n")],
        &[(".gitattributes", "a/** eol=crlf\n")],
        &[(".gitattributes", "**/b/*.txt eol=crlf\n")],
        &[(".gitattributes", "a/*.txt eol=crlf\n/mark*.txt ident\n")],
        &[(".gitattributes", "a/ eol=crlf\na/b eol=crlf\n")],
        &[(".gitattributes", "[attr]win text eol=crlf\n*.txt win\n")],
        &[(".gitattributes", "*.txt win\n[attr]win text eol=crlf\n")],
        &[(".gitattributes", "[attr]win eol=crlf\n*.txt -win\n[mp]*.txt win\n")],
        &[(".gitattributes", "x x\n"), ("a/.gitattributes", "[attr]win eol=crlf\n*.txt win\n")],
        &[(".gitattributes", "\u{feff}*.txt eol=crlf\r\n# c\r\n   mark.txt   ident\t# eol=lf\r\n")],
        &[(".gitattributes", "with\\ space.md eol=crlf\n")],
        &[(".gitattributes", "!mark.txt eol=crlf\n")],
        &[(".gitattributes", "*.txt = - ! eol= eol=crlf\n")],
        &[(".gitattributes", "*.txt working-tree-encoding=UTF-16 eol=crlf\n")],
        &[(".gitattributes", "*.txt filter=lfs\n")],
        // A vertical tab is a space to libgit2 alone.
        &[(".gitattributes", "\u{b}plain.txt\u{b}eol=crlf\n# \u{b}\n")],
        &[(".gitattributes", "mark.txt ident\u{b}eol=crlf\n")],
        // Behind an empty pattern it begins anew, in the same line.
        &[(".gitattributes", "! *.txt eol=crlf\n")],
        &[(".gitattributes", "/ plain.txt eol=crlf\n")],
        &[(".gitattributes", "[attr] mark.txt ident\n")],
        &[(".gitattributes", "!a/ eol=crlf\nplain.txt\\\n mark.txt ident")],
        // What git calls `binary` says nothing of `crlf`.
        &[(".gitattributes", "*.txt binary\nplain.txt !text eol=crlf\n")],
        &[(".gitattributes", "[attr]win eol=crlf\n*.txt win\nplain.txt -win\n")],
        &[
            ("-early/.gitattributes", "[attr]win eol=crlf\n*.txt win eol=crlf\n"),
            (".gitattributes", "[attr]win ident\n"),
        ],
    ];
    let changed: usize = rows.iter().map(|row| held_against_libgit2(row)).sum();
    assert!(changed > 300, "most rows change files: {changed}");
}

#[test]
fn the_archive_holds_what_libgit2_checks_out_by_attributes_that_nobody_thought_of() {
    let mut random = Random(0x5eed_0002);
    let changed: usize = (0..24)
        .map(|_| {
            let (root, below) = (random.attributes(), random.attributes());
            held_against_libgit2(&[(".gitattributes", &root), ("a/.gitattributes", &below)])
        })
        .sum();
    assert!(changed > 100, "most change files: {changed}");
}

/// How many files these attributes change.
fn held_against_libgit2(attributes: &[(&str, &str)]) -> usize {
    let (made, commit) = made(attributes);
    let (got, _keep) = made.checkout(&commit).unwrap();
    let there = tempfile::tempdir().unwrap();
    tar::Archive::new(std::fs::File::open(&got.archive).unwrap()).unpack(there.path()).unwrap();
    let (ours, theirs) = (files(there.path()), by_libgit2(made.path(), &commit));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (path, bytes) in &theirs {
        assert!(ours[path] == *bytes, "{attributes:?} {path}: {:?}", String::from_utf8_lossy(&ours[path]));
    }
    // What git checks out otherwise is never left unsaid.
    let same = by_git(made.path()) == theirs;
    assert!(same || got.facts.converts_elsewhere, "{attributes:?}");
    theirs.iter().filter(|(path, bytes)| is_changed(path, bytes)).count()
}

fn is_changed(path: &str, bytes: &[u8]) -> bool {
    let name = path.rsplit('/').next().unwrap().trim_end_matches(".txt");
    CONTENTS.iter().any(|(known, before)| *known == name && *before != bytes)
}

/// What a hostile tree can make of them at most: as many rules as are read, each of them slow, for long paths.
#[test]
fn patterns_cost_little_or_are_refused_by_name_and_end_in_time() {
    let effort = |time| Effort::until(Deadline::after(Duration::from_secs(time), Code::BuildTimeout));
    let of = |pattern: &dyn Fn(usize) -> String| {
        let mut attributes = Attributes::default();
        let text: String = (0..MAX_RULES).map(|n| format!("{} text ident eol=crlf\n", pattern(n))).collect();
        for (n, text) in text.as_bytes().chunks(MAX_ALL as usize).enumerate() {
            attributes.add(if n == 0 { b"" } else { b"a/" }, text);
        }
        attributes
    };
    let path = |n: usize| format!("{}/file{n}.rs", "a/bc".repeat(200));
    let since = Instant::now();
    let (plain, endings) = (of(&|n| format!("file{n}.rs")), of(&|n| format!("*.{n}")));
    let (mut calm, mut found) = (effort(600), 0);
    for n in 0..3000 {
        let of = |attributes: &Attributes, calm: &mut Effort| attributes.of(path(n).as_bytes(), calm).unwrap();
        found += usize::from(of(&plain, &mut calm).id) + usize::from(of(&endings, &mut calm).id);
    }
    assert_eq!((found, calm.left), (MAX_RULES, Effort::MOST));
    // In some tenths of a second; before, this took a minute.
    assert!(since.elapsed() < Duration::from_secs(30), "{:?}", since.elapsed());
    // Slow ones: no star of these can be told from the next but by trying.
    let slow = of(&|n| format!("**/[a]/**/[b]*[c]/**/[a]*/{n}"));
    let mut spent = Effort { left: 1 << 24, ..effort(600) };
    let refused = (0..100_000).find_map(|n| slow.of(path(n).as_bytes(), &mut spent).err()).unwrap();
    assert!(code_of(&refused) == Code::LimitExceeded && refused.to_string().contains(&Effort::MOST.to_string()));
    let mut late = effort(0);
    std::thread::sleep(Duration::from_millis(1));
    assert_eq!(code_of(&slow.of(path(0).as_bytes(), &mut late).unwrap_err()), Code::BuildTimeout);
}

#[test]
fn what_other_tools_may_do_is_known() {
    let rows = [
        ("*.txt eol=crlf", false),
        ("* text=auto", false),
        ("mark.txt ident", false),
        ("marks.txt ident", true),
        ("mark-old.txt ident", true),
        ("*.txt filter=lfs", true),
        ("*.none filter=lfs", false),
        ("*.txt filter=lfs\n*.txt -filter", false),
        ("*.txt working-tree-encoding=UTF-16", true),
        ("*.txt working-tree-encoding=utf-8", false),
        ("*.txt export-subst export-ignore merge=x", false),
        ("*.toml eol=crlf", true),
        ("!*.md eol=lf", true),
        ("\"a b\" eol=lf", true),
        ("********* eol=lf", true),
    ];
    for (text, expected) in rows {
        let made = Made::new();
        for (name, bytes) in CONTENTS {
            std::fs::write(made.path().join(format!("{name}.txt")), bytes).unwrap();
        }
        // Before `.gitattributes` by its name: libgit2 does not know the rule yet when it writes it.
        made.write(".cargo/config.toml", "[net]\n");
        made.write(".gitattributes", text);
        std::fs::write(
            made.path().join(".git/info/attributes"),
            "* !eol !ident !filter !working-tree-encoding -text\n",
        )
        .unwrap();
        let (got, _keep) = made.checkout(&made.commit()).unwrap();
        assert_eq!(got.facts.converts_elsewhere, expected, "{text}");
    }
    let made = Made::new();
    made.write("a", "one\n");
    made.write(".gitattributes", &"a eol=lf\n".repeat(10_000));
    let (got, _keep) = made.checkout(&made.commit()).unwrap();
    assert!(got.facts.converts_elsewhere, "a file that is too large was not read");
}
