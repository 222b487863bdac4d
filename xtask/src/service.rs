//! A program that runs beside us and ends with us, however we end.

use crate::run;
use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A running program. Dropping it asks the program to end and waits for that.
pub(crate) struct Service {
    pid: u32,
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
        let mut words = match run::found("setpriv") {
            Some(_) => ["setpriv", "--pdeathsig", "TERM", "--"].map(String::from).to_vec(),
            None => Vec::new(),
        };
        words.extend_from_slice(argv);
        let mut command: Command = run::argv(&words);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let (sender, receiver) = mpsc::channel();
        let waiting = thread::spawn(move || match command.spawn() {
            Ok(mut child) => {
                let _ = sender.send(Ok(child.id()));
                let _ = child.wait();
            }
            Err(error) => drop(sender.send(Err(error))),
        });
        let pid = receiver.recv()?.with_context(|| format!("failed to start `{}`", argv[0]))?;
        let service = Service { pid, waiting: Some(waiting) };
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
        run::succeeds(Command::new("kill").args(["-TERM", &self.pid.to_string()]));
        if let Some(waiting) = self.waiting.take() {
            let _ = waiting.join();
        }
    }
}
