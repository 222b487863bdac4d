//! `provenear init`: writes what makes a contract rebuildable into the author's own files: the section that cargo-near or nearc read, a
//! table of ours where it is asked for, and a workflow. What is there is not replaced without a question, and shown first on demand.

mod manifest;
mod workflow;

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::image::ImageRef;
use provenear_shared::near::{ACCOUNT_FORM, AccountId, Network};
use provenear_shared::text::{Shown, make_printable};

use self::manifest::{Remarks, Wish};
use self::workflow::Action;
use crate::args::{Init, Output};
use crate::edit::Change;
use crate::failure::{Code, Failure, fail};
use crate::look::report::print_text;
use crate::progress::Progress;
use crate::project::{self, Language, Package, images};

/// A value of the author's that would become another one.
#[derive(Debug)]
pub(crate) struct Replaced(String);

/// Runs it.
///
/// # Errors
/// Where it is not plain what is meant, what is there would be replaced and nobody agreed, or a file cannot be read or written.
pub fn run(args: &Init, output: &Output) -> anyhow::Result<u8> {
    let progress = Progress::new(output.quiet);
    let packages = chosen(&args.folder, &args.package)?;
    let [accounts, rebuilders] = [&args.account, &args.rebuilder];
    if packages.len() > 1 && !(accounts.is_empty() && rebuilders.is_empty()) {
        return fail(Code::Usage, "`--account` and `--rebuilder` are about one contract: name it with one `--package`");
    }
    if let Some(other) = rebuilders.iter().find(|it| !project::is_rebuilder(it)) {
        let other = other.escape_debug();
        return fail(
            Code::Usage,
            format!("`{other}` is neither a public key (`ed25519:…`) nor the https address of a store"),
        );
    }
    let image = args.image.as_deref().map(pinned).transpose()?;
    let network = args.network.as_deref().map(network).transpose()?;
    let accounts = accounts.iter().map(|it| account(it, network.as_ref())).collect::<anyhow::Result<Vec<_>>>()?;
    let wish = Wish { image: image.as_ref(), accounts: &accounts, rebuilders };
    let action = action(args)?;

    let root = top(&args.folder);
    let (mut changes, mut remarks) = (Vec::new(), Remarks::default());
    for package in &packages {
        // To a table of ours that is not understood nothing is added.
        project::deployed(package)?;
        let shown = shown(&root, &package.manifest);
        changes.push(Change::make(&package.manifest, &shown, |text| {
            manifest::edited(package, text.unwrap_or_default(), &shown, &wish, &mut remarks)
        })?);
        if package.language == Language::Rust && package.repository().is_none() {
            progress.note(&format!("`{shown}` does not say its `repository`: add the https address that others clone"));
        }
    }
    match &action {
        Some(action) if !args.no_workflow => {
            let folders: Vec<String> = packages.iter().map(|it| shown_folder(&root, it.folder())).collect();
            changes.push(workflow::change(&root, action, &folders, &mut remarks.replaced)?);
        }
        Some(_) => {}
        None if args.no_workflow || workflow::is_there(&root) => {}
        None => progress.note("no workflow is written: name the action that it uses with `--action OWNER/NAME@COMMIT`"),
    }

    remarks.notes.iter().for_each(|note| progress.note(note));
    changes.retain(|change| !change.is_empty());
    changes.iter().try_for_each(|change| stays_within(&root, change))?;
    if args.dry_run {
        changes.iter().try_for_each(|change| print_text(&change.diff()))?;
        return Ok(0);
    }
    if !remarks.replaced.is_empty() && !args.yes {
        consent(&changes, &remarks.replaced)?;
    }
    for change in &changes {
        change.write()?;
        let did = if change.is_new() { "created" } else { "changed" };
        print_text(&format!("{did} {}\n", make_printable(change.shown()).replace('\n', "\\n")))?;
        if change.shown() == workflow::FILE {
            progress.note("the workflow needs a secret and two variables of the repository: its first lines say which");
        }
    }
    if changes.is_empty() {
        progress.note("everything is there already; nothing was written");
    }
    Ok(0)
}

/// The packages that are meant: asked for, where it could be several.
fn chosen(folder: &Path, named: &[String]) -> anyhow::Result<Vec<Package>> {
    let packages = project::packages(folder, named)?;
    let folder = folder.display();
    let described = |package: &Package| match package.builds_others() {
        true => format!("{} (its build script builds other contracts)", package.name),
        false => package.name.clone(),
    };
    match packages.as_slice() {
        [] => fail(
            Code::Usage,
            format!(
                "no package of the workspace `{folder}` is a contract (a `cdylib` on near-sdk); name one with `--package`"
            ),
        ),
        [one] if named.is_empty() && one.builds_others() => fail(
            Code::Usage,
            format!(
                "the build script of `{name}` builds other contracts: which of them is meant? `--package {name}` is this one; for \
                 another, name its folder",
                name = one.name
            ),
        ),
        [_, _, ..] if named.is_empty() => {
            let names: Vec<String> = packages.iter().map(described).collect();
            fail(
                Code::Usage,
                format!(
                    "`{folder}` has several contracts: which are meant? Name each with `--package`: {}",
                    names.join(", ")
                ),
            )
        }
        _ => Ok(packages),
    }
}

fn pinned(text: &str) -> anyhow::Result<ImageRef> {
    ImageRef::parse(text).map_err(|gap| Failure::new(Code::Usage, format!("`--image`: {gap}")).into())
}

fn network(text: &str) -> anyhow::Result<Network> {
    Network::parse(text)
        .ok_or_else(|| Failure::new(Code::Usage, format!("`{}` is not a chain id", text.escape_debug())).into())
}

/// An account with its network: the one that is named, or the one whose accounts end like this.
fn account(text: &str, network: Option<&Network>) -> anyhow::Result<(Network, AccountId)> {
    let Some(account) = AccountId::parse(text) else {
        return fail(Code::Usage, format!("`{}` is not {ACCOUNT_FORM}", text.escape_debug()));
    };
    let by_name = || match text.ends_with(".testnet") {
        true => Network::parse("testnet"),
        false => Some(Network::mainnet()),
    };
    let network = network.cloned().or_else(by_name).unwrap_or_else(Network::mainnet);
    Ok((network, account))
}

fn action(args: &Init) -> anyhow::Result<Option<Action>> {
    // A program that was released knows which action goes with it.
    let known = option_env!("PROVENEAR_ACTION").filter(|it| !it.is_empty());
    args.action.as_deref().or(known).map(Action::parse).transpose()
}

/// The folder that a workflow is laid into: of the git repository, or the one that was named.
fn top(folder: &Path) -> PathBuf {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    whole.ancestors().find(|above| above.join(".git").exists()).map_or(whole.clone(), Path::to_path_buf)
}

/// Refuses a file that is somewhere else, behind a link or as a member of the workspace: it is not this repository's to change.
fn stays_within(root: &Path, change: &Change) -> anyhow::Result<()> {
    let path = change.path();
    let there = path.ancestors().find(|above| above.symlink_metadata().is_ok()).unwrap_or(path);
    let real = there.canonicalize().with_context(|| format!("failed to look at `{}`", there.display()))?;
    let is_link = path.symlink_metadata().is_ok_and(|it| it.is_symlink());
    if is_link || !real.starts_with(root) {
        let (path, real, root) = (path.display(), real.display(), root.display());
        return fail(
            Code::Usage,
            format!(
                "`{path}` is not a file of `{root}`: it leads to `{real}`. Nothing was written: run `init` where it belongs"
            ),
        );
    }
    Ok(())
}

/// A path as a diff names it.
fn shown(root: &Path, path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    whole.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn shown_folder(root: &Path, folder: &Path) -> String {
    match shown(root, folder).as_str() {
        "" => ".".to_owned(),
        folder => folder.to_owned(),
    }
}

/// Asks on a terminal; anywhere else nobody can agree.
fn consent(changes: &[Change], replaced: &[Replaced]) -> anyhow::Result<()> {
    let list: Vec<&str> = replaced.iter().map(|Replaced(what)| what.as_str()).collect();
    let list = list.join("; ");
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return fail(
            Code::Usage,
            format!("{list}. Nothing was written: `--dry-run` shows the changes, `--yes` makes them"),
        );
    }
    changes.iter().try_for_each(|change| print_text(&change.diff()))?;
    let mut stderr = std::io::stderr();
    write!(stderr, "{}. Replace it? [y/N] ", make_printable(&list))?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => fail(Code::Usage, "nothing was written"),
    }
}

/// What an image is written as, and what there is to say of it.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Name with tag.
    image: String,
    digest: String,
    note: Option<String>,
}

/// The image that was asked for, or the newest that the contract can be built in.
fn choose_image(asked: Option<&ImageRef>, package: &Package) -> Choice {
    if let Some(image) = asked {
        let tag = image.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
        return Choice { image: format!("{}{tag}", image.name()), digest: image.digest().to_oci(), note: None };
    }
    let (demands, newest) = (package.demands(), images::newest());
    let fitting = images::newest_of(|tools| demands.fit(tools));
    let (tag, digest) = fitting.unwrap_or(newest);
    let sdk = demands.sdk().map(|sdk| format!("near-sdk {sdk} of `Cargo.lock`"));
    let by = sdk.unwrap_or_else(|| format!("the manifest of `{}`", Shown(&package.name)));
    let note = match fitting {
        None => Some(format!("no published image suits {by}: `provenear lint` says why")),
        Some(_) if tag != newest.0 => Some(format!("`{tag}` is the newest image that suits {by}")),
        Some(_) => None,
    };
    Choice { image: format!("{}:{tag}", images::REPOSITORY), digest: digest.to_owned(), note }
}
