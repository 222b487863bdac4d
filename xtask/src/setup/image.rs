//! The build image: the published one where it can be pulled, else its equivalent from package registries.

use super::engine::Engine;
use super::{debian, registry, rust};
use crate::run;
use anyhow::{Context, Result, bail};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::Receiver;

/// The image that the pinned contract claims.
pub(crate) const PUBLISHED: &str =
    "sourcescan/cargo-near:0.13.4-rust-1.85.0@sha256:a9d8bee7b134856cc8baa142494a177f2ba9ecfededfcdd38f634e14cca8aae2";
/// Its name here, in engines and in the registry.
const NAME: &str = "provenear/cargo-near";
const CARGO_NEAR: &str = "0.13.4";
/// The Rust in it.
pub(super) const RUST: &str = "1.85.0";
const DEBIAN: &str = "bookworm";
const RECIPE: &str = include_str!("../../image/Dockerfile");
/// What comes on top: the published images set the toolchain, which overrides what a repository names. A recipe
/// of its own, because the one below compiles for long.
const TOP: &str = include_str!("../../image/Dockerfile.top");

/// The build image, present in an engine and in the registry on loopback.
pub(crate) struct Image {
    /// What a rebuild of the pinned contract runs: by digest.
    pub(crate) reference: String,
    /// The same image, by the digest that the registry on loopback gave it.
    pub(crate) in_registry: String,
    /// Whether `reference` is [`PUBLISHED`].
    pub(crate) published: bool,
}

/// Pulls or makes the image and pushes it into the registry. What compiles long waits until the other end of `turn`
/// is gone: two compilations at once finish no sooner on two cores, and the page would wait longer.
///
/// # Errors
/// When it can neither be pulled nor made.
pub(crate) fn image(engine: &Engine, turn: &Receiver<()>) -> Result<Image> {
    // What was made once is kept: the same digest on every later run.
    let (compiled, equivalent) = (tag(&[RECIPE]), tag(&[RECIPE, TOP]));
    if let Some(digest) = registry::digest(NAME, &equivalent) {
        let in_registry = reference(&equivalent, &digest);
        return Ok(Image { reference: in_registry.clone(), in_registry, published: false });
    }
    let base = match registry::digest(NAME, &compiled) {
        Some(digest) => reference(&compiled, &digest),
        None => {
            let text = "looking for the published build image, some minutes where it can be pulled";
            if run::phase(text, || pull(engine, PUBLISHED)) {
                let in_registry = push(engine, PUBLISHED, &format!("{CARGO_NEAR}-rust-{RUST}"))?;
                return Ok(Image { reference: PUBLISHED.to_owned(), in_registry, published: true });
            }
            build_equivalent(engine, NAME, turn)?;
            push(engine, NAME, &compiled)?
        }
    };
    top(engine, &base)?;
    let in_registry = push(engine, NAME, &equivalent)?;
    Ok(Image { reference: in_registry.clone(), in_registry, published: false })
}

/// The tag of what these recipes make, one on the other: another recipe makes another image.
fn tag(recipes: &[&str]) -> String {
    let mut hash = DefaultHasher::new();
    recipes.iter().for_each(|recipe| recipe.hash(&mut hash));
    format!("{CARGO_NEAR}-rust-{RUST}-equivalent-{:016x}", hash.finish())
}

/// Puts [`TOP`] on an image and tags what comes out with our own name.
fn top(engine: &Engine, base: &str) -> Result<()> {
    let scratch = Scratch::new()?;
    fs::write(scratch.0.join("Dockerfile"), TOP)?;
    let arguments = [format!("BASE={base}"), format!("RUST={RUST}")];
    let mut command = engine.command(["build", "--tag", NAME]);
    command.args(arguments.iter().flat_map(|argument| ["--build-arg", argument.as_str()]));
    run::run_logged("image-top", command.arg(&scratch.0))
}

/// Puts a local image into the registry unless it holds one of that tag; returns its reference by digest.
fn push(engine: &Engine, image: &str, tag: &str) -> Result<String> {
    if registry::digest(NAME, tag).is_none() {
        let target = format!("{}/{NAME}:{tag}", registry::ADDRESS);
        run::output(&mut engine.command(["tag", image, &target]))?;
        let text = "pushing the build image into the registry on loopback, about 1 min";
        run::phase(text, || run::run_logged("image-push", &mut engine.command(["push", &target])))?;
    }
    let digest = registry::digest(NAME, tag);
    Ok(reference(tag, &digest.with_context(|| format!("the registry has no digest of `{tag}`"))?))
}

fn reference(tag: &str, digest: &str) -> String {
    format!("{}/{NAME}:{tag}@{digest}", registry::ADDRESS)
}

/// Whether the image is there or can be pulled.
pub(crate) fn pull(engine: &Engine, reference: &str) -> bool {
    run::succeeds(&mut engine.command(["image", "inspect", reference]))
        || run::succeeds(&mut engine.command(["pull", "--quiet", reference]))
}

/// A small Debian, made out of its packages unless the engine has it; returns its name.
///
/// # Errors
/// When this is not a Debian where we are root.
pub(super) fn debian(engine: &Engine) -> Result<String> {
    let base = format!("provenear/{DEBIAN}-base");
    if run::succeeds(&mut engine.command(["image", "inspect", &base])) {
        return Ok(base);
    }
    if !debian::root() || run::find_program("debootstrap").is_none() {
        bail!("an image of Debian {DEBIAN} can be made only by root on Debian, with `debootstrap`");
    }
    let scratch = Scratch::new()?;
    let root = scratch.0.join("root");
    run::phase(format!("making a Debian {DEBIAN} base, about 1 min"), || {
        run::run_logged("debootstrap", run::argv(&["debootstrap", "--variant=minbase", DEBIAN]).arg(&root))?;
        import(engine, &root, &base)
    })?;
    Ok(base)
}

/// Builds the equivalent of the published image on a Debian base of our own.
fn build_equivalent(engine: &Engine, tag: &str, turn: &Receiver<()>) -> Result<()> {
    run::say(
        "the published image cannot be pulled here; its equivalent is made, which is what rebuilds wait for. \
         A registry or mirror that serves it saves about 15 min",
    );
    let base = debian(engine)
        .with_context(|| format!("the image `{PUBLISHED}` cannot be pulled, nor its equivalent be made"))?;
    let scratch = Scratch::new()?;
    let context = scratch.0.join("context");
    fill(&context)?;
    let arguments = [format!("BASE={base}"), format!("CARGO_NEAR={CARGO_NEAR}"), format!("RUST={RUST}")];
    let build = |args: &[&str]| {
        let mut command = engine.command(["build"]);
        command.args(arguments.iter().flat_map(|argument| ["--build-arg", argument])).args(args);
        run::run_logged("image-build", command.arg(&context))
    };
    // Downloads need not wait for the compiler.
    let text = format!("filling the image with compilers and Rust {RUST}, about 2 min");
    run::phase(text, || build(&["--target", "ground"]))?;
    let _ = turn.recv();
    let text = format!("compiling cargo-near {CARGO_NEAR} in the image, about 10 min on 2 cores");
    run::phase(text, || build(&["--tag", tag]))?;
    // The stage that compiled is of no more use.
    run::output(&mut engine.command(["image", "prune", "--force", "--filter", "label=provenear.stage=compiled"]))
        .map(drop)
}

/// What the recipe copies: a toolchain, rustup, and the certificates that this machine trusts.
fn fill(context: &Path) -> Result<()> {
    let toolchain = rust::toolchain(RUST)?;
    let toolchains = context.join("rustup/toolchains");
    let programs = context.join("cargo/bin");
    fs::create_dir_all(&toolchains)?;
    fs::create_dir_all(&programs)?;
    run::run_logged(
        "image-toolchain",
        run::argv(&["cp", "-a"])
            .arg(&toolchain)
            .arg(toolchains.join(toolchain.file_name().context("a toolchain has a name")?)),
    )?;
    let name = toolchain.file_name().context("a toolchain has a name")?.to_string_lossy();
    fs::write(
        context.join("rustup/settings.toml"),
        format!("version = \"12\"\ndefault_toolchain = \"{name}\"\nprofile = \"minimal\"\n"),
    )?;
    let rustup = run::output(Command::new("sh").args(["-c", "readlink -f \"$(command -v rustup)\""]))?;
    fs::copy(&rustup, programs.join("rustup")).with_context(|| format!("failed to copy `{rustup}`"))?;
    for program in ["cargo", "rustc", "rustdoc"] {
        std::os::unix::fs::symlink("rustup", programs.join(program))?;
    }
    let certificates = super::ca_file().context("this machine has no file of trusted certificates")?;
    fs::copy(certificates, context.join("ca-certificates.crt"))?;
    fs::write(context.join("Dockerfile"), RECIPE)?;
    Ok(())
}

fn import(engine: &Engine, root: &Path, name: &str) -> Result<()> {
    let mut tar =
        run::argv(&["tar", "--numeric-owner", "--exclude=./var/cache/apt/*", "--exclude=./usr/share/doc/*", "-C"])
            .arg(root)
            .args(["-c", "."])
            .stdout(Stdio::piped())
            .spawn()?;
    let input = tar.stdout.take().context("tar has an output")?;
    let status = engine.command(["import", "-", name]).stdin(input).stdout(Stdio::null()).status()?;
    if !tar.wait()?.success() || !status.success() {
        bail!("failed to import `{}` as `{name}`", root.display());
    }
    Ok(())
}

/// A folder that is removed with us.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let folder = run::target().join("setup/image");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
