//! What people read of the helper is as it is recorded: a sentence that changes is seen. Written anew by `TRYCMD=overwrite`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::path::PathBuf;

use provenear_tests::ground;

#[test]
fn what_people_read_is_as_recorded() {
    let provenear = PathBuf::from(ground::provenear().unwrap().get_program());
    let cases = trycmd::TestCases::new();
    cases.register_bin("provenear", provenear).env("COLUMNS", "110").case("testdata/words/*.trycmd");
    cases.run();
}
