//! Programs that run beside us and end with us, however we end.

use crate::run;
use anyhow::{Context, Result, bail};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What runs, in the order in which it was started.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Ends everything on Ctrl-C and SIGTERM: what was started last first, for it may need what was started before it.
///
/// # Errors
/// When the signals cannot be listened to.
pub(crate) fn end_on_signals() -> Result<()> {
    let end = || {
        eprintln!();
        run::say("stopping what was started");
        let running = RUNNING.lock().map(|running| running.clone()).unwrap_or_default();
        for pid in running.into_iter().rev() {
            terminate(pid);
            let since = Instant::now();
            while runs(pid) && since.elapsed() < Duration::from_secs(30) {
                thread::sleep(Duration::from_millis(50));
            }
        }
        std::process::exit(130);
    };
    ctrlc::set_handler(end).context("failed to listen to signals")
}

/// Says that a process runs, for as long as this is held.
pub(crate) struct Running(u32);

impl Running {
    /// Of a child that was just started.
    pub(crate) fn new(pid: u32) -> Running {
        if let Ok(mut running) = RUNNING.lock() {
            running.push(pid);
        }
        Running(pid)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(mut running) = RUNNING.lock() {
            running.retain(|pid| *pid != self.0);
        }
    }
}

/// A running program. Dropping it asks the program to end and waits for that.
pub(crate) struct Service {
    running: Running,
    waiting: Option<JoinHandle<()>>,
}

impl Service {
    /// Starts `program` with `args`, its output in `target/setup/<name>.log`, and waits until `ready`.
    ///
    /// # Errors
    /// When it cannot be started, ends at once, or is not ready in time.
    pub(crate) fn start(name: &str, argv: &[String], patience: Duration, ready: impl Fn() -> bool) -> Result<Self> {
        let (path, log) = run::log(name)?;
        // The kernel ends the program when the thread that started it ends, that is also when we are killed.
        let mut words = match run::find_program("setpriv") {
            Some(_) => ["setpriv", "--pdeathsig", "TERM", "--"].map(String::from).to_vec(),
            None => Vec::new(),
        };
        words.extend_from_slice(argv);
        let mut command: Command = run::argv(&words);
        // A group of its own: Ctrl-C at the terminal is for us, and a daemon must outlive those that clean up with it.
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let (sender, receiver) = mpsc::channel();
        let waiting = thread::spawn(move || match command.spawn() {
            Ok(mut child) => {
                let _ = sender.send(Ok(child.id()));
                let _ = child.wait();
            }
            Err(error) => drop(sender.send(Err(error))),
        });
        let pid = receiver.recv()?.with_context(|| format!("failed to start `{}`", argv[0]))?;
        let service = Service { running: Running::new(pid), waiting: Some(waiting) };
        let since = Instant::now();
        while !ready() {
            if service.waiting.as_ref().is_none_or(JoinHandle::is_finished) {
                bail!("`{name}` ended at once, see `{}`\n{}", path.display(), run::tail(&path));
            }
            if since.elapsed() > patience {
                bail!(
                    "`{name}` is not ready after {} s, see `{}`\n{}",
                    patience.as_secs(),
                    path.display(),
                    run::tail(&path)
                );
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(service)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        terminate(self.running.0);
        if let Some(waiting) = self.waiting.take() {
            let _ = waiting.join();
        }
    }
}

fn terminate(pid: u32) {
    run::succeeds(Command::new("kill").args(["-TERM", &pid.to_string()]).process_group(0));
}

fn runs(pid: u32) -> bool {
    run::succeeds(Command::new("kill").args(["-0", &pid.to_string()]).process_group(0))
}
