//! The Worker's side: reads one question, lets `shared` answer it, posts what is awaited and what was found.

use std::cell::RefCell;

use js_sys::{Function, Object, Reflect, Uint8Array};
use provenear_shared::Report;
use wasm_bindgen::prelude::*;

use crate::ask::Ask;
use crate::sandbox::Browser;
use crate::transport::Fetch;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = postMessage)]
    fn post_message(message: &JsValue);
}

thread_local! {
    /// The code of the answer that is shown, for whoever asks for more about it, and the answer's number.
    static SHOWN: RefCell<Option<(u32, Vec<u8>)>> = const { RefCell::new(None) };
}

/// The code that answer `id` was about, while it is shown.
pub fn code(id: u32) -> Option<Uint8Array> {
    SHOWN.with_borrow(|shown| {
        let (_, bytes) = shown.as_ref().filter(|(kept, _)| *kept == id)?;
        Some(Uint8Array::from(bytes.as_slice()))
    })
}

/// Answers `message`: `{ id, ask, bytes, unasked }`, the last where the reader did not ask and the answer will not be shown. Posts `{ id, step }` while waiting, then `{ id, report }` or `{ id, failed }`.
pub async fn answer(message: JsValue, sandbox: Function) {
    let field = |name: &str| Reflect::get(&message, &name.into()).unwrap_or_default();
    let id = field("id").as_f64().unwrap_or_default() as u32;
    let ask = Ask::read(&field("ask").as_string().unwrap_or_default());
    let bytes = field("bytes").dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default();
    let question =
        match ask.map_err(|error| error.to_string()).and_then(|ask| ask.question(bytes, js_sys::Date::now() as u64)) {
            Ok(question) => question,
            Err(reason) => return post(id, "failed", &reason.into()),
        };
    let step = |step: provenear_shared::inspection::Step| post(id, "step", &step.code().into());
    let inspection = provenear_shared::inspect(&question, &Fetch, &Browser(sandbox), step).await;
    if let Some(code) = inspection.code().filter(|_| !field("unasked").is_truthy()) {
        SHOWN.set(Some((id, code.bytes().to_vec())));
    }
    let report = Report::of(&inspection, &question.subject, &question.place.network);
    match serde_json::to_string(&report) {
        Ok(report) => post(id, "report", &report.into()),
        Err(error) => post(id, "failed", &error.to_string().into()),
    }
}

fn post(id: u32, name: &str, value: &JsValue) {
    let message = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&message, &name.into(), value);
    if set("id", &id.into()).and_then(|_| set(name, value)).is_ok() {
        post_message(&message);
    }
}
