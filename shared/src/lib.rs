//! The map of `shared`: rooms in pipeline order.
pub mod wasm;
