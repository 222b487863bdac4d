//! How to build.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use provenear_shared::container::NetworkAccess;

use crate::engine::limits::{parse_cpus, parse_size, parse_time};

/// How to build.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How to build")]
pub struct Build {
    /// What decides the code.
    #[command(flatten)]
    pub inputs: Inputs,
    /// What it may use.
    #[command(flatten)]
    pub bounds: Bounds,
}

/// What decides the code that comes out, beside the claim.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How to build")]
pub struct Inputs {
    /// Fetch the commit from another git repository, on this machine or by URL
    ///
    /// A file is the source archive of an earlier rebuild, for a repository that is gone: a manifest by a trusted key has to name
    /// it. `batch` takes none.
    #[arg(long, value_name = "DIR|URL|TAR")]
    pub source: Option<String>,
    /// Build in this image instead of the claimed one
    #[arg(long, value_name = "REF")]
    pub image: Option<String>,
    /// Network during the build; `fetch` is for its dependencies alone
    #[arg(long, value_name = "ACCESS", default_value = "fetch", value_parser = network_access())]
    pub network_access: NetworkAccess,
    /// Let the image's own cargo use the network for dependencies that nothing else can fetch
    ///
    /// Those are git dependencies and other registries. An image that you accept may do so anyway.
    #[arg(long)]
    pub trust_image_network: bool,
}

/// What a build may use, and how it is shown: what changes from machine to machine.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How to build")]
pub struct Bounds {
    /// Time for the claimed command, such as `90s` or `30m`; no step around it may take longer either
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_time)]
    pub timeout: Duration,
    /// Memory of the container
    #[arg(long, value_name = "SIZE", default_value = "8g", value_parser = parse_size)]
    pub memory: u64,
    /// Processors of the container (default: all)
    #[arg(long, value_name = "N", value_parser = parse_cpus)]
    pub cpus: Option<f64>,
    /// Processes and threads of the container
    #[arg(long, value_name = "N", default_value_t = 4096)]
    pub pids: u32,
    /// What the container may write in all
    #[arg(long, value_name = "SIZE", default_value = "20g", value_parser = parse_size)]
    pub disk: u64,
    /// What the build may print in all
    #[arg(long, value_name = "SIZE", default_value = "64m", value_parser = parse_size)]
    pub log_size: u64,
    /// Go on if the engine cannot enforce a limit; the manifest then says so
    #[arg(long)]
    pub allow_unlimited: bool,
    /// Show every command that is run
    #[arg(long)]
    pub show_commands: bool,
}

fn network_access() -> impl TypedValueParser<Value = NetworkAccess> {
    let words = NetworkAccess::ALL.map(NetworkAccess::as_str);
    let find = |word: String| NetworkAccess::ALL.into_iter().find(|access| access.as_str() == word);
    PossibleValuesParser::new(words).try_map(move |word| find(word).ok_or("no such access"))
}
