//! What was looked up before, kept in this browser alone and forgotten on request.

use leptos::prelude::window;

use crate::route::Route;

const KEY: &str = "provenear/recent/v1";
/// How many are kept.
const KEPT: usize = 8;

/// Links, newest first. What somebody else wrote there is left out.
pub(crate) fn links() -> Vec<String> {
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).unwrap_or_default();
    kept.lines()
        .filter(|link| matches!(Route::parse(link), Route::Account(_) | Route::Code(_)))
        .map(str::to_owned)
        .collect()
}

/// Puts `route` first.
pub(crate) fn keep(route: &Route) {
    let link = match route {
        Route::Account(route) => {
            Route::Account(crate::route::AccountRoute::new(route.network.clone(), route.account.clone())).link()
        }
        Route::Code(_) => route.link(),
        _ => return,
    };
    let mut links = links();
    links.retain(|other| *other != link);
    links.insert(0, link);
    links.truncate(KEPT);
    if let Some(storage) = storage() {
        // A browser that keeps nothing is one that forgets.
        let _ = storage.set_item(KEY, &links.join("\n"));
    }
}

/// Forgets all of them.
pub(crate) fn forget() {
    if let Some(storage) = storage() {
        // A browser that keeps nothing has nothing to forget.
        let _ = storage.remove_item(KEY);
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}
