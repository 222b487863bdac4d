//! What nearc writes into a contract as its claim, as `metadata.py` of nearc 0.10 does it: of `pyproject.toml` and of the clone that it
//! sees. Not here: what its command builds (`source::nearc`), whether that is wise (`lint::python`).

use provenear_shared::nep330::ContractSourceMetadata;
use serde_json::{Value, json};
use toml::Table;

use super::{Language, SECTION, get};

/// The usual command.
pub const COMMAND: &str = "nearc";

/// A table of the claim as it is to stand there, which nearc takes where there is no section.
pub const BUILD_INFO: [&str; 3] = ["near", "contract", "build_info"];

/// Which table says how the contract is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated {
    /// The section that `nearc --reproducible` needs.
    Section,
    /// [`BUILD_INFO`].
    BuildInfo,
}

impl Stated {
    /// That of a `pyproject.toml`.
    pub fn of(manifest: &Table) -> Option<Stated> {
        let table = |it: Stated| get(manifest, &it.keys())?.as_table();
        // An empty one is none to nearc.
        let section = table(Stated::Section).filter(|table| !table.is_empty()).map(|_| Stated::Section);
        section.or_else(|| table(Stated::BuildInfo).map(|_| Stated::BuildInfo))
    }

    /// The keys that lead to it.
    pub fn keys(self) -> Vec<&'static str> {
        let below: &[&str] = match self {
            Stated::Section => &SECTION,
            Stated::BuildInfo => &BUILD_INFO,
        };
        [Language::Python.metadata(), below].concat()
    }

    /// The key of the image.
    pub fn image(self) -> &'static str {
        match self {
            Stated::Section => "image",
            Stated::BuildInfo => "build_environment",
        }
    }

    /// The key of the command.
    pub fn command(self) -> &'static str {
        match self {
            Stated::Section => "container_build_command",
            Stated::BuildInfo => "build_command",
        }
    }
}

/// The claim. `source` is `remote.origin.url` of the clone and its commit, where nearc sees both.
///
/// # Errors
/// Why no reader could read it: nearc writes JSON into a text of Python without a thought for what stands in it.
pub fn claim(manifest: &Table, source: Option<(&str, &str)>) -> Result<ContractSourceMetadata, String> {
    let mut claim = json!({});
    if let Some(link) = link(manifest) {
        claim["link"] = json_of(link);
    }
    let stated = Stated::of(manifest);
    let table = stated.and_then(|it| get(manifest, &it.keys()));
    if let Some((stated, table)) = stated.zip(table) {
        claim["build_info"] = match stated {
            // Without the digest, which stands in a key of its own.
            Stated::Section => json!({
                "build_environment": table.get(stated.image()).map_or_else(|| json!(""), json_of),
                "build_command": table.get(stated.command()).map_or_else(|| json!([]), json_of),
            }),
            Stated::BuildInfo => json_of(table),
        };
    }
    if let Some((origin, commit)) = source {
        claim["build_info"]["source_code_snapshot"] = json!(format!("git+{origin}#{commit}"));
    }
    let text = claim.to_string();
    if text.contains('\'') {
        return Err("nearc writes the claim between single quotes, and there is one in it".to_owned());
    }
    ContractSourceMetadata::parse(unescaped(&text).as_bytes()).map_err(|error| error.to_string())
}

/// Where the claim says that the contract is, `""` for the root: nearc itself never says it.
pub fn contract_path(manifest: &Table) -> &str {
    let table = Stated::of(manifest).filter(|it| *it == Stated::BuildInfo).and_then(|it| get(manifest, &it.keys()));
    table.and_then(|table| table.get("contract_path")?.as_str()).unwrap_or_default()
}

fn link(manifest: &Table) -> Option<&toml::Value> {
    let places: [&[&str]; 4] = [
        &["project", "urls", "repository"],
        &["project", "url"],
        &["project", "repository"],
        &["tool", "near", "contract", "link"],
    ];
    places.into_iter().find_map(|keys| get(manifest, keys))
}

fn json_of(value: &toml::Value) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// What Python makes of the text between the quotes: it takes each backslash of JSON for one of its own.
fn unescaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(it) = rest.next() {
        match (it, rest.clone().next()) {
            ('\\', Some(next @ ('"' | '\\'))) => {
                rest.next();
                made.push(next);
            }
            // A character that no text of JSON holds as it is.
            ('\\', _) => made.push('\0'),
            (it, _) => made.push(it),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded by `tests/testdata/nearc/record.py` from nearc itself.
    #[test]
    fn it_claims_what_nearc_does() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/testdata/nearc");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.extension().is_none_or(|it| it != "json") {
                continue;
            }
            let recorded: Value = serde_json::from_slice(&std::fs::read(&entry).unwrap()).unwrap();
            let manifest: Table = toml::from_str(recorded["pyproject"].as_str().unwrap()).unwrap();
            let text = |key: &str| recorded[key].as_str();
            let ours = claim(&manifest, text("origin").zip(text("commit")));
            let theirs = text("claim").map(|claim| ContractSourceMetadata::parse(claim.as_bytes()));
            let what = entry.display();
            match theirs {
                Some(Ok(theirs)) => {
                    let ours = ours.unwrap_or_else(|why| panic!("{what}: {why}"));
                    assert_eq!((&ours.link, &ours.build_info), (&theirs.link, &theirs.build_info), "{what}");
                }
                Some(Err(_)) | None => assert!(ours.is_err(), "{what}: {ours:?}"),
            }
            seen += 1;
        }
        assert!(seen > 7, "only {seen}");
    }
}
