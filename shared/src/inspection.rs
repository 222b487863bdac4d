//! The whole pipeline in one function: from a subject to a verdict, with everything that a reader may want to see on the way.
//! Not here: module facts, ABI and diffs, which never decide and are separate calls.

mod about;
mod keys;
mod lines;
mod stores;

pub use about::{About, Unsaid, about};
pub use lines::{Authority, Line, ManifestOrigin, ManifestText};
pub use stores::{StoreOutcome, StoreState, Stores, store_name};

use crate::deployment::{Code, Deployment, EndpointOutcome, LookError, Place, Transport, fetch, fetch_by_hash};
use crate::digest::Sha256Digest;
use crate::embedded::{self, Computed, EmbeddedClaim, METADATA_EXPORT, Sandbox};
use crate::manifest::{Attestation, Policy};
use crate::near::{AccountContract, AccountId, BlockReference};
use crate::nep330::ContractSourceMetadata;
use crate::notice::{Doubt, Notice, gather};
use crate::recipe::{Recipe, RecipeGap};
use crate::replacement::{KeyListing, Listed, redeploy_imports};
use crate::rpc;
use crate::verdict::{self, ClaimBasis, Evidence, Moment, Verdict};
use crate::wasm::Module;

/// A block that was asked for and is older than this is not taken for now.
const OLD_SECONDS: u64 = 120;

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The code of an account.
    Account(AccountId),
    /// A wasm file that the reader has.
    File {
        /// Its name, for display.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The hash of some code.
    CodeHash(Sha256Digest),
}

/// Everything that a look-up needs.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is asked about.
    pub subject: Subject,
    /// Where to look.
    pub place: Place,
    /// What the reader trusts.
    pub policy: Policy,
    /// Manifests at hand: dropped, pasted, linked, or files.
    pub manifests: Vec<ManifestText>,
    /// Where more may be.
    pub stores: Stores,
}

impl Question {
    /// That a file at hand holds more than is read of one.
    fn cut(&self) -> Option<Notice> {
        self.manifests.iter().any(|text| text.lines().1).then_some(Notice::ManifestsCut)
    }
}

/// What is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Block and code.
    Deployment,
    /// The claim, from bytes and node.
    Claim,
    /// Manifests from stores.
    Manifests,
    /// Who can change the code.
    AccessKeys,
}

impl Step {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Claim => "claim",
            Self::Manifests => "manifests",
            Self::AccessKeys => "access-keys",
        }
    }
}

/// All that was found.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The verdict, or why we could not look.
    pub outcome: Result<Verdict, LookError>,
    /// What the chain says; `None` for files and hashes, or if we could not look.
    pub deployment: Option<Deployment>,
    /// The bytes.
    pub code: Option<Code>,
    /// Endpoints that were asked.
    pub endpoints: Vec<EndpointOutcome>,
    /// The claim as the bytes give it.
    pub from_code: Option<EmbeddedClaim>,
    /// The claim as the node gives it.
    pub from_node: Option<ContractSourceMetadata>,
    /// Whose word counts; `None` without a claim.
    pub basis: Option<ClaimBasis>,
    /// The claim as something usable, or why it is not.
    pub recipe: Result<Recipe, Vec<RecipeGap>>,
    /// Every line of every manifest.
    pub lines: Vec<Line>,
    /// What the reader's stores did.
    pub stores: Vec<StoreOutcome>,
    /// What is unusual.
    pub notices: Vec<Notice>,
    /// Access keys of the account, as one endpoint lists them; `None` where no account was looked at.
    pub access_keys: Option<KeyListing>,
    /// Host functions that the code imports and with which it may replace itself or hand out access; `None` without code.
    pub redeploy_imports: Option<Vec<String>>,
    /// The reader's threshold.
    pub threshold: usize,
    /// The tense of the verdict's words. Whoever sees that the reader asked for a block by name sets it.
    pub moment: Moment,
}

/// Answers `question`. Calls `step` when something new is being waited for.
pub async fn inspect(
    question: &Question,
    transport: &impl Transport,
    sandbox: &impl Sandbox,
    step: impl Fn(Step),
) -> Inspection {
    let mut found = Inspection::nothing(question.policy.threshold.max(1));
    found.stores = question.stores.unasked();
    step(Step::Deployment);
    if let Err(error) = found.look(question, transport).await {
        found.outcome = Err(error);
        found.collect_unread(question, transport).await;
        found.notices = stores::notices(&found.stores).chain(question.cut()).collect();
        return found;
    }
    if let Some(code) = found.code.clone() {
        step(Step::Claim);
        let read = match Module::parse(code.bytes()) {
            Ok(module) => found.read_claim(&module, sandbox, transport).await,
            Err(error) => Err(LookError::ModuleMalformed(error.to_string())),
        };
        if let Err(error) = read {
            found.outcome = Err(error);
            return found;
        }
        step(Step::Manifests);
        found.open_manifests(question, &code, transport).await;
    }
    step(Step::AccessKeys);
    found.look_at_keys(transport).await;
    found.notice(question);
    let attestations: Vec<Attestation> = found.lines.iter().filter_map(|line| line.opened.clone().ok()).collect();
    found.outcome = Ok(verdict::decide(&Evidence {
        code_hash: found.code.as_ref().map(Code::hash),
        recipe: found.recipe.as_ref().map_err(Vec::as_slice),
        basis: found.basis.unwrap_or(ClaimBasis::Code),
        attestations: &attestations,
        policy: &question.policy,
    }));
    found
}

impl Inspection {
    fn nothing(threshold: usize) -> Self {
        Self {
            outcome: Err(LookError::NoEndpoint(String::new())),
            deployment: None,
            code: None,
            endpoints: Vec::new(),
            from_code: None,
            from_node: None,
            basis: None,
            recipe: Err(vec![RecipeGap::MetadataMissing]),
            lines: Vec::new(),
            stores: Vec::new(),
            notices: Vec::new(),
            access_keys: None,
            redeploy_imports: None,
            threshold,
            moment: Moment::Now,
        }
    }

    async fn look(&mut self, question: &Question, transport: &impl Transport) -> Result<(), LookError> {
        let found = match &question.subject {
            Subject::Account(account) => match fetch(account, &question.place, transport).await {
                Ok(deployment) => {
                    self.code.clone_from(&deployment.code);
                    self.endpoints.clone_from(&deployment.endpoints);
                    if deployment.asked_block.is_some() {
                        self.moment = Moment::Block(deployment.block.height);
                    }
                    self.deployment = Some(deployment);
                    return Ok(());
                }
                Err(failed) => Err(failed),
            },
            Subject::File { bytes, .. } => Code::new(bytes.clone()).map_err(|error| (error, Vec::new())),
            Subject::CodeHash(code_hash) => fetch_by_hash(code_hash, &question.place, transport).await,
        };
        match found {
            Ok(code) => {
                self.code = Some(code);
                Ok(())
            }
            Err((error, endpoints)) => {
                self.endpoints = endpoints;
                Err(error)
            }
        }
    }

    /// The claim out of the bytes, the node's answer beside it, and which of the two counts.
    async fn read_claim(
        &mut self,
        module: &Module<'_>,
        sandbox: &impl Sandbox,
        transport: &impl Transport,
    ) -> Result<(), LookError> {
        let (from_code, from_node) =
            futures_util::future::join(embedded::claim(module, sandbox), self.ask_node(transport)).await;
        let from_code = from_code?;
        let counting = match (&from_code, &from_node) {
            (EmbeddedClaim::Fixed(Ok(metadata)), _) => Ok((metadata.clone(), ClaimBasis::Code)),
            // What the code alone says, and says wrongly, is not made better by a node.
            (EmbeddedClaim::Fixed(Err(error)), _) => Err(RecipeGap::MetadataMalformed(error.to_string())),
            (
                EmbeddedClaim::Missing
                | EmbeddedClaim::Computed(_)
                | EmbeddedClaim::NotRunnable(_)
                | EmbeddedClaim::Failed(_),
                Some(metadata),
            ) => Ok((metadata.clone(), ClaimBasis::Node)),
            (EmbeddedClaim::Missing, None) => Err(RecipeGap::MetadataMissing),
            (EmbeddedClaim::Computed(computed), None) => Err(RecipeGap::MetadataMalformed(format!(
                "`{METADATA_EXPORT}` {computed}, so its answer is not fixed by the code"
            ))),
            (EmbeddedClaim::NotRunnable(oddity), None) => Err(RecipeGap::NotRunnable(oddity.clone())),
            (EmbeddedClaim::Failed(reason), None) => Err(RecipeGap::MetadataMalformed(reason.clone())),
        };
        self.recipe = match &counting {
            Ok((metadata, _)) => Recipe::from_metadata(metadata),
            Err(gap) => Err(vec![gap.clone()]),
        };
        self.basis = counting.ok().map(|(_, basis)| basis);
        self.redeploy_imports = Some(redeploy_imports(module));
        self.from_code = Some(from_code);
        self.from_node = from_node;
        Ok(())
    }

    async fn ask_node(&self, transport: &impl Transport) -> Option<ContractSourceMetadata> {
        let deployment = self.deployment.as_ref()?;
        let block = BlockReference::Hash(deployment.block.hash);
        let body = rpc::call_function(&deployment.account_id, METADATA_EXPORT, &[], &block);
        let reply = transport.post(&deployment.answering.url, body).await.ok()?;
        let answer = rpc::parse_call(&reply).ok().filter(|answer| answer.block_hash == deployment.block.hash)?;
        ContractSourceMetadata::parse(&answer.value).ok()
    }

    fn notice(&mut self, question: &Question) {
        let mut notices = Vec::new();
        if let Some(deployment) = &self.deployment {
            // An endpoint of a link takes no warning away.
            let agreeing =
                deployment.endpoints.iter().filter(|endpoint| endpoint.agrees && !endpoint.from_link).count();
            if agreeing < 2 {
                notices.push(Notice::SingleEndpoint);
            }
            let old = deployment.asked_block.filter(|asked| asked.age_seconds > OLD_SECONDS);
            notices.extend(old.map(|asked| Notice::OldBlock(asked.age_seconds)));
            if let AccountContract::GlobalByAccount(owner) = &deployment.contract {
                notices.push(Notice::MutableByOwner(owner.to_string()));
            }
            if let Some(Listed::Unlisted(reason)) = self.access_keys.as_ref().map(|listing| &listing.listed) {
                notices.push(Notice::AccessKeysUnlisted(reason.clone()));
            }
            notices.extend(
                question
                    .place
                    .linked()
                    .into_iter()
                    .map(|endpoint| Notice::EndpointFromLink(endpoint.host().to_owned())),
            );
        }
        match (&self.from_code, self.basis) {
            (Some(EmbeddedClaim::Computed(Computed::Calls(called))), Some(ClaimBasis::Node)) => {
                notices.push(Notice::ClaimFromRpc(called.clone()))
            }
            (_, Some(ClaimBasis::Node)) => notices.push(Notice::ClaimFromRpc(Vec::new())),
            (_, Some(ClaimBasis::Code) | None) => {}
        }
        if self.agree() == Some(false) {
            notices.push(Notice::ClaimDisagrees);
        }
        if let Ok(recipe) = &self.recipe {
            if !question.policy.images.contains(recipe.image().digest()) {
                notices.push(Notice::UnlistedImage);
            }
            notices.extend(Notice::of_recipe(recipe));
        }
        let carried = self
            .lines
            .iter()
            .filter_map(|line| line.opened.as_ref().ok())
            .flat_map(|attestation| attestation.notices().to_vec());
        notices.extend(carried);
        // Who allows local sources knows that these are.
        notices.retain(|notice| notice.doubt() != Some(Doubt::LocalSource) || !question.policy.accept_local_source);
        notices.extend(stores::notices(&self.stores));
        notices.extend(question.cut());
        self.notices = gather(notices);
    }

    /// Whether bytes and node give the same claim; `None` where one of the two says nothing of the other.
    pub fn agree(&self) -> Option<bool> {
        match (&self.from_code, &self.from_node) {
            (Some(EmbeddedClaim::Fixed(Ok(code))), Some(node)) => Some(code.verbatim() == node.verbatim()),
            // Nothing answers by code that no node runs.
            (Some(EmbeddedClaim::Missing | EmbeddedClaim::Fixed(Err(_)) | EmbeddedClaim::NotRunnable(_)), Some(_)) => {
                Some(false)
            }
            (Some(EmbeddedClaim::Computed(_) | EmbeddedClaim::Failed(_)) | None, _) | (_, None) => None,
        }
    }

    /// The metadata that counts.
    pub fn metadata(&self) -> Option<&ContractSourceMetadata> {
        match (self.basis?, &self.from_code) {
            (ClaimBasis::Code, Some(EmbeddedClaim::Fixed(Ok(metadata)))) => Some(metadata),
            (ClaimBasis::Code, _) => None,
            (ClaimBasis::Node, _) => self.from_node.as_ref(),
        }
    }
}
