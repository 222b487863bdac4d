//! A rebuild, phase by phase: source, image, dependencies, the claimed command without network, the artifact.
//! Not here: what happens in the container (`job`), what the artifact means (`shared`), who signs it (`signer`).

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use provenear_shared::container::{argv, environment};
use provenear_shared::customary;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::rfc3339;
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{Phase, PhaseReport};

use super::job::{Job, Source, Surroundings};
use super::options::Options;
use crate::deadline::Deadline;
use crate::engine::{Engine, Fence, Image};
use crate::failure::{Code, Failure, fail};
use crate::fetch::cache::Cache;
use crate::network::reach::{Reached, UnknownHost};
use crate::network::url::RepositoryUrl;
use crate::owner::Owner;
use crate::progress::Progress;
use crate::redact;
use crate::source::checkout::{Checkout, Wanted, checkout};
use crate::source::git;
use crate::source::lock_files::Locked;

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
    let order = Order { recipe, options, work };

    progress.phase(
        Phase::Source,
        &format!("fetching commit `{}` of `{}`", recipe.source().commit(), recipe.source().url()),
    );
    let mut source = order.source(progress)?;
    source.checkout.from_local |= order.depends_on_local(&source.locked)?;

    progress.phase(Phase::Image, "looking for the image");
    let cache = Cache::open()?;
    let reference = options.image.clone().unwrap_or_else(|| recipe.image().reference());
    let image = find_image(engine, &reference, options, progress)?;

    let (command, env) = (argv(recipe), environment(recipe, options.network_access));
    let log = work.join("build.log");
    let job = Job {
        engine,
        owner,
        work,
        run: &run_id()?,
        options,
        image: &image,
        source: &source,
        archive: &source.checkout.archive,
        command: &command,
        shown: &shell_words::join(customary::hide_secrets(recipe.build_command())),
        env: &env,
        surroundings: &Surroundings::usual(&image, options.network_access),
        log: &log,
    };
    let left = job.run(&cache, |_| Ok(()), progress)?;
    let log_sha256 = Sha256Digest::of(&std::fs::read(&log)?);
    Ok(Built {
        artifact: left.artifact,
        checkout: source.checkout,
        locked: source.locked,
        image,
        image_manifest: left.image_manifest,
        argv: command,
        env,
        unenforced: left.unenforced,
        log,
        log_sha256,
        started_on,
        finished_on: now(),
        phases: progress.finish(),
    })
}

/// The image that runs, found or pulled.
///
/// # Errors
/// [`Code::ImageUnavailable`] when it cannot be had, [`Code::LimitExceeded`] when nobody could count what it writes.
pub fn find_image(engine: &Engine, reference: &str, options: &Options, progress: &Progress) -> anyhow::Result<Image> {
    let image = Image::get(engine, reference, options.limits.time, &mut |what| progress.say(what))?;
    if let Some(volume) = image.volumes.first().filter(|_| !options.allow_unlimited) {
        let why = "where no engine counts what is written; `--allow-unlimited` goes on without a limit of disk";
        return fail(Code::LimitExceeded, format!("the image keeps `{}` in a volume, {why}", volume.escape_debug()));
    }
    let architecture = engine.architecture.as_str();
    if !matches!(architecture, "amd64" | "x86_64") {
        progress.say(&format!("this engine runs on {architecture}: the build is emulated, and slow"));
    }
    Ok(image)
}

/// What is to be built.
struct Order<'a> {
    recipe: &'a Recipe,
    options: &'a Options,
    work: &'a Path,
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
        let recipe = self.recipe;
        Source::read(checkout, recipe.build_command(), recipe.contract_path(), recipe.output_wasm_path())
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
}

/// An id that no other build has.
///
/// # Errors
/// When the system gives no randomness.
pub fn run_id() -> Result<String, Failure> {
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
