//! The two ends of the second program: `later`, by which the first shows one of its views, and `open` and `work`, which it is.
//! Not here: the views (`pages`), how it is fetched (`boot.js`).

use std::cell::RefCell;

use js_sys::{Array, Function, Uint8Array};
use leptos::html::Div;
use leptos::prelude::*;
use serde::Serialize as _;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::pages;
use crate::sandbox::Browser;
use crate::session::Ambient;

/// The function of `boot.js` that loads the second program and lets it draw.
#[derive(Clone, Copy)]
pub(crate) struct Workbench(pub(crate) StoredValue<Function, LocalStorage>);

/// The function of `boot.js` that lets the Worker do something: a promise of what it answers.
#[derive(Clone, Copy)]
pub(crate) struct Inspector(StoredValue<Function, LocalStorage>);

impl Inspector {
    /// From the nearest context.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Sends `message` and awaits the answer.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn ask(self, message: &JsValue) -> Result<JsValue, String> {
        let said = |error: JsValue| error.as_string().unwrap_or_else(|| "the Worker did not answer".to_owned());
        let promise = self.0.with_value(|ask| ask.call1(&JsValue::NULL, message)).map_err(said)?;
        wasm_bindgen_futures::JsFuture::from(promise.unchecked_into::<js_sys::Promise>()).await.map_err(said)
    }

    /// Lets it do `work` on the codes of the answers `ids`.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn work(self, work: &str, ids: &[u32]) -> Result<JsValue, String> {
        let message = js_sys::Object::new();
        let ids: Array = ids.iter().map(|id| JsValue::from(*id)).collect();
        let set = |name: &str, value: &JsValue| js_sys::Reflect::set(&message, &name.into(), value);
        set("work", &work.into()).and_then(|_| set("ids", &ids)).map_err(|_| "no message".to_owned())?;
        let answer = self.ask(&message).await?;
        js_sys::Reflect::get(&answer, &"done".into()).map_err(|_| "no answer".to_owned())
    }
}

/// A place that the second program fills with `view`.
pub(crate) fn later(view: impl Into<String>) -> AnyView {
    let view = view.into();
    let Workbench(open) = expect_context();
    let place = NodeRef::<Div>::new();
    Effect::new(move || {
        if let Some(place) = place.get() {
            // What goes wrong with it, `boot.js` says in the place itself.
            let _ = open.with_value(|open| open.call2(&JsValue::NULL, &place, &view.as_str().into()));
        }
    });
    view! { <div node_ref=place class="later" aria-busy="true"></div> }.into_any()
}

/// A place and what keeps the view in it alive.
type Shown = (HtmlElement, Box<dyn std::any::Any>);

thread_local! {
    static SHOWN: RefCell<Vec<Shown>> = const { RefCell::new(Vec::new()) };
}

/// Draws `view` into `element`. Views whose place has left the page end.
pub fn open(element: HtmlElement, view: &str, ask: Function) {
    let ambient = Ambient::new();
    let view = view.to_owned();
    let handle = leptos::mount::mount_to(element.clone(), move || {
        provide_context(ambient);
        provide_context(Inspector(StoredValue::new_local(ask)));
        let page = match view.as_str() {
            "settings" => pages::settings::settings(),
            "compare" => pages::compare::compare(),
            "about" => pages::about::about(),
            view if view.starts_with("history/") => pages::history::history(view),
            view => pages::inside::inside(view),
        };
        view! {
            {page}
            <p class="announcement" role="status" aria-live="polite">{move || ambient.announcement.get()}</p>
        }
    });
    SHOWN.with_borrow_mut(|shown| {
        shown.retain(|(place, _)| place.is_connected());
        shown.push((element, Box::new(handle)));
    });
}

/// In the Worker: `facts`, `abi` or `diff` of `modules` (byte arrays).
///
/// # Errors
/// One sentence.
pub async fn work(work: &str, modules: &Array, sandbox: Function) -> Result<JsValue, String> {
    let modules: Vec<Vec<u8>> =
        modules.iter().filter_map(|bytes| bytes.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec()).collect();
    let parse = |position: usize| {
        let bytes: &Vec<u8> = modules.get(position).ok_or("the code is no longer at hand: look again")?;
        provenear_shared::wasm::Module::parse(bytes).map_err(|error| error.to_string())
    };
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let done = match work {
        "facts" => provenear_shared::wasm::ModuleFacts::of(&parse(0)?).serialize(&serializer),
        "abi" => {
            let abi = provenear_shared::abi::abi(&parse(0)?, &Browser(sandbox)).await;
            abi.map_err(|error| error.to_string())?.serialize(&serializer)
        }
        "diff" => {
            use provenear_shared::wasm::diff::{Budget, Side, diff};
            let (a, b) = (parse(0)?, parse(1)?);
            diff(&Side::new(&a), &Side::new(&b), Budget::default()).serialize(&serializer)
        }
        other => return Err(format!("`{other}` is not done here")),
    };
    done.map_err(|error| error.to_string())
}
