//! What there is to take away: the code itself, the report as the JSON that `inspect --json` prints, and on paper with all
//! evidence open that is at hand: printing asks nobody.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::Report;
use provenear_web_protocol::{Done, Job};
use provenear_web_ui::ambient::{Ambient, save_file};
use provenear_web_ui::text;

use crate::open::Inspector;
use crate::paper::open_all;
use crate::parts::command::file_name;
use crate::parts::read_report;

/// How long what is opened for the printer may take to be drawn.
const DRAWN: Duration = Duration::from_millis(1500);

/// Save the code and the report of the answer `id`, and print it.
pub(crate) fn export(id: u32, given: String, report: &Report) -> AnyView {
    let code_hash = report.code.as_ref().map(|code| code.code_hash.to_base58());
    let name = saved_as(report);
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let told = move |saved: Result<(), String>| {
        if let Err(why) = saved {
            ambient.announcement.set(format!("It could not be saved: {why}."));
        }
    };
    let save = move |_| {
        let (given, name) = (given.clone(), name.clone());
        spawn_local(async move {
            let json = whole(inspector, id, &given).await;
            told(json.and_then(|json| Ok(save_file(&name, &json.into())?)));
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

/// What the report is saved as: what it is about, and as of which block. Files and hashes go by the hash, which names the same
/// code everywhere.
fn saved_as(report: &Report) -> String {
    let name = match (&report.deployment, &report.code) {
        (Some(at), _) => format!("{}@{}", at.account_id, at.block_height),
        (None, Some(code)) => code.code_hash.to_base58(),
        (None, None) => "provenear-report".to_owned(),
    };
    format!("{name}.json")
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
