//! The whole pipeline in one function: from a subject to a verdict, with everything that a reader may want to see on the way.
//! Not here: module facts, ABI and diffs, which never decide and are separate calls.

use std::pin::Pin;

use futures_util::future::maybe_done;

use super::keys::{list_keys, look_at_signers};
use super::lines::{Line, gather, open_manifests, open_unread};
use super::outcome::{Inspection, Looked, NotLooked};
use super::read::read;
use super::stores::StoreOutcome;
use super::unusual;
use super::{Question, Step, Subject};
use crate::deployment::{Code, Deployment, EndpointOutcome, LookError, Transport, fetch, fetch_by_hash};
use crate::digest::Sha256Digest;
use crate::embedded::Sandbox;
use crate::join::meanwhile;
use crate::manifest::Attestation;
use crate::verdict::{ClaimBasis, Evidence, decide};

/// Answers `question`. Calls `step` when something new is being waited for.
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
/// use provenear_shared::inspect;
/// use provenear_shared::inspection::{Question, Step, Stores, Subject};
/// use provenear_shared::near::AccountId;
///
/// # let chain = ChainView {
/// #     network: Network::mainnet(),
/// #     endpoints: vec![provenear_shared::deployment::Endpoint::own("https://rpc.example")],
/// #     quorum: None,
/// #     block: BlockReference::Final,
/// #     now_ms: 1_795_392_000_000,
/// # };
/// // The one endpoint does not answer: nobody has looked, which is an error and never a verdict.
/// let subject = Subject::Account(AccountId::parse("app.near").unwrap());
/// let policy = Policy::new();
/// let question = Question { subject, chain, policy, manifests: Vec::new(), stores: Stores::NotYet(Vec::new()) };
/// let awaited = std::cell::Cell::new(None);
/// let inspection = inspect(&question, &Offline, &Engine, |step| awaited.set(Some(step))).now_or_never().unwrap();
/// assert_eq!(inspection.outcome().unwrap_err().to_string(), "`rpc.example` did not answer in time");
/// assert_eq!(awaited.get(), Some(Step::Deployment));
/// ```
pub async fn inspect(
    question: &Question,
    transport: &impl Transport,
    sandbox: &impl Sandbox,
    step: impl Fn(Step),
) -> Inspection {
    let (threshold, trusted) = (question.policy.threshold.max(1), question.policy.keys.len());
    step(Step::Deployment);
    let Standing { deployment, code, endpoints } = match look(question, transport).await {
        Ok(standing) => standing,
        Err((error, endpoints)) => {
            let (lines, stores) = collect_unread(question, &error, transport).await;
            let notices = unusual::of_sources(question, &stores).collect();
            let looked = Err(NotLooked { error, deployment: None, code: None });
            return Inspection { looked, lines, stores, notices, endpoints, threshold, trusted };
        }
    };
    let (mut lines, mut stores) = (Vec::new(), question.stores.list_unasked());
    let reading = async {
        let read = match code {
            None => None,
            Some(code) => {
                step(Step::Claim);
                let code = read(code, deployment.as_ref(), sandbox, transport).await?;
                step(Step::Manifests);
                let (texts, outcomes) = gather(question, code.code.hash(), transport).await;
                lines = open_manifests(&texts, &question.policy, &code);
                stores = outcomes;
                Some(code)
            }
        };
        step(Step::AccessKeys);
        Ok::<_, (LookError, Code)>(read)
    };
    // Whose keys the account has does not depend on what the code claims.
    let mut listing = deployment.as_ref().map(|it| maybe_done(list_keys(it, &it.account_id, transport)));
    let code = match meanwhile(reading, &mut listing).await {
        Ok(code) => code,
        Err((error, code)) => {
            drop(listing);
            let looked = Err(NotLooked { error, deployment, code: Some(code) });
            return Inspection { looked, lines, stores, notices: Vec::new(), endpoints, threshold, trusted };
        }
    };
    let access_keys = match &mut listing {
        Some(listing) => {
            (&mut *listing).await;
            Pin::new(listing).take_output()
        }
        None => None,
    };
    drop(listing);
    if let (Some(deployment), Some(listing)) = (&deployment, &access_keys) {
        look_at_signers(deployment, listing, &mut lines, transport).await;
    }
    let attestations: Vec<Attestation> = lines.iter().filter_map(|line| line.opened.clone().ok()).collect();
    let verdict = decide(code.as_ref().map(|read| Evidence {
        code_hash: read.code.hash(),
        recipe: read.recipe.as_ref().map_err(Vec::as_slice),
        basis: read.basis.unwrap_or(ClaimBasis::Code),
        attestations: &attestations,
        policy: &question.policy,
    }));
    let looked = Looked { deployment, code, access_keys, verdict };
    let notices = unusual::of(question, &looked, &attestations, &stores);
    Inspection { looked: Ok(looked), lines, stores, notices, endpoints, threshold, trusted }
}

/// The code that was asked about, before it is read, and who was asked for it.
struct Standing {
    deployment: Option<Deployment>,
    code: Option<Code>,
    endpoints: Vec<EndpointOutcome>,
}

async fn look(question: &Question, transport: &impl Transport) -> Result<Standing, (LookError, Vec<EndpointOutcome>)> {
    let code = match &question.subject {
        Subject::Account(account) => {
            let deployment = fetch(account, &question.chain, transport).await?;
            let (code, endpoints) = (deployment.code.clone(), deployment.endpoints.clone());
            return Ok(Standing { deployment: Some(deployment), code, endpoints });
        }
        Subject::File { bytes, .. } => Code::new(bytes.clone()).map_err(|error| (error, Vec::new()))?,
        Subject::CodeHash(code_hash) => fetch_by_hash(code_hash, &question.chain, transport).await?,
    };
    Ok(Standing { deployment: None, code: Some(code), endpoints: Vec::new() })
}

/// For bytes that cannot be had: the manifests that exist for their hash, without a verdict.
async fn collect_unread(
    question: &Question,
    error: &LookError,
    transport: &impl Transport,
) -> (Vec<Line>, Vec<StoreOutcome>) {
    let code_hash = match (&question.subject, error) {
        (Subject::CodeHash(code_hash), _) => Some(*code_hash),
        (_, LookError::UnknownCode(text)) => Sha256Digest::from_base58(text).ok(),
        (Subject::Account(_) | Subject::File { .. }, _) => None,
    };
    let Some(code_hash) = &code_hash else { return (Vec::new(), question.stores.list_unasked()) };
    let (texts, stores) = gather(question, code_hash, transport).await;
    (open_unread(&texts, &question.policy, code_hash), stores)
}
