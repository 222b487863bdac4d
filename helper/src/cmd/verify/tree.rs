//! `provenear verify --tree`: what runs at the accounts that a tree names, against the commit in that tree. Not here: the verdict
//! about an account (`shared::inspect`), from which all of this follows.

mod judge;

use std::path::Path;

use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::Subject;
use provenear_shared::report::{ErrorCode, TreeAccount, TreeReport, TreeSchema, TreeState};

use self::judge::{Here, judge};
use crate::args::{Common, Output, Verify};
use crate::failure::{Code, code_of, fail};
use crate::look::given;
use crate::look::inspection::look;
use crate::look::question::{manifest, question};
use crate::look::report::{print_json, print_styled};
use crate::network::transport::Http;
use crate::progress::{Progress, make_printable};
use crate::project::history::History;
use crate::project::{self, Package};
use crate::redact;

use anstyle::{AnsiColor, Style};
use provenear_shared::near::{AccountId, MAX_CONTRACT_SIZE, Network};

/// Exit codes, the worst first.
const WORST_FIRST: [u8; 4] = [4, 1, 3, 0];

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, no account is named, or a file cannot be read.
pub(super) fn run(args: &Verify, tree: &Path, output: &Output) -> anyhow::Result<u8> {
    let progress = Progress::new(output.quiet || output.json);
    let history = History::open(tree)?;
    let named = accounts(args, tree, &history)?;
    let artifact = artifact(args, &named, &Progress::new(output.quiet))?;
    let http = Http::new(args.common.place.ca_file.as_deref())?;
    let mut common = args.common.clone();
    let texts = args.manifests.iter().map(|from| manifest(from, &http)).collect::<anyhow::Result<Vec<_>>>()?;
    one_network(&named, &common)?;

    let mut accounts = Vec::new();
    for (package, network, account) in &named {
        common.place.network = Some(network.chain_id().to_owned());
        let mut question = question(Subject::Account(account.clone()), &common, &http)?;
        question.manifests.extend(texts.iter().cloned());
        progress.say(&format!("looking at {account} on {}", network.chain_id(), account = account.as_str()));
        let inspection = look(&question, &http, &progress);
        let looked =
            Here::of(package, &history).and_then(|here| judge(&here, &history, &inspection, artifact.as_ref()));
        accounts.push(looked.map_or_else(
            |error| not_checked(package, network, account, &error),
            |it| it.account(package, network, account),
        ));
    }
    let exit =
        WORST_FIRST.into_iter().find(|code| accounts.iter().any(|it| it.state.exit_code() == *code)).unwrap_or(4);
    let (commit, tags) = (history.head().to_owned(), history.tags(history.head())?);
    let report =
        TreeReport { schema: TreeSchema::V1, error: (), commit, tags, shallow: history.is_shallow(), accounts, exit };
    if output.json {
        print_json(&report)?;
    } else {
        print_styled(&text(&report))?;
        point_to_rebuilders(&named, &report, &progress)?;
    }
    Ok(exit)
}

/// The accounts that the packages name, on the network that was asked for if one was.
fn accounts(args: &Verify, tree: &Path, history: &History) -> anyhow::Result<Vec<(Package, Network, AccountId)>> {
    let mut named = Vec::new();
    for (package, deployed) in project::naming_accounts(tree, history, &args.package)? {
        for (network, account) in deployed.accounts {
            if args.common.place.network.as_ref().is_none_or(|it| it == network.chain_id()) {
                named.push((package.clone(), network, account));
            }
        }
    }
    if named.is_empty() {
        let on =
            args.common.place.network.as_ref().map(|it| format!(" on `{}`", it.escape_debug())).unwrap_or_default();
        let tree = tree.display();
        return fail(
            Code::Usage,
            format!(
                "no package of `{tree}` names an account{on}; `provenear init {tree} --account ACCOUNT` writes one"
            ),
        );
    }
    Ok(named)
}

/// The hash of what was built here.
fn artifact(
    args: &Verify,
    named: &[(Package, Network, AccountId)],
    progress: &Progress,
) -> anyhow::Result<Option<Sha256Digest>> {
    let Some(path) = &args.artifact else { return Ok(None) };
    let first = named.first().map(|(package, ..)| &package.manifest);
    if named.iter().any(|(package, ..)| Some(&package.manifest) != first) {
        return fail(
            Code::Usage,
            "`--artifact` is one contract, and several packages name accounts: choose one by `--package`",
        );
    }
    given::read_module(&path.to_string_lossy(), MAX_CONTRACT_SIZE, progress).map(|bytes| Some(Sha256Digest::of(&bytes)))
}

/// Endpoints that are named are those of one network.
fn one_network(named: &[(Package, Network, AccountId)], common: &Common) -> anyhow::Result<()> {
    let first = named.first().map(|(_, network, _)| network);
    if !common.place.rpc.is_empty() && named.iter().any(|(_, network, _)| Some(network) != first) {
        return fail(
            Code::Usage,
            "`--rpc` is about one network, and the tree names accounts on several: see `--network`",
        );
    }
    Ok(())
}

fn not_checked(package: &Package, network: &Network, account: &AccountId, error: &anyhow::Error) -> TreeAccount {
    let (code, message): (ErrorCode, _) = (code_of(error), redact::redact_error(error));
    TreeAccount {
        package: package.name.clone(),
        network: network.clone(),
        account_id: account.clone(),
        code_hash: None,
        state: TreeState::NotChecked,
        error: Some(TreeAccount::reason(code, &message)),
        message,
        verdict: None,
        commit: None,
    }
}

/// One line for the commit, and one for each account.
fn text(report: &TreeReport) -> String {
    let shown = |text: &str| make_printable(text.as_bytes()).replace('\n', " ");
    let tags = if report.tags.is_empty() { String::new() } else { format!(" ({})", report.tags.join(", ")) };
    let mut text = format!("{}\n", shown(&format!("commit {}{tags}", report.commit)));
    for account in &report.accounts {
        let color = match account.state {
            TreeState::Same => AnsiColor::Green,
            TreeState::Differs | TreeState::OtherCommit => AnsiColor::Red,
            TreeState::SameWithReservations | TreeState::Unknown | TreeState::NotChecked => AnsiColor::Yellow,
        };
        let style: Style = color.on_default().bold();
        let (name, network) = (account.account_id.as_str(), account.network.chain_id());
        let line = shown(&format!("{name} on {network}: {}", account.message));
        text.push_str(&format!("{style}{}{style:#} {line}\n", account.state.code()));
    }
    text
}

/// Where nothing is known, names the rebuilders that the repository points to. That makes nobody trusted.
fn point_to_rebuilders(
    named: &[(Package, Network, AccountId)],
    report: &TreeReport,
    progress: &Progress,
) -> anyhow::Result<()> {
    if report.accounts.iter().all(|account| account.state != TreeState::Unknown) {
        return Ok(());
    }
    let mut rebuilders = Vec::new();
    for (package, ..) in named {
        rebuilders.extend(project::deployed(package)?.rebuilders);
    }
    rebuilders.sort();
    rebuilders.dedup();
    if !rebuilders.is_empty() {
        let list = rebuilders.join(", ");
        progress.note(&format!(
            "the repository points to {list}: a key counts with `--trust` alone, and a store is asked with `--store`"
        ));
    }
    Ok(())
}
