//! `.gitattributes` as libgit2 obeys it in a first checkout on Linux with its usual configuration, because cargo-near and
//! near-cli-rs check out by libgit2: which files get other line endings or an `$Id$` than the commit holds. Where other tools
//! check out other bytes, as git does by `filter` and `working-tree-encoding`, the file is one that cannot be told.
//! Not here: how a line is read (`rules`), what is done to a file's bytes (`conversion`).

mod rules;

use std::collections::{BTreeMap, BTreeSet};

use self::rules::{Head, Value, Values};
use super::conversion::Conversion;
use super::git::Repository;
use super::tree::{Entry, Tree};
use crate::deadline::Deadline;
use crate::failure::{Code, fail};

/// The name of the file.
const NAME: &[u8] = b".gitattributes";
/// How many of them are read, and the most bytes of one and of all.
const MAX_FILES: usize = 256;
const MAX_SIZE: u64 = 64 << 10;
const MAX_ALL: u64 = 256 << 10;
/// How many rules all of them have, and bytes and wildcards in one pattern: what a file is matched against must end.
const MAX_RULES: usize = 1024;
const MAX_PATTERN: usize = 1024;
const MAX_STARS: usize = 8;

/// The attributes of one repository.
#[derive(Debug, Default)]
pub struct Attributes {
    /// By folder, with a slash at its end (`""` is the root).
    folders: BTreeMap<Vec<u8>, Vec<Rule>>,
    macros: BTreeMap<Vec<u8>, Values>,
    /// What was set so far, and what to something else.
    set: BTreeSet<Vec<u8>>,
    set_otherwise: BTreeSet<Vec<u8>>,
    /// Whether `text` is left to others somewhere.
    is_text_left: bool,
    rules: usize,
    /// Whether there is something that was not read, or that other tools read otherwise.
    is_unsure: bool,
}

/// What may still be spent on matching patterns, for all files of a commit.
#[derive(Debug)]
pub struct Effort {
    left: u64,
    deadline: Deadline,
}

#[derive(Debug)]
struct Rule {
    pattern: Vec<u8>,
    shape: Shape,
    is_negative: bool,
    is_path: bool,
    values: Values,
}

/// What a pattern asks for; most can be told without a matcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Nothing,
    /// This very text.
    Plain,
    /// A text that ends in what stands behind the star.
    Ending,
    Glob,
}

impl Effort {
    /// Bytes of patterns, each times those that it is held against: honest trees need a small part of it.
    const MOST: u64 = 1 << 32;

    /// For one commit.
    pub fn until(deadline: Deadline) -> Effort {
        Effort { left: Self::MOST, deadline }
    }

    fn spend(&mut self, pattern: &[u8], text: &[u8]) -> anyhow::Result<()> {
        self.deadline.check()?;
        match self.left.checked_sub(pattern.len() as u64 * text.len() as u64) {
            Some(left) => self.left = left,
            None => {
                let what = "matching its paths against the patterns of its `.gitattributes`";
                return fail(
                    Code::LimitExceeded,
                    format!("the commit takes more than {} steps for {what}", Self::MOST),
                );
            }
        }
        Ok(())
    }
}

impl Attributes {
    /// Reads those of a tree. A link is not followed, as libgit2 makes links last.
    ///
    /// # Errors
    /// When an object is missing.
    pub fn read(repository: &Repository, tree: &Tree) -> anyhow::Result<Attributes> {
        let mut attributes = Attributes::default();
        let (mut files, mut bytes) = (0, 0);
        for (path, entry) in tree {
            let Some(folder) = folder_of(path).filter(|folder| &path[folder.len()..] == NAME) else { continue };
            let Entry::File { id, size, .. } = entry else { continue };
            if *size > MAX_SIZE || bytes + size > MAX_ALL || files == MAX_FILES {
                attributes.is_unsure = true;
                continue;
            }
            (files, bytes) = (files + 1, bytes + size);
            attributes.add(folder, &repository.ask(["cat-file", "blob", id])?);
        }
        Ok(attributes.whole())
    }

    /// Reads those of a work tree, each by its folder, which ends in a slash or is empty.
    pub fn of_files<'a>(files: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Attributes {
        let mut attributes = Attributes::default();
        let (mut count, mut bytes) = (0, 0);
        for (folder, text) in files {
            let size = text.len() as u64;
            if size > MAX_SIZE || bytes + size > MAX_ALL || count == MAX_FILES {
                attributes.is_unsure = true;
                continue;
            }
            (count, bytes) = (count + 1, bytes + size);
            attributes.add(folder, text);
        }
        attributes.whole()
    }

    /// When all files are read: git leaves a macro alone where something else is said of its name too.
    fn whole(mut self) -> Attributes {
        let is_both = |name: &[u8]| self.set.contains(name) && self.set_otherwise.contains(name);
        // To git `binary` says nothing of `crlf`, which is asked where `text` says nothing.
        self.is_unsure |= self.is_text_left && self.set.contains(&b"binary"[..]);
        self.is_unsure |= is_both(b"binary") || self.macros.keys().any(|name| is_both(name));
        Attributes { set: BTreeSet::new(), set_otherwise: BTreeSet::new(), ..self }
    }

    fn add(&mut self, folder: &[u8], text: &[u8]) {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        self.is_unsure |= !rules::are_read_alike(text);
        let mut rest = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let mut all = Vec::new();
        while !rest.is_empty() {
            let Some(head) = rules::head(&mut rest) else { continue };
            let (mut values, mut is_empty) = (Values::default(), true);
            rules::assignments(&mut rest, |name, value| {
                is_empty = false;
                if value == Value::True {
                    values.set_all(&self.expand(name));
                    self.set.insert(name.to_vec());
                } else {
                    self.set_otherwise.insert(name.to_vec());
                }
                self.is_text_left |= name == b"text" && value.leaves_text();
                values.set(name, value);
            });
            if is_empty {
                continue;
            }
            match head.is_macro {
                false => all.extend(self.rule(head, values)),
                // A macro counts at the root alone. git expands it in the lines before as well.
                true if folder.is_empty() => {
                    self.is_unsure |= self.set.contains(&head.pattern);
                    self.macros.insert(head.pattern, values);
                }
                true => {}
            }
        }
        if !all.is_empty() {
            self.folders.insert(folder.to_vec(), all);
        }
    }

    /// A line as a rule, if it says anything that matters here.
    fn rule(&mut self, head: Head, values: Values) -> Option<Rule> {
        let Head { pattern, is_negative, is_path, .. } = head;
        if !Values::default().lacks(&values) {
            return None;
        }
        let stars = pattern.iter().filter(|byte| **byte == b'*').count();
        if self.rules == MAX_RULES || stars > MAX_STARS || pattern.len() > MAX_PATTERN {
            self.is_unsure = true;
            return None;
        }
        self.rules += 1;
        let is_plain = |text: &[u8]| !text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'));
        let shape = match pattern.split_first() {
            _ if head.is_folder => Shape::Nothing,
            _ if is_plain(&pattern) => Shape::Plain,
            Some((b'*', ending)) if !is_path && is_plain(ending) => Shape::Ending,
            Some(_) | None => Shape::Glob,
        };
        Some(Rule { pattern, shape, is_negative, is_path, values })
    }

    fn expand(&self, name: &[u8]) -> Values {
        match self.macros.get(name) {
            Some(values) => *values,
            None if name == b"binary" => Values::of_binary(),
            None => Values::default(),
        }
    }

    /// What becomes of the file at a path.
    ///
    /// # Errors
    /// When there are too many patterns for too many files.
    pub fn of(&self, path: &[u8], effort: &mut Effort) -> anyhow::Result<Conversion> {
        let (all, written) = self.values(path, effort)?;
        let (endings, id) = (written.endings(), written.ident());
        let is_unsure = self.is_unsure || all.are_for_git_alone() || (endings, id) != (all.endings(), all.ident());
        Ok(Conversion { endings, id, is_unsure })
    }

    /// By every file of attributes; and by those that libgit2 has written by then, and obeys: it writes in the order of paths.
    fn values(&self, path: &[u8], effort: &mut Effort) -> anyhow::Result<(Values, Values)> {
        let (mut all, mut written) = (Values::default(), Values::default());
        let mut folder = folder_of(path);
        while let Some(here) = folder.filter(|_| !self.folders.is_empty()) {
            let is_written = NAME < &path[here.len()..];
            for rule in self.folders.get(here).into_iter().flatten().rev() {
                // The last rule counts, of the nearest folder that has one.
                let says_more = all.lacks(&rule.values) || (is_written && written.lacks(&rule.values));
                if says_more && rule.matches(path, here, effort)? {
                    all.add(&rule.values);
                    if is_written {
                        written.add(&rule.values);
                    }
                }
            }
            folder = here.strip_suffix(b"/").and_then(folder_of);
        }
        Ok((all, written))
    }
}

impl Rule {
    fn matches(&self, path: &[u8], folder: &[u8], effort: &mut Effort) -> anyhow::Result<bool> {
        let (text, mode) = match self.is_path {
            true => (&path[folder.len()..], gix_glob::wildmatch::Mode::NO_MATCH_SLASH_LITERAL),
            false => (&path[folder_of(path).map_or(0, <[u8]>::len)..], gix_glob::wildmatch::Mode::empty()),
        };
        let matches = match self.shape {
            Shape::Nothing => false,
            Shape::Plain => text == self.pattern,
            Shape::Ending => text.ends_with(&self.pattern[1..]),
            Shape::Glob => {
                effort.spend(&self.pattern, text)?;
                gix_glob::wildmatch(self.pattern.as_slice().into(), text.into(), mode)
            }
        };
        Ok(matches != self.is_negative)
    }
}

/// The folder of a path with its slash, `""` for the root.
fn folder_of(path: &[u8]) -> Option<&[u8]> {
    path.get(..path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1))
}

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
