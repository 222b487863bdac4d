//! What the code says about itself when one of its exports is run in a sandbox: metadata and ABI out of the bytes.
//! Not here: the rules of a run (`wasm::sandbox`), the engines (`helper/look/sandbox`, the page's Worker).

use std::fmt;
use std::future::Future;

use thiserror::Error;

use crate::nep330::{ContractSourceMetadata, MetadataError};
use crate::wasm::node::MAX_STACK_HEIGHT;
use crate::wasm::sandbox::{MARK_FLOAT, MARK_STACK, MAX_STEPS, Plan, PlanError, VALUE_RETURN};
use crate::wasm::{Feature, Module, ModuleFacts, Oddity, nested};

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
    /// The module trapped; with the engine's words.
    Trapped(String),
    /// The engine would not take the module.
    Invalid,
    /// An operator was reached that can make a NaN (see [`Plan::mark`]).
    FloatReached,
    /// Calls within calls took more stack than a node has (see [`Plan::mark`]).
    StackExhausted,
    /// More steps than are run here, or more time (see [`Plan::mark`]).
    LimitReached,
    /// The run never began, for a reason that is not the module's: no Worker, or no time on a busy machine.
    NotStarted(String),
}

impl SandboxEnd {
    /// The end that a mark tells, if it tells one.
    pub fn of_mark(mark: i32) -> Option<SandboxEnd> {
        match mark {
            MARK_FLOAT => Some(Self::FloatReached),
            MARK_STACK => Some(Self::StackExhausted),
            left => (left < 0).then_some(Self::LimitReached),
        }
    }
}

/// The sandbox did not start, so nobody has looked. Never a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the code could not be run here: {}", crate::text::Shown(.0))]
pub struct SandboxUnavailable(pub String);

/// The claim as the bytes alone give it.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // one value an inspection: a box would save nothing
pub enum EmbeddedClaim {
    /// No such export.
    Missing,
    /// The export called `value_return` and nothing else: fixed by the code.
    Fixed(Result<ContractSourceMetadata, MetadataError>),
    /// What the export returns depends on more than the code.
    Computed(Computed),
    /// No node runs the module, so it claims nothing; with the first reason. Nothing was run.
    NotRunnable(Oddity),
    /// Nodes may run the export to its end, and it is not done here; with the reason, which is not the code's fault.
    NotRunHere(String),
    /// The export cannot be run, or did not end well; with the reason.
    Failed(String),
}

/// What an answer depends on besides the code. [`Display`](fmt::Display) follows the name of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Computed {
    /// These host functions.
    Calls(Vec<String>),
    /// What operators on floats give, which is not the same on every machine.
    Floats,
}

impl fmt::Display for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Calls(called) => write!(f, "calls `{}`", crate::text::Shown(&called.join(", "))),
            Self::Floats => f.write_str("computes with floating-point numbers, which engines do in different ways"),
        }
    }
}

/// Runs `contract_source_metadata` of `module`.
///
/// # Errors
/// [`SandboxUnavailable`]: nobody has looked.
///
/// # Examples
/// ```
/// # use futures_util::FutureExt as _;
/// use provenear_shared::embedded::{Computed, EmbeddedClaim, Sandbox, SandboxEnd, SandboxRun, claim};
/// use provenear_shared::wasm::Module;
/// use provenear_shared::wasm::sandbox::Plan;
///
/// /// Stands for an engine: says that these host functions were called, and that `{}` was returned.
/// struct Engine(&'static [&'static str]);
///
/// impl Sandbox for Engine {
///     async fn run(&self, _plan: &Plan) -> SandboxRun {
///         let called = self.0.iter().map(|name| name.to_string()).collect();
///         SandboxRun { returned: Some(b"{}".to_vec()), called, end: SandboxEnd::Returned }
///     }
/// }
///
/// let bytes = wat::parse_str(r#"(module (func (export "contract_source_metadata")))"#).unwrap();
/// let module = Module::parse(&bytes).unwrap();
/// let fixed = claim(&module, &Engine(&["value_return"])).now_or_never().unwrap();
/// assert!(matches!(fixed, Ok(EmbeddedClaim::Fixed(Ok(_)))));
/// // An answer that reads the state can be another tomorrow: the code alone does not claim it.
/// let computed = claim(&module, &Engine(&["storage_read", "value_return"])).now_or_never().unwrap();
/// assert_eq!(computed, Ok(EmbeddedClaim::Computed(Computed::Calls(vec!["storage_read".to_owned()]))));
/// ```
pub async fn claim(module: &Module<'_>, sandbox: &impl Sandbox) -> Result<EmbeddedClaim, SandboxUnavailable> {
    claim_within(module, MAX_STEPS, sandbox).await
}

async fn claim_within(
    module: &Module<'_>,
    steps: i32,
    sandbox: &impl Sandbox,
) -> Result<EmbeddedClaim, SandboxUnavailable> {
    Ok(match run(module, METADATA_EXPORT, steps, sandbox).await? {
        Ok(Ran::Fixed(bytes)) => EmbeddedClaim::Fixed(ContractSourceMetadata::parse(&bytes)),
        Ok(Ran::Computed(computed)) => EmbeddedClaim::Computed(computed),
        Ok(Ran::NotToItsEnd(reason)) => EmbeddedClaim::NotRunHere(reason),
        Ok(Ran::Failed(reason)) => EmbeddedClaim::Failed(reason),
        Err(error @ (PlanError::StartFunction | PlanError::WideJump(_))) => {
            EmbeddedClaim::NotRunHere(error.to_string())
        }
        Err(PlanError::ExportMissing(_)) => EmbeddedClaim::Missing,
        Err(PlanError::Refused(oddity)) => EmbeddedClaim::NotRunnable(oddity),
        Err(error) => EmbeddedClaim::Failed(error.to_string()),
    })
}

/// What the bytes tell, with the claims of the modules inside, each run on its own: all of them together have the steps of
/// one contract.
pub async fn facts(module: &Module<'_>, sandbox: &impl Sandbox) -> ModuleFacts {
    let image = module.memory_image();
    let inside = nested::find(module, &image);
    let mut facts = ModuleFacts::with(module, &image, &inside);
    let steps = MAX_STEPS / inside.len().max(1) as i32;
    for (fact, bytes) in facts.embedded.iter_mut().zip(inside) {
        let Ok(nested) = Module::parse(bytes) else { continue };
        if let Ok(EmbeddedClaim::Fixed(Ok(metadata))) = claim_within(&nested, steps, sandbox).await {
            fact.metadata = Some(metadata.verbatim().clone());
        }
    }
    facts
}

/// What one export gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ran {
    Fixed(Vec<u8>),
    Computed(Computed),
    NotToItsEnd(String),
    Failed(String),
}

/// Runs one export and sorts what it did.
pub(crate) async fn run(
    module: &Module<'_>,
    export: &str,
    steps: i32,
    sandbox: &impl Sandbox,
) -> Result<Result<Ran, PlanError>, SandboxUnavailable> {
    let plan = match Plan::within(module, export, steps) {
        Ok(plan) => plan,
        Err(error) => return Ok(Err(error)),
    };
    let run = sandbox.run(&plan).await;
    let others: Vec<String> = run.called.into_iter().filter(|name| name != VALUE_RETURN).collect();
    Ok(Ok(match (run.end, run.returned) {
        (SandboxEnd::NotStarted(reason), _) => return Err(SandboxUnavailable(reason)),
        // Named before the ending: with stubs in place of the host, such a run may well trap.
        _ if !others.is_empty() => Ran::Computed(Computed::Calls(others)),
        (SandboxEnd::Invalid, _) => return Ok(Err(PlanError::Refused(Feature::IllTyped.into()))),
        (SandboxEnd::FloatReached, _) => Ran::Computed(Computed::Floats),
        (SandboxEnd::Returned, Some(bytes)) => Ran::Fixed(bytes),
        (SandboxEnd::Returned, None) => Ran::Failed(format!("`{export}` returned nothing")),
        (SandboxEnd::Trapped(reason), _) => Ran::Failed(format!("`{export}` failed: {}", crate::text::Shown(&reason))),
        (SandboxEnd::StackExhausted, _) => {
            Ran::Failed(format!("`{export}` calls deeper than the stack of a node goes, `{MAX_STACK_HEIGHT}` bytes"))
        }
        (SandboxEnd::LimitReached, _) => {
            Ran::NotToItsEnd(format!("`{export}` takes more time or steps than it is given here, `{MAX_STEPS}` steps"))
        }
    }))
}
