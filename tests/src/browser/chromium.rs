//! Chromium: how it is started, and what only its own protocol can do.

use anyhow::{Context, Result, bail};
use fantoccini::Client;
use serde_json::{Value, json};

use super::{Browser, Kind, Scheme};
use crate::ground::Browsers;

/// What Debian's Chromium asks by itself, whatever page is open: updates, accounts, its first page. Its flags do not
/// silence all of it.
pub(super) const ITS_OWN: [&str; 5] = [
    "clients2.google.com",
    "start.duckduckgo.com",
    "update.googleapis.com",
    "accounts.google.com",
    "redirector.gvt1.com",
];

/// What is asked of its WebDriver.
pub(super) fn capabilities(browsers: &Browsers, proxy: u16, profile: &std::path::Path) -> Value {
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
        format!("--proxy-server=http://127.0.0.1:{proxy}"),
        format!("--user-data-dir={}", profile.display()),
    ];
    json!({
        "goog:chromeOptions": { "binary": browsers.chromium, "args": args },
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

impl Browser {
    /// A command of Chromium's own protocol, such as `Page.addScriptToEvaluateOnNewDocument`.
    ///
    /// # Errors
    /// When the browser refuses it, or is another one.
    pub fn devtools(&self, command: &str, params: Value) -> Result<Value> {
        match self.kind {
            Kind::Chromium => self.post("goog/cdp/execute", json!({ "cmd": command, "params": params })),
            Kind::Firefox => bail!("Firefox does not know Chromium's `{command}`"),
        }
    }

    /// The port on which Chromium's own protocol is spoken, for programs that speak it.
    ///
    /// # Errors
    /// When the browser is another one.
    pub fn debugger(&self) -> Result<u16> {
        let capabilities = self.client.as_ref().and_then(Client::capabilities);
        let options = capabilities.and_then(|all| all.get("goog:chromeOptions"));
        let address = options.and_then(|options| options["debuggerAddress"].as_str()).unwrap_or_default();
        let port = address.rsplit(':').next().and_then(|port| port.parse().ok());
        port.with_context(|| format!("{:?} names no port of Chromium's protocol", self.kind))
    }

    /// Chromium's media features, all at once.
    pub(super) fn emulate_media(&self, scheme: Scheme, motion: &str) -> Result<()> {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme.word() },
            { "name": "prefers-reduced-motion", "value": motion },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).map(drop)
    }

    /// What stands in its console since the last time.
    pub(super) fn chromium_complaints(&self) -> Result<Vec<String>> {
        let entries = self.post("se/log", json!({ "type": "browser" }))?;
        let grave = |entry: &&Value| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING"));
        let said = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        Ok(entries.as_array().into_iter().flatten().filter(grave).map(said).collect())
    }
}
