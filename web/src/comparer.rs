//! One comparison, made in a Worker of its own that can be stopped whatever it is doing. Both its ends: the handle that a
//! view holds, and what the Worker does. Not here: how the Worker is started and ended (`boot.js`).

use std::cell::{Cell, RefCell};

use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use provenear_shared::comparison;
use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{DiffReport, functions, picture, side_by_side};
use serde_json::json;
use wasm_bindgen::prelude::*;

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
            let _ = comparer.ask("start", &[], "", None).await;
        });
        comparer
    }

    /// Lets the Worker do `work`, on two modules where it is `diff`; `heard` is told of each step. Gives JSON.
    ///
    /// # Errors
    /// One sentence; also when it was stopped.
    pub(crate) async fn ask(
        self,
        work: &str,
        modules: &[Code],
        detail: &str,
        heard: Option<&Function>,
    ) -> Result<String, String> {
        let message = self.message(work, modules, detail, heard).map_err(|_| "no message".to_owned())?;
        let answer = self.inspector.ask(&message).await?;
        let done = Reflect::get(&answer, &"done".into()).unwrap_or_default();
        done.as_string().ok_or_else(|| "no answer".to_owned())
    }

    /// Ends the Worker, whatever it is doing. Whoever awaits it is told.
    pub(crate) fn stop(self) {
        // One that has ended already need not be stopped.
        let _ = self.message("stop", &[], "", None).and_then(|message| self.inspector.tell(&message));
    }

    fn message(self, work: &str, modules: &[Code], detail: &str, heard: Option<&Function>) -> Result<JsValue, JsValue> {
        let message = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&message, &name.into(), value);
        set("comparer", &self.number.into())?;
        set("work", &work.into())?;
        set("detail", &detail.into())?;
        let module = |code: &Code| match code {
            Code::OfAnswer(id) => JsValue::from(*id),
            Code::Given(bytes) => bytes.into(),
        };
        set("modules", &modules.iter().map(module).collect::<Array>())?;
        if let Some(heard) = heard {
            set("heard", heard)?;
        }
        Ok(message.into())
    }
}

/// In the Worker: what was compared, for whoever asks for a function of it, and all functions as JSON.
struct Compared {
    modules: [Vec<u8>; 2],
    report: DiffReport,
    functions: String,
}

thread_local! {
    static COMPARED: RefCell<Option<Compared>> = const { RefCell::new(None) };
}

/// In the Worker: `diff` of two modules (byte arrays), then their `functions`, or one `function` of them, `detail` being the
/// indices as `a,b`. Calls `heard` with the number of each stage. Gives JSON.
///
/// # Errors
/// One sentence.
pub async fn compare(
    work: &str,
    modules: &Array,
    detail: &str,
    sandbox: Function,
    heard: &Function,
) -> Result<String, String> {
    match work {
        "diff" => diff(modules, sandbox, heard).await,
        "functions" => with_compared(|compared| Ok(compared.functions.clone())),
        "function" => with_compared(|compared| {
            let (a, b) = parsed(&compared.modules)?;
            let (first, second) = detail.split_once(',').unwrap_or((detail, ""));
            let shown = side_by_side(&a, &b, &compared.report, first.parse().ok(), second.parse().ok());
            serde_json::to_string(&shown).map_err(|error| error.to_string())
        }),
        other => Err(format!("`{other}` is not done here")),
    }
}

async fn diff(modules: &Array, sandbox: Function, heard: &Function) -> Result<String, String> {
    let modules: Vec<Vec<u8>> =
        modules.iter().filter_map(|bytes| bytes.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec()).collect();
    let modules = modules.try_into().map_err(|_| "the code is no longer at hand: look again")?;
    let (a, b) = parsed(&modules)?;
    let mut watch = |stage| {
        // Nobody has to listen.
        let _ = heard.call1(&JsValue::NULL, &(stage as u32).into());
    };
    let report = comparison::compare(&a, &b, [None, None], &Browser(sandbox), &mut watch).await;
    let found = json!({ "report": report, "picture": picture(&a, &b, &report) });
    let functions = serde_json::to_string(&functions(&a, &b, &report)).map_err(|error| error.to_string())?;
    COMPARED.set(Some(Compared { modules, report, functions }));
    Ok(found.to_string())
}

fn parsed([a, b]: &[Vec<u8>; 2]) -> Result<(Module<'_>, Module<'_>), String> {
    let parse = |bytes| Module::parse(bytes).map_err(|error| error.to_string());
    Ok((parse(a)?, parse(b)?))
}

fn with_compared(show: impl FnOnce(&Compared) -> Result<String, String>) -> Result<String, String> {
    COMPARED.with_borrow(|compared| show(compared.as_ref().ok_or("nothing was compared")?))
}
