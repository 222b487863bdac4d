//! What a tree says of its own reproducible build: image, command and repository of `[package.metadata.near.reproducible_build]`.
//! Not here: whether that is complete or wise.

use toml::Table;

use crate::failure::{Code, fail};
use crate::project::{CUSTOMARY, Language, Words, inherited, read_section};
use crate::source::facts::Facts;
use crate::source::workspace;

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
        let Some(manifest) = manifest(facts, folder) else {
            return fail(Code::SourceRefused, format!("`{path}` is missing, or cannot be read"));
        };
        let stated = read_section(Language::Rust, &manifest);
        let image = match (image, stated.image, stated.digest) {
            (Some(image), ..) => image.to_owned(),
            (None, Some(image), Some(digest)) => format!("{image}@{digest}"),
            (None, Some(image), None) => image,
            (None, None, _) => {
                let what = "no image in `[package.metadata.near.reproducible_build]`; `--image` names one";
                return fail(Code::ImageUnavailable, format!("`{path}` has {what}"));
            }
        };
        let command = match stated.command {
            None => CUSTOMARY.map(ToOwned::to_owned).to_vec(),
            Some(Words::List(command)) => command,
            Some(Words::Malformed) => {
                let what = "`container_build_command` is not a list of words";
                return fail(Code::SourceRefused, format!("`{path}`: {what}"));
            }
        };
        let root = workspace::lock_folder(facts, folder).and_then(|root| self::manifest(facts, &root));
        let workspace = root.as_ref().and_then(|root| root.get("workspace")?.as_table());
        let repository = inherited(&manifest, workspace, "repository").map(ToOwned::to_owned);
        Ok(Section { image, command, repository })
    }
}

fn manifest(facts: &Facts, folder: &str) -> Option<Table> {
    toml::from_str(facts.manifest(folder)?).ok()
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
