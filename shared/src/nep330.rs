//! NEP-330 `contract_source_metadata`, versions 1.0 to 1.3, as claimed: strings that nobody has judged yet.
//! Not here: whether the claim can be rebuilt (`recipe`), or where it was read (`embedded`, `rpc`).

use thiserror::Error;

use crate::json::{Object, Unexpected, members};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    /// Name, such as `nep141`.
    pub standard: String,
    /// Version, such as `1.0.0`.
    pub version: String,
}

/// `build_info`. Every member may be missing in the wild, so each is judged on its own by `recipe`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

members!(Standard { standard: get "standard", version: get "version" });
members!(BuildInfo {
    build_environment: maybe "build_environment",
    source_code_snapshot: maybe "source_code_snapshot",
    contract_path: maybe "contract_path",
    build_command: maybe "build_command",
    output_wasm_path: maybe "output_wasm_path",
});

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
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::nep330::ContractSourceMetadata;
    ///
    /// let claim = br#"{ "version": "1.0.0", "link": null, "build_info": { "contract_path": "crates/contract" } }"#;
    /// let claim = ContractSourceMetadata::parse(claim).unwrap();
    /// assert_eq!(claim.link, None);
    /// assert_eq!(claim.build_info.unwrap().contract_path.as_deref(), Some("crates/contract"));
    /// // One reader would see the first link, another the second.
    /// assert!(ContractSourceMetadata::parse(br#"{ "link": "https://a.example", "link": "https://b.example" }"#).is_err());
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        if bytes.len() > MAX_METADATA_SIZE {
            return Err(MetadataError::TooLarge(bytes.len()));
        }
        let malformed = |error: Unexpected| MetadataError::Malformed(error.to_string());
        let object = Object::parse(bytes).map_err(malformed)?;
        let verbatim = serde_json::from_slice(bytes).map_err(|error| MetadataError::Malformed(error.to_string()))?;
        Ok(Self {
            version: object.maybe("version").map_err(malformed)?,
            link: object.maybe("link").map_err(malformed)?,
            standards: object.maybe("standards").map_err(malformed)?.unwrap_or_default(),
            build_info: object.maybe("build_info").map_err(malformed)?,
            verbatim,
        })
    }

    /// The object as it was claimed, unknown keys kept.
    pub fn verbatim(&self) -> &serde_json::Value {
        &self.verbatim
    }
}
