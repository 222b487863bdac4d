//! The page of Provenear. Two programs are made of it: `main.rs`, which answers and draws the answer, on the main thread and
//! in a Worker; and `bin/workbench.rs`, loaded when the first verdict stands or a reader wants more. Not here: judging, which `shared` alone does.

mod app;
mod arrival;
mod ask;
mod comparer;
mod components;
mod dropped;
mod engine;
mod errand;
mod later;
mod message;
mod pages;
mod recent;
mod route;
mod sandbox;
mod session;
mod settings;
mod transport;
mod workbench;
mod worker;

pub use app::{agree, bring, module, mount as page, pick};
pub use comparer::compare;
pub use workbench::{First, open, work};
pub use worker::{answer, code};
