//! The page of Provenear. Two programs are made of it: `main.rs`, which answers and draws the answer, on the main thread and
//! in a Worker; and `bin/workbench.rs`, loaded when a reader wants more. Not here: judging, which `shared` alone does.

mod app;
mod arrival;
mod ask;
mod components;
mod dropped;
mod engine;
mod pages;
mod recent;
mod route;
mod sandbox;
mod session;
mod settings;
mod transport;
mod workbench;
mod worker;

pub use app::mount as page;
pub use workbench::{open, work};
pub use worker::{answer, code};
