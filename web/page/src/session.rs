//! What all views share while the page is open: route, settings, the reader's files. Ambient, so it travels by context.
//! Nothing here outlives the page but the settings.

use std::sync::Arc;

use leptos::prelude::*;
use provenear_shared::near::{BlockReference, Network};
use provenear_web_protocol::{Ask, AskSubject};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::route::Route;
use provenear_web_ui::settings::{Settings, absolute};
use web_sys::Worker;

use crate::engine::Engine;
use crate::later::Later;

/// A wasm file that the reader gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenFile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// What the first program has besides.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub(crate) route: RwSignal<Route>,
    pub(crate) settings: RwSignal<Settings>,
    pub(crate) engine: Engine,
    pub(crate) file: RwSignal<Option<Arc<GivenFile>>>,
    /// What the files and manifests at hand are about; nothing yet where they came first.
    about: StoredValue<Option<String>>,
    /// Manifests at hand: text, and whether a URL gave it.
    pub(crate) manifests: RwSignal<Vec<(String, bool)>>,
    /// Endpoints of the link that the reader agreed to ask, as URLs.
    pub(crate) agreed: RwSignal<Vec<String>>,
    /// Whether a dropped file may be looked up in the stores: it is not, until the reader asks.
    pub(crate) ask_stores: RwSignal<bool>,
    /// Counts the times that the reader asked to look again.
    pub(crate) attempt: RwSignal<u32>,
    /// The way to the second program.
    later: Later,
    /// What is said by the way, to everybody.
    pub(crate) announcement: RwSignal<String>,
    /// What a screen reader is told: what others see in the view.
    pub(crate) told: RwSignal<String>,
}

impl Session {
    pub(crate) fn new(inspector: Worker, ambient: Ambient, later: Later) -> Self {
        let route = Route::parse(&location_hash());
        Self {
            about: StoredValue::new(subject(&route)),
            route: RwSignal::new(route),
            settings: ambient.settings,
            engine: Engine::new(inspector),
            file: RwSignal::new(None),
            manifests: RwSignal::new(Vec::new()),
            agreed: RwSignal::new(Vec::new()),
            ask_stores: RwSignal::new(false),
            attempt: RwSignal::new(0),
            later,
            announcement: ambient.announcement,
            told: RwSignal::new(String::new()),
        }
    }

    /// From the nearest context.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Goes to a view, by way of the address bar.
    pub(crate) fn go(&self, route: &Route) {
        // A browser that refuses to change the hash leaves the reader where they are.
        let _ = window().location().set_hash(&route.link());
    }

    /// Shows the same view under its lasting address, without a step in the history.
    pub(crate) fn rename(&self, route: Route) {
        let history = window().history();
        let url = route.link();
        if history
            .is_ok_and(|history| history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url)).is_ok())
        {
            self.about.set_value(subject(&route));
            // The question is the same, so nobody is told.
            self.route.update_untracked(|current| *current = route);
        }
    }

    /// Notes that a manifest is at hand, about whatever is looked at next.
    pub(crate) fn take_ahead(&self, manifest: String) {
        self.about.set_value(None);
        self.manifests.update(|manifests| manifests.push((manifest, false)));
    }

    /// Lets the second program say what was given that is of no use here, where nothing was said of it yet.
    pub(crate) fn name(&self, reason: &str, given: &[u8]) {
        if reason.is_empty() {
            self.later.name(given);
        }
    }

    /// Waits until the view that the second program draws is there, where it is one of its views.
    pub(crate) async fn drawn(&self) {
        if matches!(self.route.get_untracked(), Route::Compare(_)) {
            self.later.drawn().await;
        }
    }

    /// Reads the address bar. Another subject forgets what was at hand for the last one; a view without a subject, such as the
    /// settings, is on the way. What was agreed to is forgotten in any case.
    pub(crate) fn follow(&self) {
        let route = Route::parse(&location_hash());
        // A comparison writes its address without telling: that the reader went somewhere is news even if it looks the same.
        if route == self.route.get_untracked() && !matches!(route, Route::Compare(_)) {
            return;
        }
        if let Some(subject) = subject(&route) {
            let last = self.about.get_value();
            if last.as_ref().is_some_and(|last| *last != subject) {
                self.manifests.set(Vec::new());
            }
            if route != Route::File && last != Some(subject.clone()) {
                self.file.set(None);
            }
            self.about.set_value(Some(subject));
        }
        self.ask_stores.set(false);
        self.agreed.set(Vec::new());
        self.route.set(route);
    }

    /// Whether the answer with this number is what the reader looks at.
    pub(crate) fn shows(&self, answer: u32) -> bool {
        let is_subject = self.route.with_untracked(|route| match route {
            Route::Account(_) | Route::Code(_) | Route::File | Route::Proposal { .. } => true,
            Route::Home | Route::Compare(_) | Route::Settings | Route::About | Route::Unknown(_) => false,
        });
        is_subject && self.engine.last_id() == answer
    }

    /// Puts the question of the current view. A view without one has no answer.
    pub(crate) fn look(&self) {
        self.attempt.track();
        let Some((ask, file)) = self.question() else { return self.engine.forget() };
        self.engine.ask(&ask, file.as_ref().map(|file| file.bytes.as_slice()));
    }

    /// Puts it once more where the answer can have aged: the page got the focus back.
    pub(crate) fn look_again(&self) {
        let ages = matches!(self.route.get_untracked(), Route::Account(route) if route.block == BlockReference::Final);
        if ages && self.engine.has_aged() {
            let Some((ask, file)) = untrack(|| self.question()) else { return };
            self.engine.ask_again(&ask, file.as_ref().map(|file| file.bytes.as_slice()));
        }
    }

    fn question(&self) -> Option<(Ask, Option<Arc<GivenFile>>)> {
        let settings = self.settings.get();
        let manifests = self.manifests.get();
        let file = self.file.get();
        let agreed = self.agreed.get();
        let (subject, network, block, linked) = match self.route.get() {
            Route::Account(route) => (
                AskSubject::Account(route.account.to_string()),
                route.network,
                route.block,
                route.endpoints.iter().filter_map(|url| absolute(url)).filter(|url| agreed.contains(url)).collect(),
            ),
            Route::Code(hash) => {
                let known = settings.usual_network();
                let subject = match &file {
                    Some(file) => AskSubject::File(file.name.clone()),
                    None => AskSubject::Code(hash.to_base58()),
                };
                (subject, known, BlockReference::Final, Vec::new())
            }
            Route::File | Route::Proposal { .. } => match &file {
                Some(file) => {
                    (AskSubject::File(file.name.clone()), Network::mainnet(), BlockReference::Final, Vec::new())
                }
                None => return None,
            },
            Route::Home | Route::Compare(_) | Route::Settings | Route::About | Route::Unknown(_) => return None,
        };
        let is_file = matches!(subject, AskSubject::File(_));
        let own = settings.network(&network);
        let mut endpoints: Vec<(String, bool)> = own.endpoint_urls().map(|url| (url, false)).collect();
        endpoints.extend(linked.into_iter().map(|url: String| (url, true)));
        // A file is looked at without any network, until the reader asks for more.
        let ask = Ask {
            subject,
            network: network.chain_id().to_owned(),
            endpoints: if is_file { Vec::new() } else { endpoints },
            quorum: own.quorum,
            block: block.to_string(),
            keys: settings.key_pairs(),
            threshold: settings.threshold,
            images: settings.image_lines(),
            accept_custom_build: settings.accept_custom_build,
            accept_local_source: settings.accept_local_source,
            manifests,
            stores: settings.store_urls(),
            asks_stores: !is_file || self.ask_stores.get(),
        };
        Some((ask, file.filter(|_| is_file)))
    }
}

/// What a view is about, whatever else its link says; `None` for one that is about nothing in particular.
fn subject(route: &Route) -> Option<String> {
    match route {
        Route::Account(of) => Some(format!("{}/{}", of.network.chain_id(), of.account)),
        Route::Code(_) | Route::File | Route::Proposal { .. } => Some(route.link()),
        Route::Home | Route::Compare(_) | Route::Settings | Route::About | Route::Unknown(_) => None,
    }
}

/// The part of the address that is ours.
pub(crate) fn location_hash() -> String {
    window().location().hash().unwrap_or_default()
}
