//! `expect: ok` with what was read, or `malformed`, `too-large`.

use provenear_shared::nep330::{ContractSourceMetadata, MetadataError};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "version", "link", "standards", "build-info", "verbatim-key"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let expect = vector.header("expect")?;
    let metadata = match ContractSourceMetadata::parse(&vector.bytes()?) {
        Ok(metadata) => metadata,
        Err(MetadataError::TooLarge(_)) => return same("the outcome", "too-large", expect),
        Err(MetadataError::Malformed(_)) => return same("the outcome", "malformed", expect),
    };
    same("the outcome", "ok", expect)?;
    let given = |value: &Option<String>| value.clone().unwrap_or("none".to_owned());
    same("the version", &given(&metadata.version), vector.header("version")?)?;
    same("the link", &given(&metadata.link), vector.header("link")?)?;
    let standards: Vec<String> = metadata.standards.iter().map(|it| format!("{} {}", it.standard, it.version)).collect();
    same("the list of standards", &standards.join(", "), vector.headers("standards").first().unwrap_or(&""))?;
    let info = metadata.build_info.as_ref().map_or("none".to_owned(), |info| {
        let members = [
            ("build_environment", info.build_environment.is_some()),
            ("source_code_snapshot", info.source_code_snapshot.is_some()),
            ("contract_path", info.contract_path.is_some()),
            ("build_command", info.build_command.is_some()),
            ("output_wasm_path", info.output_wasm_path.is_some()),
        ];
        let there: Vec<&str> = members.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect();
        there.join(" ")
    });
    same("what `build_info` has", &info, vector.header("build-info")?)?;
    match vector.headers("verbatim-key").iter().find(|key| metadata.verbatim().get(*key).is_none()) {
        Some(key) => Err(format!("the unknown key `{key}` is lost")),
        None => Ok(()),
    }
}
