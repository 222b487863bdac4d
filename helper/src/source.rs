//! The source of a contract: a claimed commit as one deterministic tar, and what its files tell when they are read and
//! never run. Not here: what is fetched besides (`fetch`), what a manifest says of it (`rebuild::statement`).

pub mod archive;
pub mod attributes;
pub mod cargo_config;
pub mod checkout;
pub mod conversion;
pub mod dot_git;
pub mod facts;
pub mod git;
pub mod git_folder;
pub mod index;
pub mod lock_files;
pub mod nearc;
pub mod packages;
pub mod paths;
pub mod refs;
pub mod signs;
pub mod toolchain;
pub mod tree;
pub mod workspace;
pub mod worktree;
