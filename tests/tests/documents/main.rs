//! `docs/` against the code: what a document says of codes, exit codes and limits is what the code has.
//! `PROVENEAR_RECORD=1` writes the generated parts anew. Not here: the statement of
//! `docs/manifest.md` (`manifest_document`), links (`tidy`).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod architecture;
mod codes;
mod examples;
mod dependencies;
mod field;
mod guide;
mod hosting;
mod lint;
mod manifest;
mod options;
mod verdicts;

use provenear_tests::prose::{path, quoted, read, rows, section};
