//! in-toto Statement v1 with the SLSA provenance v1 predicate: the payload of a manifest (`docs/manifest.md` §Statement).
//! Not here: the envelope (`dsse`), whether the statement is about this code (`manifest`).

mod limits;

pub use limits::{FENCES, LIMIT_NETWORK, LIMIT_NETWORK_FULL, LIMIT_NETWORK_NONE, LIMIT_NOT_ENFORCED};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::{Member, Object, Unexpected, members};
use crate::recipe::Claimed;

/// `_type` of an in-toto Statement v1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// `predicateType` of SLSA provenance v1.
pub const PREDICATE_TYPE: &str = "https://slsa.dev/provenance/v1";
/// `buildType` of a rebuild from NEP-330 metadata, version 2 (`docs/manifest.md`).
pub const BUILD_TYPE: &str = "urn:provenear:nep330-rebuild:v2";
/// `builder.id` of a build whose claimed command had no network, by a builder that examined tree, image and fences.
pub const BUILDER_HERMETIC: &str = "urn:provenear:builder:hermetic:v2";
/// `builder.id` of a build whose claimed command could reach the network, by such a builder.
pub const BUILDER_NETWORKED: &str = "urn:provenear:builder:networked:v2";
/// Version 1 of [`BUILD_TYPE`]: the same shape. Its lines open with a doubt.
pub const BUILD_TYPE_1: &str = "https://provenear.org/nep330-rebuild/v1";
/// Version 1 of [`BUILDER_HERMETIC`], with [`BUILD_TYPE_1`] alone.
pub const BUILDER_HERMETIC_1: &str = "https://provenear.org/builder/hermetic/v1";
/// Version 1 of [`BUILDER_NETWORKED`], with [`BUILD_TYPE_1`] alone.
pub const BUILDER_NETWORKED_1: &str = "https://provenear.org/builder/networked/v1";

/// `resolvedDependencies[].name` of the commit that was built.
pub const DEPENDENCY_SOURCE: &str = "source";
/// `resolvedDependencies[].name` of the image. Its digest `sha256` is the one that the engine was told to pull, and checked.
/// An image that answered by its id alone was checked by nobody: it has [`DIGEST_IMAGE_ID`] and no `sha256`.
pub const DEPENDENCY_IMAGE: &str = "image";
/// Digest of [`DEPENDENCY_IMAGE`] instead of `sha256`: the id by which the engine's own store knows an image that was never
/// pulled, in hex. A name of its own, so that no reader can take it for a digest that was pulled.
pub const DIGEST_IMAGE_ID: &str = "imageId";
/// `resolvedDependencies[].name` of the linux/amd64 manifest of the image, where somebody exact told it. Evidence:
/// nothing is accepted by it.
pub const DEPENDENCY_IMAGE_PLATFORM: &str = "image-linux-amd64";
/// `resolvedDependencies[].name` of the deterministic tar of what was built.
pub const DEPENDENCY_SOURCE_ARCHIVE: &str = "source-archive";
/// `byproducts[].name` of the build log.
pub const BYPRODUCT_LOG: &str = "build-log";
/// Annotation of [`BYPRODUCT_LOG`]: the name of the machine that built, where another signed.
pub const ANNOTATION_HOST: &str = "host";
/// `byproducts[].name` of what a machine stated that did not sign: the signer checked it against artifact, log and source, and did
/// not build.
pub const BYPRODUCT_UNSIGNED: &str = "unsigned-statement";

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// One artifact: the rebuilt wasm.
    pub subject: Vec<ResourceDescriptor>,
    /// [`PREDICATE_TYPE`].
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// How the artifact came to be.
    pub predicate: Provenance,
}

/// in-toto's description of a thing by digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDescriptor {
    /// Role of the thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Lower-case hex digests by algorithm: `sha256`, `gitCommit`, `gitTree`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// Further facts, such as `ref` beside a commit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// SLSA provenance v1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// What was asked for and what it was made from.
    pub build_definition: BuildDefinition,
    /// By whom and when.
    pub run_details: RunDetails,
}

/// SLSA `buildDefinition`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildDefinition {
    /// [`BUILD_TYPE`].
    pub build_type: String,
    /// What decides the bytes.
    pub external_parameters: ExternalParameters,
    /// What the builder added.
    pub internal_parameters: InternalParameters,
    /// Commit, image, lock files, source archive.
    pub resolved_dependencies: Vec<ResourceDescriptor>,
}

/// The claim, string for string; a key that we do not know makes the statement unreadable, as SLSA advises.
/// Absent and null are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalParameters {
    /// Whether the contract claims this recipe or the rebuilder supplied it.
    pub origin: Origin,
    /// See [`Claimed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_environment: Option<String>,
    /// See [`Claimed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_command: Option<Vec<String>>,
    /// See [`Claimed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_path: Option<String>,
    /// See [`Claimed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_code_snapshot: Option<String>,
    /// See [`Claimed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_wasm_path: Option<String>,
    /// See [`Claimed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl ExternalParameters {
    /// The parameters of a rebuild of `claimed`.
    pub fn new(claimed: Claimed, origin: Origin) -> Self {
        let Claimed { build_environment, build_command, contract_path, source_code_snapshot, output_wasm_path, link } =
            claimed;
        Self { origin, build_environment, build_command, contract_path, source_code_snapshot, output_wasm_path, link }
    }

    /// The claim alone, to compare with another.
    pub fn claimed(&self) -> Claimed {
        let Self {
            origin: _,
            build_environment,
            build_command,
            contract_path,
            source_code_snapshot,
            output_wasm_path,
            link,
        } = self.clone();
        Claimed { build_environment, build_command, contract_path, source_code_snapshot, output_wasm_path, link }
    }
}

/// Where the recipe of a rebuild is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Read out of the contract.
    Claimed,
    /// Given by the rebuilder (`--recipe`).
    Supplied,
}

/// What the builder added. Everything here is the rebuilder's own word. Numbers are strings, so that protobuf clients keep them exact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct InternalParameters {
    /// The deployment that the rebuilder looked at, if any.
    pub observed: Option<Observed>,
    /// Whose key this is. Version 1 has it only where the signer names an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<Signer>,
    /// `linux/amd64`.
    pub platform: String,
    /// The argv that ran: `["/bin/bash", "-c", "<joined build_command>"]`.
    pub argv: Vec<String>,
    /// Environment variables that were set for it.
    pub env: BTreeMap<String, String>,
    /// What the rebuilder asked for: `fetch`, `full` or `none`. What was held is [`LIMIT_NETWORK`]'s.
    pub network_access: String,
    /// Limits as enforced, by name; [`LIMIT_NOT_ENFORCED`] for those that were not.
    pub limits: BTreeMap<String, String>,
    /// Codes of what was unusual about tree and build (`notice`).
    pub notices: Vec<String>,
    /// What of the tree takes part in the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<Tree>,
}

/// What of the tree takes part in the build: evidence, listed and not judged. Paths are relative to the root of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tree {
    /// Keys that cargo configuration sets, as `path: key`.
    pub cargo_config: Vec<String>,
    /// Build scripts of the packages that the contract is made of.
    pub build_scripts: Vec<String>,
    /// Folders of procedural macros among them.
    pub proc_macros: Vec<String>,
}

impl Tree {
    /// Entries of one list, and characters of each.
    const MOST: (usize, usize) = (64, 160);

    /// Keeps as much of each list as a person may read; the last entry of one that is cut says how many more there are.
    pub fn truncate(self) -> Self {
        let (entries, characters) = Self::MOST;
        let cut = |list: Vec<String>| {
            let (held, all) = (if list.len() > entries { entries - 1 } else { entries }, list.len());
            let shown = list.into_iter().take(held).map(|entry| entry.chars().take(characters).collect());
            shown.chain((all > entries).then(|| format!("and {} more", all - held))).collect()
        };
        Self {
            cargo_config: cut(self.cargo_config),
            build_scripts: cut(self.build_scripts),
            proc_macros: cut(self.proc_macros),
        }
    }
}

/// What the rebuilder saw on the chain. Never compared: the same bytes at another account deserve the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Observed {
    /// Chain id.
    pub network: String,
    /// Account id, absent for a bare code hash.
    pub account_id: Option<String>,
    /// Base58.
    pub code_hash: String,
    /// Decimal.
    pub block_height: Option<String>,
    /// Base58.
    pub block_hash: Option<String>,
    /// Hosts without paths.
    pub endpoints: Vec<String>,
}

/// Who signs, in the signer's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The key that signs, `ed25519:<base58>`. Version 2 always has it: a reader who trusts no key can check the line by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The account that the key is said to belong to; looked up before it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
}

/// SLSA `runDetails`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunDetails {
    /// The builder.
    pub builder: Builder,
    /// When.
    pub metadata: BuildMetadata,
    /// The build log.
    pub byproducts: Vec<ResourceDescriptor>,
}

/// SLSA `builder`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Builder {
    /// [`BUILDER_HERMETIC`] or [`BUILDER_NETWORKED`].
    pub id: String,
    /// Versions by component.
    pub version: BTreeMap<String, String>,
}

/// SLSA `metadata`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildMetadata {
    /// Unique per run.
    pub invocation_id: String,
    /// RFC 3339 with `Z`.
    pub started_on: String,
    /// RFC 3339 with `Z`.
    pub finished_on: String,
}

impl Statement {
    /// Reads a statement of this build type.
    ///
    /// # Errors
    /// [`Unexpected`] for what is missing or of another kind, and for a key of the external parameters that is not known.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::provenance::Statement;
    ///
    /// let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/statement.json"));
    /// let statement = Statement::parse(text.as_bytes()).unwrap();
    /// assert_eq!(statement.dependencies("image").count(), 1);
    /// // SLSA: whoever does not know a parameter cannot know what the build did.
    /// assert!(Statement::parse(text.replace("\"link\"", "\"patches\"").as_bytes()).is_err());
    /// ```
    pub fn parse(text: &[u8]) -> Result<Self, Unexpected> {
        let object = Object::parse(text)?;
        Ok(Self {
            statement_type: object.get("_type")?,
            subject: object.get("subject")?,
            predicate_type: object.get("predicateType")?,
            predicate: object.get("predicate")?,
        })
    }

    /// The dependencies with this `name`.
    pub fn dependencies(&self, name: &str) -> impl Iterator<Item = &ResourceDescriptor> {
        let all = self.predicate.build_definition.resolved_dependencies.iter();
        all.filter(move |found| found.name.as_deref() == Some(name))
    }
}

members!(ResourceDescriptor { name: maybe "name", uri: maybe "uri", digest: or_default "digest", annotations: or_default "annotations" });
members!(Provenance { build_definition: get "buildDefinition", run_details: get "runDetails" });
members!(BuildDefinition {
    build_type: get "buildType",
    external_parameters: get "externalParameters",
    internal_parameters: or_default "internalParameters",
    resolved_dependencies: or_default "resolvedDependencies",
});
members!(InternalParameters {
    observed: maybe "observed",
    signer: maybe "signer",
    platform: or_default "platform",
    argv: or_default "argv",
    env: or_default "env",
    network_access: or_default "network_access",
    limits: or_default "limits",
    notices: or_default "notices",
    tree: maybe "tree",
});
members!(Tree {
    cargo_config: or_default "cargo_config",
    build_scripts: or_default "build_scripts",
    proc_macros: or_default "proc_macros",
});
members!(Observed {
    network: get "network",
    account_id: maybe "account_id",
    code_hash: get "code_hash",
    block_height: maybe "block_height",
    block_hash: maybe "block_hash",
    endpoints: or_default "endpoints",
});
members!(Signer { public_key: maybe "public_key", account_id: maybe "account_id" });
members!(RunDetails { builder: get "builder", metadata: or_default "metadata", byproducts: or_default "byproducts" });
members!(Builder { id: get "id", version: or_default "version" });
members!(BuildMetadata {
    invocation_id: or_default "invocationId",
    started_on: or_default "startedOn",
    finished_on: or_default "finishedOn",
});

impl<'a> Member<'a> for ExternalParameters {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        let object = Object::read(text)?;
        object.only(&[
            "origin",
            "build_environment",
            "build_command",
            "contract_path",
            "source_code_snapshot",
            "output_wasm_path",
            "link",
        ])?;
        Ok(Self {
            origin: object.get("origin")?,
            build_environment: object.maybe("build_environment")?,
            build_command: object.maybe("build_command")?,
            contract_path: object.maybe("contract_path")?,
            source_code_snapshot: object.maybe("source_code_snapshot")?,
            output_wasm_path: object.maybe("output_wasm_path")?,
            link: object.maybe("link")?,
        })
    }
}

impl<'a> Member<'a> for Origin {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        match String::read(text)?.as_str() {
            "claimed" => Ok(Self::Claimed),
            "supplied" => Ok(Self::Supplied),
            _ => Err(Unexpected::new("is neither `claimed` nor `supplied`")),
        }
    }
}
