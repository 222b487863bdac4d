//! What is printed: one JSON object, or a few lines for a person. Not here: wording of verdicts (`shared`).

use std::io::Write;

use anstyle::{AnsiColor, Style};
use provenear_shared::Report;
use provenear_shared::customary;
use provenear_shared::key::PublicKey;
use provenear_shared::manifest::{Rejection, Relation};
use provenear_shared::near::AccountKind;
use provenear_shared::report::{Changeable, Coded, HolderReport, ManifestReport, PrintedReport, RebuildReport};
use provenear_shared::spelling::Code;
use provenear_shared::text::Duration;
use provenear_shared::verdict::VerdictCode;
use provenear_shared::wasm::ModuleFacts;
use serde::Serialize;

use crate::args::Output;
use crate::progress::{self, make_printable, runner};

/// Most lines by strangers that a person is shown: anybody can write any number of them.
const MOST_STRANGERS: usize = 8;

/// The part of a report that only a command which rebuilds adds.
#[derive(Debug)]
pub enum Rebuilt {
    /// The command rebuilds nothing.
    NotAsked,
    /// Nothing was built, for want of a recipe or by a failure.
    Nothing,
    /// What came out.
    Made(Box<RebuildReport>),
}

/// Prints a report, and what a rebuild adds to it.
///
/// # Errors
/// When stdout is closed.
pub fn print(report: &Report, rebuilt: Rebuilt, output: &Output) -> anyhow::Result<()> {
    if output.json {
        let rebuild = match rebuilt {
            Rebuilt::NotAsked => None,
            Rebuilt::Nothing => Some(None),
            Rebuilt::Made(part) => Some(Some(part)),
        };
        return print_json(&PrintedReport { report, rebuild });
    }
    let mut lines = Lines::default();
    lines.report(report);
    match rebuilt {
        Rebuilt::NotAsked | Rebuilt::Nothing => {}
        Rebuilt::Made(part) => lines.rebuild(&part),
    }
    lines.flush()
}

/// Prints one JSON object on stdout.
///
/// # Errors
/// When stdout cannot be written.
pub fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = format!("{}\n", serde_json::to_string_pretty(value)?);
    print_commands(&if runner::is_listening() { runner::defuse_json(&text) } else { text })
}

/// Prints a line of JSON.
///
/// # Errors
/// When stdout cannot be written.
pub fn print_json_line(line: &str) -> anyhow::Result<()> {
    if runner::is_listening() { print_commands(&runner::defuse_json(line)) } else { print_commands(line) }
}

/// Prints text on stdout. A reader that has read enough and gone is no error.
///
/// # Errors
/// When stdout cannot be written.
pub fn print_text(text: &str) -> anyhow::Result<()> {
    print_commands(&if runner::is_listening() { runner::defuse(text) } else { text.to_owned() })
}

/// Prints text on stdout as it is, also to a runner that obeys it.
///
/// # Errors
/// When stdout cannot be written.
pub fn print_commands(text: &str) -> anyhow::Result<()> {
    progress::clear();
    check_printed(std::io::stdout().write_all(text.as_bytes()))
}

/// Prints a file of text as it is.
///
/// # Errors
/// When it cannot be read, or stdout cannot be written.
pub fn print_file(path: &std::path::Path) -> anyhow::Result<()> {
    progress::clear();
    check_printed(std::io::copy(&mut std::fs::File::open(path)?, &mut std::io::stdout()).map(drop))
}

/// Prints text with styles in it on stdout, which are taken out where colours are not wanted.
///
/// # Errors
/// When stdout cannot be written.
pub fn print_styled(text: &str) -> anyhow::Result<()> {
    progress::clear();
    let text = if runner::is_listening() { runner::defuse(text) } else { text.to_owned() };
    check_printed(anstream::stdout().write_all(text.as_bytes()))
}

fn check_printed(written: std::io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn push_styled(&mut self, style: Style, text: &str) {
        self.text.push_str(&format!("{style}{}{style:#}", make_printable(text.as_bytes())));
    }

    /// Nothing for what is not known: a name without a value reads like an answer.
    fn row(&mut self, name: &str, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        self.push_styled(Style::new().dimmed(), &format!("{name:>12}  "));
        self.text.push_str(&make_printable(value.as_bytes()).replace('\n', "\n              "));
        self.text.push('\n');
    }

    fn report(&mut self, report: &Report) {
        let name = &report.subject.name;
        if let Some(error) = &report.error {
            self.push_styled(
                AnsiColor::Yellow.on_default().bold(),
                &format!("could not check: {}\n", error.code.code()),
            );
            self.row(name, &error.message);
        }
        if let Some(verdict) = &report.verdict {
            let color = match verdict.code {
                VerdictCode::Reproduced => AnsiColor::Green,
                VerdictCode::Differs => AnsiColor::Red,
                VerdictCode::NoContract
                | VerdictCode::ReproducedUnvetted
                | VerdictCode::ReproducedUnclaimed
                | VerdictCode::NotRebuildable
                | VerdictCode::NotRebuilt => AnsiColor::Yellow,
            };
            self.push_styled(color.on_default().bold(), verdict.code.code());
            self.text.push_str(&format!("  {}\n", make_printable(verdict.headline.as_bytes())));
            self.row("", &verdict.message);
            if verdict.trusted == 0 && verdict.code == VerdictCode::NotRebuilt {
                self.row("", "choose a key to trust with `--trust`");
            }
            for key in &verdict.keys {
                self.row("by", &shown_key(key.key, key.name.as_deref()));
            }
            for key in &verdict.dissent {
                let both = if key.contradicts_itself { ", which contradicts itself" } else { "" };
                self.row("otherwise", &format!("{}{both}", shown_key(key.key, key.name.as_deref())));
            }
        }
        for step in report.chain.iter().flatten() {
            let shown = format!("{}: {} ({})", step.name.title(), step.word, step.short);
            self.row("chain", &shown);
        }
        if let Some(deployment) = &report.deployment {
            let kind = deployment
                .account_kind
                .and_then(AccountKind::describe)
                .map(|kind| format!(", {kind}"))
                .unwrap_or_default();
            self.row("account", &format!("{} on {}{kind}", deployment.account_id, deployment.network.chain_id()));
            let ago = |seconds| format!(", {} ago; leave out `--block` to see now", Duration(seconds));
            let ago = deployment.age_seconds.map(ago).unwrap_or_default();
            self.row("block", &format!("{} of {}{ago}", deployment.block_height, deployment.block_time));
            let agreeing: Vec<&str> =
                deployment.endpoints.iter().filter(|e| e.agrees).map(|e| e.host.as_str()).collect();
            self.row("asked", &agreeing.join(", "));
        }
        for endpoint in report.endpoints.iter().filter(|e| !e.agrees) {
            let why = endpoint.error.as_ref().map_or("no answer", |error| &error.message);
            self.row("asked", &format!("{}: {why}", endpoint.host));
        }
        if let Some(message) = report.deployment.as_ref().and_then(|deployment| deployment.contract.message.as_ref()) {
            self.row("contract", message);
        }
        if let Some(code) = &report.code {
            self.row("code", &format!("{} ({} bytes)", code.code_hash.to_base58(), code.size));
        }
        if let Some(recipe) = &report.recipe {
            self.row("source", &format!("{} at {}", recipe.source.url, recipe.source.commit));
            let tag = recipe.image.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
            self.row("image", &format!("{}{tag}@{}", recipe.image.name, recipe.image.digest));
            self.row("command", &shell_words::join(customary::hide_secrets(&recipe.build_command)));
        }
        self.push_coded("gap", &report.gaps);
        self.push_coded("notice", &report.notices);
        if let Some(changeable) = &report.changeable {
            self.changeable(changeable);
        }
        if let Some(module) = &report.module {
            self.module(module);
        }
        self.push_coded("abi", &report.abi_notes);
        self.manifests(&report.manifests);
        if let Some(none) = report.no_manifest() {
            let offer = if report.stores.is_empty() { "; name one with `--store`" } else { "" };
            self.row("rebuilds", &format!("{none}{offer}"));
        }
        for store in &report.stores {
            self.row("store", &format!("{}: {}", store.url, store.outcome()));
        }
    }

    /// Who can change the code. Worded so that a match is not read as a promise.
    fn changeable(&mut self, changeable: &Changeable) {
        if let Some(keys) = &changeable.keys_message {
            self.row("keys", keys);
        }
        if let Some(message) = &changeable.message {
            self.row("replaceable", message);
        }
    }

    /// What the bytes tell of their making, which anyone can write into them.
    fn module(&mut self, module: &ModuleFacts) {
        let made = &module.fingerprint;
        if let Some(language) = &made.language {
            self.row("language", &format!("{}, by {}", language.name.code(), language.evidence));
        }
        if let Some(compiler) = made.compiler() {
            self.row("compiler", &compiler);
        }
        if let Some((home, place)) = made.build_home.as_ref().zip(made.build_place.as_ref()) {
            self.row("built in", &format!("{home} ({})", place.code()));
        }
        for inner in &module.embedded {
            let claims = if inner.metadata.is_some() { "with a claim of its own" } else { "without a claim" };
            self.row("inside", &format!("{} ({} bytes, {claims})", inner.code_hash.to_base58(), inner.size));
        }
        for oddity in &module.oddities {
            self.row("unusual", &format!("{}: {}", oddity.code.code(), oddity.message));
        }
    }

    fn push_coded(&mut self, name: &str, all: &[Coded<impl Code>]) {
        for one in all {
            self.row(name, &format!("{}: {}", one.code.code(), one.message));
        }
    }

    /// Of the lines that no trusted key signed, the first few; all others.
    fn manifests(&mut self, manifests: &[ManifestReport]) {
        let is_by_a_stranger = |manifest: &&ManifestReport| {
            let rejection = manifest.rejection.as_ref().map(|rejection| rejection.code);
            matches!(rejection, Some(Rejection::KeyUntrusted | Rejection::SignerNotCheckable))
        };
        let (strangers, others): (Vec<_>, Vec<_>) = manifests.iter().partition(is_by_a_stranger);
        for manifest in others.iter().chain(strangers.iter().take(MOST_STRANGERS)) {
            self.manifest(manifest);
        }
        if let Some(more @ 1..) = strangers.len().checked_sub(MOST_STRANGERS) {
            self.row("not counted", &format!("{more} more that no key you trust signed (all of them: `--json`)"));
        }
    }

    fn manifest(&mut self, manifest: &ManifestReport) {
        let said = |holder: &HolderReport| Some(format!("{} ({})", holder.message.as_ref()?, holder.finished_on));
        if let Some(said) = manifest.holder.as_ref().and_then(said) {
            return self.row("not counted", &said);
        }
        let text = match (&manifest.rejection, manifest.key) {
            (Some(rejection), _) => format!("rejected, {}: {}", rejection.code.code(), rejection.message),
            (None, Some(key)) => format!(
                "{} built {} ({}, {})",
                shown_key(key, manifest.name.as_deref()),
                manifest.artifact.map(|artifact| artifact.to_string()).unwrap_or_default(),
                manifest.relation.map_or("unrelated", Relation::code),
                manifest.finished_on.as_deref().unwrap_or_default(),
            ),
            (None, None) => "unread".to_owned(),
        };
        self.row("manifest", &text);
        // What a reader may want to look at in the source; nothing of it is judged.
        if let Some(tree) = &manifest.tree {
            let lists =
                [("cargo", &tree.cargo_config), ("build script", &tree.build_scripts), ("macro", &tree.proc_macros)];
            lists.into_iter().for_each(|(name, list)| list.iter().for_each(|entry| self.row(name, entry)));
        }
    }

    fn rebuild(&mut self, part: &RebuildReport) {
        self.row("rebuilt", &part.artifact.code_hash.to_base58());
        self.row("wasm", &part.artifact.path);
        self.row("manifest", &part.manifest);
        self.row("log", &part.log);
        self.row("source", &part.source_archive);
    }

    fn flush(self) -> anyhow::Result<()> {
        print_styled(&self.text)
    }
}

fn shown_key(key: PublicKey, name: Option<&str>) -> String {
    let key = key.to_near();
    name.map_or_else(|| key.clone(), |name| format!("{name} ({key})"))
}
