//! One build in a fresh container, from its dependencies to its artifact: of a claimed commit, or of an author's own tree in
//! other surroundings than usual. Not here: where source and image come from (`build`), what is changed and why (`probe`).

use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use provenear_shared::container::{NetworkAccess, normal};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::recipe::SOURCE_MOUNT;
use provenear_shared::report::Phase;

use super::options::Options;
use crate::command::pass_on;
use crate::deadline::Deadline;
use crate::engine::container::{Container, Exec, Plan, explain_end};
use crate::engine::{Engine, Fence, Image};
use crate::failure::{Code, fail};
use crate::fetch::cache::Cache;
use crate::fetch::{self, Dependencies, Fetch};
use crate::owner::Owner;
use crate::progress::{Progress, show_log};
use crate::source::checkout::Checkout;
use crate::source::lock_files::Locked;
use crate::source::workspace;

/// Signs of a build that wanted the network, in cargo's, git's, rustup's and curl's own words.
const WANTED_NETWORK: [&str; 9] = [
    "offline was specified",
    "--offline",
    "Could not resolve host",
    "failed to resolve address",
    "dns error",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "could not download file",
    "Could not connect",
];

/// The files that are built, and what they tell of the contract in them.
pub struct Source {
    /// The files.
    pub checkout: Checkout,
    /// Their lock files.
    pub locked: Locked,
    /// The folder of the contract, `""` for the root.
    pub contract: String,
    /// Where the build leaves the wasm, below the folder of the source.
    pub artifact_path: String,
}

impl Source {
    /// For the contract in `contract_path`, built by `command`. `claimed` is where the build says that it leaves the wasm, if it does.
    ///
    /// # Errors
    /// [`Code::SourceRefused`] where there is no such folder, [`Code::ArtifactAmbiguous`] where nobody knows what comes out.
    pub fn read(
        checkout: Checkout,
        command: &[String],
        contract_path: &str,
        claimed: Option<&str>,
    ) -> anyhow::Result<Source> {
        let contract = normal(contract_path);
        if !checkout.is_folder(&contract) {
            return fail(Code::SourceRefused, format!("`contract_path` `{contract}` is not a folder in the commit"));
        }
        let artifact_path = workspace::artifact(claimed, command, &contract, &checkout.facts)?;
        let locked = Locked::read(&checkout.facts);
        Ok(Source { checkout, locked, contract, artifact_path })
    }
}

/// What a container left.
pub struct Left {
    /// The wasm.
    pub artifact: Vec<u8>,
    /// The fences that the engine did not enforce.
    pub unenforced: Vec<Fence>,
    /// The digest of the image's linux/amd64 manifest, where the engine told it.
    pub image_manifest: Option<Sha256Digest>,
}

/// Where a build takes place, beside the image.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The folder of the source.
    pub mount: String,
    /// The folder of cargo's registry.
    pub cargo_home: String,
    /// More folders that the build may write.
    pub folders: Vec<String>,
    /// Files that everybody may read, by path.
    pub files: Vec<(String, Vec<u8>)>,
    /// Whether the container has a network.
    pub network: bool,
    /// More words for the engine that makes the container.
    pub more: Vec<String>,
}

impl Surroundings {
    /// Those of a rebuild.
    pub fn usual(image: &Image, access: NetworkAccess) -> Surroundings {
        Surroundings {
            mount: SOURCE_MOUNT.to_owned(),
            cargo_home: image.cargo_home(),
            folders: vec!["/home/near".to_owned()],
            files: Vec::new(),
            network: access == NetworkAccess::Full,
            more: Vec::new(),
        }
    }
}

/// What is to be built, how and where.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// This helper.
    pub owner: &'a Owner,
    /// A private folder.
    pub work: &'a Path,
    /// An id that no other build has.
    pub run: &'a str,
    /// Limits and reach.
    pub options: &'a Options,
    /// The image.
    pub image: &'a Image,
    /// What is built.
    pub source: &'a Source,
    /// The tar of it; that of the checkout, or another of the same files.
    pub archive: &'a Path,
    /// The command line.
    pub command: &'a [String],
    /// The command as a person reads it.
    pub shown: &'a str,
    /// Its environment on top of the image's.
    pub env: &'a [(String, String)],
    /// Where it runs.
    pub surroundings: &'a Surroundings,
    /// Where all that it says is written; there is no such file yet.
    pub log: &'a Path,
}

impl Job<'_> {
    /// From the dependencies to the artifact. The build's container is made while the dependencies are fetched; theirs is
    /// taken away while the command runs. `prepare` is done in the filled container, before the command.
    ///
    /// # Errors
    /// A coded failure for everything that keeps an artifact from coming out, and what `prepare` says.
    pub fn run(
        &self,
        cache: &Cache,
        prepare: impl Fn(&Container<'_>) -> anyhow::Result<()>,
        progress: &mut Progress,
    ) -> anyhow::Result<Left> {
        let Surroundings { mount, cargo_home, folders, files, network, more } = self.surroundings;
        let folders: Vec<&str> = folders.iter().chain([mount, cargo_home]).map(String::as_str).collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), text.as_slice())).collect();
        let plan = Plan {
            run: self.run,
            purpose: "build",
            owner: self.owner,
            work: self.work,
            image: self.image,
            network: *network,
            limits: &self.options.limits,
            allow_unlimited: self.options.allow_unlimited,
            folders: &folders,
            files: &files,
            more,
        };
        let registry = format!("{cargo_home}/registry");
        let written = [mount.as_str(), &registry];
        std::thread::scope(|scope| {
            let starting = scope.spawn(|| self.fill_container(&plan));
            let dependencies = self.dependencies(cache, progress)?;

            progress.phase(Phase::Prepare, "copying the source into a fresh container");
            let container = starting.join().map_err(|_| anyhow::anyhow!("creating the container broke down"))??;
            if !dependencies.items.is_empty() {
                fetch::unpack_items(&container, cargo_home, cache, &dependencies.items)?;
            }
            scope.spawn(move || dependencies.container.map(|fetched| fetched.remove(&written)));
            prepare(&container)?;

            self.build(&container, progress)?;
            let left = self.take_artifact(&container, progress)?;
            container.remove(&written);
            Ok(left)
        })
    }

    /// Starts a container and copies the source into it.
    fn fill_container<'a>(&'a self, plan: &Plan<'_>) -> anyhow::Result<Container<'a>> {
        let container = Container::start(self.engine, plan)?;
        container.unpack_file(&self.surroundings.mount, self.archive)?;
        let mut dot_git = self.source.checkout.dot_git.iter();
        dot_git.try_for_each(|dot_git| container.unpack_file(&self.surroundings.mount, dot_git))?;
        Ok(container)
    }

    fn dependencies(&self, cache: &Cache, progress: &mut Progress) -> anyhow::Result<Dependencies<'_>> {
        let may_fetch = match self.options.network_access {
            NetworkAccess::Full => return Ok(Dependencies::default()),
            NetworkAccess::Fetch => true,
            NetworkAccess::None => false,
        };
        progress.phase(Phase::Fetch, "fetching the dependencies");
        let fetch = Fetch {
            engine: self.engine,
            image: self.image,
            image_network: self.options.network_of(self.image),
            checkout: &self.source.checkout,
            locked: &self.source.locked,
            work: self.work,
            run: self.run,
            owner: self.owner,
            limits: &self.options.limits,
            until: Deadline::after(self.options.limits.time, Code::BuildTimeout),
            allow_unlimited: self.options.allow_unlimited,
            contract_path: &self.source.contract,
            ca_file: self.options.ca_file.as_deref(),
        };
        fetch::dependencies(&fetch, cache, may_fetch, progress)
    }

    fn build(&self, container: &Container<'_>, progress: &mut Progress) -> anyhow::Result<()> {
        progress.phase(Phase::Build, &format!("running `{}`", self.shown));
        let (mount, contract) = (&self.surroundings.mount, &self.source.contract);
        let workdir = if contract.is_empty() { mount.clone() } else { format!("{mount}/{contract}") };
        let exec = Exec {
            workdir: &workdir,
            env: self.env,
            passed: &[],
            command: self.command,
            until: Deadline::after(self.options.limits.time, Code::BuildTimeout),
        };
        run_command(container, &exec, self.log, self.options, progress)
    }

    fn take_artifact(&self, container: &Container<'_>, progress: &mut Progress) -> anyhow::Result<Left> {
        let artifact_path = &self.source.artifact_path;
        progress.phase(Phase::Artifact, &format!("reading `{artifact_path}`"));
        // Whatever the build left running could still write: it is ended first.
        container.end_all()?;
        let artifact = container.artifact(&self.surroundings.mount, artifact_path)?;
        let (unenforced, image_manifest) = (container.unenforced.clone(), container.image_manifest);
        Ok(Left { artifact, unenforced, image_manifest })
    }
}

/// Runs the claimed command; everything it says goes to the log and, printable, to stderr.
fn run_command(
    container: &Container<'_>,
    exec: &Exec<'_>,
    log: &Path,
    options: &Options,
    progress: &Progress,
) -> anyhow::Result<()> {
    let file = Mutex::new((std::fs::File::create_new(log)?, 0u64, Vec::<u8>::new()));
    let (cap, quiet) = (options.limits.output, progress.is_quiet());
    let keep = |bytes: &[u8]| {
        if !quiet {
            show_log(bytes);
        }
        let mut kept = file.lock().map_err(|_| anyhow::anyhow!("the log broke down"))?;
        kept.1 += bytes.len() as u64;
        if kept.1 > cap {
            return fail(Code::LimitExceeded, format!("the build printed more than {cap} bytes"));
        }
        kept.2.extend_from_slice(bytes);
        // The end alone is searched for signs; all of it is in the file.
        let from = kept.2.len().saturating_sub(16 << 10);
        kept.2.drain(..from);
        kept.0.write_all(bytes).context("failed to write the build log")
    };
    let status = container.exec(exec, pass_on(cap, keep), pass_on(cap, keep))?;
    if status.success() {
        return Ok(());
    }
    let tail = file.into_inner().map(|kept| kept.2).unwrap_or_default();
    let tail = String::from_utf8_lossy(&tail);
    if WANTED_NETWORK.iter().any(|sign| tail.contains(sign)) {
        wanted_network(options.network_access)?;
    }
    Err(explain_end(container, status, "the claimed command"))
}

/// # Errors
/// [`Code::NetworkNeeded`] where the build did not have what it wanted.
fn wanted_network(access: NetworkAccess) -> anyhow::Result<()> {
    let full = "`--network-access full` gives it the network, and the manifest says so";
    match access {
        NetworkAccess::Fetch => {
            fail(Code::NetworkNeeded, format!("the build needs the network, which its command does not have: {full}"))
        }
        NetworkAccess::None => fail(
            Code::NetworkNeeded,
            format!(
                "the build needs something that is not cached: `--network-access fetch` fetches its dependencies first, and {full}"
            ),
        ),
        NetworkAccess::Full => Ok(()),
    }
}
