//! Runs the built helper and reads what it says.

use std::path::Path;
use std::process::{Command, Output};

use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::ground;
use serde_json::Value;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) exit: i32,
    pub(crate) json: Value,
    pub(crate) stderr: String,
}

impl Ended {
    /// The text at a JSON pointer, or "".
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The codes in a list of notices or gaps, sorted.
    pub(crate) fn codes(&self, pointer: &str) -> Vec<&str> {
        let list = self.json.pointer(pointer).and_then(Value::as_array).expect("the list is there, if empty");
        let mut codes: Vec<&str> = list.iter().filter_map(|item| item["code"].as_str()).collect();
        codes.sort_unstable();
        codes
    }

    /// Verdict or error, whichever there is, and the exit code.
    pub(crate) fn outcome(&self) -> (&str, i32) {
        let code = self.text("/verdict/code");
        (if code.is_empty() { self.text("/error/code") } else { code }, self.exit)
    }
}

/// A command of the helper whose data and cache lie in `folder`.
pub(crate) fn helper(folder: &Path) -> Command {
    let mut command = ground::provenear().unwrap();
    command.env("PROVENEAR_CACHE", folder.join("cache")).env("PROVENEAR_DATA", folder.join("data"));
    command.current_dir(folder);
    command
}

/// What a finished run said.
///
/// # Panics
/// When it printed anything but one document.
pub(crate) fn ended(output: &Output) -> Ended {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = documents::read(&output.stdout).unwrap_or_else(|error| panic!("{error:#}\n{stderr}"));
    assert_eq!(json["schema"], "provenear/inspection/v1");
    Ended { exit: output.status.code().unwrap_or(-1), json, stderr }
}

/// Runs the helper with `--json` against these endpoints of the devnet. The repository of the fixtures is on this machine.
pub(crate) fn ask(folder: &Path, endpoints: &[&Devnet], words: &[&str]) -> Ended {
    let mut command = helper(folder);
    command.args(words).args(["--json", "--network", "devnet-test", "--allow-local-source"]);
    for endpoint in endpoints {
        command.args(["--rpc", &endpoint.url()]);
    }
    ended(&command.output().unwrap())
}
