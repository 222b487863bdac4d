//! Vectors, devnet and fixtures for the suites under `tests/tests`.
