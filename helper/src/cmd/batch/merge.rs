//! `provenear batch merge`: what runs left, examined and put into a store. The same comes of it in any order and any number of times; what
//! is refused is said to be, and the rest is taken.

mod dissent;
mod published;
mod text;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::key::PublicKey;
use provenear_shared::report::{Coded, FailedUnit, MergeReport, MergeSchema, RefusalCode, Refused, UnitInputs};

use self::published::Published;
use super::evidence::{Came, Checked, Taking, examine};
use super::folder::{REPORT, Refusal, unit_of};
use super::{plan_file, worst};
use crate::args::{Merge, Output};
use crate::failure::{Code, ErrorCode, code_of, fail};
use crate::files;
use crate::interrupt;
use crate::look::question::trusted_keys;
use crate::look::report::{print_json, print_text};
use crate::owner::Owner;
use crate::progress::Progress;
use crate::rebuild::store::{Fate, Lock, Store, unit_id};
use crate::redact::redact_error;
use crate::signer::Signer;

/// Exit codes of what a merge finds.
const DISSENT: u8 = 1;
const MISSING: u8 = 3;
const REFUSED: u8 = 4;
const FAILED: u8 = 5;

/// Most manifests of one unit that are taken of one key in a merge which takes everybody's.
const MOST_OF_A_KEY: usize = 8;

/// Runs it.
///
/// # Errors
/// When plan or keys cannot be read, or the store cannot be made.
pub(super) fn run(args: &Merge, output: &Output) -> anyhow::Result<u8> {
    let progress = Progress::new(output.quiet);
    if args.key.is_some() && args.plan.is_none() {
        return fail(
            Code::Usage,
            "`--key` signs what other machines state, and `--plan` says what they were asked for: name both",
        );
    }
    let planned = args.plan.as_deref().map(plan_file::read).transpose()?;
    let order: Vec<Hex> = planned.iter().flatten().map(|unit| unit.unit).collect();
    let plan: Option<HashMap<_, _>> = planned.map(|units| units.into_iter().map(|unit| (unit.unit.0, unit)).collect());
    let mut trusted: Vec<PublicKey> = trusted_keys(&args.trust)?.into_iter().map(|(key, _)| key).collect();
    let signer = args.key.as_deref().map(Signer::read).transpose()?;
    // Its own first: they are the last that a full bundle would be without.
    trusted.splice(0..0, signer.as_ref().map(|signer| *signer.public()));
    let trusted = (!trusted.is_empty()).then_some(trusted.as_slice());
    files::create_folder(&args.to).with_context(|| format!("failed to create `{}`", args.to.display()))?;
    // Of two that sign at the same time, neither would see that the other signs different code.
    let _alone = Lock::take_whole(&args.to)?;
    files::sweep(&args.to, &Owner::current(), 0);
    let mut merge = Merging::new(Store(&args.to));
    let taking = Taking { plan: plan.as_ref(), signer: signer.as_ref(), trusted };
    for path in merge.list(&args.folders, &progress) {
        interrupt::check()?;
        merge.examine(&path, taking);
    }
    if let Some(store) = &args.published {
        let units = merge.found.iter().map(|it| (it.unit, &it.evidence.report.inputs));
        merge.published = published::read(store, units)?;
        merge.elsewhere.extend(merge.published.values().flatten().map(|(code, path)| (*code, path.clone())));
    }
    merge.refuse_dissent();
    merge.sort(trusted);
    merge.keep()?;
    merge.add_lines();
    merge.find_dissent();
    let report = merge.report(order);
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
    /// What may be taken, so far.
    found: Vec<Found>,
    /// Manifests by the code that they are about, each with unit and folder.
    lines: BTreeMap<Sha256Digest, Vec<Line>>,
    /// Which code came out of each unit of which something is taken, as far as the store knows.
    units: BTreeMap<Sha256Digest, BTreeSet<Sha256Digest>>,
    failed: BTreeMap<Sha256Digest, Coded<ErrorCode>>,
    refused: Vec<Refused>,
    taken: HashSet<Sha256Digest>,
    added: usize,
    published: Published,
    dissent: BTreeMap<Sha256Digest, BTreeSet<Sha256Digest>>,
    /// Wasm that was not taken.
    elsewhere: HashMap<Sha256Digest, PathBuf>,
}

/// A folder that may be taken.
struct Found {
    unit: Sha256Digest,
    folder: PathBuf,
    evidence: Box<Checked>,
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
            found: Vec::new(),
            lines: BTreeMap::new(),
            units: BTreeMap::new(),
            failed: BTreeMap::new(),
            refused: Vec::new(),
            taken: HashSet::new(),
            added: 0,
            published: Published::new(),
            dissent: BTreeMap::new(),
            elsewhere: HashMap::new(),
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
            // One that is named for a unit and for more than that, or in capitals, is refused below.
            let is_named = |name: &str| {
                let id = name.split('.').next().unwrap_or_default();
                unit_of(&id.to_ascii_lowercase()).is_some()
            };
            let named = entries.iter().filter(|entry| is_named(&entry.file_name().to_string_lossy()));
            let units: Vec<PathBuf> = named.map(std::fs::DirEntry::path).collect();
            if units.is_empty() {
                progress.note(&format!("`{}` holds no unit", folder.display()));
            }
            all.extend(units);
        }
        all.sort();
        // In whatever spelling it was named.
        let mut seen = HashSet::new();
        all.retain(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
        all
    }

    fn refuse(&mut self, folder: &Path, Refusal { code, message }: Refusal) {
        let folder = folder.display().to_string();
        self.refused.push(Refused { folder, code, message });
    }

    /// Examines a folder. Nothing is taken before all were.
    fn examine(&mut self, path: &Path, taking: Taking<'_>) {
        let name = path.canonicalize().ok().and_then(|path| unit_of(&path.file_name()?.to_string_lossy()));
        let Some(id) = name else {
            let why = "the folder is not named for a unit, by 64 hexadecimal digits in lower case";
            return self.refuse(path, Refusal::new(RefusalCode::OtherUnit, why));
        };
        match examine(path, &id, taking) {
            Err(refusal) => self.refuse(path, refusal),
            Ok(Came::Failure(report)) => self.failed.extend(report.error.map(|error| (id, error))),
            Ok(Came::Code(evidence)) => self.found.push(Found { unit: id, folder: path.to_owned(), evidence }),
        }
    }

    /// Refuses what nobody signed where other code came out of the same unit, here, before or in what is published: the key would vouch
    /// for both. Where nothing else would remember it, the store does: one of the sides may come alone the next time.
    fn refuse_dissent(&mut self) {
        let mut came: BTreeMap<Sha256Digest, BTreeSet<Sha256Digest>> = BTreeMap::new();
        let mut signed = HashSet::new();
        for it in &self.found {
            let [rebuild, _] = alike(&it.evidence.report.inputs);
            let codes = came.entry(rebuild).or_default();
            codes.insert(it.evidence.artifact.1);
            codes.extend(self.published.get(&it.unit).into_iter().flat_map(BTreeMap::keys));
            if !it.evidence.was_unsigned {
                signed.insert(rebuild);
            }
        }
        for it in std::mem::take(&mut self.found) {
            if !it.evidence.was_unsigned {
                self.found.push(it);
                continue;
            }
            let alike = alike(&it.evidence.report.inputs);
            let all = came.entry(alike[0]).or_default();
            let is_known = match alike.iter().map(|id| self.store.unit(id)).collect::<anyhow::Result<Vec<_>>>() {
                Ok(before) => {
                    all.extend(before.iter().flatten());
                    let is_noted = before.iter().any(|codes| !codes.is_empty());
                    is_noted || self.published.contains_key(&it.unit) || signed.contains(&alike[0])
                }
                Err(error) => {
                    self.refuse(&it.folder, refusal_of(&error));
                    continue;
                }
            };
            if all.len() == 1 {
                self.found.push(it);
                continue;
            }
            let all = all.clone();
            if !is_known && let Err(error) = self.store.note(&it.unit, &it.evidence.report.inputs, &all) {
                self.refuse(&it.folder, refusal_of(&error));
            }
            let published = self.published.get(&it.unit);
            let is_published = |code: &Sha256Digest| published.is_some_and(|codes| codes.contains_key(code));
            let (first, rest): (Vec<Sha256Digest>, Vec<_>) = all.iter().partition(|code| is_published(code));
            let first = first.iter().map(|code| format!("{} (published)", code.to_base58()));
            let codes: Vec<String> = first.chain(rest.iter().map(Sha256Digest::to_base58)).collect();
            let why = format!("nothing is signed of a unit that gave different code: {}", codes.join(", "));
            self.dissent.entry(it.unit).or_default().extend(all);
            let (wasm, digest) = it.evidence.artifact;
            self.elsewhere.insert(digest, wasm);
            self.refuse(&it.folder, Refusal::new(RefusalCode::Dissent, why));
        }
    }

    /// Puts the manifests of the own key and of those that are trusted before others'. Where everybody's are taken, no key has more
    /// than a few of a unit.
    fn sort(&mut self, trusted: Option<&[PublicKey]>) {
        if let Some(trusted) = trusted {
            self.found.sort_by_key(|it| trusted.iter().position(|key| *key == it.evidence.key));
            return;
        }
        let mut counts: HashMap<(Sha256Digest, String), usize> = HashMap::new();
        for it in std::mem::take(&mut self.found) {
            let count = counts.entry((it.unit, it.evidence.key.to_near())).or_default();
            *count += 1;
            if *count > MOST_OF_A_KEY {
                let why = format!("no more than {MOST_OF_A_KEY} manifests of one key are taken of a unit");
                self.refuse(&it.folder, Refusal::new(RefusalCode::TooMuch, why));
            } else {
                self.found.push(it);
            }
        }
    }

    /// Takes everything but the manifests, which follow once the files that they name are there, and once the store knows which code
    /// came out of their units: who is ended in between leaves nothing signed that a later merge would not know of.
    fn keep(&mut self) -> anyhow::Result<()> {
        for Found { unit, folder, evidence } in std::mem::take(&mut self.found) {
            interrupt::check()?;
            match self.keep_files(&unit, &evidence) {
                Ok(known) => {
                    let Checked { artifact, line, .. } = *evidence;
                    self.lines.entry(artifact.1).or_default().push(Line { unit, folder, text: line });
                    self.units.entry(unit).or_default().extend(known);
                }
                Err(refusal) => self.refuse(&folder, refusal),
            }
        }
        Ok(())
    }

    /// Gives which code came out of the unit, as far as the store now knows.
    fn keep_files(&self, unit: &Sha256Digest, evidence: &Checked) -> Result<BTreeSet<Sha256Digest>, Refusal> {
        let artifact = evidence.read_artifact()?;
        let kept = self.store.keep_files(&evidence.stored(&artifact), &evidence.line, &evidence.report.phases);
        let came = BTreeSet::from([evidence.artifact.1]);
        kept.and_then(|_| self.store.note(unit, &evidence.report.inputs, &came)).map_err(|error| refusal_of(&error))
    }

    /// Adds the manifests, each file of them at once.
    fn add_lines(&mut self) {
        for (artifact, lines) in std::mem::take(&mut self.lines) {
            let texts: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
            match self.store.add_lines(&artifact, &texts) {
                Ok(fates) => {
                    for (line, fate) in lines.into_iter().zip(fates) {
                        self.end_line(&line, fate);
                    }
                }
                Err(error) => lines.iter().for_each(|line| self.refuse(&line.folder, refusal_of(&error))),
            }
        }
    }

    fn end_line(&mut self, line: &Line, fate: Fate) {
        match fate {
            Fate::TooMuch => {
                let why = "the store would hold more manifests of this code than readers look at";
                return self.refuse(&line.folder, Refusal::new(RefusalCode::TooMuch, why));
            }
            Fate::Added => self.added += 1,
            Fate::Known => {}
        }
        self.taken.insert(line.unit);
    }

    /// Finds the units of which different code came out, now, before or in what is published.
    fn find_dissent(&mut self) {
        for (id, mut all) in std::mem::take(&mut self.units) {
            all.extend(self.published.get(&id).into_iter().flat_map(BTreeMap::keys));
            if all.len() > 1 {
                self.dissent.entry(id).or_default().extend(all);
            }
        }
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
        let (store, elsewhere) = (&self.store, &self.elsewhere);
        let artifacts = |(unit, all): (&Sha256Digest, &BTreeSet<_>)| dissent::report(*unit, all, store, elsewhere);
        let dissent: Vec<_> = self.dissent.iter().map(artifacts).collect();
        let mut exits = BTreeSet::new();
        let found = [
            (REFUSED, !self.refused.is_empty()),
            (DISSENT, !dissent.is_empty()),
            (MISSING, !missing.is_empty()),
            // A source that nobody can build takes nothing away from what different code means.
            (FAILED, !failed.is_empty() && dissent.is_empty()),
        ];
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

/// The units whose manifests say the same of their build: what may be asked for source is in none.
fn alike(inputs: &UnitInputs) -> [Sha256Digest; 2] {
    [false, true].map(|allow_local_source| unit_id(&UnitInputs { allow_local_source, ..inputs.clone() }))
}

fn refusal_of(error: &anyhow::Error) -> Refusal {
    let code = if code_of(error) == Code::LimitExceeded { RefusalCode::TooMuch } else { RefusalCode::Unreadable };
    Refusal::new(code, redact_error(error))
}
