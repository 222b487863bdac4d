//! The map of `shared`: rooms in pipeline order. No I/O anywhere; the two openings are [`Transport`] and [`Sandbox`].

pub mod deployment;
pub mod digest;
pub mod dsse;
pub mod embedded;
pub mod image;
pub mod inspection;
pub mod key;
pub mod manifest;
pub mod near;
pub mod nep330;
pub mod notice;
pub mod provenance;
pub mod recipe;
pub mod report;
pub mod rpc;
pub mod source;
pub mod text;
pub mod verdict;
pub mod wasm;

pub use deployment::Transport;
pub use embedded::Sandbox;
pub use inspection::inspect;
pub use report::Report;
