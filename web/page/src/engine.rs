//! The page's side of the Worker: puts a question, keeps what is known about it in one signal.
//! Late answers to earlier questions are dropped.

use std::sync::Arc;

use js_sys::Uint8Array;
use leptos::prelude::*;
use provenear_shared::inspection::Step;
use provenear_shared::json::Unexpected;
use provenear_web_browser::message::{member, message};
use provenear_web_protocol::{Answer, Ask, Said};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

/// How far an answer has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Looking {
    /// Waiting for this step, or for the Worker to begin.
    Awaiting(Option<Step>),
    /// Answered.
    Found(Arc<Answer>),
    /// The question itself could not be put.
    Failed(String),
    /// The Worker ended before it answered, or did not start; with one sentence.
    Ended(String),
}

/// What is said of one that ended: there is another by now.
const ENDED: &str = "the program that checks in the background ended before it answered, perhaps for want of memory; it has been started again";

/// What looking again has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Again {
    /// The same code and verdict, at this block.
    Same(u64),
    /// Other code, or another verdict.
    Moved,
}

/// How old an answer is before it is looked at again, in milliseconds.
const AGED_MS: f64 = 30_000.0;

/// The Worker, or what `boot.js` has in its place and is there for good, and what it last said.
#[derive(Clone, Copy)]
pub(crate) struct Engine {
    worker: StoredValue<Worker, LocalStorage>,
    last: StoredValue<u32>,
    /// The current answer.
    pub(crate) looking: RwSignal<Looking>,
    /// What looking again without being asked has shown, once it has.
    pub(crate) again: RwSignal<Option<Again>>,
    /// The number of a question that was put without the reader, and when the current answer came (milliseconds since 1970).
    unasked: StoredValue<u32>,
    answered_ms: StoredValue<f64>,
}

impl Engine {
    /// Listens to `worker` for as long as the page lives.
    pub(crate) fn new(worker: Worker) -> Self {
        let engine = Self {
            worker: StoredValue::new_local(worker.clone()),
            last: StoredValue::new(0),
            looking: RwSignal::new(Looking::Awaiting(None)),
            again: RwSignal::new(None),
            unasked: StoredValue::new(0),
            answered_ms: StoredValue::new(0.0),
        };
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| engine.hear(&event.data()));
        // The second program listens to the same Worker by a listener of its own.
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
        engine
    }

    /// Puts a question, with the bytes of the file that it is about.
    pub(crate) fn ask(&self, ask: &Ask, bytes: Option<&[u8]>) {
        let id = self.last.get_value().wrapping_add(1);
        self.last.set_value(id);
        self.again.set(None);
        self.looking.set(Looking::Awaiting(None));
        if self.send(id, ask, bytes, false).is_err() {
            self.looking.set(Looking::Failed("the question could not be put to the Worker".to_owned()));
        }
    }

    /// Shows no answer: there is no question (any more). A late answer is not taken for one.
    pub(crate) fn forget(&self) {
        self.last.set_value(self.last.get_value().wrapping_add(1));
        self.again.set(None);
        self.looking.set(Looking::Awaiting(None));
    }

    /// Whether there is an answer that has aged.
    pub(crate) fn has_aged(&self) -> bool {
        let answered = matches!(self.looking.get_untracked(), Looking::Found(_));
        answered && js_sys::Date::now() - self.answered_ms.get_value() > AGED_MS
    }

    /// Puts the same question once more, without disturbing what is shown.
    pub(crate) fn ask_again(&self, ask: &Ask, bytes: Option<&[u8]>) {
        let id = self.last.get_value().wrapping_add(1 << 20);
        self.unasked.set_value(id);
        self.answered_ms.set_value(js_sys::Date::now());
        // Nobody asked, so nobody is told when it does not work out.
        let _ = self.send(id, ask, bytes, true);
    }

    fn send(&self, id: u32, ask: &Ask, bytes: Option<&[u8]>, unasked: bool) -> Result<(), JsValue> {
        let message = compose_message(ask, id, bytes.map(Uint8Array::from).as_ref(), unasked);
        self.worker.with_value(|worker| worker.post_message(&message))
    }

    /// The number of the current question.
    pub(crate) fn last_id(&self) -> u32 {
        self.last.get_value()
    }

    fn hear(&self, message: &JsValue) {
        let id = member(message, "id").as_f64();
        let is = |number: StoredValue<u32>| id == Some(f64::from(number.get_value()));
        let (unasked, asked) = (is(self.unasked), is(self.last));
        if !unasked && !asked {
            return;
        }
        let looking = match member(message, "said").as_string() {
            Some(said) => read_answer(&said).unwrap_or_else(|error| Looking::Failed(error.to_string())),
            // Where there is nobody to say anything, `boot.js` does.
            None if member(message, "ended").is_truthy() => Looking::Ended(ENDED.to_owned()),
            None => Looking::Ended(member(message, "failed").as_string().unwrap_or_default()),
        };
        match looking {
            Looking::Found(later) if unasked => self.compare(&later),
            // Nobody asked, so nobody is told.
            Looking::Awaiting(_) | Looking::Failed(_) | Looking::Ended(_) if unasked => {}
            looking => {
                if matches!(looking, Looking::Found(_)) {
                    self.answered_ms.set_value(js_sys::Date::now());
                }
                self.looking.set(looking);
            }
        }
    }

    /// Holds a later answer against the one that is shown.
    fn compare(&self, later: &Answer) {
        let Looking::Found(shown) = self.looking.get_untracked() else { return };
        if later.error.is_some() {
            return;
        }
        // Where keys could not be listed the one time, nothing is known to have changed.
        let keys = later.full_access_keys.zip(shown.full_access_keys).is_none_or(|(later, shown)| later == shown);
        let same = later.code_hash == shown.code_hash && later.verdict == shown.verdict && keys;
        let block = later.asked.as_ref().map(|asked| asked.block_height).unwrap_or_default();
        self.again.set(Some(if same { Again::Same(block) } else { Again::Moved }));
    }
}

/// How far an answer has come by what was said.
fn read_answer(said: &str) -> Result<Looking, Unexpected> {
    Ok(match Said::read(said)? {
        Said::Step(step) => Looking::Awaiting(Some(step)),
        Said::Report(report) => Looking::Found(Arc::new(Answer::read(report)?)),
        Said::Failed(reason) => Looking::Failed(reason),
    })
}

/// The message for the Worker, with the bytes of a file. Answers carry `id`, so that a late one is not taken for another.
fn compose_message(ask: &Ask, id: u32, bytes: Option<&Uint8Array>, unasked: bool) -> JsValue {
    let bytes = bytes.map_or(JsValue::UNDEFINED, JsValue::from);
    message(&[("ask", &ask.to_json().into()), ("id", &id.into()), ("unasked", &unasked.into()), ("bytes", &bytes)])
}
