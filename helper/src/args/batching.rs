//! `provenear batch`, in one and in three steps.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Subcommand};
use provenear_shared::digest::Sha256Digest;

use super::building::{Bounds, Build, Inputs};
use super::{Common, Place, help};

/// Most shards of a matrix: GitHub starts no more jobs of one.
const MOST_SHARDS: u64 = 256;

/// `provenear batch`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub struct Batch {
    /// One of its steps alone.
    #[command(subcommand)]
    pub step: Option<BatchStep>,
    /// A file with one subject a line: plain, with comments (`#`) and list marks, or a table's first column
    ///
    /// A file that is called as a step is (`plan`) is given as `./plan`.
    #[arg(required = true)]
    pub list: Option<PathBuf>,
    /// The key to sign with (default: one in the user's data folder, created on first use)
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where to write results; finished rebuilds found there are not done again
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// `docker`, `podman`, a path, or a remote `ssh://…` or `tcp://…`
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// How many rebuilds at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = jobs())]
    pub jobs: usize,
    /// How many subjects to look up at once, and how many requests at once to each endpoint and store
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = lookups())]
    pub lookups: usize,
    /// How to build.
    #[command(flatten)]
    pub build: Build,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

/// The steps of a batch, each of which can run on a machine of its own.
#[derive(Debug, Subcommand)]
pub enum BatchStep {
    /// Look every subject up, and write down what is to be built
    #[command(after_long_help = help::batch_plan())]
    Plan(Box<Plan>),
    /// Build units of a plan, on any machine
    #[command(after_long_help = help::batch_run())]
    Run(Box<Run>),
    /// Check what runs left, and put it into a store
    #[command(after_long_help = help::batch_merge())]
    Merge(Merge),
}

impl Batch {
    /// Where to look, where it looks.
    pub fn place(&mut self) -> Option<&mut Place> {
        match &mut self.step {
            None => Some(&mut self.common.place),
            Some(BatchStep::Plan(plan)) => Some(&mut plan.common.place),
            Some(BatchStep::Run(_) | BatchStep::Merge(_)) => None,
        }
    }
}

/// `provenear batch plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// A file with one subject a line, as `batch` takes it
    pub list: PathBuf,
    /// Where to write the plan
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Print a matrix of a GitHub workflow with at most so many shards, instead of the ids of the units
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=MOST_SHARDS))]
    pub matrix: Option<usize>,
    /// How many subjects to look up at once, and how many requests at once to each endpoint and store
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = lookups())]
    pub lookups: usize,
    /// Leave out also what a store answers by a rebuild around which not every limit was enforced
    #[arg(long)]
    pub allow_unlimited: bool,
    /// What decides the code.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

/// `provenear batch run`.
#[derive(Debug, Args)]
pub struct Run {
    /// A plan, as `batch plan` wrote it
    pub plan: PathBuf,
    /// The units of it to build, by their ids (default: all)
    #[arg(value_name = "UNIT", value_parser = unit)]
    pub units: Vec<Sha256Digest>,
    /// Where to write, in a folder for each unit; finished units found there are not built again
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The key to sign with (default: one in the user's data folder, created on first use)
    #[arg(long, value_name = "FILE", conflicts_with = "unsigned")]
    pub key: Option<PathBuf>,
    /// Sign nothing: `batch merge --key` does, once it has checked what is here
    #[arg(long)]
    pub unsigned: bool,
    /// `docker`, `podman`, a path, or a remote `ssh://…` or `tcp://…`
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// How many rebuilds at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = jobs())]
    pub jobs: usize,
    /// More certificate authorities, as PEM
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Build also what a plan takes from this machine or a private network
    #[arg(long)]
    pub allow_local_source: bool,
    /// Let the images' own cargo use the network where the plan asks for it
    #[arg(long)]
    pub trust_image_network: bool,
    /// Let this image's cargo alone do that, by its digest (repeatable); published images may anyway
    #[arg(long, value_name = "DIGEST", value_parser = image)]
    pub accept_image: Vec<Sha256Digest>,
    /// What it may use.
    #[command(flatten)]
    pub bounds: Bounds,
}

/// `provenear batch merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// Folders that `batch run` wrote
    #[arg(required = true, num_args = 1.., value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// The store: a folder, made if there is none
    #[arg(long, value_name = "STORE")]
    pub to: PathBuf,
    /// Take units of this plan alone, and say which have no result
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<PathBuf>,
    /// A store that `publish` fills, as its `--to` names it: what differs from what is published there is not signed
    ///
    /// It is only read. Manifests of it count by whomever they are signed, so name a store that nobody else fills.
    #[arg(long, value_name = "STORE")]
    pub published: Option<PathBuf>,
    /// The key to sign with what runs left unsigned, for which `--plan` is needed; `-` reads standard input
    ///
    /// Of what is signed already, the manifests by this key and by those of `--trust` are then taken alone.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Take manifests by this key, or by a key in this file, and by no other (repeatable)
    #[arg(long, value_name = "KEY|FILE")]
    pub trust: Vec<String>,
}

fn jobs() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=64)
}

fn lookups() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=256)
}

fn image(text: &str) -> Result<Sha256Digest, &'static str> {
    Sha256Digest::from_oci(text).map_err(|_| "a digest of an image is `sha256:` and 64 hexadecimal digits")
}

fn unit(text: &str) -> Result<Sha256Digest, &'static str> {
    Sha256Digest::from_hex(text).map_err(|_| "an id of a unit has 64 hexadecimal digits")
}
