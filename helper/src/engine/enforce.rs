//! Whether the engine does what it was told: it may drop a limit with nothing but a warning. Read from the made
//! container, and inside it once it runs, before anything of the repository does.

use provenear_shared::provenance::LIMIT_NETWORK;
use serde_json::Value;

use super::{Image, Kind, Limits};

/// What stands between a build and the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// Memory in all.
    Memory,
    /// No swap on top of it.
    Swap,
    /// Processors.
    Cpus,
    /// Processes and threads.
    Pids,
    /// Open files of one process.
    OpenFiles,
    /// Bytes of one file.
    FileSize,
    /// No core files.
    CoreSize,
    /// Bytes written in all.
    Disk,
    /// No capability.
    Capabilities,
    /// No way to gain one.
    NewPrivileges,
    /// The engine's usual filter of system calls.
    Seccomp,
    /// Not root.
    User,
    /// No network.
    Network,
    /// Processes and memory segments of its own, none of the host's.
    Namespaces,
    /// No device of the host.
    Devices,
    /// No path of the host.
    Mounts,
    /// Nothing of the host's environment.
    Environment,
}

impl Fence {
    /// All of them: what is in no other list than this one is in every manifest.
    pub const ALL: [Fence; 17] = [
        Fence::Memory,
        Fence::Swap,
        Fence::Cpus,
        Fence::Pids,
        Fence::OpenFiles,
        Fence::FileSize,
        Fence::CoreSize,
        Fence::Disk,
        Fence::Capabilities,
        Fence::NewPrivileges,
        Fence::Seccomp,
        Fence::User,
        Fence::Network,
        Fence::Namespaces,
        Fence::Devices,
        Fence::Mounts,
        Fence::Environment,
    ];

    /// Under which name it stands in a manifest's limits.
    pub fn key(self) -> &'static str {
        match self {
            Fence::Memory => "memory",
            Fence::Swap => "swap",
            Fence::Cpus => "cpus",
            Fence::Pids => "pids",
            Fence::OpenFiles => "open_files",
            Fence::FileSize => "file_size",
            Fence::CoreSize => "core_size",
            Fence::Disk => "disk",
            Fence::Capabilities => "capabilities",
            Fence::NewPrivileges => "new_privileges",
            Fence::Seccomp => "seccomp",
            Fence::User => "user",
            Fence::Network => LIMIT_NETWORK,
            Fence::Namespaces => "namespaces",
            Fence::Devices => "devices",
            Fence::Mounts => "mounts",
            Fence::Environment => "environment",
        }
    }

    /// What the engine should do and does not, for a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Fence::Memory => "a memory limit",
            Fence::Swap => "a limit of swap",
            Fence::Cpus => "a processor limit",
            Fence::Pids => "a limit of processes",
            Fence::OpenFiles => "a limit of open files",
            Fence::FileSize => "a limit of file size",
            Fence::CoreSize => "a build without core files",
            Fence::Disk => "a limit of disk (it does not count all that a container writes)",
            Fence::Capabilities => "dropping all capabilities",
            Fence::NewPrivileges => "no-new-privileges",
            Fence::Seccomp => "a filter of system calls",
            Fence::User => "a user other than root",
            Fence::Network => "a container without network",
            Fence::Namespaces => "namespaces of its own for processes and memory",
            Fence::Devices => "a container without devices of the host",
            Fence::Mounts => "a container without host paths",
            Fence::Environment => "an environment without the host's variables",
        }
    }
}

/// What a container was to be.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The image.
    pub image: &'a Image,
    /// What it may use.
    pub limits: &'a Limits,
    /// Whether it has any network.
    pub network: bool,
}

/// The fences that the made container lacks; empty when all hold.
pub fn missing(kind: Kind, container: &Value, told: Told<'_>) -> Vec<Fence> {
    let Told { image, limits, network } = told;
    let host = container.get("HostConfig").unwrap_or(&Value::Null);
    let number = |name: &str| host.get(name).and_then(Value::as_i64).unwrap_or_default();
    let list = |of: &Value, name: &str| of.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let words = |name: &str| -> Vec<String> {
        list(host, name).iter().filter_map(|v| v.as_str().map(str::to_ascii_lowercase)).collect()
    };
    let nano = limits.cpus * 1e9;
    let (quota, period) = (number("CpuQuota"), number("CpuPeriod"));
    let by_quota = quota > 0 && period > 0 && (quota as f64 / period as f64 - limits.cpus).abs() < 0.01;
    let none_left = match kind {
        Kind::Docker => words("CapDrop").iter().any(|c| c == "all"),
        Kind::Podman => container
            .get("EffectiveCaps")
            .is_some_and(|caps| caps.is_null() || caps.as_array().is_some_and(Vec::is_empty)),
    };
    let unprivileged = !host.get("Privileged").and_then(Value::as_bool).unwrap_or_default();
    let limited = |name: &str, to: u64| {
        list(host, "Ulimits").iter().any(|u| {
            let found = u.get("Name").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
            let hard = u.get("Hard").and_then(Value::as_u64);
            found.trim_start_matches("rlimit_") == name && hard == Some(to)
        })
    };
    let config = container.get("Config").unwrap_or(&Value::Null);
    // A name without a value is one that was taken out; engines set the usual ones themselves (`container` is Podman's).
    let added = list(config, "Env").iter().any(|pair| {
        let (name, value) = pair.as_str().and_then(|pair| pair.split_once('=')).unwrap_or_default();
        let usual = ["", "PATH", "HOSTNAME", "HOME", "TERM", "container"].contains(&name);
        !usual && image.variable(name) != Some(value)
    });
    let (memory, mounts) = (i64::try_from(limits.memory).unwrap_or(i64::MAX), list(container, "Mounts"));
    let fences = [
        (Fence::Memory, number("Memory") == memory),
        (Fence::Swap, number("MemorySwap") == memory),
        (Fence::Cpus, (number("NanoCpus") as f64 - nano).abs() < 1e6 || by_quota),
        (Fence::Pids, number("PidsLimit") == i64::from(limits.pids)),
        (Fence::OpenFiles, limited("nofile", limits.open_files.into())),
        (Fence::FileSize, limited("fsize", limits.file_size)),
        (Fence::Capabilities, none_left && words("CapAdd").is_empty() && unprivileged),
        (Fence::NewPrivileges, words("SecurityOpt").iter().any(|o| o.starts_with("no-new-privileges"))),
        (Fence::User, config.get("User").and_then(Value::as_str) == Some(image.user().as_str())),
        (Fence::Network, network || host.get("NetworkMode").and_then(Value::as_str) == Some("none")),
        (Fence::Namespaces, ["PidMode", "IpcMode"].iter().all(|name| is_own(host.get(*name)))),
        (Fence::Devices, ["Devices", "DeviceRequests"].iter().all(|name| list(host, name).is_empty())),
        (Fence::Disk, !mounts.iter().any(is_volume)),
        (Fence::Mounts, mounts.iter().all(|mount| is_volume(mount) || is(mount, "tmpfs"))),
        (Fence::Environment, !added),
    ];
    fences.into_iter().filter_map(|(fence, holds)| (!holds).then_some(fence)).collect()
}

/// Whether a namespace is the container's alone, as either engine spells it.
fn is_own(mode: Option<&Value>) -> bool {
    ["", "private", "shareable"].contains(&mode.and_then(Value::as_str).unwrap_or_default())
}

/// A volume that the image asks for is as fresh as the container, but no engine counts what is written into it. What is
/// written into memory is counted as memory.
fn is_volume(mount: &Value) -> bool {
    is(mount, "volume")
}

fn is(mount: &Value, kind: &str) -> bool {
    mount.get("Type").and_then(Value::as_str) == Some(kind)
}

/// What is read inside: the kernel's own account of a process that was started like the build will be, and of the routes
/// that it has. Those of IPv6 come last, as a kernel without IPv6 has no such file.
pub const ACCOUNT: [&str; 5] =
    ["/bin/cat", "/proc/self/status", "/proc/self/limits", "/proc/self/net/route", "/proc/self/net/ipv6_route"];

/// The fences that a process inside lacks by the kernel's account.
pub fn missing_inside(account: &str, told: Told<'_>) -> Vec<Fence> {
    let limits = told.limits;
    let word = |name: &str, at: usize| {
        let line = account.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().nth(at)).unwrap_or_default()
    };
    let no_capability =
        ["CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"].iter().all(|name| u64::from_str_radix(word(name, 0), 16) == Ok(0));
    let fences = [
        (Fence::Capabilities, no_capability),
        (Fence::NewPrivileges, word("NoNewPrivs:", 0) == "1"),
        (Fence::Seccomp, word("Seccomp:", 0) == "2"),
        (Fence::User, word("Uid:", 0).parse::<u32>().is_ok_and(|user| user > 0)),
        // Soft, then hard: what a process may set itself is no limit.
        (Fence::OpenFiles, word("Max open files", 1) == limits.open_files.to_string()),
        (Fence::FileSize, word("Max file size", 1) == limits.file_size.to_string()),
        (Fence::CoreSize, word("Max core file size", 1) == "0"),
        (Fence::Network, told.network || leads_nowhere(account)),
    ];
    fences.into_iter().filter_map(|(fence, holds)| (!holds).then_some(fence)).collect()
}

/// Whether no route leaves the container. Devices tell less: some kernels put tunnels that are down into every namespace.
fn leads_nowhere(account: &str) -> bool {
    let mut lines = account.lines().skip_while(|line| !line.starts_with("Iface"));
    let is_read = lines.next().is_some();
    let is_loopback = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // IPv4 names the device first, IPv6 last.
        matches!(words.as_slice(), ["lo", rest @ ..] if rest.len() == 10)
            || matches!(words.as_slice(), [rest @ .., "lo"] if rest.len() == 9)
    };
    is_read && lines.all(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn limits() -> Limits {
        Limits { memory: 1024, cpus: 2.0, pids: 7, open_files: 9, file_size: 11, ..Limits::default() }
    }

    #[test]
    fn readers_expect_every_fence_that_is_stated() {
        assert_eq!(Fence::ALL.map(Fence::key), provenear_shared::provenance::FENCES);
    }

    #[test]
    fn a_dropped_limit_is_seen() {
        let image = Image::for_tests("x", "7:8");
        let made = json!({"HostConfig": {
            "Memory": 1024, "MemorySwap": 1024, "NanoCpus": 2_000_000_000_i64, "PidsLimit": 7, "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"], "Privileged": false, "NetworkMode": "none",
            "PidMode": "", "IpcMode": "private", "Devices": [], "DeviceRequests": null,
            "Ulimits": [{"Name": "nofile", "Hard": 9, "Soft": 9}, {"Name": "RLIMIT_FSIZE", "Hard": 11, "Soft": 11}]},
            "Config": {"User": "7:8", "Env": ["PATH=/bin", "HTTP_PROXY"]}, "Mounts": [{"Type": "tmpfs"}]});
        let limits = limits();
        let of = |made: &Value| missing(Kind::Docker, made, Told { image: &image, limits: &limits, network: false });
        assert_eq!(of(&made), []);
        for (pointer, value, fence) in [
            ("/HostConfig/Memory", json!(0), Fence::Memory),
            ("/HostConfig/MemorySwap", json!(-1), Fence::Swap),
            ("/HostConfig/NanoCpus", json!(0), Fence::Cpus),
            ("/HostConfig/PidsLimit", Value::Null, Fence::Pids),
            ("/HostConfig/CapDrop", json!([]), Fence::Capabilities),
            ("/HostConfig/Privileged", json!(true), Fence::Capabilities),
            ("/HostConfig/SecurityOpt", Value::Null, Fence::NewPrivileges),
            ("/HostConfig/NetworkMode", json!("bridge"), Fence::Network),
            ("/HostConfig/Ulimits/0/Hard", json!(1000), Fence::OpenFiles),
            ("/HostConfig/Ulimits/1/Name", json!("core"), Fence::FileSize),
            ("/Config/User", json!(""), Fence::User),
            ("/Config/Env/1", json!("HTTP_PROXY=http://u:p@h"), Fence::Environment),
            ("/Mounts/0/Type", json!("bind"), Fence::Mounts),
            ("/Mounts/0/Type", json!("volume"), Fence::Disk),
            ("/HostConfig/PidMode", json!("host"), Fence::Namespaces),
            ("/HostConfig/IpcMode", json!("container:x"), Fence::Namespaces),
            ("/HostConfig/Devices", json!([{"PathOnHost": "/dev/kvm"}]), Fence::Devices),
            ("/HostConfig/DeviceRequests", json!([{"Driver": "nvidia"}]), Fence::Devices),
        ] {
            let mut made = made.clone();
            *made.pointer_mut(pointer).unwrap() = value;
            assert_eq!(of(&made), [fence], "{pointer}");
        }
        let told = Told { image: &image, limits: &limits, network: true };
        assert!(!missing(Kind::Docker, &json!({}), told).contains(&Fence::Network));
    }

    /// A fence that nobody looks at would be said to hold; `Disk` is also looked at by asking what was written.
    #[test]
    fn every_fence_is_read_back_somewhere() {
        let (image, limits) = (Image::for_tests("x", "7:8"), limits());
        let told = Told { image: &image, limits: &limits, network: false };
        let bare = json!({"HostConfig": {"PidMode": "host", "Devices": [{}]}, "Mounts": [{}, {"Type": "volume"}], "Config": {"Env": ["A=b"]}});
        let mut all = missing(Kind::Docker, &bare, told);
        all.extend(missing_inside("", told));
        let unread: Vec<Fence> = Fence::ALL.into_iter().filter(|fence| !all.contains(fence)).collect();
        assert_eq!(unread, []);
        let document = include_str!("../../../docs/manifest.md");
        let missing = Fence::ALL.into_iter().find(|fence| !document.contains(&format!("`{}`", fence.key())));
        assert_eq!(missing, None, "in no line of the document");
    }

    #[test]
    fn the_kernel_has_the_last_word() {
        let honest = "Uid:\t1000\t1000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n\
            CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nMax file size             11       11       bytes\n\
            Max open files            9        9        files\nMax core file size  0  0  bytes\n\
            Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n\
            00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 \
            00000000 00000001 00000000 80200001       lo\n";
        let (image, limits) = (Image::for_tests("x", "7:8"), limits());
        let told = |network| Told { image: &image, limits: &limits, network };
        let of = |account: &str| missing_inside(account, told(false));
        assert_eq!(of(honest), []);
        for (from, to, fence) in [
            ("CapBnd:\t0000000000000000", "CapBnd:\t00000000a80425fb", Fence::Capabilities),
            ("NoNewPrivs:\t1", "NoNewPrivs:\t0", Fence::NewPrivileges),
            ("Seccomp:\t2", "Seccomp:\t0", Fence::Seccomp),
            ("Seccomp:\t2\n", "", Fence::Seccomp),
            ("Uid:\t1000", "Uid:\t0", Fence::User),
            ("9        9 ", "9        1048576 ", Fence::OpenFiles),
            ("11       11 ", "unlimited unlimited ", Fence::FileSize),
            ("size  0  0 ", "size  0  unlimited ", Fence::CoreSize),
            ("IRTT   \n", "IRTT   \neth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", Fence::Network),
            ("IRTT   \n", "IRTT   \neth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n", Fence::Network),
            ("       lo\n", "     eth0\n", Fence::Network),
            ("Iface", "", Fence::Network),
        ] {
            assert_eq!(of(&honest.replace(from, to)), [fence], "{from}");
        }
        assert_eq!(missing_inside(&honest.replace("       lo\n", "     eth0\n"), told(true)), []);
        assert_eq!(of("").len(), 8);
    }
}
