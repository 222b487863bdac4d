//! Vectors, devnet and fixtures for the suites under `tests/tests`. The wasm32 build has what vectors need, no servers.

#[cfg(not(target_arch = "wasm32"))]
pub mod big_module;
#[cfg(not(target_arch = "wasm32"))]
pub mod devnet;
#[cfg(not(target_arch = "wasm32"))]
pub mod fixtures;
#[cfg(not(target_arch = "wasm32"))]
pub mod git_server;
#[cfg(not(target_arch = "wasm32"))]
pub mod ground;
#[cfg(not(target_arch = "wasm32"))]
pub mod http;
pub mod notary;
pub mod scenario;
#[cfg(not(target_arch = "wasm32"))]
pub mod recordings;
#[cfg(not(target_arch = "wasm32"))]
pub mod stage;
#[cfg(not(target_arch = "wasm32"))]
pub mod static_server;
pub mod vector;
#[cfg(not(target_arch = "wasm32"))]
pub mod variants;
