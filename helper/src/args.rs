//! What people type.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
pub use provenear_shared::container::NetworkAccess;
use provenear_shared::settings::Settings;

use crate::engine::limits::{parse_size, parse_time};

/// Is the code that this account runs the code that its source says it is?
#[derive(Debug, Parser)]
#[command(name = "provenear", version = crate::version::VERSION.as_str(), about, max_term_width = 110)]
pub struct Provenear {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Command {
    /// Where to look and whom to trust, for those that do either.
    pub fn common(&mut self) -> Option<&mut Common> {
        match self {
            Command::Inspect(args) => Some(&mut args.common),
            Command::Rebuild(args) => Some(&mut args.common),
            Command::Verify(args) => Some(&mut args.common),
            Command::Diff(args) => Some(&mut args.common),
            Command::Batch(args) => Some(&mut args.common),
            Command::Publish(_)
            | Command::Keygen(_)
            | Command::Cache(_)
            | Command::Completions { .. }
            | Command::Man { .. } => None,
        }
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show an account's code, its claim and the verdict
    Inspect(Inspect),
    /// Rebuild the claimed commit in a container, and sign the result
    Rebuild(Box<Rebuild>),
    /// Check manifests against the chain or a file
    Verify(Verify),
    /// Compare two modules and say why they differ
    Diff(Diff),
    /// Put manifests and the files beside them into a static store that the page reads
    Publish(Publish),
    /// Rebuild many subjects, with one JSON line each; finished rebuilds are kept
    Batch(Box<Batch>),
    /// Make or import an Ed25519 signing key, and print its public half
    Keygen(Keygen),
    /// Show or remove what is kept between rebuilds
    Cache(Cache),
    /// Print the completions of a shell: `provenear completions bash > ~/.local/share/bash-completion/completions/provenear`
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write a manual page for each command into a folder
    Man {
        /// Where to; made if it is not there
        folder: PathBuf,
    },
}

/// Where to look and whom to trust.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Settings saved by the page: network, endpoints, keys, images and stores. What is given beside it goes first: `--network`,
    /// `--rpc`, `--quorum` and `--threshold` replace what the file says; `--trust`, `--accept-image`, `--accept-custom-build` and
    /// `--store` add to it. A file with anything that is not understood is refused, and no file can allow local sources
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// What `--settings` holds, once it was read.
    #[arg(skip)]
    pub chosen: Chosen,
    /// `mainnet`, `testnet` or another chain id (which needs `--rpc`)
    #[arg(long, value_name = "NETWORK")]
    pub network: Option<String>,
    /// An endpoint to ask instead of the usual ones (repeatable)
    #[arg(long, value_name = "URL")]
    pub rpc: Vec<String>,
    /// How many endpoints must agree (default: 2, or 1 where only one is given)
    #[arg(long, value_name = "K")]
    pub quorum: Option<usize>,
    /// A block height or hash (default: the newest final block)
    #[arg(long, value_name = "HEIGHT|HASH")]
    pub block: Option<String>,
    /// A key whose manifests count, in any spelling, or a file of keys with names (repeatable)
    #[arg(long, value_name = "KEY|FILE", allow_hyphen_values = true)]
    pub trust: Vec<String>,
    /// How many different keys must agree (default: 1)
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub threshold: Option<usize>,
    /// An image digest to accept besides the published ones, or a file of them (repeatable)
    #[arg(long, value_name = "DIGEST|FILE")]
    pub accept_image: Vec<String>,
    /// Accept a build that is not the customary one: another command, or configuration that replaces programs or dependencies
    #[arg(long)]
    pub accept_custom_build: bool,
    /// Fetch source from this machine and private networks, and accept rebuilds of such source
    #[arg(long)]
    pub allow_local_source: bool,
    /// Manifests from a file or URL (repeatable)
    #[arg(long, value_name = "FILE|URL")]
    pub manifest: Vec<String>,
    /// A store of manifests to ask (repeatable)
    #[arg(long, value_name = "URL|DIR")]
    pub store: Vec<String>,
    /// More certificate authorities, as PEM
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How to print the answer.
    #[command(flatten)]
    pub output: Output,
}

/// What a file of settings holds; without one, what is usual.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// What it says.
    pub settings: Settings,
    /// Its stores as URLs.
    pub stores: Vec<String>,
}

/// How to print the answer.
#[derive(Debug, Clone, Args)]
pub struct Output {
    /// Print one JSON object on stdout and nothing else
    #[arg(long)]
    pub json: bool,
    /// No progress, no logs
    #[arg(long, short)]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `provenear inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// An account id, a path (ending in .wasm, with a slash, or `file:…`), or a code hash (`account:…`, `hash:…` where it could be both)
    pub subject: String,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

/// `provenear verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Manifest files or URLs, then what they are about (default: what those by trusted keys say)
    #[arg(required = true, num_args = 1.., value_name = "MANIFEST… [SUBJECT]")]
    pub manifests: Vec<String>,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

/// `provenear diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// An account id (`app.near@HEIGHT` or `app.near@HASH` for one block), a path to a .wasm, or a code hash
    pub a: String,
    /// Another one, or the same account at another block
    pub b: String,
    /// Show a function of both side by side: its index in the first module, `b:N` for one in the second, or its export name
    #[arg(long, value_name = "N")]
    pub function: Option<FunctionName>,
    /// Where to look.
    #[command(flatten)]
    pub common: Common,
}

/// A function of one of two modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionName {
    /// Index in the first, imports counted.
    First(u32),
    /// Index in the second.
    Second(u32),
    /// Exported under this name by either.
    Exported(String),
}

impl FromStr for FunctionName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<FunctionName, Infallible> {
        let index = |text: &str| text.parse().ok();
        let second = || text.strip_prefix("b:").and_then(index).map(FunctionName::Second);
        let found = index(text.strip_prefix("a:").unwrap_or(text)).map(FunctionName::First).or_else(second);
        Ok(found.unwrap_or_else(|| FunctionName::Exported(text.to_owned())))
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FunctionName::First(index) => write!(f, "{index}"),
            FunctionName::Second(index) => write!(f, "b:{index}"),
            FunctionName::Exported(name) => write!(f, "{}", name.escape_debug()),
        }
    }
}

/// `provenear publish`.
#[derive(Debug, Args)]
pub struct Publish {
    /// Manifest files, as `rebuild` wrote them; what lies beside them is taken along
    #[arg(required = true, num_args = 1.., value_name = "MANIFEST…")]
    pub manifests: Vec<PathBuf>,
    /// The folder of the static site
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `provenear batch`.
#[derive(Debug, Args)]
pub struct Batch {
    /// A file with one subject a line; `#` begins a comment
    pub list: PathBuf,
    /// The key to sign with (default: one in the user's data folder, made on first use)
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where results are written, and where what is finished is known by
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// `docker`, `podman`, a path, or a remote `ssh://…` or `tcp://…`; repeatable, and they share the work
    #[arg(long, value_name = "ENGINE")]
    pub engine: Vec<String>,
    /// How many rebuilds at once on each engine
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=64))]
    pub jobs: usize,
    /// How to build.
    #[command(flatten)]
    pub build: Build,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

/// `provenear keygen`.
#[derive(Debug, Args)]
pub struct Keygen {
    /// Where to write the key (default: the user's data folder)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Import a NEAR credentials file, an OpenSSH ed25519 key or PKCS#8 PEM (`-`: from standard input)
    #[arg(long, value_name = "FILE")]
    pub import: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `provenear cache`.
#[derive(Debug, Args)]
pub struct Cache {
    /// Remove it
    #[arg(long)]
    pub clear: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `provenear rebuild`.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// An account id, a path to a .wasm, or a code hash
    #[arg(required_unless_present = "recipe")]
    pub subject: Option<String>,
    /// Build this NEP-330 metadata (JSON) instead of what the contract claims
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// The key to sign with; `-`: from standard input (default: one in the user's data folder, made on first use)
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where to write artifact, log, source archive and manifest
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// `docker`, `podman`, a path, or a remote `ssh://…` or `tcp://…` (with TLS; certificates as Docker's client finds them)
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// Print the exact commands, to copy and run without Provenear, and stop
    #[arg(long)]
    pub print_commands: bool,
    /// How to build.
    #[command(flatten)]
    pub build: Build,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

/// How to build.
#[derive(Debug, Clone, Args)]
pub struct Build {
    /// Take the commit from another git repository, on this machine or by URL
    #[arg(long, value_name = "DIR|URL")]
    pub source: Option<String>,
    /// Build in this image instead of the claimed one
    #[arg(long, value_name = "REF")]
    pub image: Option<String>,
    /// Network during the build: `fetch` (dependencies only), `full`, `none`
    #[arg(long, value_name = "ACCESS", default_value = "fetch", value_parser = network_access())]
    pub network_access: NetworkAccess,
    /// Let the image's own cargo use the network where only that can fetch a dependency (git, other registries), accepted or not
    #[arg(long)]
    pub trust_image_network: bool,
    /// Time for the claimed command, and the most for each step around it, such as `90s` or `30m`
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_time)]
    pub timeout: Duration,
    /// Memory of the container
    #[arg(long, value_name = "SIZE", default_value = "8g", value_parser = parse_size)]
    pub memory: u64,
    /// Processors of the container (default: all)
    #[arg(long, value_name = "N")]
    pub cpus: Option<f64>,
    /// Processes and threads of the container
    #[arg(long, value_name = "N", default_value_t = 4096)]
    pub pids: u32,
    /// What the container may write in all
    #[arg(long, value_name = "SIZE", default_value = "20g", value_parser = parse_size)]
    pub disk: u64,
    /// Output of the build
    #[arg(long, value_name = "SIZE", default_value = "64m", value_parser = parse_size)]
    pub log_size: u64,
    /// Go on where the engine cannot enforce a limit
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Provenear::command().debug_assert();
    }

    #[test]
    fn a_rebuild_needs_a_subject_or_a_recipe() {
        assert!(Provenear::try_parse_from(["provenear", "rebuild"]).is_err());
        assert!(Provenear::try_parse_from(["provenear", "rebuild", "--recipe", "r.json"]).is_ok());
        assert!(Provenear::try_parse_from(["provenear", "inspect", "a.near", "--threshold", "0"]).is_err());
        // A key as PEM begins like an option.
        assert!(
            Provenear::try_parse_from(["provenear", "inspect", "a.near", "--trust", "-----BEGIN PUBLIC KEY-----"])
                .is_ok()
        );
        assert!(
            Provenear::try_parse_from(["provenear", "rebuild", "a.near", "--timeout", "90s", "--memory", "2g"]).is_ok()
        );
    }
}
