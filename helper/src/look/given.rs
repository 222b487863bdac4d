//! Files that a person gives: the module in one, as it is or packed so that there is no doubt what is meant, and the text of
//! manifests. What is something else is named.
//! Not here: what each kind is (`shared::given`), lists of keys (`question`).

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use provenear_shared::deployment::LookCode;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::dsse::Envelope;
use provenear_shared::given::Given;
use provenear_shared::manifest::items;
use provenear_shared::text::Shown;

use super::nearest;
use crate::failure::{Code, fail};
use crate::files::read_capped;
use crate::progress::Progress;

/// Bytes of any reply of a node.
const MAX_REPLY: u64 = 16 << 20;

/// The bytes of the module in a file, which has at most `most` of them, and one more, so that a longer one is known for that. Packed
/// as hex with line breaks, or in a reply of a node, it takes up to four times as many. What was opened for it is a note. What is no
/// module, as far as can be told without reading it, is refused; all else is left to whoever reads the module.
///
/// # Errors
/// [`Code::Io`] for a file that cannot be read or is too large, [`LookCode::ModuleMalformed`] for something that is known and has
/// no module in it.
pub fn read_module(path: &str, most: usize, progress: &Progress) -> anyhow::Result<Vec<u8>> {
    let bytes = read_capped(Path::new(path), 4 * most as u64).with_context(|| nearest::unread("", Path::new(path)))?;
    let kind = Given::of(&bytes);
    let module = match kind {
        Given::Module | Given::Text | Given::Json | Given::Unknown => return check_size(path, bytes, most),
        Given::Gzip => gunzip(path, &bytes, most)?,
        Given::Hex | Given::Base64 | Given::Reply => unpack(path, kind, &bytes)?,
        Given::Component
        | Given::Wat
        | Given::ErrorReply
        | Given::Zstd
        | Given::Xz
        | Given::Bzip2
        | Given::Zip
        | Given::Tar
        | Given::Utf16
        | Given::Cose
        | Given::Der
        | Given::Pem
        | Given::WebPage
        | Given::Program
        | Given::Envelope
        | Given::Certified
        | Given::Attestations
        | Given::FileSignature
        | Given::ImageSignature
        | Given::Statement
        | Given::Sbom
        | Given::Ours
        | Given::Empty => return not_a_module(path, "this", kind),
    };
    let inner = Given::of(&module);
    if inner != Given::Module {
        return not_a_module(path, "what is packed in it", inner);
    }
    let how = if kind == Given::Gzip { "gzip".to_owned() } else { kind.to_string() };
    progress.note(&format!("`{}` is {how}: the module in it ({} bytes) was taken", Shown(path), module.len()));
    check_size(path, module, most)
}

/// Whether a file is what a node replied to a question for code, with or without it.
pub fn is_reply(path: &str) -> bool {
    let path = Path::new(path.strip_prefix("file:").unwrap_or(path));
    read_capped(path, MAX_REPLY).is_ok_and(|bytes| matches!(Given::of(&bytes), Given::Reply | Given::ErrorReply))
}

fn not_a_module<T>(path: &str, what: &str, kind: Given) -> anyhow::Result<T> {
    fail(LookCode::ModuleMalformed, format!("`{}` is not a WebAssembly module: {what} is {kind}", Shown(path)))
}

/// A module that is too large by one byte is refused for that by whoever reads it.
fn check_size(path: &str, bytes: Vec<u8>, most: usize) -> anyhow::Result<Vec<u8>> {
    if bytes.len() > most + 1 {
        return fail(
            Code::Io,
            format!("the module in `{}` is longer than the {most} bytes that are read", Shown(path)),
        );
    }
    Ok(bytes)
}

/// Unpacks no more than the largest module, however much would come.
fn gunzip(path: &str, bytes: &[u8], most: usize) -> anyhow::Result<Vec<u8>> {
    let mut module = Vec::new();
    let mut unpacked = flate2::read::MultiGzDecoder::new(bytes).take(most as u64 + 2);
    unpacked.read_to_end(&mut module).with_context(|| format!("failed to unpack `{path}`"))?;
    check_size(path, module, most)
}

fn unpack(path: &str, kind: Given, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let Some((module, stated)) = kind.unpack(bytes) else {
        return fail(
            LookCode::ModuleMalformed,
            format!("`{}` begins like {kind}, and goes on as something else", Shown(path)),
        );
    };
    // Somebody has changed the one or the other.
    let hash = Sha256Digest::of(&module).to_base58();
    match stated {
        Some(stated) if stated != hash => {
            let stated = Shown(&stated);
            fail(
                LookCode::CodeHashMismatch,
                format!("`{}` states the code hash `{stated}`, but its code has `{hash}`", Shown(path)),
            )
        }
        Some(_) | None => Ok(module),
    }
}

/// The text of a file of manifests.
///
/// # Errors
/// [`Code::Io`] for what is not text and for a text without anything that could be an envelope, named for what it is. What is of
/// no known kind goes to whoever says of each line why it does not count.
pub fn manifest(path: &str, bytes: Vec<u8>) -> anyhow::Result<String> {
    let not_one = |kind: Given| fail(Code::Io, format!("`{}` is not a manifest: this is {kind}", Shown(path)));
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return not_one(Given::of(error.as_bytes())),
    };
    let kind = Given::of(text.as_bytes());
    let said_of_lines =
        [Given::Text, Given::Json, Given::Empty, Given::Envelope, Given::Certified, Given::Statement].contains(&kind);
    // One line of another kind must not take the manifests behind it with it.
    let holds_one = || items(&text, usize::MAX).0.iter().any(|item| Envelope::parse(item.as_bytes()).is_ok());
    if said_of_lines || holds_one() { Ok(text) } else { not_one(kind) }
}
