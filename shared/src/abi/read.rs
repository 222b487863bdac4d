//! Decodes the ABI out of the bytes: zstd of near-abi JSON. Not here: how an export is run (`embedded`, `wasm::sandbox`).

mod schema;

use std::collections::BTreeSet;
use std::io::Read;

use serde_json::Value;
use thiserror::Error;

use super::{ABI_EXPORT, Abi, AbiNote};
use crate::embedded::{METADATA_EXPORT, Ran, Sandbox, SandboxUnavailable, run};
use crate::text::Shown;
use crate::wasm::Module;
use crate::wasm::sandbox::MAX_STEPS;

/// The longest ABI that is decoded, in bytes after decompression. Real ones are below 300 kB.
pub const MAX_ABI_SIZE: usize = 4 << 20;
/// Largest zstd window that a frame may ask for, in bytes: what cargo-near's level 22 does ask for. The decoder allocates
/// what it decodes, which [`MAX_ABI_SIZE`] bounds, and not the window.
const MAX_WINDOW: u64 = 128 << 20;

/// Why there is no ABI to show.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AbiError {
    /// The contract carries none.
    #[error("the contract carries no ABI")]
    Missing,
    /// The export cannot be run, or asks the host.
    #[error("the ABI cannot be read: {}", Shown(.0))]
    Failed(String),
    /// Nobody has looked.
    #[error(transparent)]
    Unavailable(#[from] SandboxUnavailable),
    /// Not zstd.
    #[error("the ABI is not zstd: {}", Shown(.0))]
    NotZstd(String),
    /// More than [`MAX_ABI_SIZE`].
    #[error("the ABI decompresses to more than 4 MiB")]
    TooLarge,
    /// Not near-abi JSON.
    #[error("the ABI is not what near-abi describes: {}", Shown(.0))]
    Malformed(String),
}

impl AbiError {
    /// Its code.
    pub fn code(&self) -> AbiNote {
        match self {
            Self::Missing => AbiNote::Missing,
            Self::Unavailable(_) => AbiNote::SandboxUnavailable,
            Self::Failed(_) | Self::NotZstd(_) | Self::TooLarge | Self::Malformed(_) => AbiNote::Malformed,
        }
    }
}

/// Runs `__contract_abi` of `module` and decodes what it returns.
///
/// # Errors
/// [`AbiError`].
pub async fn abi(module: &Module<'_>, sandbox: &impl Sandbox) -> Result<Abi, AbiError> {
    // Before anything else that may be wrong with the module: what is not there cannot be read wrongly.
    if module.exported_function(ABI_EXPORT).is_none() {
        return Err(AbiError::Missing);
    }
    let bytes = match run(module, ABI_EXPORT, MAX_STEPS, sandbox).await? {
        Ok(Ran::Fixed(bytes)) => bytes,
        Ok(Ran::Computed(computed)) => return Err(AbiError::Failed(format!("it {computed}"))),
        Ok(Ran::NotToItsEnd(reason)) => return Err(SandboxUnavailable(reason).into()),
        Ok(Ran::Failed(reason)) => return Err(AbiError::Failed(reason)),
        Err(error) => return Err(AbiError::Failed(error.to_string())),
    };
    let mut abi = parse(&decompress(&bytes)?)?;
    abi.compare(module);
    Ok(abi)
}

/// Decompresses one zstd frame within the caps.
///
/// # Errors
/// [`AbiError::NotZstd`], [`AbiError::TooLarge`].
pub fn decompress(bytes: &[u8]) -> Result<Vec<u8>, AbiError> {
    let not_zstd = |error: &dyn std::fmt::Display| AbiError::NotZstd(error.to_string());
    let decoder = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(bytes, MAX_WINDOW);
    let mut text = Vec::new();
    let limit = MAX_ABI_SIZE as u64 + 1;
    decoder.map_err(|error| not_zstd(&error))?.take(limit).read_to_end(&mut text).map_err(|error| not_zstd(&error))?;
    if text.len() > MAX_ABI_SIZE { Err(AbiError::TooLarge) } else { Ok(text) }
}

/// Reads near-abi JSON. Of another schema than 0.4 only version and verbatim text are kept.
///
/// # Errors
/// [`AbiError::Malformed`].
///
/// # Examples
/// ```
/// use provenear_shared::abi::{AbiNote, parse};
///
/// let abi = r#"{ "schema_version": "0.4.0", "body": { "functions": [{ "name": "get", "kind": "view" }] } }"#;
/// assert_eq!(parse(abi.as_bytes()).unwrap().functions[0].name, "get");
/// // A later schema may mean something else by the same members: it is kept as it is, and said to be unknown.
/// let later = parse(abi.replace("0.4.0", "0.5.0").as_bytes()).unwrap();
/// assert!(later.functions.is_empty() && later.notes()[0].0 == AbiNote::SchemaUnknown);
/// ```
pub fn parse(text: &[u8]) -> Result<Abi, AbiError> {
    let malformed = |error: serde_json::Error| AbiError::Malformed(error.to_string());
    let verbatim: Value = serde_json::from_slice(text).map_err(malformed)?;
    let Some(schema_version) = verbatim.get("schema_version").and_then(Value::as_str).map(str::to_owned) else {
        return Err(AbiError::Malformed("it has no `schema_version`".to_owned()));
    };
    let known = schema_version.starts_with("0.4.");
    let wire = if known { serde_json::from_slice(text).map_err(malformed)? } else { schema::Root::default() };
    let note = (!known).then(|| format!("schema `{}` is not known here, only 0.4 is", Shown(&schema_version)));
    Ok(wire.into_abi(schema_version, note, verbatim))
}

impl Abi {
    fn compare(&mut self, module: &Module<'_>) {
        if self.note.is_some() {
            return;
        }
        let functions = module.exports().iter().filter(|export| export.kind == wasmparser::ExternalKind::Func);
        let exported: Vec<&str> = functions.map(|export| export.name).collect();
        let described: Vec<&str> = self.functions.iter().map(|function| function.name.as_str()).collect();
        let generated = |name: &str| name.starts_with("__") || name == METADATA_EXPORT;
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let not_exported = owned(missing(&described, &exported));
        let mut undescribed = missing(&exported, &described);
        undescribed.retain(|name| !generated(name));
        self.exports_not_described = owned(undescribed);
        self.functions_not_exported = not_exported;
    }
}

/// Those of `these` that are not among `those`, in their order. Both lists are as long as a module has room for.
fn missing<T: Ord + Copy>(these: &[T], those: &[T]) -> Vec<T> {
    let those: BTreeSet<T> = those.iter().copied().collect();
    these.iter().copied().filter(|one| !those.contains(one)).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::cmp::Ordering;

    use super::missing;

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Counted(usize);

    impl Ord for Counted {
        fn cmp(&self, other: &Self) -> Ordering {
            COMPARED.set(COMPARED.get() + 1);
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Counted {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    /// Twice as long lists cost little more than twice as many comparisons.
    #[test]
    fn exports_and_methods_are_held_against_each_other_in_one_pass() {
        let compared = |count: usize| {
            let scattered = |step: usize| (0..count).map(|n| Counted(n * step % (2 * count + 1))).collect::<Vec<_>>();
            COMPARED.set(0);
            let missing = missing(&scattered(7), &scattered(11));
            assert!(!missing.is_empty() && missing.len() < count);
            COMPARED.get()
        };
        let (once, twice) = (compared(10_000), compared(20_000));
        assert!(twice < once * 5 / 2, "{once} comparisons, {twice} for twice as many");
        assert_eq!(missing(&[3, 1, 2, 1], &[2, 9]), [3, 1, 1]);
    }
}
