//! The native helper: rebuilds a contract in a container, signs the manifest, verifies those of others.
//!
//! Floors, and nothing imports from a higher one: the ground (`command` other programs · `files` ours · `edit` an author's · `signer` keys ·
//! `redact` what is never printed · `version` …) · `network` URLs and the first opening of `shared` · `engine` Docker or Podman ·
//! `source` a commit as a tar, and what its files tell · `project` an author's tree on this machine · `fetch` the dependencies ·
//! `args` what is typed · `look` question and report, with the second opening (`sandbox`) · `rebuild` from recipe to manifest ·
//! `probe` one tree built in several ways · `lint` what keeps a source from being rebuilt · `cmd` one file per subcommand.
//! Not here: any verdict (`shared::inspect` gives it).

pub mod args;
pub mod cmd;
pub mod command;
pub mod deadline;
pub mod edit;
pub mod engine;
pub mod failure;
pub mod fetch;
pub mod files;
pub mod interrupt;
pub mod lint;
pub mod look;
pub mod network;
pub mod owner;
pub mod probe;
pub mod progress;
pub mod project;
pub mod proxies;
pub mod rebuild;
pub mod redact;
pub mod signer;
pub mod source;
pub mod version;
