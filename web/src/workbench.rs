//! The second program: `open`, which draws one of its views, and `work`, which it does in the Worker.
//! Not here: the views (`pages`), how the first shows one (`later`), how it is fetched (`boot.js`).

use std::cell::RefCell;

use js_sys::{Array, Function, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{FileList, HtmlElement};

use crate::components::{deployment, strangers};
use crate::errand::{self, Errand};
use crate::pages;
use crate::sandbox::Browser;
use crate::session::Ambient;

#[wasm_bindgen]
extern "C" {
    /// What the first program lets the second ask of it: its exports.
    pub type First;

    /// Takes a pasted manifest; what is wrong with it, if anything.
    #[wasm_bindgen(method)]
    pub(crate) fn bring(this: &First, text: &str) -> Option<String>;

    /// Takes files that were picked.
    #[wasm_bindgen(method)]
    pub(crate) fn pick(this: &First, files: &FileList);

    /// Asks an endpoint of the link, too, by its URL.
    #[wasm_bindgen(method)]
    pub(crate) fn agree(this: &First, url: String);

    /// Takes the code of a proposal, with a name for it.
    #[wasm_bindgen(method)]
    pub(crate) fn module(this: &First, name: &str, bytes: &Uint8Array);
}

/// The first program.
#[derive(Clone, Copy)]
pub(crate) struct Page(pub(crate) StoredValue<First, LocalStorage>);

impl Page {
    /// From the nearest context.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Lets it ask an endpoint of the link, unless the view has ended meanwhile.
    pub(crate) fn agree(self, url: &str) {
        self.0.try_with_value(|first| first.agree(url.to_owned()));
    }

    /// Brings it code to look at, unless the view has ended meanwhile.
    pub(crate) fn module(self, name: &str, bytes: &Uint8Array) {
        self.0.try_with_value(|first| first.module(name, bytes));
    }
}

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
        let promise = self.tell(message).map_err(said)?;
        wasm_bindgen_futures::JsFuture::from(promise.unchecked_into::<js_sys::Promise>()).await.map_err(said)
    }

    /// Sends `message` at once, for a view that is about to end. Gives a promise of the answer.
    ///
    /// # Errors
    /// When the view has ended.
    pub(crate) fn tell(self, message: &JsValue) -> Result<JsValue, JsValue> {
        let told = self.0.try_with_value(|ask| ask.call1(&JsValue::NULL, message));
        told.unwrap_or_else(|| Err("the view has ended".into()))
    }

    /// Lets it do `work` on the codes of the answers `ids`; gives JSON.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn work(self, work: &str, ids: &[u32]) -> Result<String, String> {
        self.done(work, ids).await?.as_string().ok_or_else(|| "no answer".to_owned())
    }

    /// The code of the answer `id`, as it was hashed: a byte array.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn code(self, id: u32) -> Result<JsValue, String> {
        self.done("code", &[id]).await
    }

    async fn done(self, work: &str, ids: &[u32]) -> Result<JsValue, String> {
        let message = js_sys::Object::new();
        let ids: Array = ids.iter().map(|id| JsValue::from(*id)).collect();
        let set = |name: &str, value: &JsValue| js_sys::Reflect::set(&message, &name.into(), value);
        set("work", &work.into()).and_then(|_| set("ids", &ids)).map_err(|_| "no message".to_owned())?;
        let answer = self.ask(&message).await?;
        Ok(js_sys::Reflect::get(&answer, &"done".into()).unwrap_or_default())
    }

    /// Lets it run an errand, with bytes that belong to it.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn run(self, errand: &Errand, bytes: Option<&Uint8Array>) -> Result<JsValue, String> {
        let message = js_sys::Object::new();
        let text = serde_json::to_string(errand).map_err(|error| error.to_string())?;
        let given: Array = bytes.into_iter().collect();
        let set = |name: &str, value: &JsValue| js_sys::Reflect::set(&message, &name.into(), value);
        let set = set("work", &text.into()).and_then(|_| set("ids", &Array::new())).and_then(|_| set("given", &given));
        set.map_err(|_| "no message".to_owned())?;
        let answer = self.ask(&message).await?;
        Ok(js_sys::Reflect::get(&answer, &"done".into()).unwrap_or_default())
    }
}

/// A place and what keeps the view in it alive.
type Shown = (HtmlElement, Box<dyn std::any::Any>);

thread_local! {
    static SHOWN: RefCell<Vec<Shown>> = const { RefCell::new(Vec::new()) };
}

/// Draws `view` of what is `given` into `element`. Views whose place has left the page, or is wanted again, end.
pub fn open(element: HtmlElement, view: &str, given: Option<String>, ask: Function, first: First) {
    // The first program keeps a place from one view to the next.
    SHOWN.with_borrow_mut(|shown| shown.retain(|(place, _)| place.is_connected() && *place != element));
    let ambient = Ambient::new();
    let view = view.to_owned();
    let handle = leptos::mount::mount_to(element.clone(), move || {
        provide_context(ambient);
        ambient.follow();
        provide_context(Inspector(StoredValue::new_local(ask)));
        provide_context(Page(StoredValue::new_local(first)));
        let page = match view.as_str() {
            "settings" => pages::settings::settings(),
            "compare" => pages::compare::compare(&given.unwrap_or_default()),
            "about" => pages::about::about(),
            "replacement" => deployment::replacement(&given.unwrap_or_default()),
            "strangers" => strangers::strangers(&given.unwrap_or_default()),
            view if view.starts_with("proposal/") => pages::proposal::proposal(view),
            view if view.starts_with("known/") => pages::known::known(view),
            view => pages::cards::cards(view, given.unwrap_or_default()),
        };
        view! {
            {page}
            <p class="announcement" role="status" aria-live="polite">{move || ambient.announcement.get()}</p>
        }
    });
    SHOWN.with_borrow_mut(|shown| shown.push((element, Box::new(handle))));
}

/// In the Worker: `facts` or `abi` of `modules` (byte arrays), as JSON; the first of them for `code`; or an
/// [`errand`](crate::errand), written as JSON.
///
/// # Errors
/// One sentence.
pub async fn work(work: &str, modules: &Array, sandbox: Function) -> Result<JsValue, String> {
    let modules: Vec<Vec<u8>> =
        modules.iter().filter_map(|bytes| bytes.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec()).collect();
    let first = || modules.first().ok_or("the code is no longer at hand: look again");
    let parse = || provenear_shared::wasm::Module::parse(first()?).map_err(|error| error.to_string());
    let done = match work {
        "code" => return Ok(Uint8Array::from(first()?.as_slice()).into()),
        "facts" => serde_json::to_string(&provenear_shared::embedded::facts(&parse()?, &Browser(sandbox)).await),
        "abi" => {
            let abi = provenear_shared::abi::abi(&parse()?, &Browser(sandbox)).await;
            serde_json::to_string(&abi.map_err(|error| error.to_string())?)
        }
        errand => return errand::run(errand, modules.into_iter().next()).await,
    };
    done.map(JsValue::from).map_err(|error| error.to_string())
}
