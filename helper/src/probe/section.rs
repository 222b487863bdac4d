//! What a tree says of its own reproducible build: image, command and repository of `[package.metadata.near.reproducible_build]`, or
//! what nearc would claim. Not here: whether that is complete or wise.

use toml::Table;

use crate::failure::{Code, fail};
use crate::project::{CUSTOMARY, Language, Words, inherited, nearc, read_section};
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
    /// Where the wasm is left, if that is said.
    pub output_wasm_path: Option<String>,
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
        let stated = read_section(&manifest);
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
        Ok(Section { image, command, repository, output_wasm_path: None })
    }
}

impl Section {
    /// Of a contract in Python, by its `pyproject.toml`; `image` goes before what nearc would claim.
    ///
    /// # Errors
    /// [`Code::SourceRefused`] where nearc would claim nothing that can be read, [`Code::ImageUnavailable`] where nobody names an
    /// image.
    pub fn of_python(manifest: &Table, image: Option<&str>) -> anyhow::Result<Section> {
        let path = Language::Python.manifest();
        let claimed = match nearc::claim(manifest, None) {
            Ok(claim) => claim.build_info.unwrap_or_default(),
            Err(why) => return fail(Code::SourceRefused, format!("`{path}`: {why}")),
        };
        let image = image.map(ToOwned::to_owned).or(claimed.build_environment).filter(|image| !image.is_empty());
        let Some(image) = image else {
            return fail(Code::ImageUnavailable, format!("`{path}` names no image for nearc; `--image` names one"));
        };
        let command = claimed.build_command.filter(|words| words.first().is_some_and(|program| !program.is_empty()));
        let command = command.unwrap_or_else(|| vec![nearc::COMMAND.to_owned()]);
        Ok(Section { image, command, repository: None, output_wasm_path: claimed.output_wasm_path })
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
        let python = |text: &str, image| Section::of_python(&toml::from_str(text).unwrap(), image);
        let found = python("[tool.near.reproducible_build]\nimage = \"n@sha256:aa\"\n", None).unwrap();
        assert_eq!((found.image.as_str(), &found.command[..]), ("n@sha256:aa", &["nearc".to_owned()][..]));
        let own = "[tool.near.contract.build_info]\nbuild_environment = \"n\"\nbuild_command = [\"make\"]\noutput_wasm_path = \"p\"\n";
        let found = python(own, None).unwrap();
        assert_eq!((&found.command[..], found.output_wasm_path.as_deref()), (&["make".to_owned()][..], Some("p")));
        assert_eq!(python("", Some("mine")).unwrap().image, "mine");
        assert_eq!(code_of(&python("", None).unwrap_err()), Code::ImageUnavailable);
        let odd = NAMED.replace("[\"sh\", \"build.sh\"]", "[1]");
        assert_eq!(code_of(&read(&[("Cargo.toml", &odd)], "", None).unwrap_err()), Code::SourceRefused);
    }
}
