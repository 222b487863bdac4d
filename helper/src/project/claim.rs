//! What cargo-near (`cargo-near-build`, `BuildInfoMixed`) or nearc would claim of a tree at its commit, as a recipe: so that a
//! contract can be built before there is any code to read a claim from. Not here: editing the tree, building.

use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use serde_json::json;

use super::history::History;
use super::{Declared, Language, Package, SECTION, declared, nearc, parse};
use crate::failure::{Code, Failure, fail};

/// The recipe of a package at the commit in its tree, by the section itself or by a variant of it.
///
/// # Errors
/// [`Code::Usage`] where the manifest lacks something, [`Code::NotRebuildable`] where what it says cannot be rebuilt.
pub fn recipe(package: &Package, history: &History, variant: Option<&str>) -> anyhow::Result<Recipe> {
    let header = package.language.header(&SECTION);
    let manifest = package.manifest.display();
    let contract_path = history.path_of(package.folder())?;
    // As cargo-near, which clones: what is not committed does not count.
    let Some(committed) = history.committed(&package.language.manifest_in(&contract_path))? else {
        return fail(Code::Usage, format!("`{manifest}` is not committed yet"));
    };
    let package = &Package { table: parse(&committed)?, ..package.clone() };
    let builds = declared(package.language, &package.table);
    let Some(declared) = builds.iter().find(|it| it.variant.as_deref() == variant) else {
        let what = variant
            .map_or_else(|| "a complete".to_owned(), |name| format!("the variant `{}` in its", name.escape_debug()));
        let help = match variant {
            None => "write it, as `provenear init` does, and commit it",
            Some(_) => "write it and commit it, or leave `--variant` out",
        };
        return fail(Code::Usage, format!("`{manifest}` at this commit does not have {what} {header}: {help}"));
    };
    let metadata = match package.language {
        Language::Rust => of_cargo_near(package, declared, history.head(), &contract_path)?,
        Language::Python => {
            let origin = history.origin()?;
            let source = origin.as_deref().filter(|_| nearc::contract_path(&package.table) == contract_path);
            let claim = nearc::claim(&package.table, source.map(|origin| (origin, history.head())));
            claim.map_err(|why| Failure::new(Code::NotRebuildable, why))?
        }
    };
    Recipe::from_metadata(&metadata).or_else(|gaps| {
        let all: Vec<String> = gaps.iter().map(ToString::to_string).collect();
        fail(Code::NotRebuildable, format!("what `{manifest}` says cannot be rebuilt: {}", all.join("; ")))
    })
}

fn of_cargo_near(
    package: &Package,
    declared: &Declared,
    commit: &str,
    contract_path: &str,
) -> anyhow::Result<ContractSourceMetadata> {
    let Some(repository) = package.repository() else {
        let manifest = package.manifest.display();
        return fail(Code::Usage, format!("`{manifest}` does not say its `repository`, which others clone"));
    };
    // As `url` spells it, which cargo-near reads it with.
    let repository = &url::Url::parse(repository).map_or_else(|_| repository.to_owned(), String::from);
    let claim = json!({
        "link": link(repository, commit),
        "build_info": {
            "build_environment": declared.environment,
            "build_command": declared.command,
            "contract_path": contract_path,
            "source_code_snapshot": format!("git+{repository}?rev={commit}"),
        },
    });
    let metadata = ContractSourceMetadata::parse(claim.to_string().as_bytes());
    metadata.map_err(|error| Failure::new(Code::NotRebuildable, error.to_string()).into())
}

/// cargo-near's: the page of the commit where it is on GitHub, the repository elsewhere. The build gets it, so each byte counts.
fn link(repository: &str, commit: &str) -> String {
    match url::Url::parse(repository) {
        Ok(url) if url.host_str() == Some("github.com") => {
            let path = url.path().trim_end_matches(".git");
            url.join(&format!("{path}/tree/{commit}")).map_or_else(|_| repository.to_owned(), String::from)
        }
        Ok(_) | Err(_) => repository.to_owned(),
    }
}
