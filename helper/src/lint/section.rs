//! The section `[package.metadata.near.reproducible_build]`: read and refused as cargo-near does it (cargo-near-build 0.11,
//! `types/near/docker_build/metadata`). Not here: whether the image is a good one (`image`), or the command (`command`).

use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;
use toml::{Table, Value};

use super::contract::{Contract, SECTION};
use super::finding::{Findings, Place};
use super::fix::Change;
use super::image;
use crate::look::nearest::nearest;
use crate::project::images::Versions;
use crate::project::{CUSTOMARY, get};

/// The keys of a section and of a variant.
const KEYS: [&str; 4] = ["image", "image_digest", "passed_env", "container_build_command"];
/// The key of variants.
const VARIANT: &str = "variant";

/// A section that names an image and a command, as far as it does, with a variant laid over it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The image, with its tag.
    pub image: Option<String>,
    /// Its digest.
    pub image_digest: Option<String>,
    /// Variables that are passed on.
    pub passed_env: Vec<String>,
    /// The command.
    pub command: Option<Vec<String>>,
    /// The variant that each key is of, and none of the section itself.
    from_variant: Vec<&'static str>,
    /// The name of the variant.
    variant: Option<String>,
}

/// What is wrong with a section: the code, the keys below it, a sentence.
type Problem = (FindingCode, Vec<String>, String);

impl Section {
    /// Reads the value of the section, with a variant of it.
    pub fn parse(value: &Value, variant: Option<&str>) -> (Section, Vec<Problem>) {
        let mut section = Section { variant: variant.map(ToOwned::to_owned), ..Section::default() };
        let mut problems = Vec::new();
        let Some(table) = value.as_table() else {
            problems.push((FindingCode::SectionMalformed, Vec::new(), "the section is not a table".to_owned()));
            return (section, problems);
        };
        section.lay_over(table, &[], None, &mut problems);
        let mut known: Vec<&str> = KEYS.to_vec();
        known.push(VARIANT);
        unknown(table, &[], &known, &mut problems);
        match table.get(VARIANT) {
            None => {}
            Some(Value::Table(variants)) => {
                for (name, value) in variants {
                    let is_chosen = Some(name.as_str()) == variant;
                    let keys = [VARIANT.to_owned(), name.clone()];
                    match value.as_table() {
                        Some(table) if is_chosen => {
                            section.lay_over(table, &keys, Some(name), &mut problems);
                            unknown(table, &keys, &KEYS, &mut problems);
                        }
                        // cargo-near reads the others too, and asks nothing of them but their types.
                        Some(table) => Section::default().lay_over(table, &keys, Some(name), &mut problems),
                        None => problems.push(malformed(&keys, "is not a table")),
                    }
                }
            }
            Some(_) => problems.push(malformed(&[VARIANT.to_owned()], "is not a table")),
        }
        // One of a variant does not stand in for it.
        if !table.contains_key("image") {
            problems.push((
                FindingCode::SectionMalformed,
                Vec::new(),
                "the section does not name an `image`".to_owned(),
            ));
        }
        (section, problems)
    }

    fn lay_over(&mut self, table: &Table, keys: &[String], variant: Option<&str>, problems: &mut Vec<Problem>) {
        let below = |key: &str| keys.iter().cloned().chain([key.to_owned()]).collect::<Vec<_>>();
        for key in KEYS {
            let Some(value) = table.get(key) else { continue };
            let words = || value.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect::<Option<_>>();
            let is_read = match key {
                "image" => value.as_str().map(|text| self.image = Some(text.to_owned())).is_some(),
                "image_digest" => value.as_str().map(|text| self.image_digest = Some(text.to_owned())).is_some(),
                "passed_env" => words().map(|words| self.passed_env = words).is_some(),
                _ => words().map(|words| self.command = Some(words)).is_some(),
            };
            if !is_read {
                let what = if key.starts_with("image") { "is not a text" } else { "is not a list of texts" };
                problems.push(malformed(&below(key), what));
            } else if variant.is_some() {
                self.from_variant.push(key);
            }
        }
    }

    /// The keys that lead to a key of it, from the root of the manifest.
    pub fn keys(&self, key: &'static str) -> Vec<String> {
        let mut keys: Vec<String> = SECTION.map(str::to_owned).into();
        if let Some(variant) = self.variant.as_ref().filter(|_| self.from_variant.contains(&key)) {
            keys.extend([VARIANT.to_owned(), variant.clone()]);
        }
        keys.push(key.to_owned());
        keys
    }

    /// Those that lead to a key in the table that another is of: what belongs to an image stands beside it.
    fn keys_beside(&self, other: &'static str, key: &str) -> Vec<String> {
        let mut keys = self.keys(other);
        keys.pop();
        keys.push(key.to_owned());
        keys
    }

    /// The place of a key of it.
    pub fn place(&self, contract: &Contract<'_>, key: &'static str) -> Place {
        let keys = self.keys(key);
        contract.at(&keys.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

fn malformed(keys: &[String], what: &str) -> Problem {
    (FindingCode::SectionMalformed, keys.to_vec(), format!("`{}` {what}", Shown(&keys.join("."))))
}

fn has(problems: &[Problem], key: &str) -> bool {
    problems.iter().any(|(_, keys, _)| keys.last().is_some_and(|last| last == key))
}

fn unknown(table: &Table, keys: &[String], known: &[&str], problems: &mut Vec<Problem>) {
    for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
        let meant = nearest(key, known).map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
        let keys = keys.iter().cloned().chain([key.clone()]).collect();
        problems.push((
            FindingCode::UnknownKeys,
            keys,
            format!("cargo-near does not know the key `{}`{meant}", Shown(key)),
        ));
    }
}

/// The section of a contract, and what is wrong with it.
pub fn read(contract: &Contract<'_>, findings: &mut Findings) -> Option<Section> {
    let name = contract.name();
    let Some(value) = get(contract.manifest, &SECTION) else {
        let message = format!("`{}` has no section `[{}]`", Shown(&contract.package), SECTION.join("."));
        findings.about(&name, FindingCode::NoSection, contract.at(&["package", "name"]), message, None);
        return None;
    };
    let (section, problems) = Section::parse(value, contract.variant.as_deref());
    for (code, keys, message) in &problems {
        // To find the line, the whole file is read.
        if !findings.has_room(&name, *code, &contract.manifest_path()) {
            continue;
        }
        let keys: Vec<&str> = SECTION.into_iter().chain(keys.iter().map(String::as_str)).collect();
        findings.about(&name, *code, contract.at(&keys), message.clone(), None);
    }
    let is_missing = value.get("image_digest").is_none() || section.image_digest.as_deref().is_none_or(str::is_empty);
    if is_missing && !has(&problems, "image_digest") {
        let known = section.image.as_deref().and_then(image::digest_of_tag);
        let keys = section.keys_beside("image", "image_digest");
        let stated = get(contract.manifest, &keys.iter().map(String::as_str).collect::<Vec<_>>());
        // A digest that the author wrote beside that image is not for us to replace.
        let is_open = stated.is_none_or(|digest| digest.as_str() == Some(""));
        let change = known.filter(|_| is_open);
        let change = change.map(|digest| Change::set(&contract.manifest_path(), &keys, digest));
        let message = "the section does not name the image by its digest";
        findings.about(&name, FindingCode::NoDigest, section.place(contract, "image"), message, change);
    }
    if section.command.is_none() && !has(&problems, "container_build_command") {
        let words = CUSTOMARY.map(str::to_owned).to_vec();
        let keys = section.keys("container_build_command");
        // Images before 0.13 have another command.
        let is_new = section.image.as_deref().and_then(Versions::of_image).is_some_and(|it| it.takes_command());
        let change = is_new.then(|| Change::words(&contract.manifest_path(), &keys, words));
        let message = "the section does not name `container_build_command`";
        findings.about(&name, FindingCode::CommandMissing, contract.at(&SECTION), message, change);
    }
    Some(section)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str = "image = \"sourcescan/cargo-near:0.13.4-rust-1.85.0\"\n";
    const DIGEST: &str = "image_digest = \"sha256:a9d8bee7b134856cc8baa142494a177f2ba9ecfededfcdd38f634e14cca8aae2\"\n";

    fn codes(text: &str, variant: Option<&str>) -> Vec<&'static str> {
        let value = Value::Table(toml::from_str(text).unwrap());
        Section::parse(&value, variant).1.into_iter().map(|(code, ..)| code.code()).collect()
    }

    /// The rules of cargo-near-build's own reader, by its types: what serde refuses, and which keys it collects. That reader is of
    /// a module that the crate keeps to itself (`types`), so that no test can call it.
    #[test]
    fn a_section_is_read_and_refused_as_cargo_near_does_it() {
        let whole = |more: &str| format!("{IMAGE}{DIGEST}{more}");
        for (text, variant, expected) in [
            (whole(""), None, &[][..]),
            (whole("passed_env = []\ncontainer_build_command = [\"make\"]"), None, &[]),
            (whole("container_build_command = \"make\""), None, &["section-malformed"]),
            (whole("passed_env = [1]"), None, &["section-malformed"]),
            (whole("passed_env = \"A\""), None, &["section-malformed"]),
            (whole("container_build_commands = [\"make\"]"), None, &["unknown-keys"]),
            (whole("[variant.a]\nimage = \"x\""), None, &[]),
            (whole("[variant.a]\nimage = \"x\""), Some("a"), &[]),
            // Types of a variant that was not chosen are read too, its unknown keys are not.
            (whole("[variant.a]\nimage = 1"), None, &["section-malformed"]),
            (whole("[variant.a]\nimages = \"x\""), None, &[]),
            (whole("[variant.a]\nimages = \"x\""), Some("a"), &["unknown-keys"]),
            // A variant has no variants.
            (whole("[variant.a.variant.b]\nimage = \"x\""), Some("a"), &["unknown-keys"]),
            (whole("variant = 1"), None, &["section-malformed"]),
            (whole("[variant]\na = 1"), None, &["section-malformed"]),
            (DIGEST.to_owned(), None, &["section-malformed"]),
            (format!("{DIGEST}[variant.a]\nimage = \"x\""), Some("a"), &["section-malformed"]),
            ("image = 1".to_owned(), None, &["section-malformed"]),
        ] {
            assert_eq!(codes(&text, variant), expected, "{text} {variant:?}");
        }
        assert_eq!(Section::parse(&Value::Integer(1), None).1.len(), 1);
    }

    #[test]
    fn a_variant_is_laid_over_key_by_key() {
        let text = format!("{IMAGE}{DIGEST}passed_env = [\"A\"]\n[variant.b]\npassed_env = [\"B\"]\n");
        let value = Value::Table(toml::from_str(&text).unwrap());
        let (section, problems) = Section::parse(&value, Some("b"));
        assert!(problems.is_empty() && section.image.is_some());
        assert_eq!(section.passed_env, ["B"]);
        let keys = |key| section.keys(key).join(".");
        assert_eq!(keys("passed_env"), "package.metadata.near.reproducible_build.variant.b.passed_env");
        assert_eq!(keys("image"), "package.metadata.near.reproducible_build.image");
    }
}
