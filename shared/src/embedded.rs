//! What the code says about itself when one of its exports is run in a sandbox: metadata and ABI out of the bytes.
//! Not here: the rules of a run (`wasm::sandbox`), the engines (`helper/sandbox`, the page's Worker).

use std::future::Future;

use crate::nep330::{ContractSourceMetadata, MetadataError};
use crate::wasm::Module;
use crate::wasm::sandbox::{Plan, PlanError, VALUE_RETURN};

/// The export that NEP-330 names.
pub const METADATA_EXPORT: &str = "contract_source_metadata";

/// Runs one export of untrusted wasm under the rules of [`crate::wasm::sandbox`].
pub trait Sandbox {
    /// Runs `plan` once, within the edge's own limit.
    fn run(&self, plan: &Plan) -> impl Future<Output = SandboxRun>;
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxRun {
    /// Bytes of the last `value_return`; `None` if there was none.
    pub returned: Option<Vec<u8>>,
    /// Names of all host functions that were called, each once, in order of the first call.
    pub called: Vec<String>,
    /// How it ended.
    pub end: SandboxEnd,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxEnd {
    /// The export returned.
    Returned,
    /// The module trapped, or an engine would not take it; with the engine's words.
    Trapped(String),
    /// The limit of time or fuel was reached.
    LimitReached,
}

/// The claim as the bytes alone give it.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // one value an inspection: a box would save nothing
pub enum EmbeddedClaim {
    /// No such export.
    Missing,
    /// The export called `value_return` and nothing else: fixed by the code.
    Fixed(Result<ContractSourceMetadata, MetadataError>),
    /// The export calls these host functions, so its answer is not fixed by the code.
    Computed(Vec<String>),
    /// The export cannot be run, or did not end well; with the reason.
    Failed(String),
}

/// Runs `contract_source_metadata` of `module`.
pub async fn claim(module: &Module<'_>, sandbox: &impl Sandbox) -> EmbeddedClaim {
    match run(module, METADATA_EXPORT, sandbox).await {
        Ok(Ran::Fixed(bytes)) => EmbeddedClaim::Fixed(ContractSourceMetadata::parse(&bytes)),
        Ok(Ran::Computed(called)) => EmbeddedClaim::Computed(called),
        Ok(Ran::Failed(reason)) => EmbeddedClaim::Failed(reason),
        Err(PlanError::ExportMissing(_)) => EmbeddedClaim::Missing,
        Err(error) => EmbeddedClaim::Failed(error.to_string()),
    }
}

/// What one export gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ran {
    Fixed(Vec<u8>),
    Computed(Vec<String>),
    Failed(String),
}

/// Runs one export and sorts what it did.
pub(crate) async fn run(module: &Module<'_>, export: &str, sandbox: &impl Sandbox) -> Result<Ran, PlanError> {
    let plan = Plan::new(module, export)?;
    let run = sandbox.run(&plan).await;
    let others: Vec<String> = run.called.into_iter().filter(|name| name != VALUE_RETURN).collect();
    Ok(match (run.end, run.returned) {
        // Named before the ending: with stubs in place of the host, such a run may well trap.
        _ if !others.is_empty() => Ran::Computed(others),
        (SandboxEnd::Returned, Some(bytes)) => Ran::Fixed(bytes),
        (SandboxEnd::Returned, None) => Ran::Failed(format!("`{export}` returned nothing")),
        (SandboxEnd::Trapped(reason), _) => Ran::Failed(format!("`{export}` failed: {}", crate::text::Shown(&reason))),
        (SandboxEnd::LimitReached, _) => Ran::Failed(format!("`{export}` did not end within its limit")),
    })
}
