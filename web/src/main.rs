//! The page. Not here yet.
fn main() {}
