//! The two programs behind a browser of a test: its WebDriver, and the proxy that is its only way out of loopback.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};

use crate::http::{Response, Server};

/// How often a driver is started until it names a port.
const TRIES: usize = 4;

/// A running WebDriver; it ends when this is dropped.
pub(super) struct Driver {
    program: Child,
    /// Where it listens, on loopback.
    pub(super) port: u16,
}

impl Driver {
    /// Starts one that says its port after `announcement`. Tried again a few times: chromedriver takes any free port of IPv4,
    /// and ends if the same one is taken in IPv6.
    ///
    /// # Errors
    /// When it does not start, or says no port; with what it said instead.
    pub(super) fn start(program: &Path, args: &[&str], announcement: &str) -> Result<Driver> {
        let mut said = String::new();
        for _ in 0..TRIES {
            let mut command = Command::new(program);
            command.args(args).stdout(Stdio::piped()).stderr(Stdio::null());
            let child = command.spawn().with_context(|| format!("failed to start `{}`", program.display()))?;
            let mut driver = Driver { program: child, port: 0 };
            let output = driver.program.stdout.take().context("the driver's output was asked for")?;
            let mut lines = BufReader::new(output).lines().map_while(Result::ok);
            said.clear();
            for line in lines.by_ref() {
                if let Some((_, port)) = line.split_once(announcement) {
                    // Whatever it says later must not fill the pipe.
                    std::thread::spawn(move || lines.for_each(drop));
                    let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
                    driver.port = digits.parse().context("a driver names its port")?;
                    return Ok(driver);
                }
                said = format!("{said}{line}\n");
            }
        }
        bail!("`{}` names no port, but says:\n{said}", program.display())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Fails for a driver that has ended by itself.
        let _ = self.program.kill().and_then(|()| self.program.wait().map(drop));
    }
}

/// Writes down what a browser wants from any host but loopback, and refuses it.
pub(super) struct Gate {
    server: Server,
    wanted: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    pub(super) fn start() -> Result<Gate> {
        let wanted = Arc::<Mutex<Vec<String>>>::default();
        let log = wanted.clone();
        let server = Server::start(0, move |request| {
            let host = request.header("host").unwrap_or("?").to_owned();
            log.lock().expect("no holder of this lock panics").push(host);
            Response::new(502, "text/plain", "nothing leaves this machine").into()
        })?;
        Ok(Gate { server, wanted })
    }

    pub(super) fn port(&self) -> u16 {
        self.server.port()
    }

    /// The hosts so far, in order, without those that the browser asks by itself.
    pub(super) fn wanted(&self, its_own: &[&str]) -> Vec<String> {
        let wanted = self.wanted.lock().expect("no holder of this lock panics");
        let is_its_own = |host: &&String| its_own.contains(&host.split(':').next().unwrap_or_default());
        wanted.iter().filter(|host| !is_its_own(host)).cloned().collect()
    }
}
