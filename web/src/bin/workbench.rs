//! The second program, loaded when the first verdict stands or a reader wants more: everything below the answer, settings,
//! comparison, what is inside a module.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

fn main() {}

/// Draws `view` of what is `given` into `element`. `ask(message)` is a promise of what the Worker answers; `first` are the
/// exports of the first program.
#[wasm_bindgen]
pub fn open(
    element: web_sys::HtmlElement,
    view: String,
    given: Option<String>,
    ask: Function,
    first: provenear_web::First,
) {
    provenear_web::open(element, &view, given, ask, first);
}

/// In a comparison's own Worker: does one piece of `work` on the two modules; gives JSON. `heard(stage)` is called on the way.
///
/// # Errors
/// One sentence.
#[wasm_bindgen]
pub async fn compare(
    work: String,
    modules: Array,
    detail: String,
    sandbox: Function,
    heard: Function,
) -> Result<String, JsValue> {
    provenear_web::compare(&work, &modules, &detail, sandbox, &heard).await.map_err(JsValue::from)
}

/// In the Worker: does one piece of `work` on modules given as bytes; gives JSON, or an array of JSON and bytes.
///
/// # Errors
/// One sentence.
#[wasm_bindgen]
pub async fn work(work: String, modules: Array, sandbox: Function) -> Result<JsValue, JsValue> {
    provenear_web::work(&work, &modules, sandbox).await.map_err(JsValue::from)
}
