//! Vectors, devnet and fixtures for the suites under `tests/tests`.

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
#[cfg(not(target_arch = "wasm32"))]
pub mod recordings;
#[cfg(not(target_arch = "wasm32"))]
pub mod stage;
#[cfg(not(target_arch = "wasm32"))]
pub mod static_server;
