//! What a tree says of its own reproducible build: image, command and repository of `[package.metadata.near.reproducible_build]`.
//! Not here: whether that is complete or wise.

use provenear_shared::container::normal;
use toml::{Table, Value};

use crate::failure::{Code, fail};
use crate::project::{CUSTOMARY, Language, SECTION, get};
use crate::source::facts::{Facts, MANIFEST};

/// How the contract is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The image, with its digest where the section has one.
    pub image: String,
    /// The command, at least one word.
    pub command: Vec<String>,
    /// The `repository` of the package.
    pub repository: Option<String>,
}

impl Section {
    /// Of the contract in `folder`; `image` goes before what the manifest names.
    ///
    /// # Errors
    /// [`Code::SourceRefused`] where there is no manifest to read, [`Code::ImageUnavailable`] where nobody names an image.
    pub fn read(facts: &Facts, folder: &str, image: Option<&str>) -> anyhow::Result<Section> {
        let path = Language::Rust.manifest_in(folder);
        let Some(manifest) = facts.manifest(folder).and_then(|text| toml::from_str::<Table>(text).ok()) else {
            return fail(Code::SourceRefused, format!("`{path}` is missing, or cannot be read"));
        };
        let section = get(&manifest, &[Language::Rust.metadata(), &SECTION].concat());
        let named = |key: &str| section.and_then(|it| it.get(key)?.as_str()).filter(|text| !text.is_empty());
        let image = match (image, named("image"), named("image_digest")) {
            (Some(image), ..) => image.to_owned(),
            (None, Some(image), Some(digest)) => format!("{image}@{digest}"),
            (None, Some(image), None) => image.to_owned(),
            (None, None, _) => {
                let what = "no image in `[package.metadata.near.reproducible_build]`; `--image` names one";
                return fail(Code::ImageUnavailable, format!("`{path}` has {what}"));
            }
        };
        let command = match section.and_then(|it| it.get("container_build_command")) {
            None => CUSTOMARY.map(ToOwned::to_owned).to_vec(),
            Some(value) => match words(value) {
                Some(command) => command,
                None => {
                    let what = "`container_build_command` is not a list of words";
                    return fail(Code::SourceRefused, format!("`{path}`: {what}"));
                }
            },
        };
        let repository = get(&manifest, &["package", "repository"]);
        let repository =
            repository.and_then(|it| it.as_str().map(ToOwned::to_owned).or_else(|| inherited(facts, folder)));
        Ok(Section { image, command, repository })
    }
}

fn words(value: &Value) -> Option<Vec<String>> {
    let words: Option<Vec<String>> = value.as_array()?.iter().map(|word| Some(word.as_str()?.to_owned())).collect();
    words.filter(|words| words.first().is_some_and(|program| !program.is_empty()))
}

/// The `repository` of the workspace around a package.
fn inherited(facts: &Facts, folder: &str) -> Option<String> {
    let folder = normal(folder);
    let mut around = facts.upwards(&folder, &MANIFEST).filter_map(|file| toml::from_str::<Table>(file.text?).ok());
    around.find_map(|it| Some(get(&it, &["workspace", "package", "repository"])?.as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::code_of;

    fn read(files: &[(&str, &str)], folder: &str, image: Option<&str>) -> anyhow::Result<Section> {
        let kept = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Section::read(&Facts { kept, ..Facts::default() }, folder, image)
    }

    const NAMED: &str = "[package]\nname = \"c\"\nrepository.workspace = true\n[package.metadata.near.reproducible_build]\n\
        image = \"i:1\"\nimage_digest = \"sha256:aa\"\ncontainer_build_command = [\"sh\", \"build.sh\"]\n";

    #[test]
    fn image_command_and_repository_are_those_of_the_section() {
        let workspace = "[workspace]\nmembers = [\"c\"]\n[workspace.package]\nrepository = \"https://h/r\"\n";
        let found = read(&[("Cargo.toml", workspace), ("c/Cargo.toml", NAMED)], "c", None).unwrap();
        assert_eq!(found.image, "i:1@sha256:aa");
        assert_eq!(found.command, ["sh", "build.sh"]);
        assert_eq!(found.repository.as_deref(), Some("https://h/r"));
        assert_eq!(read(&[("Cargo.toml", NAMED)], "", Some("mine")).unwrap().image, "mine");
        let bare = "[package]\nname = \"c\"\n";
        assert_eq!(read(&[("Cargo.toml", bare)], "", Some("mine")).unwrap().command, CUSTOMARY);
        assert_eq!(code_of(&read(&[("Cargo.toml", bare)], "", None).unwrap_err()), Code::ImageUnavailable);
        assert_eq!(code_of(&read(&[], "", Some("mine")).unwrap_err()), Code::SourceRefused);
        let odd = NAMED.replace("[\"sh\", \"build.sh\"]", "[1]");
        assert_eq!(code_of(&read(&[("Cargo.toml", &odd)], "", None).unwrap_err()), Code::SourceRefused);
    }
}
