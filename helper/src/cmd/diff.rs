//! `provenear diff`: two modules, why they differ, and one function of both side by side.

mod rebuilds;
mod sides;
mod text;

use provenear_shared::comparison;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::report::{HashClass, PrintedDiff};
use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{Class, DiffReport, SideBySide, side_by_side};

use self::sides::{Both, both};
use crate::args::{Diff, FunctionName, Output};
use crate::failure::{Code, Failure, fail};
use crate::look::given;
use crate::look::question::{manifest, policy};
use crate::look::report::{print_json, print_styled};
use crate::look::sandbox::Interpreter;
use crate::network::transport::Http;

pub use text::summary;

/// Equal bytes, and anything else.
const SAME: u8 = 0;
const DIFFERENT: u8 = 1;

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, or one of the two is not a module.
pub fn run(args: &Diff, output: &Output) -> anyhow::Result<u8> {
    match [&args.a, &args.b].map(|typed| is_manifest(typed)) {
        [true, true] => return rebuilds_of(args, output),
        [false, false] => {}
        [true, false] | [false, true] => {
            return fail(Code::Usage, "a manifest is compared with another manifest, and code with code");
        }
    }
    match both(args, output)? {
        Both::Code(a, b) => {
            let platforms = [a.platform.as_deref(), b.platform.as_deref()];
            explain([&a.bytes, &b.bytes], platforms, None, args, output)
        }
        Both::Same(one, hash) => explain([&one.bytes, &one.bytes], [None, None], Some(&hash), args, output),
        Both::Hashes(mut report) => {
            if args.function.is_some() {
                report.notes.push("`--function` needs the code of both".to_owned());
            }
            if output.json {
                print_json(&report)?;
            } else {
                print_styled(&text::hashes(&report))?;
            }
            Ok(match report.class {
                HashClass::Identical => SAME,
                HashClass::Different => DIFFERENT,
            })
        }
    }
}

/// Whether a text names a file of manifests: by its ending, unless what lies there is code that was saved as JSON.
fn is_manifest(typed: &str) -> bool {
    let name = typed.to_ascii_lowercase();
    [".json", ".jsonl"].iter().any(|end| name.ends_with(end)) && !given::is_reply(typed)
}

/// Two manifests.
fn rebuilds_of(args: &Diff, output: &Output) -> anyhow::Result<u8> {
    if args.function.is_some() {
        return fail(Code::Usage, "manifests have no functions: `--function` needs two modules");
    }
    let http = Http::new(args.place.ca_file.as_deref())?;
    let (a, b) = (manifest(&args.a, &http)?, manifest(&args.b, &http)?);
    let report = rebuilds::compare([(&args.a, &a.text), (&args.b, &b.text)], &policy(&sides::common(args))?)?;
    if output.json {
        print_json(&report)?;
    } else {
        print_styled(&text::rebuilds(&report))?;
    }
    Ok(if report.differences.is_empty() { SAME } else { DIFFERENT })
}

/// Compares two modules and prints why they differ; `hash` where one of them was given by its SHA-256 alone, which is that of the other.
fn explain(
    [a, b]: [&[u8]; 2],
    platforms: [Option<&str>; 2],
    hash: Option<&Sha256Digest>,
    args: &Diff,
    output: &Output,
) -> anyhow::Result<u8> {
    let report = compare([a, b], platforms)?;
    let shown = args.function.as_ref().map(|function| compare_function(a, b, &report, function)).transpose()?;
    if output.json {
        print_json(&PrintedDiff { report: &report, side_by_side: shown.as_ref() })?;
    } else {
        let mut lines = summary(&report, [&describe(&args.a, a), &describe(&args.b, b)]);
        if let Some(hash) = hash {
            text::by_hash(hash, &mut lines);
        }
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

/// Describes a module: as it was named, its code hash and size.
pub fn describe(name: &str, code: &[u8]) -> String {
    format!("{name}: {} ({} bytes)", Sha256Digest::of(code).to_base58(), code.len())
}

fn parse(bytes: &[u8]) -> anyhow::Result<Module<'_>> {
    Module::parse(bytes)
        .map_err(|error| Failure::new(Code::Io, format!("this is not a WebAssembly module: {error}")).into())
}

/// Puts the function that was asked for beside its partner.
fn compare_function(a: &[u8], b: &[u8], report: &DiffReport, function: &FunctionName) -> anyhow::Result<SideBySide> {
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
