//! Holds what `shared` says of nodes against nearcore's own crates of protocol 88: which host functions there are, how replies
//! are written, how requests are read. Not here: which modules a node takes (`cargo xtask differential`).
#![cfg(test)]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod host_functions;
mod replies;
mod requests;
