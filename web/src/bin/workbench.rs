//! The second program, loaded when a reader wants more than the answer: settings, comparison, what is inside a module.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

fn main() {}

/// Draws `view` into `element`. `ask(message)` is a promise of what the Worker answers.
#[wasm_bindgen]
pub fn open(element: web_sys::HtmlElement, view: String, ask: Function) {
    provenear_web::open(element, &view, ask);
}

/// In the Worker: does one piece of `work` on modules given as bytes.
///
/// # Errors
/// One sentence.
#[wasm_bindgen]
pub async fn work(work: String, modules: Array, sandbox: Function) -> Result<JsValue, JsValue> {
    provenear_web::work(&work, &modules, sandbox).await.map_err(JsValue::from)
}
