//! A container image that is pinned by digest. Holding an [`ImageRef`] proves that its name and digest are well-formed.
//! Not here: pulling it (`helper`), or whether the reader accepts it (`manifest::Policy`).

use crate::digest::Sha256Digest;
use crate::gap::RecipeGap;

/// `name[:tag]@sha256:<64 lower-case hex>`, the form that NEP-330 1.2 asks of `build_environment`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    name: String,
    tag: Option<String>,
    digest: Sha256Digest,
}

/// The repository in which NEAR publishes build images of its own, beside SourceScan's. Its digests are not known ahead: each
/// is attested by the workflow that made it (`docs/field.md` §Images).
pub const NEAR_IMAGE: &str = "ghcr.io/near/cargo-near";

impl ImageRef {
    /// Reads `build_environment`. Grammar: OCI distribution reference; the registry host may have a port.
    ///
    /// # Errors
    /// [`RecipeGap::ImageMissing`], [`RecipeGap::ImageNotPinned`] or [`RecipeGap::ImageMalformed`].
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::gap::RecipeGap;
    /// use provenear_shared::image::ImageRef;
    ///
    /// let digest = "sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234";
    /// let image = ImageRef::parse(&format!("sourcescan/cargo-near:0.22.0@{digest}")).unwrap();
    /// assert_eq!(image.reference(), format!("sourcescan/cargo-near@{digest}"));
    /// // A tag can be moved to another image.
    /// let tag = "sourcescan/cargo-near:0.22.0";
    /// assert_eq!(ImageRef::parse(tag), Err(RecipeGap::ImageNotPinned(tag.to_owned())));
    /// ```
    pub fn parse(build_environment: &str) -> Result<Self, RecipeGap> {
        if build_environment.is_empty() {
            return Err(RecipeGap::ImageMissing);
        }
        let malformed = || RecipeGap::ImageMalformed(build_environment.to_owned());
        let Some((named, digest)) = build_environment.split_once('@') else {
            split_tag(build_environment).filter(|(name, _)| is_repository(name)).ok_or_else(malformed)?;
            return Err(RecipeGap::ImageNotPinned(build_environment.to_owned()));
        };
        let digest = Sha256Digest::from_oci(digest).map_err(|_| malformed())?;
        let (name, tag) = split_tag(named).ok_or_else(malformed)?;
        if !is_repository(name) {
            return Err(malformed());
        }
        Ok(Self { name: name.to_owned(), tag: tag.map(str::to_owned), digest })
    }

    /// Repository with its registry host, as claimed: `sourcescan/cargo-near`, `localhost:5000/a/b`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tag, which decides nothing because the digest does.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest that pins the image.
    pub fn digest(&self) -> &Sha256Digest {
        &self.digest
    }

    /// The digest, where the image bears the name of NEAR's own. Whoever claims an image can write any name, so that nothing is
    /// accepted by it.
    pub fn digest_by_near(&self) -> Option<String> {
        (self.name == NEAR_IMAGE).then(|| self.digest.to_oci())
    }

    /// What to pull: `name@sha256:…`, without the tag.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.digest.to_oci())
    }
}

/// Splits `name[:tag]`; `None` if the tag is malformed. A colon before the last slash belongs to a registry port.
fn split_tag(named: &str) -> Option<(&str, Option<&str>)> {
    let last = named.rfind('/').map_or(0, |slash| slash + 1);
    match named[last..].find(':') {
        None => Some((named, None)),
        Some(colon) => {
            let (name, tag) = (&named[..last + colon], &named[last + colon + 1..]);
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let well_formed = tag.len() <= 128
                && tag.bytes().next().is_some_and(word)
                && tag.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'));
            well_formed.then_some((name, Some(tag)))
        }
    }
}

/// Whether `name` is `[host[:port]/]component[/component…]`.
fn is_repository(name: &str) -> bool {
    if name.len() > 255 {
        return false;
    }
    let (host, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        Some(_) | None => (None, name),
    };
    host.is_none_or(is_registry_host) && path.split('/').all(is_component)
}

fn is_registry_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.split('.').all(label)
        && port.is_none_or(|port| matches!(port.len(), 1..=5) && port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_component(component: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    component.bytes().next().is_some_and(alphanumeric)
        && component.bytes().last().is_some_and(alphanumeric)
        && component.bytes().all(|byte| alphanumeric(byte) || matches!(byte, b'.' | b'_' | b'-'))
        && !component.contains("..")
}
