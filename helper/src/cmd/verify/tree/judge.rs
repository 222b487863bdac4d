//! How the code of an account stands to the commit in a tree. It follows from the verdict: no claim makes anything the same.

use provenear_shared::container::normal;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::embedded::EmbeddedClaim;
use provenear_shared::inspection::{Inspection, ReadCode};
use provenear_shared::near::{AccountId, Network};
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{CommitEvidence, CommitPlace, TreeAccount, TreeCommit, TreeState};
use provenear_shared::verdict::{Verdict, VerdictCode};

use crate::failure::Failure;
use crate::lint::repository::plain;
use crate::project::history::History;
use crate::project::{self, Declared, Package};

/// What stands in the tree, of one package.
pub(super) struct Here {
    /// The folder of the package below the root, `""` for the root.
    path: String,
    /// The builds that the commit declares.
    declared: Vec<Declared>,
    /// Where others find the repository: what the commit declares, and the remote `origin`.
    repositories: Vec<String>,
}

impl Here {
    /// By the manifest as it was committed.
    pub(super) fn of(package: &Package, history: &History) -> anyhow::Result<Here> {
        let path = history.path_of(package.folder())?;
        let manifest = package.language.manifest_in(&path);
        let table = history.committed(&manifest)?.map(|bytes| project::parse(&bytes)).transpose()?.unwrap_or_default();
        let stated = project::inherited(&table, package.workspace.as_ref(), "repository").map(ToOwned::to_owned);
        let repositories = stated.into_iter().chain(history.origin()?).map(|url| plain(&url)).collect();
        Ok(Here { path, declared: project::declared(package.language, &table), repositories })
    }

    /// What a claim names instead of this tree.
    fn objection(&self, recipe: &Recipe, history: &History) -> Option<String> {
        let source = recipe.source();
        if !self.repositories.iter().any(|url| source.is_same_repository(url)) {
            return Some(format!("the repository `{}`, which this clone is not of", source.url()));
        }
        if source.commit() != history.head() {
            return Some("another commit".to_owned());
        }
        let folder = normal(recipe.contract_path());
        let [claimed, path] = [&folder, &self.path].map(|it| if it.is_empty() { "." } else { it });
        (folder != self.path).then(|| format!("the folder `{claimed}` and not `{path}`"))
    }
}

/// The file that was given as what was built here.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    /// None was.
    Nothing,
    /// It is not the deployed code.
    Other,
    /// It is the deployed code, and claims this tree.
    OfThisTree,
    /// It is the deployed code, but claims another source than this tree, or none.
    NotOfThisTree(Option<String>),
}

impl Given {
    fn new(here: &Here, history: &History, inspection: &Inspection, artifact: Option<&Sha256Digest>) -> Given {
        let Some(artifact) = artifact else { return Given::Nothing };
        if inspection.code().map(|code| code.hash()) != Some(artifact) {
            return Given::Other;
        }
        // What an account's state has a say in is not the file's own word.
        let is_its_own = |read: &ReadCode| !matches!(read.from_code, EmbeddedClaim::Computed(_));
        match inspection.read().filter(|read| is_its_own(read)).and_then(|read| read.recipe.as_ref().ok()) {
            None => Given::NotOfThisTree(None),
            Some(recipe) => {
                here.objection(recipe, history).map_or(Given::OfThisTree, |why| Given::NotOfThisTree(Some(why)))
            }
        }
    }
}

/// What was found at one account.
pub(super) struct Judged {
    state: TreeState,
    message: String,
    verdict: VerdictCode,
    code_hash: Option<Sha256Digest>,
    commit: Option<TreeCommit>,
}

impl Judged {
    pub(super) fn account(self, package: &Package, network: &Network, account: &AccountId) -> TreeAccount {
        TreeAccount {
            package: package.name.clone(),
            network: network.clone(),
            account_id: account.clone(),
            code_hash: self.code_hash,
            state: self.state,
            message: self.message,
            verdict: Some(self.verdict),
            commit: self.commit,
            error: None,
        }
    }
}

/// Judges one account; `artifact` is the hash of what was built here.
///
/// # Errors
/// Why the account could not be looked at, or git not asked.
pub(super) fn judge(
    here: &Here,
    history: &History,
    inspection: &Inspection,
    artifact: Option<&Sha256Digest>,
) -> anyhow::Result<Judged> {
    let verdict = inspection.outcome().map_err(|error| Failure::new(error.code(), error.to_string()))?;
    let code_hash = inspection.code().map(|code| *code.hash());
    let given = Given::new(here, history, inspection, artifact);
    let commit = origin(verdict, inspection, code_hash.as_ref())
        .map(|(commit, evidence)| located(history, &commit, evidence))
        .transpose()?;
    let (state, message) = state(here, verdict, inspection.recipe(), commit.as_ref(), &given, history.is_shallow());
    Ok(Judged { state, message, verdict: verdict.code(), code_hash, commit })
}

/// The commit that the code comes from by rebuilds that count, or else the one that it claims.
fn origin(
    verdict: &Verdict,
    inspection: &Inspection,
    code_hash: Option<&Sha256Digest>,
) -> Option<(String, CommitEvidence)> {
    let claimed = || inspection.recipe().map(|recipe| recipe.source().commit().to_owned());
    match verdict {
        Verdict::Reproduced { .. } | Verdict::ReproducedUnvetted { .. } => Some((claimed()?, CommitEvidence::Rebuilt)),
        Verdict::ReproducedUnclaimed { .. } => {
            // Those who got this code by another build name its commit. Where they name several, it is not known which.
            let matches = inspection.lines.iter().filter_map(|line| line.opened.as_ref().ok());
            let mut commits: Vec<&str> =
                matches.filter(|it| Some(it.artifact()) == code_hash).map(|it| it.commit()).collect();
            commits.sort_unstable();
            commits.dedup();
            match commits.as_slice() {
                [one] => Some(((*one).to_owned(), CommitEvidence::Rebuilt)),
                [] | [_, _, ..] => None,
            }
        }
        Verdict::Differs { .. } | Verdict::NotRebuilt { .. } => Some((claimed()?, CommitEvidence::Claimed)),
        Verdict::NoContract { .. } | Verdict::NotRebuildable { .. } => None,
    }
}

fn located(history: &History, commit: &str, evidence: CommitEvidence) -> anyhow::Result<TreeCommit> {
    let place = history.place(commit)?;
    let distance = match place {
        CommitPlace::Before => history.distance(commit, history.head())?,
        CommitPlace::After => history.distance(history.head(), commit)?,
        CommitPlace::Here | CommitPlace::Beside | CommitPlace::NotKnown => None,
    };
    let tags = match place {
        CommitPlace::NotKnown => Vec::new(),
        CommitPlace::Here | CommitPlace::Before | CommitPlace::After | CommitPlace::Beside => history.tags(commit)?,
    };
    Ok(TreeCommit { commit: commit.to_owned(), evidence, place, distance, tags })
}

fn state(
    here: &Here,
    verdict: &Verdict,
    recipe: Option<&Recipe>,
    commit: Option<&TreeCommit>,
    given: &Given,
    is_shallow: bool,
) -> (TreeState, String) {
    let is_here = commit.is_some_and(|it| it.place == CommitPlace::Here);
    let named = commit.map(|it| named(it, is_shallow)).unwrap_or_default();
    // Rebuilds that count know better than a file.
    let is_contradicted = match verdict {
        Verdict::Differs { .. } | Verdict::NoContract { .. } => true,
        Verdict::Reproduced { .. } | Verdict::ReproducedUnvetted { .. } | Verdict::ReproducedUnclaimed { .. } => {
            !is_here
        }
        Verdict::NotRebuildable { .. } | Verdict::NotRebuilt { .. } => false,
    };
    if *given == Given::OfThisTree && !is_contradicted {
        return (TreeState::Same, "it is the file that was given, byte for byte".to_owned());
    }
    // What follows has to hold without the file; where one was given, it is another.
    let other_file = "it is not the file that was given";
    match verdict {
        Verdict::NoContract { .. } => (TreeState::Unknown, "it has no code".to_owned()),
        Verdict::Reproduced { .. } | Verdict::ReproducedUnvetted { .. } if is_here => {
            let Some(recipe) = recipe else { return (TreeState::Unknown, "it claims nothing".to_owned()) };
            let folder = normal(recipe.contract_path());
            if folder != here.path {
                let [folder, path] = [&folder, &here.path].map(|it| if it.is_empty() { "." } else { it });
                return (
                    TreeState::Differs,
                    format!("it was built from this commit, but from the folder `{folder}` and not `{path}`"),
                );
            }
            let mut reservations: Vec<String> = Vec::new();
            if let Verdict::ReproducedUnvetted { doubts, .. } = verdict {
                reservations.extend(doubts.iter().map(|it| it.code().code().to_owned()));
            }
            let claimed = recipe.claimed();
            let command = claimed.build_command.as_deref().unwrap_or_default();
            if !here.declared.iter().any(|it| it.is_claimed_by(claimed.build_environment.as_deref(), command)) {
                reservations.push("its image and command are not those of the manifest".to_owned());
            }
            if *given == Given::Other {
                reservations.push(other_file.to_owned());
            }
            match reservations.as_slice() {
                [] => (TreeState::Same, "it was built from this commit".to_owned()),
                all => (
                    TreeState::SameWithReservations,
                    format!("it was built from this commit, with reservations: {}", all.join("; ")),
                ),
            }
        }
        Verdict::ReproducedUnclaimed { .. } if is_here => (
            TreeState::SameWithReservations,
            "it was built from this commit, by a build that the contract itself does not claim".to_owned(),
        ),
        Verdict::Reproduced { .. } | Verdict::ReproducedUnvetted { .. } | Verdict::ReproducedUnclaimed { .. } => {
            match commit.map(|it| it.place) {
                Some(CommitPlace::Here | CommitPlace::Before | CommitPlace::After | CommitPlace::Beside) => {
                    (TreeState::OtherCommit, format!("it was built from {named}"))
                }
                Some(CommitPlace::NotKnown) if *given == Given::Other => {
                    (TreeState::Differs, format!("{other_file}; it was built from {named}"))
                }
                Some(CommitPlace::NotKnown) => (TreeState::Unknown, format!("it was built from {named}")),
                None => (TreeState::Unknown, "it was built from several commits, by those whom you trust".to_owned()),
            }
        }
        Verdict::Differs { .. } => {
            (TreeState::Differs, format!("it claims {named}, and a rebuild of that gave different code"))
        }
        Verdict::NotRebuildable { .. } | Verdict::NotRebuilt { .. } => {
            let claim = match commit {
                Some(_) => format!("it claims {named}, which nobody whom you trust has rebuilt"),
                None => "it does not say from which commit it was built".to_owned(),
            };
            match given {
                Given::Other => (TreeState::Differs, format!("{other_file}; {claim}")),
                Given::Nothing | Given::OfThisTree => (TreeState::Unknown, claim),
                Given::NotOfThisTree(why) => of_another_tree(commit, &named, why.as_deref()),
            }
        }
    }
}

/// The answer where the file is the deployed code, but was not built from this tree.
fn of_another_tree(commit: Option<&TreeCommit>, named: &str, why: Option<&str>) -> (TreeState, String) {
    let file = "it is the file that was given, but that";
    match (commit.map(|it| it.place), why) {
        (Some(CommitPlace::Before | CommitPlace::After | CommitPlace::Beside), Some(_)) => {
            (TreeState::OtherCommit, format!("{file} claims {named}"))
        }
        (Some(CommitPlace::Here | CommitPlace::NotKnown) | None, Some(why)) => {
            (TreeState::Unknown, format!("{file} claims {why}"))
        }
        (_, None) => (TreeState::Unknown, format!("{file} does not say itself from which commit it was built")),
    }
}

/// A commit in a sentence.
fn named(commit: &TreeCommit, is_shallow: bool) -> String {
    let id: String = commit.commit.chars().take(12).collect();
    let tags = if commit.tags.is_empty() { String::new() } else { format!(" ({})", commit.tags.join(", ")) };
    let by = |word: &str| match commit.distance {
        Some(1) => format!("1 commit {word} this one"),
        Some(distance) => format!("{distance} commits {word} this one"),
        None => format!("{word} this one"),
    };
    let place = match commit.place {
        CommitPlace::Here => return "this commit".to_owned(),
        CommitPlace::Before => by("before"),
        CommitPlace::After => by("after"),
        CommitPlace::Beside => "on another branch or tag".to_owned(),
        CommitPlace::NotKnown if is_shallow => {
            "which no branch or tag of this clone reaches; but the clone is shallow (`git fetch --unshallow`)"
                .to_owned()
        }
        CommitPlace::NotKnown => "which no branch or tag of this clone reaches".to_owned(),
    };
    format!("commit `{id}`{tags}, {place}")
}
