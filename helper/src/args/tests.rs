//! The command line against itself: examples are parsed, options stand where they are read, and what is global is everywhere.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Command as Parsed;
use provenear_shared::report::{ErrorCode, FailureCode};

use super::*;

/// Every subcommand that is ours, and the steps of those that have some.
fn commands() -> Vec<Parsed> {
    let all = Provenear::parser();
    let ours = all.get_subcommands().filter(|command| command.get_name() != "help");
    ours.flat_map(|command| std::iter::once(command).chain(command.get_subcommands())).cloned().collect()
}

fn long_help(command: &Parsed) -> String {
    command.clone().render_long_help().to_string()
}

#[test]
fn the_command_line_is_consistent() {
    Provenear::command().debug_assert();
}

#[test]
fn a_rebuild_needs_a_subject_or_a_recipe() {
    assert!(Provenear::try_parse_from(["provenear", "rebuild"]).is_err());
    assert!(Provenear::try_parse_from(["provenear", "rebuild", "--recipe", "r.json"]).is_ok());
    assert!(Provenear::try_parse_from(["provenear", "inspect", "a.near", "--threshold", "0"]).is_err());
    // A key as PEM begins like an option.
    assert!(
        Provenear::try_parse_from(["provenear", "inspect", "a.near", "--trust", "-----BEGIN PUBLIC KEY-----"]).is_ok()
    );
    assert!(
        Provenear::try_parse_from(["provenear", "rebuild", "a.near", "--timeout", "90s", "--memory", "2g"]).is_ok()
    );
}

/// Each is what its command takes, so that nobody copies what is refused.
#[test]
fn every_example_is_a_command_line() {
    for command in commands() {
        let help = long_help(&command);
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("no examples: {help}"));
        // A long one goes on in the next line, as the shell has it.
        let examples = examples.replace(" \\\n", " ");
        let typed: Vec<&str> = examples.lines().map(str::trim).filter(|line| line.starts_with("provenear ")).collect();
        assert!((2..=4).contains(&typed.len()), "{}: {typed:?}", command.get_name());
        for line in typed {
            let line = line.split(" | ").next().unwrap().split(" > ").next().unwrap();
            let words = shell_words::split(line).unwrap();
            let parsed = Provenear::try_parse_from(&words);
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            assert!(line.contains(command.get_name()), "{line} is not an example of {}", command.get_name());
        }
    }
}

#[test]
fn every_exit_code_is_told_of_every_command() {
    let known: BTreeSet<u8> = FailureCode::ALL.iter().map(|code| ErrorCode::from(*code).exit_code()).collect();
    for command in commands() {
        let help = long_help(&command);
        let (_, exits) = help.split_once("Exit codes:\n").unwrap_or_else(|| panic!("no exit codes: {help}"));
        for code in known.iter().copied().chain([0, 1]).filter(|code| *code < 130) {
            assert!(
                exits.split(|it: char| !it.is_ascii_digit()).any(|word| word == code.to_string()),
                "{}: {code}",
                command.get_name()
            );
        }
        let takes_down = ["rebuild", "batch", "plan", "run", "merge", "probe"].contains(&command.get_name());
        assert_eq!(exits.contains("130  "), takes_down, "{}", command.get_name());
    }
}

/// The text of every file of ours below a folder that is not about the command line itself.
fn sources(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let others = entries.filter(|path| path.file_stem().is_none_or(|stem| stem != "args"));
    others.map(|path| if path.is_dir() { sources(&path) } else { std::fs::read_to_string(path).unwrap() }).collect()
}

/// An option that nothing reads changes nothing. That a command lists only what it reads itself is kept by what it is made of:
/// `Place`, `Signed`, `Accepted` and `Build` are each read as a whole.
#[test]
fn every_option_is_read_outside_of_the_command_line() {
    let read = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut seen = BTreeSet::new();
    for command in commands() {
        for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
            let id = argument.get_id().as_str();
            let is_read = ["color", "code", "shell", "folder"].contains(&id) || read.contains(&format!(".{id}"));
            assert!(is_read, "{}: nothing reads `{id}`", command.get_name());
            seen.insert(id.to_owned());
        }
    }
    assert!(seen.len() > 35, "{seen:?}");
}

#[test]
fn short_help_is_short() {
    for command in commands() {
        let short = command.clone().render_help().to_string();
        assert!(!short.contains("Examples:") && !short.contains("Exit codes:"), "{short}");
        let long: Vec<&str> = short.lines().filter(|line| line.chars().count() > 110).collect();
        assert!(long.is_empty(), "{}: {long:?}", command.get_name());
    }
}

#[test]
fn no_help_names_an_option_that_is_refused() {
    for command in commands() {
        let is_named = long_help(&command).contains("--json");
        assert_eq!(is_named, !TEXT_ALONE.contains(&command.get_name()), "{}", command.get_name());
    }
}

#[test]
fn no_line_of_an_example_is_broken_by_a_usual_terminal() {
    for command in commands().iter().chain([&Provenear::parser()]) {
        let help = long_help(command);
        let (_, added) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("no examples: {help}"));
        let long: Vec<&str> = added.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "{}: {long:?}", command.get_name());
    }
}

#[test]
fn what_is_global_is_taken_before_and_after_every_command() {
    let line = |words: &[&str]| Provenear::try_parse_from([&["provenear"], words].concat());
    let commands: [&[&str]; 17] = [
        &["inspect", "a"],
        &["rebuild", "a"],
        &["verify", "a.jsonl"],
        &["diff", "a", "b"],
        &["lint"],
        &["probe", "a"],
        &["publish", "a", "--to", "b"],
        &["batch", "a"],
        &["batch", "plan", "a", "--to", "b"],
        &["batch", "run", "a", "--to", "b"],
        &["batch", "merge", "a", "--to", "b"],
        &["init"],
        &["keygen"],
        &["cache"],
        &["explain", "a"],
        &["completions", "bash"],
        &["man", "a"],
    ];
    assert_eq!(commands.len(), self::commands().len());
    let global = ["--json", "--quiet", "--color=never"];
    for words in commands {
        for parsed in [line(&[&global, words].concat()), line(&[words, &global].concat())] {
            let output = parsed.unwrap_or_else(|error| panic!("{words:?}: {error}")).output;
            assert!(output.json && output.quiet && output.color == ColorChoice::Never, "{words:?}");
        }
    }
}
