//! Headless Chromium through its WebDriver: just what the measures need.

use crate::Programs;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A browser with a profile of its own.
pub(crate) struct Browser {
    driver: Child,
    session: String,
    /// Where Chromium's own protocol is spoken.
    pub(crate) debugger: u16,
    agent: ureq::Agent,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(crate) fn start(programs: &Programs) -> Result<Browser> {
        let mut driver = Command::new(&programs.chromedriver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("failed to start `chromedriver`")?;
        let said = BufReader::new(driver.stdout.take().context("chromedriver has an output")?);
        let port = said.lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let profile = tempfile::tempdir()?;
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(90)));
        let base = format!("http://127.0.0.1:{}/session", port.context("chromedriver names no port")?);
        let mut browser =
            Browser { driver, session: base, debugger: 0, agent: config.build().into(), _profile: profile };
        let switches = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let mut switches = switches.map(str::to_owned).to_vec();
        switches.push(format!("--user-data-dir={}", browser._profile.path().display()));
        let options = json!({ "binary": programs.chromium, "args": switches });
        let made = browser
            .post("", &json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } }))
            .context("chromium does not start")?;
        let id = made["sessionId"].as_str().context("chromedriver names no session")?;
        let address = made["capabilities"]["goog:chromeOptions"]["debuggerAddress"].as_str().unwrap_or_default();
        let port = address.rsplit(':').next().and_then(|port| port.parse().ok());
        browser.debugger = port.context("chromedriver names no port of Chromium's protocol")?;
        browser.session = format!("{}/{id}", browser.session);
        Ok(browser)
    }

    /// Goes to `url` and waits until it is loaded.
    pub(crate) fn go(&self, url: &str) -> Result<()> {
        self.post("/url", &json!({ "url": url })).map(drop)
    }

    /// Runs the body of a function in the page.
    pub(crate) fn script(&self, body: &str) -> Result<Value> {
        self.post("/execute/sync", &json!({ "script": body, "args": [] }))
    }

    /// Waits until `body` returns something else than `null`.
    pub(crate) fn wait(&self, body: &str) -> Result<Value> {
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(60) {
            let value = self.script(body)?;
            if !value.is_null() {
                return Ok(value);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("nothing came of `{body}` in 60 s")
    }

    /// A command of the browser's own protocol.
    pub(crate) fn command(&self, name: &str, params: &Value) -> Result<Value> {
        self.post("/goog/cdp/execute", &json!({ "cmd": name, "params": params }))
    }

    /// Gives a file to the first picker that matches.
    pub(crate) fn pick(&self, css: &str, file: &Path) -> Result<()> {
        let found = self.post("/element", &json!({ "using": "css selector", "value": css }))?;
        let id = found.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
        let id = id.context("the page has no file picker")?;
        self.post(&format!("/element/{id}/value"), &json!({ "text": file })).map(drop)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.session);
        let request = self.agent.post(&url).header("content-type", "application/json");
        let mut response = request.send(serde_json::to_vec(body)?)?;
        let answer: Value = serde_json::from_str(&response.body_mut().read_to_string()?)?;
        match answer["value"]["error"].as_str() {
            Some(error) => bail!("chromedriver says `{error}`: {}", answer["value"]["message"]),
            None => Ok(answer["value"].clone()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A browser that is gone already cannot be asked to go.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
