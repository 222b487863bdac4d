//! Vectors, devnet and fixtures for the suites under `tests/tests`. The wasm32 build has what vectors need, no servers.

#[cfg(not(target_arch = "wasm32"))]
pub mod big_module;
#[cfg(all(feature = "suites", not(target_arch = "wasm32")))]
pub mod browser;
pub mod claims;
#[cfg(not(target_arch = "wasm32"))]
pub mod desk;
#[cfg(not(target_arch = "wasm32"))]
pub mod devnet;
#[cfg(not(target_arch = "wasm32"))]
pub mod answering;
#[cfg(all(feature = "suites", not(target_arch = "wasm32")))]
pub mod documents;
#[cfg(not(target_arch = "wasm32"))]
pub mod fixtures;
#[cfg(all(feature = "suites", not(target_arch = "wasm32")))]
pub mod generated;
#[cfg(not(target_arch = "wasm32"))]
pub mod git_server;
#[cfg(not(target_arch = "wasm32"))]
pub mod ground;
#[cfg(not(target_arch = "wasm32"))]
pub mod hostile;
#[cfg(not(target_arch = "wasm32"))]
pub mod http;
#[cfg(not(target_arch = "wasm32"))]
pub mod lighthouse;
#[cfg(not(target_arch = "wasm32"))]
pub mod lying_registry;
pub mod node_cases;
pub mod notary;
#[cfg(all(unix, not(target_arch = "wasm32")))]
pub mod peak;
#[cfg(not(target_arch = "wasm32"))]
pub mod packed;
pub mod scenario;
#[cfg(all(unix, not(target_arch = "wasm32")))]
pub mod reader;
#[cfg(not(target_arch = "wasm32"))]
pub mod prose;
#[cfg(not(target_arch = "wasm32"))]
pub mod recordings;
#[cfg(not(target_arch = "wasm32"))]
pub mod registry;
#[cfg(not(target_arch = "wasm32"))]
pub mod rows;
pub mod saying;
#[cfg(not(target_arch = "wasm32"))]
pub mod stage;
#[cfg(not(target_arch = "wasm32"))]
pub mod static_server;
pub mod vector;
#[cfg(not(target_arch = "wasm32"))]
pub mod variants;
#[cfg(not(target_arch = "wasm32"))]
pub mod weight;
#[cfg(not(target_arch = "wasm32"))]
pub mod tiny_recipes;
