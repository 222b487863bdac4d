//! Changes of manifests that are safe to make without a question: each says in TOML what the finding's fix says in words, and
//! leaves comments and order as they are. Not here: asking for them (`cmd::lint`).

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use toml_edit::{Array, DocumentMut, Item, TableLike, Value};

use super::finding::Finding;
use crate::edit;
use crate::failure::{Code, fail};

/// One change of one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The file, below the root of the repository.
    path: String,
    /// The keys that lead to the value.
    keys: Vec<String>,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Set(String),
    SetWords(Vec<String>),
    Append(String),
    Replace(String, Option<String>),
}

impl Change {
    /// Sets a key to a text.
    pub fn set(path: &str, keys: &[String], text: &str) -> Change {
        Change { path: path.to_owned(), keys: keys.to_vec(), what: What::Set(text.to_owned()) }
    }

    /// Sets a key to a list of words.
    pub fn words(path: &str, keys: &[String], words: Vec<String>) -> Change {
        Change { path: path.to_owned(), keys: keys.to_vec(), what: What::SetWords(words) }
    }

    /// Appends a word to a list.
    pub fn append_word(path: &str, keys: &[String], word: &str) -> Change {
        Change { path: path.to_owned(), keys: keys.to_vec(), what: What::Append(word.to_owned()) }
    }

    /// Puts another word, or none, in the place of one in a list.
    pub fn replace_word(path: &str, keys: &[String], word: &str, by: Option<&str>) -> Change {
        let what = What::Replace(word.to_owned(), by.map(ToOwned::to_owned));
        Change { path: path.to_owned(), keys: keys.to_vec(), what }
    }

    fn apply(&self, document: &mut DocumentMut) -> Option<()> {
        let (last, tables) = self.keys.split_last()?;
        let mut table: &mut dyn TableLike = document.as_table_mut();
        for key in tables {
            table = table.get_mut(key)?.as_table_like_mut()?;
        }
        match &self.what {
            What::Set(text) => set(table, last, Value::from(text.as_str())),
            What::SetWords(words) => set(table, last, Value::Array(words.iter().map(String::as_str).collect())),
            What::Append(word) => {
                let words = table.get_mut(last)?.as_array_mut()?;
                push(words, word);
            }
            What::Replace(word, by) => {
                let words = table.get_mut(last)?.as_array_mut()?;
                let places: Vec<usize> =
                    words.iter().enumerate().filter(|(_, it)| it.as_str() == Some(word)).map(|(at, _)| at).collect();
                let (first, others) = places.split_first()?;
                // One takes the place of them all.
                others.iter().rev().for_each(|at| remove(words, *at));
                match by {
                    Some(by) => _ = words.replace(*first, by.as_str()),
                    None => remove(words, *first),
                }
            }
        }
        Some(())
    }
}

/// Out of a list. A comment around it stays, before what comes next.
fn remove(words: &mut Array, at: usize) {
    let text = |raw: Option<&toml_edit::RawString>| raw.and_then(|raw| raw.as_str()).unwrap_or_default().to_owned();
    let removed = words.remove(at);
    let [before, behind] = [removed.decor().prefix(), removed.decor().suffix()].map(text);
    let comment = match [&before, &behind].map(|text| text.contains('#')) {
        [true, true] => format!("{}{behind}", before.trim_end()),
        [true, false] => before,
        [false, _] => behind,
    };
    // A comment goes to the end of its line.
    let Some((lines, indent)) = comment.rsplit_once('\n') else { return };
    let before = |own: &str| match own.contains('\n') {
        true => format!("{lines}{own}"),
        false => format!("{lines}\n{indent}{}", own.trim_start()),
    };
    let trailing = before(&text(Some(words.trailing())));
    match words.get_mut(at) {
        Some(next) => {
            let own = text(next.decor().prefix());
            next.decor_mut().set_prefix(before(&own));
        }
        None => words.set_trailing(trailing),
    }
}

/// In the place of a value, with its comment, or behind all others.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        Some(_) | None => _ = table.insert(key, Item::Value(value)),
    }
}

/// At the end of a list, laid out as the item before it. A comment behind that one stays with it.
fn push(words: &mut Array, word: &str) {
    let raw = |raw: Option<&toml_edit::RawString>| raw.and_then(|raw| raw.as_str()).unwrap_or_default().to_owned();
    let before = words.iter().last().map(|last| raw(last.decor().prefix())).unwrap_or_default();
    let indent = before.rsplit_once('\n').map(|(_, indent)| format!("\n{indent}"));
    let mut value = Value::from(word);
    match indent {
        Some(indent) => {
            let trailing = raw(Some(words.trailing()));
            let (comment, rest) = trailing.rsplit_once('\n').unwrap_or(("", &trailing));
            let comment = comment.trim_end().to_owned();
            words.set_trailing(format!("\n{rest}"));
            value.decor_mut().set_prefix(format!("{comment}{indent}"));
        }
        None => value.decor_mut().set_prefix(if words.is_empty() { "" } else { " " }),
    }
    words.push_formatted(value);
}

/// The keys that two changes would set to different values.
fn contested<'a>(changes: &[&'a Change]) -> Option<&'a [String]> {
    let is_set = |change: &Change| matches!(change.what, What::Set(_) | What::SetWords(_));
    let (mut rest, mut changes) = (changes, changes.iter());
    changes.find_map(|one| {
        rest = rest.get(1..)?;
        let is_other = |other: &&Change| other.keys == one.keys && (is_set(one) || is_set(other));
        rest.iter().copied().find(is_other).map(|_| one.keys.as_slice())
    })
}

/// What the changes of findings make of their files; those that change nothing are left out.
///
/// # Errors
/// When a file cannot be read, and [`Code::Usage`] where two findings would set one key to different values.
pub fn plan(root: &Path, findings: &[Finding]) -> anyhow::Result<Vec<edit::Change>> {
    let mut by_path: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in findings.iter().filter_map(|finding| finding.change.as_ref()) {
        let changes = by_path.entry(&change.path).or_default();
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    let mut changed = Vec::new();
    for (path, changes) in by_path {
        if let Some(keys) = contested(&changes) {
            let key = keys.join(".");
            return fail(
                Code::Usage,
                format!("`{path}` would get two different values of `{}`: write one of them", key.escape_debug()),
            );
        }
        let file = root.join(path);
        // A link is not followed: the file that it leads to may be anywhere.
        let found = file.symlink_metadata().with_context(|| format!("failed to read `{}`", file.display()))?;
        anyhow::ensure!(found.is_file(), "`{}` is not a plain file", file.display());
        changed.push(edit::Change::make(&file, path, |text| {
            edit::edit_toml(text.unwrap_or_default(), |document| {
                changes.iter().for_each(|change| _ = change.apply(document));
                Ok(())
            })
        })?);
    }
    changed.retain(|change| !change.is_empty());
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(text: &str, change: &Change) -> String {
        let mut document: DocumentMut = text.parse().unwrap();
        change.apply(&mut document).unwrap();
        document.to_string()
    }

    fn keys(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn comments_and_order_stay() {
        let text = "# first\n[a.b]\n# of z\nz = 1 # behind\nc = \"old\" # why\n\n[d]\ne = [\"x\"]\nf = [\n  \"x\",\n  # of y\n  \"y\",\n]\n";
        let set = apply(text, &Change::set("f", &keys("a.b.c"), "new"));
        assert_eq!(set, text.replace("\"old\"", "\"new\""));
        let added = apply(text, &Change::set("f", &keys("a.b.n"), "new"));
        assert_eq!(added, text.replace("# why\n", "# why\nn = \"new\"\n"));
        let appended = apply(text, &Change::append_word("f", &keys("d.e"), "y"));
        assert_eq!(appended, text.replace("[\"x\"]", "[\"x\", \"y\"]"));
        let appended = apply(text, &Change::append_word("f", &keys("d.f"), "z"));
        assert_eq!(appended, text.replace("  \"y\",\n", "  \"y\",\n  \"z\",\n"));
        let commented = "c = [\n  \"x\",\n  \"y\", # of y\n]\n";
        let appended = apply(commented, &Change::append_word("f", &keys("c"), "z"));
        assert_eq!(appended, commented.replace("# of y\n", "# of y\n  \"z\",\n"));
        let replaced = apply(text, &Change::replace_word("f", &keys("d.f"), "x", Some("w")));
        assert_eq!(replaced, text.replace("  \"x\",\n", "  \"w\",\n"));
        let removed = apply(text, &Change::replace_word("f", &keys("d.f"), "x", None));
        assert!(removed.contains("# of y") && !removed.contains("  \"x\""), "{removed}");
    }

    /// A comment may say why a word must not be there, or anything else.
    #[test]
    fn comments_around_a_removed_word_stay() {
        for (text, by, expected) in [
            ("c = [\n  \"x\",\n  # why\n  \"n\",\n  \"l\",\n]\n", None, "c = [\n  \"x\",\n  # why\n  \"l\",\n]\n"),
            ("c = [\n  \"x\",\n  # why\n  \"n\"\n  # end\n]\n", None, "c = [\n  \"x\"\n  # why\n  # end\n]\n"),
            ("c = [\n  \"n\", # behind\n  \"l\",\n]\n", None, "c = [ # behind\n  \"l\",\n]\n"),
            ("c = [ # why\n  \"n\", \"l\"]\n", None, "c = [ # why\n  \"l\"]\n"),
            ("c = [\"n\", \"x\", \"n\"]\n", None, "c = [\"x\"]\n"),
            ("c = [\"n\", \"x\", \"n\"]\n", Some("l"), "c = [\"l\", \"x\"]\n"),
        ] {
            let changed = apply(text, &Change::replace_word("f", &keys("c"), "n", by));
            assert_eq!(changed.replace("[ \"x\"", "[\"x\""), expected, "{text}");
        }
    }

    #[test]
    fn of_two_values_of_one_key_none_is_chosen() {
        let [one, other] = ["1", "2"].map(|text| Change::set("f", &keys("a.b"), text));
        let beside = Change::set("f", &keys("a.c"), "1");
        assert_eq!(contested(&[&one, &beside]), None);
        assert_eq!(contested(&[&beside, &one, &other]), Some(&keys("a.b")[..]));
    }

    #[test]
    fn what_is_not_there_is_not_changed() {
        let mut document: DocumentMut = "[a]\nb = 1\n".parse().unwrap();
        for change in [
            Change::set("f", &keys("x.y"), "z"),
            Change::append_word("f", &keys("a.b"), "z"),
            Change::replace_word("f", &keys("a.c"), "z", None),
        ] {
            assert_eq!(change.apply(&mut document), None, "{change:?}");
        }
        assert_eq!(document.to_string(), "[a]\nb = 1\n");
    }
}
