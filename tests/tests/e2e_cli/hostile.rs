//! Modules made to harm: each ends in a named outcome, in bounded memory, and nothing of them reaches the terminal as it is.
//! What ends a run is a count of its steps, which is the same on every machine (`vectors`); the kernel's limit of time is far
//! above that, and there for what is not counted.

use std::path::Path;
use std::process::Command;

use provenear_tests::ground;
use provenear_tests::hostile::{MARKUP, claim_with_markup, modules};
use provenear_tests::rows::claiming;

use crate::asking::{Ended, ended};

/// Seconds of processor time: about a second is taken here by the longest of them, in a debug build.
const SECONDS: u32 = 20;
/// Address space in KiB: the program itself, a module of 4 MiB and what a contract's memory may grow to.
const KIB: u32 = 1_500_000;

fn inspect(file: &Path, more: &[&str]) -> std::process::Output {
    let program = ground::provenear().unwrap();
    let limited = format!("ulimit -t {SECONDS} && ulimit -v {KIB} && exec \"$@\"");
    let mut command = Command::new("bash");
    command.args(["-c", &limited, "bash"]).arg(program.get_program());
    command.arg("inspect").arg(file).args(more).output().unwrap()
}

fn json(file: &Path) -> Ended {
    let output = inspect(file, &["--json"]);
    assert!(output.status.code().is_some(), "{}: ended by the kernel: {}", file.display(), output.status);
    ended(&output)
}

#[test]
fn each_ends_in_a_named_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for module in modules() {
        let file = folder.path().join(format!("{}.wasm", module.name));
        std::fs::write(&file, &module.bytes).unwrap();
        let found = json(&file);
        let gap = found.codes("/gaps").first().map(|code| (*code).to_owned());
        if found.outcome().0 != module.outcome || gap.as_deref() != module.gap {
            wrong.push(format!("{}: {:?} {gap:?} {}", module.name, found.outcome(), found.text("/error/message")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_hostile_reaches_the_terminal_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("markup.wasm");
    std::fs::write(&file, claiming(false, &claim_with_markup())).unwrap();
    let found = json(&file);
    assert_eq!(found.text("/metadata/from"), "code");
    // In JSON the claim stands verbatim, as JSON's own escapes where it must.
    assert_eq!(found.text("/metadata/nep330/version"), MARKUP);
    let shown = inspect(&file, &[]);
    let text = String::from_utf8([shown.stdout, shown.stderr].concat()).unwrap();
    assert!(text.contains("javascript:") || text.contains("not-rebuil") || text.contains("not rebuil"), "{text}");
    for bad in ['\u{202e}', '\u{2066}', '\u{7}', '\u{1b}'] {
        assert!(!text.contains(bad), "U+{:04X} is printed: {text:?}", u32::from(bad));
    }
}
