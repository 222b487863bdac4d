//! What stands at an account at one block, with the bytes hashed here, and which endpoints vouch for it.
//! Not here: how requests and replies are spelled (`rpc`), how bytes travel (`transport.rs` of page and helper).

mod endpoint;
mod look_code;
mod chain_view;

#[cfg(feature = "pipeline")]
mod error;
#[cfg(feature = "pipeline")]
mod fetch;
#[cfg(feature = "pipeline")]
mod look;
pub use chain_view::ChainView;

pub use endpoint::{Endpoint, strangers};
pub use look_code::LookCode;

pub use crate::transport::{Stored, Transport, TransportError};
#[cfg(feature = "pipeline")]
pub use {
    error::LookError,
    fetch::{Answer, AskedBlock, Code, Deployment, EndpointOutcome, call, fetch, fetch_by_hash},
};
