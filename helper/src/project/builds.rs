//! What a manifest says of reproducible builds: the section that cargo-near reads, with its variants, and what nearc makes of its own.
//! Not here: whether it is a good one (`lint`), writing it (`cmd/init`).

use toml::{Table, Value};

use super::{Language, get, nearc};

/// Where it stands below [`Language::metadata`].
pub const SECTION: [&str; 2] = ["near", "reproducible_build"];

/// The command that cargo-near writes into new projects.
pub const CUSTOMARY: [&str; 5] = ["cargo", "near", "build", "non-reproducible-wasm", "--locked"];

/// One build that is declared: the section, or a variant of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The variant; `None` for the section itself.
    pub variant: Option<String>,
    /// The image, as the claim has it.
    pub environment: String,
    /// The command in the container.
    pub command: Vec<String>,
    /// Variables whose values the command gets.
    pub passed_env: Vec<String>,
}

/// What the section says, or a variant of it, complete or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The image, with its tag.
    pub image: Option<String>,
    /// Its digest.
    pub digest: Option<String>,
    /// The command: none where the section has none.
    pub command: Option<Words>,
    /// Variables.
    pub passed_env: Vec<String>,
}

/// What stands in the place of a list of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// At least one word, and the first is not empty.
    List(Vec<String>),
    /// Anything else.
    Malformed,
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
    match language {
        Language::Rust => of_cargo_near(manifest),
        Language::Python => of_nearc(manifest).into_iter().collect(),
    }
}

fn of_nearc(manifest: &Table) -> Option<Declared> {
    let claimed = nearc::claim(manifest, None).ok()?.build_info?;
    let (environment, command) = claimed.build_environment.zip(claimed.build_command)?;
    let is_complete = !environment.is_empty() && command.first().is_some_and(|program| !program.is_empty());
    is_complete.then(|| Declared { variant: None, environment, command, passed_env: Vec::new() })
}

fn of_cargo_near(manifest: &Table) -> Vec<Declared> {
    let Some(section) = section(manifest) else { return Vec::new() };
    let variants = section.get("variant").and_then(Value::as_table).into_iter().flatten();
    let variants = variants.filter_map(|(name, own)| Some((Some(name.clone()), own.as_table()?)));
    let all = std::iter::once((None, section)).chain(variants);
    all.filter_map(|(variant, own)| Stated::read(section, own).complete(variant)).collect()
}

/// What the section of a `Cargo.toml` itself says; all of it is none where there is no section.
pub fn read_section(manifest: &Table) -> Stated {
    let empty = Table::new();
    let section = section(manifest).unwrap_or(&empty);
    Stated::read(section, section)
}

fn section(manifest: &Table) -> Option<&Table> {
    get(manifest, &[Language::Rust.metadata(), &SECTION].concat())?.as_table()
}

impl Stated {
    /// Each key of a variant takes the place of the section's.
    fn read(section: &Table, own: &Table) -> Stated {
        let get = |key: &str| own.get(key).or_else(|| section.get(key));
        let text = |key: &str| get(key)?.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        let words = |value: &Value| -> Option<Vec<String>> {
            value.as_array()?.iter().map(|word| word.as_str().map(ToOwned::to_owned)).collect()
        };
        let command = |value: &Value| {
            let words = words(value).filter(|words| words.first().is_some_and(|program| !program.is_empty()));
            words.map_or(Words::Malformed, Words::List)
        };
        Stated {
            image: text("image"),
            digest: text("image_digest"),
            command: get("container_build_command").map(command),
            passed_env: get("passed_env").and_then(words).unwrap_or_default(),
        }
    }

    /// As a build, where nothing is missing.
    fn complete(self, variant: Option<String>) -> Option<Declared> {
        let Some(Words::List(command)) = self.command else { return None };
        let environment = format!("{}@{}", self.image?, self.digest?);
        Some(Declared { variant, environment, command, passed_env: self.passed_env })
    }
}
