//! near-abi 0.4 as it is written, and JSON Schema types in words.

use serde::Deserialize;
use serde_json::Value;

use crate::abi::{Abi, AbiFunction, AbiParam, AbiType};

/// Most types, and most fields of one.
const MAX_TYPES: usize = 1_000;
/// How deep a type is described before `…` stands for the rest.
const MAX_DEPTH: usize = 6;

#[derive(Default, Deserialize)]
pub(super) struct Root {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    body: Body,
}

#[derive(Default, Deserialize)]
struct Metadata {
    name: Option<String>,
    version: Option<String>,
    build: Option<Build>,
}

#[derive(Deserialize)]
struct Build {
    compiler: Option<String>,
    builder: Option<String>,
}

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    functions: Vec<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    doc: Option<String>,
    kind: String,
    #[serde(default)]
    modifiers: Vec<String>,
    params: Option<Params>,
    result: Option<Typed>,
}

#[derive(Deserialize)]
struct Params {
    serialization_type: String,
    #[serde(default)]
    args: Vec<Argument>,
}

#[derive(Deserialize)]
struct Argument {
    name: String,
    type_schema: Value,
}

#[derive(Deserialize)]
struct Typed {
    type_schema: Value,
}

impl Root {
    pub(super) fn into_abi(self, schema_version: String, note: Option<String>, verbatim: Value) -> Abi {
        let (compiler, builder) = self.metadata.build.map_or((None, None), |build| (build.compiler, build.builder));
        Abi {
            schema_version,
            name: self.metadata.name,
            version: self.metadata.version,
            compiler,
            builder,
            functions: self.body.functions.into_iter().map(Function::into_abi).collect(),
            exports_not_described: Vec::new(),
            functions_not_exported: Vec::new(),
            types: if note.is_none() { types(&verbatim) } else { Vec::new() },
            note,
            verbatim,
        }
    }
}

impl Function {
    fn into_abi(self) -> AbiFunction {
        let serialization = self.params.as_ref().map(|params| params.serialization_type.clone());
        let args = self.params.map(|params| params.args).unwrap_or_default();
        let param =
            |argument: Argument| AbiParam { type_name: type_name(&argument.type_schema, 0), name: argument.name };
        AbiFunction {
            name: self.name,
            doc: self.doc,
            kind: self.kind,
            modifiers: self.modifiers,
            params: args.into_iter().map(param).collect(),
            serialization,
            result: self.result.map(|result| type_name(&result.type_schema, 0)),
        }
    }
}

/// The definitions of the root schema, at most [`MAX_TYPES`] of them.
fn types(verbatim: &Value) -> Vec<AbiType> {
    let definitions = verbatim.pointer("/body/root_schema/definitions").and_then(Value::as_object);
    let doc = |schema: &Value| schema.get("description").and_then(Value::as_str).map(str::to_owned);
    let field = |(name, schema): (&String, &Value)| AbiParam { name: name.clone(), type_name: type_name(schema, 0) };
    let one = |(name, schema): (&String, &Value)| AbiType {
        name: name.clone(),
        doc: doc(schema),
        type_name: type_name(schema, 0),
        fields: schema
            .get("properties")
            .and_then(Value::as_object)
            .map(|fields| fields.iter().take(MAX_TYPES).map(field).collect())
            .unwrap_or_default(),
    };
    definitions.map(|definitions| definitions.iter().take(MAX_TYPES).map(one).collect()).unwrap_or_default()
}

/// A JSON Schema type in words: `string`, `[integer (uint32)]`, `AccountId or null`, `{…}`.
fn type_name(schema: &Value, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return "…".to_owned();
    }
    let inner = |schema: &Value| type_name(schema, depth + 1);
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return reference.rsplit('/').next().unwrap_or(reference).to_owned();
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(options) = schema.get(choice).and_then(Value::as_array) {
            let joint = if choice == "allOf" { " and " } else { " or " };
            return options.iter().take(8).map(inner).collect::<Vec<_>>().join(joint);
        }
    }
    // Borsh schemas name the outermost type in `declaration`.
    if let Some(declaration) = schema.get("declaration").and_then(Value::as_str) {
        return declaration.to_owned();
    }
    match schema.get("type") {
        Some(Value::String(name)) if name == "array" => match schema.get("items") {
            Some(Value::Array(items)) => {
                format!("({})", items.iter().take(8).map(inner).collect::<Vec<_>>().join(", "))
            }
            Some(items) => format!("[{}]", inner(items)),
            None => "array".to_owned(),
        },
        Some(Value::String(name)) if name == "object" => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("{{string: {}}}", inner(values)),
            Some(_) | None => "object".to_owned(),
        },
        Some(Value::String(name)) => match schema.get("format").and_then(Value::as_str) {
            Some(format) => format!("{name} ({format})"),
            None => name.clone(),
        },
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        Some(_) | None if schema.get("enum").is_some() => "enum".to_owned(),
        Some(_) | None => "any".to_owned(),
    }
}
