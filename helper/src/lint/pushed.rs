//! Whether others can fetch the commit, as far as a clone knows: by the branches of the remotes that are the repository which a
//! claim names. Not here: asking git (`clone`).

use std::collections::BTreeSet;

use provenear_shared::source::SourceSnapshot;

use super::clone::Clone;
use super::repository::{self, plain};

/// Where the refs of remotes are.
const REMOTES: &str = "refs/remotes/";
const TAGS: &str = "refs/tags/";
/// How forges call what is proposed, below which each proposal has a number. Such a ref goes when its proposal does.
const PROPOSALS: [&str; 3] = ["pull", "pr", "merge-requests"];

/// How sure it is that a commit was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// A branch of the repository has it.
    OnABranch,
    /// No branch that is known here has it. A tag does, and nobody knows here whether that was pushed.
    OnATag,
    /// The clone lacks the history by which one would know.
    NotKnown,
    /// Nothing that came from the repository has it.
    No,
}

/// Of the commit of a clone whose contracts name these repositories.
pub fn find(clone: &Clone, repositories: &BTreeSet<String>) -> Pushed {
    let remotes = |url: &String| {
        let source = repository::source(&plain(url));
        source.map(|source| named(clone, &source)).filter(|names| !names.is_empty())
    };
    let mut known = repositories.iter().filter_map(remotes).peekable();
    let is_on_a_branch = match known.peek() {
        Some(_) => known.all(|names| names.iter().any(|name| has_branch(clone, &format!("{REMOTES}{name}/")))),
        // Where no remote is the repository, any may be a copy of it.
        None => has_branch(clone, REMOTES),
    };
    let has_tag = !clone.remotes.is_empty() && clone.holders.iter().any(|name| name.starts_with(TAGS));
    match (is_on_a_branch, has_tag, clone.is_shallow) {
        (true, _, _) => Pushed::OnABranch,
        (false, true, _) => Pushed::OnATag,
        (false, false, true) => Pushed::NotKnown,
        (false, false, false) => Pushed::No,
    }
}

/// The remotes that are this repository.
fn named<'a>(clone: &'a Clone, source: &SourceSnapshot) -> Vec<&'a str> {
    let is_it = |(_, url): &&(String, String)| source.is_same_repository(&plain(url));
    clone.remotes.iter().filter(is_it).map(|(name, _)| name.as_str()).collect()
}

fn has_branch(clone: &Clone, below: &str) -> bool {
    clone.holders.iter().filter_map(|name| name.strip_prefix(below)).any(|name| !is_proposal(name))
}

fn is_proposal(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    parts.windows(2).any(|pair| PROPOSALS.contains(&pair[0]) && is_number(pair[1]))
}
