//! The browsers that the suites drive: what is installed already, under whichever name.

use crate::run;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// The path of Chromium or Chrome, if there is one.
pub(crate) fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].into_iter().find_map(run::find_program)
}

/// The path of its WebDriver, if there is one.
pub(crate) fn chromedriver() -> Option<PathBuf> {
    run::find_program("chromedriver")
}

/// The path of Firefox, if there is one.
pub(crate) fn firefox() -> Option<PathBuf> {
    ["firefox-esr", "firefox"].into_iter().find_map(run::find_program)
}

/// Chromium and its WebDriver, after the packages were installed.
///
/// # Errors
/// When one is missing.
pub(crate) fn both() -> Result<(PathBuf, PathBuf)> {
    let chromium = chromium().context("neither `chromium` nor `google-chrome` is on PATH")?;
    Ok((chromium, chromedriver().context("`chromedriver` is not on PATH")?))
}
