//! How the code of an account stands to the commit in a tree. It follows from the verdict: no claim makes anything the same.

use provenear_shared::container::normal;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::Inspection;
use provenear_shared::near::{AccountId, Network};
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{CommitEvidence, CommitPlace, TreeAccount, TreeCommit, TreeState};
use provenear_shared::verdict::{Verdict, VerdictCode};

use crate::failure::Failure;
use crate::project::history::History;
use crate::project::{self, Declared, Package};

/// What stands in the tree, of one package.
pub(super) struct Here {
    /// The folder of the package below the root, `""` for the root.
    path: String,
    /// The builds that the commit declares.
    declared: Vec<Declared>,
}

impl Here {
    /// By the manifest as it was committed.
    pub(super) fn of(package: &Package, history: &History) -> anyhow::Result<Here> {
        let path = history.path_of(package.folder())?;
        let manifest = package.language.manifest_in(&path);
        let table = history.committed(&manifest)?.map(|bytes| project::parse(&bytes)).transpose()?.unwrap_or_default();
        Ok(Here { path, declared: project::declared(package.language, &table) })
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
    let is_artifact = artifact.map(|artifact| Some(*artifact) == code_hash);
    let commit = origin(verdict, inspection, code_hash.as_ref())
        .map(|(commit, evidence)| located(history, &commit, evidence))
        .transpose()?;
    let (state, message) =
        state(here, verdict, inspection.recipe(), commit.as_ref(), is_artifact, history.is_shallow());
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

/// Whether the file that was given is the code: `None` where none was.
type IsArtifact = Option<bool>;

fn state(
    here: &Here,
    verdict: &Verdict,
    recipe: Option<&Recipe>,
    commit: Option<&TreeCommit>,
    is_artifact: IsArtifact,
    is_shallow: bool,
) -> (TreeState, String) {
    let is_here = commit.is_some_and(|it| it.place == CommitPlace::Here);
    let named = commit.map(|it| named(it, is_shallow)).unwrap_or_default();
    if is_artifact == Some(true) {
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
            if is_artifact == Some(false) {
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
                Some(CommitPlace::NotKnown) if is_artifact == Some(false) => {
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
            match is_artifact {
                Some(_) => (TreeState::Differs, format!("{other_file}; {claim}")),
                None => (TreeState::Unknown, claim),
            }
        }
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
