//! The reader's circumstances: screen, system, network, what their browser lacks and what it complains about. Each kind of
//! browser has its own way to them.

use anyhow::Result;
use serde_json::json;

use super::{Browser, Kind};

/// What the reader's system prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

impl Scheme {
    /// CSS's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        }
    }
}

/// What a browser may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// JavaScript.
    Scripts,
    /// WebAssembly.
    WebAssembly,
}

impl Browser {
    /// As for a reader whose system prefers this scheme.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn scheme(&self, scheme: Scheme) -> Result<()> {
        match self.kind {
            Kind::Chromium => self.emulate_media(scheme, "no-preference"),
            Kind::Firefox => self.prefer(scheme),
        }
    }

    /// As for a reader who has asked for less motion.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn less_motion(&self) -> Result<()> {
        match self.kind {
            Kind::Chromium => self.emulate_media(Scheme::Light, "reduce"),
            Kind::Firefox => self.behind("Services.prefs.setIntPref('ui.prefersReducedMotion', 1)", vec![]).map(drop),
        }
    }

    /// As on a screen of this size, in CSS pixels; `None` is the window again.
    ///
    /// # Errors
    /// When the browser refuses it, or has not become so wide.
    pub fn viewport(&self, size: Option<(u32, u32)>) -> Result<()> {
        match (self.kind, size) {
            (Kind::Chromium, Some((width, height))) => {
                let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
                self.devtools("Emulation.setDeviceMetricsOverride", size)?;
            }
            (Kind::Chromium, None) => drop(self.devtools("Emulation.clearDeviceMetricsOverride", json!({}))?),
            (Kind::Firefox, size) => self.resize_tab(size)?,
        }
        let Some((width, height)) = size else { return Ok(()) };
        let is = "return innerWidth === arguments[0] && innerHeight === arguments[1]";
        self.until(&format!("a screen of {width} by {height} px"), is, &[json!(width), json!(height)])
    }

    /// As one that lacks this, from the next page on.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn lacks(&self, feature: Feature) -> Result<()> {
        let preference = |name: &str| self.behind("Services.prefs.setBoolPref(arguments[0], false)", vec![json!(name)]);
        match (self.kind, feature) {
            (Kind::Chromium, Feature::Scripts) => {
                self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true }))
            }
            (Kind::Chromium, Feature::WebAssembly) => {
                let gone = json!({ "source": "delete globalThis.WebAssembly" });
                self.devtools("Page.addScriptToEvaluateOnNewDocument", gone)
            }
            (Kind::Firefox, Feature::Scripts) => preference("javascript.enabled"),
            (Kind::Firefox, Feature::WebAssembly) => preference("javascript.options.wasm"),
        }
        .map(drop)
    }

    /// Without any network from here on, not even this machine's.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn offline(&self) -> Result<()> {
        match self.kind {
            Kind::Chromium => {
                self.devtools("Network.enable", json!({}))?;
                let none = json!({ "offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0 });
                self.devtools("Network.emulateNetworkConditions", none).map(drop)
            }
            Kind::Firefox => self.behind("Services.io.offline = true", vec![]).map(drop),
        }
    }

    /// Warnings and errors of the console since the last time, violations of the Content-Security-Policy included.
    ///
    /// # Errors
    /// When the browser fails.
    pub fn complaints(&self) -> Result<Vec<String>> {
        match self.kind {
            Kind::Chromium => self.chromium_complaints(),
            Kind::Firefox => self.firefox_complaints(),
        }
    }
}
