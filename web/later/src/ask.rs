//! What the views ask the Worker for besides a verdict: of whom, and at which block.
//! Not here: answering it (`provenear-web-workers`).

use leptos::prelude::GetUntracked as _;
use provenear_shared::near::{BlockReference, Network};
use provenear_web_protocol::{Ask, AskSubject};
use provenear_web_ui::ambient::Ambient;

/// What is asked about `subject` on `network` by the reader's own endpoints, at the newest block. No key and no store: none
/// of this decides anything.
pub(crate) fn ask(ambient: Ambient, network: &Network, subject: AskSubject, block: &str) -> Ask {
    let own = ambient.settings.get_untracked().network(network);
    Ask {
        subject,
        network: network.chain_id().to_owned(),
        endpoints: own.endpoint_urls().map(|url| (url, false)).collect(),
        quorum: own.quorum,
        block: block.to_owned(),
        keys: Vec::new(),
        threshold: 1,
        images: String::new(),
        accept_custom_build: false,
        accept_local_source: false,
        manifests: Vec::new(),
        stores: Vec::new(),
        asks_stores: false,
    }
}

/// The block `height`, or the newest one.
pub(crate) fn at(height: Option<u64>) -> String {
    height.map_or(BlockReference::Final, BlockReference::Height).to_string()
}
