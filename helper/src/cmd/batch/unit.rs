//! What a batch rebuilds once.

use std::path::Path;

use provenear_shared::container::NetworkAccess;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::key::PublicKey;
use provenear_shared::provenance::BUILD_TYPE;
use provenear_shared::recipe::{Claimed, Recipe};
use serde_json::json;

use crate::network::url::LocalSources;
use crate::rebuild::options::Options;
use crate::source::checkout::Origin;

/// Everything that a rebuild depends on, and the kind of manifest that is made of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Unit {
    build_type: &'static str,
    claimed: Claimed,
    image: Option<String>,
    network_access: NetworkAccess,
    allow_unlimited: bool,
    local_sources: LocalSources,
    key: PublicKey,
    origin: Origin,
}

impl Unit {
    /// Of a recipe that is built like this and signed with this key.
    pub(super) fn of(recipe: &Recipe, options: &Options, key: &PublicKey) -> Unit {
        let Options {
            origin,
            image,
            network_access,
            accepted_images: _,
            other_images: _,
            allow_unlimited,
            limits: _,
            ca_file: _,
            local_sources,
        } = options;
        Unit {
            build_type: BUILD_TYPE,
            claimed: recipe.claimed().clone(),
            image: image.clone(),
            network_access: *network_access,
            allow_unlimited: *allow_unlimited,
            local_sources: *local_sources,
            key: *key,
            origin: origin.clone(),
        }
    }

    /// How the file is called that a finished rebuild is known by.
    pub(super) fn file_name(&self) -> String {
        let Unit { build_type, claimed, image, network_access, allow_unlimited, local_sources, key, origin } = self;
        let Claimed { build_environment, build_command, contract_path, source_code_snapshot, output_wasm_path, link } =
            claimed;
        let local_sources = match local_sources {
            LocalSources::Allowed => "allowed",
            LocalSources::Refused => "refused",
        };
        let bytes = |folder: &Path| folder.as_os_str().as_encoded_bytes().to_vec();
        let origin = match origin {
            Origin::Claimed => json!({"claimed": null}),
            Origin::Url(url) => json!({"url": url.as_str()}),
            Origin::Directory(folder) => json!({"folder": bytes(folder)}),
            Origin::Archive(archived) => json!({"archive": archived.sha256.to_hex()}),
        };
        let all = json!([
            build_type,
            [build_environment, contract_path, source_code_snapshot, output_wasm_path, link],
            build_command,
            image,
            network_access.as_str(),
            allow_unlimited,
            local_sources,
            key,
            origin,
        ]);
        format!("{}.json", Sha256Digest::of(all.to_string().as_bytes()).to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Limits;
    use crate::fetch::ImageNetwork;
    use crate::signer::Signer;
    use provenear_shared::nep330::ContractSourceMetadata;

    /// Units are equal where their files are the same, and only there.
    #[test]
    fn whatever_a_rebuild_depends_on_tells_units_apart() {
        let claim = |path: &str| {
            let commit = "0123456789abcdef0123456789abcdef01234567";
            let image = format!("x/y@sha256:{}", "a".repeat(64));
            let claim = json!({"version": "1", "link": null, "standards": [], "build_info": {"build_environment": image,
                "build_command": ["cargo", "near", "build"], "contract_path": path,
                "source_code_snapshot": format!("git+https://h.example/a/b?rev={commit}"), "output_wasm_path": null}});
            let metadata = ContractSourceMetadata::parse(claim.to_string().as_bytes()).unwrap();
            Recipe::from_metadata(&metadata).unwrap()
        };
        let usual = || Options {
            origin: Origin::Claimed,
            image: None,
            network_access: NetworkAccess::Fetch,
            accepted_images: Vec::new(),
            other_images: ImageNetwork::Refused,
            limits: Limits::default(),
            allow_unlimited: false,
            local_sources: LocalSources::Refused,
            ca_file: None,
        };
        let keys = [(); 2].map(|()| *Signer::generate().unwrap().public());
        let of = |options: Options| Unit::of(&claim("a"), &options, &keys[0]);
        let units = [
            of(usual()),
            Unit::of(&claim("b"), &usual(), &keys[0]),
            Unit::of(&claim("a"), &usual(), &keys[1]),
            of(Options { image: Some("z".into()), ..usual() }),
            of(Options { network_access: NetworkAccess::None, ..usual() }),
            of(Options { allow_unlimited: true, ..usual() }),
            of(Options { local_sources: LocalSources::Allowed, ..usual() }),
            of(Options { origin: Origin::Directory("a".into()), ..usual() }),
            of(Options { origin: Origin::Directory("b".into()), ..usual() }),
        ];
        for (n, one) in units.iter().enumerate() {
            for (m, other) in units.iter().enumerate() {
                assert_eq!((one == other, one.file_name() == other.file_name()), (n == m, n == m), "{n} {m}");
            }
        }
        // What only says how long or by whose leave changes nothing.
        let same = Options { limits: Limits { cpus: 1.5, ..Limits::default() }, ca_file: Some("c".into()), ..usual() };
        assert_eq!(of(same), of(usual()));
    }
}
