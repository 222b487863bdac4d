//! What stands on each side of a comparison: code, or a hash alone. A hash is compared as it is, and the chain is asked for the
//! code behind it only where that can explain a difference.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{Question, Subject};
use provenear_shared::near::{MAX_CONTRACT_SIZE, SubjectError, SubjectName, parse_subject};
use provenear_shared::report::{DiffByHash, HashClass};
use provenear_shared::wasm::MAX_MODULE_SIZE;

use crate::args::{Accepted, Common, Diff, Output};
use crate::failure::{Code, Failure, fail};
use crate::look::inspection::{hint, look};
use crate::look::question::{question, stores, subject_up_to};
use crate::network::transport::Http;
use crate::progress::Progress;

/// One of the two modules.
pub(super) struct Module {
    pub(super) bytes: Vec<u8>,
    /// What a manifest by a trusted key says that it was built on.
    pub(super) platform: Option<String>,
}

/// Both sides, as far as they are known.
pub(super) enum Both {
    /// The code of both.
    Code(Module, Module),
    /// The same code twice: the other side is its hash.
    Same(Module, Sha256Digest),
    /// No code, or that of one side alone.
    Hashes(DiffByHash),
}

/// Where to look and whom to hear, and how to say so.
#[derive(Debug, Clone, Copy)]
struct Asking<'a> {
    common: &'a Common,
    output: &'a Output,
}

/// One side as it was typed.
enum Typed<'a> {
    Hash(Sha256Digest),
    /// 64 digits, which can be the hash of code and the name of an account.
    HashOrAccount(Sha256Digest, SubjectError),
    Other(&'a str),
}

impl Typed<'_> {
    fn parse(text: &str) -> Typed<'_> {
        match (parse_subject(text), Sha256Digest::from_published(text)) {
            (Ok(SubjectName::CodeHash(hash)), _) => Typed::Hash(hash),
            (Err(both @ SubjectError::Both(_)), Some(hash)) => Typed::HashOrAccount(hash, both),
            (_, _) => Typed::Other(text),
        }
    }
}

/// Where to look and whom to hear. A comparison comes to no verdict, so there is nothing to accept.
pub(super) fn common(args: &Diff) -> Common {
    Common { place: args.place.clone(), signed: args.signed.clone(), accepted: Accepted::default() }
}

/// Reads or looks up both.
///
/// # Errors
/// What was typed makes no sense, or a side that is not a hash cannot be had.
pub(super) fn both(args: &Diff, output: &Output) -> anyhow::Result<Both> {
    let asking = Asking { common: &common(args), output };
    let usage = |why: &SubjectError| Err(Failure::new(Code::Usage, why.to_string()).into());
    match (Typed::parse(&args.a), Typed::parse(&args.b)) {
        (Typed::Other(a), Typed::Other(b)) => Ok(Both::Code(module(a, asking)?, module(b, asking)?)),
        (Typed::Other(a), Typed::Hash(hash)) => compare_with_hash(module(a, asking)?, hash, Side::Second, asking),
        (Typed::Hash(hash), Typed::Other(b)) => compare_with_hash(module(b, asking)?, hash, Side::First, asking),
        (Typed::Other(code), Typed::HashOrAccount(hash, why))
        | (Typed::HashOrAccount(hash, why), Typed::Other(code)) => {
            // Nobody can have an account that is named like the hash of code at hand.
            let module = module(code, asking)?;
            if hash == Sha256Digest::of(&module.bytes) {
                return Ok(Both::Same(module, hash));
            }
            let code = code.escape_debug();
            fail(Code::Usage, format!("{why}; it is not the SHA-256 of `{code}`"))
        }
        (Typed::Hash(a), Typed::Hash(b)) if a == b => {
            let message = "both are the same SHA-256; no code was looked at";
            Ok(Both::Hashes(DiffByHash::new(HashClass::Identical, message, Vec::new())))
        }
        (Typed::Hash(a), Typed::Hash(b)) => match (fetch_by_hash(&a, asking)?, fetch_by_hash(&b, asking)?) {
            (Ok(a), Ok(b)) => Ok(Both::Code(a, b)),
            (Err(why), Ok(_) | Err(_)) => Ok(different(Side::First, why)),
            (Ok(_), Err(why)) => Ok(different(Side::Second, why)),
        },
        (Typed::HashOrAccount(_, why), Typed::Hash(_) | Typed::HashOrAccount(..))
        | (Typed::Hash(_), Typed::HashOrAccount(_, why)) => usage(&why),
    }
}

/// Which of the two.
#[derive(Debug, Clone, Copy)]
enum Side {
    First,
    Second,
}

/// Puts code beside the hash on the given side: equal, fetched as well, or known by its hash alone.
fn compare_with_hash(module: Module, hash: Sha256Digest, side: Side, asking: Asking<'_>) -> anyhow::Result<Both> {
    if hash == Sha256Digest::of(&module.bytes) {
        return Ok(Both::Same(module, hash));
    }
    Ok(match (fetch_by_hash(&hash, asking)?, side) {
        (Ok(other), Side::Second) => Both::Code(module, other),
        (Ok(other), Side::First) => Both::Code(other, module),
        (Err(why), side) => different(side, why),
    })
}

fn different(side: Side, why: String) -> Both {
    let which = match side {
        Side::First => "first",
        Side::Second => "second",
    };
    let message =
        format!("the SHA-256 of the two differ; of the {which} only its hash is known, so nothing else is compared");
    Both::Hashes(DiffByHash::new(HashClass::Different, &message, vec![why]))
}

/// Fetches the code behind a hash, or says why there is none: that two hashes differ is known without it.
fn fetch_by_hash(hash: &Sha256Digest, asking: Asking<'_>) -> anyhow::Result<Result<Module, String>> {
    let http = Http::new(asking.common.place.ca_file.as_deref())?;
    let question = question(Subject::CodeHash(*hash), asking.common, &http)?;
    match look_up(&hash.to_base58(), &question, &http, asking.output) {
        Ok(module) => Ok(Ok(module)),
        Err(error) => Ok(Err(crate::redact::redact_error(&error))),
    }
}

/// Reads a file, or looks up an account.
fn module(typed: &str, asking: Asking<'_>) -> anyhow::Result<Module> {
    let Asking { common, output } = asking;
    let asked = subject_up_to(typed, MAX_MODULE_SIZE, &Progress::new(output.quiet))?;
    if let Subject::File { name, bytes } = &asked.subject
        && bytes.len() > MAX_MODULE_SIZE
    {
        return fail(Code::Usage, format!("`{}` is larger than {} MiB", name.escape_debug(), MAX_MODULE_SIZE >> 20));
    }
    let has_no_manifests = common.signed.manifest.is_empty() && stores(common)?.is_empty();
    match asked.subject {
        // What no chain can hold nobody has rebuilt for one.
        Subject::File { bytes, .. } if has_no_manifests || bytes.len() > MAX_CONTRACT_SIZE => {
            Ok(Module { bytes, platform: None })
        }
        Subject::File { .. } | Subject::Account(_) | Subject::CodeHash(_) => {
            let http = Http::new(common.place.ca_file.as_deref())?;
            look_up(typed, &question(asked, common, &http)?, &http, output)
        }
    }
}

fn look_up(typed: &str, question: &Question, http: &Http, output: &Output) -> anyhow::Result<Module> {
    let found = look(question, http, &Progress::new(output.quiet || output.json));
    match (found.code(), found.outcome()) {
        (Some(code), _) => {
            let attested = found.lines.iter().filter_map(|line| line.opened.as_ref().ok());
            let mut platform =
                attested.filter(|said| said.artifact() == code.hash()).map(|said| said.platform().to_owned());
            Ok(Module { platform: platform.next(), bytes: code.bytes().to_vec() })
        }
        (None, Err(error)) => {
            let hint = hint(question, error.code().into()).map(|hint| format!("; {hint}")).unwrap_or_default();
            fail(error.code(), format!("{error}{hint}"))
        }
        (None, Ok(_)) => fail(Code::NoContract, format!("`{}` has no code", typed.escape_debug())),
    }
}
