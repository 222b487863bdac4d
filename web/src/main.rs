//! The first program: small, because it is loaded before the first verdict. `boot.js` calls it.

use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

fn main() {}

/// Draws the page. Questions go to `inspector`; `open(element, view)` loads the second program and draws there.
#[wasm_bindgen]
pub fn page(inspector: web_sys::Worker, open: Function) {
    provenear_web::page(inspector, open);
}

/// In the Worker: answers one question and posts what was found.
#[wasm_bindgen]
pub fn answer(question: JsValue, sandbox: Function) {
    wasm_bindgen_futures::spawn_local(provenear_web::answer(question, sandbox));
}

/// In the Worker: the code that the answer with this number was about.
#[wasm_bindgen]
pub fn code(id: u32) -> Option<Uint8Array> {
    provenear_web::code(id)
}
