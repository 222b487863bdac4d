//! Where to look and whom to trust, in parts: a command takes those that it reads.

use std::path::PathBuf;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use provenear_shared::settings::Settings;

/// What a verdict is made by.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Where to look.
    #[command(flatten)]
    pub place: Place,
    /// Whose word is heard.
    #[command(flatten)]
    pub signed: Signed,
    /// What it counts for.
    #[command(flatten)]
    pub accepted: Accepted,
}

/// Where to look.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where to look")]
pub struct Place {
    /// Settings saved by the page: network, endpoints, keys, images and stores
    ///
    /// Options beside it go first: `--network`, `--rpc`, `--quorum` and `--threshold` replace what the file says; `--trust`,
    /// `--accept-image`, `--accept-custom-build` and `--store` add to it. A file with anything in it that is not understood
    /// is refused, and no file can allow local sources.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// What `--settings` holds, once it was read.
    #[arg(skip)]
    pub chosen: Chosen,
    /// `mainnet`, `testnet` or another chain id (which needs `--rpc`)
    #[arg(long, value_name = "NETWORK")]
    pub network: Option<String>,
    /// An endpoint to ask instead of the default ones (repeatable)
    #[arg(long, value_name = "URL")]
    pub rpc: Vec<String>,
    /// How many endpoints must agree (default: 2, or 1 if only one is given)
    #[arg(long, value_name = "K")]
    pub quorum: Option<usize>,
    /// A block height or hash (default: the newest final block)
    #[arg(long, value_name = "HEIGHT|HASH")]
    pub block: Option<String>,
    /// More certificate authorities, as PEM
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// Whose word is heard, and where it is found.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Whom to trust")]
pub struct Signed {
    /// A public key whose manifests count, or a file of keys with names (repeatable)
    ///
    /// A key is written as `ed25519:<base58>`, as an OpenSSH line or as PEM.
    #[arg(long, value_name = "KEY|FILE", allow_hyphen_values = true)]
    pub trust: Vec<String>,
    /// Manifests from a file or URL (repeatable)
    #[arg(long, value_name = "FILE|URL")]
    pub manifest: Vec<String>,
    /// A store of manifests to ask (repeatable)
    #[arg(long, value_name = "URL|DIR")]
    pub store: Vec<String>,
}

/// What counts for a verdict.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Whom to trust")]
pub struct Accepted {
    /// How many different keys must agree (default: 1)
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub threshold: Option<usize>,
    /// An image digest to accept besides the published ones, or a file of them (repeatable)
    #[arg(long, value_name = "DIGEST|FILE")]
    pub accept_image: Vec<String>,
    /// Accept builds that are not the usual one
    ///
    /// Such a build runs another command, or has configuration that replaces programs or dependencies.
    #[arg(long)]
    pub accept_custom_build: bool,
    /// Fetch source from this machine and private networks, and accept rebuilds of such source
    #[arg(long)]
    pub allow_local_source: bool,
}

/// What a file of settings holds; without one, what is usual.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// What it says.
    pub settings: Settings,
    /// Its stores as URLs.
    pub stores: Vec<String>,
}
