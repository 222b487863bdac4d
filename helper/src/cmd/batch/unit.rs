//! What a batch rebuilds once: everything that decides the code, made of a look-up on one machine and of a plan on another.
//! Not here: building it (`builder`), and what a store knows of it already (`answered`).

use std::path::Path;

use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::provenance::BUILD_TYPE;
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{ClaimedRecipe, ImagePrograms, PlanUnit, UnitInputs};

use crate::args::{Bounds, Common, Inputs};
use crate::engine::Limits;
use crate::failure::{Code, fail};
use crate::fetch::ImageNetwork;
use crate::look::question::policy;
use crate::network::url::LocalSources;
use crate::rebuild::options::{Options, origin};
use crate::rebuild::store::unit_id;
use crate::source::checkout::Origin;

/// What was typed of how to build, which is the same for every subject.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    inputs: Inputs,
    allow_local_source: bool,
    accepted_images: Vec<Sha256Digest>,
}

impl Typed {
    /// Reads it.
    ///
    /// # Errors
    /// [`Code::Usage`] for an archive, [`Code::SourceRefused`] for a URL that is not fetched from.
    pub(super) fn new(inputs: &Inputs, common: &Common) -> anyhow::Result<Typed> {
        let allow_local_source = common.accepted.allow_local_source;
        origin_of_many(inputs.source.as_deref(), allow_local_source)?;
        Ok(Typed { inputs: inputs.clone(), allow_local_source, accepted_images: policy(common)?.images })
    }

    /// What decides the code of this recipe.
    pub(super) fn inputs(&self, recipe: &Recipe) -> UnitInputs {
        UnitInputs {
            build_type: BUILD_TYPE.to_owned(),
            recipe: ClaimedRecipe::from(recipe.claimed().clone()),
            image: self.inputs.image.clone().unwrap_or_else(|| recipe.image().reference()),
            source: self.inputs.source.clone(),
            network_access: self.inputs.network_access,
            allow_local_source: self.allow_local_source,
        }
    }

    /// Whether programs of this image may use the network during the fetch.
    pub(super) fn image_programs(&self, image: &str) -> ImagePrograms {
        if digest_of(image).is_some_and(|digest| self.accepted_images.contains(&digest)) {
            ImagePrograms::Accepted
        } else if self.inputs.trust_image_network {
            ImagePrograms::Trusted
        } else {
            ImagePrograms::Refused
        }
    }
}

/// The digest that a reference pins.
pub(super) fn digest_of(image: &str) -> Option<Sha256Digest> {
    image.rsplit_once('@').and_then(|(_, digest)| Sha256Digest::from_oci(digest).ok())
}

/// The recipe of a unit.
///
/// # Errors
/// [`Code::Usage`] for inputs that no look-up gives.
pub(super) fn recipe(inputs: &UnitInputs) -> anyhow::Result<Recipe> {
    let metadata = serde_json::to_vec(&inputs.recipe)?;
    let recipe = ContractSourceMetadata::parse(&metadata).ok().and_then(|it| Recipe::from_metadata(&it).ok());
    match recipe {
        Some(recipe) if inputs.build_type == BUILD_TYPE => Ok(recipe),
        Some(_) => fail(Code::Usage, "the unit was planned by another version of Provenear: plan again"),
        None => fail(Code::Usage, "the unit has no recipe that can be rebuilt"),
    }
}

/// How a unit is built on this machine.
///
/// # Errors
/// [`Code::Usage`] where its id is not that of its inputs, and for bounds that make no sense.
pub(super) fn options(unit: &PlanUnit, bounds: &Bounds, ca_file: Option<&Path>) -> anyhow::Result<Options> {
    let inputs = &unit.inputs;
    if Hex(unit_id(inputs)) != unit.unit {
        return fail(Code::Usage, format!("the unit `{}` has inputs that give another id", unit.unit));
    }
    let accepted_images = match unit.image_programs {
        ImagePrograms::Accepted => digest_of(&inputs.image).into_iter().collect(),
        ImagePrograms::Trusted | ImagePrograms::Refused => Vec::new(),
    };
    let other_images = match unit.image_programs {
        ImagePrograms::Trusted => ImageNetwork::Trusted,
        ImagePrograms::Accepted | ImagePrograms::Refused => ImageNetwork::Refused,
    };
    let options = Options {
        origin: origin_of_many(inputs.source.as_deref(), inputs.allow_local_source)?,
        image: Some(inputs.image.clone()),
        network_access: inputs.network_access,
        accepted_images,
        other_images,
        limits: Limits::default(),
        allow_unlimited: false,
        local_sources: local_sources(inputs.allow_local_source),
        ca_file: ca_file.map(Path::to_owned),
    };
    Ok(options.within(bounds))
}

/// The names by which it is remembered how long a unit took: its own, and that of other commits of the same contract.
pub(super) fn names(id: &Sha256Digest, recipe: &Recipe) -> [Sha256Digest; 2] {
    let contract = format!("{}\n{}", recipe.source().url(), recipe.contract_path());
    [*id, Sha256Digest::of(contract.as_bytes())]
}

fn local_sources(allowed: bool) -> LocalSources {
    if allowed { LocalSources::Allowed } else { LocalSources::Refused }
}

/// Where commits are taken from that belong to many claims.
fn origin_of_many(source: Option<&str>, allow_local_source: bool) -> anyhow::Result<Origin> {
    match origin(source, local_sources(allow_local_source))? {
        Origin::Archive(_) => fail(
            Code::Usage,
            "`--source` names an archive, which is the source of one claim: give it to `rebuild` with that subject",
        ),
        other @ (Origin::Claimed | Origin::Url(_) | Origin::Directory(_)) => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::container::NetworkAccess;
    use serde_json::json;

    fn claim(path: &str) -> Recipe {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let image = format!("x/y:1@sha256:{}", "a".repeat(64));
        let claim = json!({"version": "1", "link": null, "standards": [], "build_info": {"build_environment": image,
            "build_command": ["cargo", "near", "build"], "contract_path": path,
            "source_code_snapshot": format!("git+https://h.example/a/b?rev={commit}"), "output_wasm_path": null}});
        let metadata = ContractSourceMetadata::parse(claim.to_string().as_bytes()).unwrap();
        Recipe::from_metadata(&metadata).unwrap()
    }

    fn typed() -> Typed {
        let inputs =
            Inputs { source: None, image: None, network_access: NetworkAccess::Fetch, trust_image_network: false };
        Typed { inputs, allow_local_source: false, accepted_images: Vec::new() }
    }

    /// Units are equal where their ids are the same, and only there.
    #[test]
    fn whatever_decides_the_code_tells_units_apart() {
        let changed = |change: fn(&mut Typed)| {
            let mut typed = typed();
            change(&mut typed);
            typed.inputs(&claim("a"))
        };
        let units = [
            changed(|_| {}),
            typed().inputs(&claim("b")),
            changed(|it| it.inputs.image = Some("z".into())),
            changed(|it| it.inputs.network_access = NetworkAccess::None),
            changed(|it| it.allow_local_source = true),
            changed(|it| it.inputs.source = Some("a".into())),
            changed(|it| it.inputs.source = Some("b".into())),
        ];
        for (n, one) in units.iter().enumerate() {
            for (m, other) in units.iter().enumerate() {
                assert_eq!((one == other, unit_id(one) == unit_id(other)), (n == m, n == m), "{n} {m}");
            }
        }
        // The claimed image by its own name is no other image, and by whose leave something is fetched decides nothing.
        let same = changed(|it| {
            it.inputs.image = Some(claim("a").image().reference());
            it.inputs.trust_image_network = true;
        });
        assert_eq!(unit_id(&same), unit_id(&units[0]));
    }

    #[test]
    fn a_unit_is_read_back_as_it_was_claimed() {
        let (recipe, inputs) = (claim("a"), typed().inputs(&claim("a")));
        let text = serde_json::to_vec(&inputs).unwrap();
        let back: UnitInputs = serde_json::from_slice(&text).unwrap();
        assert_eq!((unit_id(&back), super::recipe(&back).unwrap()), (unit_id(&inputs), recipe));
        for (member, value) in [("build_type", json!("x")), ("recipe", json!({"link": null, "build_info": {}}))] {
            let mut other: serde_json::Value = serde_json::from_slice(&text).unwrap();
            other[member] = value;
            let read = serde_json::from_value::<UnitInputs>(other);
            assert!(read.map_or(true, |inputs| super::recipe(&inputs).is_err()), "{member}");
        }
    }
}
