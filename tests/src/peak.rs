//! How much memory a program and everything that it starts take at their highest, by Linux' own account of each process.

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// What a program printed, and the most memory that it had.
pub struct Measured {
    /// What it printed, and how it ended.
    pub output: Output,
    /// Bytes: the sum of the highest that each of the processes which lived at one time had had by then.
    pub peak: u64,
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be started.
pub fn measure(mut command: Command) -> io::Result<Measured> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (pid, ended, peak) = (child.id(), AtomicBool::new(false), AtomicU64::new(0));
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::SeqCst) {
                peak.fetch_max(sum_memory(pid), Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let output = child.wait_with_output();
        ended.store(true, Ordering::SeqCst);
        output
    })?;
    Ok(Measured { output, peak: peak.into_inner() })
}

/// The sum over a process and its descendants.
fn sum_memory(root: u32) -> u64 {
    let mut processes: BTreeMap<u32, (u32, u64)> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let text = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let parent = field("PPid:").and_then(|parent| u32::try_from(parent).ok()).unwrap_or_default();
        processes.insert(pid, (parent, field("VmHWM:").unwrap_or_default() << 10));
    }
    let is_ours = |pid: u32| {
        let mut at = pid;
        while at != root {
            match processes.get(&at) {
                Some((parent, _)) if *parent != 0 => at = *parent,
                _ => return false,
            }
        }
        true
    };
    processes.iter().filter(|(pid, _)| is_ours(**pid)).map(|(_, (_, bytes))| bytes).sum()
}
