//! The Worker's side: reads one question, lets `shared` answer it, posts what is awaited and what was found.

use std::cell::{Cell, RefCell};

use js_sys::{Function, Uint8Array};
use provenear_shared::Report;
use provenear_web_browser::fetch::Fetch;
use provenear_web_browser::message::{member, message};
use provenear_web_protocol::{Ask, Said};
use wasm_bindgen::prelude::*;

use crate::question::question;
use crate::sandbox::Browser;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = postMessage)]
    fn post_message(message: &JsValue);
}

thread_local! {
    /// The code of the answer that is shown, for whoever asks for more about it, and the answer's number.
    static SHOWN: RefCell<Option<(u32, Vec<u8>)>> = const { RefCell::new(None) };
    /// The number of the last question that the reader asked: one before it may be answered after it.
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// The code that answer `id` was about, while it is shown.
pub fn code(id: u32) -> Option<Uint8Array> {
    SHOWN.with_borrow(|shown| {
        let (_, bytes) = shown.as_ref().filter(|(kept, _)| *kept == id)?;
        Some(Uint8Array::from(bytes.as_slice()))
    })
}

/// Answers `asked`: `{ id, ask, bytes, unasked }`, the last where the reader did not ask and the answer will not be shown.
/// Posts `{ id, said, more }`, `more` being whether there is more to say.
pub async fn answer(asked: JsValue, sandbox: Function) {
    let id = member(&asked, "id");
    let number = id.as_f64().unwrap_or_default() as u32;
    let is_unasked = member(&asked, "unasked").is_truthy();
    if !is_unasked {
        LAST.set(number);
    }
    let ask = Ask::read(&member(&asked, "ask").as_string().unwrap_or_default());
    let bytes = member(&asked, "bytes").dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default();
    let question =
        match ask.map_err(|error| error.to_string()).and_then(|ask| question(ask, bytes, js_sys::Date::now() as u64)) {
            Ok(question) => question,
            Err(reason) => return say(&id, Said::Failed(reason)),
        };
    let step = |step| say(&id, Said::Step(step));
    let inspection = provenear_shared::inspect(&question, &Fetch, &Browser(sandbox), step).await;
    if let Some(code) = inspection.code().filter(|_| !is_unasked && LAST.get() == number) {
        SHOWN.set(Some((number, code.bytes().to_vec())));
    }
    let report = Report::of(&inspection, &question.subject, &question.chain.network);
    let said = serde_json::to_string(&report).map_or_else(|error| Said::Failed(error.to_string()), Said::Report);
    say(&id, said);
}

fn say(id: &JsValue, said: Said) {
    let more = match said {
        Said::Step(_) => true,
        Said::Report(_) | Said::Failed(_) => false,
    };
    post_message(&message(&[("id", id), ("said", &said.to_json().into()), ("more", &more.into())]));
}
