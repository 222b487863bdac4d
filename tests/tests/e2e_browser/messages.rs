//! What the page says by the way is seen: what it cannot take, what was saved. It covers nothing that is at hand, and goes.

use provenear_tests::browser::{Browser, Kind};
use provenear_tests::rows::Row;
use serde_json::json;

use crate::files::PICKER;
use crate::visit::{Visit, pictures};

in_browsers! {
    both: [a_message_covers_nothing_at_hand_and_goes],
    chromium: [a_file_that_cannot_be_taken_is_refused_in_sight, json_that_is_not_a_manifest_is_said_not_to_be_one],
}

const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";

/// As a person drops it: the event with one file.
const DROP: &str = "const transfer = new DataTransfer(); transfer.items.add(new File([new Uint8Array(arguments[1])], arguments[0])); \
                    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))";

pub(crate) fn drop_file(browser: &Browser, name: &str, content: &[u8]) {
    browser.script(DROP, vec![json!(name), json!(content)]).unwrap();
}

/// Waits until these words can be read: in an element that is on top where it stands.
fn reads(browser: &Browser, words: &str) {
    // A click goes through it, and so would the look for what is on top.
    let seen = "return [...document.querySelectorAll('.toast [role=status]')].some(it => { \
                  const { left, top, width, height } = it.getBoundingClientRect(); \
                  it.style.pointerEvents = 'auto'; \
                  const first = document.elementFromPoint(left + width / 2, top + height / 2); \
                  it.style.pointerEvents = ''; \
                  return it.textContent.includes(arguments[0]) && width > 30 && height > 15 && it.contains(first) })";
    browser.until(&format!("`{words}` in sight"), seen, &[json!(words)]).unwrap();
}

fn a_file_that_cannot_be_taken_is_refused_in_sight(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    drop_file(browser, "audit.pdf", PDF);
    reads(browser, "a file of another kind. Give a .wasm module or a manifest");
    browser.click(".toast button").unwrap();
    browser.until("it is gone", "return document.querySelector('.toast').innerText === ''", &[]).unwrap();
    // A browser tells of no change when the same file is picked again, unless the field has forgotten it.
    let file = visit.folder.path().join("audit.pdf");
    std::fs::write(&file, PDF).unwrap();
    for _ in 0..2 {
        browser.pick(PICKER, &file).unwrap();
        reads(browser, "Give a .wasm module or a manifest");
        let forgotten = "return document.querySelector(arguments[0]).value === ''";
        browser.until("the field has forgotten the file", forgotten, &[json!(PICKER)]).unwrap();
        browser.click(".toast button").unwrap();
    }
    for (name, content, said) in [
        ("app.wasm.gz", &b"\x1f\x8b\x08\0\0\0\0\0"[..], "compressed with gzip"),
        ("component.wasm", b"\0asm\x0d\0\x01\0", "a WebAssembly component, which NEAR does not run"),
        ("app.wat", b"(module)", "WebAssembly as text (.wat)"),
        ("app.b64", b"AGFzbQEAAAA=", "a WebAssembly module in base64"),
        ("reply.json", br#"{"code_base64":"AGFzbQEAAAA="}"#, "a node's reply with code in it"),
        ("m.jsonl", b"\xff\xfe{\0}\0", "text in UTF-16"),
    ] {
        drop_file(browser, name, content);
        reads(browser, said);
    }
    visit.leaves_no_trace();
}

fn a_message_covers_nothing_at_hand_and_goes(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    let folder = match kind {
        Kind::Chromium => "chromium",
        Kind::Firefox => "firefox",
    };
    visit.open("#/settings");
    browser.viewport(Some((320, 640))).unwrap();
    browser.find("[data-action=reset-settings]").unwrap();
    // At both ends of the window: what has the focus is never below the message.
    for block in ["end", "start"] {
        let focus = "const it = document.querySelector('[data-save=images]'); it.scrollIntoView({ block: arguments[0] }); it.focus(); it.click()";
        browser.script(focus, vec![json!(block)]).unwrap();
        reads(browser, "Saved.");
        let apart = "const [a, b] = [document.activeElement, document.querySelector('.toast')].map(it => it.getBoundingClientRect()); \
                     return document.activeElement.dataset.save === 'images' && \
                       (a.bottom <= b.top || b.bottom <= a.top || a.right <= b.left || b.right <= a.left)";
        browser.until("they are apart", apart, &[]).unwrap();
        browser.screenshot(&pictures().join(folder).join(format!("message-{block}-320.png"))).unwrap();
    }
    // It stays while the focus is in it, and goes after some seconds when it is not.
    browser.script("document.querySelector('.toast button').focus()", vec![]).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(8));
    reads(browser, "Saved.");
    browser.script("document.activeElement.blur()", vec![]).unwrap();
    browser.until("it is gone", "return document.querySelector('.toast').innerText === ''", &[]).unwrap();
    browser.viewport(None).unwrap();
}

fn json_that_is_not_a_manifest_is_said_not_to_be_one(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.open("#/");
    drop_file(browser, "some.json", br#"{"not":"a manifest"}"#);
    reads(browser, "JSON of another kind than a manifest");
    let row = Row::named(&visit.rows, "honest");
    visit.account(row.account);
    visit.end();
    assert_eq!(browser.count("ul.manifests > li").unwrap(), 0);
    browser.click("details.intake > summary").unwrap();
    let bundle = format!(r#"{{"mediaType":"x","dsseEnvelope":{}}}"#, row.manifest.as_ref().unwrap());
    for (text, said) in [
        (r#"{"not":"a manifest"}"#, "JSON of another kind"),
        ("{ not even JSON", "JSON of another kind"),
        (r#"[{"messageSignature":{}}]"#, "a signature of a file"),
        (r#"{"attestations":[]}"#, "evidence with workflow and commit"),
    ] {
        browser.paste("#manifest", text).unwrap();
        browser.click("#add-manifest").unwrap();
        let complains = "return document.querySelector('#manifest-complaint').innerText.includes(arguments[0])";
        browser.until(said, complains, &[json!(said)]).unwrap();
    }
    browser.paste("#manifest", &bundle).unwrap();
    browser.click("#add-manifest").unwrap();
    browser.find("ul.manifests > li").unwrap();
}
