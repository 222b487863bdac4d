//! What there is to take away: the code itself, the report as the JSON that `inspect --json` prints, and on paper with all
//! evidence open.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_web_protocol::{Done, Job};
use provenear_web_ui::ambient::{Ambient, save_file};
use provenear_web_ui::text;
use wasm_bindgen::JsCast as _;

use crate::open::Inspector;
use crate::parts::command::file_name;
use crate::parts::read_report;

/// How long what is opened for the printer may take to be drawn.
const DRAWN: Duration = Duration::from_millis(1500);

/// Save the code and the report of the answer `id`, and print it. `code_hash` is in base58.
pub(crate) fn export(id: u32, given: String, code_hash: Option<String>) -> AnyView {
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let told = move |saved: Result<(), String>| {
        if let Err(why) = saved {
            ambient.announcement.set(format!("It could not be saved: {why}."));
        }
    };
    let save = move |_| {
        let given = given.clone();
        spawn_local(async move {
            let json = whole(inspector, id, &given).await;
            told(json.and_then(|json| Ok(save_file("provenear-report.json", &json.into())?)));
        });
    };
    let code = code_hash.map(|code_hash| {
        let name = file_name(&code_hash);
        let save = move |_| {
            let name = name.clone();
            spawn_local(async move {
                told(inspector.code(id).await.and_then(|code| Ok(save_file(&name, &code)?)));
            });
        };
        text::button("save-code", "Save the code", save)
    });
    let print = move |_| {
        open_all();
        let print = || {
            // What was drawn meanwhile is folded too.
            open_all();
            // A browser without a printer has nothing to say to us.
            drop(window().print());
        };
        set_timeout(print, DRAWN);
    };
    let report = [text::button("export", "Save as JSON", save), text::button("print", "Print", print)];
    text::actions(code.into_iter().chain(report).collect())
}

/// The report as `inspect --json` prints it, module facts and ABI included.
async fn whole(inspector: Inspector, id: u32, given: &str) -> Result<String, String> {
    let wrong = |error: serde_json::Error| error.to_string();
    let mut report = read_report(given).ok_or("it cannot be read")?;
    if report.code.is_some() {
        // A module that cannot be parsed has neither, and one without an ABI has no ABI.
        if let Ok(Done::Facts(facts)) = inspector.of_code(&Job::Facts, id).await {
            report.module = Some(*facts);
        }
        if let Ok(Done::Abi(abi)) = inspector.of_code(&Job::Abi, id).await {
            report.abi = Some(abi.verbatim);
        }
    }
    let value = serde_json::to_value(&report).map_err(wrong)?;
    serde_json::to_string_pretty(&value).map(|text| format!("{text}\n")).map_err(wrong)
}

/// Opens everything that is folded, so that all evidence is printed.
fn open_all() {
    let Ok(folded) = document().query_selector_all("main details:not(.intake):not([open])") else { return };
    for place in 0..folded.length() {
        if let Some(Ok(details)) = folded.item(place).map(|node| node.dyn_into::<web_sys::Element>()) {
            // An element of the page takes an attribute.
            let _ = details.set_attribute("open", "");
        }
    }
}
