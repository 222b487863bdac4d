//! The workflow that `init` writes: a call of the one that comes with the action, by the commit that the author chose.

use std::path::Path;

use provenear_shared::source::is_plain_path;

use super::Replaced;
use crate::edit::Change;
use crate::failure::{Code, fail};

pub(super) const FILE: &str = ".github/workflows/provenear.yml";
const TEMPLATE: &str = include_str!("workflow.yml");

/// Where the action is published, and which commit of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    name: String,
    commit: String,
}

impl Action {
    /// Reads `OWNER/NAME@COMMIT`. A tag can be moved to other code, which would get the author's key.
    ///
    /// # Errors
    /// [`Code::Usage`] for anything else.
    pub(super) fn parse(text: &str) -> anyhow::Result<Action> {
        let is_word = |word: &str| {
            let is_letter = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.');
            !word.is_empty() && word.bytes().all(is_letter) && !word.starts_with('.')
        };
        let is_commit =
            |it: &str| it.len() == 40 && it.bytes().all(|it| it.is_ascii_hexdigit() && !it.is_ascii_uppercase());
        match text.split_once('@') {
            Some((name, commit))
                if name.split('/').count() == 2 && name.split('/').all(is_word) && is_commit(commit) =>
            {
                Ok(Action { name: name.to_owned(), commit: commit.to_owned() })
            }
            _ => fail(
                Code::Usage,
                format!(
                    "`{}` is not `OWNER/NAME@COMMIT` with a whole commit id: a tag can be moved",
                    text.escape_debug()
                ),
            ),
        }
    }
}

/// Whether there is such a workflow.
pub(super) fn is_there(root: &Path) -> bool {
    root.join(FILE).exists()
}

/// The file as it has to be.
///
/// # Errors
/// When it cannot be read, or a folder has a name that a workflow cannot have plainly.
pub(super) fn change(
    root: &Path,
    action: &Action,
    folders: &[String],
    replaced: &mut Vec<Replaced>,
) -> anyhow::Result<Change> {
    let is_plain = |folder: &String| {
        let is_letter = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.' | b'/' | b' ');
        folder.bytes().all(is_letter) && (folder == "." || is_plain_path(folder))
    };
    if let Some(odd) = folders.iter().find(|folder| !is_plain(folder)) {
        return fail(
            Code::Usage,
            format!("the folder `{}` has a name that a workflow cannot have plainly", odd.escape_debug()),
        );
    }
    let list: Vec<String> = folders.iter().map(|folder| format!("\"{folder}\"")).collect();
    let text = TEMPLATE
        .replace("FOLDERS", &list.join(", "))
        .replace("ACTION_NAME", &action.name)
        .replace("ACTION_COMMIT", &action.commit);
    let change = Change::make(&root.join(FILE), FILE, |_| Ok(text))?;
    if !change.is_new() && !change.is_empty() {
        replaced.push(Replaced(format!("`{FILE}` is another than the one that would be written")));
    }
    Ok(change)
}
