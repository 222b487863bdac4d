//! What a node of the table's protocol takes and links, and how much stack it gives to each function, by near-vm-runner itself,
//! against what `provenear_shared::wasm` says: every fixture, every vector of the rooms `claim` and `node`, ten thousand
//! generated modules, and the same ones with a byte of their code changed. `cargo xtask differential` runs it; files or folders
//! with modules can be given as arguments.

mod linked;
mod stack;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use near_parameters::RuntimeConfigStore;
use near_parameters::vm::{Config, VMKind};
use near_vm_runner::prepare::prepare_contract;
use provenear_shared::wasm::Module;
use provenear_shared::wasm::PROTOCOL;
use provenear_tests::claims::Claim;
use provenear_tests::generated;
use provenear_tests::hostile::modules;
use provenear_tests::node_cases::{Case, UNTOLD};

use linked::Linked;

const GENERATED: u64 = 10_000;

/// What was found of all modules of one source.
#[derive(Default)]
struct Tally {
    taken: usize,
    /// By the node's error and our reason, without its numbers.
    named: BTreeMap<(String, String), usize>,
    untold: BTreeMap<String, usize>,
    /// Functions whose stack was compared.
    functions: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, name: &str, bytes: &[u8], (config, linked): (&Config, &Linked)) -> String {
        let prepared = prepare_contract(bytes, config, VMKind::Wasmtime);
        let node = match &prepared {
            Ok(_) if linked.takes(bytes) => "taken".to_owned(),
            Ok(_) => "LinkError".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        let module = Module::parse(bytes);
        let refusal = match &module {
            Ok(module) => module.refusal().map(ToString::to_string),
            Err(error) => Some(error.to_string()),
        };
        if let (Ok(module), Ok(prepared)) = (&module, &prepared) {
            match stack::taken(module, prepared) {
                Some((ours, theirs)) if ours == theirs => self.functions += ours.len(),
                Some((ours, theirs)) => {
                    let mut pairs = ours.into_iter().zip(theirs).enumerate();
                    let first = pairs.find(|(_, (ours, theirs))| ours != theirs);
                    self.wrong.push(format!("{name}: the node takes other stack for its functions: {first:?}"));
                }
                None => {}
            }
        }
        match refusal {
            None if node == "taken" => self.taken += 1,
            None if UNTOLD.contains(&node.as_str()) => *self.untold.entry(node.clone()).or_default() += 1,
            // Types are checked by the engines that run what is run, and `tests/agreement.rs` shows that they agree.
            None if node != "taken" && is_ill_typed(bytes) => {
                *self.named.entry((node.clone(), "not well-typed, by the engine".to_owned())).or_default() += 1;
            }
            None => self.wrong.push(format!("{name}: the node refuses it ({node}), and here nothing is said")),
            Some(reason) if node == "taken" => {
                self.wrong.push(format!("{name}: the node takes it, and here it is refused: {reason}"));
            }
            Some(reason) => *self.named.entry((node.clone(), class(&reason))).or_default() += 1,
        }
        node
    }

    fn print(&self, source: &str) {
        let named: usize = self.named.values().sum();
        let untold: usize = self.untold.values().sum();
        let all = self.taken + named + untold + self.wrong.len();
        println!(
            "{source}: {all} modules, {} taken by both, {named} refused by both, {untold} refused by the node alone as expected, \
             the stack of {} functions compared, {} wrong",
            self.taken,
            self.functions,
            self.wrong.len()
        );
        for ((node, reason), count) in &self.named {
            println!("  {count:6}  {node}: {reason}");
        }
        for (node, count) in &self.untold {
            println!("  {count:6}  {node}: not told here");
        }
        for wrong in &self.wrong {
            println!("  WRONG   {wrong}");
        }
    }
}

fn is_ill_typed(bytes: &[u8]) -> bool {
    wasmi::Module::new(&wasmi::Engine::default(), bytes).is_err()
}

/// A reason without what is in backticks.
fn class(reason: &str) -> String {
    reason.split('`').step_by(2).collect::<Vec<_>>().join("…")
}

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("error: {wrong} modules are judged otherwise than by a node of protocol {PROTOCOL}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<usize> {
    let store = RuntimeConfigStore::new(None);
    let config = &store.get_config(PROTOCOL).wasm_config;
    let linked = Linked::read(config)?;
    let node = (config.as_ref(), &linked);
    let mut all = Vec::new();
    println!("host functions: {} on the node", linked.len());
    let table = linked.differences();
    table.iter().for_each(|difference| println!("  WRONG   {difference}"));

    let mut fixtures = Tally::default();
    for file in std::env::args().skip(1) {
        add_files(&mut fixtures, Path::new(&file), node)?;
    }
    for module in modules() {
        fixtures.add(module.name, &module.bytes, node);
    }
    all.push(("files and hostile modules", fixtures));

    let mut vectors = Tally::default();
    for claim in Claim::all().map_err(anyhow::Error::msg)? {
        vectors.add(claim.name, &claim.bytes, node);
    }
    for case in Case::all().map_err(anyhow::Error::msg)? {
        let said = vectors.add(case.name, &case.bytes, node);
        if said != case.node {
            vectors.wrong.push(format!("{}: the vector says `{}`, and the node {said}", case.name, case.node));
        }
    }
    all.push(("vectors", vectors));

    let [mut generated, mut damaged] = [Tally::default(), Tally::default()];
    let mut seed = 0;
    for _ in 0..GENERATED {
        let bytes = loop {
            seed += 1;
            if let Some(bytes) = generated::module(seed) {
                break bytes;
            }
        };
        generated.add(&format!("module {seed}"), &bytes, node);
        damaged.add(&format!("module {seed}, damaged"), &generated::damage(seed, bytes), node);
    }
    all.push(("generated modules", generated));
    all.push(("the same, with a byte of their code changed", damaged));

    all.iter().for_each(|(source, tally)| tally.print(source));
    Ok(table.len() + all.iter().map(|(_, tally)| tally.wrong.len()).sum::<usize>())
}

/// The module in a file, as bytes or as text, or all in a folder.
fn add_files(tally: &mut Tally, path: &Path, node: (&Config, &Linked)) -> Result<()> {
    let context = || format!("failed to read `{}`", path.display());
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path).with_context(context)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::path);
        return entries.iter().try_for_each(|entry| add_files(tally, &entry.path(), node));
    }
    let name = path.display().to_string();
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("wasm") => drop(tally.add(&name, &fs::read(path).with_context(context)?, node)),
        Some("wat") => drop(tally.add(&name, &wat::parse_file(path)?, node)),
        Some(_) | None => {}
    }
    Ok(())
}
