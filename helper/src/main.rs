//! The binary `provenear`.

fn main() {}
