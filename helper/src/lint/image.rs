//! The build image of a section: whether it can be pulled by its name, whether it is one of the published, and which tools are in
//! it. Not here: whether these suit the contract's dependencies (`dependencies`).

use provenear_shared::finding::FindingCode;
use provenear_shared::image::{ImageRef, NEAR_IMAGE};
use provenear_shared::text::Shown;

use super::contract::Contract;
use super::finding::Findings;
use super::section::Section;
use crate::project::images::{self, Versions, published};

/// Names of the images that cargo-near's authors publish. They set `RUSTUP_TOOLCHAIN`.
const PUBLISHERS: [&str; 3] = ["sourcescan/cargo-near", "docker.io/sourcescan/cargo-near", NEAR_IMAGE];

/// An image that can be named.
#[derive(Debug, PartialEq, Eq)]
pub struct Image {
    /// The versions in it, where its digest or its tag tells.
    pub versions: Option<Versions>,
    /// Whether it is by one of those who publish build images.
    pub is_published: bool,
}

impl Versions {
    /// By the name of a published image with its tag.
    pub fn of_image(image: &str) -> Option<Versions> {
        let (name, tag) = split(image)?;
        Versions::of_tag(tag).filter(|_| PUBLISHERS.contains(&name))
    }
}

/// Name and tag of an image.
fn split(image: &str) -> Option<(&str, &str)> {
    image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))
}

/// The digest of a published image by its tag, where only one is known.
pub fn digest_of_tag(image: &str) -> Option<&'static str> {
    let (name, tag) = split(image)?;
    // The list is of SourceScan's.
    let is_listed = PUBLISHERS.contains(&name) && name != NEAR_IMAGE;
    if is_listed { images::digest_of_tag(tag) } else { None }
}

/// What is wrong with the image of a section; the image, where it has name and digest.
pub fn examine(contract: &Contract<'_>, section: &Section, findings: &mut Findings) -> Option<Image> {
    let name = contract.name();
    let image = section.image.as_deref()?;
    let digest = section.image_digest.as_deref().unwrap_or_default();
    let by_name = || Image { versions: Versions::of_image(image), is_published: is_published(image) };
    if digest.is_empty() {
        // That is said already.
        return Some(by_name());
    }
    let whole = format!("{image}@{digest}");
    let Ok(reference) = ImageRef::parse(&whole) else {
        let is_digest = ImageRef::parse(&format!("x@{digest}")).is_ok();
        let key = if is_digest { "image" } else { "image_digest" };
        let value = if is_digest { image } else { digest };
        let message = format!("`{key}` is `{}`, which no engine takes", Shown(value));
        findings.about(&name, FindingCode::ImageMalformed, section.place(contract, key), message, None);
        return Some(by_name());
    };
    let listed: Vec<&str> = published().filter(|(known, _)| *known == digest).map(|(_, tag)| tag).collect();
    match (listed.first(), reference.tag()) {
        (None, _) => {
            let hint = if reference.name() == NEAR_IMAGE {
                "; the attestation of NEAR's own image says whether this is one of them"
            } else {
                ""
            };
            let message =
                format!("`{}` is not the digest of a published image that is known here{hint}", Shown(digest));
            findings.about(&name, FindingCode::UnlistedImage, section.place(contract, "image_digest"), message, None);
        }
        (Some(known), Some(tag)) if Versions::of_tag(known).is_some() && !listed.contains(&tag) => {
            let message = format!("the digest is that of `{known}`, and the tag says `{}`", Shown(tag));
            findings.about(&name, FindingCode::TagDigestMismatch, section.place(contract, "image"), message, None);
        }
        (Some(_), Some(_) | None) => {}
    }
    let by_digest = listed.iter().find_map(|tag| Versions::of_tag(tag));
    let versions = by_digest.or_else(|| Versions::of_image(image));
    let found = Image { versions, is_published: !listed.is_empty() || is_published(image) };
    about_output_path(contract, section, &found, findings);
    Some(found)
}

fn is_published(image: &str) -> bool {
    PUBLISHERS.contains(&split(image).map_or(image, |(name, _)| name))
}

fn about_output_path(contract: &Contract<'_>, section: &Section, image: &Image, findings: &mut Findings) {
    if let Some(versions) = image.versions.as_ref().filter(|versions| !versions.writes_output_path()) {
        let message = format!("cargo-near {} of the image does not write `output_wasm_path`", versions.cargo_near);
        let place = section.place(contract, "image");
        findings.about(&contract.name(), FindingCode::ImageNoOutputPath, place, message, None);
    }
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::*;

    #[test]
    fn tags_of_published_images_tell_their_versions() {
        let versions = Versions::of_image("sourcescan/cargo-near:0.22.0-rust-1.97.1").unwrap();
        assert_eq!((versions.cargo_near, versions.rust), (Version::new(0, 22, 0), Version::new(1, 97, 1)));
        assert!(Versions::of_image("ghcr.io/near/cargo-near:0.22.0-rust-1.97.1").is_some());
        for other in
            ["sourcescan/cargo-near", "mine:0.22.0-rust-1.97.1", "localhost:5000/x", "sourcescan/cargo-near:latest"]
        {
            assert_eq!(Versions::of_image(other), None, "{other}");
        }
    }

    #[test]
    fn a_digest_is_known_by_its_tag_alone_where_that_is_clear() {
        let tag = "sourcescan/cargo-near:0.13.4-rust-1.85.0";
        assert_eq!(digest_of_tag(tag).map(|digest| &digest[..12]), Some("sha256:a9d8b"));
        assert_eq!(digest_of_tag("ghcr.io/near/cargo-near:0.13.4-rust-1.85.0"), None);
        assert_eq!(digest_of_tag("sourcescan/cargo-near:9.9.9-rust-1.85.0"), None);
        assert!(published().count() > 30);
    }
}
