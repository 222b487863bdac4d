//! A runner for composite actions, as far as ours needs one: inputs with their defaults, expressions that name inputs and outputs,
//! conditions that compare them, `bash` with the files that GitHub gives it. An action by others is noted and not run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use provenear_tests::ground::Ground;
use serde_json::Value;

pub(crate) struct Runner {
    action: Value,
    inputs: BTreeMap<String, String>,
    /// By step and name.
    pub(crate) outputs: BTreeMap<(String, String), String>,
    folder: PathBuf,
    workspace: PathBuf,
}

/// What came of one step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    /// `None` where its condition does not hold, or another action would do it.
    pub(crate) exit: Option<i32>,
    pub(crate) said: String,
    /// What another action would be given.
    pub(crate) with: BTreeMap<String, String>,
}

/// The condition of a step that runs whatever failed before it.
const ALWAYS: &str = "always()";

impl Step {
    /// The commands that a runner would obey in what the step said: a line that begins with `::`, or has `##[` in it, as long as
    /// no `stop-commands` is in force.
    pub(crate) fn commands(&self) -> Vec<&str> {
        let (mut commands, mut token): (Vec<&str>, Option<String>) = (Vec::new(), None);
        for line in self.said.split(['\n', '\r']).map(str::trim_start) {
            match &token {
                Some(until) if line.starts_with(&format!("::{until}::")) => token = None,
                Some(_) => {}
                None => match line.strip_prefix("::stop-commands::") {
                    Some(until) => token = Some(until.to_owned()),
                    None if line.starts_with("::") || line.contains("##[") => commands.push(line),
                    None => {}
                },
            }
        }
        commands
    }
}

impl Runner {
    /// Of our action, with these inputs; `folder` takes the runner's files.
    pub(crate) fn new(folder: &Path, workspace: &Path, inputs: &[(&str, &str)]) -> Runner {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../action.yml");
        let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
        let mut command = Ground::read().unwrap().of_actions("python3").unwrap();
        let output = command.args(["-c", script]).arg(file).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let read = output.stdout;
        let action: Value = serde_json::from_slice(&read).unwrap();
        let declared = action["inputs"].as_object().unwrap();
        let mut all: BTreeMap<String, String> =
            declared.iter().map(|(name, it)| (name.clone(), it["default"].as_str().unwrap().to_owned())).collect();
        for (name, value) in inputs {
            assert!(all.insert((*name).to_owned(), (*value).to_owned()).is_some(), "`{name}` is not an input");
        }
        std::fs::create_dir_all(folder.join("temp")).unwrap();
        let (folder, workspace) = (folder.to_path_buf(), workspace.to_path_buf());
        Runner { action, inputs: all, outputs: BTreeMap::new(), folder, workspace }
    }

    /// Adds to the text of an input.
    pub(crate) fn add(&mut self, input: &str, text: &str) {
        self.inputs.get_mut(input).unwrap().push_str(text);
    }

    /// Runs the steps with these variables; after one that failed, those alone that always run.
    pub(crate) fn run(&mut self, variables: &[(&str, String)]) -> Vec<Step> {
        let steps = self.action["runs"]["steps"].as_array().unwrap().clone();
        let mut all: Vec<Step> = Vec::new();
        for step in &steps {
            let has_failed = all.iter().any(|step| step.exit.is_some_and(|exit| exit != 0));
            let condition = step["if"].as_str().unwrap_or_default();
            if has_failed && !(condition.contains(ALWAYS) && self.holds(condition)) {
                continue;
            }
            all.push(self.step(step, variables));
        }
        all
    }

    fn step(&mut self, step: &Value, variables: &[(&str, String)]) -> Step {
        let name = step["name"].as_str().unwrap().to_owned();
        let mut ran = Step { name, exit: None, said: String::new(), with: BTreeMap::new() };
        if step["if"].as_str().is_some_and(|condition| !self.holds(condition)) {
            return ran;
        }
        let values = |of: &Value| -> BTreeMap<String, String> {
            let all = of.as_object().into_iter().flatten();
            all.map(|(name, value)| (name.clone(), self.expand(value.as_str().unwrap_or("")))).collect()
        };
        let Some(script) = step["run"].as_str() else {
            ran.with = values(&step["with"]);
            return ran;
        };
        assert!(!script.contains("${{"), "{}: an expression in a script can become code", ran.name);
        assert_eq!(step["shell"], "bash");
        let [file, output, summary] = ["script.sh", "output", "summary.md"].map(|it| self.folder.join(it));
        std::fs::write(&file, script).unwrap();
        std::fs::write(&output, "").unwrap();
        let mut command = Command::new("bash");
        // A runner reads both streams as one.
        command.args(["-c", "exec bash --noprofile --norc -eo pipefail \"$0\" 2>&1"]).arg(&file);
        command.current_dir(&self.workspace).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", &self.folder).env("CI", "true");
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        command.env("GITHUB_SHA", "0123456789".repeat(4)).env("GITHUB_WORKSPACE", &self.workspace);
        command.env("RUNNER_TEMP", self.folder.join("temp")).env("RUNNER_OS", "Linux");
        command.envs(variables.iter().map(|(name, value)| (*name, value))).envs(values(&step["env"]));
        let ended = command.output().unwrap();
        ran.exit = Some(ended.status.code().unwrap_or(-1));
        ran.said = String::from_utf8_lossy(&ended.stdout).into_owned();
        if let Some(id) = step["id"].as_str() {
            for line in std::fs::read_to_string(&output).unwrap().lines() {
                let (name, value) = line.split_once('=').unwrap();
                self.outputs.insert((id.to_owned(), name.to_owned()), value.to_owned());
            }
        }
        ran
    }

    /// What the summary of the run says.
    pub(crate) fn summary(&self) -> String {
        std::fs::read_to_string(self.folder.join("summary.md")).unwrap_or_default()
    }

    pub(crate) fn output(&self, step: &str, name: &str) -> &str {
        self.outputs.get(&(step.to_owned(), name.to_owned())).map_or("", String::as_str)
    }

    fn expand(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").unwrap();
            whole += &self.value(expression.trim());
            whole += rest;
        }
        whole
    }

    fn value(&self, expression: &str) -> String {
        match expression.split('.').collect::<Vec<_>>()[..] {
            ["inputs", name] => self.inputs.get(name).unwrap_or_else(|| panic!("no input `{name}`")).clone(),
            ["steps", step, "outputs", name] => self.output(step, name).to_owned(),
            _ => panic!("`{expression}` is not known to this runner"),
        }
    }

    fn holds(&self, condition: &str) -> bool {
        condition.split(" && ").filter(|part| *part != ALWAYS).all(|part| {
            let compared = |operator| part.split_once(operator).map(|(a, b)| self.value(a) == b.trim_matches('\''));
            compared(" == ")
                .or_else(|| compared(" != ").map(|is| !is))
                .unwrap_or_else(|| panic!("`{part}` is not known"))
        })
    }
}
