//! What the code says about itself: the claim out of the bytes, the node's answer beside it, and which of the two counts.

use crate::deployment::{Code, Deployment, LookError, Transport};
use crate::embedded::{self, Computed, EmbeddedClaim, METADATA_EXPORT, Sandbox};
use crate::gap::RecipeGap;
use crate::near::BlockReference;
use crate::nep330::ContractSourceMetadata;
use crate::recipe::Recipe;
use crate::replacement::redeploy_imports;
use crate::rpc;
use crate::verdict::ClaimBasis;
use crate::wasm::Module;

/// Code that was read.
#[derive(Debug, Clone)]
pub struct ReadCode {
    /// The bytes.
    pub code: Code,
    /// The claim as the bytes give it.
    pub from_code: EmbeddedClaim,
    /// The claim as the node gives it.
    pub from_node: Option<ContractSourceMetadata>,
    /// Whose word counts; `None` without a claim.
    pub basis: Option<ClaimBasis>,
    /// The claim as something usable, or why it is not.
    pub recipe: Result<Recipe, Vec<RecipeGap>>,
    /// Host functions that the code imports and with which it may replace itself or hand out access.
    pub redeploy_imports: Vec<String>,
}

impl ReadCode {
    /// Whether bytes and node give the same claim; `None` where one of the two says nothing of the other.
    pub fn agree(&self) -> Option<bool> {
        match (&self.from_code, &self.from_node) {
            (EmbeddedClaim::Fixed(Ok(code)), Some(node)) => Some(code.verbatim() == node.verbatim()),
            // Nothing answers by code that no node runs.
            (EmbeddedClaim::Missing | EmbeddedClaim::Fixed(Err(_)) | EmbeddedClaim::NotRunnable(_), Some(_)) => {
                Some(false)
            }
            (EmbeddedClaim::Computed(_) | EmbeddedClaim::NotRunHere(_) | EmbeddedClaim::Failed(_), _) | (_, None) => {
                None
            }
        }
    }

    /// The metadata that counts.
    pub fn metadata(&self) -> Option<&ContractSourceMetadata> {
        match (self.basis?, &self.from_code) {
            (ClaimBasis::Code, EmbeddedClaim::Fixed(Ok(metadata))) => Some(metadata),
            (ClaimBasis::Code, _) => None,
            (ClaimBasis::Node, _) => self.from_node.as_ref(),
        }
    }
}

/// Reads `code`, which stands at `deployment` or was given by itself.
///
/// # Errors
/// [`LookError`]: it is no module, or the sandbox did not start, so that nobody has looked. With the code.
pub(super) async fn read(
    code: Code,
    deployment: Option<&Deployment>,
    sandbox: &impl Sandbox,
    transport: &impl Transport,
) -> Result<ReadCode, (LookError, Code)> {
    let module = match Module::parse(code.bytes()) {
        Ok(module) => module,
        Err(error) => {
            let error = LookError::ModuleMalformed(error.to_string());
            return Err((error, code));
        }
    };
    let (from_code, from_node) =
        futures_util::future::join(embedded::claim(&module, sandbox), ask_node(deployment, transport)).await;
    let from_code = match from_code {
        Ok(claim) => claim,
        Err(error) => {
            drop(module);
            return Err((error.into(), code));
        }
    };
    let claim = choose_claim(&from_code, from_node.as_ref());
    let recipe = match &claim {
        Ok((metadata, _)) => Recipe::from_metadata(metadata),
        Err(gap) => Err(vec![gap.clone()]),
    };
    let basis = claim.ok().map(|(_, basis)| basis);
    let redeploy_imports = redeploy_imports(&module);
    Ok(ReadCode { from_code, from_node, basis, recipe, redeploy_imports, code })
}

/// Chooses the claim that counts, and says whose word it is; or why there is none.
fn choose_claim<'a>(
    from_code: &'a EmbeddedClaim,
    from_node: Option<&'a ContractSourceMetadata>,
) -> Result<(&'a ContractSourceMetadata, ClaimBasis), RecipeGap> {
    match (from_code, from_node) {
        (EmbeddedClaim::Fixed(Ok(metadata)), _) => Ok((metadata, ClaimBasis::Code)),
        // What the code alone says, and says wrongly, is not made better by a node.
        (EmbeddedClaim::Fixed(Err(error)), _) => Err(RecipeGap::MetadataMalformed(error.to_string())),
        (
            EmbeddedClaim::Missing
            | EmbeddedClaim::Computed(_)
            | EmbeddedClaim::NotRunnable(_)
            | EmbeddedClaim::NotRunHere(_)
            | EmbeddedClaim::Failed(_),
            Some(metadata),
        ) => Ok((metadata, ClaimBasis::Node)),
        (EmbeddedClaim::Missing, None) => Err(RecipeGap::MetadataMissing),
        (EmbeddedClaim::Computed(computed @ Computed::Floats), None) => {
            Err(RecipeGap::NotRunHere(format!("`{METADATA_EXPORT}` {computed}")))
        }
        (EmbeddedClaim::Computed(computed @ Computed::Calls(_)), None) => Err(RecipeGap::MetadataMalformed(format!(
            "`{METADATA_EXPORT}` {computed}, so its answer is not fixed by the code"
        ))),
        (EmbeddedClaim::NotRunnable(oddity), None) => Err(RecipeGap::NotRunnable(oddity.clone())),
        (EmbeddedClaim::NotRunHere(reason), None) => Err(RecipeGap::NotRunHere(reason.clone())),
        (EmbeddedClaim::Failed(reason), None) => Err(RecipeGap::MetadataMalformed(reason.clone())),
    }
}

async fn ask_node(deployment: Option<&Deployment>, transport: &impl Transport) -> Option<ContractSourceMetadata> {
    let deployment = deployment?;
    let block = BlockReference::Hash(deployment.block.hash);
    let body = rpc::call_function(&deployment.account_id, METADATA_EXPORT, &[], &block);
    let reply = transport.post(&deployment.answering.url, body).await.ok()?;
    let answer = rpc::parse_call(&reply).ok().filter(|answer| answer.block_hash == deployment.block.hash)?;
    ContractSourceMetadata::parse(&answer.value).ok()
}
