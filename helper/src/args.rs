//! What people type: commands and their options. Each command is composed of the parts that it reads, so that none lists an
//! option that changes nothing. Not here: what an option means (`look`, `rebuild`).

mod asking;
mod authoring;
mod batching;
mod building;
mod function;
mod help;
mod probing;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
pub use provenear_shared::container::NetworkAccess;

pub use asking::{Accepted, Chosen, Common, Place, Signed};
pub use authoring::Init;
pub use batching::{Batch, BatchStep, Merge, Plan, Run};
pub use building::{Bounds, Build, Inputs};
pub use function::FunctionName;
pub use probing::Probe;

/// Check whether a NEAR account runs the code that its published source gives
#[derive(Debug, Parser)]
#[command(name = "provenear", version = crate::version::VERSION.as_str(), max_term_width = 110)]
#[command(after_long_help = help::overview())]
pub struct Provenear {
    /// How to print, before or after the command.
    #[command(flatten)]
    pub output: Output,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show an account's code, its claim and the verdict
    #[command(after_long_help = help::inspect())]
    Inspect(Inspect),
    /// Rebuild the claimed commit in a container, and sign the result
    #[command(after_long_help = help::rebuild())]
    Rebuild(Box<Rebuild>),
    /// Check signed rebuilds (manifests) against the chain or a file
    #[command(after_long_help = help::verify())]
    Verify(Verify),
    /// Compare two modules and say why they differ
    #[command(after_long_help = help::diff())]
    Diff(Diff),
    /// Say what keeps the contract in a folder from being rebuilt, before it is deployed
    #[command(after_long_help = help::lint())]
    Lint(Lint),
    /// Build your contract several times, one factor changed at a time, and say what leaks into the code
    #[command(after_long_help = help::probe())]
    Probe(Probe),
    /// Put manifests and the files beside them into a static store that the page reads
    #[command(after_long_help = help::publish())]
    Publish(Publish),
    /// Rebuild many subjects, with one JSON line each; finished rebuilds are kept
    #[command(after_long_help = help::batch())]
    Batch(Box<Batch>),
    /// Make a contract rebuildable: write what its manifest needs, and a workflow
    #[command(after_long_help = help::init())]
    Init(Box<Init>),
    /// Create or import an Ed25519 signing key, and print its public half
    #[command(after_long_help = help::keygen())]
    Keygen(Keygen),
    /// Show or remove the dependencies that are kept between rebuilds
    #[command(after_long_help = help::cache())]
    Cache(Cache),
    /// Say what a code means and what to do about it
    #[command(long_flag = "explain", after_long_help = help::explain())]
    Explain {
        /// A verdict, notice, gap, error or rejection, as reports name it; none lists them all
        code: Option<String>,
    },
    /// Print the completions for a shell
    #[command(after_long_help = help::completions())]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write a manual page for each command into a folder
    #[command(after_long_help = help::man())]
    Man {
        /// The folder; created if it does not exist
        folder: PathBuf,
    },
}

impl Command {
    /// Where to look, for commands that do.
    pub fn place(&mut self) -> Option<&mut Place> {
        match self {
            Command::Inspect(args) => Some(&mut args.common.place),
            Command::Rebuild(args) => Some(&mut args.common.place),
            Command::Verify(args) => Some(&mut args.common.place),
            Command::Diff(args) => Some(&mut args.place),
            Command::Batch(args) => args.place(),
            Command::Lint(_)
            | Command::Publish(_)
            | Command::Probe(_)
            | Command::Init(_)
            | Command::Keygen(_)
            | Command::Cache(_)
            | Command::Explain { .. }
            | Command::Completions { .. }
            | Command::Man { .. } => None,
        }
    }
}

/// How to print. Every command takes these, before or after its name.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Print JSON on stdout, errors included
    #[arg(long, global = true)]
    pub json: bool,
    /// Print no progress, logs or notes on stderr
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to use colours
    ///
    /// `auto` uses them on a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`; `CLICOLOR_FORCE` uses them everywhere.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorChoice,
}

impl Output {
    /// When to use colours, for everything that is printed.
    pub fn colors(&self) -> anstream::ColorChoice {
        to_anstream(self.color)
    }
}

/// What prints text and nothing else, and refuses `--json`.
pub const TEXT_ALONE: [&str; 4] = ["init", "explain", "completions", "man"];

impl Provenear {
    /// The parser. Of an option that is global the help of no command that refuses it speaks.
    pub fn parser() -> clap::Command {
        let mut parser = Self::command();
        // Global options reach the commands only now.
        parser.build();
        for command in parser.get_subcommands_mut().filter(|command| TEXT_ALONE.contains(&command.get_name())) {
            let of_text = |option: Arg| if option.get_id() == "json" { option.hide(true) } else { option };
            *command = std::mem::take(command).mut_args(of_text);
        }
        parser
    }

    /// Reads a command line. Usage errors end the process with exit code 2, `--help` and `--version` with 0.
    pub fn typed(words: Vec<OsString>) -> Provenear {
        let mut matches = Self::parser().try_get_matches_from(words).unwrap_or_else(|mut error| {
            // A misspelt step of `batch` is a list to the parser, which then complains of what follows.
            if error.kind() == ErrorKind::ArgumentConflict && error.get(ContextKind::InvalidSubcommand).is_some() {
                let steps = "the steps of `batch` are `plan`, `run` and `merge`";
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![steps.into()]));
            }
            error.exit()
        });
        Self::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit())
    }
}

/// The words of a command line as the parser takes them: of an option that is a command (`--explain=CODE`) it would drop the value.
pub fn words(typed: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let parted = |word: OsString| match word.to_str().and_then(|word| word.strip_prefix("--explain=")) {
        Some(code) => vec!["--explain".into(), code.into()],
        None => vec![word],
    };
    typed.flat_map(parted).collect()
}

/// What `--color` says in a command line that was not read yet: what is wrong with one is told in colours, too.
pub fn color_asked(words: impl Iterator<Item = OsString>) -> anstream::ColorChoice {
    let words: Vec<String> =
        words.map(|word| word.to_string_lossy().into_owned()).take_while(|it| it != "--").collect();
    let value = |(at, word): (usize, &String)| match word.strip_prefix("--color") {
        Some("") => words.get(at + 1).cloned(),
        Some(rest) => rest.strip_prefix('=').map(str::to_owned),
        None => None,
    };
    let mut asked =
        words.iter().enumerate().filter_map(value).filter_map(|word| ColorChoice::from_str(&word, false).ok());
    to_anstream(asked.next_back().unwrap_or(ColorChoice::Auto))
}

fn to_anstream(color: ColorChoice) -> anstream::ColorChoice {
    match color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}

/// `provenear inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// An account id, a link to one in an explorer, a path, or a code hash
    ///
    /// `app.near@HEIGHT` or `app.near@HASH` is an account at one block. A path ends in .wasm, has a slash in it (`./app.bin`), or
    /// is written as `file:…`. `account:…` and `hash:…` tell apart what could be both.
    pub subject: String,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

/// `provenear verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Manifest files or URLs, then what they are about
    ///
    /// Without a subject, the manifests by keys that you trust say what they are about. With `--tree`, no manifest is needed.
    #[arg(required_unless_present = "tree", num_args = 1.., value_name = "MANIFEST… [SUBJECT]")]
    pub manifests: Vec<String>,
    /// Check the accounts that this tree names (see `init --account`) against the commit in it
    ///
    /// An account is the same if rebuilds by keys that you trust say that its code comes from this commit, or if it is
    /// `--artifact`, byte for byte, and that file claims this commit. What a contract claims is not enough.
    #[arg(long, value_name = "DIR")]
    pub tree: Option<PathBuf>,
    /// With `--tree`: the contract as it was built here
    #[arg(long, value_name = "FILE", requires = "tree")]
    pub artifact: Option<PathBuf>,
    /// With `--tree`: the accounts of this package of the workspace alone (repeatable)
    #[arg(long, value_name = "NAME", requires = "tree")]
    pub package: Vec<String>,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

/// `provenear diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// An account id, `account@HEIGHT` or `account@HASH` for one block, a path to a .wasm, or a code hash (`hash:…`, `sha256:…`)
    pub a: String,
    /// Another one, or the same account at another block
    pub b: String,
    /// Show a function of both side by side: its index in `a`, `b:N` for one in `b`, or its export name
    #[arg(long, value_name = "N")]
    pub function: Option<FunctionName>,
    /// Where to look.
    #[command(flatten)]
    pub place: Place,
    /// What says on which platform a module was built.
    #[command(flatten)]
    pub signed: Signed,
}

/// `provenear lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// The folder of a contract, or of a repository with several
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Correct what is safe to correct; each change is shown first
    #[arg(long)]
    pub fix: bool,
    /// How to print: `text` for a person, `json`, `sarif` for code hosts, `github` for annotations of a workflow
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<LintFormat>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For a person.
    Text,
    /// As `--json`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
}

/// `provenear publish`.
#[derive(Debug, Args)]
pub struct Publish {
    /// Manifest files, as `rebuild` wrote them, with the files beside them; and what a merge noted of units (`.unit.json`)
    #[arg(required = true, num_args = 1.., value_name = "MANIFEST…")]
    pub manifests: Vec<PathBuf>,
    /// The folder of the static site
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// `provenear keygen`.
#[derive(Debug, Args)]
pub struct Keygen {
    /// Where to write the key (default: the user's data folder)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Import a NEAR credentials file, an OpenSSH ed25519 key or PKCS#8 PEM (`-` reads standard input)
    #[arg(long, value_name = "FILE")]
    pub import: Option<PathBuf>,
}

/// `provenear cache`.
#[derive(Debug, Args)]
pub struct Cache {
    /// Remove everything that is kept
    #[arg(long)]
    pub clear: bool,
}

/// `provenear rebuild`.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// An account id (`app.near@HEIGHT` for one block), a path to a .wasm, or a code hash
    #[arg(required_unless_present_any = ["recipe", "tree"])]
    pub subject: Option<String>,
    /// Build this NEP-330 metadata (JSON) instead of what the contract claims
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// Build the commit in this tree as cargo-near would, before there is any code to read a claim from
    #[arg(long, value_name = "DIR", conflicts_with_all = ["subject", "recipe"])]
    pub tree: Option<PathBuf>,
    /// With `--tree`: this package of the workspace
    #[arg(long, value_name = "NAME", requires = "tree")]
    pub package: Option<String>,
    /// With `--tree`: this variant of the build
    #[arg(long, value_name = "NAME", requires = "tree")]
    pub variant: Option<String>,
    /// The key to sign with; `-` reads standard input (default: one in the user's data folder, created on first use)
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where to write artifact, log, source archive and manifest
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// `docker`, `podman`, a path, or a remote `ssh://…` or `tcp://…`
    ///
    /// `tcp://` is spoken with TLS; its certificates are found as Docker's client finds them.
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// Print the exact commands as a script that needs no Provenear, and stop
    #[arg(long, conflicts_with_all = ["key", "out", "json"])]
    pub print_commands: bool,
    /// How to build.
    #[command(flatten)]
    pub build: Build,
    /// Where to look and whom to trust.
    #[command(flatten)]
    pub common: Common,
}

#[cfg(test)]
mod tests;
