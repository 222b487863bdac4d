//! Module facts: one payload loop.
