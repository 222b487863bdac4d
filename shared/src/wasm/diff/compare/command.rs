//! What two claimed build commands have and have not in common: environment, features, profile, `--locked`, the rest.

use std::collections::BTreeMap;

use super::cause::CauseKind;
use crate::customary;

/// Options whose value decides, by what they are about.
const OPTIONS: [(&str, CauseKind); 12] = [
    ("--env", CauseKind::PassedEnv),
    ("--features", CauseKind::Features),
    ("-F", CauseKind::Features),
    ("--all-features", CauseKind::Features),
    ("--no-default-features", CauseKind::Features),
    ("--profile", CauseKind::Profile),
    ("--release", CauseKind::Profile),
    ("--no-release", CauseKind::Profile),
    ("--locked", CauseKind::NotLocked),
    ("--no-locked", CauseKind::NotLocked),
    ("--no-wasmopt", CauseKind::WasmOpt),
    ("--no-abi", CauseKind::Abi),
];
/// Those of them that a value follows.
const VALUED: [&str; 4] = ["--env", "--features", "-F", "--profile"];

/// What the first module shows, and the second.
pub(super) type Sides = (Option<String>, Option<String>);

/// What only one of the two commands has, by what it is about; each as `(of the first, of the second)`.
pub(super) fn differing(a: &[String], b: &[String]) -> Vec<(CauseKind, Sides)> {
    let (mut of_a, of_b) = (options(a), options(b));
    let mut found = Vec::new();
    for (kind, in_b) in of_b {
        match of_a.remove(&kind) {
            Some(in_a) if in_a == in_b => {}
            in_a => found.push((kind, (in_a.map(hide_secrets), Some(hide_secrets(in_b))))),
        }
    }
    found.extend(of_a.into_iter().map(|(kind, in_a)| (kind, (Some(hide_secrets(in_a)), None))));
    found.sort();
    found
}

/// The options for the eye, without what looks like a secret.
fn hide_secrets(options: String) -> String {
    let words: Vec<String> = options.split(' ').map(str::to_owned).collect();
    customary::hide_secrets(&words).join(" ")
}

/// The words of a command by what they are about; the order of the options of one kind is no matter.
fn options(command: &[String]) -> BTreeMap<CauseKind, String> {
    // A shell may have been given the whole command as one word.
    let mut words = command.iter().flat_map(|word| shell_words::split(word).unwrap_or_else(|_| vec![word.clone()]));
    let mut found: BTreeMap<CauseKind, Vec<String>> = BTreeMap::new();
    while let Some(word) = words.next() {
        let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
        match OPTIONS.iter().find(|(option, _)| *option == name) {
            Some((_, kind)) => {
                let value = match value {
                    Some(value) => Some(value.to_owned()),
                    None if VALUED.contains(&name) => words.next(),
                    None => None,
                };
                let text = value.map_or_else(|| name.to_owned(), |value| format!("{name} {value}"));
                found.entry(*kind).or_default().push(text);
            }
            None => found.entry(CauseKind::OtherCommand).or_default().push(word),
        }
    }
    let joined = found.into_iter().map(|(kind, mut texts)| {
        if kind != CauseKind::OtherCommand {
            texts.sort_unstable();
        }
        (kind, texts.join(" "))
    });
    joined.collect()
}
