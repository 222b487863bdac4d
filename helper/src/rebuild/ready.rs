//! What has to be there before a rebuild: an engine that answers, and a place for what comes out.

use std::path::Path;

use anyhow::Context;

use crate::engine::Engine;
use crate::files;
use crate::owner::Owner;
use crate::progress::Progress;

/// The engine, with what earlier helpers left on it taken away, and the folder for what comes out.
///
/// # Errors
/// [`crate::failure::Code::EngineMissing`] when none answers.
pub fn engine(named: Option<&str>, owner: &Owner, out: &Path, progress: &Progress) -> anyhow::Result<Engine> {
    let engine = Engine::find(named)?;
    files::create_folder(out).with_context(|| format!("failed to create `{}`", out.display()))?;
    files::sweep(out, owner, 2);
    files::sweep(&files::cache_folder()?, owner, 3);
    let swept = engine.sweep(owner)?;
    if swept > 0 {
        progress.say(&format!("removed {swept} containers that an earlier run left"));
    }
    Ok(engine)
}
