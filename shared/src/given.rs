//! What a file is that a person gives for a module or a manifest, told by how it begins. For a sentence, and to open what leaves
//! no doubt; nothing is trusted for what it seems to be.
//! Not here: reading modules (`wasm`) and manifests (`manifest`), lists of keys (`keys`), compression (`helper`).

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

use crate::json::Object;

/// What a file is. The text of each says what it is and, where it is of no use, what to do; it goes behind "this is".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Given {
    /// Begins as a core module does, whatever follows.
    #[error("a WebAssembly module")]
    Module,
    /// The component model has another layer in the header (<https://github.com/WebAssembly/component-model>).
    #[error("a WebAssembly component, which NEAR does not run: give the core module that it was made from")]
    Component,
    /// Text format.
    #[error("WebAssembly as text (.wat): translate it into a module first, as with `wat2wasm`")]
    Wat,
    /// A module in hex.
    #[error("a WebAssembly module in hex")]
    Hex,
    /// A module in base64, bare or as a `data:` URL.
    #[error("a WebAssembly module in base64")]
    Base64,
    /// What a node answers to `view_code`, or the `result` of that alone.
    #[error("a node's reply with code in it")]
    Reply,
    /// What a node answers when it fails.
    #[error("a node's reply that says an error, without code")]
    ErrorReply,
    /// RFC 1952.
    #[error("compressed with gzip: unpack it first")]
    Gzip,
    /// RFC 8878.
    #[error("compressed with zstd: unpack it first")]
    Zstd,
    /// xz.
    #[error("compressed with xz: unpack it first")]
    Xz,
    /// bzip2.
    #[error("compressed with bzip2: unpack it first")]
    Bzip2,
    /// ZIP, which jars and artifacts of workflows are, too.
    #[error("a zip archive: take the file out of it first")]
    Zip,
    /// POSIX tar.
    #[error("a tar archive: take the file out of it first")]
    Tar,
    /// Two bytes for each character, as PowerShell writes them.
    #[error("text in UTF-16: save it as UTF-8")]
    Utf16,
    /// RFC 9052, which SCITT's statements and receipts are.
    #[error("a COSE signature (CBOR), as SCITT has them, which Provenear does not check")]
    Cose,
    /// X.690: keys, certificates, time stamps.
    #[error("DER, such as a certificate or a key")]
    Der,
    /// RFC 7468.
    #[error("PEM, such as a certificate or a key")]
    Pem,
    /// Mostly an error page, or the page around a file.
    #[error("a web page: download the file itself")]
    WebPage,
    /// ELF, Mach-O or PE.
    #[error("a program for a computer, not WebAssembly")]
    Program,
    /// A DSSE envelope, by itself or in a Sigstore bundle, or a list of them.
    #[error("a manifest, or something like it")]
    Envelope,
    /// A bundle that was made with a certificate.
    #[error(
        "a GitHub attestation or the like, signed with a certificate: evidence with workflow and commit, which Provenear does not check yet"
    )]
    Certified,
    /// The reply of GitHub's REST API.
    #[error("GitHub's reply with attestations: evidence with workflow and commit, which Provenear does not check yet")]
    Attestations,
    /// `messageSignature` in a bundle, or what cosign wrote before it had bundles.
    #[error("a signature of a file, as by cosign: it says who signed it, and nothing about a build")]
    FileSignature,
    /// Red Hat's simple signing, which cosign uses.
    #[error("what cosign signs for a container image: it says nothing about a contract")]
    ImageSignature,
    /// in-toto without DSSE.
    #[error("an in-toto statement that nobody signed: a manifest is the signed envelope around one")]
    Statement,
    /// SPDX or CycloneDX.
    #[error("a list of components (SBOM), which says nothing about who built what")]
    Sbom,
    /// What Provenear writes besides manifests: reports, settings.
    #[error("JSON that Provenear wrote, and not a manifest: a report is not evidence, settings go with `--settings`")]
    Ours,
    /// No bytes, or blanks alone.
    #[error("empty")]
    Empty,
    /// An object or an array of no kind above.
    #[error("JSON of another kind than a manifest, or broken")]
    Json,
    /// Other UTF-8.
    #[error("text of another kind")]
    Text,
    /// Other bytes.
    #[error("a file of another kind")]
    Unknown,
}

impl Given {
    /// What these bytes are.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::given::Given;
    ///
    /// assert_eq!(Given::of(b"\0asm\x01\0\0\0"), Given::Module);
    /// assert_eq!(Given::of(b"<!doctype html>").to_string(), "a web page: download the file itself");
    /// ```
    pub fn of(bytes: &[u8]) -> Self {
        let starts = |start: &[u8]| bytes.starts_with(start);
        let is_tar = bytes.get(257..262) == Some(b"ustar");
        let program: [&[u8]; 5] =
            [b"\x7fELF", b"MZ", &[0xcf, 0xfa, 0xed, 0xfe], &[0xce, 0xfa, 0xed, 0xfe], &[0xca, 0xfe, 0xba, 0xbe]];
        // COSE_Sign1 with its tag, or CBOR that describes itself.
        let cose: [&[u8]; 2] = [&[0xd2, 0x84], &[0xd9, 0xd9, 0xf7]];
        match bytes {
            // Behind the magic number are two bytes of version and two of layer.
            [0, b'a', b's', b'm', _, _, 1, 0, ..] => Self::Component,
            [0, b'a', b's', b'm', ..] => Self::Module,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..] => Self::Utf16,
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ if starts(b"\xfd7zXZ\0") => Self::Xz,
            _ if starts(b"BZh") => Self::Bzip2,
            _ if starts(b"PK\x03\x04") => Self::Zip,
            _ if is_tar => Self::Tar,
            [0x30, 0x80..=0x83, ..] => Self::Der,
            _ if cose.into_iter().any(starts) => Self::Cose,
            _ if program.into_iter().any(starts) => Self::Program,
            _ => std::str::from_utf8(bytes).map_or(Self::Unknown, of_text),
        }
    }

    /// The module that is written in hex, base64 or a node's reply, with the code hash that the reply states; `None` for all
    /// others, and where what follows is something else.
    pub fn unpack(self, bytes: &[u8]) -> Option<(Vec<u8>, Option<String>)> {
        let text = after_mark(std::str::from_utf8(bytes).ok()?);
        if self == Self::Reply {
            let reply = Object::parse(text.as_bytes()).ok()?;
            let result = reply.get::<Object<'_>>("result").unwrap_or(reply);
            let code: Cow<'_, str> = result.get("code_base64").ok()?;
            return Some((from_base64(&code)?, result.get("hash").ok()));
        }
        let decode = [(Self::Hex, from_hex as fn(&str) -> _), (Self::Base64, from_base64)];
        let (_, decode) = decode.into_iter().find(|(kind, _)| *kind == self)?;
        Some((decode(text)?, None))
    }
}

fn of_text(text: &str) -> Given {
    let text = after_mark(text);
    let head: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    let starts = |start: &str| head.starts_with(start);
    if text.is_empty() {
        Given::Empty
    } else if text.starts_with(['{', '[']) {
        of_json(text)
    } else if starts("(module") || starts("(component") || (starts(";;") && text.contains("(module")) {
        Given::Wat
    } else if starts("<!doctype") || starts("<html") || starts("<?xml") {
        Given::WebPage
    } else if text.starts_with("-----BEGIN") {
        Given::Pem
    } else if starts("0061736d") || starts("0x0061736d") {
        Given::Hex
    // The magic number in base64; of the sixth digit the lower bits belong to the version.
    } else if text.trim_start_matches('"').starts_with("AGFzbQ") || (starts("data:") && text.contains(";base64,AGFzbQ"))
    {
        Given::Base64
    } else {
        Given::Text
    }
}

/// By its members; of an array and of lines, by the first.
fn of_json(text: &str) -> Given {
    let first = text.trim_start_matches('[').trim_start();
    let mut stream = serde_json::Deserializer::from_str(first).into_iter::<Object<'_>>();
    let Some(Ok(object)) = stream.next() else { return Given::Json };
    let has = |name: &str| object.text(name).is_some();
    let is_certified = object.text("verificationMaterial").is_some_and(|material| material.contains("ertificate"));
    let reply = object.get::<Object<'_>>("result").is_ok_and(|result| result.text("code_base64").is_some());
    let rules = [
        (reply || has("code_base64"), Given::Reply),
        (has("error") && (has("jsonrpc") || has("id")), Given::ErrorReply),
        (has("messageSignature") || has("base64Signature"), Given::FileSignature),
        (has("dsseEnvelope") && is_certified, Given::Certified),
        (has("dsseEnvelope") || (has("payload") && has("signatures")), Given::Envelope),
        (has("attestations"), Given::Attestations),
        (has("critical"), Given::ImageSignature),
        (has("predicateType"), Given::Statement),
        (has("spdxVersion") || has("bomFormat"), Given::Sbom),
        (object.get::<String>("schema").is_ok_and(|schema| schema.starts_with("provenear/")), Given::Ours),
    ];
    rules.into_iter().find(|(is_one, _)| *is_one).map_or(Given::Json, |(_, kind)| kind)
}

/// Without a byte order mark and blanks.
fn after_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text).trim()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.strip_prefix("0x").unwrap_or(text).bytes().filter(|it| !it.is_ascii_whitespace()).collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|value| value as u8);
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text = text.split_once(";base64,").map_or(text, |(_, body)| body);
    let body: Vec<u8> = text.trim_matches('"').bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    GeneralPurpose::new(&alphabet::STANDARD, LENIENT).decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn files_are_told_by_how_they_begin() {
        for (bytes, expected) in [
            (EMPTY, Given::Module),
            (b"\0asm\x02\0\0\0", Given::Module),
            (b"\0asm", Given::Module),
            (b"\0asm\x0d\0\x01\0", Given::Component),
            (b"\xff\xfe{\0", Given::Utf16),
            (b"{\0\"\0", Given::Utf16),
            (b"\x1f\x8b\x08", Given::Gzip),
            (b"\x28\xb5\x2f\xfd", Given::Zstd),
            (b"PK\x03\x04", Given::Zip),
            (b"\x30\x82\x01\x0a", Given::Der),
            (b"\xd2\x84\x43", Given::Cose),
            (b"\x7fELF\x02", Given::Program),
            (b"", Given::Empty),
            (b" \r\n", Given::Empty),
            (b"\xef\xbb\xbf(module)", Given::Wat),
            (b";; a comment\n(module)", Given::Wat),
            (b"<!DOCTYPE html>", Given::WebPage),
            (b"-----BEGIN PUBLIC KEY-----", Given::Pem),
            (b"0061736D 0100 0000\n", Given::Hex),
            (b"AGFzbQEAAAA=", Given::Base64),
            (b"data:application/wasm;base64,AGFzbQEAAAA=", Given::Base64),
            (b"secret", Given::Text),
            (b"{", Given::Json),
            (b"[]", Given::Json),
            (b"{\"a\":1}", Given::Json),
            (b"\x80\x81", Given::Unknown),
        ] {
            assert_eq!(Given::of(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn json_is_told_by_its_members() {
        let envelope = r#"{"payload":"e30=","payloadType":"x","signatures":[]}"#;
        let certified = format!(r#"{{"verificationMaterial":{{"certificate":{{}}}},"dsseEnvelope":{envelope}}}"#);
        for (text, expected) in [
            (envelope, Given::Envelope),
            (&format!("[{envelope}]"), Given::Envelope),
            (&format!("{envelope}\n{certified}"), Given::Envelope),
            (&format!(r#"{{"verificationMaterial":{{"publicKey":{{}}}},"dsseEnvelope":{envelope}}}"#), Given::Envelope),
            (&certified, Given::Certified),
            (&format!(r#"{{"attestations":[{{"bundle":{certified}}}]}}"#), Given::Attestations),
            (r#"{"messageSignature":{},"verificationMaterial":{"certificate":{}}}"#, Given::FileSignature),
            (r#"{"base64Signature":"","cert":"","rekorBundle":{}}"#, Given::FileSignature),
            (r#"{"critical":{"type":"cosign container image signature"},"optional":null}"#, Given::ImageSignature),
            (r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"x"}"#, Given::Statement),
            (r#"{"spdxVersion":"SPDX-2.3"}"#, Given::Sbom),
            (r#"{"schema":"provenear/inspection/v1"}"#, Given::Ours),
            (r#"{"jsonrpc":"2.0","id":"1","result":{"code_base64":"AGFzbQEAAAA="}}"#, Given::Reply),
            (r#"{"code_base64":"AGFzbQEAAAA="}"#, Given::Reply),
            (r#"{"jsonrpc":"2.0","id":"1","error":{"name":"HANDLER_ERROR"}}"#, Given::ErrorReply),
        ] {
            assert_eq!(Given::of(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_module_is_taken_out_of_what_it_is_written_in() {
        for text in [
            "0061736d01000000",
            "0x0061736D\n01 00 00 00\r\n",
            "AGFzbQEAAAA=",
            "AGFzbQEAAAA",
            "\u{feff}\"AGFzbQEA\r\nAAA=\"",
            "data:application/wasm;base64,AGFzbQEAAAA=",
            r#"{"code_base64":"AGFzbQEAAAA="}"#,
            r#"{"jsonrpc":"2.0","id":"1","result":{"code_base64":"AGFzbQEAAAA=","block_height":1}}"#,
        ] {
            assert_eq!(Given::of(text.as_bytes()).unpack(text.as_bytes()), Some((EMPTY.to_vec(), None)), "{text}");
        }
        let stated = r#"{"code_base64":"AGFzbQEAAAA=","hash":"x"}"#;
        assert_eq!(Given::Reply.unpack(stated.as_bytes()), Some((EMPTY.to_vec(), Some("x".to_owned()))));
        // What begins like one and goes on as something else.
        for text in ["0061736d0", "0061736d zz", "AGFzbQ==?", r#"{"code_base64":5}"#, r#"{"code_base64":"?"}"#] {
            assert_eq!(Given::of(text.as_bytes()).unpack(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Given::Module.unpack(EMPTY), None);
    }
}
