//! `.gitattributes` as libgit2 obeys it in a first checkout on Linux with its usual configuration, because cargo-near and
//! near-cli-rs check out by libgit2: which files get other line endings or an `$Id$` than the commit holds. Where other tools
//! check out other bytes, as git does by `filter` and `working-tree-encoding`, the file is one that cannot be told.
//! Not here: what is done to a file's bytes (`conversion`).

use std::collections::BTreeMap;

use super::conversion::{Conversion, Endings};
use super::git::Repository;
use super::tree::{Entry, Tree};

/// The name of the file.
const NAME: &[u8] = b".gitattributes";
/// How many of them are read, and the most bytes of one.
const MAX_FILES: usize = 256;
const MAX_SIZE: u64 = 64 << 10;
/// How many rules all of them have, and wildcards in one pattern: what a file is matched against must end.
const MAX_RULES: usize = 1024;
const MAX_STARS: usize = 8;
/// What `binary` stands for.
const BINARY: [&str; 4] = ["diff", "merge", "text", "crlf"];

/// The attributes of one repository.
#[derive(Debug, Default)]
pub struct Attributes {
    /// By folder, with a slash at its end (`""` is the root).
    folders: BTreeMap<Vec<u8>, Vec<Rule>>,
    macros: BTreeMap<Vec<u8>, Vec<Assignment>>,
    rules: usize,
    /// Whether there is something that was not read, or that other tools read otherwise.
    is_unsure: bool,
}

#[derive(Debug)]
struct Rule {
    pattern: Vec<u8>,
    /// Every file that the pattern does not match.
    is_negative: bool,
    /// The pattern is for the path below the folder, not for the name alone.
    is_path: bool,
    assignments: Vec<Assignment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Assignment {
    name: Vec<u8>,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    True,
    False,
    /// As if nobody had set it.
    Unset,
    Text(Vec<u8>),
}

impl Attributes {
    /// Reads those of a tree. A link is not followed, as libgit2 makes links last.
    ///
    /// # Errors
    /// When an object is missing.
    pub fn read(repository: &Repository, tree: &Tree) -> anyhow::Result<Attributes> {
        let mut attributes = Attributes::default();
        // The root comes first: its macros are for all.
        for (path, entry) in tree {
            let Some(folder) = folder_of(path).filter(|folder| &path[folder.len()..] == NAME) else { continue };
            let Entry::File { id, size, .. } = entry else { continue };
            if *size > MAX_SIZE || attributes.folders.len() == MAX_FILES {
                attributes.is_unsure = true;
                continue;
            }
            attributes.add(folder, &repository.ask(["cat-file", "blob", id])?);
        }
        Ok(attributes)
    }

    fn add(&mut self, folder: &[u8], text: &[u8]) {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let mut rules = Vec::new();
        for line in text.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii_start();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let end = end_of_pattern(line);
            let (pattern, rest) = line.split_at(end);
            let assignments = self.assignments(rest);
            if assignments.is_empty() {
                continue;
            }
            match pattern.strip_prefix(b"[attr]") {
                // A macro counts at the root alone.
                Some(name) if folder.is_empty() => {
                    // git expands it in the lines before as well.
                    let all: Vec<&Rule> = self.folders.values().flatten().chain(&rules).collect();
                    let is_used = all.iter().any(|rule| rule.assignments.iter().any(|it| it.name == name));
                    self.is_unsure |= is_used;
                    self.macros.insert(name.to_vec(), assignments);
                }
                Some(_) => self.is_unsure = true,
                None => rules.extend(self.rule(pattern, assignments)),
            }
        }
        self.folders.insert(folder.to_vec(), rules);
    }

    fn rule(&mut self, pattern: &[u8], assignments: Vec<Assignment>) -> Option<Rule> {
        let is_negative = pattern.starts_with(b"!");
        // git refuses the one and undoes the other; a line that goes on behind its end is nobody's intention.
        self.is_unsure |= is_negative || pattern.starts_with(b"\"") || pattern.ends_with(b"\\");
        let pattern = pattern.strip_prefix(b"!").unwrap_or(pattern);
        let stars = pattern.iter().filter(|byte| **byte == b'*').count();
        if pattern.is_empty() {
            return None;
        }
        if self.rules == MAX_RULES || stars > MAX_STARS {
            self.is_unsure = true;
            return None;
        }
        self.rules += 1;
        // A folder's attributes are not those of what is in it.
        if pattern.ends_with(b"/") {
            return None;
        }
        let is_path = pattern.contains(&b'/');
        let pattern = pattern.strip_prefix(b"/").unwrap_or(pattern);
        Some(Rule { pattern: without_escaped_spaces(pattern), is_negative, is_path, assignments })
    }

    /// What a line assigns; of two assignments of one name the later counts.
    fn assignments(&self, text: &[u8]) -> Vec<Assignment> {
        let mut all: Vec<Assignment> = Vec::new();
        let mut assign = |new: Assignment| {
            all.retain(|old| old.name != new.name);
            all.push(new);
        };
        for word in text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            let (word, mut value) = match word.split_first() {
                Some((b'#', _)) => break,
                Some((b'-', name)) => (name, Value::False),
                Some((b'!', name)) => (name, Value::Unset),
                Some(_) | None => (word, Value::True),
            };
            let mut parts = word.splitn(2, |byte| *byte == b'=');
            let name = parts.next().unwrap_or_default();
            if name.is_empty() {
                continue;
            }
            if let Some(text) = parts.next().filter(|text| !text.is_empty()) {
                value = Value::Text(text.to_vec());
            }
            if value == Value::True {
                self.expanded(name).into_iter().for_each(&mut assign);
            }
            assign(Assignment { name: name.to_vec(), value });
        }
        all
    }

    fn expanded(&self, name: &[u8]) -> Vec<Assignment> {
        let off = |name: &str| Assignment { name: name.as_bytes().to_vec(), value: Value::False };
        match self.macros.get(name) {
            Some(assignments) => assignments.clone(),
            None if name == b"binary" => BINARY.map(off).to_vec(),
            None => Vec::new(),
        }
    }

    /// What becomes of the file at a path.
    pub fn of(&self, path: &[u8]) -> Conversion {
        if self.folders.is_empty() && !self.is_unsure {
            return Conversion::default();
        }
        // libgit2 writes files in the order of their paths, and obeys what it has written.
        let conversion = self.by(path, |file| file < path);
        let is_told = |name: &str| match self.value(path, name, &|_| true) {
            Some(Value::Text(value)) => name != "working-tree-encoding" || !is_utf8(value),
            Some(Value::True | Value::False | Value::Unset) | None => false,
        };
        let is_unsure = self.is_unsure
            || is_told("filter")
            || is_told("working-tree-encoding")
            || conversion != self.by(path, |_| true);
        Conversion { is_unsure, ..conversion }
    }

    /// By those files of attributes that count.
    fn by(&self, path: &[u8], counts: impl Fn(&[u8]) -> bool) -> Conversion {
        let value = |name: &str| self.value(path, name, &counts);
        let is = |name: &str, wanted: &str| matches!(value(name), Some(Value::Text(text)) if text == wanted.as_bytes());
        // `crlf` is what `text` was called once, and is asked where `text` says nothing.
        let says = |name: &str| match value(name) {
            Some(Value::True | Value::False) => true,
            Some(Value::Text(text)) => text == b"auto" || text == b"input",
            Some(Value::Unset) | None => false,
        };
        let name = if says("text") { "text" } else { "crlf" };
        let endings = match value(name) {
            Some(Value::False) => Endings::Kept,
            _ if !is("eol", "crlf") => Endings::Kept,
            Some(Value::Text(text)) if text == b"auto" => Endings::CrlfInText,
            Some(Value::True | Value::Unset | Value::Text(_)) | None => Endings::Crlf,
        };
        Conversion { endings, id: value("ident") == Some(&Value::True), is_unsure: false }
    }

    /// The value of an attribute: the last rule counts, of the nearest folder that has one.
    fn value(&self, path: &[u8], name: &str, counts: &impl Fn(&[u8]) -> bool) -> Option<&Value> {
        let mut folder = folder_of(path)?;
        loop {
            if let Some(rules) = self.folders.get(folder)
                && counts(&[folder, NAME].concat())
                && let Some(value) = rules.iter().rev().find_map(|rule| rule.value(path, folder, name))
            {
                return Some(value);
            }
            folder = folder_of(folder.strip_suffix(b"/")?)?;
        }
    }
}

impl Rule {
    fn value(&self, path: &[u8], folder: &[u8], name: &str) -> Option<&Value> {
        let assignment = self.assignments.iter().find(|it| it.name == name.as_bytes())?;
        let (text, mode) = match self.is_path {
            true => (&path[folder.len()..], gix_glob::wildmatch::Mode::NO_MATCH_SLASH_LITERAL),
            false => (&path[folder_of(path)?.len()..], gix_glob::wildmatch::Mode::empty()),
        };
        let matches = gix_glob::wildmatch(self.pattern.as_slice().into(), text.into(), mode);
        (matches != self.is_negative).then_some(&assignment.value)
    }
}

/// The folder of a path with its slash, `""` for the root.
fn folder_of(path: &[u8]) -> Option<&[u8]> {
    path.get(..path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1))
}

/// Where a pattern ends: at the first space that no backslash escapes.
fn end_of_pattern(line: &[u8]) -> usize {
    let mut is_escaped = false;
    let ends = |byte: &u8| {
        let ends = byte.is_ascii_whitespace() && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    };
    line.iter().position(ends).unwrap_or(line.len())
}

fn without_escaped_spaces(pattern: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = pattern;
    while let Some((first, after)) = rest.split_first() {
        match (first, after.split_first()) {
            (b'\\', Some((next, after))) => {
                plain.extend((!next.is_ascii_whitespace()).then_some(b'\\'));
                plain.push(*next);
                rest = after;
            }
            (_, _) => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    plain
}

fn is_utf8(encoding: &[u8]) -> bool {
    encoding.eq_ignore_ascii_case(b"utf-8") || encoding.eq_ignore_ascii_case(b"utf8")
}

#[cfg(test)]
mod tests;
