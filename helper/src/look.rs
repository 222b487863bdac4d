//! What is on the chain and what is claimed about it, from what was typed to what is printed: `shared::inspect` answers.

pub mod given;
pub mod inspection;
pub mod nearest;
pub mod private;
pub mod question;
pub mod remembering;
pub mod report;
pub mod sandbox;
pub mod settings;
