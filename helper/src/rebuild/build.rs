//! A rebuild, phase by phase: source, image, dependencies, the claimed command without network, the artifact.
//! Not here: what the artifact means (`shared`), who signs it (`signer`).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use provenear_shared::container::{NetworkAccess, argv, environment, normal, workdir};
use provenear_shared::customary;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::rfc3339;
use provenear_shared::recipe::{Recipe, SOURCE_MOUNT};
use provenear_shared::report::{Phase, PhaseReport};

use super::options::Options;
use crate::command::pass_on;
use crate::deadline::Deadline;
use crate::engine::container::{Container, Exec, Plan, explain_end};
use crate::engine::{Engine, Fence, Image};
use crate::failure::{Code, Failure, fail};
use crate::fetch::cache::Cache;
use crate::fetch::{self, Dependencies, Fetch};
use crate::network::reach::{Reached, UnknownHost};
use crate::network::url::RepositoryUrl;
use crate::owner::Owner;
use crate::progress::{Progress, show_log};
use crate::redact;
use crate::source::checkout::{Checkout, Wanted, checkout};
use crate::source::lock_files::Locked;
use crate::source::{git, workspace};

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

/// What came out, and all that a manifest says of how.
#[derive(Debug)]
pub struct Built {
    /// The wasm.
    pub artifact: Vec<u8>,
    /// The source.
    pub checkout: Checkout,
    /// Its lock files.
    pub locked: Locked,
    /// The image that ran.
    pub image: Image,
    /// The digest of its linux/amd64 manifest, where the engine told it.
    pub image_manifest: Option<Sha256Digest>,
    /// The command line that ran in it.
    pub argv: Vec<String>,
    /// The environment that it was given.
    pub env: Vec<(String, String)>,
    /// The fences that the engine did not enforce.
    pub unenforced: Vec<Fence>,
    /// The build's log on disk, in the work folder.
    pub log: PathBuf,
    /// SHA-256 of the log.
    pub log_sha256: Sha256Digest,
    /// RFC 3339.
    pub started_on: String,
    /// RFC 3339.
    pub finished_on: String,
    /// How long each phase took.
    pub phases: Vec<PhaseReport>,
}

/// Rebuilds a recipe in `work`, a private folder.
///
/// # Errors
/// A coded [`Failure`] for everything that keeps an artifact from coming out.
pub fn build(
    recipe: &Recipe,
    options: &Options,
    engine: &Engine,
    owner: &Owner,
    work: &Path,
    progress: &mut Progress,
) -> anyhow::Result<Built> {
    let started_on = now();
    let (command, env) = (argv(recipe), environment(recipe, options.network_access));
    let order = Order { recipe, options, engine, owner, work, run: run_id()?, command, env };

    progress.phase(
        Phase::Source,
        &format!("fetching commit `{}` of `{}`", recipe.source().commit(), recipe.source().url()),
    );
    let mut source = order.source(progress)?;
    source.checkout.from_local |= order.depends_on_local(&source.locked)?;

    progress.phase(Phase::Image, "looking for the image");
    let cache = Cache::open()?;
    let image = order.image(progress)?;

    let log = work.join("build.log");
    let left = order.run(&source, &image, &cache, &log, progress)?;
    let log_sha256 = Sha256Digest::of(&std::fs::read(&log)?);
    Ok(Built {
        artifact: left.artifact,
        checkout: source.checkout,
        locked: source.locked,
        image,
        image_manifest: left.image_manifest,
        argv: order.command,
        env: order.env,
        unenforced: left.unenforced,
        log,
        log_sha256,
        started_on,
        finished_on: now(),
        phases: progress.finish(),
    })
}

/// What is to be built, how and where.
struct Order<'a> {
    recipe: &'a Recipe,
    options: &'a Options,
    engine: &'a Engine,
    owner: &'a Owner,
    work: &'a Path,
    /// An id that no other rebuild has.
    run: String,
    command: Vec<String>,
    env: Vec<(String, String)>,
}

/// The commit, and what its files tell of the contract in it.
struct Source {
    checkout: Checkout,
    locked: Locked,
    /// The folder of the contract.
    contract: String,
    /// Where the build will leave the wasm.
    artifact_path: String,
}

/// What a container left.
struct Left {
    artifact: Vec<u8>,
    unenforced: Vec<Fence>,
    image_manifest: Option<Sha256Digest>,
}

impl Order<'_> {
    fn source(&self, progress: &Progress) -> anyhow::Result<Source> {
        let checkout = self.checkout()?;
        if let Some(error) = &checkout.reference_error {
            progress.say(&format!("no branch or tag was looked up: {error}"));
        }
        for (path, named, asked) in &checkout.facts.fetched_elsewhere {
            progress.say(&format!(
                "the submodule `{path}` is named by `{}` and was fetched by `{asked}`",
                redact::redact_url(named)
            ));
        }
        let contract = normal(self.recipe.contract_path());
        if !checkout.is_folder(&contract) {
            return fail(Code::SourceRefused, format!("`contract_path` `{contract}` is not a folder in the commit"));
        }
        let artifact_path = workspace::artifact(self.recipe.output_wasm_path(), &contract, &checkout.facts)?;
        let locked = Locked::read(&checkout.facts);
        Ok(Source { checkout, locked, contract, artifact_path })
    }

    fn checkout(&self) -> anyhow::Result<Checkout> {
        let url = RepositoryUrl::parse(self.recipe.source().url(), self.options.local_sources)?;
        let step = Deadline::after(self.options.limits.step(), Code::LimitExceeded);
        let wanted = Wanted {
            url: &url,
            commit: self.recipe.source().commit(),
            origin: &self.options.origin,
            limits: git::Limits { deadline: step, ..git::Limits::default() },
            ca_file: self.options.ca_file.as_deref(),
        };
        let folder = self.work.join("source");
        std::fs::create_dir(&folder)?;
        checkout(&wanted, &folder)
    }

    /// Whether a dependency comes from this machine or a private network.
    fn depends_on_local(&self, locked: &Locked) -> anyhow::Result<bool> {
        let unknown = UnknownHost::with(self.options.network_access);
        let asking = Deadline::after(self.options.limits.step(), Code::LimitExceeded);
        let mut is_local = false;
        for place in &locked.places {
            is_local |= Reached::is_local_dependency(place, self.options.local_sources, unknown, asking)?;
        }
        Ok(is_local)
    }

    fn image(&self, progress: &Progress) -> anyhow::Result<Image> {
        let reference = self.options.image.clone().unwrap_or_else(|| self.recipe.image().reference());
        let time = self.options.limits.time;
        let image = Image::get(self.engine, &reference, time, &mut |what| progress.say(what))?;
        if let Some(volume) = image.volumes.first().filter(|_| !self.options.allow_unlimited) {
            let why = "where no engine counts what is written; `--allow-unlimited` goes on without a limit of disk";
            return fail(
                Code::LimitExceeded,
                format!("the image keeps `{}` in a volume, {why}", volume.escape_debug()),
            );
        }
        let architecture = self.engine.architecture.as_str();
        if !matches!(architecture, "amd64" | "x86_64") {
            progress.say(&format!("this engine runs on {architecture}: the build is emulated, and slow"));
        }
        Ok(image)
    }

    /// From the dependencies to the artifact. The build's container is made while the dependencies are fetched; theirs is
    /// taken away while the command runs.
    fn run(
        &self,
        source: &Source,
        image: &Image,
        cache: &Cache,
        log: &Path,
        progress: &mut Progress,
    ) -> anyhow::Result<Left> {
        let cargo_home = image.cargo_home();
        let plan = Plan {
            run: &self.run,
            purpose: "build",
            owner: self.owner,
            work: self.work,
            image,
            network: self.options.network_access == NetworkAccess::Full,
            limits: &self.options.limits,
            allow_unlimited: self.options.allow_unlimited,
            folders: &["/home/near", SOURCE_MOUNT, &cargo_home],
            files: &[],
        };
        let registry = format!("{cargo_home}/registry");
        let written = [SOURCE_MOUNT, &registry];
        std::thread::scope(|scope| {
            let starting = scope.spawn(|| fill_container(self.engine, &plan, &source.checkout));
            let dependencies = self.dependencies(source, image, cache, progress)?;

            progress.phase(Phase::Prepare, "copying the source into a fresh container");
            let container = starting.join().map_err(|_| anyhow::anyhow!("creating the container broke down"))??;
            if !dependencies.items.is_empty() {
                fetch::unpack_items(&container, &cargo_home, cache, &dependencies.items)?;
            }
            scope.spawn(move || dependencies.container.map(|fetched| fetched.remove(&written)));

            self.command(&container, &source.contract, log, progress)?;
            let left = take_artifact(&container, &source.artifact_path, progress)?;
            container.remove(&written);
            Ok(left)
        })
    }

    fn dependencies<'f>(
        &'f self,
        source: &'f Source,
        image: &'f Image,
        cache: &Cache,
        progress: &mut Progress,
    ) -> anyhow::Result<Dependencies<'f>> {
        let may_fetch = match self.options.network_access {
            NetworkAccess::Full => return Ok(Dependencies::default()),
            NetworkAccess::Fetch => true,
            NetworkAccess::None => false,
        };
        progress.phase(Phase::Fetch, "fetching the dependencies");
        let fetch = Fetch {
            engine: self.engine,
            image,
            image_network: self.options.network_of(image),
            checkout: &source.checkout,
            locked: &source.locked,
            work: self.work,
            run: &self.run,
            owner: self.owner,
            limits: &self.options.limits,
            until: Deadline::after(self.options.limits.time, Code::BuildTimeout),
            allow_unlimited: self.options.allow_unlimited,
            contract_path: &source.contract,
            ca_file: self.options.ca_file.as_deref(),
        };
        fetch::dependencies(&fetch, cache, may_fetch, progress)
    }

    fn command(
        &self,
        container: &Container<'_>,
        contract: &str,
        log: &Path,
        progress: &mut Progress,
    ) -> anyhow::Result<()> {
        let shown = shell_words::join(customary::hide_secrets(self.recipe.build_command()));
        progress.phase(Phase::Build, &format!("running `{shown}`"));
        let exec = Exec {
            workdir: &workdir(contract),
            env: &self.env,
            passed: &[],
            command: &self.command,
            until: Deadline::after(self.options.limits.time, Code::BuildTimeout),
        };
        run_command(container, &exec, log, self.options, progress)
    }
}

/// Starts a container and copies the source into it.
fn fill_container<'a>(engine: &'a Engine, plan: &Plan<'_>, checkout: &Checkout) -> anyhow::Result<Container<'a>> {
    let container = Container::start(engine, plan)?;
    container.unpack_file(SOURCE_MOUNT, &checkout.archive)?;
    checkout.dot_git.iter().try_for_each(|dot_git| container.unpack_file(SOURCE_MOUNT, dot_git))?;
    Ok(container)
}

fn take_artifact(container: &Container<'_>, artifact_path: &str, progress: &mut Progress) -> anyhow::Result<Left> {
    progress.phase(Phase::Artifact, &format!("reading `{artifact_path}`"));
    // Whatever the build left running could still write: it is ended first.
    container.end_all()?;
    let artifact = container.artifact(SOURCE_MOUNT, artifact_path)?;
    let (unenforced, image_manifest) = (container.unenforced.clone(), container.image_manifest);
    Ok(Left { artifact, unenforced, image_manifest })
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

/// An id that no other rebuild has.
fn run_id() -> Result<String, Failure> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes)
        .map_err(|e| Failure::new(Code::Io, format!("the system does not provide randomness: {e}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Now, RFC 3339 with `Z`.
pub fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    rfc3339(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}
