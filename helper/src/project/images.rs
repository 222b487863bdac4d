//! The build images whose digests are known (`shared/src/published-images.txt`), with what their tags say is in them. Not here: which
//! of them a reader accepts (`shared::manifest::Policy`).

use provenear_shared::manifest::PUBLISHED_IMAGES;

/// Where all of them are published.
pub const REPOSITORY: &str = "sourcescan/cargo-near";

/// A version as three numbers.
pub type Version = [u64; 3];

/// An image whose digest is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Of cargo-near.
    pub cargo_near: Version,
    /// Of Rust.
    pub rust: Version,
    /// The tag.
    pub tag: &'static str,
    /// `sha256:…`.
    pub digest: &'static str,
}

/// Those whose tag says what is in them.
pub fn known() -> Vec<Known> {
    let read = |line: &'static str| {
        let (digest, said) = line.split_once('#')?;
        let tag = said.split_whitespace().next()?;
        let (cargo_near, rust) = tag.split_once("-rust-")?;
        Some(Known { cargo_near: version(cargo_near)?, rust: version(rust)?, tag, digest: digest.trim() })
    };
    PUBLISHED_IMAGES.lines().filter_map(read).collect()
}

/// The one with the newest cargo-near, and of those with the newest Rust.
///
/// # Panics
/// Never: the list is our own, and a test reads it.
pub fn newest() -> Known {
    known().into_iter().max_by_key(|known| (known.cargo_near, known.rust)).expect("the list names images")
}

/// `1.2.3` as numbers.
pub fn version(text: &str) -> Option<Version> {
    let numbers: Vec<u64> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use provenear_shared::image::ImageRef;

    use super::*;

    #[test]
    fn the_newest_is_newer_than_all_others_and_pinned() {
        let (all, newest) = (known(), newest());
        assert!(all.len() > 30, "only {}: the list is read wrongly", all.len());
        assert!(all.iter().all(|it| (it.cargo_near, it.rust) <= (newest.cargo_near, newest.rust)));
        assert_eq!(newest.tag, "0.22.0-rust-1.97.1");
        for Known { tag, digest, .. } in all {
            assert!(ImageRef::parse(&format!("{REPOSITORY}:{tag}@{digest}")).is_ok(), "{tag}");
        }
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(version("0.9.0") < version("0.13.6") && version("1.100.0") > version("1.99.9"));
        assert_eq!((version("1.2"), version("1.x.3"), version("")), (None, None, None));
    }
}
