//! One comparison, in a Worker of its own.

use std::cell::RefCell;
use std::mem::take;

use js_sys::{Array, Function};
use provenear_shared::comparison;
use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{DiffReport, Stage, functions, picture, side_by_side};
use provenear_web_browser::message::bytes;
use provenear_web_protocol::{Compared, Comparison, Difference, from_js, to_js};
use wasm_bindgen::JsValue;

use crate::sandbox::Browser;

/// What was compared, for whoever asks for a function of it, and all functions as they are sent.
struct Kept {
    modules: [Vec<u8>; 2],
    report: DiffReport,
    functions: JsValue,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// Does one job, on two modules (byte arrays) where it is to compare them. `heard` is told of each stage.
///
/// # Errors
/// One sentence.
pub async fn compare(job: JsValue, modules: &Array, sandbox: Function, heard: &Function) -> Result<JsValue, String> {
    match from_js(job)? {
        Comparison::Difference => difference(bytes(modules), sandbox, heard).await,
        Comparison::Functions => with_kept(|kept| Ok(kept.functions.clone())),
        Comparison::SideBySide([first, second]) => with_kept(|kept| {
            let (a, b) = parse_both(&kept.modules)?;
            Ok(to_js(&Compared::SideBySide(side_by_side(&a, &b, &kept.report, first, second))))
        }),
    }
}

async fn difference(modules: Vec<Vec<u8>>, sandbox: Function, heard: &Function) -> Result<JsValue, String> {
    let modules = modules.try_into().map_err(|_| "the code is no longer at hand: look again")?;
    let (a, b) = parse_both(&modules)?;
    let mut watch = |stage: Stage| {
        // Nobody has to listen.
        let _ = heard.call1(&JsValue::NULL, &to_js(&stage));
    };
    let mut report = comparison::compare(&a, &b, [None, None], &Browser(sandbox), &mut watch).await;
    let functions = to_js(&Compared::Functions(functions(&a, &b, &report)));
    let picture = picture(&a, &b, &report);
    // What is said of functions is in their list, and would be long.
    let (changes, pairs) = (take(&mut report.changes), take(&mut report.pairs));
    let done = to_js(&Compared::Difference(Box::new(Difference { report: report.clone(), picture })));
    (report.changes, report.pairs) = (changes, pairs);
    KEPT.set(Some(Kept { modules, report, functions }));
    Ok(done)
}

fn parse_both([a, b]: &[Vec<u8>; 2]) -> Result<(Module<'_>, Module<'_>), String> {
    let parse = |bytes| Module::parse(bytes).map_err(|error| error.to_string());
    Ok((parse(a)?, parse(b)?))
}

fn with_kept(show: impl FnOnce(&Kept) -> Result<JsValue, String>) -> Result<JsValue, String> {
    KEPT.with_borrow(|kept| show(kept.as_ref().ok_or("nothing was compared")?))
}
