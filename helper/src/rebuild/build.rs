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

use super::options::Options;
use crate::command::pass_on;
use crate::deadline::Deadline;
use crate::engine::container::{Container, Exec, Plan, ended_badly};
use crate::engine::{Engine, Fence, Image};
use crate::failure::{Code, Failure, fail};
use crate::fetch::cache::Cache;
use crate::fetch::{self, Dependencies, Fetch};
use crate::network::reach::{Reached, UnknownHost};
use crate::network::url::RepositoryUrl;
use crate::owner::Owner;
use crate::progress::{Phase, Progress, show_log};
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
    pub phases: Vec<Phase>,
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
    let run = run_id()?;
    progress.phase("source", &format!("fetching commit `{}` of `{}`", recipe.source().commit(), recipe.source().url()));
    let mut checkout = source(recipe, options, work)?;
    if let Some(error) = &checkout.reference_error {
        progress.say(&format!("no branch or tag was looked up: {error}"));
    }
    let contract = normal(recipe.contract_path());
    if !checkout.is_folder(&contract) {
        return fail(Code::SourceRefused, format!("`contract_path` `{contract}` is no folder of the commit"));
    }
    let artifact_path = workspace::artifact(recipe.output_wasm_path(), &contract, &checkout.facts)?;
    let locked = Locked::read(&checkout.facts);
    let unknown = UnknownHost::with(options.network_access);
    let asking = Deadline::after(options.limits.step(), Code::LimitExceeded);
    for place in &locked.places {
        checkout.from_local |= Reached::is_local_dependency(place, options.local_sources, unknown, asking)?;
    }

    progress.phase("image", "looking for the image");
    let reference = options.image.clone().unwrap_or_else(|| recipe.image().reference());
    let cache = Cache::open()?;
    let image = Image::get(engine, &reference, options.limits.time, &mut |what| progress.say(what))?;
    if let Some(volume) = image.volumes.first().filter(|_| !options.allow_unlimited) {
        let why = "where no engine counts what is written; `--allow-unlimited` goes on without a limit of disk";
        return fail(Code::LimitExceeded, format!("the image keeps `{}` in a volume, {why}", volume.escape_debug()));
    }
    if !matches!(engine.architecture.as_str(), "amd64" | "x86_64") {
        progress.say(&format!("this engine runs on {}: the build is emulated, and slow", engine.architecture));
    }

    let cargo_home = image.cargo_home();
    let plan = Plan {
        run: &run,
        purpose: "build",
        owner,
        work,
        image: &image,
        network: options.network_access == NetworkAccess::Full,
        limits: &options.limits,
        allow_unlimited: options.allow_unlimited,
        folders: &["/home/near", SOURCE_MOUNT, &cargo_home],
        files: &[],
    };
    let registry = format!("{cargo_home}/registry");
    let written = [SOURCE_MOUNT, &registry];
    let (command, env) = (argv(recipe), environment(recipe, options.network_access));
    let log = work.join("build.log");
    // The build's container is made while the dependencies are fetched; theirs is taken away while the command runs.
    let (artifact, unenforced, image_manifest) = std::thread::scope(|scope| {
        let made = scope.spawn(|| filled(engine, &plan, &checkout));
        let dependencies = match options.network_access {
            NetworkAccess::Full => Dependencies::default(),
            NetworkAccess::Fetch | NetworkAccess::None => {
                progress.phase("fetch", "fetching the dependencies");
                let fetch = Fetch {
                    engine,
                    image: &image,
                    image_network: options.network_of(&image),
                    checkout: &checkout,
                    locked: &locked,
                    work,
                    run: &run,
                    owner,
                    limits: &options.limits,
                    until: Deadline::after(options.limits.time, Code::BuildTimeout),
                    allow_unlimited: options.allow_unlimited,
                    contract_path: &contract,
                    ca_file: options.ca_file.as_deref(),
                };
                fetch::dependencies(&fetch, &cache, options.network_access == NetworkAccess::Fetch, progress)?
            }
        };

        progress.phase("prepare", "copying the source into a fresh container");
        let container = made.join().map_err(|_| anyhow::anyhow!("the making of the container broke down"))??;
        if !dependencies.items.is_empty() {
            fetch::unpack_items(&container, &cargo_home, &cache, &dependencies.items)?;
        }
        scope.spawn(move || dependencies.container.map(|fetched| fetched.remove(&written)));

        progress.phase("build", &format!("running `{}`", shell_words::join(customary::shown(recipe.build_command()))));
        let exec = Exec {
            workdir: &workdir(&contract),
            env: &env,
            passed: &[],
            command: &command,
            until: Deadline::after(options.limits.time, Code::BuildTimeout),
        };
        run_command(&container, &exec, &log, options, progress)?;

        progress.phase("artifact", &format!("reading `{artifact_path}`"));
        // Whatever the build left running could still write: it is ended first.
        container.end_all()?;
        let artifact = container.artifact(SOURCE_MOUNT, &artifact_path)?;
        let (unenforced, image_manifest) = (container.unenforced.clone(), container.image_manifest);
        container.remove(&written);
        anyhow::Ok((artifact, unenforced, image_manifest))
    })?;
    let log_sha256 = Sha256Digest::of(&std::fs::read(&log)?);
    Ok(Built {
        artifact,
        checkout,
        locked,
        image,
        image_manifest,
        argv: command,
        env,
        unenforced,
        log,
        log_sha256,
        started_on,
        finished_on: now(),
        phases: progress.finish(),
    })
}

/// A container with the source in it.
fn filled<'a>(engine: &'a Engine, plan: &Plan<'_>, checkout: &Checkout) -> anyhow::Result<Container<'a>> {
    let container = Container::start(engine, plan)?;
    container.unpack_file(SOURCE_MOUNT, &checkout.archive)?;
    container.unpack_file(SOURCE_MOUNT, &checkout.dot_git)?;
    Ok(container)
}

fn source(recipe: &Recipe, options: &Options, work: &Path) -> anyhow::Result<Checkout> {
    let url = RepositoryUrl::parse(recipe.source().url(), options.local_sources)?;
    let step = Deadline::after(options.limits.step(), Code::LimitExceeded);
    let wanted = Wanted {
        url: &url,
        commit: recipe.source().commit(),
        origin: &options.origin,
        limits: git::Limits { deadline: step, ..git::Limits::default() },
        ca_file: options.ca_file.as_deref(),
    };
    let folder = work.join("source");
    std::fs::create_dir(&folder)?;
    checkout(&wanted, &folder)
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
    let wanted_network = WANTED_NETWORK.iter().any(|sign| tail.contains(sign));
    let full = "`--network-access full` gives it the network, and the manifest says so";
    match options.network_access {
        NetworkAccess::Fetch if wanted_network => {
            fail(Code::NetworkNeeded, format!("the build wants the network, which its command does not get: {full}"))
        }
        NetworkAccess::None if wanted_network => fail(
            Code::NetworkNeeded,
            format!(
                "the build wants what is not cached: `--network-access fetch` fetches its dependencies first, and {full}"
            ),
        ),
        NetworkAccess::Full | NetworkAccess::Fetch | NetworkAccess::None => {
            Err(ended_badly(container, status, "the claimed command"))
        }
    }
}

/// An id that no other rebuild has.
fn run_id() -> Result<String, Failure> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).map_err(|e| Failure::new(Code::Io, format!("the system gives no randomness: {e}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Now, RFC 3339 with `Z`.
pub fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    rfc3339(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}
