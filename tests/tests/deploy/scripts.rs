//! ShellCheck on every script of `deploy`: those of Slurm, and those within Jobs.

use std::path::Path;
use std::process::Output;

use provenear_tests::ground::Ground;

use crate::kubernetes::{container, job};
use crate::{folder, read};

const SLURM: [&str; 4] = ["settings.sh", "submit.sh", "rebuild.sbatch", "merge.sbatch"];

/// What ShellCheck says of scripts in a folder, which may read one another.
fn look_at(folder: &Path, files: &[&str]) -> Output {
    let mut command = Ground::read().unwrap().of_actions("shellcheck").unwrap();
    command.args(["--norc", "--external-sources", "--source-path=SCRIPTDIR"]);
    command.current_dir(folder).args(files).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

#[test]
fn nothing_is_said_of_the_scripts_of_slurm() {
    let there =
        std::fs::read_dir(folder("slurm")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<String> = there.filter(|name| !name.ends_with(".md")).collect();
    there.sort();
    let mut known = SLURM;
    known.sort_unstable();
    assert_eq!(there, known);
    let output = look_at(&folder("slurm"), &SLURM);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn nothing_is_said_of_the_scripts_in_jobs() {
    let place = tempfile::tempdir().unwrap();
    for file in ["plan.yaml", "rebuild.yaml", "merge.yaml"] {
        let job = job(file);
        let container = container(&job);
        assert_eq!(container["command"], serde_json::json!(["bash", "-euo", "pipefail", "-c"]), "{file}");
        let script = format!("#!/bin/bash\nset -euo pipefail\n{}", container["args"][0].as_str().unwrap());
        // Kubernetes replaces `$(NAME)` by a variable of the Pod, and takes `$$` for `$`.
        let names = script.split("$(").skip(1).filter_map(|rest| rest.split_once(')')).map(|(name, _)| name);
        let is_replaced = |name: &str| name.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it));
        assert!(!script.contains("$$") && !names.into_iter().any(is_replaced), "{file}");
        std::fs::write(place.path().join("script.sh"), script).unwrap();
        let output = look_at(place.path(), &["script.sh"]);
        assert!(output.status.success(), "{file}: {}", said(&output));
    }
}

#[test]
fn what_is_wrong_with_a_script_is_found() {
    let place = tempfile::tempdir().unwrap();
    let good = read("slurm/rebuild.sbatch");
    std::fs::copy(folder("slurm/settings.sh"), place.path().join("settings.sh")).unwrap();
    for (from, to) in [
        ("\"$folder/plan.json\" \"${units[@]}\"", "$folder/plan.json ${units[@]}"),
        ("0 | 5) ;;", "0 | 5)"),
        ("exit=0\n", "exlt=0\n"),
        ("#!/bin/bash\n", "#!/bin/sh\n"),
    ] {
        assert!(good.contains(from), "{from}");
        std::fs::write(place.path().join("rebuild.sbatch"), good.replacen(from, to, 1)).unwrap();
        let output = look_at(place.path(), &["rebuild.sbatch"]);
        assert!(!output.status.success(), "{to}");
    }
}
