//! `provenear diff`: two modules, why they differ, and one function of both side by side.

mod text;

use provenear_shared::comparison;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{Question, Subject};
use provenear_shared::near::{SubjectName, parse_subject_at};
use provenear_shared::report::PrintedDiff;
use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{Class, DiffReport, SideBySide, side_by_side};

use crate::args::{Accepted, Common, Diff, FunctionName, Output};
use crate::failure::{Code, Failure, fail};
use crate::look::inspection::{hint, look};
use crate::look::question::{not_a_subject, question, stores, subject};
use crate::look::report::{print_json, print_styled};
use crate::look::sandbox::Interpreter;
use crate::network::transport::Http;
use crate::progress::Progress;

pub use text::summary;

/// Equal bytes, and anything else.
const SAME: u8 = 0;
const DIFFERENT: u8 = 1;

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, or one of the two is not a module.
pub fn run(args: &Diff, output: &Output) -> anyhow::Result<u8> {
    let (a, b) = (side(&args.a, args, output)?, side(&args.b, args, output)?);
    let report = compare([&a.bytes, &b.bytes], [a.platform.as_deref(), b.platform.as_deref()])?;
    let shown = args.function.as_ref().map(|function| chosen(&a.bytes, &b.bytes, &report, function)).transpose()?;
    if output.json {
        print_json(&PrintedDiff { report: &report, side_by_side: shown.as_ref() })?;
    } else {
        let mut lines = summary(&report, [&described(&args.a, &a.bytes), &described(&args.b, &b.bytes)]);
        if let Some(shown) = &shown {
            text::function(shown, &mut lines);
        }
        print_styled(&lines)?;
    }
    Ok(if report.class == Class::Identical { SAME } else { DIFFERENT })
}

/// Compares two modules, with the likely causes. `platforms` are those that they were built on, where that is known.
///
/// # Errors
/// When one of them is not a module.
pub fn compare([a, b]: [&[u8]; 2], platforms: [Option<&str>; 2]) -> anyhow::Result<DiffReport> {
    Ok(pollster::block_on(comparison::compare(&parse(a)?, &parse(b)?, platforms, &Interpreter, &mut |_| {})))
}

/// One of the two modules.
struct Side {
    bytes: Vec<u8>,
    /// What a manifest by a trusted key says that it was built on.
    platform: Option<String>,
}

/// A module as it was named, its code hash and size.
pub fn described(name: &str, code: &[u8]) -> String {
    format!("{name}: {} ({} bytes)", Sha256Digest::of(code).to_base58(), code.len())
}

/// Reads a file, or looks up an account or hash. An account may have a block of its own.
fn side(typed: &str, args: &Diff, output: &Output) -> anyhow::Result<Side> {
    let (name, block) = parse_subject_at(typed).map_err(|why| not_a_subject(typed, &why))?;
    let mut common = Common { place: args.place.clone(), signed: args.signed.clone(), accepted: Accepted::default() };
    let name = match (name, block) {
        (SubjectName::Account(account), Some(block)) => {
            common.place.block = Some(block.to_string());
            format!("account:{account}")
        }
        (_, _) => typed.to_owned(),
    };
    let subject = subject(&name)?;
    let asks_nobody = common.signed.manifest.is_empty() && stores(&common)?.is_empty();
    if let (Subject::File { bytes, .. }, true) = (&subject, asks_nobody) {
        return Ok(Side { bytes: bytes.clone(), platform: None });
    }
    let http = Http::new(common.place.ca_file.as_deref())?;
    looked_up(typed, &question(subject, &common, &http)?, &http, output)
}

fn looked_up(typed: &str, question: &Question, http: &Http, output: &Output) -> anyhow::Result<Side> {
    let found = look(question, http, &Progress::new(output.quiet || output.json));
    match (found.code(), found.outcome()) {
        (Some(code), _) => {
            let attested = found.lines.iter().filter_map(|line| line.opened.as_ref().ok());
            let mut platform =
                attested.filter(|said| said.artifact() == code.hash()).map(|said| said.platform().to_owned());
            Ok(Side { platform: platform.next(), bytes: code.bytes().to_vec() })
        }
        (None, Err(error)) => {
            let hint = hint(question, error.code().into()).map(|hint| format!("; {hint}")).unwrap_or_default();
            fail(error.code(), format!("{error}{hint}"))
        }
        (None, Ok(_)) => fail(Code::NoContract, format!("`{}` has no code", typed.escape_debug())),
    }
}

fn parse(bytes: &[u8]) -> anyhow::Result<Module<'_>> {
    Module::parse(bytes)
        .map_err(|error| Failure::new(Code::Io, format!("this is not a WebAssembly module: {error}")).into())
}

/// The function that was asked for, with its partner.
fn chosen(a: &[u8], b: &[u8], report: &DiffReport, function: &FunctionName) -> anyhow::Result<SideBySide> {
    let (a, b) = (parse(a)?, parse(b)?);
    let pair = match function {
        FunctionName::First(index) => report.pairs.iter().find(|pair| pair.a == Some(*index)),
        FunctionName::Second(index) => report.pairs.iter().find(|pair| pair.b == Some(*index)),
        FunctionName::Exported(name) => {
            let (in_a, in_b) = (a.exported_function(name), b.exported_function(name));
            report.pairs.iter().find(|pair| in_a.is_some() && pair.a == in_a || in_b.is_some() && pair.b == in_b)
        }
    };
    match pair {
        Some(pair) => Ok(side_by_side(&a, &b, report, pair.a, pair.b)),
        None => fail(Code::Usage, format!("neither module defines the function `{function}`")),
    }
}
