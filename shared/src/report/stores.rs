//! What the reader's stores did, as plain values of a [`super::Report`], and the sentence that says so where no manifest
//! is listed: "none found" is true only of stores that answered.

use serde::{Deserialize, Serialize};

use super::Report;
use crate::inspection::StoreState;
use crate::text::Shown;

/// One store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StoreReport {
    /// URL without user name and query, or folder.
    pub url: String,
    /// How it answered.
    pub state: StoreState,
    /// How many of its lines were read.
    pub lines: usize,
    /// Whether it holds more lines than were read.
    pub cut: bool,
    /// Why it cannot be read, or what it answered in place of a file.
    pub reason: Option<String>,
}

impl StoreReport {
    /// What it did, in a few words, to stand behind its name.
    pub fn outcome(&self) -> String {
        let because = |text: &str| match &self.reason {
            Some(reason) => format!("{text}: {reason}"),
            None => text.to_owned(),
        };
        match (self.state, self.lines) {
            (StoreState::Answered, _) if self.cut => format!("the first {} lines were read", self.lines),
            (StoreState::Answered, 1) => "1 line".to_owned(),
            (StoreState::Answered, lines) => format!("{lines} lines"),
            (StoreState::Empty, _) => because("nothing about this code"),
            (StoreState::Unreachable, _) => because("could not be read"),
            (StoreState::NotAsked, _) => "not asked".to_owned(),
        }
    }
}

impl Report {
    /// One sentence in place of a list of manifests that has none. Stores are between backticks.
    pub fn no_manifest(&self) -> Option<String> {
        let named = |wanted: &[StoreState]| {
            let stores = self.stores.iter().filter(|store| wanted.contains(&store.state));
            stores.map(|store| format!("`{}`", Shown(&store.url))).collect::<Vec<_>>().join(", ")
        };
        let asked = named(&[StoreState::Answered, StoreState::Empty]);
        let silent = named(&[StoreState::Unreachable]);
        let unasked = named(&[StoreState::NotAsked]);
        let is_listed = !self.manifests.is_empty();
        Some(match (asked.is_empty(), silent.is_empty(), unasked.is_empty()) {
            _ if is_listed => return None,
            (true, true, true) => "no store was asked for signed rebuilds".to_owned(),
            (true, true, false) => format!("no store has been asked for signed rebuilds yet (known: {unasked})"),
            (true, false, _) => format!("no store could be read, so there may be signed rebuilds (asked: {silent})"),
            (false, true, _) => format!("no signed rebuild found (asked: {asked})"),
            (false, false, _) => format!("no signed rebuild found (asked: {asked}; could not be read: {silent})"),
        })
    }
}
