//! NEP-330 `contract_source_metadata`, versions 1.0 to 1.3, as claimed: strings that nobody has judged yet.
//! Not here: whether the claim can be rebuilt (`recipe`), or where it was read (`embedded`, `rpc`).

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest claim that is read, in bytes. Real ones are below 2 KiB.
pub const MAX_METADATA_SIZE: usize = 65_536;

/// The metadata object. Missing keys and explicit nulls are the same: not claimed.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractSourceMetadata {
    /// Release version or commit of the contract.
    pub version: Option<String>,
    /// Free-text link to the source. Never used as "the source".
    pub link: Option<String>,
    /// Standards that the contract says it keeps.
    pub standards: Vec<Standard>,
    /// What a rebuild needs, since NEP-330 1.2.
    pub build_info: Option<BuildInfo>,
    verbatim: serde_json::Value,
}

/// One entry of `standards`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standard {
    /// Name, such as `nep141`.
    pub standard: String,
    /// Version, such as `1.0.0`.
    pub version: String,
}

/// `build_info`. Every member may be missing in the wild, so each is judged on its own by `recipe`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct BuildInfo {
    /// Container image, pinned by digest.
    pub build_environment: Option<String>,
    /// Where the source is, at which commit.
    pub source_code_snapshot: Option<String>,
    /// Folder of the contract inside the source.
    pub contract_path: Option<String>,
    /// The argv that was run.
    pub build_command: Option<Vec<String>>,
    /// Where the build leaves the wasm, since NEP-330 1.3.
    pub output_wasm_path: Option<String>,
}

/// Why bytes are not NEP-330 metadata.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MetadataError {
    /// Longer than [`MAX_METADATA_SIZE`].
    #[error("the metadata has {0} bytes, more than 65536")]
    TooLarge(usize),
    /// Not UTF-8, not JSON, not an object, or a member of another type than NEP-330 gives it.
    #[error("the metadata is not what NEP-330 describes: {0}")]
    Malformed(String),
}

impl ContractSourceMetadata {
    /// Reads what `contract_source_metadata` returned.
    ///
    /// # Errors
    /// [`MetadataError`]; a key that stands twice is malformed too, because two readers would see different claims.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        #[derive(Deserialize)]
        struct Wire {
            version: Option<String>,
            link: Option<String>,
            standards: Option<Vec<Standard>>,
            build_info: Option<BuildInfo>,
        }
        if bytes.len() > MAX_METADATA_SIZE {
            return Err(MetadataError::TooLarge(bytes.len()));
        }
        let malformed = |error: serde_json::Error| MetadataError::Malformed(error.to_string());
        let verbatim: serde_json::Value = serde_json::from_slice(bytes).map_err(malformed)?;
        // serde reads a struct from an array as well; NEP-330 knows only objects.
        if !verbatim.is_object() || verbatim.get("build_info").is_some_and(serde_json::Value::is_array) {
            return Err(MetadataError::Malformed("it is not a JSON object".to_owned()));
        }
        let wire: Wire = serde_json::from_slice(bytes).map_err(malformed)?;
        Ok(Self {
            version: wire.version,
            link: wire.link,
            standards: wire.standards.unwrap_or_default(),
            build_info: wire.build_info,
            verbatim,
        })
    }

    /// The object as it was claimed, unknown keys kept.
    pub fn verbatim(&self) -> &serde_json::Value {
        &self.verbatim
    }
}
