//! The parts that a view is made of: each function draws one plain value of `shared` and decides nothing.
//! Foreign text goes into text nodes only, isolated by `<bdi>`; links are made by us and lead to https alone.

pub(crate) mod chain;
pub(crate) mod claim;
pub(crate) mod command;
pub(crate) mod deployment;
pub(crate) mod gradually;
pub(crate) mod hash;
pub(crate) mod holders;
pub(crate) mod intake;
pub(crate) mod linked;
pub(crate) mod manifests;
pub(crate) mod next;
pub(crate) mod place;
pub(crate) mod recipe;
pub(crate) mod strangers;
pub(crate) mod why;

/// A report as the Worker posted it, with the words that only the second program has.
pub(crate) fn read_report(given: &str) -> Option<provenear_shared::Report> {
    let mut report: provenear_shared::Report = serde_json::from_slice(given.as_bytes()).ok()?;
    report.fill_words();
    Some(report)
}
