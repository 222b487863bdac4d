//! What page and helper of Provenear both need, in rooms in the order of the pipeline. No I/O anywhere: the two openings are
//! [`Transport`] and `Sandbox`, which the edges fill in.
//!
//! The main way, from code and its claim to a verdict:
//!
//! ```
//! # #[cfg(feature = "pipeline")] {
//! # use futures_util::FutureExt as _;
//! use ed25519_dalek::{Signer as _, SigningKey};
//! use provenear_shared::deployment::{ChainView, Stored, Transport, TransportError};
//! use provenear_shared::digest::Sha256Digest;
//! use provenear_shared::dsse::{Envelope, PAYLOAD_TYPE, pae};
//! use provenear_shared::embedded::{Sandbox, SandboxEnd, SandboxRun};
//! use provenear_shared::inspect;
//! use provenear_shared::inspection::{ManifestOrigin, ManifestText, Question, Stores, Subject};
//! use provenear_shared::key::PublicKey;
//! use provenear_shared::keys::KeyName;
//! use provenear_shared::manifest::Policy;
//! use provenear_shared::near::{BlockReference, Network};
//! use provenear_shared::transport::Reply;
//! use provenear_shared::verdict::VerdictCode;
//! use provenear_shared::wasm::sandbox::Plan;
//!
//! const CLAIM: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/claim.json"));
//! const STATEMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/statement.json"));
//!
//! /// Stands for the network, which a file with a manifest at hand does without.
//! struct Offline;
//!
//! impl Transport for Offline {
//!     async fn post(&self, url: &str, _body: Vec<u8>) -> Result<Reply, TransportError> {
//!         Err(TransportError::Unreachable(url.to_owned()))
//!     }
//!     async fn load(&self, store: &str, _name: &str) -> Result<Stored, TransportError> {
//!         Err(TransportError::Unreachable(store.to_owned()))
//!     }
//! }
//!
//! /// Stands for the engine of an edge: runs the export that returns the claim.
//! struct Engine;
//!
//! impl Sandbox for Engine {
//!     async fn run(&self, _plan: &Plan) -> SandboxRun {
//!         let called = vec!["value_return".to_owned()];
//!         SandboxRun { returned: Some(CLAIM.to_vec()), called, end: SandboxEnd::Returned }
//!     }
//! }
//!
//! // Alice built the claim again, got these very bytes, and signed what she did.
//! let bytes = wat::parse_str(r#"(module (func (export "contract_source_metadata")))"#).unwrap();
//! let alice = SigningKey::from_bytes(&[7; 32]);
//! let key = PublicKey::from_bytes(alice.verifying_key().as_bytes()).unwrap();
//! let statement = STATEMENT.replace("ARTIFACT", &Sha256Digest::of(&bytes).to_hex());
//! let statement = statement.replace("PUBLIC_KEY", &key.to_near());
//! let signature = alice.sign(&pae(PAYLOAD_TYPE, statement.as_bytes())).to_bytes();
//! let line = serde_json::to_string(&Envelope::seal(statement.as_bytes(), &key, &signature)).unwrap();
//!
//! let mut question = Question {
//!     subject: Subject::File { name: "contract.wasm".to_owned(), bytes },
//!     chain: ChainView {
//!         network: Network::mainnet(),
//!         endpoints: Vec::new(),
//!         quorum: None,
//!         block: BlockReference::Final,
//!         now_ms: 1_795_392_000_000,
//!     },
//!     policy: Policy::new(),
//!     manifests: vec![ManifestText { text: line, origin: ManifestOrigin::File }],
//!     stores: Stores::NotYet(Vec::new()),
//! };
//! let ask = |question: &Question| {
//!     let inspection = inspect(question, &Offline, &Engine, |_| {}).now_or_never().expect("nothing here waits");
//!     inspection.outcome().expect("a file can always be looked at").code()
//! };
//!
//! // Her word counts for those who trust her key, and for nobody else.
//! assert_eq!(ask(&question), VerdictCode::NotRebuilt);
//! question.policy.keys.push((key, KeyName::parse("Alice").unwrap()));
//! assert_eq!(ask(&question), VerdictCode::Reproduced);
//!
//! // One other byte, and the code is none that anybody has vouched for.
//! let Subject::File { bytes, .. } = &mut question.subject else { unreachable!() };
//! bytes.extend(*b"\0\x02\x01x");
//! assert_eq!(ask(&question), VerdictCode::Differs);
//! # }
//! ```
//!
//! Without the feature `pipeline` there are only plain types, which cross seams, and the words about them: whoever draws can
//! name what was found, and has nothing with which to find it.

pub mod text;
pub mod spelling;
pub mod json;
mod sort;
#[cfg(feature = "pipeline")]
mod join;
pub mod digest;
pub mod near;
pub mod transport;
#[cfg(feature = "pipeline")]
pub mod rpc;
pub mod deployment;
pub mod wasm;
#[cfg(feature = "pipeline")]
pub mod embedded;
pub mod nep330;
pub mod gap;
pub mod address;
pub mod source;
pub mod image;
pub mod customary;
pub mod recipe;
pub mod container;
pub mod key;
pub mod keys;
pub mod given;
pub mod provenance;
#[cfg(feature = "pipeline")]
pub mod dsse;
pub mod notice;
pub mod finding;
pub mod manifest;
pub mod settings;
pub mod verdict;
pub mod replacement;
pub mod inspection;
pub mod chain;
pub mod report;
pub mod abi;
#[cfg(feature = "pipeline")]
pub mod comparison;
pub mod registry;
#[cfg(feature = "pipeline")]
pub mod dao;
pub mod archive;

pub use report::Report;
pub use transport::Transport;
#[cfg(feature = "pipeline")]
pub use {embedded::Sandbox, inspection::inspect};
