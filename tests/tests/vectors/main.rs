//! Every vector under `testdata/vectors`, natively and on wasm32. A room is a folder there and a module here.
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use provenear_shared::deployment::LookCode;
use provenear_shared::gap::GapCode;
use provenear_shared::manifest::Rejection;
use provenear_shared::notice::NoticeCode;
use provenear_shared::verdict::VerdictCode;
use provenear_tests::vector::Vector;

mod walk;
/// Runs every vector of a room and lists all that fail.
fn hold(room: &str, headers: &[&str], check: fn(&Vector) -> Result<(), String>) {
    let vectors: Vec<Vector> = Vector::all().unwrap().into_iter().filter(|vector| vector.room == room).collect();
    assert!(!vectors.is_empty(), "the room `{room}` has no vectors");
    let run = |vector: &Vector| vector.only(headers).and_then(|()| check(vector));
    let failed: Vec<String> = vectors
        .iter()
        .filter_map(|vector| run(vector).err().map(|reason| format!("{}: {reason}", vector.name)))
        .collect();
    assert!(failed.is_empty(), "{} of {} vectors fail:\n{}", failed.len(), vectors.len(), failed.join("\n"));
}

/// A module and a test for each room, and a test that no folder is left over.
macro_rules! rooms {
    ($($room:ident)*) => {
        $(mod $room;)*

        /// The tests, away from the modules whose names they share.
        mod hold_in {
            $(
                #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
                #[cfg_attr(not(target_arch = "wasm32"), test)]
                fn $room() {
                    super::hold(stringify!($room), super::$room::HEADERS, super::$room::check);
                }
            )*
        }

        const ROOMS: &[&str] = &[$(stringify!($room)),*];
    };
}

rooms! {
    archive
    claim
    dao
    digest
    dsse
    image
    key
    keys
    manifest
    near
    nep330
    node
    recipe
    registry
    rpc
    source
    verdict
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn no_folder_is_left_over() {
    for vector in Vector::all().unwrap() {
        assert!(ROOMS.contains(&vector.room), "nobody checks the folder `{}`", vector.room);
    }
}

/// Every code that evidence can bring about; those of the helper's own are tested there.
fn codes() -> impl Iterator<Item = &'static str> {
    let verdicts = VerdictCode::ALL.iter().map(|it| it.code()).chain(GapCode::ALL.iter().map(|it| it.code()));
    let looks = LookCode::ALL.iter().map(|it| it.code()).chain(NoticeCode::ALL.iter().map(|it| it.code()));
    verdicts.chain(looks).chain(Rejection::ALL.iter().map(|it| it.code()))
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn every_code_has_a_scenario() {
    let vectors = Vector::all().unwrap();
    let told: Vec<&str> = vectors
        .iter()
        .flat_map(|vector| ["expect", "gap", "notice", "line"].map(|name| vector.headers(name)))
        .flatten()
        .collect();
    let missing: Vec<&str> = codes().filter(|code| !told.contains(code)).collect();
    assert!(missing.is_empty(), "no vector expects {missing:?}");
}
