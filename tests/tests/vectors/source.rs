//! `expect: ok` with `url` and `commit`, and the `local` host where it is one, or each gap in order as a `gap` line.

use provenear_shared::source::SourceSnapshot;
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "url", "commit", "gap", "browse", "not-said", "local"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let expect = vector.header("expect")?;
    match SourceSnapshot::parse(&vector.text()?) {
        Ok(source) => {
            same("the outcome", "ok", expect)?;
            same("the URL", source.url(), vector.header("url")?)?;
            same("the commit", source.commit(), vector.header("commit")?)?;
            let local = vector.headers("local");
            same("the local host", source.local_host().unwrap_or("none"), local.first().unwrap_or(&"none"))?;
            let browse = vector.headers("browse");
            same("the page", source.browse_url().as_deref().unwrap_or("none"), browse.first().unwrap_or(&"none"))
        }
        Err(gaps) => {
            same("the outcome", "gaps", expect)?;
            let codes: Vec<&str> = gaps.iter().map(|gap| gap.code().code()).collect();
            same("the list of gaps", &codes.join(" "), &vector.headers("gap").join(" "))?;
            let said: Vec<String> = gaps.iter().map(ToString::to_string).collect();
            match vector.headers("not-said").iter().find(|secret| said.join(" ").contains(*secret)) {
                Some(secret) => Err(format!("`{secret}` is repeated")),
                None => Ok(()),
            }
        }
    }
}
