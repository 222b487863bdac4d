//! Why two modules may differ, and what to try next. Each cause rests on something that can be shown; where nothing can,
//! none is named. Neither bytes nor claims are to be believed, so a cause is a hint, never a finding.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{Cause, CauseKind};
use super::command::{self, Sides};
use super::report::{Class, DiffReport, FunctionSide};
use super::traces::{Known, Traces};
use crate::wasm::Module;

/// Most pieces of evidence that are shown for one cause.
const MAX_EVIDENCE: usize = 20;

/// Names the causes of a difference, in the order of [`CauseKind`].
pub fn causes(a: &Module, b: &Module, known: [Known; 2], report: &DiffReport) -> Vec<Cause> {
    if report.class == Class::Identical {
        return Vec::new();
    }
    let traces = [Traces::of(a, &known[0]), Traces::of(b, &known[1])];
    let mut found = Found { causes: Vec::new(), traces: &traces };
    found.compare_claims();
    found.compare_makers();
    found.compare_bytes();
    let unexplained = found.causes.is_empty();
    if unexplained && report.class == Class::Functions {
        let names = report.changes.iter().map(|change| {
            let name = |side: &Option<FunctionSide>| {
                side.as_ref().map(|side| side.name.clone().unwrap_or_else(|| format!("function {}", side.index)))
            };
            (name(&change.a), name(&change.b))
        });
        found.add(CauseKind::OtherSource, names.take(MAX_EVIDENCE).collect());
    }
    found.join()
}

struct Found<'t> {
    causes: Vec<Cause>,
    traces: &'t [Traces; 2],
}

type Evidence = Vec<Sides>;

impl Found<'_> {
    /// The causes in order, one of each kind.
    fn join(mut self) -> Vec<Cause> {
        self.causes.sort_by_key(|cause| cause.code);
        self.causes.dedup_by(|later, first| {
            let same = later.code == first.code;
            if same {
                first.evidence.append(&mut later.evidence);
            }
            same
        });
        self.causes
    }

    fn add(&mut self, code: CauseKind, mut evidence: Evidence) {
        evidence.truncate(MAX_EVIDENCE);
        if !evidence.is_empty() {
            let (message, next) = wording(code);
            self.causes.push(Cause { code, message: message.to_owned(), evidence, next: next.to_owned() });
        }
    }

    /// A cause if both sides say something, and not the same.
    fn if_both(&mut self, code: CauseKind, [a, b]: [Option<String>; 2]) {
        if a.is_some() && b.is_some() && a != b {
            self.add(code, vec![(a, b)]);
        }
    }

    /// A cause if one side has something that the other has not.
    fn if_one(&mut self, code: CauseKind, [a, b]: [Option<String>; 2]) {
        if a.is_some() != b.is_some() {
            self.add(code, vec![(a, b)]);
        }
    }

    fn compare_claims(&mut self) {
        let of = |field: fn(&Traces) -> Option<String>| [field(&self.traces[0]), field(&self.traces[1])];
        let pairs = [
            (CauseKind::OtherCommit, of(|traces| traces.claimed("/build_info/source_code_snapshot"))),
            (CauseKind::OtherVersion, of(|traces| traces.claimed("/version"))),
            (CauseKind::OtherImage, of(|traces| traces.claimed("/build_info/build_environment"))),
        ];
        for (code, sides) in pairs {
            self.if_both(code, sides);
        }
        if let [Some(a), Some(b)] = [&self.traces[0], &self.traces[1]].map(Traces::command) {
            for (code, evidence) in command::differing(&a, &b) {
                self.add(code, vec![evidence]);
            }
        }
    }

    fn compare_makers(&mut self) {
        let [a, b] = self.traces;
        let rustc = [a, b].map(Traces::rustc);
        let builder = [a, b].map(|traces| traces.builder.clone());
        self.if_both(CauseKind::OtherRustc, rustc);
        self.if_both(CauseKind::OtherPlatform, [a, b].map(|traces| traces.platform.clone()));
        self.if_both(CauseKind::OtherCargoNear, builder);
        let crates = differing(&a.crates, &b.crates);
        let snapshot = |traces: &Traces| traces.claimed("/build_info/source_code_snapshot");
        let same_source = snapshot(a).is_some() && snapshot(a) == snapshot(b);
        self.add(if same_source { CauseKind::NotLocked } else { CauseKind::OtherCrates }, crates);
    }

    fn compare_bytes(&mut self) {
        let [a, b] = self.traces;
        let mut paths: Evidence = Vec::new();
        if a.home.is_some() && b.home.is_some() && a.home != b.home {
            paths.push((a.home.clone(), b.home.clone()));
        }
        // The same file below another folder.
        for (file, path) in &a.paths {
            match b.paths.get(file) {
                Some(other) if other != path => paths.push((Some(path.clone()), Some(other.clone()))),
                Some(_) | None => {}
            }
        }
        let opt = [a, b].map(|traces| traces.linked.clone());
        let names = [a, b].map(|traces| traces.left_in.clone());
        let abi = [a, b].map(|traces| traces.abi_export.clone());
        let overflow = [a, b].map(|traces| traces.overflow.clone());
        self.add(CauseKind::OtherPath, paths);
        self.if_one(CauseKind::WasmOpt, opt);
        self.if_one(CauseKind::NamesLeft, names);
        self.if_one(CauseKind::Abi, abi);
        self.if_one(CauseKind::OverflowChecks, overflow);
    }
}

/// Names with the versions that only one side has.
fn differing(a: &BTreeSet<(String, String)>, b: &BTreeSet<(String, String)>) -> Evidence {
    let mut names: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    for (name, version) in a.difference(b) {
        names.entry(name).or_default().0.push(version);
    }
    for (name, version) in b.difference(a) {
        names.entry(name).or_default().1.push(version);
    }
    // A crate that one side does not name at all may only have lost its last panic message.
    let both = names.into_iter().filter(|(_, (in_a, in_b))| !in_a.is_empty() && !in_b.is_empty());
    both.map(|(name, (in_a, in_b))| {
        let shown = |versions: Vec<&str>| Some(format!("{name} {}", versions.join(", ")));
        (shown(in_a), shown(in_b))
    })
    .collect()
}

fn wording(code: CauseKind) -> (&'static str, &'static str) {
    match code {
        CauseKind::OtherCommit => {
            ("the claims name different commits", "rebuild the commit that the deployed code claims")
        }
        CauseKind::OtherVersion => ("the claims have different versions", "compare the commits of the two versions"),
        CauseKind::OtherImage => {
            ("the claims name different images", "rebuild in the image that the deployed code claims")
        }
        CauseKind::PassedEnv => (
            "the claims pass other environment variables to the build",
            "rebuild with the `--env` that the deployed code claims: see `passed_env` in its `Cargo.toml`",
        ),
        CauseKind::Features => {
            ("the claims build other features", "rebuild with the features that the deployed code claims")
        }
        CauseKind::Profile => {
            ("the claims build with other profiles", "rebuild with the profile that the deployed code claims")
        }
        CauseKind::OtherCommand => {
            ("the claims have different build commands", "rebuild with the command that the deployed code claims")
        }
        CauseKind::OtherRustc => ("another rustc made the code", "rebuild with the rustc that the deployed code names"),
        CauseKind::OtherCargoNear => {
            ("another cargo-near embedded the ABI", "rebuild in an image with that cargo-near")
        }
        CauseKind::OtherCrates => ("crates have other versions", "compare the two `Cargo.lock` files"),
        CauseKind::NotLocked => (
            "the versions of crates were not locked",
            "rebuild with `--locked`, and look whether `Cargo.lock` is committed",
        ),
        CauseKind::OtherPath => (
            "paths of the build machine stand in the data",
            "rebuild in the same folder as the deployed code was built in",
        ),
        CauseKind::WasmOpt => {
            ("wasm-opt was run for one of the two", "rebuild with or without `--no-wasmopt`, as the deployed code was")
        }
        CauseKind::NamesLeft => (
            "names or debug sections were left in one of the two",
            "compare after stripping, or build with the same profile",
        ),
        CauseKind::Abi => {
            ("the ABI is embedded in one of the two", "rebuild with or without `--no-abi`, as the deployed code was")
        }
        CauseKind::OverflowChecks => {
            ("overflow is checked in one of the two", "compare `overflow-checks` in the two profiles")
        }
        CauseKind::OtherPlatform => {
            ("the two were built on different platforms", "rebuild on linux/amd64, which the claims mean")
        }
        CauseKind::OtherSource => (
            "nothing that shows of compiler, crates and paths differs, so features, profile or source do",
            "compare `Cargo.toml`, the features and the sources",
        ),
    }
}
