//! The page of Provenear, compiled once and run twice: drawing on the main thread, looking in a Worker.
//! `boot.js` starts both. Not here: judging, which `shared` alone does.

mod app;
mod ask;
mod components;
mod dropped;
mod engine;
mod pages;
mod route;
mod sandbox;
mod session;
mod settings;
mod transport;
mod worker;

use wasm_bindgen::prelude::*;

fn main() {}

/// Draws the page and hands every question to `inspector`.
#[wasm_bindgen]
pub fn page(inspector: web_sys::Worker) {
    app::mount(inspector);
}

/// In the Worker: answers one question and posts what was found.
#[wasm_bindgen]
pub fn answer(question: JsValue, run: js_sys::Function) {
    wasm_bindgen_futures::spawn_local(worker::answer(question, run));
}
