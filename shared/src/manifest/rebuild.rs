//! What a payload says about one rebuild, checked for form and for agreement with itself (`docs/manifest.md`).
//! Not here: who signed it, and what the reader accepts (`manifest`).

use super::Rejection;
use crate::container::NetworkAccess;
use crate::digest::Sha256Digest;
use crate::json::Object;
use crate::key::PublicKey;
use crate::notice::{self, Notice};
use crate::provenance::{self, InternalParameters, ResourceDescriptor, Statement, Tree};
use crate::recipe::Claimed;
use crate::sort::sort_unique;

/// One rebuild, in its signer's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rebuild {
    pub(super) artifact: Sha256Digest,
    pub(super) claimed: Claimed,
    pub(super) commit: String,
    pub(super) reference: Option<String>,
    /// The digest that the image was pulled by; `None` where it answered by its id alone.
    pub(super) pulled: Option<Sha256Digest>,
    pub(super) platform_image: Option<Sha256Digest>,
    pub(super) platform: String,
    pub(super) argv: Vec<String>,
    /// How far the command is said to have reached; `None` for a word that nobody knows.
    pub(super) network_access: Option<NetworkAccess>,
    pub(super) notices: Vec<Notice>,
    /// What of the tree took part, within bounds: a line has room for a hundred thousand entries.
    pub(super) tree: Option<Tree>,
    version: Version,
    public_key: Option<String>,
    pub(super) account_id: Option<String>,
    pub(super) source_archive: Option<Sha256Digest>,
    pub(super) finished_on: String,
}

/// The pair of build type and builder. Parts of different versions promise nothing together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// Tree, image and fences were not examined.
    One,
    /// They were.
    Two,
}

impl Version {
    fn of(build_type: &str) -> Option<Self> {
        [Self::One, Self::Two].into_iter().find(|version| version.build_type() == build_type)
    }

    fn build_type(self) -> &'static str {
        match self {
            Self::One => provenance::BUILD_TYPE_1,
            Self::Two => provenance::BUILD_TYPE,
        }
    }

    fn hermetic(self) -> &'static str {
        match self {
            Self::One => provenance::BUILDER_HERMETIC_1,
            Self::Two => provenance::BUILDER_HERMETIC,
        }
    }

    fn networked(self) -> &'static str {
        match self {
            Self::One => provenance::BUILDER_NETWORKED_1,
            Self::Two => provenance::BUILDER_NETWORKED,
        }
    }
}

impl Rebuild {
    /// Reads a payload.
    ///
    /// # Errors
    /// The first [`Rejection`].
    pub(super) fn parse(payload: &[u8]) -> Result<Self, Rejection> {
        let (version, statement) = parse_statement(payload)?;
        let [subject] = statement.subject.as_slice() else { return Err(Rejection::SubjectMalformed) };
        let artifact = sha256(subject).ok_or(Rejection::SubjectMalformed)?;

        let source = dependency(&statement, provenance::DEPENDENCY_SOURCE)?.ok_or(Rejection::StatementMalformed)?;
        let commit = source.digest.get("gitCommit").filter(|text| is_object_id(text));
        let commit = commit.ok_or(Rejection::StatementMalformed)?.clone();
        let image = dependency(&statement, provenance::DEPENDENCY_IMAGE)?.ok_or(Rejection::StatementMalformed)?;
        let platform_image = dependency(&statement, provenance::DEPENDENCY_IMAGE_PLATFORM)?;
        let archive = dependency(&statement, provenance::DEPENDENCY_SOURCE_ARCHIVE)?;
        let times = &statement.predicate.run_details.metadata;
        if utc(&times.started_on).ok_or(Rejection::StatementMalformed)?
            > utc(&times.finished_on).ok_or(Rejection::StatementMalformed)?
        {
            return Err(Rejection::StatementMalformed);
        }
        let reference = source.annotations.get("ref").filter(|name| is_branch_or_tag(name)).cloned();
        let internal = &statement.predicate.build_definition.internal_parameters;
        let mut notices: Vec<Notice> = internal.notices.iter().map(|code| Notice::from_manifest(code)).collect();
        if statement.predicate.run_details.builder.id == version.networked() {
            notices.push(Notice::NetworkFull);
        }
        if version == Version::One {
            notices.push(Notice::BuilderVersion1);
        }
        if reference.is_none() {
            notices.push(Notice::CommitNotOnARef);
        }
        notices.extend(fences(internal, version));
        let signer = internal.signer.clone().unwrap_or_default();
        Ok(Self {
            artifact,
            claimed: statement.predicate.build_definition.external_parameters.claimed(),
            commit,
            reference,
            pulled: parse_pulled(image)?,
            platform_image: platform_image.and_then(sha256),
            platform: internal.platform.clone(),
            argv: internal.argv.clone(),
            network_access: NetworkAccess::ALL.into_iter().find(|access| access.as_str() == internal.network_access),
            notices: notice::gather(notices),
            tree: internal.tree.clone().map(Tree::truncate),
            version,
            public_key: signer.public_key,
            account_id: signer.account_id,
            source_archive: archive.and_then(sha256),
            finished_on: times.finished_on.clone(),
        })
    }

    /// When it ended, without a fraction, which may be as long as the line.
    pub(super) fn finished_to_the_second(&self) -> String {
        utc(&self.finished_on).map(|(seconds, _)| format!("{seconds}Z")).unwrap_or_default()
    }

    /// That the payload names the key that signed. A line that names another was not made by its signer's helper, and
    /// would say one thing to those who trust the key and another to those who only read it.
    pub(super) fn check_signer(&self, key: &PublicKey) -> Result<(), Rejection> {
        match (self.version, &self.public_key) {
            (Version::One, None) => Ok(()),
            (_, Some(named)) if *named == key.to_near() => Ok(()),
            (Version::One | Version::Two, _) => Err(Rejection::KeyMismatch),
        }
    }
}

/// The key that a payload names, read before anything else of it; `None` where it names none in NEAR's spelling.
pub(super) fn named_key(payload: &[u8]) -> Option<PublicKey> {
    let path = ["predicate", "buildDefinition", "internalParameters", "signer", "public_key"];
    let named = text(&Object::parse(payload).ok()?, &path)?;
    PublicKey::parse(&named).ok().filter(|key| key.to_near() == named)
}

/// Reads the types before the whole, so that a statement of another kind is refused for what it is.
fn parse_statement(payload: &[u8]) -> Result<(Version, Statement), Rejection> {
    let malformed = |_| Rejection::StatementMalformed;
    let whole = Object::parse(payload).map_err(malformed)?;
    if text(&whole, &["_type"]).as_deref() != Some(provenance::STATEMENT_TYPE) {
        return Err(Rejection::StatementMalformed);
    }
    if text(&whole, &["predicateType"]).as_deref() != Some(provenance::PREDICATE_TYPE) {
        return Err(Rejection::PredicateUnsupported);
    }
    let version = text(&whole, &["predicate", "buildDefinition", "buildType"]).and_then(|it| Version::of(&it));
    let version = version.ok_or(Rejection::BuildTypeUnsupported)?;
    let builder = text(&whole, &["predicate", "runDetails", "builder", "id"]).unwrap_or_default();
    if ![version.hermetic(), version.networked()].contains(&builder.as_str()) {
        return Err(Rejection::BuilderUnknown);
    }
    Statement::parse(payload).map(|statement| (version, statement)).map_err(malformed)
}

/// The text at the end of `path`.
fn text(object: &Object<'_>, path: &[&str]) -> Option<String> {
    match path {
        [] => None,
        [last] => object.get(last).ok(),
        [first, rest @ ..] => text(&object.get(first).ok()?, rest),
    }
}

/// The dependency of that name. Where there are two, two readers could take a different one.
fn dependency<'a>(statement: &'a Statement, name: &str) -> Result<Option<&'a ResourceDescriptor>, Rejection> {
    let mut named = statement.dependencies(name);
    match (named.next(), named.next()) {
        (found, None) => Ok(found),
        (_, Some(_)) => Err(Rejection::StatementMalformed),
    }
}

/// The digest that the image was pulled by, or none where the statement gives its id instead.
fn parse_pulled(image: &ResourceDescriptor) -> Result<Option<Sha256Digest>, Rejection> {
    match (image.digest.get("sha256"), image.digest.get(provenance::DIGEST_IMAGE_ID)) {
        (Some(digest), None) => Sha256Digest::from_hex(digest).map(Some).map_err(|_| Rejection::StatementMalformed),
        (None, Some(id)) if Sha256Digest::from_hex(id).is_ok() => Ok(None),
        (Some(_), Some(_)) | (None, _) => Err(Rejection::StatementMalformed),
    }
}

/// What was not held around the claimed command, for every reader: where the builder's id promises more than its limits
/// say, the limits count.
fn fences(internal: &InternalParameters, version: Version) -> Vec<Notice> {
    let is_dropped = |value: &str| value.eq_ignore_ascii_case(provenance::LIMIT_NOT_ENFORCED);
    let dropped = internal.limits.iter().filter(|(_, value)| is_dropped(value)).map(|(name, _)| name.as_str());
    let promised: &[&str] = match version {
        Version::One => &[],
        Version::Two => &provenance::FENCES,
    };
    let unstated = promised.iter().copied().filter(|name| !internal.limits.contains_key(*name));
    // Of the network there is more to say than whether it is held.
    let missing = sort_unique(dropped.chain(unstated).filter(|name| *name != provenance::LIMIT_NETWORK));
    let mut notices = Vec::new();
    if !missing.is_empty() {
        notices.push(Notice::FencesNotHeld(missing.into_iter().map(str::to_owned).collect()));
    }
    let access = internal.network_access.as_str();
    let is_kept_away = match version {
        Version::One => access != "full",
        Version::Two => ["fetch", "none"].contains(&access),
    };
    if !is_kept_away {
        notices.push(Notice::NetworkFull);
    }
    match (internal.limits.get(provenance::LIMIT_NETWORK).map(String::as_str), version) {
        (Some(provenance::LIMIT_NETWORK_NONE), _) => {}
        (Some(provenance::LIMIT_NETWORK_FULL), _) => notices.push(Notice::NetworkFull),
        (Some(value), _) if is_dropped(value) => notices.push(Notice::NetworkNotFenced),
        // Version 1 had no such entry, and has a doubt of its own.
        (None, Version::One) => {}
        (None, Version::Two) | (Some(_), _) => notices.push(Notice::NetworkNotStated),
    }
    notices
}

/// Whether a ref is the owners' to move: a forge keeps refs under other names for what anybody proposes.
fn is_branch_or_tag(name: &str) -> bool {
    let short = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/"));
    short.is_some_and(|short| !short.trim().is_empty())
}

fn sha256(descriptor: &ResourceDescriptor) -> Option<Sha256Digest> {
    Sha256Digest::from_hex(descriptor.digest.get("sha256")?).ok()
}

/// A git object id, SHA-1 or SHA-256: other text would be shown as the commit that was built.
fn is_object_id(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `2026-11-23T06:00:00Z`, seconds with or without a fraction: the one spelling that is read. Gives its seconds and the digits of
/// its fraction without zeros at their end, whose order is that of time: as text, `00.5Z` would be before `00Z`.
fn utc(text: &str) -> Option<(&str, &str)> {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let (seconds, rest) = text.split_at_checked(shape.len())?;
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == *shape };
    let rest = rest.strip_suffix('Z').filter(|_| seconds.bytes().zip(shape).all(fits))?;
    let digits = match rest.strip_prefix('.') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => digits,
        None if rest.is_empty() => "",
        Some(_) | None => return None,
    };
    Some((seconds, digits.trim_end_matches('0')))
}
