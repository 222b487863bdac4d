//! The first program: small, because it is loaded before the first verdict. `boot.js` calls it.

use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

fn main() {}

/// Draws the page. Questions go to `inspector`; `open(element, view)` loads the second program and lets it draw.
#[wasm_bindgen]
pub fn page(inspector: web_sys::Worker, open: Function) {
    provenear_web_page::page(inspector, open);
}

/// Takes a manifest that was pasted into the second program; says what is wrong with it.
#[wasm_bindgen]
pub fn bring(text: &str) -> Option<String> {
    provenear_web_page::bring(text)
}

/// Takes files that were picked in the second program.
#[wasm_bindgen]
pub fn pick(files: &web_sys::FileList) {
    provenear_web_page::pick(files);
}

/// Takes a manifest that the link names and the second program fetched.
#[wasm_bindgen]
pub fn manifest(text: String) {
    provenear_web_page::manifest(text);
}

/// Asks an endpoint of the link, too: the reader agreed to it in the second program.
#[wasm_bindgen]
pub fn agree(url: String) {
    provenear_web_page::agree(url);
}

/// Shows what the second program says by the way.
#[wasm_bindgen]
pub fn say(text: String) {
    provenear_web_page::say(text);
}

/// Whether the answer with this number is shown.
#[wasm_bindgen]
pub fn shows(answer: u32) -> bool {
    provenear_web_page::shows(answer)
}

/// Puts the question of that answer once more: the second program heard of something new.
#[wasm_bindgen(js_name = askAgain)]
pub fn ask_again(answer: u32) {
    provenear_web_page::ask_again(answer);
}

/// Takes the code of a proposal that the second program looked up.
#[wasm_bindgen]
pub fn module(name: String, bytes: &Uint8Array) {
    provenear_web_page::module(name, bytes);
}

/// In the Worker: answers one question and posts what was found.
#[wasm_bindgen]
pub fn answer(question: JsValue, sandbox: Function) {
    wasm_bindgen_futures::spawn_local(provenear_web_workers::answer(question, sandbox));
}

/// In the Worker: the code that the answer with this number was about.
#[wasm_bindgen]
pub fn code(id: u32) -> Option<Uint8Array> {
    provenear_web_workers::code(id)
}
