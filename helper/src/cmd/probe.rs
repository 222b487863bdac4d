//! `provenear probe`: an author's own tree, built several times with one factor changed at a time.

mod text;

use provenear_shared::container::NetworkAccess;
use provenear_shared::manifest::Policy;
use provenear_shared::report::{Factor, ProbeOutcome};

use crate::args::{Output, Probe};
use crate::command;
use crate::engine::{Engine, Limits};
use crate::fetch::ImageNetwork;
use crate::files;
use crate::look::report::{print_json, print_styled, print_text};
use crate::network::url::LocalSources;
use crate::owner::Owner;
use crate::probe::{Asked, probe};
use crate::progress::Progress;
use crate::project;
use crate::rebuild::options::Options;
use crate::rebuild::ready;
use crate::source::checkout::Origin;
use crate::source::worktree::WorkTree;

/// Runs it.
///
/// # Errors
/// When the tree cannot be read, or not be built even with nothing changed.
pub fn run(args: &Probe, output: &Output) -> anyhow::Result<u8> {
    if args.list_factors {
        print_text(&text::factors())?;
        return Ok(0);
    }
    if args.show_commands {
        command::show_commands();
    }
    let mut progress = Progress::new(output.quiet);
    if !output.json {
        progress.beat();
    }
    // First what can be wrong at once.
    project::manifest(&args.dir)?;
    let tree = WorkTree::around(&args.dir)?;
    let options = options(args);
    let owner = Owner::current();
    let engine: Engine = ready::engine(args.engine.as_deref(), &owner, &files::cache_folder()?, &progress)?;
    let asked = Asked {
        tree,
        image: args.image.clone(),
        factors: if args.factors.is_empty() { Factor::ALL.to_vec() } else { args.factors.clone() },
        budget: args.budget,
        restart: args.restart,
    };
    let report = probe(&asked, &options, &engine, &owner, &mut progress)?;
    if output.json {
        print_json(&report)?;
    } else {
        print_styled(&text::report(&report))?;
    }
    Ok(match report.outcome {
        ProbeOutcome::Clean => 0,
        ProbeOutcome::Leaks => 1,
        ProbeOutcome::Incomplete => 3,
    })
}

fn options(args: &Probe) -> Options {
    let usual = Limits::default();
    Options {
        origin: Origin::Claimed,
        image: args.image.clone(),
        network_access: NetworkAccess::Fetch,
        accepted_images: Policy::new().images,
        other_images: if args.trust_image_network { ImageNetwork::Trusted } else { ImageNetwork::Refused },
        limits: Limits { memory: args.memory, cpus: args.cpus.unwrap_or(usual.cpus), time: args.timeout, ..usual },
        allow_unlimited: args.allow_unlimited,
        // It is the author's own tree, which may depend on what is beside it.
        local_sources: LocalSources::Allowed,
        ca_file: args.ca_file.clone(),
    }
}
