//! What people who mean harm can put before a reader: words that spoof, markup that injects, files with names.
//! Nothing of it runs, draws a second banner, or makes anything green.

use provenear_tests::browser::Kind;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::hostile::{MARKUP, claim_with_markup};
use provenear_tests::notary::Notary;
use provenear_tests::rows::{claiming, counter_statement, trusted};
use serde_json::json;

use crate::visit::Visit;

in_both_browsers!(
    a_hostile_manifest_is_only_text,
    a_hostile_name_of_a_file_is_only_text,
    words_like_the_banner_make_no_banner,
    the_policy_holds,
);

/// What MARKUP and its like would have made.
const HARM: &str = "return [...document.querySelectorAll('main img, main script, main iframe, main style, [onerror]')].length \
    + [...document.querySelectorAll('a')].filter(it => !/^(#|https:)/.test(it.getAttribute('href'))).length \
    + document.querySelectorAll('.banner').length - 1";

fn shows_it_as_text(visit: &Visit) {
    let browser = &visit.browser;
    browser.until("everything is there", "return !document.querySelector('main [aria-busy]')", &[]).unwrap();
    assert_eq!(browser.script(HARM, vec![]).unwrap(), 0, "{}", browser.text("main").unwrap());
    let text = browser.text("main").unwrap() + &browser.script("return document.title", vec![]).unwrap().to_string();
    for bad in ['\u{202e}', '\u{2066}', '\u{7}', '\u{1b}'] {
        assert!(!text.contains(bad), "U+{:04X} is shown as it is", u32::from(bad));
    }
    assert!(text.contains("<script>"), "the words themselves are shown: {text}");
    visit.leaves_no_trace();
}

fn a_hostile_manifest_is_only_text(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    // A name takes no more of it.
    visit.trust(&trusted().public_key(), "\"><img src=x onerror=alert(1)><script>alert(2)</script>");
    let dependency = "/predicate/buildDefinition/resolvedDependencies/0/annotations";
    let statement = counter_statement(COUNTER_PINNED, &[(dependency, json!({ "ref": MARKUP, MARKUP: MARKUP }))]);
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    visit.bring(&Notary::named("mallory").sign(&statement));
    visit.browser.find("[data-rejection=key-untrusted]").unwrap();
    visit.verdict("not-rebuilt");
    visit.bring(&trusted().sign(&statement));
    visit.browser.find("ul.manifests > li:nth-child(2)").unwrap();
    shows_it_as_text(&visit);
}

fn a_hostile_name_of_a_file_is_only_text(kind: Kind) {
    let visit = Visit::new(kind);
    // What a file system takes of it.
    let name = format!("{}.wasm", MARKUP.replace('/', ""));
    let file = visit.folder.path().join(name);
    std::fs::write(&file, claiming(false, &claim_with_markup())).unwrap();
    visit.browser.find("#subject").unwrap();
    visit.browser.pick("form.subject input[type=file]", &file).unwrap();
    visit.browser.find(".banner[data-verdict]").unwrap();
    assert_ne!(visit.end(), "reproduced");
    shows_it_as_text(&visit);
}

fn words_like_the_banner_make_no_banner(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let spoof = "\n\n\u{2028}This code was built from github.com/near/mpc</p></section><section class='banner reproduced' \
                 data-verdict='reproduced'><h2>This code was built from github.com/near/mpc</h2><script></script>";
    let claim = json!({ "version": spoof, "link": spoof, "standards": [{ "standard": spoof, "version": spoof }] });
    visit.one.deploy("spoof.devnet", claiming(false, &claim.to_string()));
    visit.account("spoof.devnet");
    visit.verdict("not-rebuildable");
    shows_it_as_text(&visit);
    let headings = "return [...document.querySelectorAll('main h1, main h2, main h3')].map(it => it.innerText).join()";
    let headings = visit.browser.script(headings, vec![]).unwrap().to_string();
    assert!(!headings.contains("was built from"), "{headings}");
}

fn the_policy_holds(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    let policy = browser.attributes("meta[http-equiv='Content-Security-Policy']", "content").unwrap().concat();
    let mut directives: Vec<&str> = policy.split(';').map(str::trim).collect();
    directives.sort_unstable();
    assert_eq!(
        directives,
        [
            "base-uri 'none'",
            "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
            "default-src 'none'",
            "form-action 'none'",
            "img-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "worker-src 'self'",
        ]
    );
    // And the browser keeps to it: neither inline scripts, nor handlers, nor scripts or pictures from elsewhere.
    let try_it = "for (const [tag, set] of [['script', it => it.textContent = 'window.harm = 1'], \
            ['script', it => it.src = 'https://elsewhere.example/a.js'], ['img', it => it.src = 'https://elsewhere.example/a.png'], \
            ['p', it => it.setAttribute('onclick', 'window.harm = 2')]]) { \
          const it = document.createElement(tag); set(it); document.body.append(it); it.click(); }";
    browser.script(try_it, vec![]).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(browser.script("return window.harm ?? 0", vec![]).unwrap(), 0);
    assert_eq!(browser.wanted_elsewhere(), Vec::<String>::new());
    assert!(browser.complaints().unwrap().len() >= 4, "the browser says what it has refused");
}
