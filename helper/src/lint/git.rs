//! What git says: whether others can get the commit, and whether they get the files that are here. Not here: asking git
//! (`clone`).

use std::collections::BTreeSet;

use provenear_shared::finding::FindingCode;
use provenear_shared::source::SourceSnapshot;
use provenear_shared::text::Shown;

use super::clone::Clone;
use super::finding::{Findings, Place};
use super::place;
use super::project::Project;
use super::pushed::{self, Pushed};
use super::repository::{self, plain};
use crate::deadline::Deadline;
use crate::failure::Code;
use crate::network::url::by_https;
use crate::source::attributes::{Attributes, Effort};
use crate::source::index::Kind;

/// How long patterns of attributes are matched.
const TIME: std::time::Duration = std::time::Duration::from_secs(10);

/// What is wrong with the clone.
pub fn examine(project: &Project, repositories: &BTreeSet<String>, findings: &mut Findings) {
    let Some(clone) = &project.clone else {
        findings.add(FindingCode::NoGit, Place::default(), "the folder is not in a git repository");
        return;
    };
    commit(clone, repositories, findings);
    changes(clone, findings);
    submodules(project, clone, findings);
    attributes(project, clone, findings);
}

fn commit(clone: &Clone, repositories: &BTreeSet<String>, findings: &mut Findings) {
    let Some(head) = &clone.head else {
        findings.add(FindingCode::NoCommit, Place::default(), "the repository does not have a commit");
        return;
    };
    let short = head.get(..12).unwrap_or(head);
    let (code, message) = match pushed::find(clone, repositories) {
        Pushed::OnABranch => return,
        Pushed::OnATag => (
            FindingCode::CommitOnTagAlone,
            format!("commit `{short}` has a tag, and is on no branch of its remote, as far as this clone knows"),
        ),
        Pushed::NotKnown => (
            FindingCode::ShallowClone,
            format!("the clone does not have the history that says whether commit `{short}` was pushed"),
        ),
        Pushed::No if clone.remotes.is_empty() => {
            (FindingCode::CommitNotPushed, format!("the clone has no remote to which commit `{short}` could be pushed"))
        }
        Pushed::No => (
            FindingCode::CommitNotPushed,
            format!("commit `{short}` is on no branch of its remote, as far as this clone knows"),
        ),
    };
    findings.add(code, Place::default(), message);
}

fn changes(clone: &Clone, findings: &mut Findings) {
    if clone.head.is_none() {
        return;
    }
    let mut paths = clone.changed.iter().chain(&clone.untracked);
    let Some(first) = paths.next() else { return };
    let first = String::from_utf8_lossy(first);
    let message = match paths.count() {
        0 => format!("`{}` is not as it is in the commit", Shown(&first)),
        more => format!("`{}` and {more} more are not as they are in the commit", Shown(&first)),
    };
    findings.add(FindingCode::TreeDirty, Place::file(&first), message);
}

fn submodules(project: &Project, clone: &Clone, findings: &mut Findings) {
    let text = project.texts.get(".gitmodules").map_or("", String::as_str);
    for (path, _) in clone.tracked.iter().filter(|(_, kind)| **kind == Kind::Submodule) {
        let shown = String::from_utf8_lossy(path);
        let named = clone.submodules.get(path);
        let url = named.map_or("", |named| named.url.as_str());
        let local = repository::source(&plain(url));
        let local = local.as_ref().and_then(SourceSnapshot::local_host);
        let is_taken = named.is_none_or(|named| !named.left_out && !named.is_relative());
        if !is_taken || (url.starts_with("https://") && local.is_none()) {
            continue;
        }
        if !project.goes_on() {
            break;
        }
        let place = match text.find(url).filter(|_| !url.is_empty()) {
            Some(at) => Place::line(".gitmodules", place::of_offset(text, at)),
            None => Place::file(".gitmodules"),
        };
        if let Some(host) = local {
            let message = format!(
                "the submodule `{}` is at `{}`, on somebody's own machine or private network",
                Shown(&shown),
                Shown(host)
            );
            findings.add(FindingCode::LocalSource, place.clone(), message);
        }
        if url.starts_with("https://") {
            continue;
        }
        let (code, message) = match by_https(url) {
            Some(_) => {
                (FindingCode::SubmoduleBySsh, format!("the submodule `{}` is at `{}`", Shown(&shown), Shown(url)))
            }
            None if url.is_empty() => {
                (FindingCode::SubmoduleUnfetchable, format!("`.gitmodules` does not say where `{}` is", Shown(&shown)))
            }
            None => (
                FindingCode::SubmoduleUnfetchable,
                format!("the submodule `{}` is at `{}`, where nobody else can fetch it", Shown(&shown), Shown(url)),
            ),
        };
        findings.add(code, place, message);
    }
}

/// By the same reader as the checkout of a rebuild.
fn attributes(project: &Project, clone: &Clone, findings: &mut Findings) {
    let files: Vec<(&[u8], &String)> = project
        .texts
        .iter()
        .filter(|(path, _)| path.rsplit('/').next() == Some(".gitattributes") && project.is_tracked(path))
        .map(|(path, text)| (path.as_bytes().strip_suffix(b".gitattributes").unwrap_or_default(), text))
        .collect();
    let Some((folder, _)) = files.first() else { return };
    let first = format!("{}.gitattributes", String::from_utf8_lossy(folder));
    let attributes = Attributes::of_files(files.iter().map(|(folder, text)| (*folder, text.as_bytes())));
    let mut effort = Effort::until(Deadline::after(TIME, Code::LimitExceeded));
    let mut changes = |path: &[u8]| attributes.of(path, &mut effort).map_or(true, |conversion| conversion.is_unsure);
    let files = clone.tracked.iter().filter(|(_, kind)| **kind == Kind::File);
    if let Some((path, _)) = files.into_iter().find(|(path, _)| changes(path)) {
        let path = String::from_utf8_lossy(path);
        let message = format!("attributes of git make some tools check out `{}` with other bytes", Shown(&path));
        findings.add(FindingCode::CheckoutAttributes, Place::file(&first), message);
    }
}
