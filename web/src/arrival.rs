//! A rebuild that is published while the page is open: the store beside the page is asked again, and when it says
//! something new, the question is put again. Nobody else is asked twice.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::deployment::Stored;
use provenear_shared::inspection::store_name;
use provenear_shared::report::SubjectKind;
use provenear_shared::verdict::VerdictCode;
use provenear_web_protocol::Answer;

use crate::engine::Looking;
use crate::session::Session;
use crate::settings::is_same_origin;
use crate::transport;

/// Seconds between two looks.
const PAUSE: u64 = 5;

/// Watches for as long as nobody has said enough about what is shown.
pub(crate) fn watch(session: Session) {
    Effect::new(move || {
        let files = session.engine.looking.with(|looking| match looking {
            Looking::Found(answer) => awaited(&session, answer),
            Looking::Awaiting(_) | Looking::Failed(_) | Looking::Ended(_) => Vec::new(),
        });
        for (url, known) in files {
            let known = StoredValue::new(known);
            let look = move || {
                // Who does not look at the page waits for nothing.
                if !document().hidden() {
                    spawn_local(ask(session, url.clone(), known));
                }
            };
            look();
            if let Ok(interval) = set_interval_with_handle(look, Duration::from_secs(PAUSE)) {
                on_cleanup(move || interval.clear());
            }
        }
    });
}

/// What a file says, as far as it is known.
#[derive(Clone, PartialEq)]
enum Known {
    /// Whatever it says first.
    Unread,
    /// This, or that there is none.
    Read(Stored),
}

/// The files that could bring news, with what is known of them.
fn awaited(session: &Session, answer: &Answer) -> Vec<(String, Known)> {
    let waits = answer.verdict.as_ref().is_some_and(|verdict| verdict.code == VerdictCode::NotRebuilt);
    let (true, Some(hash)) = (waits, answer.code_hash) else { return Vec::new() };
    let is_file = answer.kind == SubjectKind::File;
    if is_file && !session.ask_stores.get_untracked() {
        return Vec::new();
    }
    let known = match answer.has_stored {
        true => Known::Unread,
        false => Known::Read(Stored::Absent),
    };
    let stores = session.settings.with_untracked(|settings| settings.store_urls());
    let own = stores.into_iter().filter(|store| is_same_origin(store));
    own.map(|store| (format!("{}/{}", store.trim_end_matches('/'), store_name(&hash)), known.clone())).collect()
}

async fn ask(session: Session, url: String, known: StoredValue<Known>) {
    // A store that cannot be read now may be readable the next time.
    let Ok(said) = transport::text(&url).await else { return };
    let said = Known::Read(said);
    match known.try_get_value() {
        Some(Known::Unread) => known.set_value(said),
        Some(before) if before != said => {
            known.set_value(said);
            session.attempt.update(|attempt| *attempt += 1);
        }
        // Nothing new, or another subject is shown by now.
        Some(_) | None => {}
    }
}
