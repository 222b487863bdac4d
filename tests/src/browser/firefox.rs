//! Firefox: how it is started, and what is asked of the browser behind the page, which WebDriver opens to tests.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Browser, Scheme};
use crate::ground::Browsers;

/// What it asks by itself, whatever page is open: its settings. No preference silences all of it.
pub(super) const ITS_OWN: [&str; 4] = [
    "firefox.settings.services.mozilla.com",
    "content-signature-2.cdn.mozilla.net",
    "firefox-settings-attachments.cdn.mozilla.net",
    "detectportal.firefox.com",
];

/// What is asked of its WebDriver, which makes and removes a profile of its own.
pub(super) fn capabilities(browsers: &Browsers, proxy: u16) -> Value {
    let prefs = json!({
        // Loopback is never sent through a proxy.
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": proxy,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": proxy,
        // Without a network, this machine is none either.
        "network.disable-localhost-when-offline": true,
        // Names that a proxy asks for are not looked up here.
        "network.dns.disablePrefetch": true,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        // What a tab leaves behind when it goes elsewhere may still run, and Firefox would end it in the middle of a call into
        // the program, whose next call then finds its closure in use: "closure invoked recursively or after being dropped".
        "dom.abort_script_on_child_shutdown": false,
    });
    let args = ["-headless", "--width=1280", "--height=1000"];
    json!({ "moz:firefoxOptions": { "binary": browsers.firefox, "args": args, "prefs": prefs } })
}

impl Browser {
    /// Runs a script in the browser itself, where its preferences and its console are.
    pub(super) fn behind(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        self.post("moz/context", json!({ "context": "chrome" }))?;
        let answer = self.script(script, args);
        self.post("moz/context", json!({ "context": "content" }))?;
        answer
    }

    /// A scheme for this tab alone.
    pub(super) fn prefer(&self, scheme: Scheme) -> Result<()> {
        let script = "gBrowser.selectedBrowser.browsingContext.prefersColorSchemeOverride = arguments[0]";
        self.behind(script, vec![json!(scheme.word())]).map(drop)
    }

    /// The tab's own size: no window is narrower than 500 px. None: as large as the window.
    pub(super) fn resize_tab(&self, size: Option<(u32, u32)>) -> Result<()> {
        let style = size.map_or_else(String::new, |(width, height)| {
            let (width, height) = (format!("{width}px"), format!("{height}px"));
            format!("width:{width};min-width:{width};max-width:{width};height:{height};min-height:{height};max-height:{height}")
        });
        self.behind("gBrowser.selectedBrowser.style.cssText = arguments[0]", vec![json!(style)]).map(drop)
    }

    /// What stands in its console of our pages, since the last time: errors of scripts, violations of policies, failed
    /// loads. What a page says by `console.error` is kept elsewhere, and not heard.
    pub(super) fn firefox_complaints(&self) -> Result<Vec<String>> {
        let script = "const errors = Services.console.getMessageArray().filter(it => it instanceof Ci.nsIScriptError); \
             Services.console.reset(); \
             const foreign = it => /^(chrome|resource|moz-[a-z]+|about|data):/.test(it.sourceName); \
             return errors.filter(it => !foreign(it)).map(it => `${it.sourceName} ${it.errorMessage}`)";
        Ok(serde_json::from_value(self.behind(script, vec![])?)?)
    }
}
