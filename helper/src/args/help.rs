//! What `--help` adds to the options of a command: commands that can be typed as they are, and what each exit code means here.
//! `-h` has none of it. Every exit code is `docs/verdicts.md` §Exit codes, and every example is parsed by a test.

use std::fmt::Write as _;

use clap::builder::StyledStr;
use clap::builder::styling::Style;

/// What is typed, and what for.
type Example = (&'static str, &'static str);
/// What exit codes mean, by code; a code that is not listed is not used by the command.
type Exits = &'static [(u8, &'static str)];

/// Of every command that could do something else than succeed.
const USAGE: (u8, &str) = (2, "the command line makes no sense; nothing was done");
const FILES: Exits = &[(0, "done"), USAGE, (4, "a file could not be read or written; the message says which and why")];
const VERDICT: Exits = &[
    (0, "enough keys that you trust reproduced this code from its claim, without a doubt that you have not accepted"),
    (1, "they rebuilt it as claimed and got different code"),
    USAGE,
    (3, "neither, or not yet: the verdict says why, and `provenear explain VERDICT` what to do"),
    (
        4,
        "could not check: an endpoint failed, the account does not exist, a file cannot be read; says nothing about the code",
    ),
];

pub(super) fn overview() -> StyledStr {
    let examples = [
        ("provenear inspect app.near", "what an account runs, and whether that was reproduced"),
        ("provenear rebuild app.near", "rebuild it yourself; needs Docker or Podman"),
        ("provenear explain not-rebuilt", "what a code in an answer means"),
    ];
    let exits = &[
        (0, "reproduced, or done"),
        (1, "different code"),
        USAGE,
        (3, "checked, and neither of the two"),
        (4, "could not check"),
        (5, "the build itself failed"),
    ];
    text(&examples, exits, "The help of each command says what they mean there.")
}

pub(super) fn inspect() -> StyledStr {
    let examples = [
        ("provenear inspect app.near", "its code, its claim, and who can replace it"),
        (
            "provenear inspect app.near --trust rebuilders.txt --store https://rebuilder.example/manifests/",
            "by the rebuilds of people you trust",
        ),
        (
            "provenear inspect proposal.wasm --manifest proposal.intoto.jsonl --trust rebuilders.txt",
            "before a vote, offline",
        ),
        ("provenear inspect app.testnet --network testnet --json", "on testnet, for a program"),
    ];
    text(&examples, VERDICT, "")
}

pub(super) fn verify() -> StyledStr {
    let examples = [
        (
            "provenear verify manifests/*.intoto.jsonl app.near --trust rebuilders.txt --threshold 2",
            "in CI: fail unless two of your rebuilders reproduced it",
        ),
        ("provenear verify proposal.intoto.jsonl proposal.wasm --trust rebuilders.txt", "against a file"),
        ("provenear verify app.intoto.jsonl --trust rebuilders.txt", "against the account that they name"),
        (
            "provenear verify --tree . --trust rebuilders.txt --store https://rebuilder.example/manifests/",
            "each night: do your accounts run the commit in your tree?",
        ),
    ];
    text(
        &examples,
        VERDICT,
        "With `--tree`: 0 if every account runs what this commit gives, 1 if one is known to run something else, 3 if nobody whom \
         you trust says what it runs, 4 if one could not be checked; of several, the first in the order 4, 1, 3, 0.",
    )
}

pub(super) fn rebuild() -> StyledStr {
    let examples = [
        ("provenear rebuild app.near", "rebuild what the contract claims, and compare"),
        (
            "provenear rebuild app.near --key rebuilder.pem --out out",
            "sign with a key of yours, and keep the files together",
        ),
        ("provenear rebuild --tree .", "your own contract, before anything is deployed"),
        ("provenear rebuild app.near --print-commands > rebuild.sh", "without Provenear"),
    ];
    let exits = &[
        (0, "it was built and gives this code; with `--recipe` or `--tree` alone, it was built"),
        (1, "it was built and gives different code; what differs is printed"),
        USAGE,
        (3, "neither: the claim has gaps, or it was built with doubts that you have not accepted"),
        (4, "could not check, or could not start: no engine, image or commit"),
        (5, "the build failed, ran out of time or limits, or left no file where the claim says"),
        (130, "stopped by a signal"),
    ];
    text(&examples, exits, "")
}

pub(super) fn diff() -> StyledStr {
    let examples = [
        ("provenear diff app.near target/near/app.wasm", "what is deployed, and what you built"),
        ("provenear diff app.near@120000000 app.near", "what an upgrade changed"),
        ("provenear diff app.near ./app.wasm --function transfer", "one function of both, side by side"),
    ];
    let exits = &[
        (0, "both are the same, byte for byte"),
        (1, "they differ"),
        USAGE,
        (4, "one of the two could not be read or fetched, or is not a module; nothing was compared"),
    ];
    text(
        &examples,
        exits,
        "Rebuilds by keys that you trust say on which platform a module was built, which can be the cause.",
    )
}

pub(super) fn probe() -> StyledStr {
    let examples = [
        ("provenear probe", "the contract in this folder, everything changed once"),
        ("provenear probe contracts/token --budget 20m", "stop in time; the next run goes on"),
        ("provenear probe --factors clock,file-order", "these two alone, and a second clean build"),
        ("provenear probe --list-factors", "what can be changed"),
    ];
    let exits = &[
        (0, "nothing leaks that two rebuilds in this image can differ in, of what was asked for"),
        (1, "something does: two rebuilds can give different code"),
        USAGE,
        (3, "nothing leaked, but not everything that was asked for was changed"),
        (4, "could not start: no engine or image, or the tree cannot be read"),
        (5, "the build fails even with nothing changed"),
        (130, "stopped by a signal; what was built is kept"),
    ];
    text(&examples, exits, "")
}

pub(super) fn lint() -> StyledStr {
    let examples = [
        ("provenear lint", "in the folder of a contract, before it is deployed"),
        ("provenear lint --fix", "correct what is safe to correct, then say what is left"),
        ("provenear lint contracts/app --format github", "in a workflow, as annotations"),
        ("provenear lint --format sarif > lint.sarif", "for a code host"),
    ];
    let exits = &[
        (0, "nothing keeps a rebuild from being `reproduced`"),
        (1, "nobody could rebuild it: each finding says why and what to do"),
        USAGE,
        (3, "it can be rebuilt, with doubts"),
        (4, "a file could not be read or written; the message says which and why"),
    ];
    text(&examples, exits, "Nothing is run and nobody is asked: files and git on this machine are read.")
}

pub(super) fn publish() -> StyledStr {
    let examples = [
        ("provenear publish out/*.intoto.jsonl --to public", "then serve `public` from any static host"),
        ("provenear publish app.intoto.jsonl --to public --json", "for a program: which files were written"),
    ];
    text(&examples, FILES, "")
}

pub(super) fn batch() -> StyledStr {
    let examples = [
        ("provenear batch accounts.txt --out out", "again after a stop: it goes on, and looks every account up anew"),
        ("provenear batch accounts.txt --out out --engine ssh://builder@other", "built on another machine"),
        (
            "provenear batch accounts.txt --jobs 4 | jq -r 'select(.verdict) | .subject.name + \" \" + .verdict.code'",
            "as a table",
        ),
    ];
    let exits = &[
        (0, "every subject was reproduced"),
        (1, "a subject gave different code"),
        USAGE,
        (3, "a subject is neither reproduced nor different"),
        (4, "a subject could not be checked or its build not started, or the list cannot be read"),
        (5, "a build failed"),
        (130, "stopped by a signal; what was finished is kept"),
    ];
    text(
        &examples,
        exits,
        "Of several, the first in the order 130, 4, 2, 5, 1, 3, 0. On many machines: `batch plan`, `batch run` on each of them, \
         `batch merge`.",
    )
}

pub(super) fn batch_plan() -> StyledStr {
    let examples = [
        ("provenear batch plan accounts.txt --to plan.json", "what is to be built; the ids of the units are printed"),
        (
            "provenear batch plan accounts.txt --to plan.json --store out --trust rebuilder.pub",
            "without what the store answers already",
        ),
        ("provenear batch plan accounts.txt --to plan.json --matrix 20", "as a matrix of a GitHub workflow"),
    ];
    let exits = &[
        (0, "every subject was looked up"),
        (2, "the command line makes no sense, and nothing was written; or a line of the list names no subject"),
        (4, "a subject could not be looked up; or the list cannot be read, or the plan not written"),
        (130, "stopped by a signal; nothing was written"),
    ];
    text(
        &examples,
        exits,
        "Of several, the first in the order 4, 2, 0. A plan in which a line failed holds all the others.",
    )
}

pub(super) fn batch_run() -> StyledStr {
    let examples = [
        ("provenear batch run plan.json --to out", "every unit, one after the other; again after a stop: it goes on"),
        ("provenear batch run plan.json --to out --unsigned", "without a key on this machine"),
        ("provenear batch run plan.json --to out --jobs 4 --memory 4g", "four at once, each with 4 GiB"),
    ];
    let exits = &[
        (0, "every unit was built, now or before"),
        USAGE,
        (4, "a build could not be started: no engine, image or commit; or a file cannot be read or written"),
        (5, "a build failed"),
        (130, "stopped by a signal; what was finished is kept"),
    ];
    text(&examples, exits, "Of several, the first in the order 130, 4, 2, 5, 0.")
}

pub(super) fn batch_merge() -> StyledStr {
    let examples = [
        ("provenear batch merge out --to store", "what one machine built"),
        (
            "provenear batch merge node1 node2 --to store --plan plan.json",
            "and whether anything of the plan is missing",
        ),
        (
            "provenear batch merge node1 node2 --to store --plan plan.json --key rebuilder.pem --published public",
            "and sign what runs left unsigned, unless what is published differs",
        ),
        ("provenear batch merge theirs --to store --trust alice.pub", "what others left, by this key alone"),
    ];
    let exits = &[
        (0, "everything was taken, now or before"),
        (1, "different code came out of one unit; what was signed of it was kept"),
        USAGE,
        (3, "with `--plan`: a unit has no result"),
        (4, "something was refused, or a file cannot be read or written; all else was taken"),
        (5, "the build of a unit had failed; all else was taken"),
        (130, "stopped by a signal; the store is whole"),
    ];
    text(
        &examples,
        exits,
        "Of several, the first in the order 130, 4, 2, 5, 1, 3, 0. The order of the folders changes nothing.",
    )
}

pub(super) fn init() -> StyledStr {
    let examples = [
        ("provenear init --dry-run", "what would be written"),
        ("provenear init --account app.near", "and the account that the contract is deployed to"),
        ("provenear init contracts --package token --package vault", "two contracts of a workspace"),
    ];
    let exits = &[
        (0, "done, or everything was there already"),
        (2, "it is not plain what is meant, or something would be replaced and nobody agreed; nothing was written"),
        (4, "a file could not be read or written; the message says which and why"),
    ];
    text(&examples, exits, "")
}

pub(super) fn keygen() -> StyledStr {
    let examples = [
        ("provenear keygen", "the key that `rebuild` signs with if none is named"),
        ("provenear keygen --out rebuilder.pem", "in a file of its own"),
        (
            "provenear keygen --import ~/.near-credentials/mainnet/me.near.json --out me.pem",
            "your account's key, so that readers can check it on the chain",
        ),
    ];
    let exits = &[
        (0, "done"),
        (2, "there is a key in that place already, or the file to import holds no Ed25519 key; nothing was written"),
        (4, "a file could not be read or written"),
    ];
    text(&examples, exits, "")
}

pub(super) fn cache() -> StyledStr {
    let examples = [
        ("provenear cache", "how much is kept, and where"),
        ("provenear cache --clear", "the next rebuild fetches it again"),
    ];
    text(&examples, FILES, "")
}

pub(super) fn explain() -> StyledStr {
    let examples = [
        ("provenear explain reproduced-unvetted", "a verdict"),
        ("provenear --explain build-reads-git", "a notice, in the way of rustc"),
        ("provenear explain", "all codes, each with its sentence"),
    ];
    text(&examples, &[(0, "done"), (2, "it is not a code")], "")
}

pub(super) fn completions() -> StyledStr {
    let examples = [
        (
            "provenear completions bash > ~/.local/share/bash-completion/completions/provenear",
            "for bash, from the next shell on",
        ),
        ("provenear completions fish > ~/.config/fish/completions/provenear.fish", "for fish"),
    ];
    text(&examples, &[(0, "done"), USAGE, (4, "the script could not be printed")], "")
}

pub(super) fn man() -> StyledStr {
    let examples = [
        ("provenear man ~/.local/share/man/man1", "where `man provenear-inspect` finds them"),
        ("provenear man pages", "to read with `man ./pages/provenear.1`"),
    ];
    text(&examples, FILES, "")
}

/// Both lists in the manner of clap's own.
fn text(examples: &[Example], exits: &[(u8, &str)], more: &str) -> StyledStr {
    let (heading, literal) = (Style::new().bold().underline(), Style::new().bold());
    let mut text = StyledStr::new();
    let mut write = |line: std::fmt::Arguments| text.write_fmt(line).expect("a string takes any text");
    write(format_args!("{heading}Examples:{heading:#}\n"));
    for (typed, purpose) in examples {
        let (typed, purpose) = (fill(&parts(typed), " \\\n      "), fill(&words(purpose), "\n      "));
        write(format_args!("  {literal}{typed}{literal:#}\n      {purpose}\n"));
    }
    write(format_args!("\n{heading}Exit codes:{heading:#}"));
    for (code, meaning) in exits {
        let meaning = fill(&words(meaning), "\n       ");
        write(format_args!("\n  {literal}{code:>3}{literal:#}  {meaning}"));
    }
    let unused: Vec<String> =
        (0..=5).filter(|code| exits.iter().all(|(known, _)| known != code)).map(|code| code.to_string()).collect();
    if !unused.is_empty() {
        write(format_args!("\n  {literal}  -{literal:#}  {} not used by this command", join_codes(&unused)));
    }
    if !more.is_empty() {
        write(format_args!("\n\n{}", fill(&words(more), "\n")));
    }
    text
}

/// Characters of a line, without what stands before it: clap wraps without a margin, and by the width of the terminal, which would
/// break a command where nobody can copy it. So nothing here is longer than usual terminals are wide.
const WIDTH: usize = 70;

/// As many parts in a line as fit; `next` stands between two lines.
fn fill(parts: &[String], next: &str) -> String {
    let (mut text, mut column) = (String::new(), 0);
    for part in parts {
        let length = part.chars().count();
        if column > 0 {
            let fits = column + 1 + length <= WIDTH;
            text.push_str(if fits { " " } else { next });
            column = if fits { column + 1 } else { 0 };
        }
        text.push_str(part);
        column += length;
    }
    text
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// A command, parted where it may go on in another line: before options and pipes, and not within quotes.
fn parts(typed: &str) -> Vec<String> {
    let (mut parts, mut is_quoted) = (Vec::<String>::new(), false);
    for word in typed.split(' ') {
        let may_part = !is_quoted && (word.starts_with("--") || word == "|" || word == ">");
        match parts.last_mut().filter(|_| !may_part) {
            Some(part) => part.push_str(&format!(" {word}")),
            None => parts.push(word.to_owned()),
        }
        is_quoted ^= word.matches('\'').count() % 2 == 1;
    }
    parts
}

/// `1 is`, or `1, 3 and 5 are`.
fn join_codes(codes: &[String]) -> String {
    match codes {
        [] => String::new(),
        [one] => format!("{one} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
    }
}
