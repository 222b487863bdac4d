//! Runs the programs that the set-up needs: found on PATH, logged to `target/setup`, shown only when they fail.

use anyhow::{Context, Result, anyhow, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
/// What took long so far: what it was, when it began, and for how long.
static PHASES: Mutex<Vec<(String, Duration, Duration)>> = Mutex::new(Vec::new());
/// The commands that are run and logged now; nothing once they were stopped.
static RUNNING: Mutex<Option<Vec<u32>>> = Mutex::new(Some(Vec::new()));
/// What is shorter is not worth a line at the end.
const NOTABLE: Duration = Duration::from_secs(5);

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// Where logs of the set-up go.
pub(crate) fn logs() -> PathBuf {
    target().join("setup")
}

/// The workspace's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// Says one thing to the person who waits, with the seconds since the start.
pub(crate) fn say(text: impl AsRef<str>) {
    eprintln!("[{:>4} s] {}", START.elapsed().as_secs(), text.as_ref());
}

/// Says what begins, does it, and keeps how long it took for [`say_phases`].
pub(crate) fn phase<T>(text: impl Into<String>, work: impl FnOnce() -> T) -> T {
    let text = text.into();
    say(&text);
    let (begun, start) = (START.elapsed(), Instant::now());
    let done = work();
    if let Ok(mut phases) = PHASES.lock() {
        phases.push((text, begun, start.elapsed()));
    }
    done
}

/// Prints what took long, in the order in which it began. Phases that ran at the same time overlap.
pub(crate) fn say_phases() {
    let Ok(mut phases) = PHASES.lock() else { return };
    phases.retain(|(_, _, took)| *took >= NOTABLE);
    phases.sort_by_key(|(_, begun, _)| *begun);
    for (text, begun, took) in phases.drain(..) {
        eprintln!("  from {:>5} s for {:>5} s: {text}", begun.as_secs(), took.as_secs());
    }
}

/// Finds the full path of `program`, if PATH has it.
pub(crate) fn find_program(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    // Debian keeps daemons where an ordinary user's PATH does not look.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A command of cargo in the workspace, without what `cargo run` said to us of this crate: ring's build script watches it, so that
/// ring and all that stands on it would be compiled anew whenever `cargo xtask` follows on `cargo`.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command.current_dir(workspace());
    command
}

/// A command from its argv.
pub(crate) fn argv<S: AsRef<std::ffi::OsStr>>(argv: &[S]) -> Command {
    let (program, args) = argv.split_first().expect("an argv has a program");
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// Whether `command` ends well; its output is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The standard output of `command`, trimmed.
///
/// # Errors
/// When it cannot be started or fails; the error carries what it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("failed to start `{}`", display(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed: {}", display(command), said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs `command` to its end with all output in `target/setup/<name>.log`.
///
/// # Errors
/// When it cannot be started or fails; the error carries the log's last lines.
pub(crate) fn run_logged(name: &str, command: &mut Command) -> Result<()> {
    let (path, log) = log(name)?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let status = wait(command).with_context(|| format!("failed to run `{}`", display(command)))?;
    if !status.success() {
        bail!("`{}` failed, see `{}`\n{}", display(command), path.display(), tail(&path));
    }
    Ok(())
}

/// Runs a command to its end, unless all are [stopped](stop).
fn wait(command: &mut Command) -> Result<ExitStatus> {
    let mut child = {
        let mut running = RUNNING.lock().map_err(|_| anyhow!("a thread panicked"))?;
        let running = running.as_mut().context("something else has failed")?;
        let child = command.spawn()?;
        running.push(child.id());
        child
    };
    let status = child.wait();
    if let Ok(mut running) = RUNNING.lock()
        && let Some(running) = running.as_mut()
    {
        running.retain(|pid| *pid != child.id());
    }
    Ok(status?)
}

/// Ends every command that is [run and logged](run_logged), and starts no other.
pub(crate) fn stop() {
    let running = RUNNING.lock().ok().and_then(|mut running| running.take());
    for pid in running.into_iter().flatten() {
        succeeds(&mut argv(&["kill", "-TERM", &pid.to_string()]));
    }
}

/// A fresh log file of that name.
pub(crate) fn log(name: &str) -> Result<(PathBuf, File)> {
    fs::create_dir_all(logs())?;
    let path = logs().join(format!("{name}.log"));
    let file = File::create(&path).with_context(|| format!("failed to write `{}`", path.display()))?;
    Ok((path, file))
}

/// The last lines of a log.
pub(crate) fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}

/// Writes `bytes` to a temporary name and renames it to `path`.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    let temporary = path.with_added_extension(format!("{}.tmp", std::process::id()));
    fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
    fs::write(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .with_context(|| format!("failed to write `{}`", path.display()))
}

fn display(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// No other test here runs and logs a command.
    #[test]
    fn a_command_that_is_stopped_does_not_keep_anybody_waiting() {
        let slow = std::thread::spawn(|| super::run_logged("slow", &mut super::argv(&["sleep", "600"])));
        while super::RUNNING.lock().unwrap().as_ref().is_none_or(Vec::is_empty) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        super::stop();
        assert!(slow.join().unwrap().is_err());
        assert!(super::run_logged("late", &mut super::argv(&["true"])).is_err());
    }

    #[test]
    fn cargo_hears_nothing_of_this_crate() {
        let command = super::cargo();
        let removed: BTreeSet<_> =
            command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"] {
            assert_eq!(removed.contains(std::ffi::OsStr::new(name)), std::env::var_os(name).is_some(), "{name}");
        }
    }
}
