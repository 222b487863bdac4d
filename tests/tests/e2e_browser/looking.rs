//! Could not look: the reason, and a second look that then succeeds.

use std::time::Duration;

use provenear_tests::browser::Kind;
use provenear_tests::devnet::{Account, Contract, Devnet, Fault, Where};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::{Row, tampered};

use crate::visit::{CHAIN, Visit};

in_browsers! {
    both: [a_node_that_never_answers_is_given_up],
    chromium: [each_reason_is_named_and_a_second_look_succeeds, two_endpoints_are_asked_at_most_nine_times,
        each_question_is_put_once, the_code_of_an_answer_stays_at_hand_when_an_earlier_question_is_answered_after_it, the_code_of_an_answer_stays_at_hand_however_often_it_is_looked_at_again],
}

/// What a browser writes down about a failed request is no complaint about the page.
const FAILED_REQUESTS: &[&str] =
    &["Failed to load resource", "blocked by CORS policy", "net::ERR", "Cross-Origin Request Blocked"];

fn faces(devnet: &Devnet, visit: &Visit, fault: Fault, at: Where, code: &str) {
    devnet.misbehave(at, fault);
    visit.account("honest.devnet");
    visit.error(code);
    assert!(visit.browser.attributes("[data-verdict]", "data-verdict").unwrap().is_empty());
    devnet.behave();
    visit.browser.click("[data-action=retry]").unwrap();
    visit.verdict("not-rebuilt");
}

fn each_reason_is_named_and_a_second_look_succeeds(kind: Kind) {
    let visit = Visit::new(kind);
    visit.set_network(&[&visit.one.url()]);
    for (fault, at, code) in [
        (Fault::OtherBytes(tampered()), Where::all(), "code-hash-mismatch"),
        (Fault::ChainId("mainnet".into()), Where::all(), "network-mismatch"),
        (Fault::Status(502, None), Where::all(), "rpc-unreachable"),
        (Fault::Status(429, Some(7)), Where::all(), "rpc-rate-limited"),
        (Fault::NoCors, Where::all(), "rpc-unreachable"),
        (Fault::html(), Where::all(), "rpc-malformed"),
        (Fault::DeepJson(10_000), Where::kind("view_account"), "rpc-malformed"),
        (Fault::CutBody, Where::kind("view_code"), "rpc-unreachable"),
        (Fault::Endless, Where::kind("view_code"), "rpc-malformed"),
        (Fault::StaleFinal(Duration::from_secs(180)), Where::all(), "block-stale"),
        (Fault::OtherBlock, Where::kind("view_account"), "rpc-malformed"),
        (Fault::Status(408, None), Where::all(), "rpc-timeout"),
        (Fault::TruncatedJson, Where::kind("view_code"), "rpc-malformed"),
        (Fault::Redirect("http://127.0.0.1:9/".into()), Where::all(), "rpc-unreachable"),
    ] {
        faces(&visit.one, &visit, fault, at, code);
    }
    // A browser does not say which of the two it was, so the page names both.
    visit.one.misbehave(Where::all(), Fault::NoCors);
    visit.account("honest.devnet");
    visit.error("rpc-unreachable");
    assert!(visit.browser.text(".banner").unwrap().contains("may be down, or refuse browsers"));
    visit.leaves_no_trace_but(FAILED_REQUESTS);
}

fn a_node_that_never_answers_is_given_up(kind: Kind) {
    let visit = Visit::new(kind);
    visit.set_network(&[&visit.one.url()]);
    visit.one.misbehave(Where::kind("view_code"), Fault::Hang);
    visit.account("honest.devnet");
    assert_eq!(visit.browser.attributes(".banner", "data-state").unwrap(), ["loading"]);
    visit.error("rpc-timeout");
    visit.one.behave();
    visit.browser.click("[data-action=retry]").unwrap();
    visit.verdict("not-rebuilt");
    visit.leaves_no_trace_but(FAILED_REQUESTS);
}

fn two_endpoints_are_asked_at_most_nine_times(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.one.forget();
    visit.two.forget();
    visit.account(Row::named(&visit.rows, "nobody").account);
    visit.verdict("not-rebuilt");
    let calls = [visit.one.calls(), visit.two.calls()].concat();
    let kinds: Vec<&str> = calls.iter().map(|call| call.kind.as_str()).collect();
    assert!(kinds.len() <= 9, "{kinds:?}");
    for call in calls {
        let own: Vec<&String> =
            call.http.headers.iter().map(|(name, _)| name).filter(|name| name.starts_with("x-")).collect();
        assert!(own.is_empty(), "{own:?}");
        assert_eq!((call.http.header("referer"), call.http.header("cookie")), (None, None));
        assert_eq!(call.http.header("content-type"), Some("application/json"));
    }
    visit.leaves_no_trace();
}

fn the_code_of_an_answer_stays_at_hand_however_often_it_is_looked_at_again(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.one.deploy("kept.devnet", COUNTER_PINNED);
    visit.account("kept.devnet");
    visit.end();
    let later =
        "const { Date } = window, now = Date.now; window.later = 0; Date.now = () => now.call(Date) + window.later";
    browser.script(later, vec![]).unwrap();
    for _ in 0..5 {
        let block = visit.one.chain().put("other.devnet", Account::new(Contract::local(COUNTER_PINNED)));
        let back = "window.later += 60000; window.dispatchEvent(new Event('focus'))";
        browser.script(back, vec![]).unwrap();
        let again = "return document.querySelector('[data-again=same]')?.innerText.includes(arguments[0]) === true";
        browser.until("a look without being asked", again, &[format!("block {block}:").into()]).unwrap();
    }
    browser.click("[data-card=inside] > summary").unwrap();
    let inside = "return Boolean(document.querySelector('[data-card=module], [data-none=facts]'))";
    browser.until("what is inside", inside, &[]).unwrap();
    assert_eq!(browser.count("[data-none=facts]").unwrap(), 0, "the code is gone");
    visit.leaves_no_trace();
}

fn each_question_is_put_once(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.account("silent.devnet");
    visit.verdict("not-rebuildable");
    for (account, verdict) in [("honest.devnet", "not-rebuilt"), ("silent.devnet", "not-rebuildable")].repeat(2) {
        visit.one.forget();
        visit.two.forget();
        go(&visit, account);
        visit.verdict(verdict);
        let asked = code_requests(&visit);
        assert_eq!(asked, 1, "{account}");
    }
    visit.leaves_no_trace();
}

fn the_code_of_an_answer_stays_at_hand_when_an_earlier_question_is_answered_after_it(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    let slow = Where { kind: Some("view_code".into()), account_id: Some("silent.devnet".into()) };
    for node in [&visit.one, &visit.two] {
        node.misbehave(slow.clone(), Fault::Drip(4, Duration::from_millis(100)));
        node.forget();
    }
    visit.open("#/");
    go(&visit, "silent.devnet");
    for _ in 0..500 {
        if code_requests(&visit) > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(code_requests(&visit), 1);
    go(&visit, "honest.devnet");
    visit.verdict("not-rebuilt");
    // Nobody says when a question that nobody waits for has been answered.
    std::thread::sleep(Duration::from_secs(10));
    browser.click("[data-card=inside] > summary").unwrap();
    browser.find("[data-card=inside] [data-card=abi]").unwrap();
    visit.leaves_no_trace();
}

/// How often a node was asked for code.
fn code_requests(visit: &Visit) -> usize {
    let calls = [&visit.one, &visit.two].into_iter().flat_map(Devnet::calls);
    calls.filter(|call| call.kind == "view_code").count()
}

/// Goes from one view of the page to another, as a link in it does.
fn go(visit: &Visit, account: &str) {
    visit.browser.script("location.hash = arguments[0]", vec![format!("#/{CHAIN}/{account}").into()]).unwrap();
}
