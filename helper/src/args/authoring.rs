//! What an author types.

use std::path::PathBuf;

use clap::Args;

/// `provenear init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder of the contract, or of its workspace
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// This package of the workspace (repeatable)
    #[arg(long, value_name = "NAME")]
    pub package: Vec<String>,
    /// The image to build in, `NAME:TAG@sha256:…` (default: the newest published one that suits `Cargo.lock`)
    #[arg(long, value_name = "REF")]
    pub image: Option<String>,
    /// An account that the contract is deployed to, which `verify --tree` then checks (repeatable)
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Vec<String>,
    /// The network of those accounts (default: `testnet` for `….testnet`, `mainnet` for others)
    #[arg(long, value_name = "NETWORK", requires = "account")]
    pub network: Option<String>,
    /// A rebuilder to point to: its public key, or the address of its store (repeatable)
    ///
    /// Nobody trusts a key because a repository names it.
    #[arg(long, value_name = "KEY|URL")]
    pub rebuilder: Vec<String>,
    /// The published action that the workflow uses, by commit
    #[arg(long, value_name = "OWNER/NAME@COMMIT")]
    pub action: Option<String>,
    /// Write no workflow
    #[arg(long)]
    pub no_workflow: bool,
    /// Show the changes as a diff, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Replace without a question what is there and different
    #[arg(long, short)]
    pub yes: bool,
}
