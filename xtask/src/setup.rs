//! Makes the ground that everything else stands on, and says so in `target/ground.json`.
//!
//! Each room below makes one thing: it uses what is on PATH, then what the cache keeps, and makes it otherwise.

mod browser;
mod cache;
mod compiled;
mod debian;
mod engine;
mod image;
mod node;
mod python;
mod reader;
mod registry;
mod rust;
mod tools;

use crate::page::Compiled;
use crate::run;
use crate::service::Service;
use anyhow::{Context, Result, anyhow, ensure};
pub(crate) use cache::root as cache_root;
pub(crate) use compiled::keep as keep_compiled;
use debian::Package;
use engine::{Engine, Kind};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
pub(crate) use tools::{Programs, cargo_deny};

/// What was found or made, and the programs that run for as long as this is held.
pub(crate) struct Ground {
    /// The folders with wasm-bindgen and wasm-opt.
    pub(crate) programs: Programs,
    /// What goes into `target/ground.json`.
    pub(crate) facts: Value,
    // Dropped in this order: the registry may be a container of the daemon.
    _registry: Option<Service>,
    _dockerd: Option<Service>,
}

/// Adds what the checks need to the Rust that is here, and installs nothing on the system; lays what an earlier clone has compiled.
///
/// # Errors
/// When rustup cannot add it, or `target/` cannot be written.
pub(crate) fn rust() -> Result<()> {
    rust::wasm32()?;
    compiled::lay()
}

/// Makes what builds the page, and nothing else.
///
/// # Errors
/// The first thing that could not be made.
pub(crate) fn page() -> Result<Programs> {
    begin(Need::Page)?;
    Programs::install()
}

/// Makes what the measures need: what builds the page, a browser with its driver, Lighthouse, and what others compare
/// modules with.
///
/// # Errors
/// The first thing that could not be made.
pub(crate) fn bench() -> Result<(Programs, (PathBuf, PathBuf), PathBuf)> {
    begin(Need::Bench)?;
    Ok((Programs::install()?, browser::both()?, node::lighthouse()?))
}

/// Makes what a release needs; gives the folder of the programs that build for other systems.
///
/// # Errors
/// The first thing that could not be made.
pub(crate) fn release(targets: &[&str]) -> Result<PathBuf> {
    begin(Need::Release)?;
    targets.iter().try_for_each(|target| rust::library(target))?;
    python::cross()
}

/// What runs in containers, and the daemons that it needs for as long as this is held.
pub(crate) struct Containers {
    /// As in `target/ground.json`: `engines`, `image` and `registry`.
    pub(crate) facts: Value,
    _registry: Option<Service>,
    _dockerd: Option<Service>,
}

/// Makes what a rebuild needs, and nothing else.
///
/// # Errors
/// The first thing that could not be made.
pub(crate) fn rebuild() -> Result<Containers> {
    begin(Need::Rebuild)?;
    containers_alone()
}

fn containers_alone() -> Result<Containers> {
    rust::toolchain(image::RUST)?;
    // Nothing else is compiled at the same time.
    let (_, nothing) = mpsc::channel();
    let (facts, registry, dockerd) = containers(&nothing)?;
    Ok(Containers { facts, _registry: registry, _dockerd: dockerd })
}

/// Makes what rebuilds on a Slurm need: what a rebuild does, and Slurm itself.
///
/// # Errors
/// The first thing that could not be made.
pub(crate) fn slurm() -> Result<Containers> {
    begin(Need::Slurm)?;
    ensure!(has_slurm(), "only root can start controller and nodes of a Slurm here");
    containers_alone()
}

/// Whether a suite can start a Slurm of its own, whose nodes are namespaces.
pub(crate) fn has_slurm() -> bool {
    debian::root()
        && ["slurmctld", "slurmd", "munged", "setpriv", "unshare"]
            .into_iter()
            .all(|program| run::find_program(program).is_some())
}

/// Makes what a reader of the guides needs: what a rebuild does, and the name of the image that is their machine.
///
/// # Errors
/// The first thing that could not be made; Docker has to be there, as the image shares its socket.
pub(crate) fn reader() -> Result<(Containers, String)> {
    let ground = rebuild()?;
    ensure!(
        ground.facts["engines"]["docker"]["usable"] == json!(true),
        "the guides are followed in a container of Docker, which does not work here"
    );
    let docker = Engine::find(Kind::Docker).context("Docker no longer answers")?;
    let image = reader::image(&docker)?;
    Ok((ground, image))
}

/// Makes what the demo needs: engine, registry, image, page and helper. As soon as the page can be made, `build` is called, and what
/// it returns (the folder of the page and the helper's program) goes into the facts. Until it drops its third argument, the build image is
/// not compiled: what somebody waits for has both cores.
///
/// # Errors
/// The first thing that could not be made.
pub(crate) fn demo(
    build: impl FnOnce(&Programs, &Compiled, Sender<()>) -> Result<(PathBuf, PathBuf)> + Send,
) -> Result<Ground> {
    begin(Need::Demo)?;
    lanes(build)
}

/// Makes everything that the suites need, as [`demo`] does, and says so in `target/ground.json`.
///
/// # Errors
/// The first thing that could not be made.
pub(crate) fn everything(
    build: impl FnOnce(&Programs, &Compiled) -> Result<(PathBuf, PathBuf)> + Send,
) -> Result<Ground> {
    begin(Need::Everything)?;
    // Nothing of it is wanted before the image.
    let mut ground = lanes(|programs, compiled, first| {
        drop(first);
        build(programs, compiled)
    })?;
    let facts = &mut ground.facts;
    let (chromium, chromedriver) = browser::both()?;
    let firefox = browser::firefox();
    let geckodriver = firefox.as_ref().map(|_| tools::geckodriver()).transpose()?;
    facts["browsers"] = json!({
        "chromium": chromium, "chromedriver": chromedriver, "firefox": firefox, "geckodriver": geckodriver,
    });
    facts["node"] = json!(node::node()?);
    facts["python"] = json!(python::python()?);
    facts["actions"] = json!(python::actions()?);
    facts["sigstore"] = json!(node::sigstore()?);
    facts["axe"] = json!(node::axe()?);
    facts["lighthouse"] = json!(node::lighthouse()?);
    run::write(&run::target().join("ground.json"), serde_json::to_vec_pretty(facts)?)?;
    run::say_phases();
    Ok(ground)
}

/// Two lanes side by side: what runs in containers, and what is built here. The programs of the page are compiled while the tools
/// that finish them are: each ends in minutes that only one core is busy with.
fn lanes(build: impl FnOnce(&Programs, &Compiled, Sender<()>) -> Result<(PathBuf, PathBuf)> + Send) -> Result<Ground> {
    // The image is filled with it, and fixtures are compiled with it beside our own.
    rust::toolchain(image::RUST)?;
    let (first, turn) = mpsc::channel();
    let make = move || {
        let (compiled, programs) = side_by_side(crate::page::compile, Programs::install)?;
        Ok((build(&programs, &compiled, first)?, programs))
    };
    let (((page, helper), programs), (mut facts, registry, dockerd)) = side_by_side(make, || containers(&turn))?;
    facts["ca_file"] = json!(ca_file());
    facts["programs"] = json!(programs.0);
    facts["page"] = json!(page);
    facts["provenear"] = json!(helper);
    Ok(Ground { programs, facts, _registry: registry, _dockerd: dockerd })
}

/// Does two things at the same time. Where one fails, what runs for the other is ended: nobody waits for it.
pub(crate) fn side_by_side<A: Send, B>(
    one: impl FnOnce() -> Result<A> + Send,
    other: impl FnOnce() -> Result<B>,
) -> Result<(A, B)> {
    let first = Mutex::new(None);
    let failed = |error| {
        if let Ok(mut first) = first.lock() {
            first.get_or_insert(error);
        }
        run::stop();
    };
    let done = thread::scope(|scope| {
        let one = scope.spawn(|| one().map_err(failed).ok());
        let other = other().map_err(failed).ok();
        anyhow::Ok((one.join().map_err(|_| anyhow!("a lane of the set-up panicked"))?, other))
    });
    match done? {
        (Some(one), Some(other)) => Ok((one, other)),
        _ => Err(first.into_inner().ok().flatten().context("a lane of the set-up failed")?),
    }
}

/// Whether a suite can start a Docker daemon of its own.
pub(crate) fn can_start_daemons() -> bool {
    debian::root()
        && ["dockerd", "setpriv", "openssl", "ip"].into_iter().all(|program| run::find_program(program).is_some())
}

/// Which part of the ground a command stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Page,
    Bench,
    Rebuild,
    Slurm,
    Release,
    Demo,
    Everything,
}

fn begin(need: Need) -> Result<()> {
    run::say(format!("set-up: what is missing is made and kept in `{}`", cache::root().display()));
    debian::install(&missing(need))?;
    rust()
}

/// The file of certificates that this machine trusts, for containers on a network with a certificate of its own.
pub(crate) fn ca_file() -> Option<PathBuf> {
    let told = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let usual = || PathBuf::from("/etc/ssl/certs/ca-certificates.crt");
    told.into_iter().chain([usual()]).find(|file| file.is_file())
}

/// Engines, registry and build image.
fn containers(turn: &Receiver<()>) -> Result<(Value, Option<Service>, Option<Service>)> {
    let mut dockerd = None;
    let mut docker = Engine::find(Kind::Docker);
    let podman = Engine::find(Kind::Podman);
    if docker.is_none() && debian::root() && run::find_program("dockerd").is_some() {
        dockerd = Some(engine::dockerd()?);
        docker = Engine::find(Kind::Docker);
    }
    let first = engine::first(&[docker.as_ref(), podman.as_ref()])?;
    let registry = registry::start(first)?;
    let image = image::image(first, turn)?;
    let fact = |engine: &Option<Engine>| match engine {
        Some(engine) => {
            let usable = image::pull(engine, &image.in_registry) && engine.runs(&image.in_registry);
            let env: serde_json::Map<_, _> =
                engine.env.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            json!({ "command": engine.program, "usable": usable, "env": env })
        }
        None => Value::Null,
    };
    let digest = image.reference.rsplit_once('@').map(|(_, digest)| digest);
    let facts = json!({
        "engines": { "docker": fact(&docker), "podman": fact(&podman) },
        "image": { "reference": image.reference, "digest": digest, "published": image.published, "claimed": image::PUBLISHED },
        "registry": { "address": registry::ADDRESS, "image": image.in_registry },
    });
    Ok((facts, registry, dockerd))
}

/// The Debian packages that stand for what is not there.
fn missing(need: Need) -> Vec<Package> {
    let absent = |program: &str| run::find_program(program).is_none();
    let root = debian::root() && debian::is_debian();
    let mut wanted = Vec::new();
    if !matches!(need, Need::Rebuild | Need::Slurm | Need::Release) {
        wanted.extend([(absent("node"), "nodejs", "the wasm32 suites"), (absent("npm"), "npm", "wasm-opt")]);
    }
    if matches!(need, Need::Bench | Need::Everything) {
        wanted.extend([
            (browser::chromium().is_none(), "chromium", "a real browser"),
            (browser::chromedriver().is_none(), "chromium-driver", "a real browser"),
        ]);
    }
    if need == Need::Bench {
        wanted.extend([
            (absent("wasm2wat"), "wabt", "a comparison"),
            (absent("diffoscope"), "diffoscope-minimal", "a comparison"),
        ]);
    }
    if matches!(need, Need::Rebuild | Need::Slurm | Need::Demo | Need::Everything) {
        // Only root can start a daemon; Podman needs none.
        let no_engine = Engine::find(Kind::Docker).is_none() && (root || Engine::find(Kind::Podman).is_none());
        wanted.extend([
            (absent("git"), "git", "sources and fixtures"),
            (no_engine && absent("dockerd"), "docker.io", "the rebuild"),
            (no_engine && absent("iptables"), "iptables", "the network of containers"),
            // Only root can use these, or others have no need of them.
            (root && absent("debootstrap"), "debootstrap", "the build image where none can be pulled"),
            (root && absent("docker-registry"), "docker-registry", "an image to pull by digest"),
        ]);
    }
    if matches!(need, Need::Release | Need::Everything) {
        let no_venv = !run::succeeds(&mut run::argv(&["python3", "-c", "import ensurepip, venv"]));
        let purpose =
            if need == Need::Release { "a compiler for other systems" } else { "a second reader of manifests" };
        wanted.extend([(absent("python3"), "python3", purpose), (no_venv, "python3-venv", purpose)]);
    }
    if root && matches!(need, Need::Slurm | Need::Everything) {
        wanted.extend([
            (absent("slurmctld") || absent("slurmd"), "slurm-wlm", "rebuilds on a real Slurm"),
            (absent("munged"), "munge", "rebuilds on a real Slurm"),
        ]);
    }
    if need == Need::Everything {
        wanted.extend([
            // Others are told by the suite that needs them.
            (root && browser::firefox().is_none(), "firefox-esr", "a second browser"),
            (root && absent("jq"), "jq", "a third reader of manifests"),
            (root && absent("openssl"), "openssl", "a third reader of manifests"),
            (root && absent("ssh-keygen"), "openssh-client", "keys as OpenSSH makes them"),
            (root && absent("ip"), "iproute2", "the network of a second Docker daemon"),
            (root && absent("podman"), "podman", "the same rebuild by a second engine"),
            (root && absent("podman"), "netavark", "the network of Podman's containers"),
        ]);
    }
    let missing = wanted.into_iter().filter(|(is, ..)| *is);
    missing.map(|(_, name, purpose)| Package { name, purpose }).collect()
}
