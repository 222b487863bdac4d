//! Gathers what the bytes say without being run. Not here: its shape (`facts`).

use super::facts::{DataFact, EmbeddedFact, ModuleFacts, OddityFact, SectionFact};
use super::{MemoryImage, Module, fingerprint, nested};
use crate::digest::Sha256Digest;

impl ModuleFacts {
    /// Everything that this room can say of `module`, with `metadata` of embedded modules left `None`.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::wasm::{Module, ModuleFacts};
    ///
    /// let bytes = wat::parse_str(
    ///     r#"(module
    ///         (import "env" "promise_batch_action_deploy_contract" (func (param i64 i64 i64)))
    ///         (func (export "upgrade")))"#,
    /// );
    /// let bytes = bytes.unwrap();
    /// let facts = ModuleFacts::of(&Module::parse(&bytes).unwrap());
    /// assert_eq!(facts.imports, ["env.promise_batch_action_deploy_contract"]);
    /// assert_eq!((facts.exports, facts.functions), (vec!["upgrade".to_owned()], 1));
    /// ```
    pub fn of(module: &Module) -> ModuleFacts {
        let image = module.memory_image();
        Self::with(module, &image, &nested::find(module, &image))
    }

    /// The same, where `inside` was found in `image` already.
    pub(crate) fn with(module: &Module, image: &MemoryImage, inside: &[&[u8]]) -> ModuleFacts {
        ModuleFacts {
            sections: module
                .sections()
                .iter()
                .map(|section| SectionFact {
                    name: match &section.custom_name {
                        Some(name) => format!("custom {name}"),
                        None => section.kind.name().to_owned(),
                    },
                    size: section.content.len(),
                })
                .collect(),
            imports: module.imports().iter().map(|import| format!("{}.{}", import.module, import.name)).collect(),
            exports: module.exports().iter().map(|export| export.name.to_owned()).collect(),
            functions: module.function_count(),
            data: DataFact {
                segments: module.data().len(),
                size: module.data().iter().map(|segment| segment.data.len()).sum(),
            },
            embedded: inside
                .iter()
                .map(|inner| EmbeddedFact { code_hash: Sha256Digest::of(inner), size: inner.len(), metadata: None })
                .collect(),
            fingerprint: fingerprint::of(module, image),
            oddities: module
                .oddities()
                .iter()
                .map(|oddity| OddityFact { code: oddity.code(), message: oddity.to_string() })
                .collect(),
        }
    }
}
