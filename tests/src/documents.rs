//! The JSON that the helper prints and the page saves, read by the suites: each document against its schema in
//! `docs/schemas`, which is known by the document's own `schema`. Not here: writing the schemas (`tests/json_schemas.rs`).

use anyhow::{Context, Result, ensure};
use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

macro_rules! schemas {
    ($($name:literal,)+) => {
        /// Name and schema of every document.
        pub const SCHEMAS: &[(&str, &str)] =
            &[$((concat!("provenear/", $name, "/v1"), include_str!(concat!("../../docs/schemas/", $name, "-v1.json")))),+];
    };
}

schemas![
    "inspection",
    "diff",
    "rebuilds",
    "probe",
    "batch",
    "plan",
    "unit",
    "merge",
    "publish",
    "key",
    "cache",
    "lint",
    "settings",
    "tree",
];

struct Compiled {
    schemas: Schemas,
    known: Vec<(&'static str, SchemaIndex)>,
}

thread_local! {
    static COMPILED: Compiled = compile().expect("the schemas are ones");
}

fn compile() -> Result<Compiled> {
    let (mut schemas, mut compiler, mut known) = (Schemas::new(), Compiler::new(), Vec::new());
    for (name, text) in SCHEMAS {
        let url = format!("file:///{name}");
        // The errors refer to the schema, and do not go into `anyhow`.
        let wrong = |error| anyhow::anyhow!("`{name}`: {error:#}");
        compiler.add_resource(&url, serde_json::from_str(text)?).map_err(wrong)?;
        known.push((*name, compiler.compile(&url, &mut schemas).map_err(wrong)?));
    }
    Ok(Compiled { schemas, known })
}

/// Holds a document against its schema.
///
/// # Errors
/// Where it differs from it, or that there is no schema of its name.
pub fn check(document: &Value) -> Result<()> {
    let name = document["schema"].as_str().with_context(|| format!("it names no schema: {document}"))?;
    COMPILED.with(|compiled| {
        let index = compiled.known.iter().find(|(known, _)| *known == name);
        let (_, index) = index.with_context(|| format!("`{name}` has no schema in `docs/schemas`"))?;
        let held = compiled.schemas.validate(document, *index);
        held.map_err(|error| anyhow::anyhow!("not as `docs/schemas` has it: {error:#}\n{document:#}"))
    })
}

/// Reads one document and holds it against its schema.
///
/// # Errors
/// When it is not one JSON object, or not as its schema says.
pub fn read(text: &[u8]) -> Result<Value> {
    let document = serde_json::from_slice(text)
        .with_context(|| format!("this is not one JSON document: `{}`", String::from_utf8_lossy(text)))?;
    check(&document)?;
    Ok(document)
}

/// Reads a document from each line.
///
/// # Errors
/// When there are none, or one is not as its schema says.
pub fn read_lines(text: &[u8]) -> Result<Vec<Value>> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let documents = lines.map(read).collect::<Result<Vec<Value>>>()?;
    ensure!(!documents.is_empty(), "there is not one document");
    Ok(documents)
}
