//! What was found, each thing once, and what it comes to: the exit code and the verdict of a later deployment.
//! Not here: what a code means (`shared::finding`), how findings are printed (`cmd::lint`).

use std::collections::{BTreeMap, BTreeSet};

use provenear_shared::finding::{FindingCode, Outcome, Severity};
use provenear_shared::gap::GapCode;
use provenear_shared::report::{FindingReport, Language, Prediction};
use provenear_shared::verdict::VerdictCode;

use super::fix::Change;

/// The exit code where no rebuild can give the code.
const BREAKS: u8 = 1;
/// The exit code where there are doubts.
const DOUBTS: u8 = 3;
/// Most findings of one code that are listed of one file, and of all: hostile files can hold any number of mistakes.
const MOST_ALIKE: usize = 64;
const MOST_LISTED: usize = 4096;

/// Where something is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file below the root of the repository; none where it is about no file.
    pub path: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
}

impl Place {
    /// A whole file.
    pub fn file(path: &str) -> Place {
        Place { path: Some(path.to_owned()), line: None }
    }

    /// A line of a file.
    pub fn line(path: &str, line: u32) -> Place {
        Place { path: Some(path.to_owned()), line: Some(line) }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What, in a word.
    pub code: FindingCode,
    /// What the contracts are written in.
    pub language: Language,
    /// What, in a sentence.
    pub message: String,
    /// The contracts that it is about; empty where it is about the whole repository.
    pub contracts: BTreeSet<String>,
    /// What `--fix` does about it.
    pub change: Option<Change>,
}

/// All of them.
#[derive(Debug)]
pub struct Findings {
    /// What the contracts are written in that findings are about from now on.
    pub language: Language,
    all: Vec<Finding>,
    /// Where each stands in the list.
    known: BTreeMap<(FindingCode, Place, String), usize>,
    /// How many there are of one code in one file.
    alike: BTreeMap<(FindingCode, Option<String>), usize>,
    /// What was found of the whole repository, and of each contract, listed or not.
    whole: BTreeSet<FindingCode>,
    of_contracts: BTreeMap<String, BTreeSet<FindingCode>>,
    /// What the claim of a contract would lack, where that is known.
    claims: BTreeMap<String, BTreeSet<GapCode>>,
}

impl Default for Findings {
    fn default() -> Findings {
        Findings {
            language: Language::Rust,
            all: Vec::new(),
            known: BTreeMap::new(),
            alike: BTreeMap::new(),
            whole: BTreeSet::new(),
            of_contracts: BTreeMap::new(),
            claims: BTreeMap::new(),
        }
    }
}

impl Findings {
    /// One about the whole repository.
    pub fn add(&mut self, code: FindingCode, place: Place, message: impl Into<String>) {
        self.push(code, place, message.into(), None, None);
    }

    /// One about a contract, with what `--fix` does about it.
    pub fn about(
        &mut self,
        contract: &str,
        code: FindingCode,
        place: Place,
        message: impl Into<String>,
        change: Option<Change>,
    ) {
        self.push(code, place, message.into(), Some(contract), change);
    }

    /// The very claim of a contract is known, with all that it lacks: that goes before what findings lead to.
    pub fn claims(&mut self, contract: &str, gaps: BTreeSet<GapCode>) {
        self.claims.insert(contract.to_owned(), gaps);
    }

    fn push(
        &mut self,
        code: FindingCode,
        place: Place,
        message: String,
        contract: Option<&str>,
        change: Option<Change>,
    ) {
        match contract {
            Some(contract) => _ = self.of_contracts.entry(contract.to_owned()).or_default().insert(code),
            None => _ = self.whole.insert(code),
        }
        let key = (code, place, message);
        if let Some(same) = self.known.get(&key).and_then(|at| self.all.get_mut(*at)) {
            // What is about the whole repository stays so.
            let is_whole = same.contracts.is_empty() || contract.is_none();
            same.contracts.extend(contract.map(ToOwned::to_owned));
            if is_whole {
                same.contracts.clear();
            }
            return;
        }
        let (_, place, message) = &key;
        let count = self.alike.entry((code, place.path.clone())).or_default();
        if *count == MOST_ALIKE {
            return;
        }
        if self.all.len() >= MOST_LISTED && code != FindingCode::NotFinished {
            self.whole.insert(FindingCode::NotFinished);
            return;
        }
        *count += 1;
        let contracts = contract.map(ToOwned::to_owned).into_iter().collect();
        let (place, message) = (place.clone(), message.clone());
        self.known.insert(key, self.all.len());
        self.all.push(Finding { place, code, language: self.language, message, contracts, change });
    }

    /// Notes that a contract has such a finding in a file, and says whether one more of them is listed: if not, nobody need look
    /// for its line.
    pub fn has_room(&mut self, contract: &str, code: FindingCode, path: &str) -> bool {
        self.of_contracts.entry(contract.to_owned()).or_default().insert(code);
        self.alike.get(&(code, Some(path.to_owned()))).is_none_or(|count| *count < MOST_ALIKE)
    }

    /// Whether anything was found that is not listed for want of room.
    pub fn is_cut_short(&self) -> bool {
        self.whole.contains(&FindingCode::NotFinished)
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        let worst = self.of_contracts.values().flatten().chain(&self.whole).map(|code| code.severity()).min();
        match worst {
            Some(Severity::Breaks) => BREAKS,
            Some(Severity::Doubt) => DOUBTS,
            Some(Severity::Note) | None => 0,
        }
    }

    /// What a deployment of this contract would come to.
    pub fn predict(&self, contract: &str) -> Prediction {
        let mut prediction =
            predict(self.whole.iter().chain(self.of_contracts.get(contract).into_iter().flatten()).copied());
        if let Some(gaps) = self.claims.get(contract).filter(|gaps| !gaps.is_empty()) {
            prediction.verdict = VerdictCode::NotRebuildable;
            prediction.gaps = gaps.iter().copied().collect();
        }
        prediction
    }

    /// By path and line, the weightiest first of one line.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.all.sort_by(|a, b| (&a.place, a.code.severity(), a.code).cmp(&(&b.place, b.code.severity(), b.code)));
        self.all
    }
}

impl Finding {
    /// As it is printed.
    pub fn report(&self) -> FindingReport {
        let (why, fix) = self.words();
        FindingReport {
            code: self.code,
            severity: self.code.severity(),
            contracts: self.contracts.iter().cloned().collect(),
            path: self.place.path.clone(),
            line: self.place.line,
            message: self.message.clone(),
            why,
            fix,
            fixable: self.change.is_some(),
        }
    }

    /// Why it matters, and what to do.
    pub fn words(&self) -> (&'static str, &'static str) {
        self.code.words(self.language)
    }
}

/// By the first of gap, error and doubt that there is.
fn predict(codes: impl Iterator<Item = FindingCode>) -> Prediction {
    let (mut gaps, mut errors, mut notices) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut open = BTreeSet::new();
    let mut is_doubtful = false;
    for code in codes {
        match code.outcome() {
            Outcome::Gap(gap) => _ = gaps.insert(gap),
            Outcome::Failure(failure) => _ = errors.insert(failure),
            Outcome::Doubt(notice) => {
                is_doubtful = true;
                notices.insert(notice);
            }
            Outcome::Notice(notice) => _ = notices.insert(notice),
            // Nothing is called clean that was not read.
            Outcome::Unseen => {
                is_doubtful = true;
                open.insert(code);
            }
            Outcome::Open if code.severity() == Severity::Doubt => _ = open.insert(code),
            Outcome::Open => {}
        }
    }
    let verdict = match (gaps.is_empty(), errors.is_empty(), is_doubtful) {
        (false, _, _) => VerdictCode::NotRebuildable,
        (true, false, _) => VerdictCode::NotRebuilt,
        (true, true, true) => VerdictCode::ReproducedUnvetted,
        (true, true, false) => VerdictCode::Reproduced,
    };
    Prediction {
        verdict,
        gaps: gaps.into_iter().collect(),
        errors: errors.into_iter().collect(),
        notices: notices.into_iter().collect(),
        open: open.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(codes: &[(FindingCode, Option<&str>)]) -> Findings {
        let mut findings = Findings::default();
        for (code, contract) in codes {
            findings.push(*code, Place::file("Cargo.toml"), "x".to_owned(), *contract, None);
        }
        findings
    }

    #[test]
    fn the_worst_finding_decides_the_exit_code() {
        use FindingCode::{NoDigest, PassedEnv, UnlistedImage};
        for (codes, exit) in [
            (vec![], 0),
            (vec![PassedEnv], 0),
            (vec![PassedEnv, UnlistedImage], 3),
            (vec![UnlistedImage, NoDigest, PassedEnv], 1),
        ] {
            let codes: Vec<_> = codes.into_iter().map(|code| (code, None)).collect();
            assert_eq!(findings(&codes).exit_code(), exit, "{codes:?}");
        }
    }

    #[test]
    fn a_prediction_is_of_what_concerns_the_contract() {
        use FindingCode::{CommitNotPushed, NoDigest, UnlistedImage};
        let all = findings(&[(NoDigest, Some("a")), (UnlistedImage, Some("b")), (UnlistedImage, Some("c"))]);
        assert_eq!(all.all.len(), 2, "the same at one place is one finding");
        let of = |name| all.predict(name).verdict;
        assert_eq!(of("a"), VerdictCode::NotRebuildable);
        assert_eq!((of("b"), of("c")), (VerdictCode::ReproducedUnvetted, VerdictCode::ReproducedUnvetted));
        assert_eq!(of("d"), VerdictCode::Reproduced);
        let whole = findings(&[(CommitNotPushed, None), (CommitNotPushed, Some("a"))]);
        assert_eq!(whole.predict("d").verdict, VerdictCode::NotRebuilt);
    }

    /// Of what was not read nobody can say that nothing is wrong with it.
    #[test]
    fn what_was_not_read_keeps_a_prediction_from_being_clean() {
        use FindingCode::{BuildReadsClock, NoDigest, NotFinished, SubmoduleNotExamined, TreeDirty};
        for code in [TreeDirty, SubmoduleNotExamined, NotFinished] {
            let of = findings(&[(code, None)]).predict("a");
            assert_eq!((of.verdict, &of.open[..]), (VerdictCode::ReproducedUnvetted, &[code][..]));
            let worse = findings(&[(code, None), (NoDigest, Some("a"))]).predict("a");
            assert_eq!(worse.verdict, VerdictCode::NotRebuildable, "{}", code.code());
        }
        let clock = findings(&[(BuildReadsClock, Some("a"))]).predict("a");
        assert_eq!((clock.verdict, &clock.open[..]), (VerdictCode::Reproduced, &[BuildReadsClock][..]));
    }

    #[test]
    fn a_hostile_file_does_not_make_a_list_without_end() {
        let mut findings = Findings::default();
        for line in 0..10_000 {
            findings.add(FindingCode::DependencyBySsh, Place::line("Cargo.toml", line), "x");
        }
        assert_eq!(findings.sorted().len(), MOST_ALIKE);
    }

    /// What is not listed counts all the same.
    #[test]
    fn a_hostile_tree_does_not_make_a_list_without_end_and_nothing_is_forgotten() {
        let mut findings = Findings::default();
        for file in 0..10_000 {
            findings.about("a", FindingCode::PassedEnv, Place::file(&format!("{file}")), "x", None);
        }
        findings.about("b", FindingCode::NoDigest, Place::file("Cargo.toml"), "x", None);
        assert!(findings.is_cut_short());
        assert_eq!((findings.exit_code(), findings.predict("b").verdict), (BREAKS, VerdictCode::NotRebuildable));
        assert_eq!(findings.predict("a").verdict, VerdictCode::ReproducedUnvetted);
        assert_eq!(findings.sorted().len(), MOST_LISTED);
    }
}
