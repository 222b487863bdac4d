//! The page's side of the Worker: puts a question, keeps what is known about it in one signal.
//! Late answers to earlier questions are dropped.

use std::sync::Arc;

use js_sys::{Object, Reflect, Uint8Array};
use leptos::prelude::*;
use provenear_shared::Report;
use serde::Serialize as _;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

use crate::ask::Ask;

/// How far an answer has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Looking {
    /// Waiting for this step (`Step::code`), or for the Worker to begin.
    Awaiting(Option<String>),
    /// Answered.
    Found(Arc<Report>),
    /// The question itself could not be put.
    Failed(String),
}

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

/// The Worker and what it last said.
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
    json: StoredValue<Option<JsValue>, LocalStorage>,
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
            json: StoredValue::new_local(None),
        };
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| engine.hear(&event.data()));
        // The second program listens to the same Worker by a listener of its own.
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
        engine
    }

    /// Puts a question, with the bytes of the file that it is about.
    pub(crate) fn ask(&self, mut ask: Ask, bytes: Option<&[u8]>) {
        ask.id = self.last.get_value().wrapping_add(1);
        self.last.set_value(ask.id);
        self.json.set_value(None);
        self.again.set(None);
        self.looking.set(Looking::Awaiting(None));
        if self.send(&ask, bytes).is_err() {
            self.looking.set(Looking::Failed("the question could not be put to the Worker".to_owned()));
        }
    }

    /// Whether there is an answer that has aged.
    pub(crate) fn has_aged(&self) -> bool {
        let answered = matches!(self.looking.get_untracked(), Looking::Found(_));
        answered && js_sys::Date::now() - self.answered_ms.get_value() > AGED_MS
    }

    /// Puts the same question once more, without disturbing what is shown.
    pub(crate) fn ask_again(&self, mut ask: Ask, bytes: Option<&[u8]>) {
        ask.id = self.last.get_value().wrapping_add(1 << 20);
        self.unasked.set_value(ask.id);
        self.answered_ms.set_value(js_sys::Date::now());
        // Nobody asked, so nobody is told when it does not work out.
        let _ = self.send(&ask, bytes);
    }

    fn send(&self, ask: &Ask, bytes: Option<&[u8]>) -> Result<(), JsValue> {
        let message = Object::new();
        let sent = ask.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(JsValue::from);
        let sent = sent.and_then(|ask| Reflect::set(&message, &"ask".into(), &ask));
        let sent = sent.and_then(|_| match bytes {
            Some(bytes) => Reflect::set(&message, &"bytes".into(), &Uint8Array::from(bytes)),
            None => Ok(true),
        });
        sent.and_then(|_| self.worker.with_value(|worker| worker.post_message(&message)))
    }

    /// The number of the current question.
    pub(crate) fn last_id(&self) -> u32 {
        self.last.get_value()
    }

    /// The report as `inspect --json` prints it.
    pub(crate) fn json(&self) -> Option<String> {
        let report = self.json.get_value()?;
        js_sys::JSON::stringify_with_replacer_and_space(&report, &JsValue::NULL, &2.into()).ok()?.as_string()
    }

    fn hear(&self, message: &JsValue) {
        let field = |name: &str| Reflect::get(message, &name.into()).ok().filter(|value| !value.is_undefined());
        let id = field("id").and_then(|id| id.as_f64());
        if id == Some(f64::from(self.unasked.get_value())) {
            return self.compare(field("report"));
        }
        if id != Some(f64::from(self.last.get_value())) {
            return;
        }
        if let Some(step) = field("step").and_then(|step| step.as_string()) {
            self.looking.set(Looking::Awaiting(Some(step)));
        } else if let Some(report) = field("report") {
            self.json.set_value(Some(report.clone()));
            self.answered_ms.set_value(js_sys::Date::now());
            self.looking.set(match serde_wasm_bindgen::from_value::<Report>(report) {
                Ok(report) => Looking::Found(Arc::new(report)),
                Err(error) => Looking::Failed(error.to_string()),
            });
        } else if let Some(reason) = field("failed").and_then(|reason| reason.as_string()) {
            self.looking.set(Looking::Failed(reason));
        }
    }

    /// Holds a later answer against the one that is shown.
    fn compare(&self, report: Option<JsValue>) {
        let later = report.and_then(|report| serde_wasm_bindgen::from_value::<Report>(report).ok());
        let (Some(later), Looking::Found(shown)) = (later, self.looking.get_untracked()) else { return };
        let verdict = |report: &Report| report.verdict.as_ref().map(|verdict| verdict.code.clone());
        if later.error.is_some() {
            return;
        }
        let same = later.code == shown.code && verdict(&later) == verdict(&shown);
        let block = later.deployment.map(|deployment| deployment.block_height).unwrap_or_default();
        self.again.set(Some(if same { Again::Same(block) } else { Again::Moved }));
    }
}
