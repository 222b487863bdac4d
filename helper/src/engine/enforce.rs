//! Whether the engine does what it was told: it may drop a limit with nothing but a warning. Read from the made
//! container before anything runs in it.

use serde_json::Value;

use super::{Kind, Limits};

/// The fences that the container lacks, in words; empty when all hold.
pub fn missing(kind: Kind, container: &Value, limits: &Limits, network: bool) -> Vec<String> {
    let host = container.get("HostConfig").unwrap_or(&Value::Null);
    let number = |name: &str| host.get(name).and_then(Value::as_i64).unwrap_or_default();
    let words = |name: &str| -> Vec<String> {
        let list = host.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().filter_map(|v| v.as_str().map(str::to_ascii_lowercase)).collect()
    };
    let mut missing = Vec::new();
    let mut want = |holds: bool, what: &str| {
        if !holds {
            missing.push(what.to_owned());
        }
    };
    want(u64::try_from(number("Memory")).is_ok_and(|n| n == limits.memory), "a memory limit");
    let nano = limits.cpus * 1e9;
    let (quota, period) = (number("CpuQuota"), number("CpuPeriod"));
    let by_quota = quota > 0 && period > 0 && (quota as f64 / period as f64 - limits.cpus).abs() < 0.01;
    want((number("NanoCpus") as f64 - nano).abs() < 1e6 || by_quota, "a processor limit");
    want(number("PidsLimit") == i64::from(limits.pids), "a limit of processes");
    let dropped = words("CapDrop");
    let none_left = match kind {
        Kind::Docker => dropped.iter().any(|c| c == "all"),
        Kind::Podman => container
            .get("EffectiveCaps")
            .is_some_and(|caps| caps.is_null() || caps.as_array().is_some_and(Vec::is_empty)),
    };
    want(none_left && words("CapAdd").is_empty(), "dropping all capabilities");
    want(words("SecurityOpt").iter().any(|o| o.starts_with("no-new-privileges")), "no-new-privileges");
    want(!host.get("Privileged").and_then(Value::as_bool).unwrap_or_default(), "an unprivileged container");
    want(network || host.get("NetworkMode").and_then(Value::as_str) == Some("none"), "a container without network");
    let limited = |name: &str| {
        let list = host.get("Ulimits").and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().any(|u| {
            let found = u.get("Name").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
            found.trim_start_matches("rlimit_") == name
        })
    };
    want(limited("nofile"), "a limit of open files");
    want(limited("fsize"), "a limit of file size");
    let mounts = container.get("Mounts").and_then(Value::as_array).cloned().unwrap_or_default();
    want(
        mounts.iter().all(|m| m.get("Type").and_then(Value::as_str) != Some("bind")),
        "a container without host paths",
    );
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_limit_is_seen() {
        let limits = Limits { memory: 1024, cpus: 2.0, pids: 7, ..Limits::default() };
        let made = serde_json::json!({"HostConfig": {
            "Memory": 1024, "NanoCpus": 2_000_000_000_i64, "PidsLimit": 7, "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"], "Privileged": false, "NetworkMode": "none",
            "Ulimits": [{"Name": "nofile"}, {"Name": "fsize"}]}, "Mounts": []});
        assert_eq!(missing(Kind::Docker, &made, &limits, false), Vec::<String>::new());
        for (key, value, what) in [
            ("Memory", serde_json::json!(0), "a memory limit"),
            ("PidsLimit", Value::Null, "a limit of processes"),
            ("CapAdd", serde_json::json!(["SYS_ADMIN"]), "dropping all capabilities"),
            ("NetworkMode", serde_json::json!("bridge"), "a container without network"),
            ("Ulimits", Value::Null, "a limit of open files"),
        ] {
            let mut made = made.clone();
            made["HostConfig"][key] = value;
            assert!(missing(Kind::Docker, &made, &limits, false).iter().any(|m| m == what), "{key}");
        }
    }
}
