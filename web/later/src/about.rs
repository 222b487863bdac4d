//! `#/about`: what is checked, what is not, and how to check the page itself.

use leptos::prelude::*;

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
            <h2>"How to check this page"</h2>
            <p>
                "The page is a folder of static files without any third party. Every file's name carries a digest, so that no \
                 stale mix is served; no browser checks all of them. Compare every file with a build of the same tag: "
                <code>"cargo xtask build"</code> " prints the digests. Or run the helper, which needs no page: "
                <code>"provenear inspect <account>"</code> "."
            </p>
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
