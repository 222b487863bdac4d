//! Where two builds differ, in the words of `diff`: functions, data, sections, and the lines of the tree that may read what was
//! changed. What two builds with nothing changed differ in is told apart from it.

use std::path::Path;

use provenear_shared::comparison;
use provenear_shared::report::{LeakReport, LeakedData};
use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{DiffReport, FunctionChange};

use crate::failure::{Code, Failure};
use crate::look::sandbox::Interpreter;
use crate::rebuild::statement::PLATFORM;

/// Functions and pieces of data that are listed; the file with the comparison has them all.
const MOST: usize = 20;
/// Bytes between two differences that are one: a date whose seconds differ here, and whose minutes differ there.
const NEAR: u64 = 64;

/// Compares two builds of one tree.
///
/// # Errors
/// When one of them is not a module.
pub fn compare([usual, other]: [&[u8]; 2]) -> anyhow::Result<DiffReport> {
    let (usual, other) = (parse(usual)?, parse(other)?);
    let platforms = [Some(PLATFORM), Some(PLATFORM)];
    Ok(pollster::block_on(comparison::compare(&usual, &other, platforms, &Interpreter, &mut |_| {})))
}

fn parse(bytes: &[u8]) -> anyhow::Result<Module<'_>> {
    let wrong = |error| Failure::new(Code::BuildFailed, format!("the build left no WebAssembly module: {error}"));
    Ok(Module::parse(bytes).map_err(wrong)?)
}

/// What differs beyond `noise`; none where all of it is noise.
pub fn find_leak(report: &DiffReport, noise: Option<&DiffReport>) -> Option<LeakReport> {
    let functions: Vec<&FunctionChange> =
        report.changes.iter().filter(|change| !noise.is_some_and(|noise| has_function(noise, change))).collect();
    let data: Vec<LeakedData> = report
        .data
        .iter()
        .map(|change| LeakedData {
            address: change.a.as_ref().map(|(at, _)| *at),
            before: change.a.as_ref().map(|(_, text)| text.clone()),
            after: change.b.as_ref().map(|(_, text)| text.clone()),
        })
        .filter(|data| !noise.is_some_and(|noise| has_data(noise, data.address)))
        .collect();
    let differs = |noise: Option<&DiffReport>, name: &str| {
        noise.is_some_and(|noise| noise.sections.iter().any(|section| section.name == name && !section.same))
    };
    let sections: Vec<&str> =
        report.sections.iter().filter(|section| !section.same).map(|it| it.name.as_str()).collect();
    let sections: Vec<&str> = sections.into_iter().filter(|name| !differs(noise, name)).collect();
    if functions.is_empty() && data.is_empty() && sections.is_empty() {
        return None;
    }
    let is_told = |name: &&str| ["code", "data"].contains(name);
    Some(LeakReport {
        message: report.message.clone(),
        carries: Vec::new(),
        function_count: functions.len(),
        functions: functions.into_iter().take(MOST).map(name).collect(),
        data_count: data.len(),
        data: data.into_iter().take(MOST).collect(),
        sections: sections.into_iter().filter(|name| !is_told(name)).map(ToOwned::to_owned).collect(),
        hints: Vec::new(),
        diff: String::new(),
    })
}

fn has_function(noise: &DiffReport, change: &FunctionChange) -> bool {
    let index = |change: &FunctionChange| change.a.as_ref().map(|side| side.index);
    // One that only the other build has stands beside none of the usual one's.
    noise.changes.iter().any(|known| index(known) == index(change))
}

fn has_data(noise: &DiffReport, address: Option<u64>) -> bool {
    noise.data.iter().any(|known| match (known.a.as_ref(), address) {
        (Some((at, _)), Some(address)) => at.abs_diff(address) < NEAR,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    })
}

/// A function as a person finds it again.
fn name(change: &FunctionChange) -> String {
    let known = change.names().into_iter().flatten().next().map(|name| format!(" {name}")).unwrap_or_default();
    let side = change.a.as_ref().or(change.b.as_ref());
    let index = side.map(|side| format!("#{}", side.index)).unwrap_or_default();
    format!("{index}{known} ({})", change.status.code())
}

/// Those of the changed texts that only the other build has.
pub fn find_carried(marks: &[String], usual: &[u8], other: &[u8]) -> Vec<String> {
    let has = |code: &[u8], mark: &str| code.windows(mark.len().max(1)).any(|window| window == mark.as_bytes());
    marks.iter().filter(|mark| has(other, mark) && !has(usual, mark)).cloned().collect()
}

/// Keeps the whole comparison.
///
/// # Errors
/// When the folder cannot be written.
pub fn keep(report: &DiffReport, path: &Path) -> anyhow::Result<()> {
    crate::files::write(path, &serde_json::to_vec_pretty(report)?, crate::files::Access::Public)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(data: &str, more: &str, value: u32) -> Vec<u8> {
        wat::parse_str(format!(
            "(module (memory 1) \
             (func (export \"get\") (result i32) i32.const 1024 i32.load i32.const 4096 i32.load i32.add) \
             (func (export \"set\") (result i32) i32.const {value}) \
             (data (i32.const 1024) \"{data}\") (data (i32.const 4096) \"{more}\"))"
        ))
        .unwrap()
    }

    #[test]
    fn only_what_is_beyond_the_noise_is_a_leak() {
        let usual = module("built at 10:00:01", "on the host alpha-one", 1);
        let again = module("built at 10:02:31", "on the host alpha-one", 1);
        let noise = compare([&usual, &again]).unwrap();
        let found = find_leak(&noise, None).unwrap();
        assert_eq!((found.data_count, found.function_count), (1, 0));
        assert!(found.data[0].before.as_ref().unwrap().contains("10:00:01"), "{found:?}");

        let later = module("built at 10:05:44", "on the host alpha-one", 1);
        assert_eq!(find_leak(&compare([&usual, &later]).unwrap(), Some(&noise)), None);
        let elsewhere = module("built at 10:05:44", "on the host omega-two", 1);
        let found = find_leak(&compare([&usual, &elsewhere]).unwrap(), Some(&noise)).unwrap();
        assert_eq!(found.data_count, 1);
        assert!(found.data[0].after.as_ref().unwrap().contains("omega"), "{found:?}");
        let other = module("built at 10:05:44", "on the host alpha-one", 7);
        let found = find_leak(&compare([&usual, &other]).unwrap(), Some(&noise)).unwrap();
        assert_eq!((found.function_count, found.data_count), (1, 0));
        assert!(found.functions[0].contains("set"), "{found:?}");
    }

    #[test]
    fn a_text_is_carried_by_the_build_that_alone_could_know_it() {
        let marks = ["omega".to_owned(), "alpha".to_owned()];
        assert_eq!(find_carried(&marks, b"on alpha", b"on omega, as alpha"), ["omega"]);
        assert_eq!(find_carried(&marks, b"", b""), Vec::<String>::new());
        assert_eq!(find_carried(&[String::new()], b"a", b"b"), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_module_is_a_failed_build() {
        let error = compare([b"\0asm\x01\0\0\0", b"text"]).unwrap_err();
        assert_eq!(crate::failure::code_of(&error), Code::BuildFailed);
    }
}
