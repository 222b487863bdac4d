//! One comparison, made in a Worker of its own that can be stopped whatever it is doing. Both its ends: the handle that a
//! view holds, and what the Worker does. Not here: how the Worker is started and ended (`boot.js`).

use std::cell::{Cell, RefCell};
use std::mem::take;

use js_sys::{Array, Function, Uint8Array};
use provenear_shared::comparison;
use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{DiffReport, Stage, functions, picture, side_by_side};
use provenear_web_protocol::{Compared, Comparison, Difference, read, written};
use wasm_bindgen::prelude::*;

use crate::message::{bytes, member, message};
use crate::sandbox::Browser;
use crate::workbench::Inspector;

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
        let asked = self.message(&[("job", &written(&job).into()), ("modules", &modules), ("heard", &heard)]);
        let answer = self.inspector.ask(&asked).await?;
        read(&member(&answer, "done").as_string().unwrap_or_default())
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

/// In the Worker: what was compared, for whoever asks for a function of it, and all functions as they are sent.
struct Kept {
    modules: [Vec<u8>; 2],
    report: DiffReport,
    functions: String,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// In the Worker: does one job, on two modules (byte arrays) where it is to compare them. `heard` is told of each stage.
///
/// # Errors
/// One sentence.
pub async fn compare(job: &str, modules: &Array, sandbox: Function, heard: &Function) -> Result<String, String> {
    match read(job)? {
        Comparison::Difference => difference(bytes(modules), sandbox, heard).await,
        Comparison::Functions => with_kept(|kept| Ok(kept.functions.clone())),
        Comparison::SideBySide([first, second]) => with_kept(|kept| {
            let (a, b) = parsed(&kept.modules)?;
            Ok(written(&Compared::SideBySide(side_by_side(&a, &b, &kept.report, first, second))))
        }),
    }
}

async fn difference(modules: Vec<Vec<u8>>, sandbox: Function, heard: &Function) -> Result<String, String> {
    let modules = modules.try_into().map_err(|_| "the code is no longer at hand: look again")?;
    let (a, b) = parsed(&modules)?;
    let mut watch = |stage: Stage| {
        // Nobody has to listen.
        let _ = heard.call1(&JsValue::NULL, &written(&stage).into());
    };
    let mut report = comparison::compare(&a, &b, [None, None], &Browser(sandbox), &mut watch).await;
    let functions = written(&Compared::Functions(functions(&a, &b, &report)));
    let picture = picture(&a, &b, &report);
    // What is said of functions is in their list, and would be long.
    let (changes, pairs) = (take(&mut report.changes), take(&mut report.pairs));
    let done = written(&Compared::Difference(Box::new(Difference { report: report.clone(), picture })));
    (report.changes, report.pairs) = (changes, pairs);
    KEPT.set(Some(Kept { modules, report, functions }));
    Ok(done)
}

fn parsed([a, b]: &[Vec<u8>; 2]) -> Result<(Module<'_>, Module<'_>), String> {
    let parse = |bytes| Module::parse(bytes).map_err(|error| error.to_string());
    Ok((parse(a)?, parse(b)?))
}

fn with_kept(show: impl FnOnce(&Kept) -> Result<String, String>) -> Result<String, String> {
    KEPT.with_borrow(|kept| show(kept.as_ref().ok_or("nothing was compared")?))
}
