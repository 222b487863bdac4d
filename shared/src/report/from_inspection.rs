//! Makes a report of an inspection. Not here: its shape (`report`), its words (`words`).

mod opinions;

use super::{
    Changeable, CodeReport, Coded, ContractKind, ContractReport, DeploymentReport, EndpointReport, ImageReport,
    ManifestReport, MetadataReport, RecipeReport, Report, Schema, SourceReport, StoreReport, SubjectKind,
    SubjectReport, VerdictReport,
};
use crate::abi::{Abi, AbiError};
use crate::chain::chain;
use crate::deployment::{Code, Deployment, EndpointOutcome};
use crate::digest::{Hex, Oci};
use crate::embedded::EmbeddedClaim;
use crate::inspection::{Inspection, ReadCode, Subject};
use crate::near::{AccountContract, Network, rfc3339};
use crate::recipe::Recipe;

impl Report {
    /// What `inspection` found about `subject` on `network`.
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
    /// use provenear_shared::inspection::{Question, Stores, Subject};
    /// use provenear_shared::{Report, inspect};
    ///
    /// # let chain = ChainView {
    /// #     network: Network::mainnet(),
    /// #     endpoints: vec![provenear_shared::deployment::Endpoint::own("https://rpc.example")],
    /// #     quorum: None,
    /// #     block: BlockReference::Final,
    /// #     now_ms: 1_795_392_000_000,
    /// # };
    /// let bytes = wat::parse_str(r#"(module (func (export "get")))"#).unwrap();
    /// let subject = Subject::File { name: "counter.wasm".to_owned(), bytes };
    /// let policy = Policy::new();
    /// let question = Question { subject, chain, policy, manifests: Vec::new(), stores: Stores::NotYet(Vec::new()) };
    /// let inspection = inspect(&question, &Offline, &Engine, |_| {}).now_or_never().unwrap();
    /// let report = serde_json::to_value(Report::of(&inspection, &question.subject, &question.chain.network)).unwrap();
    /// assert_eq!(report["schema"], "provenear/inspection/v1");
    /// assert_eq!(report["verdict"]["code"], "not-rebuildable");
    /// assert_eq!(report["gaps"][0]["code"], "metadata-missing");
    /// // Nobody was asked about an account: null, and not left out.
    /// assert_eq!(report.get("deployment"), Some(&serde_json::Value::Null));
    /// ```
    pub fn of(inspection: &Inspection, subject: &Subject, network: &Network) -> Self {
        let (looked, read) = (inspection.looked.as_ref().ok(), inspection.read());
        let keys = looked.and_then(|looked| looked.access_keys.as_ref());
        let keys_from = keys.map(|listing| listing.host.as_str());
        let gaps = read.and_then(|read| read.recipe.as_ref().err()).map(Vec::as_slice).unwrap_or_default();
        Self {
            schema: Schema::V1,
            error: inspection.outcome().err().map(|error| Coded::new(error.code().into(), error)),
            subject: SubjectReport::of(subject),
            code: inspection.code().map(CodeReport::of),
            deployment: inspection.deployment().map(|deployment| DeploymentReport::of(deployment, network)),
            metadata: read.and_then(MetadataReport::of),
            recipe: read.and_then(|read| read.recipe.as_ref().ok()).map(RecipeReport::of),
            gaps: gaps.iter().map(|gap| Coded::new(gap.code(), gap)).collect(),
            notices: inspection.notices.iter().map(|notice| Coded::new(notice.code(), notice)).collect(),
            module: None,
            abi: None,
            abi_notes: Vec::new(),
            changeable: looked.and_then(Changeable::of),
            manifests: inspection.lines.iter().map(|line| ManifestReport::of(line, keys_from)).collect(),
            stores: inspection.stores.iter().map(StoreReport::of).collect(),
            verdict: looked.map(|looked| VerdictReport::of(&looked.verdict, inspection)),
            chain: chain(inspection),
            endpoints: inspection.endpoints.iter().map(EndpointReport::of).collect(),
        }
    }

    /// Puts in what a separate call found about the ABI.
    pub fn set_abi(&mut self, found: Result<Abi, AbiError>) {
        match found {
            Ok(abi) => {
                self.abi_notes = abi.notes().into_iter().map(|(code, message)| Coded::new(code, message)).collect();
                self.abi = Some(abi.verbatim);
            }
            Err(error) => self.abi_notes = vec![Coded::new(error.code(), error)],
        }
    }
}

impl SubjectReport {
    pub(super) fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Account(account) => Self::new(SubjectKind::Account, account.as_str()),
            Subject::File { name, .. } => Self::new(SubjectKind::File, name),
            Subject::CodeHash(hash) => Self::new(SubjectKind::CodeHash, &hash.to_base58()),
        }
    }
}

impl CodeReport {
    pub(super) fn of(code: &Code) -> Self {
        Self { code_hash: *code.hash(), sha256: Hex(*code.hash()), size: code.bytes().len() }
    }
}

impl DeploymentReport {
    pub(super) fn of(deployment: &Deployment, network: &Network) -> Self {
        Self {
            network: network.clone(),
            account_id: deployment.account_id.clone(),
            account_kind: None,
            block_height: deployment.block.height,
            block_hash: deployment.block.hash,
            block_time: rfc3339(deployment.block.time_ms),
            final_block_time: deployment.asked_block.and_then(|asked| asked.final_ms).map(rfc3339),
            age_seconds: deployment.asked_block.map(|asked| asked.age_seconds),
            contract: ContractReport::of(&deployment.contract),
            endpoints: deployment.endpoints.iter().map(EndpointReport::of).collect(),
            quorum: deployment.quorum,
        }
    }
}

impl ContractReport {
    fn of(contract: &AccountContract) -> Self {
        let (kind, code_hash, account_id) = match contract {
            AccountContract::None => (ContractKind::None, None, None),
            AccountContract::Uninitialized => (ContractKind::Uninitialized, None, None),
            AccountContract::Local(hash) => (ContractKind::Local, Some(hash), None),
            AccountContract::Global(hash) => (ContractKind::Global, Some(hash), None),
            AccountContract::GlobalByAccount(owner) => (ContractKind::GlobalByAccount, None, Some(owner)),
            AccountContract::EthImplicit(hash) => (ContractKind::EthImplicit, Some(hash), None),
        };
        Self { kind, message: None, code_hash: code_hash.copied(), account_id: account_id.cloned() }
    }
}

impl EndpointReport {
    pub(super) fn of(outcome: &EndpointOutcome) -> Self {
        let error = outcome.error.as_ref().map(|error| Coded::new(error.code(), error));
        Self { host: outcome.host.clone(), agrees: outcome.agrees, error }
    }
}

impl MetadataReport {
    pub(super) fn of(read: &ReadCode) -> Option<Self> {
        let code = match &read.from_code {
            EmbeddedClaim::Fixed(Ok(metadata)) => Some(metadata.verbatim().clone()),
            EmbeddedClaim::Fixed(Err(_))
            | EmbeddedClaim::Missing
            | EmbeddedClaim::Computed(_)
            | EmbeddedClaim::NotRunnable(_)
            | EmbeddedClaim::NotRunHere(_)
            | EmbeddedClaim::Failed(_) => None,
        };
        Some(Self {
            from: read.basis?,
            code,
            rpc: read.from_node.as_ref().map(|metadata| metadata.verbatim().clone()),
            agree: read.agree(),
            nep330: read.metadata().map(|metadata| metadata.verbatim().clone()),
        })
    }
}

impl RecipeReport {
    pub(super) fn of(recipe: &Recipe) -> Self {
        let (source, image) = (recipe.source(), recipe.image());
        Self {
            source: SourceReport {
                url: source.url().to_owned(),
                commit: source.commit().to_owned(),
                browse_url: source.browse_url(),
            },
            image: ImageReport {
                name: image.name().to_owned(),
                tag: image.tag().map(str::to_owned),
                digest: Oci(*image.digest()),
            },
            contract_path: recipe.contract_path().to_owned(),
            build_command: recipe.build_command().to_vec(),
            output_wasm_path: recipe.output_wasm_path().map(str::to_owned),
        }
    }
}
