//! Set-up, demo, test, build, bench. Not here yet.
fn main() {}
