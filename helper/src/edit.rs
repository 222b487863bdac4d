//! Changes of an author's own text files: worked out as a whole, shown as a unified diff, then written at once or not at all.
//! Not here: what is to be changed (`cmd`).

use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::text::make_printable;
use similar::{DiffOp, TextDiff};
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::failure::{Code, fail};
use crate::files;

/// Bytes of a text file that is edited.
const MAX_TEXT: u64 = 4 << 20;

/// One file, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    path: PathBuf,
    shown: String,
    before: Option<String>,
    after: String,
}

impl Change {
    /// Of the file at `path`, which a diff calls `shown`: `edit` gets its text, if there is such a file, and gives the new one.
    ///
    /// # Errors
    /// When the file is not plain text in UTF-8, is too long, or cannot be read; and what `edit` complains of.
    pub fn make(
        path: &Path,
        shown: &str,
        edit: impl FnOnce(Option<&str>) -> anyhow::Result<String>,
    ) -> anyhow::Result<Change> {
        let before = read(path)?;
        let after = edit(before.as_deref()).with_context(|| format!("failed to edit `{shown}`"))?;
        Ok(Change { path: path.to_path_buf(), shown: shown.to_owned(), before, after })
    }

    /// Whether the file stays as it is.
    pub fn is_empty(&self) -> bool {
        self.before.as_deref() == Some(&self.after)
    }

    /// Whether there is no such file yet.
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the diff calls the file.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// A unified diff as `git apply` takes it, fit to print; empty if nothing changes.
    pub fn diff(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        // No name begins a line of its own.
        let name = make_printable(&self.shown).replace('\n', "\\n");
        let old = self.before.as_deref().map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{name}"));
        let diff = TextDiff::from_lines(self.before.as_deref().unwrap_or_default(), &self.after);
        let diff = diff.unified_diff().context_radius(3).header(&old, &format!("b/{name}")).to_string();
        let printable = |line: &str| match line.strip_suffix("\r\n") {
            Some(line) => make_printable(line) + "\r\n",
            None => make_printable(line),
        };
        diff.split_inclusive('\n').map(printable).collect()
    }

    /// Writes the file, unless nothing changes.
    ///
    /// # Errors
    /// When it cannot be written, or is no longer what was read.
    pub fn write(&self) -> anyhow::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        if read(&self.path)? != self.before {
            return fail(
                Code::Io,
                format!("`{}` was changed by somebody else meanwhile; nothing was written", self.shown),
            );
        }
        files::replace(&self.path, self.after.as_bytes())
    }
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match files::read_capped(path, MAX_TEXT).map(String::from_utf8) {
        Ok(Ok(text)) => Ok(Some(text)),
        Ok(Err(_)) => fail(Code::Usage, format!("`{}` is not text in UTF-8", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("failed to read `{}`", path.display())),
    }
}

/// Edits TOML and keeps all that is not edited: comments, order, blanks, and how lines end.
///
/// # Errors
/// [`Code::Usage`] when the text is not TOML, and what `edit` complains of.
pub fn edit_toml(text: &str, edit: impl FnOnce(&mut DocumentMut) -> anyhow::Result<()>) -> anyhow::Result<String> {
    let (mark, body) = match text.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", text),
    };
    // The library writes every line that it touches with `\n`.
    let is_crlf = body.contains("\r\n") && !body.replace("\r\n", "").contains('\n');
    let plain = if is_crlf { body.replace("\r\n", "\n") } else { body.to_owned() };
    let mut document: DocumentMut = match plain.parse() {
        Ok(document) => document,
        Err(error) => return fail(Code::Usage, format!("this is not TOML: {}", error.message())),
    };
    edit(&mut document)?;
    let edited = document.to_string();
    // What was not edited stays byte for byte.
    if edited == plain {
        return Ok(text.to_owned());
    }
    let edited = keep_comments(&plain, &edited);
    let edited = if is_crlf { edited.replace('\n', "\r\n") } else { edited };
    Ok(format!("{mark}{edited}"))
}

/// Puts new tables behind the comments at the end of the table before them. The library takes those for a part of the header
/// that follows, from which only a blank line parts them.
fn keep_comments(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let mut lines = new.clone();
    for operation in TextDiff::from_lines(before, after).ops() {
        let DiffOp::Insert { old_index, new_index, new_len } = *operation else { continue };
        let inserted = new_index..new_index + new_len;
        let is_table = new[inserted.clone()].iter().find(|line| !line.trim().is_empty());
        let rest = &old[old_index..];
        let comments = rest.iter().take_while(|line| line.trim_start().starts_with('#')).count();
        let ends = rest.get(comments).is_none_or(|line| line.trim().is_empty());
        let is_attached = old_index > 0 && !old[old_index - 1].trim().is_empty();
        if comments > 0 && ends && is_attached && is_table.is_some_and(|line| line.trim_start().starts_with('[')) {
            lines[inserted.start..inserted.end + comments].rotate_left(new_len);
        }
    }
    // The last comment of a file may have no end of line.
    let whole = |line: &&str| if line.ends_with('\n') { (*line).to_owned() } else { format!("{line}\n") };
    let text: String = lines.iter().map(whole).collect();
    if after.ends_with('\n') { text } else { text.trim_end_matches('\n').to_owned() }
}

/// The table at a path, made where it is not there: with a header of its own, or inline within one that is inline.
///
/// # Errors
/// [`Code::Usage`] when something else has its name.
pub fn table<'a>(document: &'a mut DocumentMut, path: &[&str]) -> anyhow::Result<&'a mut dyn TableLike> {
    let mut item = document.as_item_mut();
    for (at, name) in path.iter().enumerate() {
        let is_inline = item.is_inline_table();
        let Some(parent) = item.as_table_like_mut() else { return not_a_table(&path[..at]) };
        item = parent.entry(name).or_insert_with(|| {
            if is_inline {
                return Item::Value(Value::InlineTable(InlineTable::new()));
            }
            let mut table = Table::new();
            // Those on the way need no header.
            table.set_implicit(at + 1 < path.len());
            Item::Table(table)
        });
    }
    item.as_table_like_mut().map_or_else(|| not_a_table(path), Ok)
}

fn not_a_table<T>(path: &[&str]) -> anyhow::Result<T> {
    fail(Code::Usage, format!("`{}` is not a table", path.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(text: &str) -> String {
        edit_toml(text, |document| {
            table(document, &["package", "metadata", "near"])?.insert("image", toml_edit::value("x"));
            Ok(())
        })
        .unwrap()
    }

    #[test]
    fn a_table_stands_where_its_parent_is_and_in_its_form() {
        let header = add("[package]\nname = \"a\"\n\n[lib]\npath = \"b\"\n");
        assert_eq!(
            header,
            "[package]\nname = \"a\"\n\n[package.metadata.near]\nimage = \"x\"\n\n[lib]\npath = \"b\"\n"
        );
        let inline = add("[package]\nmetadata = { near = { image = \"y\" } }\n");
        assert_eq!(inline, "[package]\nmetadata = { near = { image = \"x\" } }\n");
        assert!(add("[package]\nmetadata = { docs = 1 }\n").parse::<toml::Table>().is_ok());
        assert!(add("[package]\nmetadata.docs = 1\n").parse::<toml::Table>().is_ok());
        let error = edit_toml("package = 1\n", |document| table(document, &["package", "metadata"]).map(|_| ()));
        assert!(error.unwrap_err().to_string().contains("`package` is not a table"));
    }

    #[test]
    fn comments_at_the_end_of_a_table_stay_with_it() {
        let section = "[package.metadata.near]\nimage = \"x\"\n";
        for (before, after) in [
            ("[package]\na = 1\n# of a\n\n[lib]\n", "[package]\na = 1\n# of a\n\nSECTION\n[lib]\n"),
            (
                "[package]\na = 1\n# b\n# c\n\n# of lib\n[lib]\n",
                "[package]\na = 1\n# b\n# c\n\nSECTION\n# of lib\n[lib]\n",
            ),
            ("[package]\na = 1\n# the end\n", "[package]\na = 1\n# the end\n\nSECTION"),
            // What stands right before a header is about what follows.
            ("[package]\na = 1\n# of lib\n[lib]\n", "[package]\na = 1\n\nSECTION# of lib\n[lib]\n"),
            ("[package]\na = 1\n\n# of lib\n[lib]\n", "[package]\na = 1\n\nSECTION\n# of lib\n[lib]\n"),
        ] {
            let after = after.replace("SECTION", section);
            assert_eq!(add(before), after);
            assert_eq!(add(&before.replace('\n', "\r\n")), after.replace('\n', "\r\n"));
        }
        let open = add("[package]\na = 1\n# the end");
        assert_eq!(open, format!("[package]\na = 1\n# the end\n\n{}", section.trim_end()));
    }

    #[test]
    fn what_is_not_edited_is_kept_byte_for_byte() {
        let before = "# first\n[package] # why\nname   = \"a\"\n\n[dependencies]\nb = { version='1' }  # c\n";
        let after = add(before);
        for line in before.lines() {
            assert!(after.lines().any(|kept| kept == line), "{line} is not in {after}");
        }
        assert_eq!(edit_toml(before, |_| Ok(())).unwrap(), before);
        let windows = before.replace('\n', "\r\n");
        let after = add(&windows);
        assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
        let marked = format!("\u{feff}{before}");
        assert!(add(&marked).starts_with('\u{feff}'));
    }

    #[test]
    fn a_change_is_shown_and_written_and_then_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.toml");
        let edit = |text: Option<&str>| Ok(format!("{}b = 2\n", text.unwrap_or_default().replace("b = 2\n", "")));
        let change = Change::make(&path, "deep/a.toml", edit).unwrap();
        assert!(change.is_new());
        assert_eq!(change.diff(), "--- /dev/null\n+++ b/deep/a.toml\n@@ -0,0 +1 @@\n+b = 2\n");
        change.write().unwrap();
        let again = Change::make(&path, "deep/a.toml", edit).unwrap();
        assert!(again.is_empty() && again.diff().is_empty());
        // Somebody else was faster.
        let late = Change::make(&path, "deep/a.toml", |_| Ok("c = 3\n".to_owned())).unwrap();
        std::fs::write(&path, "b = 3\n").unwrap();
        assert!(late.write().unwrap_err().to_string().contains("meanwhile"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "b = 3\n");
    }

    /// What a terminal would obey, or a reader not see, is shown as what it is; how lines end is kept.
    #[test]
    fn a_diff_is_fit_to_print() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "# a\u{202e}b\u{1b}[2Jc\r\nd = 1\r\n").unwrap();
        let edit = |text: Option<&str>| Ok(format!("{}e = 2\r\n", text.unwrap_or_default()));
        let diff = Change::make(&path, "a\n+++ b/x\u{202e}", edit).unwrap().diff();
        let lines: Vec<&str> = diff.lines().collect();
        assert_eq!(lines[..2], ["--- a/a\\n+++ b/x\\u{202e}", "+++ b/a\\n+++ b/x\\u{202e}"], "{diff}");
        assert!(diff.contains(" # a\\u{202e}b\\u{1b}[2Jc\r\n"), "{diff:?}");
        assert!(diff.ends_with("+e = 2\r\n"), "{diff:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_a_mode_is_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::write(&real, "a\n").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o660)).unwrap();
        std::os::unix::fs::symlink("real", &link).unwrap();
        Change::make(&link, "link", |_| Ok("b\n".to_owned())).unwrap().write().unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "b\n");
        assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o660);
    }
}
