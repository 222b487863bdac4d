//! The build images whose digests are known (`shared/src/published-images.txt`), with what their tags say is in them. Not here: which
//! of them a reader accepts (`shared::manifest::Policy`).

use provenear_shared::manifest::PUBLISHED_IMAGES;
use semver::Version;

/// Where all of them are published.
pub const REPOSITORY: &str = "sourcescan/cargo-near";

/// The first cargo-near that is given its command by the section.
const TAKES_COMMAND: Version = Version::new(0, 13, 0);
/// The first cargo-near that writes `output_wasm_path`.
const WRITES_OUTPUT_PATH: Version = Version::new(0, 14, 0);

/// The versions in an image, in the order in which images are newer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Versions {
    /// cargo-near.
    pub cargo_near: Version,
    /// Rust.
    pub rust: Version,
}

impl Versions {
    /// By a tag: `0.22.0-rust-1.97.1`.
    pub fn of_tag(tag: &str) -> Option<Versions> {
        let (cargo_near, rust) = tag.split_once("-rust-")?;
        Some(Versions { cargo_near: cargo_near.parse().ok()?, rust: rust.parse().ok()? })
    }

    /// Whether its cargo-near is given its command by the section.
    pub fn takes_command(&self) -> bool {
        self.cargo_near >= TAKES_COMMAND
    }

    /// Whether its cargo-near writes `output_wasm_path`.
    pub fn writes_output_path(&self) -> bool {
        self.cargo_near >= WRITES_OUTPUT_PATH
    }
}

/// Digest (`sha256:…`) and first word of the note, mostly the tag, of each image whose digest is known.
pub fn published() -> impl Iterator<Item = (&'static str, &'static str)> {
    PUBLISHED_IMAGES.lines().filter_map(|line| {
        let (digest, tag) = line.split_once('#')?;
        let digest = digest.trim();
        Some((digest, tag.split_whitespace().next()?)).filter(|_| !digest.is_empty())
    })
}

/// The digest of a tag, where only one is known.
pub fn digest_of_tag(tag: &str) -> Option<&'static str> {
    let mut digests = published().filter(|(_, known)| *known == tag).map(|(digest, _)| digest);
    digests.next().filter(|_| digests.next().is_none())
}

/// Tag and digest of the one with the newest cargo-near, and of those with the newest Rust.
///
/// # Panics
/// Never: the list is our own, and a test reads it.
pub fn newest() -> (&'static str, &'static str) {
    newest_of(|_| true).expect("the list names images")
}

/// The same of those alone whose tools suit somebody.
pub fn newest_of(suits: impl Fn(&Versions) -> bool) -> Option<(&'static str, &'static str)> {
    let known = published().filter_map(|(digest, tag)| Some((Versions::of_tag(tag)?, tag, digest)));
    known.filter(|(tools, ..)| suits(tools)).max().map(|(_, tag, digest)| (tag, digest))
}

#[cfg(test)]
mod tests {
    use provenear_shared::image::ImageRef;

    use super::*;

    #[test]
    fn the_newest_is_newer_than_all_others_and_pinned() {
        let all: Vec<_> = published().filter_map(|(digest, tag)| Some((Versions::of_tag(tag)?, tag, digest))).collect();
        let (newest, _) = newest();
        assert!(all.len() > 30, "only {}: the list is read wrongly", all.len());
        let versions = Versions::of_tag(newest).unwrap();
        assert!(all.iter().all(|(it, ..)| *it <= versions));
        assert_eq!(newest, "0.22.0-rust-1.97.1");
        for (_, tag, digest) in all {
            assert!(ImageRef::parse(&format!("{REPOSITORY}:{tag}@{digest}")).is_ok(), "{tag}");
        }
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let of = |cargo_near: &str, rust: &str| Versions::of_tag(&format!("{cargo_near}-rust-{rust}"));
        assert!(of("0.9.0", "1.0.0") < of("0.13.6", "1.0.0") && of("1.0.0", "1.100.0") > of("1.0.0", "1.99.9"));
        assert_eq!((of("1.2", "1.0.0"), of("1.x.3", "1.0.0"), of("", "1.0.0")), (None, None, None));
    }
}
