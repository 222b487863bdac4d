//! `#/about`: what is checked, what is not, and how to check the page itself.

use leptos::prelude::*;
use provenear_web_ui::ambient::meta;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::value;
use wasm_bindgen::JsCast as _;

use crate::glossary::glossary;

/// The view.
pub(crate) fn about() -> AnyView {
    view! {
        <article class="prose">
            <h1>"What this page does, and what it cannot"</h1>
            <h2>"What is checked"</h2>
            <p>
                "Several endpoints are asked which code stands at an account at one block. The bytes are fetched and hashed \
                 in your browser; a hash that does not fit is an error, never an answer. The code's own claim about its \
                 source (NEP-330) is read by running that one function of it in a sealed Worker. Signed rebuild manifests \
                 are then checked against the keys that you trust."
            </p>
            <h2>"Who you don't have to trust"</h2>
            <p>
                "Not a registry, not a database, not the person who deployed the contract, and no single endpoint if you \
                 name two. You trust the keys in your settings, and this page."
            </p>
            <h2>"Who could mislead you, and how"</h2>
            <ul>
                <li>"An endpoint that lies about the code: two that agree are asked, and the bytes are hashed here. Two that lie together are believed."</li>
                <li>"A contract that lies about its source: only a rebuild by a key that you trust makes it green. A node's word about the claim never does."</li>
                <li>"A rebuilder who lies: whoever holds a key that you trust is believed. Ask for two keys in settings."</li>
                <li>"A link: it can name a block, an endpoint or a manifest. It can add no trust."</li>
                <li>"A registry such as SourceScan's, or a DAO's description: shown as somebody's word. Nothing is decided by it."</li>
                <li>"A changed copy of this page: it could say anything. Use one that you trust, or compare it as below."</li>
            </ul>
            <h2>"What green does not mean"</h2>
            <ul>
                <li>"Not an audit: published source can still be wrong or harmful."</li>
                <li>"The code may be replaced later: whoever holds a full-access key can do it at any time."</li>
                <li>"It does not say that the source is readable. A commit can contain precompiled code; unusual builds are named."</li>
                <li>"A signature shows who vouches for a rebuild, not that it happened. You decide whom to trust."</li>
            </ul>
            <h2>"Words"</h2>
            {glossary()}
            <h2>"How to check this page"</h2>
            <p>
                "The page is a folder of static files without any third party. Every file's name carries a digest, so that no \
                 stale mix is served; no browser checks all of them. A build of the same commit gives the same files: "
                <code>"cargo xtask build"</code> " prints their digests. Or run the helper, which needs no page: "
                <code>"provenear inspect <account>"</code> "."
            </p>
            {build()}
            <h2>"What is kept"</h2>
            <p>
                "Your settings and what you looked up last, in this browser alone. What you look up stands behind the # of the address, which no web \
                 host ever sees; the endpoints see which account you ask for. Where several sites share one address \
                 (such as github.io), they share this storage: a copy on an address of its own is better."
            </p>
        </article>
    }
    .into_any()
}

/// What this copy says that it was built of, and the digests that its document names.
fn build() -> AnyView {
    let commit = meta("commit");
    let commit =
        if commit.is_empty() { "an unknown commit".into_any() } else { all(vec!["commit ".into_any(), value(commit)]) };
    let version = el("p").attr("data-build", "").text(concat!(
        "This copy says that it is version ",
        env!("CARGO_PKG_VERSION"),
        ", built from "
    ));
    let row = |(file, digest): (String, String)| {
        el("tr")
            .attr("data-file", &file)
            .child(el("td").child(value(file)).end())
            .child(el("td").child(value(digest)).end())
            .end()
    };
    let rows = files().into_iter().map(row).collect();
    let head = |label| el("th").attr("scope", "col").text(label).end();
    let head = el("thead").child(el("tr").children(vec![head("File"), head("Digest")]).end()).end();
    let table = el("table").child(head).child(el("tbody").children(rows).end()).end();
    all(vec![
        version.child(commit).text(". Its document names these files by their digests:").end(),
        el("div").class("table").attr("tabindex", "0").attr("role", "region").attr("aria-label", "Files of this page").child(table).end(),
        el("p")
            .text("To check one, save it from this address and compare what ")
            .child(el("code").text("sha256sum").end())
            .text(" or ")
            .child(el("code").text("sha384sum").end())
            .text(" prints with this table, and with what your own build printed. A page that lies can show any table: only your own \
                   look at the files counts, at the document ")
            .child(el("code").text("index.html").end())
            .text(" first.")
            .end(),
    ])
}

/// `sha256-<base64>` as `sha256 <hex>`, which is what the tools print.
fn in_hex(integrity: &str) -> Option<String> {
    let (kind, base64) = integrity.split_once('-')?;
    let bytes = window().atob(base64).ok()?;
    Some(format!("{kind} {}", bytes.chars().map(|byte| format!("{:02x}", u32::from(byte))).collect::<String>()))
}

/// Each file that the document names with a digest.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut add = |address: &str, integrity: &str| {
        let name = address.rsplit('/').next().unwrap_or_default().to_owned();
        let file = (name, in_hex(integrity).unwrap_or_else(|| integrity.to_owned()));
        if !files.contains(&file) {
            files.push(file);
        }
    };
    if let Ok(elements) = document().query_selector_all("head [integrity]") {
        for element in (0..elements.length()).filter_map(|at| elements.get(at)?.dyn_into::<web_sys::Element>().ok()) {
            let address = element.get_attribute("href").or_else(|| element.get_attribute("src"));
            add(&address.unwrap_or_default(), &element.get_attribute("integrity").unwrap_or_default());
        }
    }
    // The second program's: `<script> <program> <digest of the program> <digest of the script>`.
    if let [glue, wasm, of_wasm, of_glue] = meta("workbench").split(' ').collect::<Vec<_>>().as_slice() {
        add(glue, of_glue);
        add(wasm, of_wasm);
    }
    files
}
