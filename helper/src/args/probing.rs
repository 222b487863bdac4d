//! `provenear probe`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use provenear_shared::report::Factor;

use crate::engine::limits::{parse_cpus, parse_size, parse_time};

/// `provenear probe`.
#[derive(Debug, Args)]
pub struct Probe {
    /// The folder of the contract; its files are copied as they are, committed or not
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// What to change, separated by commas (default: everything that `--list-factors` names)
    #[arg(long, value_name = "FACTOR", value_delimiter = ',', value_parser = factor())]
    pub factors: Vec<Factor>,
    /// Say what can be changed, and stop
    #[arg(long, conflicts_with_all = ["factors", "json"])]
    pub list_factors: bool,
    /// Begin no build that would not end within this time, such as `20m`; the next run goes on
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub budget: Option<Duration>,
    /// Build again what an earlier run has built
    #[arg(long)]
    pub restart: bool,
    /// Build in this image instead of the one that `Cargo.toml` names
    #[arg(long, value_name = "REF")]
    pub image: Option<String>,
    /// `docker`, `podman`, a path, or a remote `ssh://…` or `tcp://…`
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// Let the image's own cargo use the network for dependencies that nothing else can fetch
    #[arg(long)]
    pub trust_image_network: bool,
    /// Time for one build, such as `90s` or `30m`
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_time)]
    pub timeout: Duration,
    /// Memory of the container
    #[arg(long, value_name = "SIZE", default_value = "8g", value_parser = parse_size)]
    pub memory: u64,
    /// Processors of the container (default: all)
    #[arg(long, value_name = "N", value_parser = parse_cpus)]
    pub cpus: Option<f64>,
    /// Go on if the engine cannot enforce a limit
    #[arg(long)]
    pub allow_unlimited: bool,
    /// More certificate authorities, as PEM
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Show every command that is run
    #[arg(long)]
    pub show_commands: bool,
}

fn factor() -> impl TypedValueParser<Value = Factor> {
    let words = Factor::ALL.iter().map(|factor| factor.code());
    PossibleValuesParser::new(words).try_map(|word| Factor::parse(&word).ok_or("no such factor"))
}
