//! The views of this program, and what it lets the first program and the Worker do.
//! Not here: the views themselves, how the first program shows one (`provenear-web-page`), how it is fetched (`boot.js`).

use std::cell::RefCell;

use js_sys::{Array, Function, Uint8Array};
use leptos::prelude::*;
use provenear_web_browser::message::{member, message};
use provenear_web_protocol::{Done, Job, View, from_js, read, to_js};
use provenear_web_ui::ambient::Ambient;
use wasm_bindgen::prelude::*;
use web_sys::{FileList, HtmlElement};

use crate::given;
use crate::parts::{deployment, linked, why};

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

    /// Takes a manifest that the link names.
    #[wasm_bindgen(method)]
    pub(crate) fn manifest(this: &First, text: String);

    /// Asks an endpoint of the link, too, by its URL.
    #[wasm_bindgen(method)]
    pub(crate) fn agree(this: &First, url: String);

    /// Shows a message by the way.
    #[wasm_bindgen(method)]
    pub(crate) fn say(this: &First, text: String);

    /// Whether the answer with this number is shown.
    #[wasm_bindgen(method)]
    pub(crate) fn shows(this: &First, answer: u32) -> bool;

    /// Puts the question of that answer once more, if it is shown.
    #[wasm_bindgen(method, js_name = askAgain)]
    pub(crate) fn ask_again(this: &First, answer: u32);

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

    /// Brings it a manifest that the link names, unless the view has ended meanwhile.
    pub(crate) fn manifest(self, text: String) {
        self.0.try_with_value(|first| first.manifest(text));
    }

    /// Lets it ask an endpoint of the link, unless the view has ended meanwhile.
    pub(crate) fn agree(self, url: &str) {
        self.0.try_with_value(|first| first.agree(url.to_owned()));
    }

    /// Lets it show a message by the way, unless there is none or the view has ended meanwhile.
    pub(crate) fn say(self, text: String) {
        if !text.is_empty() {
            self.0.try_with_value(|first| first.say(text));
        }
    }

    /// Whether it shows the answer with this number.
    pub(crate) fn shows(self, answer: u32) -> bool {
        self.0.try_with_value(|first| first.shows(answer)).unwrap_or_default()
    }

    /// Lets it put the question of that answer once more, unless the view has ended meanwhile.
    pub(crate) fn ask_again(self, answer: u32) {
        self.0.try_with_value(|first| first.ask_again(answer));
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

    /// Lets it do `job` on the code of the answer `id`.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn of_code(self, job: &Job, id: u32) -> Result<Done, String> {
        Ok(self.done(job, Some(id), None).await?.0)
    }

    /// The code of the answer `id`, as it was hashed: a byte array.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn code(self, id: u32) -> Result<Uint8Array, String> {
        let (_, bytes) = self.done(&Job::Code, Some(id), None).await?;
        bytes.ok_or_else(|| OTHER.to_owned())
    }

    /// Lets it do `job`, with bytes that belong to it. Gives what came of it, and bytes that belong to that.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn run(self, job: &Job, given: Option<&Uint8Array>) -> Result<(Done, Option<Uint8Array>), String> {
        self.done(job, None, given).await
    }

    async fn done(
        self,
        job: &Job,
        id: Option<u32>,
        given: Option<&Uint8Array>,
    ) -> Result<(Done, Option<Uint8Array>), String> {
        let ids: Array = id.map(JsValue::from).into_iter().collect();
        let given: Array = given.into_iter().collect();
        let message = message(&[("job", &to_js(job)), ("ids", &ids), ("given", &given)]);
        let answer = self.ask(&message).await?;
        let done: Array = member(&answer, "done").dyn_into().map_err(|_| OTHER.to_owned())?;
        Ok((from_js(done.get(0))?, done.get(1).dyn_into().ok()))
    }
}

/// What would be a fault of ours.
pub(crate) const OTHER: &str = "the Worker answered something else";

/// A place and what keeps the view in it alive.
type Shown = (HtmlElement, Box<dyn std::any::Any>);

thread_local! {
    static SHOWN: RefCell<Vec<Shown>> = const { RefCell::new(Vec::new()) };
}

/// Draws `view` into `element`. Views whose place has left the page, or is wanted again, end.
///
/// # Errors
/// When it is no view.
pub fn open(element: HtmlElement, view: &str, ask: Function, first: First) -> Result<(), String> {
    let view: View = read(view)?;
    // The first program keeps a place from one view to the next.
    SHOWN.with_borrow_mut(|shown| shown.retain(|(place, _)| place.is_connected() && *place != element));
    let ambient = Ambient::load();
    let handle = leptos::mount::mount_to(element.clone(), move || {
        provide_context(ambient);
        ambient.follow();
        provide_context(Inspector(StoredValue::new_local(ask)));
        let page = Page(StoredValue::new_local(first));
        provide_context(page);
        Effect::new(move || page.say(ambient.announcement.get()));
        match view {
            View::Settings => crate::settings::settings(),
            View::About => crate::about::about(),
            View::Compare(query) => crate::compare::compare(&query),
            View::Cards { answer, report } => crate::cards::cards(answer, report),
            View::Replacement(report) => deployment::replacement(&report),
            View::Why(notice) => why::words(notice.why()),
            View::Linked(link) => linked::linked(&link),
            View::Given(bytes) => {
                page.say(given::describe(&bytes.chars().map(|character| character as u8).collect::<Vec<_>>()));
                ().into_any()
            }
            View::Known(hash) => crate::known::known(hash),
            View::Proposal { network, dao, id } => crate::proposal::proposal(network, dao, id),
        }
    });
    SHOWN.with_borrow_mut(|shown| shown.push((element, Box::new(handle))));
    Ok(())
}
