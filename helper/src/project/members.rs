//! The members of a cargo workspace on disk, as its `members` and `exclude` have them. Not here: which workspace a package belongs
//! to (`source::workspace`, which is given the manifests on disk).

use std::path::{Path, PathBuf};

use gix_glob::wildmatch::Mode;
use toml::{Table, Value};

use crate::failure::{Code, fail};
use crate::source::workspace;

/// Folders that are looked into for one workspace.
const MAX_FOLDERS: usize = 10_000;
/// Where every path begins.
const DISK: &str = "/";

/// The folders of the members, sorted, without the root itself.
///
/// # Errors
/// [`Code::Usage`] for a member that is not there, or more folders than are looked into.
pub(super) fn of(root: &Path, workspace: &Table) -> anyhow::Result<Vec<PathBuf>> {
    let list = |key: &str| -> Vec<String> {
        let all = workspace.get(key).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
    };
    let excluded: Vec<PathBuf> = list("exclude").iter().map(|path| plain(&root.join(path))).collect();
    let mut found = Vec::new();
    let mut seen = 0;
    for pattern in list("members") {
        let has_pattern = pattern.contains(['*', '?', '[']);
        let folders = expand(root, &pattern, &mut seen)?;
        let folders = folders.into_iter().filter(|folder| folder.join("Cargo.toml").is_file());
        let before = found.len();
        // A member by name is one, whatever is excluded.
        found.extend(folders.filter(|folder| !has_pattern || !excluded.iter().any(|it| folder.starts_with(it))));
        if !has_pattern && found.len() == before {
            return fail(Code::Usage, format!("the member `{}` of the workspace is not there", pattern.escape_debug()));
        }
    }
    found.sort();
    found.dedup();
    found.retain(|folder| folder != &plain(root));
    Ok(found)
}

/// The folders that a pattern of `members` names.
fn expand(root: &Path, pattern: &str, seen: &mut usize) -> anyhow::Result<Vec<PathBuf>> {
    let mut folders = vec![plain(root)];
    for part in pattern.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".") {
        if !part.contains(['*', '?', '[']) {
            folders = folders.into_iter().map(|folder| plain(&folder.join(part))).filter(|it| it.is_dir()).collect();
            continue;
        }
        let mut next = Vec::new();
        for folder in folders {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                *seen += 1;
                if *seen > MAX_FOLDERS {
                    return fail(Code::LimitExceeded, format!("the workspace has more than {MAX_FOLDERS} folders"));
                }
                let name = entry.file_name().to_string_lossy().into_owned();
                let is_hidden = name.starts_with('.');
                let matches = gix_glob::wildmatch(part.into(), name.as_str().into(), Mode::empty());
                if matches && !is_hidden && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    next.push(entry.path());
                }
            }
        }
        folders = next;
    }
    Ok(folders)
}

/// The workspace that a package belongs to, for what the package takes from it.
pub(super) fn workspace_of(package: &Path) -> Option<Table> {
    read(&root_of(package)?)?.get("workspace").and_then(Value::as_table).cloned()
}

/// The folder of that workspace, where the lock file is; the package's own where it has none.
pub(super) fn root_of(package: &Path) -> Option<PathBuf> {
    let package = package.canonicalize().ok()?;
    let folder = package.strip_prefix(DISK).ok()?.to_str()?;
    let root = workspace::root(folder, &|folder: &str| read(&Path::new(DISK).join(folder))).ok()?;
    Some(Path::new(DISK).join(root))
}

/// The manifest in a folder.
fn read(folder: &Path) -> Option<Table> {
    let path = folder.join("Cargo.toml");
    path.is_file().then(|| super::read(&path).ok()).flatten()
}

/// Without `.` and `..`, by spelling.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}
