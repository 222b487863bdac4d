//! Whose container (or folder) something is: this machine, this process, started at this time. What belongs to a
//! process that is gone may be swept; what belongs to a living helper, or to another machine, may not.

use std::fmt;

use sha2::{Digest, Sha256};

/// A helper process, told apart from every other one: `<machine>.<pid>.<start time>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    machine: String,
    pid: u32,
    started: u64,
}

impl Owner {
    /// This process.
    pub fn current() -> Owner {
        let pid = std::process::id();
        Owner { machine: machine(), pid, started: start_time(pid).unwrap_or_default() }
    }

    /// From a label or a folder name.
    pub fn parse(text: &str) -> Option<Owner> {
        let mut parts = text.trim().split('.');
        let (machine, pid, started) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        parts.next().is_none().then(|| Owner { machine: machine.to_owned(), pid, started })
    }

    /// Whether it was a process of `us`'s machine that has ended.
    pub fn is_gone(&self, us: &Owner) -> bool {
        self.machine == us.machine && start_time(self.pid) != Some(self.started)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.machine, self.pid, self.started)
    }
}

/// The name of this machine, where the system tells it.
pub fn host() -> Option<String> {
    let name =
        std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::fs::read_to_string("/etc/hostname"));
    name.ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// This machine as far as process ids go: two helpers in two PID namespaces cannot judge one another.
/// The boot is left out, so that what was left before a restart is swept after it.
fn machine() -> String {
    let mut hash = Sha256::new();
    for path in ["/etc/machine-id", "/proc/sys/kernel/hostname"] {
        hash.update(std::fs::read(path).unwrap_or_default());
        hash.update([0]);
    }
    hash.update(std::fs::read_link("/proc/self/ns/pid").unwrap_or_default().as_os_str().as_encoded_bytes());
    hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// When a process was started, in clock ticks since boot (field 22 of `/proc/<pid>/stat`); `None` if it is gone.
#[cfg(target_os = "linux")]
fn start_time(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    if matches!(fields.first(), Some(&("Z" | "X"))) {
        return None;
    }
    fields.get(19)?.parse().ok()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn start_time(pid: u32) -> Option<u64> {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)?;
    rustix::process::test_kill_process(pid).is_ok().then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_alive_and_others_of_our_pid_are_not() {
        let us = Owner::current();
        assert_eq!(Owner::parse(&us.to_string()), Some(us.clone()));
        assert!(!us.is_gone(&us));
        let before = Owner { started: us.started + 1, ..us.clone() };
        assert!(before.is_gone(&us));
        let elsewhere = Owner { machine: "other".into(), ..before };
        assert!(!elsewhere.is_gone(&us));
    }

    #[test]
    fn a_process_that_ended_is_gone() {
        let us = Owner::current();
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let them = Owner { pid: child.id(), started: start_time(child.id()).unwrap(), ..us.clone() };
        assert!(!them.is_gone(&us));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(them.is_gone(&us));
    }

    #[test]
    fn what_is_not_a_label_is_not_read_as_one() {
        for text in ["", "a", "a.b.c", "a.1", "a.1.2.3", "a.-1.2"] {
            assert_eq!(Owner::parse(text), None, "{text}");
        }
    }
}
