//! What goes over the network by our own hand, and where a URL leads before anything is sent there.
//! Not here: what is asked for (`source`, `fetch`, `look`).

mod pace;
pub mod reach;
mod resolver;
pub mod transport;
pub mod url;
