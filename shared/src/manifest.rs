//! Opens signed manifests under the reader's policy. An [`Attestation`] is made here and nowhere else.
//! Not here: what follows from it (`verdict`).

use std::collections::BTreeMap;

use thiserror::Error;

use crate::digest::Sha256Digest;
use crate::dsse::{self, Envelope, PAYLOAD_TYPE};
use crate::few::in_order;
use crate::json::Object;
use crate::key::PublicKey;
use crate::notice::Notice;
use crate::provenance::{self, Statement};
use crate::recipe::{Claimed, Recipe};

/// The longest line that is looked at, in bytes.
pub const MAX_LINE_SIZE: usize = 1_048_576;

/// Digests of published cargo-near images, seen in public (FIELD §B1). One per line, `#` begins a comment.
pub const PUBLISHED_IMAGES: &str = include_str!("published-images.txt");

/// What the reader trusts. Nothing is trusted by default.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Keys whose word counts, each with the reader's own name for it.
    pub keys: Vec<(PublicKey, String)>,
    /// How many different keys must agree, at least 1.
    pub threshold: usize,
    /// Digests by which the reader accepts an image: those that it is pulled by.
    pub images: Vec<Sha256Digest>,
    /// Whether a build that is not the customary one raises no doubt ([`Notice::is_custom_build`]).
    pub accept_custom_build: bool,
    /// Whether a source on this machine or a private network raises no doubt. Nothing but the reader's own act sets it.
    pub accept_local_source: bool,
}

impl Policy {
    /// No keys, threshold 1, the published images.
    pub fn new() -> Self {
        Self {
            keys: Vec::new(),
            threshold: 1,
            images: parse_images(PUBLISHED_IMAGES).unwrap_or_default(),
            accept_custom_build: false,
            accept_local_source: false,
        }
    }

    fn accepts(&self, images: &[Sha256Digest]) -> bool {
        images.iter().any(|image| self.images.contains(image))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads a list of image digests, one `sha256:<hex>` first on each line.
///
/// # Errors
/// The first line that is not one.
pub fn parse_images(text: &str) -> Result<Vec<Sha256Digest>, String> {
    let lines =
        text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty());
    lines.map(|line| Sha256Digest::from_oci(line).map_err(|_| line.to_owned())).collect()
}

/// Reads a list of trusted keys: one a line, in any spelling that fits a line, then a name. `#` begins a comment line.
///
/// # Errors
/// The first line that is not one.
pub fn parse_keys(text: &str) -> Result<Vec<(PublicKey, String)>, String> {
    if text.trim_start().starts_with("-----BEGIN") {
        let key = PublicKey::parse(text).map_err(|error| error.to_string())?;
        return Ok(vec![(key, String::new())]);
    }
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| {
            let words = if line.starts_with("ssh-ed25519 ") { 2 } else { 1 };
            let split = line.match_indices(char::is_whitespace).nth(words - 1).map_or(line.len(), |(at, _)| at);
            // Not the line itself: it may be a secret key, taken for its public half.
            let key = PublicKey::parse(&line[..split]).map_err(|error| format!("line {}: {error}", at + 1))?;
            Ok((key, line[split..].trim().to_owned()))
        })
        .collect()
}

/// What a trusted key says: "this artifact came out of this recipe". Its signature has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    key: PublicKey,
    name: String,
    artifact: Sha256Digest,
    claimed: Claimed,
    commit: String,
    reference: Option<String>,
    images: Vec<Sha256Digest>,
    image_accepted: bool,
    platform: String,
    argv: Vec<String>,
    notices: Vec<Notice>,
    signer_account: Option<String>,
    source_archive: Option<Sha256Digest>,
    finished_on: String,
}

/// How an attestation stands to a claimed recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The claimed recipe, in the claimed image.
    Claimed,
    /// The claimed recipe, in another image.
    ClaimedOtherImage,
    /// Another recipe.
    Unclaimed,
}

impl Relation {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::ClaimedOtherImage => "claimed-other-image",
            Self::Unclaimed => "unclaimed",
        }
    }
}

/// Why a line does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Longer than [`MAX_LINE_SIZE`].
    #[error("the manifest is longer than 1 MiB")]
    TooLarge,
    /// Not a DSSE envelope.
    #[error("the line is not a DSSE envelope")]
    EnvelopeMalformed,
    /// None or several.
    #[error("a manifest carries exactly one signature")]
    SignatureCount,
    /// Not in-toto.
    #[error("the payload type is not `application/vnd.in-toto+json`")]
    PayloadTypeUnsupported,
    /// It names a trusted key, which did not make this signature.
    #[error("the signature does not fit the payload: it was changed after signing, or the key is another")]
    SignatureInvalid,
    /// No trusted key made it.
    #[error("no key that you trust made this signature")]
    KeyUntrusted,
    /// The payload is not an in-toto Statement v1 with all that a rebuild must say.
    #[error("the payload is not a statement about a rebuild")]
    StatementMalformed,
    /// Another predicate.
    #[error("the predicate is not SLSA provenance v1")]
    PredicateUnsupported,
    /// Another build type.
    #[error("the build type is not a NEP-330 rebuild of a version that is known here")]
    BuildTypeUnsupported,
    /// Another builder.
    #[error("the builder is not known")]
    BuilderUnknown,
    /// Not one artifact with a lower-case SHA-256.
    #[error("the statement does not name one artifact by a lower-case SHA-256")]
    SubjectMalformed,
    /// About neither this recipe nor these bytes.
    #[error("the manifest is about neither this recipe nor these bytes")]
    Irrelevant,
}

impl Rejection {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::EnvelopeMalformed => "envelope-malformed",
            Self::SignatureCount => "signature-count",
            Self::PayloadTypeUnsupported => "payload-type-unsupported",
            Self::SignatureInvalid => "signature-invalid",
            Self::KeyUntrusted => "key-untrusted",
            Self::StatementMalformed => "statement-malformed",
            Self::PredicateUnsupported => "predicate-unsupported",
            Self::BuildTypeUnsupported => "build-type-unsupported",
            Self::BuilderUnknown => "builder-unknown",
            Self::SubjectMalformed => "subject-malformed",
            Self::Irrelevant => "irrelevant",
        }
    }
}

/// Checks one line: size, one signature, payload type, signature by a trusted key, then the statement (DESIGN §6, in that order).
///
/// # Errors
/// The first [`Rejection`].
pub fn open(line: &str, policy: &Policy) -> Result<Attestation, Rejection> {
    if line.len() > MAX_LINE_SIZE {
        return Err(Rejection::TooLarge);
    }
    let envelope = Envelope::parse(line.as_bytes()).map_err(|_| Rejection::EnvelopeMalformed)?;
    let [signature] = envelope.signatures.as_slice() else { return Err(Rejection::SignatureCount) };
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(Rejection::PayloadTypeUnsupported);
    }
    let payload = envelope.payload_bytes().ok_or(Rejection::EnvelopeMalformed)?;
    let bytes = signature.bytes().ok_or(Rejection::EnvelopeMalformed)?;
    let message = dsse::pae(&envelope.payload_type, &payload);
    let keys = || policy.keys.iter().map(|(key, _)| key);
    let Some(key) = dsse::signer(keys(), &message, &bytes) else {
        // Only the wording depends on the hint: either way the line does not count.
        let named = keys().any(|key| signature.keyid.as_deref() == Some(&key.fingerprint()));
        return Err(if named { Rejection::SignatureInvalid } else { Rejection::KeyUntrusted });
    };
    let name = policy.keys.iter().find(|(trusted, _)| trusted == key).map(|(_, name)| name.clone()).unwrap_or_default();
    attest(&payload, *key, name, policy)
}

fn attest(payload: &[u8], key: PublicKey, name: String, policy: &Policy) -> Result<Attestation, Rejection> {
    let statement = parse_statement(payload)?;
    let [subject] = statement.subject.as_slice() else { return Err(Rejection::SubjectMalformed) };
    let artifact = sha256(&subject.digest).ok_or(Rejection::SubjectMalformed)?;

    let definition = &statement.predicate.build_definition;
    let source = statement.dependency(provenance::DEPENDENCY_SOURCE).ok_or(Rejection::StatementMalformed)?;
    let commit = source.digest.get("gitCommit").ok_or(Rejection::StatementMalformed)?.clone();
    let pulled = statement.dependency(provenance::DEPENDENCY_IMAGE).ok_or(Rejection::StatementMalformed)?;
    let ran = statement.dependency(provenance::DEPENDENCY_IMAGE_PLATFORM);
    let images: Vec<Sha256Digest> =
        [Some(pulled), ran].into_iter().flatten().filter_map(|image| sha256(&image.digest)).collect();
    let times = &statement.predicate.run_details.metadata;
    if images.is_empty()
        || !is_utc(&times.started_on)
        || !is_utc(&times.finished_on)
        || times.finished_on < times.started_on
    {
        return Err(Rejection::StatementMalformed);
    }
    let mut notices: Vec<Notice> =
        definition.internal_parameters.notices.iter().map(|code| Notice::from_manifest(code)).collect();
    if statement.predicate.run_details.builder.id == provenance::BUILDER_NETWORKED {
        notices.push(Notice::NetworkFull);
    }
    let reference = source.annotations.get("ref").cloned();
    if reference.is_none() {
        notices.push(Notice::CommitNotOnARef);
    }
    let image_accepted = policy.accepts(&images);
    if !image_accepted {
        notices.push(Notice::UnlistedImage);
    }
    Ok(Attestation {
        key,
        name,
        artifact,
        claimed: definition.external_parameters.claimed(),
        commit,
        reference,
        images,
        image_accepted,
        platform: definition.internal_parameters.platform.clone(),
        argv: definition.internal_parameters.argv.clone(),
        notices: in_order(notices),
        signer_account: definition.internal_parameters.signer.as_ref().map(|signer| signer.account_id.clone()),
        source_archive: statement
            .dependency(provenance::DEPENDENCY_SOURCE_ARCHIVE)
            .and_then(|archive| sha256(&archive.digest)),
        finished_on: times.finished_on.clone(),
    })
}

/// Reads the types before the whole, so that a statement of another kind is refused for what it is.
fn parse_statement(payload: &[u8]) -> Result<Statement, Rejection> {
    let malformed = |_| Rejection::StatementMalformed;
    let whole = Object::parse(payload).map_err(malformed)?;
    if !says(&whole, &["_type"], &[provenance::STATEMENT_TYPE]) {
        return Err(Rejection::StatementMalformed);
    }
    if !says(&whole, &["predicateType"], &[provenance::PREDICATE_TYPE]) {
        return Err(Rejection::PredicateUnsupported);
    }
    if !says(&whole, &["predicate", "buildDefinition", "buildType"], &[provenance::BUILD_TYPE]) {
        return Err(Rejection::BuildTypeUnsupported);
    }
    let builders = [provenance::BUILDER_HERMETIC, provenance::BUILDER_NETWORKED];
    if !says(&whole, &["predicate", "runDetails", "builder", "id"], &builders) {
        return Err(Rejection::BuilderUnknown);
    }
    Statement::parse(payload).map_err(malformed)
}

/// Whether the text at the end of `path` is one of those.
fn says(object: &Object<'_>, path: &[&str], expected: &[&str]) -> bool {
    match path {
        [] => false,
        [last] => object.get::<String>(last).is_ok_and(|found| expected.contains(&found.as_str())),
        [first, rest @ ..] => object.get::<Object<'_>>(first).is_ok_and(|below| says(&below, rest, expected)),
    }
}

fn sha256(digests: &BTreeMap<String, String>) -> Option<Sha256Digest> {
    Sha256Digest::from_hex(digests.get("sha256")?).ok()
}

/// `2026-11-23T06:00:00Z`, seconds with or without a fraction: the one spelling whose order is the order of its bytes.
fn is_utc(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == *shape };
    let fraction = |rest: &str| {
        rest == "Z"
            || rest
                .strip_prefix('.')
                .and_then(|rest| rest.strip_suffix('Z'))
                .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    text.is_ascii() && text.len() > shape.len() && text.bytes().zip(shape).all(fits) && fraction(&text[shape.len()..])
}

impl Attestation {
    /// The trusted key that signed.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The reader's name for the key, possibly empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the rebuilt wasm.
    pub fn artifact(&self) -> &Sha256Digest {
        &self.artifact
    }

    /// The commit that was built, hex.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The branch or tag of the claimed repository that reaches the commit.
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// Digest of the image that was pulled, then of the linux/amd64 image that ran.
    pub fn images(&self) -> &[Sha256Digest] {
        &self.images
    }

    /// What it was built on, such as `linux/amd64`.
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// What the rebuilder found unusual.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The account that the signer says the key belongs to.
    pub fn signer_account(&self) -> Option<&str> {
        self.signer_account.as_deref()
    }

    /// SHA-256 of the archive of the source that was built.
    pub fn source_archive(&self) -> Option<&Sha256Digest> {
        self.source_archive.as_ref()
    }

    /// When the build ended, RFC 3339, by the rebuilder's clock.
    pub fn finished_on(&self) -> &str {
        &self.finished_on
    }

    /// The source URL that the rebuilder was given.
    pub fn source_code_snapshot(&self) -> Option<&str> {
        self.claimed.source_code_snapshot.as_deref()
    }

    /// How this stands to `recipe`. Account and network are not compared: the build depends on neither.
    pub fn relation(&self, recipe: &Recipe) -> Relation {
        let same = self.claimed == *recipe.claimed()
            && self.commit == recipe.source().commit()
            && self.platform == "linux/amd64"
            && matches!(self.argv.as_slice(), [shell, flag, command]
                if shell == "/bin/bash" && flag == "-c" && *command == shell_words::join(recipe.build_command()));
        match (same, self.images.first() == Some(recipe.image().digest())) {
            (true, true) => Relation::Claimed,
            (true, false) => Relation::ClaimedOtherImage,
            (false, _) => Relation::Unclaimed,
        }
    }

    /// Nothing about image and commit has to be taken on trust: the reader accepts the image that ran, a branch or tag of
    /// the claimed repository reaches the commit, and it was taken from there.
    pub fn is_vetted(&self) -> bool {
        self.image_accepted
            && self.reference.is_some()
            && !self.notices.contains(&Notice::SourceFromElsewhere)
            && !self.notices.contains(&Notice::CommitNotOnARef)
    }
}
