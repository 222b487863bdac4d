//! What the page weighs: the files that a browser fetches until the first verdict, as a host with brotli sends them.
//! Not here: whether that is little enough (`tests/weight.rs`), what a browser really fetches (`provenear-bench`).

use anyhow::{Context, Result, ensure};
use std::path::Path;

use crate::static_server::brotli_of;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// Its name, without the digest that is part of it.
    pub name: String,
    /// Bytes as they lie there.
    pub plain: usize,
    /// Bytes as they travel: brotli, quality 11.
    pub brotli: usize,
}

/// The page in `folder` and all that it names itself: style, icon, scripts, module. The second program stands in a `meta`
/// and is fetched after the verdict; the picture for social previews is fetched by others.
///
/// # Errors
/// When a file is missing, or the page does not name one style, four scripts (loader, bindings, those of Workers) and one module.
pub fn until_the_verdict(folder: &Path) -> Result<Vec<Weighed>> {
    let html = std::fs::read_to_string(folder.join("index.html")).context("the page is not built")?;
    let named = ["href=\"./", "src=\"./"].iter().flat_map(|attribute| html.split(attribute).skip(1));
    let mut names: Vec<&str> = named.filter_map(|rest| rest.split('"').next()).collect();
    names.sort_unstable();
    names.dedup();
    let count = |ending: &str| names.iter().filter(|name| name.ends_with(ending)).count();
    ensure!(
        (count(".css"), count(".js"), count(".wasm")) == (1, 4, 1),
        "`index.html` names other files than one style, four scripts and one module: {names:?}"
    );
    let files = std::iter::once("index.html").chain(names);
    files
        .map(|name| {
            let bytes = std::fs::read(folder.join(name)).with_context(|| format!("the page has no `{name}`"))?;
            Ok(Weighed { name: plain_name(name), plain: bytes.len(), brotli: brotli_of(&bytes).len() })
        })
        .collect()
}

/// `style-99e6f91b1bb33851.css` without its digest.
pub(crate) fn plain_name(name: &str) -> String {
    let is_digest = |part: &str| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let cut = name.match_indices('-').find(|(at, _)| name.get(at + 1..at + 17).is_some_and(is_digest));
    cut.map_or_else(|| name.to_owned(), |(at, _)| format!("{}{}", &name[..at], &name[at + 17..]))
}
