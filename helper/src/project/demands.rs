//! What a contract demands of the Rust in its image, by the near-sdk that its lock file names and by its manifest: `lint` holds an
//! image to it, and `init` chooses one by it. Not here: the images (`images`).

use semver::Version;

use super::images::Versions;

/// The first near-sdk for nodes that take what Rust after 1.86 makes (`min_protocol_version` of its manifest), and that Rust.
const TAKES_NEW_RUST: Version = Version::new(5, 28, 0);
const LAST_OLD_RUST: Version = Version::new(1, 86, u64::MAX);
/// Rust that a near-sdk needs (`rust-version` of its manifest), the newest first.
const NEEDS_RUST: [(Version, Version); 2] =
    [(Version::new(5, 28, 0), Version::new(1, 93, 0)), (Version::new(5, 24, 1), Version::new(1, 86, 0))];
/// The first Rust of the edition.
const EDITION_2024: Version = Version::new(1, 85, 0);

/// What is demanded.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Demands {
    sdk: Option<Version>,
    /// Rust that is needed, and by whom.
    least: Vec<(Version, String)>,
}

impl Demands {
    /// Of a contract with this near-sdk, and this `rust-version` and `edition` in its manifest.
    pub fn new(sdk: Option<Version>, rust_version: Option<&str>, edition: Option<&str>) -> Demands {
        let mut least = Vec::new();
        if let Some(sdk) = &sdk {
            let needed = NEEDS_RUST.into_iter().find(|(since, _)| sdk >= since);
            least.extend(needed.map(|(_, rust)| (rust, format!("near-sdk {sdk}"))));
        }
        if let Some(rust) = rust_version.and_then(version) {
            least.push((rust, "`rust-version` of the manifest".to_owned()));
        }
        if edition == Some("2024") {
            least.push((EDITION_2024, "edition 2024".to_owned()));
        }
        Demands { sdk, least }
    }

    /// A newer Rust that is needed, and by whom.
    pub fn newer_than(&self, rust: &Version) -> Option<&(Version, String)> {
        self.least.iter().find(|(needed, _)| rust < needed)
    }

    /// The near-sdk with which cargo-near refuses a Rust for being too new.
    pub fn older_than(&self, rust: &Version) -> Option<&Version> {
        self.sdk.as_ref().filter(|sdk| **sdk < TAKES_NEW_RUST && *rust > LAST_OLD_RUST)
    }

    /// Whether the contract can be built with these tools, by the command that `init` writes.
    pub fn fit(&self, tools: &Versions) -> bool {
        tools.takes_command() && self.newer_than(&tools.rust).is_none() && self.older_than(&tools.rust).is_none()
    }

    /// The near-sdk.
    pub fn sdk(&self) -> Option<&Version> {
        self.sdk.as_ref()
    }
}

/// A version as `rust-version` has it: two numbers or three.
fn version(text: &str) -> Option<Version> {
    let dots = text.matches('.').count();
    let whole = if dots == 1 { format!("{text}.0") } else { text.to_owned() };
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::images::newest_of;
    use super::*;

    #[test]
    fn the_newest_image_that_fits_is_chosen() {
        let sdk = |text: &str| Some(text.parse().unwrap());
        for (demands, rust) in [
            (Demands::default(), Some("1.97.1")),
            (Demands::new(sdk("5.29.0"), None, Some("2021")), Some("1.97.1")),
            (Demands::new(sdk("5.26.1"), None, None), Some("1.86.0")),
            (Demands::new(sdk("4.1.1"), Some("1.70"), Some("2024")), Some("1.86.0")),
            (Demands::new(sdk("5.26.1"), Some("1.90"), None), None),
            (Demands::new(None, Some("1.200.0"), None), None),
        ] {
            let found = newest_of(|tools| demands.fit(tools)).map(|(tag, _)| Versions::of_tag(tag).unwrap());
            assert_eq!(found.as_ref().map(|it| it.rust.to_string()).as_deref(), rust, "{demands:?}");
            assert!(found.is_none_or(|it| it.takes_command()));
        }
    }
}
