//! The second program, loaded when the first verdict stands or a reader wants more: everything below the answer, settings,
//! comparison, what is inside a module.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

fn main() {}

/// Draws `view` into `element`. `ask(message)` is a promise of what the Worker answers; `first` are the exports of the first
/// program.
///
/// # Errors
/// When it is no view.
#[wasm_bindgen]
pub fn open(
    element: web_sys::HtmlElement,
    view: &str,
    ask: Function,
    first: provenear_web_later::First,
) -> Result<(), JsValue> {
    provenear_web_later::open(element, view, ask, first).map_err(JsValue::from)
}

/// In a comparison's own Worker: does one `job` on the two modules. `heard(stage)` is called on the way.
///
/// # Errors
/// One sentence.
#[wasm_bindgen]
pub async fn compare(job: JsValue, modules: Array, sandbox: Function, heard: Function) -> Result<JsValue, JsValue> {
    provenear_web_workers::compare(job, &modules, sandbox, &heard).await.map_err(JsValue::from)
}

/// In the Worker: does one `job` with the bytes that it is about; gives what came of it, and bytes where they are part of that.
///
/// # Errors
/// One sentence.
#[wasm_bindgen]
pub async fn work(job: JsValue, bytes: Array, sandbox: Function) -> Result<Array, JsValue> {
    provenear_web_workers::work(job, &bytes, sandbox).await.map_err(JsValue::from)
}
