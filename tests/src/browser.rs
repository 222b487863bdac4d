//! A headless browser with a fresh profile, driven as a person drives it. What it wants from any host but loopback ends
//! at a proxy of ours, which writes it down and refuses it: the browser, its Workers included, has no other way out.
//! Not here: the reader's screen, system and browser (`circumstances`), how each kind is started (`chromium`, `firefox`).

mod chromium;
mod circumstances;
mod driver;
mod firefox;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
pub use circumstances::{Feature, Scheme};
use driver::{Driver, Gate};
use fantoccini::elements::Element;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::ground::Ground;

/// How long is waited for anything; a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whose browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium or Chrome.
    Chromium,
    /// Firefox.
    Firefox,
}

/// A running browser; it ends when this is dropped.
pub struct Browser {
    kind: Kind,
    runtime: Runtime,
    client: Option<Client>,
    gate: Gate,
    // Dropped in this order, after the session was closed.
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Starts one.
    ///
    /// # Errors
    /// When the set-up has not run, or driver or browser do not start.
    pub fn start(kind: Kind) -> Result<Browser> {
        let browsers = Ground::read()?.browsers;
        let profile = tempfile::tempdir()?;
        let gate = Gate::start()?;
        let (driver, capabilities) = match kind {
            Kind::Chromium => (
                Driver::start(&browsers.chromedriver, &["--port=0"], "started successfully on port ")?,
                chromium::capabilities(&browsers, gate.port(), profile.path()),
            ),
            Kind::Firefox => {
                let program = browsers.geckodriver.as_deref().context("there is no Firefox: run `cargo xtask test`")?;
                let root = profile.path().to_str().context("a temporary folder has a name in UTF-8")?;
                let args = ["--port=0", "--websocket-port=0", "--allow-system-access", "--profile-root", root];
                let driver = Driver::start(program, &args, "Listening on 127.0.0.1:")?;
                (driver, firefox::capabilities(&browsers, gate.port()))
            }
        };
        let capabilities: Capabilities = serde_json::from_value(capabilities)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        let address = format!("http://127.0.0.1:{}", driver.port);
        let client = runtime.block_on(builder.capabilities(capabilities).connect(&address));
        let client = Some(client.with_context(|| format!("failed to start {kind:?}"))?);
        Ok(Browser { kind, runtime, client, gate, _driver: driver, _profile: profile })
    }

    /// Whose browser it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Every host but loopback that anything in the browser wanted to reach, in order, without what it asks by itself.
    pub fn wanted_elsewhere(&self) -> Vec<String> {
        self.gate.wanted(match self.kind {
            Kind::Chromium => &chromium::ITS_OWN,
            Kind::Firefox => &firefox::ITS_OWN,
        })
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

    /// Waits until an element is to be seen, and clicks it.
    ///
    /// # Errors
    /// When it does not come or takes no click.
    pub fn click(&self, css: &str) -> Result<()> {
        let element = self.find(css)?;
        let seen = "return document.querySelector(arguments[0])?.checkVisibility() === true";
        self.until(&format!("`{css}` in sight"), seen, &[json!(css)])?;
        self.run(async |_| element.click().await).with_context(|| format!("`{css}` takes no click"))
    }

    /// Goes into a frame: from here on, everything else is about what is in it.
    ///
    /// # Errors
    /// When there is no such frame.
    pub fn enter_frame(&self, css: &str) -> Result<()> {
        let frame = self.find(css)?;
        self.run(async |_| frame.enter_frame().await)
    }

    /// How many elements match, without a script of the page's.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn count(&self, css: &str) -> Result<usize> {
        self.run(async |client| client.find_all(Locator::Css(css)).await).map(|found| found.len())
    }

    /// Types into a field, after what stands there.
    ///
    /// # Errors
    /// When the field does not come or takes no keys.
    pub fn fill(&self, css: &str, text: &str) -> Result<()> {
        let element = self.find(css)?;
        self.run(async |_| element.send_keys(text).await).with_context(|| format!("`{css}` takes no keys"))
    }

    /// Presses keys, wherever the focus is: `\u{e004}` is Tab, `\u{e007}` Enter (WebDriver, keyboard actions).
    ///
    /// # Errors
    /// When the browser fails.
    pub fn press(&self, keys: &str) -> Result<()> {
        self.run(async |client| client.active_element().await?.send_keys(keys).await)
    }

    /// One step back in the history, as by the button.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn back(&self) -> Result<()> {
        self.run(async |client| client.back().await)
    }

    /// One step forward.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn forward(&self) -> Result<()> {
        self.run(async |client| client.forward().await)
    }

    /// Loads the same address anew.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn reload(&self) -> Result<()> {
        self.run(async |client| client.refresh().await)
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

    /// The text of an element as WebDriver sees it, which needs no script of the page's.
    ///
    /// # Errors
    /// When there is none.
    pub fn seen(&self, css: &str) -> Result<String> {
        self.run(async |client| client.find(Locator::Css(css)).await?.text().await)
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

    /// Runs a script in the page that gives its answer to its last argument, a function.
    ///
    /// # Errors
    /// When it throws, or gives none in 30 s.
    pub fn script_async(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        self.run(async |client| client.execute_async(script, args).await)
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

    /// What a printer would be given: a PDF.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn print(&self) -> Result<Vec<u8>> {
        let paper = self.post("print", json!({}))?;
        let encoded = paper.as_str().context("the browser gives a PDF in base64")?;
        Ok(base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded)?)
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
    }
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
