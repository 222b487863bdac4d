//! The past of an account: named by dates, with a date for each change, and the way from a change to its two codes.

use std::time::{SystemTime, UNIX_EPOCH};

use provenear_shared::near::{parse_utc, rfc3339};
use provenear_tests::browser::Kind;
use provenear_tests::devnet::{Account, Contract};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::tampered;
use serde_json::json;

use crate::screens::look;
use crate::visit::{CHAIN, Visit};

in_chromium!(the_past_is_searched_by_dates_and_each_change_leads_to_a_comparison);

/// Milliseconds from one block of the devnet to the next.
const BLOCK_MS: u64 = 600;

fn the_past_is_searched_by_dates_and_each_change_leads_to_a_comparison(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let (browser, chain) = (&visit.browser, visit.one.chain());
    let now = chain.final_block().height;
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let (born, changed) = (now - 700, now - 300);
    chain.put_at(born, "moved.devnet", Account::new(Contract::local(COUNTER_PINNED)));
    // No blocks right before the change: what was asked instead is not taken for the change itself.
    (1..4).for_each(|before| chain.skip(changed - before));
    chain.put_at(changed, "moved.devnet", Account::new(Contract::local(tampered())));
    visit.account("moved.devnet");
    visit.verdict("not-rebuilt");
    browser.click("[data-card=past] > summary").unwrap();
    browser.paste("#history-url", &visit.one.url()).unwrap();
    let search = |from: &str, to: &str| {
        browser.paste("#history-from", from).unwrap();
        browser.paste("#history-to", to).unwrap();
        browser.click("[data-card=history] button[type=submit]").unwrap();
    };
    search("30.6.2024", &now.to_string());
    let complains =
        "return document.querySelector('[data-card=history] .complaint')?.innerText.includes('date in UTC') === true";
    browser.until("a complaint", complains, &[]).unwrap();
    // From before the account, to before the last minutes.
    let before = |blocks: u64| rfc3339(clock - blocks * BLOCK_MS);
    let (from, to) = (before(850), before(150));
    search(&from.replace('T', " ").replace('Z', ""), &to);
    let ended = "return document.querySelector('[data-card=history] [role=status]').innerText.includes('has ended')";
    browser.until("the end of the search", ended, &[]).unwrap();
    let points = "return [...document.querySelectorAll('[data-card=history] li')].map(it => [it.dataset.block, \
                  it.querySelector('time')?.dateTime, it.innerText, it.querySelector('[data-action=compare-change]')?.getAttribute('href')])";
    let points = browser.script(points, vec![]).unwrap();
    let said = |point: usize, part: usize| points[point][part].as_str().unwrap_or_default().to_owned();
    assert_eq!(points.as_array().unwrap().len(), 3, "{points}");
    let first: u64 = said(0, 0).parse().unwrap();
    assert!((now - 960..now - 845).contains(&first), "{first} for {from}, at {now}");
    assert!(said(0, 2).contains("the account did not exist"), "{points}");
    assert_eq!([said(1, 0), said(2, 0)], [born.to_string(), changed.to_string()], "{points}");
    for (point, block) in [(1, born), (2, changed)] {
        let (shown, made) = (parse_utc(&said(point, 1)).unwrap(), clock - (now - block) * BLOCK_MS);
        assert!(shown.abs_diff(made) < 10_000, "{shown} and {made}: {points}");
        assert!(said(point, 2).contains(" UTC)"), "{points}");
    }
    // Nothing can be compared with the code before there was any.
    assert_eq!(said(1, 3), "");
    let link = format!("#/compare?a={CHAIN}/moved.devnet%40{}&b={CHAIN}/moved.devnet%40{changed}", changed - 4);
    assert_eq!(said(2, 3), link, "{points}");
    let block = json!(changed.to_string());
    let shown = "const it = document.querySelector(`[data-block='${arguments[0]}'] a`); return it !== null";
    assert_eq!(browser.script(shown, vec![block]).unwrap(), true);
    look(browser, "history-found");
    browser.click("[data-action=compare-change]").unwrap();
    browser.find("[data-card=parts]").unwrap();
    // Later than any block: the block of the answer. Earlier than any that the endpoint has: said so.
    visit.account("moved.devnet");
    visit.verdict("not-rebuilt");
    browser.click("[data-card=past] > summary").unwrap();
    browser.paste("#history-url", &visit.one.url()).unwrap();
    search("2020-11-01", "2999-01-01");
    let complains =
        "return document.querySelector('[data-card=history] .complaint')?.innerText.includes('oldest block') === true";
    browser.until("a word about old blocks", complains, &[]).unwrap();
    visit.leaves_no_trace_but(&["Failed to load resource"]);
}
