//! The ABI that `__contract_abi` hands out, as far as it is shown: near-abi JSON, schema 0.4. Never decides.
//! Not here: decoding it out of the bytes (`read`).

#[cfg(feature = "pipeline")]
mod read;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::spelling::codes;
use crate::text::Shown;

#[cfg(feature = "pipeline")]
pub use read::{AbiError, MAX_ABI_SIZE, abi, decompress, parse};

/// The export that near-sdk generates.
pub const ABI_EXPORT: &str = "__contract_abi";

/// What the ABI says, and where it disagrees with the exports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Abi {
    /// Version of the ABI's own schema; `0.4.x` is what the members below were read by.
    pub schema_version: String,
    /// Name of the contract's crate.
    pub name: Option<String>,
    /// Version of the contract's crate.
    pub version: Option<String>,
    /// Compiler that built it, such as `rustc 1.86.0`.
    pub compiler: Option<String>,
    /// Tool that built it, such as `cargo-near cargo-near-build 0.7.2`.
    pub builder: Option<String>,
    /// Methods in the order of the ABI.
    pub functions: Vec<AbiFunction>,
    /// Exported functions that the ABI does not describe.
    pub exports_not_described: Vec<String>,
    /// Methods of the ABI that the module does not export.
    pub functions_not_exported: Vec<String>,
    /// The types that methods refer to by name.
    pub types: Vec<AbiType>,
    /// Why members are missing, where the schema is of another version.
    pub note: Option<String>,
    /// The whole ABI, verbatim.
    pub verbatim: Value,
}

/// One method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AbiFunction {
    /// Name of the export.
    pub name: String,
    /// Its doc comment.
    pub doc: Option<String>,
    /// `view` or `call`.
    pub kind: String,
    /// `init`, `private`, `payable`.
    pub modifiers: Vec<String>,
    /// Arguments.
    pub params: Vec<AbiParam>,
    /// `json` or `borsh`, where there are arguments.
    pub serialization: Option<String>,
    /// What it returns, in words.
    pub result: Option<String>,
}

/// A named type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AbiType {
    /// Name.
    pub name: String,
    /// Its doc comment.
    pub doc: Option<String>,
    /// What it is, in words.
    pub type_name: String,
    /// Its fields, where it has named ones.
    pub fields: Vec<AbiParam>,
}

/// One argument or field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AbiParam {
    /// Name.
    pub name: String,
    /// Type, in words.
    pub type_name: String,
}

codes! {
    /// What is said beside an ABI, or in its place.
    pub enum AbiNote {
        /// The contract carries none.
        Missing = "abi-missing",
        /// It cannot be read.
        Malformed = "abi-malformed",
        /// Nobody has looked.
        SandboxUnavailable = "sandbox-unavailable",
        /// Its schema is of another version than is read here.
        SchemaUnknown = "abi-schema-unknown",
        /// An export that it does not describe.
        ExportNotDescribed = "export-not-described",
        /// A method of it that is not exported.
        MethodNotExported = "method-not-exported",
    }
}

impl Abi {
    /// What ABI and exports do not agree about, and what could not be read: a code and a sentence each.
    pub fn notes(&self) -> Vec<(AbiNote, String)> {
        let note = self.note.iter().map(|note| (AbiNote::SchemaUnknown, note.clone()));
        let described = self.exports_not_described.iter();
        let described = described.map(|name| {
            (AbiNote::ExportNotDescribed, format!("`{}` is exported, and the ABI does not describe it", Shown(name)))
        });
        let exported = self.functions_not_exported.iter();
        let exported = exported.map(|name| {
            (
                AbiNote::MethodNotExported,
                format!("the ABI describes `{}`, which the module does not export", Shown(name)),
            )
        });
        note.chain(described).chain(exported).collect()
    }
}
