//! What is signed: an in-toto Statement with SLSA provenance about one rebuild (`docs/manifest.md` §Statement). Never a
//! `--source`, a credential or a query string.

use std::collections::BTreeMap;

use provenear_shared::container::{NetworkAccess, normal};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{Inspection, Subject};
use provenear_shared::near::Network;
use provenear_shared::notice::Notice;
use provenear_shared::provenance::{
    self, ANNOTATION_HOST, BUILD_TYPE, BUILDER_HERMETIC, BUILDER_NETWORKED, BYPRODUCT_LOG, BYPRODUCT_UNSIGNED,
    BuildDefinition, BuildMetadata, Builder, DEPENDENCY_IMAGE, DEPENDENCY_IMAGE_PLATFORM, DEPENDENCY_SOURCE,
    DEPENDENCY_SOURCE_ARCHIVE, DIGEST_IMAGE_ID, ExternalParameters, InternalParameters, LIMIT_NETWORK_FULL,
    LIMIT_NETWORK_NONE, LIMIT_NOT_ENFORCED, Observed, Origin, PREDICATE_TYPE, Provenance, ResourceDescriptor,
    RunDetails, STATEMENT_TYPE, Statement,
};
use provenear_shared::recipe::Recipe;

use super::build::Built;
use super::options::Options;
use crate::engine::{Engine, Fence, Identity};
use crate::signer::Signer;
use crate::source::cargo_config::{self, CargoConfig, Scope};
use crate::source::checkout;
use crate::source::packages::{Manifests, Packages};
use crate::source::toolchain::{channel, is_exact};

/// What every rebuild is made on, whatever machine this is.
pub const PLATFORM: &str = "linux/amd64";

/// Everything that a statement is made of.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// What was built.
    pub recipe: &'a Recipe,
    /// Whether the contract claims it.
    pub origin: Origin,
    /// How.
    pub options: &'a Options,
    /// What came out.
    pub built: &'a Built,
    /// By which engine.
    pub engine: &'a Engine,
    /// What was looked at, if anything.
    pub observed: Option<&'a Observed>,
    /// The key that signs; none where that is done elsewhere.
    pub signer: Option<&'a Signer>,
}

/// The statement.
pub fn statement(about: &About<'_>) -> Statement {
    let About { recipe, origin, options, built, engine, observed, signer } = *about;
    let artifact = Sha256Digest::of(&built.artifact);
    let hermetic = options.network_access != NetworkAccess::Full && !built.unenforced.contains(&Fence::Network);
    let contract = normal(recipe.contract_path());
    let manifests = Manifests::of(&built.checkout.facts);
    let packages = Packages::of(&manifests, &contract);
    let CargoConfig { doubts, keys, .. } = config(&packages, &contract, about);
    let internal = InternalParameters {
        observed: observed.cloned(),
        signer: signer.map(introduce),
        platform: PLATFORM.to_owned(),
        argv: built.argv.clone(),
        env: built.env.iter().cloned().collect(),
        network_access: options.network_access.as_str().to_owned(),
        limits: limits(options, &built.unenforced, &built.image.user()),
        tree: Some(packages.tree(keys)),
        notices: notices(&packages, &contract, about)
            .chain(doubts)
            .map(|notice| notice.code().code().to_owned())
            .collect(),
    };
    Statement {
        statement_type: STATEMENT_TYPE.to_owned(),
        subject: vec![describe_by_sha256(&format!("{}.wasm", artifact.to_base58()), &artifact)],
        predicate_type: PREDICATE_TYPE.to_owned(),
        predicate: Provenance {
            build_definition: BuildDefinition {
                build_type: BUILD_TYPE.to_owned(),
                external_parameters: ExternalParameters::new(recipe.claimed().clone(), origin),
                internal_parameters: internal,
                resolved_dependencies: dependencies(recipe, built),
            },
            run_details: RunDetails {
                builder: Builder {
                    id: if hermetic { BUILDER_HERMETIC } else { BUILDER_NETWORKED }.to_owned(),
                    version: BTreeMap::from([
                        ("provenear".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
                        (engine.kind.as_str().to_owned(), engine.version.clone()),
                    ]),
                },
                metadata: BuildMetadata {
                    invocation_id: format!("{}-{}", built.started_on, &artifact.to_hex()[..16]),
                    started_on: built.started_on.clone(),
                    finished_on: built.finished_on.clone(),
                },
                byproducts: vec![describe_by_sha256(BYPRODUCT_LOG, &built.log_sha256)],
            },
        },
    }
}

/// How a statement names the key that signs it, and whose that is, if its file says so.
pub fn introduce(signer: &Signer) -> provenance::Signer {
    let account_id = signer.account().map(ToOwned::to_owned);
    provenance::Signer { public_key: Some(signer.public().to_near()), account_id }
}

/// Says that the machine of this name made the log, and leaves signing to another.
pub fn name_host(statement: &mut Statement, host: &str) {
    let logs = statement.predicate.run_details.byproducts.iter_mut();
    for log in logs.filter(|it| it.name.as_deref() == Some(BYPRODUCT_LOG)) {
        log.annotations.insert(ANNOTATION_HOST.to_owned(), host.to_owned());
    }
}

/// Names the key that signs what another machine stated, and that statement by its digest.
pub fn adopt(statement: &mut Statement, unsigned: &[u8], signer: &Signer) {
    statement.predicate.build_definition.internal_parameters.signer = Some(introduce(signer));
    let digest = Sha256Digest::of(unsigned);
    statement.predicate.run_details.byproducts.push(describe_by_sha256(BYPRODUCT_UNSIGNED, &digest));
}

/// What the rebuilder saw on the chain, or of a file.
pub fn observe(inspection: &Inspection, subject: &Subject, network: &Network) -> Option<Observed> {
    let code_hash = inspection.code()?.hash().to_base58();
    let deployment = inspection.deployment();
    if deployment.is_none() && matches!(subject, Subject::File { .. }) {
        return None;
    }
    let hosts = deployment.map(|d| d.endpoints.as_slice()).unwrap_or(&inspection.endpoints);
    Some(Observed {
        network: network.chain_id().to_owned(),
        account_id: deployment.map(|d| d.account_id.to_string()),
        code_hash,
        block_height: deployment.map(|d| d.block.height.to_string()),
        block_hash: deployment.map(|d| d.block.hash.to_base58()),
        endpoints: hosts.iter().filter(|e| e.agrees).map(|e| e.host.clone()).collect(),
    })
}

/// What is unusual about this tree and this build.
fn notices(packages: &Packages<'_>, contract: &str, about: &About<'_>) -> impl Iterator<Item = Notice> {
    let About { recipe, options, built, .. } = *about;
    let facts = &built.checkout.facts;
    // An image that sets a toolchain overrules the file; without it, the file decides, and had better be exact.
    let unpinned = built.image.variable("RUSTUP_TOOLCHAIN").is_none_or(str::is_empty)
        && facts.toolchain_file(contract).is_some_and(|text| !channel(text).is_some_and(|wanted| is_exact(&wanted)));
    let rows = [
        (!recipe.is_customary_command(), Notice::CustomBuildCommand),
        (cargo_config::names_toolchain_by_path(facts, contract), Notice::ToolchainPath),
        (!facts.build_output.is_empty(), Notice::BuildOutputInTree),
        (!facts.wasm.is_empty(), Notice::PrebuiltWasmInTree),
        (unpinned, Notice::ToolchainNotPinned),
        (packages.reads_git().is_some(), Notice::BuildReadsGit),
        (facts.converts_elsewhere, Notice::CheckoutAttributes),
        (!facts.links.is_empty(), Notice::SymlinksInTree),
        (!facts.submodules.is_empty(), Notice::SubmodulesInTree),
        (options.network_access == NetworkAccess::Full, Notice::NetworkFull),
        (is_substituted(recipe, built), Notice::ImageSubstituted),
        (built.checkout.reference.is_none(), Notice::CommitNotOnARef),
        (built.checkout.from_local, Notice::LocalSource(String::new())),
        (options.origin != checkout::Origin::Claimed, Notice::SourceFromElsewhere),
    ];
    rows.into_iter().filter_map(|(holds, notice)| holds.then_some(notice))
}

/// The configuration that cargo obeyed: in the folders above the contract, and in others where it was started there too.
fn config(packages: &Packages<'_>, contract: &str, about: &About<'_>) -> CargoConfig {
    let scope = if packages.nests() { Scope::Everywhere } else { Scope::Above(contract) };
    cargo_config::examine(&about.built.checkout.facts, scope, about.recipe.build_command())
}

/// Whether another image than the claimed one ran.
fn is_substituted(recipe: &Recipe, built: &Built) -> bool {
    built.image.pulled() != Some(recipe.image().digest())
}

/// As enforced: what the engine was asked for and did not do is said to be so. Memory, processes and files are the
/// kernel's to enforce; disk, output and time are watched by the helper, which ends the build.
fn limits(options: &Options, unenforced: &[Fence], user: &str) -> BTreeMap<String, String> {
    let limits = &options.limits;
    let held = |fence: Fence| match fence {
        Fence::Memory => limits.memory.to_string(),
        Fence::Cpus => limits.cpus.to_string(),
        Fence::Pids => limits.pids.to_string(),
        Fence::OpenFiles => limits.open_files.to_string(),
        Fence::FileSize => limits.file_size.to_string(),
        Fence::CoreSize => "0".to_owned(),
        Fence::Disk => limits.disk.to_string(),
        Fence::Swap | Fence::Capabilities | Fence::NewPrivileges | Fence::Devices | Fence::Mounts => "none".to_owned(),
        Fence::Seccomp => "filtered".to_owned(),
        Fence::User => user.to_owned(),
        Fence::Network if options.network_access == NetworkAccess::Full => LIMIT_NETWORK_FULL.to_owned(),
        Fence::Network => LIMIT_NETWORK_NONE.to_owned(),
        Fence::Namespaces => "private".to_owned(),
        Fence::Environment => "image".to_owned(),
    };
    let value = |fence: Fence| {
        let value = if unenforced.contains(&fence) { LIMIT_NOT_ENFORCED.to_owned() } else { held(fence) };
        (fence.key().to_owned(), value)
    };
    let watched = [
        ("output", limits.output.to_string()),
        ("seconds", limits.time.as_secs().to_string()),
        ("watched", "disk, output, seconds".to_owned()),
    ];
    Fence::ALL.into_iter().map(value).chain(watched.map(|(name, value)| (name.to_owned(), value))).collect()
}

fn dependencies(recipe: &Recipe, built: &Built) -> Vec<ResourceDescriptor> {
    let checkout = &built.checkout;
    let uri = format!("git+{}", recipe.source().url());
    let mut source = describe(DEPENDENCY_SOURCE, Some(&uri), &[("gitCommit", recipe.source().commit())]);
    match &checkout.git_tree {
        Some(tree) => _ = source.digest.insert("gitTree".to_owned(), tree.clone()),
        // Nobody looked at the commit: that these are its files is the word of whoever vouched for the archive.
        None => _ = source.annotations.insert("from".to_owned(), DEPENDENCY_SOURCE_ARCHIVE.to_owned()),
    }
    if let Some(reference) = &checkout.reference {
        source.annotations.insert("ref".to_owned(), reference.clone());
    }
    let image = match &built.image.identity {
        Identity::Pulled(digest) => ("sha256", digest.to_hex()),
        Identity::Local(id) => (DIGEST_IMAGE_ID, id.to_hex()),
    };
    let mut all = vec![
        source,
        describe(DEPENDENCY_IMAGE, Some(&built.image.reference), &[(image.0, &image.1)]),
        describe_by_sha256(DEPENDENCY_SOURCE_ARCHIVE, &checkout.archive_sha256),
    ];
    all.extend(built.image_manifest.iter().map(|digest| describe_by_sha256(DEPENDENCY_IMAGE_PLATFORM, digest)));
    all.extend(built.locked.digests.iter().map(|(path, digest)| describe_by_sha256(path, digest)));
    all
}

fn describe_by_sha256(name: &str, digest: &Sha256Digest) -> ResourceDescriptor {
    describe(name, None, &[("sha256", &digest.to_hex())])
}

fn describe(name: &str, uri: Option<&str>, digests: &[(&str, &str)]) -> ResourceDescriptor {
    ResourceDescriptor {
        name: Some(name.to_owned()),
        uri: uri.map(ToOwned::to_owned),
        digest: digests.iter().map(|(algorithm, hex)| ((*algorithm).to_owned(), (*hex).to_owned())).collect(),
        annotations: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::engine::Limits;
    use crate::fetch::ImageNetwork;
    use crate::network::url::LocalSources;

    #[test]
    fn what_was_not_enforced_is_not_claimed() {
        let options = |network_access| Options {
            local_sources: LocalSources::Refused,
            origin: checkout::Origin::Claimed,
            image: None,
            network_access,
            accepted_images: Vec::new(),
            other_images: ImageNetwork::Refused,
            limits: Limits::default(),
            allow_unlimited: true,
            ca_file: None,
        };
        let of = |access, unenforced: &[Fence]| limits(&options(access), unenforced, "7:7");
        let all = of(NetworkAccess::Fetch, &[]);
        assert_eq!((all["disk"].as_str(), all["user"].as_str()), ("21474836480", "7:7"));
        assert_eq!((all["network"].as_str(), of(NetworkAccess::Full, &[])["network"].as_str()), ("none", "full"));
        for fence in Fence::ALL {
            let lax = of(NetworkAccess::Fetch, &[fence]);
            let differing: Vec<&str> = all.keys().filter(|key| all[*key] != lax[*key]).map(String::as_str).collect();
            assert_eq!((differing, lax[fence.key()].as_str()), (vec![fence.key()], LIMIT_NOT_ENFORCED));
        }
        let document = include_str!("../../../docs/manifest.md");
        let (_, table) = document.split_once("`limits` has an entry").unwrap();
        let documented: BTreeSet<&str> = table
            .lines()
            .skip_while(|line| !line.starts_with("| `"))
            .take_while(|line| line.starts_with("| `"))
            .flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
            .collect();
        assert_eq!(documented, all.keys().map(String::as_str).collect());
    }
}
