//! The two programs behind a browser of a test: its WebDriver, and the proxy that is its only way out of loopback.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};

use crate::http::{Response, Server};

/// A running WebDriver; it ends when this is dropped.
pub(super) struct Driver {
    program: Child,
    /// Where it listens, on loopback.
    pub(super) port: u16,
}

impl Driver {
    /// Starts one that says its port after `announcement`.
    ///
    /// # Errors
    /// When it does not start, or says no port.
    pub(super) fn start(program: &Path, args: &[&str], announcement: &str) -> Result<Driver> {
        let named = || format!("failed to start `{}`", program.display());
        let mut command = Command::new(program);
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = Driver { program: command.spawn().with_context(named)?, port: 0 };
        let output = driver.program.stdout.take().context("the driver's output was asked for")?;
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines.by_ref().find_map(|line| line.split_once(announcement).map(|(_, port)| port.to_owned()));
        let port = port.with_context(named)?;
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
        driver.port = digits.parse().context("a driver names its port")?;
        Ok(driver)
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
