//! A headless Chromium with a fresh profile, driven as a person drives it. What it wants from any host but loopback ends
//! at a proxy of ours, which writes it down and refuses it: the browser, its Workers included, has no other way out.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fantoccini::elements::Element;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::ground::Ground;
use crate::http::{Response, Server};

/// How long is waited for anything; a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// What Debian's Chromium asks by itself, whatever page is open: updates, accounts, its first page. Its flags do not
/// silence all of it.
const ITS_OWN: [&str; 4] =
    ["clients2.google.com", "start.duckduckgo.com", "update.googleapis.com", "accounts.google.com"];

/// A running browser; it ends when this is dropped.
pub struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    driver: Child,
    _proxy: Server,
    wanted: Arc<Mutex<Vec<String>>>,
    _profile: TempDir,
}

impl Browser {
    /// Starts one.
    ///
    /// # Errors
    /// When the set-up has not run, or driver or browser do not start.
    pub fn start() -> Result<Browser> {
        let ground = Ground::read()?;
        let profile = tempfile::tempdir()?;
        let wanted = Arc::<Mutex<Vec<String>>>::default();
        let log = wanted.clone();
        let proxy = Server::start(0, move |request| {
            let host = request.header("host").unwrap_or("?").to_owned();
            log.lock().expect("no holder of this lock panics").push(host);
            Response::new(502, "text/plain", "nothing leaves this machine").into()
        })?;
        let mut driver = Command::new(&ground.browsers.chromedriver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("failed to start chromedriver")?;
        let port = match port(&mut driver) {
            Ok(port) => port,
            Err(error) => {
                // Both fail only for a driver that has ended by itself.
                let _ = driver.kill().and_then(|()| driver.wait().map(drop));
                return Err(error);
            }
        };
        let args = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-default-apps".to_owned(),
            "--disable-extensions".to_owned(),
            "--disable-client-side-phishing-detection".to_owned(),
            "--disable-domain-reliability".to_owned(),
            "--no-default-browser-check".to_owned(),
            "--no-pings".to_owned(),
            "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication".to_owned(),
            "--window-size=1280,1000".to_owned(),
            format!("--proxy-server=http://127.0.0.1:{}", proxy.port()),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let capabilities: Capabilities = serde_json::from_value(json!({
            "goog:chromeOptions": { "binary": ground.browsers.chromium, "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        }))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        let client = runtime.block_on(builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")));
        let mut browser = Browser { runtime, client: None, driver, _proxy: proxy, wanted, _profile: profile };
        browser.client = Some(client.context("failed to start chromium")?);
        Ok(browser)
    }

    /// Every host but loopback and [`ITS_OWN`] that anything in the browser wanted to reach, in order.
    pub fn wanted_elsewhere(&self) -> Vec<String> {
        let wanted = self.wanted.lock().expect("no holder of this lock panics");
        let is_its_own = |host: &&String| ITS_OWN.contains(&host.split(':').next().unwrap_or_default());
        wanted.iter().filter(|host| !is_its_own(host)).cloned().collect()
    }

    /// Opens an address as if it had been typed, from an empty page.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn open(&self, url: &str) -> Result<()> {
        self.run(async |client| {
            // From the same document, a new fragment would not load the page anew.
            client.goto("about:blank").await?;
            client.goto(url).await
        })
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// When it does not come.
    pub fn find(&self, css: &str) -> Result<Element> {
        let found = self.run(async |client| client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await);
        found.with_context(|| {
            format!("`{css}` did not appear; the page says: {}", self.text("body").unwrap_or_default())
        })
    }

    /// Waits for an element and clicks it.
    ///
    /// # Errors
    /// When it does not come or takes no click.
    pub fn click(&self, css: &str) -> Result<()> {
        let element = self.find(css)?;
        self.run(async |_| element.click().await).with_context(|| format!("`{css}` takes no click"))
    }

    /// Types into a field, after what stands there.
    ///
    /// # Errors
    /// When the field does not come or takes no keys.
    pub fn fill(&self, css: &str, text: &str) -> Result<()> {
        let element = self.find(css)?;
        self.run(async |_| element.send_keys(text).await).with_context(|| format!("`{css}` takes no keys"))
    }

    /// Pastes into a field, in place of what stands there: as typing, but at once.
    ///
    /// # Errors
    /// When the field does not come.
    pub fn paste(&self, css: &str, text: &str) -> Result<()> {
        self.find(css)?;
        let script = "const [css, text] = arguments; const field = document.querySelector(css); field.focus(); \
                      field.value = text; field.dispatchEvent(new InputEvent('input', { bubbles: true }));";
        self.script(script, vec![json!(css), json!(text)]).map(drop)
    }

    /// Gives a file to a picker.
    ///
    /// # Errors
    /// When the picker does not come.
    pub fn pick(&self, css: &str, file: &Path) -> Result<()> {
        self.fill(css, file.to_str().context("a temporary file has a name in UTF-8")?)
    }

    /// The visible text of the first element, or nothing where there is none.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn text(&self, css: &str) -> Result<String> {
        let text = self.script("return document.querySelector(arguments[0])?.innerText ?? ''", vec![json!(css)])?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute of every element that matches.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn attributes(&self, css: &str, name: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(it => it.getAttribute(arguments[1]))";
        Ok(serde_json::from_value(self.script(script, vec![json!(css), json!(name)])?)?)
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When it throws.
    pub fn script(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        self.run(async |client| client.execute(script, args).await)
    }

    /// Waits until a script gives true.
    ///
    /// # Errors
    /// When it does not within the time.
    pub fn until(&self, what: &str, script: &str, args: &[Value]) -> Result<()> {
        let start = Instant::now();
        while self.script(script, args.to_vec())? != json!(true) {
            if start.elapsed() > PATIENCE {
                bail!("{what} did not happen; the page says: {}", self.text("body")?);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// A picture of what is seen.
    ///
    /// # Errors
    /// When the browser fails or the file cannot be written.
    pub fn screenshot(&self, file: &Path) -> Result<()> {
        let png = self.run(async |client| client.screenshot().await)?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, png).with_context(|| format!("failed to write `{}`", file.display()))
    }

    /// A command of Chromium's own protocol, such as `Emulation.setDeviceMetricsOverride`.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn devtools(&self, command: &str, params: Value) -> Result<Value> {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": params }))
    }

    /// Warnings and errors of the console since the last time, violations of the Content-Security-Policy included.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn complaints(&self) -> Result<Vec<String>> {
        let entries = self.post("se/log", json!({ "type": "browser" }))?;
        let grave = |entry: &&Value| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING"));
        let said = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        Ok(entries.as_array().into_iter().flatten().filter(grave).map(said).collect())
    }

    fn post(&self, path: &'static str, body: Value) -> Result<Value> {
        self.run(async |client| client.issue_cmd(Post(path, body)).await)
    }

    fn run<T, E: std::error::Error + Send + Sync + 'static>(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<T, E>,
    ) -> Result<T> {
        let client = self.client.as_ref().context("the browser was started")?;
        Ok(self.runtime.block_on(work(client))?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            // A browser that has crashed cannot be closed; its driver is ended all the same.
            let _ = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, client.close()).await });
        }
        // Fails for a driver that has ended by itself.
        let _ = self.driver.kill().and_then(|()| self.driver.wait().map(drop));
    }
}

/// The port that the driver says it listens on.
fn port(driver: &mut Child) -> Result<u16> {
    let output = driver.stdout.take().context("the driver's output was asked for")?;
    let mut lines = BufReader::new(output).lines();
    let line = lines.by_ref().find_map(|line| line.ok().filter(|line| line.contains("started successfully on port")));
    let port = line.context("chromedriver did not start")?;
    let digits: String = port.rsplit("port ").next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    // Whatever it says later must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    digits.parse().context("chromedriver names its port")
}

/// A command that WebDriver itself does not know: a path below the session, and a body.
#[derive(Debug)]
struct Post(&'static str, Value);

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}
