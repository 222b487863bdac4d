//! The released page in headless Chromium, served under a sub-path, used as a person uses it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

#[path = "e2e_browser/compare.rs"]
mod compare;
#[path = "e2e_browser/files.rs"]
mod files;
#[path = "e2e_browser/links.rs"]
mod links;
#[path = "e2e_browser/looking.rs"]
mod looking;
#[path = "e2e_browser/rebuilders.rs"]
mod rebuilders;
#[path = "e2e_browser/proposals.rs"]
mod proposals;
#[path = "e2e_browser/records.rs"]
mod records;
#[path = "e2e_browser/reports.rs"]
mod reports;
#[path = "e2e_browser/screens.rs"]
mod screens;
#[path = "e2e_browser/sources.rs"]
mod sources;
#[path = "e2e_browser/still.rs"]
mod still;
#[path = "e2e_browser/verdicts.rs"]
mod verdicts;
#[path = "e2e_browser/visit.rs"]
mod visit;
