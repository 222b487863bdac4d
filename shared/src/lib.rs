//! The map of `shared`: rooms in pipeline order. No I/O anywhere; the two openings are [`Transport`] and [`Sandbox`].

pub mod text;
pub mod json;
mod few;
pub mod digest;
pub mod near;
pub mod rpc;
pub mod deployment;
pub mod wasm;
pub mod embedded;
pub mod nep330;
pub mod gap;
pub mod address;
pub mod source;
pub mod image;
pub mod customary;
pub mod recipe;
pub mod container;
pub mod key;
pub mod keys;
pub mod provenance;
pub mod dsse;
pub mod notice;
pub mod manifest;
pub mod verdict;
pub mod inspection;
pub mod chain;
pub mod report;
pub mod abi;
pub mod comparison;
pub mod registry;
pub mod dao;
pub mod archive;

pub use deployment::Transport;
pub use embedded::Sandbox;
pub use inspection::inspect;
pub use report::Report;
