//! The second program: `open`, which draws one of its views, and `work`, which does its jobs in the Worker.
//! Not here: the views (`pages`), how the first shows one (`later`), how it is fetched (`boot.js`).

use std::cell::RefCell;

use js_sys::{Array, Function, Uint8Array};
use leptos::prelude::*;
use provenear_shared::wasm::Module;
use provenear_web_protocol::{Done, Job, View, read, written};
use wasm_bindgen::prelude::*;
use web_sys::{FileList, HtmlElement};

use crate::components::{deployment, strangers};
use crate::errand;
use crate::message::{bytes, member, message};
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
        let message = message(&[("job", &written(job).into()), ("ids", &ids), ("given", &given)]);
        let answer = self.ask(&message).await?;
        let done: Array = member(&answer, "done").dyn_into().map_err(|_| OTHER.to_owned())?;
        Ok((read(&done.get(0).as_string().unwrap_or_default())?, done.get(1).dyn_into().ok()))
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
    let ambient = Ambient::new();
    let handle = leptos::mount::mount_to(element.clone(), move || {
        provide_context(ambient);
        ambient.follow();
        provide_context(Inspector(StoredValue::new_local(ask)));
        provide_context(Page(StoredValue::new_local(first)));
        let page = match view {
            View::Settings => pages::settings::settings(),
            View::About => pages::about::about(),
            View::Compare(query) => pages::compare::compare(&query),
            View::Cards { answer, report } => pages::cards::cards(answer, report),
            View::Replacement(report) => deployment::replacement(&report),
            View::Strangers(link) => strangers::strangers(&link),
            View::Known(hash) => pages::known::known(hash),
            View::Proposal { network, dao, id } => pages::proposal::proposal(network, dao, id),
        };
        view! {
            {page}
            <p class="announcement" role="status" aria-live="polite">{move || ambient.announcement.get()}</p>
        }
    });
    SHOWN.with_borrow_mut(|shown| shown.push((element, Box::new(handle))));
    Ok(())
}

/// In the Worker: does one job, with the bytes that it is about. Gives what came of it, and bytes where they are part of that.
///
/// # Errors
/// One sentence.
pub async fn work(job: &str, beside: &Array, sandbox: Function) -> Result<Array, String> {
    let given = bytes(beside).into_iter().next();
    let code = || given.as_deref().ok_or("the code is no longer at hand: look again");
    let parse = || Module::parse(code()?).map_err(|error| error.to_string());
    let (done, bytes) = match read(job)? {
        Job::Code => (Done::Code, Some(Uint8Array::from(code()?))),
        Job::Facts => {
            let facts = provenear_shared::embedded::facts(&parse()?, &Browser(sandbox)).await;
            (Done::Facts(Box::new(facts)), None)
        }
        Job::Abi => {
            let abi = provenear_shared::abi::abi(&parse()?, &Browser(sandbox)).await;
            (Done::Abi(Box::new(abi.map_err(|error| error.to_string())?)), None)
        }
        Job::Module(ask) => {
            let (module, code) = errand::module(ask, given).await?;
            (Done::Module(module), Some(code))
        }
        Job::Registry { ask, registry } => (Done::Registry(errand::registry(ask, &registry).await?), None),
        Job::Proposal { ask, id } => {
            let (proposal, code) = errand::proposal(ask, id).await?;
            (Done::Proposal(Box::new(proposal)), code)
        }
        Job::Source(sha256) => {
            (Done::Source(errand::source(sha256, given.as_deref().ok_or("there is no file")?)?), None)
        }
    };
    let text = JsValue::from(written(&done));
    Ok(std::iter::once(text).chain(bytes.map(JsValue::from)).collect())
}
