//! The native helper. Not here yet.
fn main() {}
