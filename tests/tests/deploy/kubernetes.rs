//! The objects of `deploy/kubernetes`: as the published schemas have them, rootless, behind the fence of the helper.

use std::io::Write as _;
use std::process::Stdio;

use provenear_shared::container::Fences;
use provenear_tests::ground::Ground;
use serde_json::{Value, json};

use crate::{folder, read};

/// The first Kubernetes in which all of it is there without being switched on.
const VERSION: &str = "1.33";
const JOBS: [&str; 3] = ["plan.yaml", "rebuild.yaml", "merge.yaml"];
/// Holds each document against the schema of its kind, and prints all of them. A member that the schema does not know is an error.
const VALIDATE: &str = "\
import json, sys, yaml, kubernetes_validate
documents = list(yaml.safe_load_all(sys.stdin))
for document in documents:
    kubernetes_validate.validate(document, sys.argv[1], strict=True)
json.dump(documents, sys.stdout)
";

/// The documents of a text, or what is wrong with it.
fn validate(text: &str) -> Result<Vec<Value>, String> {
    let mut command = Ground::read().unwrap().of_actions("python3").unwrap();
    command.args(["-c", VALIDATE, VERSION]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let documents = String::from_utf8(output.stdout).unwrap();
    Ok(serde_json::from_str(&documents).unwrap())
}

/// A Job by its file.
pub(crate) fn job(file: &str) -> Value {
    let mut documents =
        validate(&read(&format!("kubernetes/{file}"))).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(documents.len(), 1, "{file}");
    documents.remove(0)
}

/// The one container of a Job.
pub(crate) fn container(job: &Value) -> &Value {
    let containers = job["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 1);
    &containers[0]
}

#[test]
fn every_object_is_as_its_published_schema_has_it() {
    let mut kinds = Vec::new();
    for entry in std::fs::read_dir(folder("kubernetes")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".yaml") {
            let documents =
                validate(&read(&format!("kubernetes/{name}"))).unwrap_or_else(|error| panic!("{name}: {error}"));
            kinds.extend(documents.iter().map(|it| format!("{} {}", it["apiVersion"], it["kind"]).replace('"', "")));
        }
    }
    kinds.sort();
    assert_eq!(kinds, ["batch/v1 Job", "batch/v1 Job", "batch/v1 Job", "v1 PersistentVolumeClaim"]);
}

#[test]
fn what_is_wrong_with_a_job_is_found() {
    let text = read("kubernetes/rebuild.yaml");
    for (from, to) in [
        ("completions: 64", "completions: many"),
        ("parallelism: 8", "paralelism: 8"),
        ("backoffLimitPerIndex: 3", "backoffLimitPerIndex: 0.5"),
        ("restartPolicy: Never", "restartPolicies: Never"),
        ("runAsUser: 1000", "runAsUser: provenear"),
        ("action: FailJob", "reaction: FailJob"),
        ("apiVersion: batch/v1\n", "apiVersion: batch/v2\n"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = validate(&text.replacen(from, to, 1)).expect_err(to);
        assert!(error.contains("alidat") || error.contains("chema"), "{to}: {error}");
    }
}

/// What no schema asks for.
#[test]
fn jobs_are_rootless_and_only_the_merge_sees_the_key() {
    for file in JOBS {
        let job = job(file);
        let pod = &job["spec"]["template"]["spec"];
        let said = |of: &Value| (of["runAsNonRoot"].clone(), of["runAsUser"].clone());
        assert_eq!(said(&pod["securityContext"]), (json!(true), json!(1000)), "{file}");
        let shares = ["hostUsers", "automountServiceAccountToken", "enableServiceLinks"].map(|name| pod[name].clone());
        assert_eq!(shares, [json!(false), json!(false), json!(false)], "{file}");
        for name in ["hostNetwork", "hostPID", "hostIPC", "serviceAccountName"] {
            assert!(pod[name].is_null(), "{file}: {name}");
        }
        let volumes = pod["volumes"].as_array().unwrap();
        assert!(volumes.iter().all(|volume| volume["hostPath"].is_null()), "{file}");
        assert_eq!(volumes.iter().any(|volume| !volume["secret"].is_null()), file == "merge.yaml", "{file}");

        let container = container(&job);
        let context = &container["securityContext"];
        assert!(context["privileged"].is_null(), "{file}");
        assert_eq!(context["capabilities"]["drop"], json!(["ALL"]), "{file}");
        // Podman without root needs these, and nothing else does.
        let builds = file == "rebuild.yaml";
        assert_eq!(context["allowPrivilegeEscalation"], json!(builds), "{file}");
        assert_eq!(
            context["capabilities"]["add"],
            if builds { json!(["SETUID", "SETGID"]) } else { Value::Null },
            "{file}"
        );
        let filter = if builds { "Unconfined" } else { "RuntimeDefault" };
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], filter, "{file}");
        let (name, digest) = container["image"].as_str().unwrap().split_once("@sha256:").unwrap();
        assert!(!name.is_empty() && digest.len() == 64, "{file}: the image has to be named by its digest");
        for limit in ["cpu", "memory", "ephemeral-storage"] {
            assert!(container["resources"]["limits"][limit].is_string(), "{file}: {limit}");
        }
    }
}

/// A size as Kubernetes writes it.
fn bytes(quantity: &Value) -> u64 {
    let text = quantity.as_str().unwrap();
    text.strip_suffix("Gi").unwrap_or_else(|| panic!("{text}")).parse::<u64>().unwrap() << 30
}

#[test]
fn a_pod_that_builds_has_the_fence_of_the_helper() {
    let job = job("rebuild.yaml");
    let spec = &job["spec"];
    assert_eq!(spec["completionMode"], "Indexed");
    let container = container(&job);
    let variable = |name: &str| {
        let all = container["env"].as_array().unwrap();
        all.iter().find(|it| it["name"] == name).cloned().unwrap_or_else(|| panic!("no variable {name}"))
    };
    assert_eq!(variable("COMPLETIONS")["value"], spec["completions"].to_string(), "each Pod takes its share of them");
    let limits = &container["resources"]["limits"];
    assert_eq!(bytes(&limits["memory"]), Fences::USUAL.memory);
    let options = include_str!("../../../helper/src/args/building.rs");
    let disk = format!("default_value = \"{}g\"", bytes(&limits["ephemeral-storage"]) >> 30);
    assert!(options.contains(&disk), "{disk}");
    // Each is told to the helper as the Pod has it.
    let script = container["args"][0].as_str().unwrap();
    for (option, name, limit) in [
        ("memory", "MEMORY", "limits.memory"),
        ("cpus", "CPUS", "limits.cpu"),
        ("disk", "DISK", "limits.ephemeral-storage"),
    ] {
        assert!(script.contains(&format!("--{option} \"${name}\"")), "{script}");
        assert_eq!(variable(name)["valueFrom"]["resourceFieldRef"]["resource"], limit);
        assert!(options.contains(&format!("    pub {option}: ")), "`--{option}` is not an option");
    }
    assert_eq!(container["resources"]["requests"], *limits, "a Pod that has less would be the first to be ended");
}
