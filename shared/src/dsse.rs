//! DSSE v1.0.2: the bytes that are signed, the envelope around them, and its signature.
//! Not here: what the payload means (`provenance`), making signatures (`helper/signer`).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Serialize;

use crate::json::{Object, Unexpected, members};
use crate::key::PublicKey;

/// The payload type of in-toto statements.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A DSSE envelope as it travels: JSON with base64 inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// Base64 of the signed payload. DSSE lets writers choose either alphabet.
    pub payload: String,
    /// Media type of the payload.
    #[serde(rename = "payloadType")]
    pub payload_type: String,
    /// Signatures over [`pae`].
    pub signatures: Vec<EnvelopeSignature>,
}

/// One signature of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnvelopeSignature {
    /// A hint that decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyid: Option<String>,
    /// Base64 of the 64 signature bytes.
    pub sig: String,
}

/// The pre-authentication encoding: what is signed. Lengths are ASCII decimal byte counts.
///
/// # Examples
/// ```
/// use provenear_shared::dsse::pae;
///
/// // The test vector of the specification (github.com/secure-systems-lab/dsse, protocol.md).
/// let signed = pae("http://example.com/HelloWorld", b"hello world");
/// assert_eq!(signed, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
/// ```
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// Reads an envelope, or the one in a Sigstore bundle; members that DSSE does not know are let be. What a bundle says
    /// beside its envelope is signed by nobody and decides nothing.
    ///
    /// # Errors
    /// [`Unexpected`].
    pub fn parse(text: &[u8]) -> Result<Self, Unexpected> {
        let mut object = Object::parse(text)?;
        if let (None, Some(inner)) = (object.text("payload"), object.text("dsseEnvelope")) {
            object = Object::parse(inner.as_bytes())?;
        }
        Ok(Self {
            payload: object.get("payload")?,
            payload_type: object.get("payloadType")?,
            signatures: object.get("signatures")?,
        })
    }

    /// An envelope with one signature, in the standard base64 alphabet.
    pub fn seal(payload: &[u8], key: &PublicKey, signature: &[u8; 64]) -> Self {
        Self {
            payload: STANDARD.encode(payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![EnvelopeSignature { keyid: Some(key.fingerprint()), sig: STANDARD.encode(signature) }],
        }
    }

    /// The payload bytes; `None` if they are not base64 in either alphabet.
    pub fn payload_bytes(&self) -> Option<Vec<u8>> {
        decode(&self.payload)
    }
}

members!(EnvelopeSignature { keyid: maybe "keyid", sig: get "sig" });

impl EnvelopeSignature {
    /// The 64 bytes of an Ed25519 signature; `None` if the text is something else.
    pub fn bytes(&self) -> Option<[u8; 64]> {
        decode(&self.sig)?.try_into().ok()
    }

    /// Whether it has more bytes than one of Ed25519, as those of ECDSA and RSA have.
    pub fn is_longer(&self) -> bool {
        decode(&self.sig).is_some_and(|bytes| bytes.len() > 64)
    }
}

/// Decodes the standard or the URL-safe alphabet, padded or not, as DSSE asks of verifiers.
fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    GeneralPurpose::new(alphabet, LENIENT).decode(text).ok()
}

/// Finds the key of `keys` that made `signature`. The `keyid` is not looked at.
pub(crate) fn signer<'k>(
    keys: impl IntoIterator<Item = &'k PublicKey>,
    message: &[u8],
    signature: &[u8; 64],
) -> Option<&'k PublicKey> {
    keys.into_iter().find(|key| key.verifies(message, signature))
}
