//! The native helper: rebuilds a contract in a container, signs the manifest, verifies those of others.
//!
//! Rooms: `args` what is typed · `cmd` one file per subcommand · `checkout` a commit as a tar · `engine` Docker or
//! Podman · `build` the phases of a rebuild · `signer` keys · `transport` and `sandbox` the two openings of `shared` ·
//! `report` what is printed, `redact` what never is. Not here: any verdict (`shared::inspect` gives it).

pub mod args;
pub mod build;
pub mod bundle;
pub mod by_hand;
pub mod cache;
pub mod checkout;
pub mod cmd;
pub mod command;
pub mod deadline;
pub mod download;
pub mod engine;
pub mod failure;
pub mod fetch;
pub mod files;
pub mod gitdeps;
pub mod interrupt;
pub mod locate;
pub mod lock;
pub mod make;
pub mod memory;
pub mod progress;
pub mod question;
pub mod redact;
pub mod report;
mod resolver;
pub mod sandbox;
pub mod signer;
pub mod statement;
pub mod transport;
