//! Compares two modules with all that can be learned of them: what each says of itself when it is run, and why they may
//! differ. Explains, never decides.
//! Not here: the comparison itself (`wasm::diff`), how an export is run (`embedded`).

use serde_json::Value;

use crate::abi::abi;
use crate::embedded::{EmbeddedClaim, Sandbox, claim};
use crate::wasm::Module;
use crate::wasm::diff::{Budget, Class, DiffReport, Known, Stage, causes, diff_watched};

/// Compares two modules. `platforms` are those that they were built on, such as `linux/amd64`, as far as somebody knows.
/// `watch` is told of each stage.
///
/// # Examples
/// ```
/// # use futures_util::FutureExt as _;
/// # use provenear_shared::embedded::{Sandbox, SandboxEnd, SandboxRun};
/// # struct Engine;
/// # impl Sandbox for Engine {
/// #     async fn run(&self, _plan: &provenear_shared::wasm::sandbox::Plan) -> SandboxRun {
/// #         SandboxRun { returned: None, called: Vec::new(), end: SandboxEnd::NotStarted(String::new()) }
/// #     }
/// # }
/// use provenear_shared::comparison::compare;
/// use provenear_shared::wasm::Module;
/// use provenear_shared::wasm::diff::{CauseKind, Class};
///
/// // A name in the text becomes a section of names, as a debug build leaves it.
/// let contract = |name: &str| wat::parse_str(format!(r#"(module (func {name} (export "get")))"#)).unwrap();
/// let (deployed, rebuilt) = (contract(""), contract("$get"));
/// let modules = [Module::parse(&deployed).unwrap(), Module::parse(&rebuilt).unwrap()];
/// let report = compare(&modules[0], &modules[1], [None, None], &Engine, &mut |_| {}).now_or_never().unwrap();
/// assert_eq!(report.class, Class::CustomSections);
/// assert_eq!(report.causes[0].code, CauseKind::NamesLeft);
/// ```
pub async fn compare(
    a: &Module<'_>,
    b: &Module<'_>,
    platforms: [Option<&str>; 2],
    sandbox: &impl Sandbox,
    watch: &mut dyn FnMut(Stage),
) -> DiffReport {
    let mut report = diff_watched(a, b, Budget::default(), watch);
    if report.class != Class::Identical {
        watch(Stage::Causes);
        let [first, second] = [ask(a, sandbox).await, ask(b, sandbox).await];
        report.causes = causes(a, b, [first.known(platforms[0]), second.known(platforms[1])], &report);
    }
    report
}

/// What a module says of itself when it is run.
struct Answers {
    claim: Option<Value>,
    abi: Option<Value>,
}

impl Answers {
    fn known<'s>(&'s self, platform: Option<&'s str>) -> Known<'s> {
        Known { claim: self.claim.as_ref(), abi: self.abi.as_ref(), platform }
    }
}

async fn ask(module: &Module<'_>, sandbox: &impl Sandbox) -> Answers {
    let claim = match claim(module, sandbox).await {
        Ok(EmbeddedClaim::Fixed(Ok(metadata))) => Some(metadata.verbatim().clone()),
        // The bytes are compared all the same, and the claim is looked for in them.
        Ok(
            EmbeddedClaim::Fixed(Err(_))
            | EmbeddedClaim::Missing
            | EmbeddedClaim::Computed(_)
            | EmbeddedClaim::NotRunnable(_)
            | EmbeddedClaim::NotRunHere(_)
            | EmbeddedClaim::Failed(_),
        )
        | Err(_) => None,
    };
    Answers { claim, abi: abi(module, sandbox).await.ok().map(|abi| abi.verbatim) }
}
