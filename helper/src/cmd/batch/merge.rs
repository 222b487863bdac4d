//! `provenear batch merge`: what runs left, examined and put into a store. The same comes of it in any order and any number of times; what
//! is refused is said to be, and the rest is taken.

mod dissent;
mod text;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::report::{Coded, FailedUnit, MergeReport, MergeSchema, RefusalCode, Refused, UnitInputs};

use self::dissent::Artifacts;
use super::evidence::{Came, Checked, examine};
use super::folder::{REPORT, Refusal, unit_of};
use super::{plan_file, worst};
use crate::args::{Merge, Output};
use crate::failure::{Code, ErrorCode, code_of};
use crate::files;
use crate::interrupt;
use crate::look::report::{print_json, print_text};
use crate::owner::Owner;
use crate::progress::Progress;
use crate::rebuild::store::Store;
use crate::redact::redact_error;
use crate::signer::Signer;

/// Exit codes of what a merge finds.
const DISSENT: u8 = 1;
const MISSING: u8 = 3;
const REFUSED: u8 = 4;

/// Runs it.
///
/// # Errors
/// When plan or key cannot be read, or the store cannot be made.
pub(super) fn run(args: &Merge, output: &Output) -> anyhow::Result<u8> {
    let progress = Progress::new(output.quiet);
    let plan = args.plan.as_deref().map(plan_file::read).transpose()?;
    let units: Option<HashSet<_>> = plan.as_ref().map(|units| units.iter().map(|unit| unit.unit.0).collect());
    let signer = args.key.as_deref().map(Signer::read).transpose()?;
    std::fs::create_dir_all(&args.to).with_context(|| format!("failed to create `{}`", args.to.display()))?;
    files::sweep(&args.to, &Owner::current(), 0);
    let mut merge = Merging::new(Store(&args.to));
    for path in merge.list(&args.folders, &progress) {
        interrupt::check()?;
        merge.take(&path, units.as_ref(), signer.as_ref());
    }
    merge.add_lines();
    merge.note_units()?;
    let planned = plan.iter().flatten().map(|unit| unit.unit);
    let report = merge.report(planned.collect());
    if output.json {
        print_json(&report)?;
    } else {
        print_text(&text::report(&report))?;
    }
    Ok(report.exit)
}

/// A merge under way.
struct Merging<'a> {
    store: Store<'a>,
    /// Manifests by the code that they are about, each with unit and folder.
    lines: BTreeMap<Sha256Digest, Vec<Line>>,
    /// Which code came out of each unit, as far as this merge knows.
    units: BTreeMap<Sha256Digest, (UnitInputs, BTreeSet<Sha256Digest>)>,
    failed: BTreeMap<Sha256Digest, Coded<ErrorCode>>,
    refused: Vec<Refused>,
    taken: HashSet<Sha256Digest>,
    added: usize,
    dissent: Vec<Artifacts>,
}

struct Line {
    unit: Sha256Digest,
    folder: PathBuf,
    text: String,
}

impl<'a> Merging<'a> {
    fn new(store: Store<'a>) -> Merging<'a> {
        Merging {
            store,
            lines: BTreeMap::new(),
            units: BTreeMap::new(),
            failed: BTreeMap::new(),
            refused: Vec::new(),
            taken: HashSet::new(),
            added: 0,
            dissent: Vec::new(),
        }
    }

    /// The folders of units below these, or among them. What is being made has another name, and is nobody's yet.
    fn list(&mut self, folders: &[PathBuf], progress: &Progress) -> Vec<PathBuf> {
        let mut all = Vec::new();
        for folder in folders {
            if folder.join(REPORT).is_file() {
                all.push(folder.clone());
                continue;
            }
            let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
            let entries = match listed {
                Ok(entries) => entries,
                Err(error) => {
                    let why = format!("the folder cannot be read: {error}");
                    self.refuse(folder, Refusal::new(RefusalCode::Unreadable, why));
                    continue;
                }
            };
            let named = entries.iter().filter(|entry| unit_of(&entry.file_name().to_string_lossy()).is_some());
            let units: Vec<PathBuf> = named.map(std::fs::DirEntry::path).collect();
            if units.is_empty() {
                progress.note(&format!("`{}` holds no unit", folder.display()));
            }
            all.extend(units);
        }
        all.sort();
        all.dedup();
        all
    }

    fn refuse(&mut self, folder: &Path, Refusal { code, message }: Refusal) {
        let folder = folder.display().to_string();
        self.refused.push(Refused { folder, code, message });
    }

    /// Examines a folder, and takes all of it but its manifest, which follows once the files that it names are there.
    fn take(&mut self, path: &Path, units: Option<&HashSet<Sha256Digest>>, signer: Option<&Signer>) {
        let name = path.canonicalize().ok().and_then(|path| unit_of(&path.file_name()?.to_string_lossy()));
        let Some(id) = name else {
            return self.refuse(path, Refusal::new(RefusalCode::OtherUnit, "the folder is not named for a unit"));
        };
        match examine(path, &id, units, signer) {
            Err(refusal) => self.refuse(path, refusal),
            Ok(Came::Failure(report)) => self.failed.extend(report.error.map(|error| (id, error))),
            Ok(Came::Code(evidence)) => match self.keep_files(&evidence) {
                Ok(artifact) => {
                    let line = Line { unit: id, folder: path.to_owned(), text: evidence.line };
                    self.lines.entry(artifact).or_default().push(line);
                    let inputs = evidence.report.inputs;
                    self.units.entry(id).or_insert_with(|| (inputs, BTreeSet::new()));
                }
                Err(error) => self.refuse(path, refusal_of(&error)),
            },
        }
    }

    fn keep_files(&self, evidence: &Checked) -> anyhow::Result<Sha256Digest> {
        let report = self.store.keep_files(&evidence.stored(), &evidence.line, &evidence.report.phases)?;
        Ok(report.artifact.code_hash)
    }

    /// Adds the manifests, each file of them at once.
    fn add_lines(&mut self) {
        for (artifact, lines) in std::mem::take(&mut self.lines) {
            let texts: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
            match self.store.add_lines(&artifact, &texts) {
                Ok(added) => {
                    self.added += added;
                    for line in lines {
                        self.taken.insert(line.unit);
                        if let Some((_, artifacts)) = self.units.get_mut(&line.unit) {
                            artifacts.insert(artifact);
                        }
                    }
                }
                Err(error) => lines.iter().for_each(|line| self.refuse(&line.folder, refusal_of(&error))),
            }
        }
    }

    /// Says in the store which code came out of each unit, and finds those of which different code did, now or before.
    fn note_units(&mut self) -> anyhow::Result<()> {
        for (id, (inputs, artifacts)) in &self.units {
            let mut all = Vec::new();
            for artifact in artifacts {
                all = self.store.note(id, inputs, *artifact)?.artifacts;
            }
            if all.len() > 1 {
                self.dissent.push(Artifacts { unit: *id, all });
            }
        }
        Ok(())
    }

    fn report(self, planned: Vec<Hex>) -> MergeReport {
        // Whatever else went wrong with a unit, it has a result where one folder has one.
        let failed: Vec<FailedUnit> = self
            .failed
            .into_iter()
            .filter(|(unit, _)| !self.taken.contains(unit))
            .map(|(unit, error)| FailedUnit { unit: Hex(unit), error })
            .collect();
        let has_result = |unit: &Hex| self.taken.contains(&unit.0) || failed.iter().any(|it| it.unit == *unit);
        let missing: Vec<Hex> = planned.into_iter().filter(|unit| !has_result(unit)).collect();
        let dissent: Vec<_> = self.dissent.iter().map(|artifacts| artifacts.report(&self.store)).collect();
        let mut exits = BTreeSet::new();
        exits.extend(failed.iter().map(|it| it.error.code.exit_code()));
        let found =
            [(REFUSED, !self.refused.is_empty()), (DISSENT, !dissent.is_empty()), (MISSING, !missing.is_empty())];
        exits.extend(found.into_iter().filter_map(|(exit, is_found)| is_found.then_some(exit)));
        let mut refused = self.refused;
        refused.sort();
        MergeReport {
            schema: MergeSchema::V1,
            error: (),
            taken: self.taken.len(),
            added: self.added,
            refused,
            failed,
            missing,
            dissent,
            exit: worst(exits),
        }
    }
}

fn refusal_of(error: &anyhow::Error) -> Refusal {
    let code = if code_of(error) == Code::LimitExceeded { RefusalCode::TooMuch } else { RefusalCode::Unreadable };
    Refusal::new(code, redact_error(error))
}
