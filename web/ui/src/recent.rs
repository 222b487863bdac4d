//! What was looked up before, kept in this browser alone and forgotten on request.

use leptos::prelude::window;
use provenear_shared::digest::Sha256Digest;

use crate::route::Route;

const KEY: &str = "provenear/recent/v1";
/// How many are kept.
const KEPT: usize = 8;

/// Links, newest first.
pub fn links() -> Vec<String> {
    read_kept().into_iter().map(|(link, _)| link).collect()
}

/// Links to the accounts at which code with this hash (base58) was found when they were last looked at.
pub fn with_code(code_hash: &str) -> Vec<String> {
    let is_account = |link: &str| matches!(Route::parse(link), Route::Account(_));
    let found = read_kept().into_iter().filter(|(link, code)| code.as_deref() == Some(code_hash) && is_account(link));
    found.map(|(link, _)| link).collect()
}

/// Each with the hash of the code that was found there.
fn read_kept() -> Vec<(String, Option<String>)> {
    read(&storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).unwrap_or_default())
}

/// `<link>` or `<link> <hash>` a line. What somebody else wrote there is left out.
fn read(kept: &str) -> Vec<(String, Option<String>)> {
    let entry = |line: &str| match line.split_once(' ') {
        Some((link, code)) => (link.to_owned(), Sha256Digest::from_base58(code).ok().map(|code| code.to_base58())),
        None => (line.to_owned(), None),
    };
    let shown = |(link, _): &(String, Option<String>)| matches!(Route::parse(link), Route::Account(_) | Route::Code(_));
    kept.lines().map(entry).filter(shown).collect()
}

/// Puts `route` first.
pub fn keep(route: &Route) {
    store(route, None);
}

/// Puts `route` first, with the hash of the code that was found there.
pub fn learn(route: &Route, code_hash: &str) {
    store(route, Some(code_hash.to_owned()));
}

fn store(route: &Route, code: Option<String>) {
    let link = match route {
        Route::Account(route) => {
            Route::Account(crate::route::AccountRoute::new(route.network.clone(), route.account.clone())).link()
        }
        Route::Code(_) => route.link(),
        _ => return,
    };
    let mut all = read_kept();
    let before = all.iter().find(|(other, _)| *other == link).and_then(|(_, code)| code.clone());
    all.retain(|(other, _)| *other != link);
    all.insert(0, (link, code.or(before)));
    all.truncate(KEPT);
    let line = |(link, code): &(String, Option<String>)| match code {
        Some(code) => format!("{link} {code}"),
        None => link.clone(),
    };
    if let Some(storage) = storage() {
        // A browser that keeps nothing is one that forgets.
        let _ = storage.set_item(KEY, &all.iter().map(line).collect::<Vec<_>>().join("\n"));
    }
}

/// Forgets all of them; gives what [`restore`] takes.
pub fn forget() -> Option<String> {
    let storage = storage()?;
    let kept = storage.get_item(KEY).ok().flatten();
    // A browser that keeps nothing has nothing to forget.
    let _ = storage.remove_item(KEY);
    kept
}

/// Keeps again what was forgotten.
pub fn restore(kept: &str) {
    if let Some(storage) = storage() {
        // As with what is kept at first.
        let _ = storage.set_item(KEY, kept);
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_page_has_kept_before_is_read() {
        let hash = "11111111111111111111111111111111";
        let kept =
            format!("#/mainnet/app.near {hash}\n#/code/{hash}\n#/mainnet/b.near\n#/settings\n<b>\n#/mainnet/c.near x");
        let link = |link: &str, code: Option<&str>| (link.to_owned(), code.map(str::to_owned));
        let code = format!("#/code/{hash}");
        let expected =
            [("#/mainnet/app.near", Some(hash)), (&code, None), ("#/mainnet/b.near", None), ("#/mainnet/c.near", None)];
        assert_eq!(read(&kept), expected.map(|(to, code)| link(to, code)));
    }
}
