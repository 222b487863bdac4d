//! One sheet of every state that an answer can have: each verdict and error in each of its wordings, of an account, a file and
//! a hash, for readers who trust somebody and who do not. The page draws the report of a scenario; only the Worker that would
//! have made it is a stand-in, since thousands of endpoints cannot be had.

use std::collections::BTreeMap;

use provenear_shared::Report;
use provenear_shared::text::make_printable;
use provenear_shared::verdict::VerdictCode;
use provenear_tests::browser::{Browser, Kind, Scheme};
use provenear_tests::scenario::Scenario;
use provenear_tests::vector::Vector;
use serde_json::{Value, json};

use crate::visit::{Visit, drawn, pictures};

/// In place of `Worker`: answers every question with the report at hand.
const STAND_IN: &str = "
    window.Worker = class {
        terminate() {}
        say(data) { setTimeout(() => this.onmessage?.({ data })); }
        postMessage({ id, program, ask }) {
            if (program) this.say({ ready: true });
            else if (ask) this.say({ id, said: JSON.stringify({ report: window.report }) });
            else this.say(id === undefined ? { equipped: true } : { id, failed: 'not here' });
        }
    };";
/// Digits and names that differ between states of one wording are as good as each other.
const ALIKE: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// One report for each state, under its name.
fn states() -> BTreeMap<String, Report> {
    let mut states = BTreeMap::new();
    for vector in Vector::all().unwrap().into_iter().filter(|vector| vector.room == "verdict") {
        let report = Scenario::parse(&vector.text().unwrap()).unwrap().report().unwrap();
        let (code, headline) = match (&report.verdict, &report.error) {
            (Some(verdict), _) => (verdict.code.code(), verdict.headline.replace(ALIKE, "")),
            (None, Some(error)) => (error.code.code(), String::new()),
            (None, None) => panic!("{}: neither a verdict nor an error", vector.name),
        };
        let trusts = match &report.verdict {
            Some(verdict) if verdict.trusted == 0 => "nobody trusted",
            Some(_) | None => "",
        };
        let kind = report.subject.kind.code();
        states.entry(format!("{code} · {headline} · {kind} · {trusts}")).or_insert(report);
    }
    states
}

fn text(browser: &Browser, script: &str, args: Vec<Value>) -> String {
    browser.script(script, args).unwrap().as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_state_is_drawn_as_what_it_is() {
    let visit = Visit::new(Kind::Chromium);
    let browser = &visit.browser;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": STAND_IN })).unwrap();
    visit.open("#/about");
    browser.reload().unwrap();
    browser.find("article.prose").unwrap();
    let states = states();
    let is_there =
        |code: &&VerdictCode| states.values().any(|it| it.verdict.as_ref().is_some_and(|it| it.code == **code));
    assert_eq!(VerdictCode::ALL.iter().filter(is_there).count(), VerdictCode::ALL.len());
    let (mut sheet, mut wrong) = (String::new(), Vec::new());
    for (at, (name, report)) in states.iter().enumerate() {
        let written = serde_json::to_string(report).unwrap();
        let show = "window.report = arguments[0]; location.hash = arguments[1]";
        browser.script(show, vec![json!(written), json!(format!("#/mainnet/state-{at}.near"))]).unwrap();
        let is_there = "return document.querySelector('main h1')?.innerText === arguments[0] && \
                        document.querySelector('.banner:not(.loading)') !== null && document.querySelector('main .later') !== null";
        browser.until(name, is_there, &[json!(format!("state-{at}.near"))]).unwrap();
        drawn(browser);
        wrong.extend(faults(browser, report).into_iter().map(|fault| format!("{name}: {fault}")));
        let shown = "return document.querySelector('.banner').outerHTML + (document.querySelector('ol.chain')?.outerHTML ?? '')";
        let shown = text(browser, shown, vec![]).replace("id=\"", "data-id=\"");
        sheet.push_str(&format!("<div class=\"state\"><p class=\"quiet\">{name}</p>{shown}</div>\n"));
    }
    keep(&visit, &sheet);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the page says of a report and should not, or does not and should.
fn faults(browser: &Browser, report: &Report) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |what: &str, is_so: bool| {
        if !is_so {
            faults.push(what.to_owned());
        }
    };
    let count = |css: &str| browser.count(css).unwrap();
    let class = text(browser, "return document.querySelector('.banner').className", vec![]);
    let headline = text(browser, "return document.querySelector('.banner h2').innerText", vec![]);
    match &report.verdict {
        Some(verdict) => {
            expect("the banner has another class", class == format!("banner {}", verdict.code.code()));
            expect(&format!("the headline is `{headline}`"), headline == make_printable(&verdict.headline));
            expect("nothing can be done next", count("[data-card=next] > :not(h2)") > 0);
            let is_broken = count("[data-state=broken], .banner.differs") > 0;
            expect("something is broken", !is_broken || verdict.code.code() == "differs");
            let is_green = count(".banner.reproduced, .banner.reproduced-unvetted, .banner.reproduced-unclaimed") > 0;
            expect("it is green and nobody is trusted", !is_green || verdict.trusted > 0);
            expect("who can replace the code is not said", count(".banner [data-replacement]") == 1);
        }
        None => {
            expect("the banner of an error has another class", class == "banner error");
            expect("an error has a verdict", count("[data-verdict]") == 0);
        }
    }
    let reservations = report.notices.len() + report.gaps.len();
    expect("a reservation has no why", count("[data-notice] > .why, [data-gap] > .why") == reservations);
    let wide = browser.script("return document.documentElement.scrollWidth - innerWidth", vec![]).unwrap();
    expect("it is wider than the screen", wide.as_i64().unwrap() <= 0);
    faults
}

/// Keeps the sheet for people to look at.
fn keep(visit: &Visit, sheet: &str) {
    let browser = &visit.browser;
    let files =
        std::fs::read_dir(visit.folder.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let style = files.into_iter().find(|it| it.starts_with("style-")).unwrap();
    let columns = "main { columns: 3; max-width: none; padding: 1rem } .state { break-inside: avoid; padding-bottom: 1rem } \
                   .state .banner { grid-template-columns: auto 1fr } .state .chain { gap: .25rem }";
    let html = format!(
        "<!doctype html><meta charset=utf-8><title>States</title><link rel=stylesheet href={style}><style>{columns}</style><main>{sheet}</main>"
    );
    std::fs::write(visit.folder.path().join("states.html"), html).unwrap();
    browser.open(&format!("{}/states.html", visit.site.url())).unwrap();
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.scheme(scheme).unwrap();
        browser.viewport(Some((1_920, 1_000))).unwrap();
        let height = browser.script("return document.documentElement.scrollHeight", vec![]).unwrap().as_u64().unwrap();
        browser.viewport(Some((1_920, u32::try_from(height).unwrap().min(16_000)))).unwrap();
        let file = pictures().join("chromium").join(format!("states-{}.png", scheme.word()));
        browser.screenshot(&file).unwrap();
    }
    browser.viewport(None).unwrap();
}
