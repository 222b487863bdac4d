//! Opens signed manifests under the reader's policy. An [`Attestation`] is made here and nowhere else.
//! Not here: what follows from it (`verdict`).

use super::rebuild::{self, Rebuild};
use super::{MAX_LINE_SIZE, Policy, Rejection, Relation};
use crate::container::NetworkAccess;
use crate::digest::Sha256Digest;
use crate::dsse::{self, Envelope, EnvelopeSignature, PAYLOAD_TYPE};
use crate::image::ImageRef;
use crate::json::Object;
use crate::key::PublicKey;
use crate::notice::{Notice, gather};
use crate::provenance::Tree;
use crate::recipe::Recipe;
use crate::verdict::ClaimBasis;

/// What a trusted key says: "this artifact came out of this recipe". Its signature has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    key: PublicKey,
    name: String,
    rebuild: Rebuild,
}

/// What a line says that is signed by the key which it names itself, whoever's that is. To be shown as a stranger's word
/// and never judged: the judge takes an [`Attestation`] alone. No more of the line is kept than is shown, since anybody can
/// write any number of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Untrusted {
    /// The key that signed, as the payload names it.
    pub key: PublicKey,
    /// SHA-256 of the wasm that is said to have come out.
    pub artifact: Sha256Digest,
    /// How what is said to have been built stands to the claim; `None` where there was nothing to compare it with.
    pub relation: Option<Relation>,
    /// The digest by which the image is said to have been pulled.
    pub pulled_image: Option<Sha256Digest>,
    /// When the build is said to have ended, RFC 3339, to the second.
    pub finished_on: String,
}

/// Checks one line: size, one signature, payload type, signature by a trusted key, then the statement, whose named key has
/// to be that key (`docs/manifest.md`, in that order).
///
/// # Errors
/// The first [`Rejection`].
///
/// # Examples
/// ```
/// use ed25519_dalek::{Signer as _, SigningKey};
/// use provenear_shared::dsse::{Envelope, PAYLOAD_TYPE, pae};
/// use provenear_shared::key::PublicKey;
/// use provenear_shared::keys::KeyName;
/// use provenear_shared::manifest::{Policy, Rejection, open};
///
/// let alice = SigningKey::from_bytes(&[7; 32]);
/// let key = PublicKey::from_bytes(alice.verifying_key().as_bytes()).unwrap();
/// let statement = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/statement.json"));
/// let statement = statement.replace("ARTIFACT", &"ab".repeat(32)).replace("PUBLIC_KEY", &key.to_near());
/// let signature = alice.sign(&pae(PAYLOAD_TYPE, statement.as_bytes())).to_bytes();
/// let line = serde_json::to_string(&Envelope::seal(statement.as_bytes(), &key, &signature)).unwrap();
///
/// let mut policy = Policy::new();
/// assert_eq!(open(&line, &policy), Err(Rejection::KeyUntrusted));
/// policy.keys.push((key, KeyName::parse("Alice").unwrap()));
/// let attestation = open(&line, &policy).unwrap();
/// assert_eq!((attestation.name(), attestation.artifact().to_hex()), ("Alice", "ab".repeat(32)));
/// // Nothing raises a doubt: the image is a published one, and every fence was held.
/// assert_eq!(attestation.notices(), []);
/// ```
pub fn open(line: &str, policy: &Policy) -> Result<Attestation, Rejection> {
    let Signed { payload, message, signature, keyid } = Signed::parse(line)?;
    let keys = || policy.keys.iter().map(|(key, _)| key);
    let Some(key) = dsse::signer(keys(), &message, &signature) else {
        // Only the wording depends on the hint: either way the line does not count.
        let named = keys().any(|key| keyid.as_deref() == Some(&key.fingerprint()));
        return Err(if named { Rejection::SignatureInvalid } else { Rejection::KeyUntrusted });
    };
    let name =
        policy.keys.iter().find(|(trusted, _)| trusted == key).map(|(_, name)| name.to_string()).unwrap_or_default();
    let mut rebuild = Rebuild::parse(&payload)?;
    rebuild.check_signer(key)?;
    // An image that was never pulled is accepted by nobody.
    if !rebuild.pulled.as_ref().is_some_and(|digest| policy.images.contains(digest)) {
        rebuild.notices.push(Notice::UnlistedImage(rebuild.image_by_near()));
        rebuild.notices = gather(rebuild.notices);
    }
    Ok(Attestation { key: *key, name, rebuild })
}

/// Checks one line by the key that its payload names, as [`open`] does by the reader's, and holds it against a claim. The
/// `keyid` is not looked at.
///
/// # Errors
/// The first [`Rejection`]: [`Rejection::SignerNotCheckable`] where no key is named, or the named one did not sign.
pub fn open_untrusted(line: &str, recipe: Option<&Recipe>, basis: ClaimBasis) -> Result<Untrusted, Rejection> {
    let Signed { payload, message, signature, keyid: _ } = Signed::parse(line)?;
    let named = rebuild::named_key(&payload).filter(|key| key.verifies(&message, &signature));
    let rebuild = Rebuild::parse(&payload);
    let key = named.ok_or(match rebuild {
        // Of another kind in any case, so that nobody looks for a key that would not help.
        Err(other @ (Rejection::PredicateUnsupported | Rejection::BuildTypeUnsupported)) => other,
        Ok(_) | Err(_) => Rejection::SignerNotCheckable,
    })?;
    let rebuild = rebuild?;
    Ok(Untrusted {
        key,
        artifact: rebuild.artifact,
        relation: Some(rebuild.relation(recipe, basis)),
        pulled_image: rebuild.pulled,
        finished_on: rebuild.finished_to_the_second(),
    })
}

/// What a line says was unusual of its rebuild, as a reader reads it who accepts the image. Whoever signed it, if anybody did.
///
/// # Errors
/// The first [`Rejection`].
pub fn stated_notices(line: &str) -> Result<Vec<Notice>, Rejection> {
    Ok(Rebuild::parse(&Signed::parse(line)?.payload)?.notices)
}

/// An envelope of a form that can be checked.
struct Signed {
    payload: Vec<u8>,
    /// What the signature is over.
    message: Vec<u8>,
    signature: [u8; 64],
    keyid: Option<String>,
}

impl Signed {
    fn parse(line: &str) -> Result<Self, Rejection> {
        if line.len() > MAX_LINE_SIZE {
            return Err(Rejection::TooLarge);
        }
        let envelope = Envelope::parse(line.as_bytes()).map_err(|_| other_kind(line))?;
        let [signature] = envelope.signatures.as_slice() else { return Err(Rejection::SignatureCount) };
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(Rejection::PayloadTypeUnsupported);
        }
        let payload = envelope.payload_bytes().ok_or(Rejection::EnvelopeMalformed)?;
        let message = dsse::pae(&envelope.payload_type, &payload);
        let bytes = signature.bytes().ok_or_else(|| other_signature(line, signature))?;
        Ok(Self { payload, message, signature: bytes, keyid: signature.keyid.clone() })
    }
}

/// What a line is that holds no envelope. Only the wording depends on it: it does not count in any case.
fn other_kind(line: &str) -> Rejection {
    match Object::parse(line.as_bytes()) {
        Ok(object) if object.text("predicateType").is_some() => Rejection::StatementUnsigned,
        Ok(_) | Err(_) => Rejection::EnvelopeMalformed,
    }
}

/// What signed an envelope, where that was no Ed25519 key. Only the wording depends on it.
fn other_signature(line: &str, signature: &EnvelopeSignature) -> Rejection {
    let object = Object::parse(line.as_bytes()).ok();
    let material = object.as_ref().and_then(|object| object.text("verificationMaterial")).unwrap_or_default();
    // `certificate`, or `x509CertificateChain` in older bundles.
    if material.contains("ertificate") {
        Rejection::CertificateSigned
    } else if signature.is_longer() {
        Rejection::SignatureUnsupported
    } else {
        Rejection::EnvelopeMalformed
    }
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
        &self.rebuild.artifact
    }

    /// The commit that was built, hex.
    pub fn commit(&self) -> &str {
        &self.rebuild.commit
    }

    /// The branch or tag of the claimed repository that reaches the commit.
    pub fn reference(&self) -> Option<&str> {
        self.rebuild.reference.as_deref()
    }

    /// The digest that the image was pulled by; `None` for an image that answered by its id alone.
    pub fn pulled_image(&self) -> Option<&Sha256Digest> {
        self.rebuild.pulled.as_ref()
    }

    /// The digest of the image's linux/amd64 manifest, where the rebuilder knew it. Evidence: nothing is accepted by it.
    pub fn platform_image(&self) -> Option<&Sha256Digest> {
        self.rebuild.platform_image.as_ref()
    }

    /// What it was built on, such as `linux/amd64`.
    pub fn platform(&self) -> &str {
        &self.rebuild.platform
    }

    /// How far the claimed command reached; `None` where the statement has a word that is not known.
    pub fn network_access(&self) -> Option<NetworkAccess> {
        self.rebuild.network_access
    }

    /// What the rebuilder found unusual.
    pub fn notices(&self) -> &[Notice] {
        &self.rebuild.notices
    }

    /// What of the tree took part in the build, as the rebuilder lists it.
    pub fn tree(&self) -> Option<&Tree> {
        self.rebuild.tree.as_ref()
    }

    /// The account that the signer says the key belongs to.
    pub fn signer_account(&self) -> Option<&str> {
        self.rebuild.account_id.as_deref()
    }

    /// SHA-256 of the archive of the source that was built.
    pub fn source_archive(&self) -> Option<&Sha256Digest> {
        self.rebuild.source_archive.as_ref()
    }

    /// When the build ended, RFC 3339, by the rebuilder's clock.
    pub fn finished_on(&self) -> &str {
        &self.rebuild.finished_on
    }

    /// The source URL that the rebuilder was given.
    pub fn source_code_snapshot(&self) -> Option<&str> {
        self.rebuild.claimed.source_code_snapshot.as_deref()
    }
}

impl Attestation {
    /// How this stands to a claim: `recipe` is `None` where it cannot be rebuilt, `basis` says whose word it is. Account and
    /// network are not compared: the build depends on neither.
    pub fn relation(&self, recipe: Option<&Recipe>, basis: ClaimBasis) -> Relation {
        self.rebuild.relation(recipe, basis)
    }
}

impl Rebuild {
    fn relation(&self, recipe: Option<&Recipe>, basis: ClaimBasis) -> Relation {
        let Some(recipe) = recipe.filter(|recipe| self.is_build_of(recipe)) else { return Relation::Unclaimed };
        match (basis, self.pulled.as_ref() == Some(recipe.image().digest())) {
            (ClaimBasis::Node, _) => Relation::ClaimedByNode,
            (ClaimBasis::Code, true) => Relation::Claimed,
            (ClaimBasis::Code, false) => Relation::ClaimedOtherImage,
        }
    }

    /// The digest that the image was pulled by, where it is what the claim pins under the name of NEAR's own.
    fn image_by_near(&self) -> Option<String> {
        let image = ImageRef::parse(self.claimed.build_environment.as_deref()?).ok()?;
        image.digest_by_near().filter(|_| self.pulled.as_ref() == Some(image.digest()))
    }

    /// Whether all but the image is as `recipe` says. What ran counts besides what is claimed: anybody can copy
    /// parameters, and a line that says that it ran something else is no rebuild of the claim.
    fn is_build_of(&self, recipe: &Recipe) -> bool {
        let Self { claimed, commit, platform, argv, .. } = self;
        claimed == recipe.claimed()
            && commit == recipe.source().commit()
            && platform == "linux/amd64"
            && matches!(argv.as_slice(), [shell, flag, command]
                if shell == "/bin/bash" && flag == "-c" && *command == shell_words::join(recipe.build_command()))
    }
}
