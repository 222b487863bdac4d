//! One visit: the page on a static host below a sub-path, a chain with two endpoints, a browser, and a person's usual acts.

use std::path::Path;

use provenear_shared::key::PublicKey;
use provenear_tests::browser::{Browser, Kind};
use provenear_tests::devnet::Devnet;
use provenear_tests::ground::Ground;
use provenear_tests::rows::Row;
use provenear_tests::static_server::{StaticOptions, StaticServer};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const CHAIN: &str = "devnet-test";
const PREFIX: &str = "/some/where";

pub(crate) struct Visit {
    pub(crate) browser: Browser,
    pub(crate) site: StaticServer,
    pub(crate) one: Devnet,
    pub(crate) two: Devnet,
    pub(crate) rows: Vec<Row>,
    /// What the site serves: a copy of the page, to put stores into.
    pub(crate) folder: TempDir,
}

/// A page of the same host that has nothing to do with ours: whoever opens it has the host's storage, and nothing of ours runs.
const NEIGHBOUR: &str = "neighbour.html";
/// The page's names in the storage of a browser.
const KEPT: &str = "provenear/settings/v1";
const KEPT_LOCAL_SOURCE: &str = "provenear/accept-local-source";

impl Visit {
    /// Opens the page for the first time.
    pub(crate) fn new(kind: Kind) -> Visit {
        let visit = Visit::before(kind);
        visit.open("#/");
        visit
    }

    /// Everything is there, and the page was not opened yet.
    fn before(kind: Kind) -> Visit {
        let page = Ground::read().unwrap().page().unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(page).unwrap().map(Result::unwrap).filter(|it| it.path().is_file()) {
            std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        let options = StaticOptions { prefix: PREFIX.into(), plain: true, ..StaticOptions::default() };
        let site = StaticServer::start(folder.path(), options).unwrap();
        let one = Devnet::start().unwrap();
        let two = one.peer().unwrap();
        let rows = Row::all(&one);
        Visit { browser: Browser::start(kind).unwrap(), site, one, two, rows, folder }
    }

    /// A visit of somebody who was here before: they have set the devnet as network, with both endpoints, and accepted the repository
    /// of the fixtures. No view is open yet.
    pub(crate) fn at_the_devnet(kind: Kind) -> Visit {
        let visit = Visit::before(kind);
        let neighbour = "<!doctype html><title>A neighbour</title><link rel=\"icon\" href=\"data:,\">";
        std::fs::write(visit.folder.path().join(NEIGHBOUR), neighbour).unwrap();
        visit.browser.open(&format!("{}/{NEIGHBOUR}", visit.site.url())).unwrap();
        visit.keep(&visit.after_first_settings());
        let accept = "localStorage[arguments[0]] = 'yes'";
        visit.browser.script(accept, vec![json!(KEPT_LOCAL_SOURCE)]).unwrap();
        visit
    }

    /// What the page keeps of somebody who has set the devnet and nothing else; held against the form in `settings`.
    pub(crate) fn after_first_settings(&self) -> Value {
        let network = json!({ "endpoints": [self.one.url(), self.two.url()], "quorum": null, "registry": null });
        json!({
            "network": "mainnet", "networks": { CHAIN: network }, "keys": [], "threshold": 1, "images": null,
            "accept_custom_build": false, "stores": ["manifests/"],
        })
    }

    /// The settings that this browser keeps.
    pub(crate) fn kept(&self) -> Value {
        let text = self.browser.script("return localStorage[arguments[0]] ?? 'null'", vec![json!(KEPT)]).unwrap();
        serde_json::from_str(text.as_str().unwrap()).unwrap()
    }

    /// Puts settings into storage, as another tab does: what is open now may not hear of it.
    pub(crate) fn keep(&self, settings: &Value) {
        let words = vec![json!(KEPT), json!(settings.to_string())];
        self.browser.script("localStorage[arguments[0]] = arguments[1]", words).unwrap();
    }

    /// Opens a view by its link.
    pub(crate) fn open(&self, link: &str) {
        self.browser.open(&format!("{}/{link}", self.site.url())).unwrap();
        self.browser.find("main").unwrap();
    }

    pub(crate) fn account(&self, account: &str) {
        self.open(&format!("#/{CHAIN}/{account}"));
    }

    /// Has the page run `name` (the part of its name before the digest) with another text in one place. All digests go from the
    /// page with that: it would not run a script with another one.
    pub(crate) fn change_script(&self, name: &str, from: &str, to: &str) {
        let page = self.folder.path().join("index.html");
        let html = std::fs::read_to_string(&page).unwrap();
        let files =
            std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let file = files.into_iter().find(|it| it.starts_with(&format!("{name}-")) && it.ends_with(".js")).unwrap();
        let script = std::fs::read_to_string(self.folder.path().join(&file)).unwrap();
        assert_eq!(script.matches(from).count(), 1, "`{from}` in {file}");
        // Under a name that the browser has not kept.
        let changed = format!("changed-{name}.js");
        std::fs::write(self.folder.path().join(&changed), script.replace(from, to)).unwrap();
        let html = html.replace(&file, &changed);
        let parts: Vec<&str> = html.split(" integrity=\"").collect();
        let rest = parts[1..].iter().map(|part| part.split_once('"').unwrap().1);
        std::fs::write(&page, std::iter::once(parts[0]).chain(rest).collect::<String>()).unwrap();
    }

    /// Adds the network in settings.
    pub(crate) fn set_network(&self, endpoints: &[&str]) {
        let browser = &self.browser;
        self.open("#/settings");
        browser.fill("#network-id", CHAIN).unwrap();
        browser.fill("#network-url", endpoints[0]).unwrap();
        browser.click("#add-network").unwrap();
        if endpoints.len() > 1 {
            browser.paste(&format!("#endpoints-{CHAIN}"), &endpoints.join("\n")).unwrap();
            browser.click(&format!("[data-network={CHAIN}] [data-action=save-network]")).unwrap();
        }
        let saved = "return JSON.parse(localStorage['provenear/settings/v1'] ?? '{}').networks?.[arguments[0]]?.endpoints.length === arguments[1]";
        browser.until("the network is kept", saved, &[json!(CHAIN), json!(endpoints.len())]).unwrap();
        self.accept_local_source();
    }

    /// Makes the devnet the usual network, as its choice beside the field does.
    pub(crate) fn choose_network(&self) {
        self.open("#/");
        self.browser.find("#network option[value=devnet-test]").unwrap();
        let choose = "const it = document.querySelector('#network'); it.value = 'devnet-test'; it.dispatchEvent(new Event('change'))";
        self.browser.script(choose, vec![]).unwrap();
    }

    /// Accepts in settings, which are open, that the repository of the fixtures is on this machine.
    pub(crate) fn accept_local_source(&self) {
        let local = "const box = document.querySelector('[data-accept=local-source]'); if (box && !box.checked) box.click(); \
                     return box?.checked === true";
        self.browser.until("local source is accepted", local, &[]).unwrap();
    }

    /// Trusts a key in settings, which are open.
    pub(crate) fn trust_here(&self, key: &PublicKey, name: &str) {
        let browser = &self.browser;
        browser.fill("#key-name", name).unwrap();
        browser.paste("#key", &key.to_near()).unwrap();
        browser.click("#add-key").unwrap();
        browser.find(&format!("[data-key=\"{}\"]", key.to_near())).unwrap();
    }

    /// As if a key had been trusted in another tab: the view that is opened next knows it.
    pub(crate) fn trust(&self, key: &PublicKey, name: &str) {
        let mut settings = self.kept();
        settings["keys"].as_array_mut().unwrap().push(json!({ "key": key.to_near(), "name": name }));
        self.keep(&settings);
    }

    /// Pastes a manifest on the page of an account.
    pub(crate) fn bring(&self, manifest: &str) {
        let browser = &self.browser;
        browser.click("details.intake > summary").unwrap();
        browser.paste("#manifest", manifest).unwrap();
        browser.click("#add-manifest").unwrap();
    }

    /// Waits for the banner to show this verdict.
    pub(crate) fn verdict(&self, code: &str) {
        let shown = "return document.querySelector('.banner')?.dataset.verdict === arguments[0]";
        self.browser.until(&format!("the verdict `{code}`"), shown, &[json!(code)]).unwrap();
        drawn(&self.browser);
    }

    /// Waits for the banner to show that we could not look, and why.
    pub(crate) fn error(&self, code: &str) {
        let shown = "return document.querySelector('.banner')?.dataset.error === arguments[0]";
        self.browser.until(&format!("the error `{code}`"), shown, &[json!(code)]).unwrap();
    }

    /// Waits for any end, and gives verdict or error.
    pub(crate) fn end(&self) -> String {
        let ended = "const it = document.querySelector('.banner')?.dataset; return Boolean(it?.verdict ?? it?.error)";
        self.browser.until("an end", ended, &[]).unwrap();
        drawn(&self.browser);
        let code = "const it = document.querySelector('.banner').dataset; return it.verdict ?? it.error";
        self.browser.script(code, vec![]).unwrap().as_str().unwrap().to_owned()
    }

    /// Puts what the row brings before the page, and waits for its verdict.
    pub(crate) fn act(&self, row: &Row) {
        self.account(row.account);
        if let Some(manifest) = &row.manifest {
            self.end();
            self.bring(manifest);
            self.browser.find("ul.manifests > li").unwrap();
        }
        self.verdict(row.verdict);
        let drawn = "return document.querySelector('main [aria-busy]') === null";
        self.browser.until("everything about it", drawn, &[]).unwrap();
    }

    pub(crate) fn sorted(&self, css: &str, attribute: &str) -> Vec<String> {
        let mut found = self.browser.attributes(css, attribute).unwrap();
        found.sort_unstable();
        found
    }

    /// Nothing was asked of any host but the page's and the endpoints', and the console is silent.
    pub(crate) fn leaves_no_trace(&self) {
        self.leaves_no_trace_but(&[]);
    }

    /// As [`Visit::leaves_no_trace`], but for complaints that hold one of these texts.
    pub(crate) fn leaves_no_trace_but(&self, expected: &[&str]) {
        assert_eq!(self.browser.wanted_elsewhere(), Vec::<String>::new());
        let complaints = self.browser.complaints().unwrap();
        // Browsers say so of every preload that names a digest, as the page's do, of every store without a file, and of what
        // was still loading when another address was typed.
        let known = match self.browser.kind() {
            Kind::Chromium => {
                &["`integrity` attribute is currently ignored for preload", ".intoto.jsonl - Failed to load resource"][..]
            }
            Kind::Firefox => &[
                "preloaded with link preload was not used",
                "error loading dynamically imported module",
                "Loading failed for the module with source",
                "has been classified as a bounce tracker",
                // So it calls a file that was still loading when another address was typed; one that is really another
                // is not run, and what it draws would be missed.
                "hashes in the integrity attribute match the content of the subresource",
                // A Worker was ended while it still ran.
                "Script terminated by timeout",
            ],
        };
        let is_known = |it: &str| known.iter().chain(expected).any(|part| it.contains(part));
        let unexpected: Vec<&String> = complaints.iter().filter(|it| !is_known(it)).collect();
        assert!(unexpected.is_empty(), "{unexpected:#?}");
    }
}

/// Waits for all that belongs to an answer: it is drawn a piece in each frame, below the banner.
pub(crate) fn drawn(browser: &Browser) {
    browser.until("the end of drawing", "return !document.querySelector('main [aria-busy]')", &[]).unwrap();
}

/// Where pictures are kept for people to look at.
pub(crate) fn pictures() -> std::path::PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(std::path::PathBuf::from);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    target.unwrap_or_else(|| workspace.join("target")).join("screenshots")
}
