//! The reader's stores: each is asked for the manifests of one code, and what it did is kept. Silence is never taken for
//! "none": a store that cannot be read may hold a line that says otherwise.
//! Not here: opening lines (`lines`), what makes one count (`manifest`), how bytes travel (`transport.rs` of page and helper).

use super::{ManifestOrigin, ManifestText, StoreState, Stores, store_name};
use crate::deployment::{Stored, Transport};
use crate::digest::Sha256Digest;
use crate::join::join_all;
use crate::notice::Notice;

/// Most bytes of the lines of one store: without a limit of its own, each would cost every other store its hearing.
const MAX_BYTES: usize = 4 << 20;

/// What one store did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOutcome {
    /// URL without user name, query and fragment, which can hold secrets; or folder.
    pub location: String,
    /// How it answered.
    pub state: StoreState,
    /// How many of its lines were read.
    pub lines: usize,
    /// It holds more lines than were read.
    pub is_cut: bool,
    /// Why it cannot be read, or what it answered in place of a file.
    pub reason: Option<String>,
}

impl Stores {
    /// Lists every store as one that has not been asked.
    pub(super) fn list_unasked(&self) -> Vec<StoreOutcome> {
        let (Self::Asked(stores) | Self::NotYet(stores)) = self;
        distinct(stores).map(|store| outcome(store, StoreState::NotAsked, None)).collect()
    }

    /// Asks those that are to be asked, all at once; texts and outcomes are in the reader's order, whoever answers first.
    pub(super) async fn ask(
        &self,
        code_hash: &Sha256Digest,
        transport: &impl Transport,
    ) -> (Vec<ManifestText>, Vec<StoreOutcome>) {
        let stores = match self {
            Self::Asked(stores) => stores,
            Self::NotYet(_) => return (Vec::new(), self.list_unasked()),
        };
        let name = store_name(code_hash);
        let answers = join_all(distinct(stores).map(|store| transport.load(store, &name))).await;
        let mut texts = Vec::new();
        let mut outcomes = Vec::new();
        for (store, answer) in distinct(stores).zip(answers) {
            outcomes.push(match answer {
                Ok(Stored::File(text)) => {
                    let whole = ManifestText { text, origin: ManifestOrigin::Store };
                    let (lines, is_cut) = cut(&whole);
                    let count = lines.len();
                    texts.push(ManifestText { text: lines.join("\n"), origin: ManifestOrigin::Store });
                    StoreOutcome { lines: count, is_cut, ..outcome(store, StoreState::Answered, None) }
                }
                Ok(Stored::Absent) => outcome(store, StoreState::Empty, None),
                // Many static hosts answer every path with a page, so it says no more than a 404.
                Ok(Stored::WebPage) => {
                    outcome(store, StoreState::Empty, Some("it answers with a web page in place of a file".to_owned()))
                }
                Err(error) => outcome(store, StoreState::Unreachable, Some(error.to_string())),
            });
        }
        (texts, outcomes)
    }
}

/// What a reader has to know of stores with any answer.
pub(super) fn notices(outcomes: &[StoreOutcome]) -> impl Iterator<Item = Notice> {
    let silent = outcomes.iter().filter(|outcome| outcome.state == StoreState::Unreachable);
    let cut = outcomes.iter().filter(|outcome| outcome.is_cut);
    let silent = silent.map(|outcome| Notice::StoreUnreachable(outcome.location.clone()));
    silent.chain(cut.map(|outcome| Notice::StoreCut(outcome.location.clone())))
}

/// The first lines of a store, and whether it holds more.
fn cut(text: &ManifestText) -> (Vec<&str>, bool) {
    let (lines, is_cut) = text.lines();
    let mut bytes = 0;
    let mut fits = |line: &&str| {
        bytes += line.len();
        bytes <= MAX_BYTES
    };
    let kept = lines.iter().take_while(|line| fits(line)).count();
    (lines[..kept].to_vec(), is_cut || kept < lines.len())
}

/// A store that is named twice is one store.
fn distinct(stores: &[String]) -> impl Iterator<Item = &str> {
    let same = |one: &str, other: &str| one.trim_end_matches('/') == other.trim_end_matches('/');
    let is_first = move |(at, store): &(usize, &String)| !stores[..*at].iter().any(|before| same(before, store));
    stores.iter().enumerate().filter(is_first).map(|(_, store)| store.as_str())
}

fn outcome(store: &str, state: StoreState, reason: Option<String>) -> StoreOutcome {
    StoreOutcome { location: hide_secrets(store), state, lines: 0, is_cut: false, reason }
}

/// Leaves out of a URL what may be secret in it; a folder stays as it is.
fn hide_secrets(store: &str) -> String {
    let Some((scheme, rest)) = store.split_once("://") else { return store.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_shown_without_what_may_be_secret() {
        for (store, expected) in [
            ("https://me:secret@store.example/m/?token=1#x", "https://store.example/m/"),
            ("https://store.example?token=1", "https://store.example"),
            ("https://store.example/a@b/", "https://store.example/a@b/"),
            ("folder/with?mark", "folder/with?mark"),
            (r"https://evil.example\@store.example/m/", r"https://evil.example\@store.example/m/"),
        ] {
            assert_eq!(hide_secrets(store), expected);
        }
    }

    #[test]
    fn lines_are_cut_by_number_and_by_bytes() {
        let stored = |text: String| ManifestText { text, origin: ManifestOrigin::Store };
        assert_eq!(cut(&stored("a\n\nb\n".to_owned())), (vec!["a", "b"], false));
        assert_eq!(cut(&stored("{\n\"a\": 1\n}".to_owned())).0.len(), 1);
        let many = stored("x\n".repeat(257));
        let (lines, is_cut) = cut(&many);
        assert_eq!((lines.len(), is_cut), (256, true));
        assert!(!cut(&stored("x\n".repeat(256))).1);
        let long = stored(format!("{}\n", "x".repeat(MAX_BYTES / 4)).repeat(5));
        let (lines, is_cut) = cut(&long);
        assert_eq!((lines.len(), is_cut), (4, true));
    }
}
