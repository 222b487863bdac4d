//! The first program: small, because it is loaded before the first verdict. `boot.js` calls it.

use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

fn main() {}

/// Draws the page. Questions go to `inspector`; `open(element, view)` loads the second program and lets it draw.
#[wasm_bindgen]
pub fn page(inspector: web_sys::Worker, open: Function) {
    provenear_web::page(inspector, open);
}

/// Takes a manifest that was pasted into the second program; says what is wrong with it.
#[wasm_bindgen]
pub fn bring(text: &str) -> Option<String> {
    provenear_web::bring(text)
}

/// Takes files that were picked in the second program.
#[wasm_bindgen]
pub fn pick(files: &web_sys::FileList) {
    provenear_web::pick(files);
}

/// Asks an endpoint of the link, too: the reader agreed to it in the second program.
#[wasm_bindgen]
pub fn agree(url: String) {
    provenear_web::agree(url);
}

/// Takes the code of a proposal that the second program looked up.
#[wasm_bindgen]
pub fn module(name: String, bytes: &Uint8Array) {
    provenear_web::module(name, bytes);
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
