//! The same rebuild as a shell script for a person, with what was typed: what the script is made of is in `shared`.

use provenear_shared::container::{self, ScriptOptions};
use provenear_shared::recipe::Recipe;

use super::options::Options;
use crate::engine::argv;
use crate::engine::image::{USUAL_USER, runnable};
use crate::failure::{Code, Failure, fail};
use crate::source::checkout::Origin;

/// The script. Needs git, tar, a shell and the engine.
///
/// # Errors
/// [`Code::Usage`] for an engine that is none.
pub fn compose_script(recipe: &Recipe, options: &Options, engine: Option<&str>) -> anyhow::Result<String> {
    let candidates = argv::candidates(engine)?;
    let (kind, prefix) = candidates.first().ok_or_else(|| Failure::new(Code::Usage, "no engine is named"))?;
    let reference = options.image.clone().unwrap_or_else(|| recipe.image().reference());
    let source = match &options.origin {
        Origin::Claimed => recipe.source().url().to_owned(),
        Origin::Url(url) => url.as_str().to_owned(),
        Origin::Directory(folder) => folder.display().to_string(),
        Origin::Archive(_) => {
            return fail(
                Code::Usage,
                "`--print-commands` prints how to build a commit of a repository, not an archive",
            );
        }
    };
    let script = ScriptOptions {
        kind: *kind,
        engine: prefix.0.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        user: USUAL_USER.to_owned(),
        image: runnable(*kind, &reference),
        source,
        access: options.network_access,
        fences: options.limits.fences(),
    };
    Ok(container::compose_script(recipe, &script))
}
