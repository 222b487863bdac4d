//! The handle of one comparison, which is made in a Worker of its own that can be stopped whatever it is doing.
//! Not here: what that Worker does (`provenear-web-workers`), how it is started and ended (`worker.js`).

use std::cell::Cell;

use js_sys::{Array, Function, Uint8Array};
use provenear_web_browser::message::{member, message};
use provenear_web_protocol::{Compared, Comparison, from_js, to_js};
use wasm_bindgen::prelude::*;

use crate::open::Inspector;

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(1) };
}

/// A module to compare.
#[derive(Debug, Clone)]
pub(crate) enum Code {
    /// Of the answer that is shown, which the inspector keeps.
    OfAnswer(u32),
    /// At hand.
    Given(Uint8Array),
}

/// The handle of a Worker that compares.
#[derive(Clone, Copy)]
pub(crate) struct Comparer {
    inspector: Inspector,
    number: u32,
}

impl Comparer {
    /// Starts the Worker, so that it is ready when there is something to compare.
    pub(crate) fn new(inspector: Inspector) -> Self {
        let comparer = Self { inspector, number: NEXT.replace(NEXT.get() + 1) };
        leptos::task::spawn_local(async move {
            // One that does not start says so to whoever asks it for something.
            let _ = inspector.ask(&comparer.message(&[])).await;
        });
        comparer
    }

    /// Lets the Worker do `job`, on two modules where it is to compare them; `heard` is told of each stage.
    ///
    /// # Errors
    /// One sentence; also when it was stopped.
    pub(crate) async fn ask(
        self,
        job: Comparison,
        modules: &[Code],
        heard: Option<&Function>,
    ) -> Result<Compared, String> {
        let module = |code: &Code| match code {
            Code::OfAnswer(id) => JsValue::from(*id),
            Code::Given(bytes) => bytes.into(),
        };
        let modules: Array = modules.iter().map(module).collect();
        let heard = heard.map_or(JsValue::UNDEFINED, JsValue::from);
        let asked = self.message(&[("job", &to_js(&job)), ("modules", &modules), ("heard", &heard)]);
        let answer = self.inspector.ask(&asked).await?;
        from_js(member(&answer, "done"))
    }

    /// Ends the Worker, whatever it is doing. Whoever awaits it is told.
    pub(crate) fn stop(self) {
        // One that has ended already need not be stopped.
        let _ = self.inspector.tell(&self.message(&[("end", &true.into())]));
    }

    fn message(self, members: &[(&str, &JsValue)]) -> JsValue {
        let (number, none) = (self.number.into(), Array::new());
        let whose: [(&str, &JsValue); 2] = [("comparer", &number), ("modules", &none)];
        message(&[&whose[..], members].concat())
    }
}
