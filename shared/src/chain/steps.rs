//! Makes the steps, for every state of a verdict. A step is broken only where the verdict is `differs`: nothing else proves a
//! break.

mod rebuild;
mod source;

use super::{Evidence, Form, Step, StepName, StepState};
use crate::deployment::Deployment;
use crate::inspection::Inspection;
use crate::notice::Notice;
use crate::verdict::{Backing, Verdict, Witness};

impl StepName {
    /// The step whose state a doubt changes.
    fn of_doubt(doubt: &Notice) -> Self {
        if matches!(doubt, Notice::CommitNotOnARef | Notice::SourceFromElsewhere | Notice::LocalSource(_)) {
            Self::Source
        } else if matches!(doubt, Notice::UnlistedImage(_)) {
            Self::Image
        } else {
            Self::Rebuilt
        }
    }
}

impl StepState {
    fn word(self) -> &'static str {
        match self {
            Self::Broken => "differs",
            Self::Missing => "missing",
            Self::Claimed => "claimed",
            Self::Weak => "with reservations",
            Self::Sound => "confirmed",
        }
    }
}

impl Step {
    fn new(name: StepName, state: StepState, short: impl Into<String>) -> Self {
        Self { name, state, word: state.word().to_owned(), short: short.into(), evidence: Vec::new() }
    }

    fn called(mut self, word: &str) -> Self {
        self.word = word.to_owned();
        self
    }

    fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}

impl Evidence {
    fn sentence(label: &str, text: impl Into<String>) -> Self {
        Self { label: label.to_owned(), text: text.into(), form: Form::Sentence, url: None }
    }

    fn value(label: &str, text: impl Into<String>) -> Self {
        Self { form: Form::Value, ..Self::sentence(label, text) }
    }

    fn hash(label: &str, text: impl Into<String>) -> Self {
        Self { form: Form::Hash, ..Self::sentence(label, text) }
    }
}

/// The steps of an inspection that has a verdict and code.
///
/// # Examples
/// ```
/// # use futures_util::FutureExt as _;
/// # use provenear_shared::deployment::{ChainView, Stored, Transport, TransportError};
/// # use provenear_shared::embedded::{Sandbox, SandboxEnd, SandboxRun};
/// # use provenear_shared::manifest::Policy;
/// # use provenear_shared::near::{BlockReference, Network};
/// # use provenear_shared::transport::Reply;
/// # struct Offline;
/// # impl Transport for Offline {
/// #     async fn post(&self, _url: &str, _body: Vec<u8>) -> Result<Reply, TransportError> {
/// #         Err(TransportError::Timeout(10))
/// #     }
/// #     async fn load(&self, _store: &str, _name: &str) -> Result<Stored, TransportError> {
/// #         Ok(Stored::Absent)
/// #     }
/// # }
/// # struct Engine;
/// # impl Sandbox for Engine {
/// #     async fn run(&self, _plan: &provenear_shared::wasm::sandbox::Plan) -> SandboxRun {
/// #         SandboxRun { returned: None, called: Vec::new(), end: SandboxEnd::NotStarted(String::new()) }
/// #     }
/// # }
/// use provenear_shared::chain::{StepName, StepState};
/// use provenear_shared::inspect;
/// use provenear_shared::inspection::{Question, Stores, Subject};
///
/// # let view = ChainView {
/// #     network: Network::mainnet(),
/// #     endpoints: vec![provenear_shared::deployment::Endpoint::own("https://rpc.example")],
/// #     quorum: None,
/// #     block: BlockReference::Final,
/// #     now_ms: 1_795_392_000_000,
/// # };
/// let bytes = wat::parse_str(r#"(module (func (export "get")))"#).unwrap();
/// let subject = Subject::File { name: "counter.wasm".to_owned(), bytes };
/// let policy = Policy::new();
/// let question = Question { subject, chain: view, policy, manifests: Vec::new(), stores: Stores::NotYet(Vec::new()) };
/// let inspection = inspect(&question, &Offline, &Engine, |_| {}).now_or_never().unwrap();
/// let steps = provenear_shared::chain::chain(&inspection).unwrap();
/// // The code says nothing of its source, so nothing is shown of it: missing, and not broken.
/// assert_eq!((steps[0].name, steps[0].state), (StepName::Source, StepState::Missing));
/// ```
pub fn chain(inspection: &Inspection) -> Option<Vec<Step>> {
    let looked = inspection.looked.as_ref().ok()?;
    let (read, verdict) = (looked.code.as_ref()?, &looked.verdict);
    Some(vec![
        source::source(read, verdict),
        source::image(read, verdict),
        rebuild::rebuilt(verdict, read.code.hash()),
        rebuild::signed(verdict, inspection.trusted),
        deployed(looked.deployment.as_ref(), &inspection.notices),
    ])
}

/// How far a rebuild shows a part of the claim: all of it, or all but these doubts, or not at all.
fn confirmed(verdict: &Verdict, name: StepName) -> (StepState, Vec<Evidence>) {
    match verdict {
        Verdict::Reproduced { .. } => (StepState::Sound, Vec::new()),
        Verdict::ReproducedUnvetted { doubts, .. } => {
            let about_it = doubts.iter().filter(|doubt| StepName::of_doubt(doubt) == name);
            let rows: Vec<Evidence> =
                about_it.map(|doubt| Evidence::sentence("Reservation", doubt.to_string())).collect();
            (if rows.is_empty() { StepState::Sound } else { StepState::Weak }, rows)
        }
        Verdict::NoContract
        | Verdict::ReproducedUnclaimed { .. }
        | Verdict::NotRebuildable { .. }
        | Verdict::Differs { .. }
        | Verdict::NotRebuilt { .. } => (StepState::Claimed, Vec::new()),
    }
}

fn keys_of(verdict: &Verdict, which: fn(&Backing) -> &Vec<Witness>) -> &[Witness] {
    verdict.backing().map(which).map(Vec::as_slice).unwrap_or_default()
}

fn deployed(deployment: Option<&Deployment>, notices: &[Notice]) -> Step {
    let name = StepName::Deployed;
    let Some(deployment) = deployment else {
        let step = Step::new(name, StepState::Missing, "no account").called("not checked");
        return step.with([Evidence::sentence("Chain", "a file or a code hash was checked, not an account")]);
    };
    let has = |is_it: fn(&Notice) -> bool| notices.iter().any(is_it);
    let is_single = has(|notice| matches!(notice, Notice::SingleEndpoint));
    let is_old = has(|notice| matches!(notice, Notice::OldBlock(_)));
    let agreeing = |from_link| deployment.endpoints.iter().filter(|it| it.agrees && it.from_link == from_link).count();
    let endpoints = match (agreeing(false), agreeing(true)) {
        (0 | 1, 0) => "1 endpoint; nobody else confirms it".to_owned(),
        (0 | 1, _) => "1 endpoint of your own; only the link's endpoints confirm it".to_owned(),
        (count, _) => format!("{count} endpoints of your own agree"),
    };
    let state = if is_single || is_old { StepState::Weak } else { StepState::Sound };
    Step::new(name, state, format!("block {}", deployment.block.height)).with([
        Evidence::value("Account", deployment.account_id.to_string()),
        Evidence::value("Block", deployment.block.height.to_string()),
        Evidence::hash("Block hash", deployment.block.hash.to_base58()),
        Evidence::sentence("Endpoints", endpoints),
    ])
}
