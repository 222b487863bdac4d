//! Runs a plan through `worker.js`, which makes a Worker for it and ends it.
//! Not here: the rules (`shared::wasm::sandbox`).

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use provenear_shared::embedded::{Sandbox, SandboxEnd, SandboxRun};
use provenear_shared::wasm::sandbox::Plan;
use serde::Serialize;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The `sandbox` function of `worker.js`.
pub(crate) struct Browser(pub(crate) Function);

impl Sandbox for Browser {
    async fn run(&self, plan: &Plan) -> SandboxRun {
        match self.outcome(plan).await {
            Ok(outcome) => read(&outcome),
            Err(_) => SandboxRun {
                returned: None,
                called: Vec::new(),
                end: SandboxEnd::NotStarted("the browser did not take the question".to_owned()),
            },
        }
    }
}

impl Browser {
    async fn outcome(&self, plan: &Plan) -> Result<JsValue, JsValue> {
        let js = js_sys::Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&js, &name.into(), value);
        set("bytes", &Uint8Array::from(plan.bytes()))?;
        set("name", &plan.export().into())?;
        set("functions", &object(plan.functions())?)?;
        set("memory", &plan.memory().into())?;
        set("mark", &plan.mark().into())?;
        let promise: Promise = self.0.call1(&JsValue::NULL, &js)?.dyn_into()?;
        JsFuture::from(promise).await
    }
}

fn object<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let text = serde_json::to_string(value).map_err(|error| JsValue::from(error.to_string()))?;
    js_sys::JSON::parse(&text)
}

fn read(outcome: &JsValue) -> SandboxRun {
    let field = |name: &str| Reflect::get(outcome, &name.into()).unwrap_or_default();
    let reason = || field("reason").as_string().unwrap_or_default();
    let end = match field("end").as_string().as_deref() {
        Some("returned") => SandboxEnd::Returned,
        Some("limit") => SandboxEnd::LimitReached,
        Some("invalid") => SandboxEnd::Invalid,
        Some("trapped") => {
            let mark = field("mark").as_f64().and_then(|mark| SandboxEnd::of_mark(mark as i32));
            mark.unwrap_or_else(|| SandboxEnd::Trapped(reason()))
        }
        Some(_) | None => SandboxEnd::NotStarted(reason()),
    };
    let called: Array = field("called").unchecked_into();
    SandboxRun {
        returned: field("returned").dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()),
        called: called.iter().filter_map(|name| name.as_string()).collect(),
        end,
    }
}
