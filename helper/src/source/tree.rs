//! What a commit's tree holds, by `git ls-tree`: paths checked, nothing written.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use super::git::Repository;
use crate::command::collect;
use crate::failure::{Code, fail};

/// Paths in one commit, and bytes of all their names, submodules counted. A few kilobytes can stand for any number of them, as
/// one folder may be in a tree many times, and each takes some memory here and in git.
const MAX_PATHS: usize = 65_536;
const MAX_NAMES: usize = 6 << 20;
/// Bytes of one path, and of all that git says of it.
const MAX_PATH: usize = 1024;
const MAX_LINE: u64 = 256 + MAX_PATH as u64;
/// Bytes of a `.gitmodules`.
pub const MAX_MODULES: u64 = 256 << 10;
/// Bytes of what git makes of it: each line with the name of its section.
const MAX_MODULES_LISTED: u64 = 4 << 20;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A plain file; `executable` is all that git knows of its mode.
    File {
        /// The blob's id.
        id: String,
        /// Bytes.
        size: u64,
        /// Mode 0755, else 0644.
        executable: bool,
    },
    /// A symbolic link; its target is the blob's content.
    Link {
        /// The blob's id.
        id: String,
        /// Bytes of the target.
        size: u64,
    },
    /// Another repository's commit.
    Submodule {
        /// The commit.
        commit: String,
    },
    /// A directory.
    Directory,
}

/// Every path of a commit, sorted bytewise, parents before children.
pub type Tree = BTreeMap<Vec<u8>, Entry>;

/// How much of what a commit may hold was not taken yet.
#[derive(Debug)]
pub struct Room {
    paths: usize,
    names: usize,
}

impl Default for Room {
    fn default() -> Room {
        Room { paths: MAX_PATHS, names: MAX_NAMES }
    }
}

impl Room {
    fn take(&mut self, path: &[u8]) -> anyhow::Result<()> {
        match (self.paths.checked_sub(1), self.names.checked_sub(path.len())) {
            (Some(paths), Some(names)) => (self.paths, self.names) = (paths, names),
            (None, _) => return fail(Code::LimitExceeded, format!("the commit has more than {MAX_PATHS} paths")),
            (_, None) => {
                let what = "of paths, names and folders together";
                return fail(Code::LimitExceeded, format!("the commit has more than {MAX_NAMES} bytes {what}"));
            }
        }
        Ok(())
    }
}

/// Reads the tree of a commit.
///
/// # Errors
/// [`Code::SourceRefused`] for a path that would leave its folder or enter `.git`, and for two entries of one name;
/// [`Code::LimitExceeded`] for more than there is room for.
pub fn read(repository: &Repository, commit: &str, room: &mut Room) -> anyhow::Result<Tree> {
    let mut tree = Tree::new();
    let list = repository.run(["ls-tree", "-r", "-t", "-z", "-l", "--full-tree", commit]);
    let listed = repository.status(list.stdout(Box::new(|from| parse(from, room, &mut tree))))?;
    if !listed.status.success() {
        // Of every other missing object git names the id.
        return match missing_root(repository, commit)? {
            Some(id) => fail(Code::CommitNotFound, not_held(&id, "the root folder")),
            None => fail(Code::SourceRefused, format!("git refused an object: {}", listed.complaint())),
        };
    }
    check_parents(&tree)?;
    Ok(tree)
}

/// The id of the tree that a commit names, where it is not here.
fn missing_root(repository: &Repository, commit: &str) -> anyhow::Result<Option<String>> {
    let text = repository.ask(["cat-file", "commit", commit])?;
    let text = String::from_utf8_lossy(&text);
    let Some(id) = text.lines().next().and_then(|line| line.strip_prefix("tree ")) else { return Ok(None) };
    let is_here = repository.run(["cat-file", "-e", id]).output()?.status.success();
    Ok((!is_here).then(|| id.to_owned()))
}

fn not_held(id: &str, what: &str) -> String {
    format!("the repository does not have the object `{id}`, which is {what}")
}

/// From the output of `git ls-tree -r -t -z -l`, as it comes.
fn parse(from: &mut dyn Read, room: &mut Room, tree: &mut Tree) -> anyhow::Result<()> {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut from).take(MAX_LINE).read_until(0, &mut line)? == 0 {
            return Ok(());
        }
        let Some(line) = line.strip_suffix(b"\0") else {
            return fail(Code::SourceRefused, format!("a path of the commit is longer than {MAX_PATH} bytes"));
        };
        let (path, entry) = parse_line(line)?;
        room.take(&path)?;
        let shown = String::from_utf8_lossy(&path).into_owned();
        if tree.insert(path, entry).is_some() {
            return fail(Code::SourceRefused, format!("`{shown}` is in the tree twice"));
        }
    }
}

fn parse_line(line: &[u8]) -> anyhow::Result<(Vec<u8>, Entry)> {
    let Some(tab) = line.iter().position(|b| *b == b'\t') else {
        return fail(Code::SourceRefused, "git listed a tree in a form that is not understood");
    };
    let (path, head) = (line.get(tab + 1..).unwrap_or_default(), line.get(..tab).unwrap_or_default());
    check_path(path)?;
    let head = String::from_utf8_lossy(head);
    let words: Vec<&str> = head.split_ascii_whitespace().collect();
    let entry = match words.as_slice() {
        [mode @ ("100644" | "100664" | "100755"), "blob", id, size] => {
            Entry::File { id: (*id).to_owned(), size: size_of(size, id, path)?, executable: *mode == "100755" }
        }
        ["120000", "blob", id, size] => Entry::Link { id: (*id).to_owned(), size: size_of(size, id, path)? },
        ["160000", "commit", id, _] => Entry::Submodule { commit: (*id).to_owned() },
        ["040000", "tree", ..] => Entry::Directory,
        _ => {
            let path = String::from_utf8_lossy(path);
            return fail(Code::SourceRefused, format!("`{path}` is of a kind that git does not create"));
        }
    };
    Ok((path.to_vec(), entry))
}

/// The size that git lists, which is a word in place of a number where it does not hold the object.
fn size_of(listed: &str, id: &str, path: &[u8]) -> anyhow::Result<u64> {
    match listed.parse() {
        Ok(size) => Ok(size),
        Err(_) => fail(Code::CommitNotFound, not_held(id, &format!("`{}`", String::from_utf8_lossy(path)))),
    }
}

/// A path inside a tree: relative, no `.` or `..`, nothing named `.git` in any spelling that a file system may fold.
///
/// # Errors
/// [`Code::SourceRefused`].
pub fn check_path(path: &[u8]) -> anyhow::Result<()> {
    let bad = |part: &[u8]| {
        let folded: Vec<u8> = part.iter().filter(|b| b.is_ascii()).map(u8::to_ascii_lowercase).collect();
        part.is_empty() || part == b"." || part == b".." || folded == b".git" || folded == b"git~1"
    };
    if path.len() > MAX_PATH || path.contains(&0) || path.split(|b| *b == b'/').any(bad) {
        let path: String = String::from_utf8_lossy(path).chars().take(200).collect();
        return fail(Code::SourceRefused, format!("the path `{}` is not safe to write", path.escape_debug()));
    }
    Ok(())
}

/// Every parent of every path is a directory of the same tree: nothing hides behind a link or a file.
fn check_parents(tree: &Tree) -> anyhow::Result<()> {
    for path in tree.keys() {
        if let Some(slash) = path.iter().rposition(|b| *b == b'/')
            && tree.get(path.get(..slash).unwrap_or_default()) != Some(&Entry::Directory)
        {
            let path = String::from_utf8_lossy(path);
            return fail(Code::SourceRefused, format!("`{path}` is below something that is not a directory"));
        }
    }
    Ok(())
}

/// The name and URL of each submodule by its path, from `.gitmodules` (`git config -z --list` prints it).
///
/// # Errors
/// [`Code::SourceRefused`] for paths that are not safe, [`Code::LimitExceeded`] for a file that is too large.
pub fn submodules(repository: &Repository, id: &str, size: u64) -> anyhow::Result<BTreeMap<Vec<u8>, Submodule>> {
    if size > MAX_MODULES {
        return fail(Code::LimitExceeded, format!("`.gitmodules` is larger than {MAX_MODULES} bytes"));
    }
    let mut listing = Vec::new();
    let list = repository.run(["config", "-z", "--no-includes", "--list", "--blob", id]);
    let listed = repository.status(list.stdout(collect(&mut listing, MAX_MODULES_LISTED)))?;
    if !listed.status.success() {
        return fail(Code::SourceRefused, format!("git cannot read `.gitmodules`: {}", listed.complaint()));
    }
    parse_submodules(&listing)
}

/// A submodule's name and URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Submodule {
    /// Its name in `.gitmodules`.
    pub name: String,
    /// As written there.
    pub url: String,
    /// `update = none`: left empty on purpose.
    pub left_out: bool,
}

impl Submodule {
    /// Whether its URL stands beside the one of the repository that it is in.
    pub fn is_relative(&self) -> bool {
        self.url.starts_with("./") || self.url.starts_with("../")
    }
}

/// The same, from the listing that git makes of the file.
///
/// # Errors
/// [`Code::SourceRefused`] for paths that are not safe.
pub fn parse_submodules(listing: &[u8]) -> anyhow::Result<BTreeMap<Vec<u8>, Submodule>> {
    let mut by_name: BTreeMap<String, (Option<Vec<u8>>, Submodule)> = BTreeMap::new();
    for item in listing.split(|b| *b == 0) {
        let text = String::from_utf8_lossy(item);
        let (key, value) = text.split_once('\n').unwrap_or((&text, ""));
        let Some((name, field)) = key.strip_prefix("submodule.").and_then(|rest| rest.rsplit_once('.')) else {
            continue;
        };
        let slot = by_name.entry(name.to_owned()).or_default();
        slot.1.name = name.to_owned();
        match field {
            "path" => slot.0 = Some(value.trim_end_matches('/').as_bytes().to_vec()),
            "url" => value.clone_into(&mut slot.1.url),
            "update" => slot.1.left_out = value == "none",
            _ => {}
        }
    }
    let mut by_path = BTreeMap::new();
    for (path, submodule) in by_name.into_values() {
        let Some(path) = path else { continue };
        check_path(&path)?;
        by_path.insert(path, submodule);
    }
    Ok(by_path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::code_of;

    fn parse(listing: &[u8]) -> anyhow::Result<Tree> {
        let mut tree = Tree::new();
        super::parse(&mut &listing[..], &mut Room::default(), &mut tree)?;
        check_parents(&tree)?;
        Ok(tree)
    }

    #[test]
    fn a_listing_is_read_and_sorted() {
        let listing = b"100644 blob aa 3\tb\x00040000 tree bb -\ta\x00100755 blob cc 4\ta/x y\x00120000 blob dd 2\ta/l\x00160000 commit ee -\tsub\x00";
        let tree = parse(listing).unwrap();
        let names: Vec<_> = tree.keys().map(|k| String::from_utf8_lossy(k).into_owned()).collect();
        assert_eq!(names, ["a", "a/l", "a/x y", "b", "sub"]);
        assert_eq!(tree[&b"a/x y"[..]], Entry::File { id: "cc".into(), size: 4, executable: true });
        assert_eq!(tree[&b"sub"[..]], Entry::Submodule { commit: "ee".into() });
    }

    #[test]
    fn hostile_paths_are_refused() {
        for path in [
            "../x",
            "a/../b",
            "/etc",
            ".git/config",
            "a/.GIT/hooks",
            ".g\u{200c}it/config",
            "a//b",
            "./a",
            ".",
            "git~1",
        ] {
            let listing = format!("100644 blob aa 3\t{path}\0");
            assert!(parse(listing.as_bytes()).is_err(), "{path}");
        }
    }

    #[test]
    fn nothing_hides_behind_a_link() {
        assert!(parse(b"120000 blob aa 4\ta\x00100644 blob bb 3\ta/b\x00").is_err());
        assert!(parse(b"100644 blob aa 4\ta\x00100644 blob bb 3\ta\x00").is_err());
        assert!(parse(b"100000 blob aa 4\ta\x00").is_err());
    }

    /// Of several repositories in one commit too: they share the room.
    #[test]
    fn there_is_room_for_so_many_paths_and_names_and_no_more() {
        let line = |path: &str| format!("100644 blob aa 3\t{path}\0");
        let many = |from: usize, to: usize| (from..to).map(|n| line(&format!("f{n}"))).collect::<String>();
        let long: String = (0..=MAX_NAMES / 1000).map(|n| line(&format!("{n:0>1000}"))).collect();
        let mut room = Room::default();
        let mut take = |listing: &str| super::parse(&mut listing.as_bytes(), &mut room, &mut Tree::new());
        take(&many(0, MAX_PATHS / 2)).unwrap();
        take(&many(0, MAX_PATHS / 2)).unwrap();
        for (error, named) in
            [(take(&line("x")).unwrap_err(), MAX_PATHS), (parse(long.as_bytes()).unwrap_err(), MAX_NAMES)]
        {
            assert_eq!(code_of(&error), Code::LimitExceeded);
            assert!(error.to_string().contains(&named.to_string()), "{error}");
        }
        // A name of megabytes is not read to its end.
        assert!(parse(line(&"x".repeat(1 << 20)).as_bytes()).is_err());
    }

    #[test]
    fn submodules_are_found_by_path() {
        let listing = b"submodule.x.y.path\nlib/x/\x00submodule.x.y.url\n../x.git\x00submodule.n.path\nn\x00submodule.n.update\nnone\x00other.key\nv\x00";
        let found = parse_submodules(listing).unwrap();
        assert_eq!(found[&b"lib/x"[..]], Submodule { name: "x.y".into(), url: "../x.git".into(), left_out: false });
        assert!(found[&b"n"[..]].left_out);
        assert!(parse_submodules(b"submodule.x.path\n../up\x00").is_err());
    }
}
