//! `docs/guide` is followed in the page: its words in quotation marks are read out of the documents, and each is found where
//! the document says, up to the answer that it promises. On the way its pictures are taken; this puts them into the guide:
//! `PROVENEAR_RECORD=1 cargo test --locked --test e2e_browser -- guide::`. Not here: headlines that no row shows (`documents`),
//! commands (`guides`), what else the field takes (`links`, `files`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::embedded::METADATA_EXPORT;
use provenear_tests::answering::answering;
use provenear_tests::devnet::{Account, Contract, Fault, Where};
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CLAIM};
use provenear_tests::notary::Notary;
use provenear_tests::prose::{quotations, quoted, rows};
use provenear_tests::rows::{NEARC_CLAIM, Row, claiming, counter_statement, tampered, trusted};
use serde_json::{Value, json};

use crate::following::{Follower, all};
use crate::visit::{CHAIN, Visit};

const APP: &str = "app.devnet";
const RESERVED: &str = "/predicate/buildDefinition/internalParameters/notices";

/// A contract as its author publishes it, so that the pictures name a repository as readers meet one.
fn app() -> Vec<u8> {
    answering(&[(METADATA_EXPORT, &published(COUNTER_PINNED_CLAIM))])
}

fn published(text: &str) -> String {
    text.replace("http://127.0.0.1:5098/counter.git", "https://github.com/example/app")
}

/// What a rebuilder of it states who got `artifact`.
fn rebuilt(artifact: &[u8], edits: &[(&str, Value)]) -> Value {
    serde_json::from_str(&published(&counter_statement(artifact, edits).to_string())).unwrap()
}

/// Puts lines about `code` into the store beside the page; without any, there is no file.
fn store(visit: &Visit, code: &[u8], lines: &[String]) {
    let store = visit.folder.path().join("manifests");
    std::fs::create_dir_all(&store).unwrap();
    let file = store.join(format!("{}.intoto.jsonl", Sha256Digest::of(code).to_base58()));
    if lines.is_empty() {
        std::fs::remove_file(file).unwrap();
    } else {
        std::fs::write(file, lines.join("\n")).unwrap();
    }
}

/// Asks for what a reader has at hand, as the guide says.
fn ask(reader: &Follower, [field, check]: &[String; 2], typed: &str) {
    reader.visit.open("#/");
    let field = reader.field(field);
    reader.visit.browser.fill(&field, typed).unwrap();
    reader.press(check);
}

#[test]
fn who_signs_or_votes_ends_with_an_answer_by_a_key_of_their_choice() {
    let reader = Follower::of("signing.md");
    let visit = &reader.visit;
    visit.one.deploy(APP, app());
    let line = trusted().sign(&rebuilt(&app(), &[]));
    store(visit, &app(), std::slice::from_ref(&line));
    visit.open("#/");
    let [about] = reader.words("1. Open a page that you can trust");
    reader.press(&about);
    reader.sees("article h2", "How to check this page");
    let entry: [String; 2] = reader.words("2. Enter what you were given");
    visit.choose_network();
    ask(&reader, &entry, APP);
    choose(&reader);
    visit.leaves_no_trace();
    read_headlines(&reader);
    read_below(&reader);
    store(visit, &app(), &[line]);
    vote(&reader, &entry);
    visit.verdict("reproduced");
    let limits: [String; 4] = reader.words("What green does not mean");
    visit.browser.click(".banner .limits > summary").unwrap();
    limits.iter().for_each(|words| reader.sees(".banner .limits li", words));
    assert_eq!(visit.browser.count(".banner .limits li").unwrap(), limits.len());
    let [save, print, check] = reader.words("Keep what you saw");
    let take = "window.print = () => { window.printed = true; }; \
                HTMLAnchorElement.prototype.click = function () { window.saved = this.download; }";
    visit.browser.script(take, vec![]).unwrap();
    reader.press(&save);
    let saved = "return window.saved?.startsWith('app.devnet@') === true";
    visit.browser.until("the answer as a file", saved, &[]).unwrap();
    reader.press(&print);
    visit.browser.until("the answer on paper", "return window.printed === true", &[]).unwrap();
    reader.sees(".banner .check", &format!("{check} provenear rebuild {APP} --network {CHAIN}"));
    reader.ends();
}

/// Chooses by either of the two ways that the guide knows: a key beside a line, and one that was got elsewhere.
fn choose(reader: &Follower) {
    let (visit, browser) = (&reader.visit, &reader.visit.browser);
    let (alice, bob) = (trusted().public_key(), Notary::named("bob").public_key());
    let [nobody, card, fingerprint, beside, settings, keys, trust, agree, request, next] =
        reader.words("3. Choose whom you believe");
    visit.verdict("not-rebuilt");
    reader.sees(".banner h2", &nobody);
    reader.sees("[data-card=next] > h2", &next);
    reader.picture("first-visit", "main .eyebrow", ".banner");
    reader.press(&request);
    reader.sees("[data-card=next] pre", &format!("Please rebuild this NEAR contract…{APP}…github.com/example/app…"));
    reader.sees("[data-card=manifests] > h2", &card);
    reader.sees("[data-card=manifests] .row", &format!("{fingerprint}{}", alice.fingerprint()));
    reader.press(&beside);
    browser.fill("[data-card=trust] input", "Alice").unwrap();
    reader.picture("trust", "[data-holder]", "[data-card=trust]");
    browser.fill("[data-card=trust] input", "\u{e007}").unwrap();
    visit.verdict("reproduced");
    reader.picture("reproduced", "main .eyebrow", ".banner");
    reader.press(&settings);
    reader.sees("[data-card=keys] > h2", &keys);
    browser.fill("#key-name", "Bob").unwrap();
    browser.paste("#key", &bob.to_near()).unwrap();
    reader.press(&trust);
    browser.find(&format!("[data-key=\"{}\"]", bob.to_near())).unwrap();
    // Two have to agree, and only Alice has rebuilt it.
    for (number, verdict) in [("2", "not-rebuilt"), ("1", "reproduced")] {
        visit.open("#/settings");
        let field = reader.field(&agree);
        let change = "const it = document.querySelector(arguments[0]); it.value = arguments[1]; it.dispatchEvent(new Event('change'))";
        browser.script(change, vec![json!(field), json!(number)]).unwrap();
        visit.account(APP);
        visit.verdict(verdict);
    }
}

/// Has every row of the table on the screen, with what it says to do there, and what stands below the table.
fn read_headlines(reader: &Follower) {
    let visit = &reader.visit;
    let section = reader.section("4. Read the headline");
    for cells in rows(section) {
        let [headlines, code, advice] = cells[..] else { panic!("{cells:?}") };
        let code = quoted(code)[0];
        let row = visit.rows.iter().find(|row| row.verdict == code).unwrap_or_else(|| panic!("no row is `{code}`"));
        visit.act(row);
        let shown = visit.browser.text(".banner h2").unwrap();
        let is_said = |words: &String| {
            let mut rest = Some(shown.as_str());
            words.split('…').for_each(|part| rest = rest.and_then(|rest| Some(rest.split_once(part)?.1)));
            rest.is_some()
        };
        assert!(quotations(headlines).iter().any(is_said), "`{code}`: the page says “{shown}”: {headlines}");
        quotations(advice).iter().for_each(|words| reader.sees("main h2, main p, main summary", words));
    }
    let prose: String = section.lines().filter(|line| !line.starts_with('|')).map(|line| format!("{line}\n")).collect();
    let [disputed, dissent, failed, nobody, nothing, again] = all("4. Read the headline, below its table", &prose);
    let other = Notary::named("bob").sign(&counter_statement(&tampered(), &[]));
    let shows = |name: &str, verdict: &str, words: &str| {
        let line = Row::named(&visit.rows, name).manifest.clone().unwrap();
        store(visit, COUNTER_PINNED, &[line, other.clone()]);
        visit.account("honest.devnet");
        visit.verdict(verdict);
        reader.sees(".banner h2", words);
    };
    shows("honest", "reproduced", &disputed);
    shows("unclaimed-recipe", "reproduced-unclaimed", &dissent);
    visit.account("nobody.devnet");
    visit.error("unknown-account");
    reader.sees(".banner h2", &nobody);
    reader.sees(".banner p", &format!("…{nothing}"));
    visit.one.misbehave(Where::all(), Fault::Status(502, None));
    visit.account(APP);
    visit.error("rpc-unreachable");
    reader.sees(".banner h2", &failed);
    reader.sees(".banner p", &format!("…{nothing}"));
    visit.one.behave();
    reader.press(&again);
    visit.verdict("reproduced");
}

/// Reads what is below the headline: a reservation, the block, and that the account has changed since.
fn read_below(reader: &Follower) {
    let (visit, browser) = (&reader.visit, &reader.visit.browser);
    let [rely, why, checked, changed, again] = reader.words("5. Read three things below it");
    let reserved = rebuilt(&app(), &[(RESERVED, json!(["build-output-in-tree"]))]);
    store(visit, &app(), &[trusted().sign(&reserved)]);
    visit.account(APP);
    visit.verdict("reproduced-unvetted");
    reader.sees(".banner .notices h3", &rely);
    reader.press(&why);
    browser.find(".banner .why[open] p").unwrap();
    reader.picture("reservation", "main .eyebrow", ".banner");
    reader.sees(".banner .asked", &checked);
    browser.find(".banner [data-replacement]").unwrap();
    let later =
        "const now = Date.now; Date.now = () => now.call(Date) + 60000; window.dispatchEvent(new Event('focus'))";
    visit.one.deploy(APP, COUNTER_PINNED);
    browser.script(later, vec![]).unwrap();
    reader.sees(".again strong", &changed);
    reader.press(&again);
    browser.until("the new answer", "return !document.querySelector('.again')", &[]).unwrap();
    visit.end();
    visit.one.deploy(APP, app());
}

/// Looks at a proposal of each kind, the one about this code last, and at the account after the vote.
fn vote(reader: &Follower, entry: &[String; 2]) {
    let visit = &reader.visit;
    let [itself, other, called, none, several, below] = reader.words("A vote");
    let hash = Sha256Digest::of(&app()).to_base58();
    let call = json!({ "method_name": "upgrade", "args": STANDARD.encode(app()), "deposit": "0", "gas": "1" });
    let calls = json!({ "FunctionCall": { "receiver_id": APP, "actions": [call, call] } });
    let upgrade = json!({ "UpgradeRemote": { "receiver_id": APP, "method_name": "upgrade", "hash": hash } });
    for (words, kind) in [
        (&none, json!("Vote")),
        (&several, calls),
        (&itself, json!({ "UpgradeSelf": { "hash": hash } })),
        (&other, upgrade),
    ] {
        let proposal = json!({ "id": 7, "proposer": "council.devnet", "description": "Release 1.1.0", "kind": kind,
            "status": "InProgress", "vote_counts": {}, "votes": {}, "submission_time": "1700000000000000000" });
        let dao = Account::new(Contract::local(answering(&[("get_proposal", &proposal.to_string())])));
        let dao = dao.state(Sha256Digest::of(&app()).as_bytes().to_vec(), app()).state("STATE", vec![0; 60_000]);
        visit.one.chain().put("dao.devnet", dao);
        ask(reader, entry, &format!("{}/#/{CHAIN}/dao.devnet/proposal/7", visit.site.url()));
        reader.sees("[data-card=proposal] > h2", words);
    }
    reader.sees("[data-card=proposal] dt", &called);
    reader.sees("[data-card=proposal] p", &below);
    visit.verdict("reproduced");
    reader.picture("proposal", "main .eyebrow", ".banner");
    ask(reader, entry, APP);
}

#[test]
fn authors_are_shown_what_their_guide_foretells() {
    let author = Follower::of("author.md");
    let visit = &author.visit;
    visit.trust(&trusted().public_key(), "Alice");
    visit.one.deploy("python.devnet", claiming(false, NEARC_CLAIM));
    visit.account("python.devnet");
    visit.verdict("not-rebuildable");
    author.picture("gaps", "[data-card=gaps]", "[data-card=gaps]");
    let [reserved] = author.words("Python");
    visit.act(Row::named(&visit.rows, "commit-on-no-ref"));
    author.sees(".banner h2", &reserved);
    let [of_a_node, of_nobody] = author.words("JavaScript");
    visit.act(Row::named(&visit.rows, "claim-from-state"));
    author.sees(".banner h2", &of_a_node);
    let silent = wat::parse_str("(module)").unwrap();
    let supplied = ("/predicate/buildDefinition/externalParameters/origin", json!("supplied"));
    visit.account("silent.devnet");
    visit.verdict("not-rebuildable");
    visit.bring(&trusted().sign(&counter_statement(&silent, &[supplied])));
    visit.verdict("reproduced-unclaimed");
    author.sees(".banner h2", &of_nobody);
    author.ends();
}

#[test]
fn rebuilders_are_shown_what_their_guide_foretells() {
    let rebuilder = Follower::of("rebuilder.md");
    let (visit, alice) = (&rebuilder.visit, trusted());
    let [stores] = rebuilder.words("4. Host it");
    let [contradicts, remove] = rebuilder.words("6. Answer dissent");
    visit.trust(&alice.public_key(), "Alice");
    visit.open("#/settings");
    rebuilder.sees("[data-card=stores] > h2", &stores);
    visit.browser.paste("#stores", "manifests/\nhttps://rebuilds.example/manifests/").unwrap();
    visit.browser.click("[data-save=stores]").unwrap();
    let kept = "return localStorage['provenear/settings/v1'].includes('https://rebuilds.example/manifests/')";
    visit.browser.until("the store is kept", kept, &[]).unwrap();
    rebuilder.picture("stores", "[data-card=stores]", "[data-card=stores]");
    let both = [COUNTER_PINNED.to_vec(), tampered()].map(|artifact| alice.sign(&counter_statement(&artifact, &[])));
    store(visit, COUNTER_PINNED, &both);
    visit.account("honest.devnet");
    visit.end();
    rebuilder.sees("main p, main li", &format!("…{contradicts}…"));
    visit.open("#/settings");
    visit.browser.find("[data-key]").unwrap();
    rebuilder.press(&remove);
    visit.browser.until("the key is gone", "return !document.querySelector('[data-key]')", &[]).unwrap();
    rebuilder.ends();
}

#[test]
fn auditors_find_on_the_page_what_their_guide_names() {
    let auditor = Follower::of("auditor.md");
    let visit = &auditor.visit;
    let [history] = auditor.words("1. What the chain shows");
    let [by_hand] = auditor.words("4. The rebuild");
    let [save] = auditor.words("6. Hold the helper against it");
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    auditor.press(&history);
    visit.browser.find("#history-url").unwrap();
    auditor.press(&by_hand);
    visit.browser.find("[data-card=by-hand][open] pre").unwrap();
    auditor.sees("button", &save);
    auditor.ends();
}
