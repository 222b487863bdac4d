//! What a manifest says of reproducible builds: the section that cargo-near and nearc read, and its variants. Not here: whether it
//! is a good one (`lint`), writing it (`cmd/init`).

use toml::{Table, Value};

use super::{Language, get};

/// Where it stands below [`Language::metadata`].
pub const SECTION: [&str; 2] = ["near", "reproducible_build"];

/// The command that cargo-near writes into new projects.
pub const CUSTOMARY: [&str; 5] = ["cargo", "near", "build", "non-reproducible-wasm", "--locked"];

/// One build that is declared: the section, or a variant of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The variant; `None` for the section itself.
    pub variant: Option<String>,
    /// `image@digest`, as the claim has it.
    pub environment: String,
    /// The command in the container.
    pub command: Vec<String>,
    /// Variables whose values the command gets.
    pub passed_env: Vec<String>,
}

impl Declared {
    /// Whether a claim is of this build: its image and command, with values of `passed_env` behind it.
    pub fn is_claimed_by(&self, environment: Option<&str>, command: &[String]) -> bool {
        let Some(rest) = command.strip_prefix(self.command.as_slice()) else { return false };
        let passes = |pair: &[String]| match pair {
            [option, value] => {
                let name = value.split_once('=').map(|(name, _)| name);
                option == "--env" && name.is_some_and(|name| self.passed_env.iter().any(|known| known == name))
            }
            _ => false,
        };
        environment == Some(self.environment.as_str()) && rest.chunks(2).all(passes)
    }
}

/// Every build that a manifest declares, the section itself first; what is incomplete is none.
pub fn declared(language: Language, manifest: &Table) -> Vec<Declared> {
    let section = get(manifest, &[language.metadata(), &SECTION].concat()).and_then(Value::as_table);
    let Some(section) = section else { return Vec::new() };
    let variants = section.get("variant").and_then(Value::as_table).into_iter().flatten();
    let variants = variants.filter_map(|(name, own)| build(Some(name), section, own.as_table()?));
    build(None, section, section).into_iter().chain(variants).collect()
}

/// Each key of a variant takes the place of the section's.
fn build(variant: Option<&String>, section: &Table, own: &Table) -> Option<Declared> {
    let get = |key: &str| own.get(key).or_else(|| section.get(key));
    let words = |key: &str| -> Option<Vec<String>> {
        let words = get(key)?.as_array()?.iter();
        words.map(|word| word.as_str().map(ToOwned::to_owned)).collect()
    };
    Some(Declared {
        variant: variant.cloned(),
        environment: format!("{}@{}", get("image")?.as_str()?, get("image_digest")?.as_str()?),
        command: words("container_build_command").filter(|words| !words.is_empty())?,
        passed_env: words("passed_env").unwrap_or_default(),
    })
}
