//! `expect: ok` with the `reference` to pull, or the code of the one gap.

use provenear_shared::image::ImageRef;
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "reference", "tag"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let expect = vector.header("expect")?;
    match ImageRef::parse(&vector.text()?) {
        Ok(image) => {
            same("the outcome", "ok", expect)?;
            same("the reference", &image.reference(), vector.header("reference")?)?;
            same("the tag", image.tag().unwrap_or("none"), vector.header("tag")?)
        }
        Err(gap) => same("the outcome", gap.code().code(), expect),
    }
}
