//! A rebuild that is published while the page is open: the store beside the page is asked again, and when it says
//! something new, the question is put again. Nobody else is asked twice.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::Report;
use provenear_shared::deployment::Stored;
use provenear_shared::inspection::{ManifestOrigin, StoreState, store_name};
use provenear_shared::verdict::VerdictCode;
use provenear_web_browser::fetch;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::settings::is_same_origin;

use crate::open::Page;

/// Seconds between two looks.
const PAUSE: u64 = 5;

/// Watches for as long as the answer with this number is shown, if nobody has said enough about it.
pub(crate) fn watch(answer: u32, report: &Report) {
    let page = Page::get();
    for (url, known) in list_expected(report) {
        let known = StoredValue::new(known);
        let look = move || {
            // Who does not look at it waits for nothing.
            if !document().hidden() && page.shows(answer) {
                spawn_local(ask(page, answer, url.clone(), known));
            }
        };
        look();
        if let Ok(interval) = set_interval_with_handle(look, Duration::from_secs(PAUSE)) {
            on_cleanup(move || interval.clear());
        }
    }
}

/// What a file says, as far as it is known.
#[derive(Clone, PartialEq)]
enum Known {
    /// Whatever it says first.
    Unread,
    /// This, or that there is none.
    Read(Stored),
}

/// Lists the files that could bring news, with what is known of them. A store that was not asked is not asked here.
fn list_expected(report: &Report) -> Vec<(String, Known)> {
    let waits = report.verdict.as_ref().is_some_and(|verdict| verdict.code == VerdictCode::NotRebuilt);
    let were_asked = report.stores.iter().any(|store| store.state != StoreState::NotAsked);
    let (true, true, Some(code)) = (waits, were_asked, &report.code) else { return Vec::new() };
    let known = match report.manifests.iter().any(|manifest| manifest.source == ManifestOrigin::Store) {
        true => Known::Unread,
        false => Known::Read(Stored::Absent),
    };
    let stores = Ambient::get().settings.with_untracked(|settings| settings.store_urls());
    let own = stores.into_iter().filter(|store| is_same_origin(store));
    own.map(|store| (format!("{}/{}", store.trim_end_matches('/'), store_name(&code.code_hash)), known.clone()))
        .collect()
}

async fn ask(page: Page, answer: u32, url: String, known: StoredValue<Known>) {
    // A store that cannot be read now may be readable the next time.
    let Ok(said) = fetch::text(&url).await else { return };
    let said = Known::Read(said);
    match known.try_get_value() {
        Some(Known::Unread) => known.set_value(said),
        Some(before) if before != said => {
            known.set_value(said);
            page.ask_again(answer);
        }
        // Nothing new, or another subject is shown by now.
        Some(_) | None => {}
    }
}
