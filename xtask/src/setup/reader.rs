//! The image that is the machine of somebody who follows the guides: a Debian with git, jq, curl and the like, without Rust.

use super::engine::Engine;
use super::image;
use crate::run;
use anyhow::Result;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Where it can be pulled, the Debian that the equivalent of the build image is made of too.
const PUBLISHED: &str = "debian:bookworm-slim";
const RECIPE: &str = include_str!("../../image/Dockerfile.reader");

/// Its name; it is made unless the engine has it.
///
/// # Errors
/// When neither a Debian can be pulled or made, nor its packages be had.
pub(super) fn image(engine: &Engine) -> Result<String> {
    let mut hash = DefaultHasher::new();
    RECIPE.hash(&mut hash);
    let name = format!("provenear/reader:{:016x}", hash.finish());
    if run::succeeds(&mut engine.command(["image", "inspect", &name])) {
        return Ok(name);
    }
    let base = if image::pull(engine, PUBLISHED) { PUBLISHED.to_owned() } else { image::debian(engine)? };
    run::say("making an image without Rust to follow the guides in, about 1 min");
    let context = run::target().join("setup/reader");
    fs::create_dir_all(&context)?;
    fs::write(context.join("Dockerfile"), RECIPE)?;
    let mut build = engine.command(["build", "--tag", &name, "--build-arg"]);
    run::run_logged("reader-build", build.arg(format!("BASE={base}")).arg(&context))?;
    Ok(name)
}
