//! Two modules compared in the page: files, accounts, blocks of one account, code hashes; the address that names them; the
//! Worker that is stopped; the table, the code side by side, and the picture.

use provenear_tests::browser::{Browser, Kind, Scheme};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::variants::{BASE, Variant};
use serde_json::{Value, json};

use crate::screens::{look, photograph};
use crate::visit::{CHAIN, Visit};

in_browsers! {
    both: [two_files_are_compared_and_drawn, a_comparison_is_stopped_and_made_again],
    chromium: [the_code_of_a_function_opens_below_its_row, accounts_blocks_hashes_and_files_are_named_by_the_address, a_local_build_is_held_against_the_account_on_its_page, a_build_larger_than_any_contract_is_compared, a_build_that_is_dropped_before_the_view_is_there_is_compared],
}

/// The picker of one side.
fn picker(side: &str) -> String {
    format!("[data-side={side}] input[type=file]")
}

fn wasm(visit: &Visit, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let file = visit.folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    file
}

/// The fixture and itself with one constant changed and one export added.
fn pair() -> (Vec<u8>, Vec<u8>) {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser-diff");
    let added = Variant { name: "added", arguments: &["--cfg", "variant=\"added\""], ..BASE };
    (BASE.build(&folder).unwrap(), added.build(&folder).unwrap())
}

/// The counter with another constant in one function: what the tampered twin of the demo is.
fn other_counter() -> Vec<u8> {
    let mut other = COUNTER_PINNED.to_vec();
    let at = other.windows(11).position(|window| window == b"counter.git").unwrap();
    other[at] = b'C';
    other
}

fn class(browser: &Browser, expected: &str) {
    let shown = "return document.querySelector('[data-class]')?.dataset.class === arguments[0]";
    browser.until(&format!("the class `{expected}`"), shown, &[json!(expected)]).unwrap();
}

fn script(browser: &Browser, script: &str) -> Value {
    browser.script(script, vec![]).unwrap()
}

fn two_files_are_compared_and_drawn(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    let (a, b) = pair();
    visit.open("#/compare");
    browser.pick(&picker("first"), &wasm(&visit, "a.wasm", &a)).unwrap();
    browser.pick(&picker("second"), &wasm(&visit, "b.wasm", &b)).unwrap();
    class(browser, "functions");
    assert!(browser.text("[data-shared]").unwrap().contains("file stays in this browser"));
    browser.find("[data-cause]").unwrap();

    // The table: filtered by kind and by name, sorted.
    browser.find(".functions tr[data-status=added]").unwrap();
    let choose = |id: &str, value: &str| {
        let script = "const it = document.getElementById(arguments[0]); it.value = arguments[1]; it.dispatchEvent(new Event('change', { bubbles: true }))";
        browser.script(script, vec![json!(id), json!(value)]).unwrap();
    };
    choose("filter", "added");
    browser.until("only added ones", "return [...document.querySelectorAll('.functions tr[data-status]')].every(it => it.dataset.status === 'added')", &[]).unwrap();
    browser.fill("#wanted", "middle").unwrap();
    browser
        .until("one row", "return document.querySelectorAll('.functions tr[data-status]').length === 1", &[])
        .unwrap();
    browser.paste("#wanted", "").unwrap();
    choose("filter", "all");
    choose("order", "size");
    let sizes = "return [...document.querySelectorAll('.functions tr[data-status]')].slice(0, 20).map(it => Math.max(...[...it.querySelectorAll('td .quiet')].map(it => parseInt(it.innerText.replace(/[^0-9]/g, '')))))";
    browser.until("the largest first", &format!("const sizes = (() => {{ {sizes} }})(); return sizes.length > 10 && sizes.every((it, at) => at === 0 || sizes[at - 1] >= it)"), &[]).unwrap();

    // One function, side by side.
    choose("filter", "differing");
    choose("order", "place");
    browser.click("[data-action=show-code]").unwrap();
    browser.find("[data-card=code] .line").unwrap();

    // The picture: every run is read by key and by pointer, and stands in the table.
    let whole = "const said = document.querySelector('[data-card=runs] > summary')?.textContent.match(/[0-9]+/)[0]; \
                 return document.querySelectorAll('.picture [role=option]').length === Number(said)";
    browser.until("the whole picture", whole, &[]).unwrap();
    let runs = browser.attributes(".picture [role=option]", "aria-label").unwrap();
    browser.click("[data-card=runs] > summary").unwrap();
    let all = "return document.querySelectorAll('[data-card=runs] tr[data-run]').length === arguments[0]";
    browser.until("every run in the table", all, &[json!(runs.len())]).unwrap();
    let rows = browser.attributes("[data-card=runs] tr[data-run]", "data-run").unwrap();
    assert!(runs.len() > 3 && rows.contains(&"new".to_owned()), "{rows:?}");
    let key = |key: &str| {
        let script = "const it = document.querySelector('.picture'); it.focus(); it.dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], bubbles: true, cancelable: true }))";
        browser.script(script, vec![json!(key)]).unwrap();
    };
    let reading = "return document.querySelector('[data-reading]').innerText === arguments[0]";
    for (at, keys) in [(0, "Home"), (1, "ArrowRight"), (2, "ArrowRight"), (1, "ArrowLeft"), (runs.len() - 1, "End")] {
        key(keys);
        browser.until(&format!("run {at} read"), reading, &[json!(runs[at])]).unwrap();
        let active = browser.attributes(".picture", "aria-activedescendant").unwrap();
        assert_eq!(active, [format!("run-{at}")]);
        assert_eq!(browser.attributes(".picture [aria-selected=true]", "id").unwrap(), active);
    }
    script(
        browser,
        "document.getElementById('run-0').dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))",
    );
    browser.until("the first run read", reading, &[json!(runs[0])]).unwrap();
    neighbours_differ_in_colour(browser);
    photograph(browser, "compare-files");
    visit.leaves_no_trace();
}

/// Sections that touch have other colours, and each stands out from the card, which also draws the line between them.
fn neighbours_differ_in_colour(browser: &Browser) {
    let measured = "const parts = it => it.match(/[0-9.]+/g).slice(0, 3).map(Number); \
        const light = it => parts(it).map(part => part / 255).map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4) \
            .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0); \
        const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05); \
        const card = getComputedStyle(document.querySelector('[data-card=picture]')).backgroundColor; \
        return [...document.querySelectorAll('.picture svg g:has(> .sec)')].map(bar => [...bar.querySelectorAll('.sec:has(title)')].map(getComputedStyle) \
            .map(style => [style.fill, contrast(style.fill, card), style.stroke === card]))";
    for scheme in [Scheme::Dark, Scheme::Light] {
        browser.scheme(scheme).unwrap();
        let bars: Vec<Vec<(String, f64, bool)>> = serde_json::from_value(script(browser, measured)).unwrap();
        assert_eq!(bars.len(), 2, "{bars:?}");
        for bar in &bars {
            assert!(bar.len() > 5 && bar.windows(2).all(|pair| pair[0].0 != pair[1].0), "{scheme:?}: {bar:?}");
            assert!(bar.iter().all(|(_, contrast, is_apart)| *contrast >= 3.0 && *is_apart), "{scheme:?}: {bar:?}");
        }
    }
}

fn the_code_of_a_function_opens_below_its_row(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    // The third function has a name in the first module alone.
    let module = |name: &str, constant: u32| {
        let text = format!(
            r#"(module (import "env" "log" (func (param i32)))
            (func (export "get") (call 0 (i32.const {constant})) (call 3 (i32.const 1)) (call 0 (i32.const 7)))
            (func (export "put") (call 0 (i32.const 3)) (call 0 (i32.const 4)) (call 0 (i32.const 5)))
            (func {name} (param i32) (call 0 (local.get 0)) (call 0 (i32.const 77))))"#
        );
        wat::parse_str(text).unwrap()
    };
    visit.open("#/compare");
    browser.pick(&picker("first"), &wasm(&visit, "a.wasm", &module("$tell", 1))).unwrap();
    browser.pick(&picker("second"), &wasm(&visit, "b.wasm", &module("", 2))).unwrap();
    class(browser, "functions");
    let is_focused = "const it = document.querySelector('[data-card=code] h3'); return it !== null && document.activeElement === it \
                      && it.innerText === arguments[0] && document.querySelector('[data-card=code] .line') !== null";
    let opened = |title: &str| browser.until(&format!("{title} with the focus"), is_focused, &[json!(title)]).unwrap();
    browser.click("[data-action=show-code]").unwrap();
    opened("Code of #1 get");
    let below = "const bottom = document.querySelector('tr[data-function]:has(+ .opened)').getBoundingClientRect().bottom; \
                 return document.querySelector('[data-card=code]').getBoundingClientRect().top - bottom";
    assert!(script(browser, below).as_f64().unwrap() < 8.0);
    let marked = script(browser, "return [...document.querySelectorAll('.line.changed mark')].map(it => it.innerText)");
    assert_eq!(marked, json!(["1", "2"]));
    let lines = browser.text("[data-card=code]").unwrap();
    assert!(lines.contains("call $env.log"), "{lines}");
    look(browser, "compare-code");

    // A call leads to what is called, whose name one of the two knows, and back.
    let called = "return [...document.querySelectorAll('[data-calls]')].map(it => it.innerText)";
    assert_eq!(script(browser, called), json!(["$tell", "$tell"]));
    browser.click(".text.b [data-calls]").unwrap();
    opened("Code of #3 tell");
    let row = browser.text("tr[data-function]").unwrap();
    assert_eq!((row.matches("#3 tell").count(), browser.count("tr[data-function]").unwrap()), (2, 1), "{row}");
    let chosen = "return [document.getElementById('filter').value, document.getElementById('wanted').value]";
    assert_eq!(script(browser, chosen), json!(["all", "#3"]));
    browser.click("[data-action=back]").unwrap();
    opened("Code of #1 get");

    // What is typed meanwhile keeps the focus, and closing gives it back to the button.
    browser.paste("#wanted", "").unwrap();
    browser.fill("#wanted", "get").unwrap();
    let kept =
        "return document.querySelector('[data-card=code] .line') !== null && document.activeElement.id === 'wanted'";
    browser.until("the focus where it was", kept, &[]).unwrap();
    browser.click("[data-action=close-code]").unwrap();
    let closed = "return document.querySelector('[data-card=code]') === null && document.activeElement.ariaExpanded === 'false' \
                  && document.activeElement.closest('tr').dataset.function !== undefined";
    browser.until("the focus on the button", closed, &[]).unwrap();
}

fn accounts_blocks_hashes_and_files_are_named_by_the_address(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.one.deploy("changing.devnet", COUNTER_PINNED);
    // By hash, only global contracts can be fetched.
    let before = visit.one.chain().publish_by_hash(COUNTER_PINNED);
    let height = visit.one.chain().final_block().height;
    visit.one.deploy("changing.devnet", other_counter());
    // Two blocks of one account.
    let link = format!("#/compare?a={CHAIN}/changing.devnet%40{height}&b={CHAIN}/changing.devnet");
    visit.open(&link);
    class(browser, "metadata");
    assert_eq!(script(browser, "return location.hash"), json!(link));
    the_comparison_is_shared(&visit, height, &link);
    // An account and a code hash, typed: without a network, the reader's usual one is meant.
    let mut settings = visit.kept();
    settings["network"] = json!(CHAIN);
    visit.keep(&settings);
    visit.open("#/compare");
    browser.fill("#first", "changing.devnet").unwrap();
    browser.click("[data-side=first] button[type=submit]").unwrap();
    browser.find("[data-side=first] [data-chosen]").unwrap();
    browser.fill("#second", &before.to_string()).unwrap();
    browser.click("[data-side=second] button[type=submit]").unwrap();
    class(browser, "metadata");
    let expected = format!("#/compare?a={CHAIN}/changing.devnet&b={CHAIN}/code/{before}");
    browser.until("the address", "return location.hash === arguments[0]", &[json!(expected)]).unwrap();
    // A file in the place of the hash.
    browser.pick(&picker("second"), &wasm(&visit, "own.wasm", &other_counter())).unwrap();
    class(browser, "identical");
    browser
        .until(
            "the address",
            "return location.hash === arguments[0]",
            &[json!(format!("#/compare?a={CHAIN}/changing.devnet"))],
        )
        .unwrap();
    // Left while its Worker is at hand, and opened again within the same page.
    for link in [format!("#/compare?a={CHAIN}/changing.devnet&b={CHAIN}/code/{before}"), "#/settings".to_owned(), link]
    {
        browser.script("location.hash = arguments[0]", vec![json!(link)]).unwrap();
        match link.starts_with("#/compare") {
            true => class(browser, "metadata"),
            false => drop(browser.find("#add-key").unwrap()),
        }
    }
    links_are_refused_in_a_sentence(&visit);
    visit.leaves_no_trace();
}

/// Both sides are on a chain: one link names them as they were, another at the blocks that were looked at.
fn the_comparison_is_shared(visit: &Visit, height: u64, link: &str) {
    let browser = &visit.browser;
    let links = browser.attributes("[data-shared] a", "href").unwrap();
    assert_eq!((links.len(), browser.count("[data-shared] .copy").unwrap(), links[0].as_str()), (2, 2, link));
    assert!(
        links[1].starts_with(&format!("#/compare?a={CHAIN}/changing.devnet%40{height}&b={CHAIN}/changing.devnet%40"))
    );
    // Opened, it compares at once, and nothing is left to pin.
    browser.click("[data-shared] a:last-of-type").unwrap();
    let same = "return location.hash === arguments[0] && document.querySelectorAll('[data-shared] a').length === 1 \
                && document.querySelector('[data-class]')?.dataset.class === 'metadata'";
    browser.until("the same comparison", same, &[json!(links[1])]).unwrap();
}

/// What a link names and nobody has, or nobody could have; and what it says besides, which nobody reads.
fn links_are_refused_in_a_sentence(visit: &Visit) {
    let browser = &visit.browser;
    for (value, expected) in [
        ("a=devnet-test/nobody.devnet", "nobody.devnet"),
        ("a=nonet/app.near", "nonet"),
        ("a=%FF", "The link is damaged"),
        ("a=code/xyz", "xyz is not a code hash."),
        ("a=https://evil.example/app.wasm", "https: is not the name of a network."),
        ("a=app.near@x", "x is not a block"),
        ("a=app.near%E2%80%AE", "app.near\\u{202e} is neither"),
        ("a=app.near&a=evil.near", "The link names the first side more than once."),
    ] {
        visit.open(&format!("#/compare?{value}&b={CHAIN}/changing.devnet"));
        let said = "return document.querySelector('[data-side=first] .complaint')?.innerText.includes(arguments[0]) \
                    && document.querySelector('[data-side=second] [data-chosen]') !== null";
        browser.until(&format!("a complaint about {value}"), said, &[json!(expected)]).unwrap();
        assert_eq!(browser.count("[data-class]").unwrap() + browser.count("[data-comparison]").unwrap(), 0);
    }
    let kept = "return JSON.stringify(localStorage)";
    let before = script(browser, kept);
    visit.open(&format!(
        "#/compare?a={CHAIN}/changing.devnet&rpc=https://evil.example&key=ed25519:x&threshold=0&b={CHAIN}/changing.devnet"
    ));
    class(browser, "identical");
    assert_eq!(script(browser, kept), before);
    let address = format!("#/compare?a={CHAIN}/changing.devnet&b={CHAIN}/changing.devnet");
    assert_eq!(script(browser, "return location.hash"), json!(address));
}

fn a_comparison_is_stopped_and_made_again(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    visit.open("#/compare");
    // A Worker that never gets to its end stands for a slow one: what ends it must not wait for it.
    let (a, b) = slow_pair();
    browser.pick(&picker("first"), &wasm(&visit, "a.wasm", &a)).unwrap();
    browser.pick(&picker("second"), &wasm(&visit, "b.wasm", &b)).unwrap();
    let stop = "const button = document.querySelector('[data-action=cancel]'); button?.click(); return Boolean(button)";
    browser.until("a way to stop", stop, &[]).unwrap();
    browser.find("[data-comparison=stopped]").unwrap();
    assert!(script(browser, "return document.querySelector('[data-class]')").is_null());
    // The page goes on: what is compared next is answered.
    browser.pick(&picker("first"), &wasm(&visit, "c.wasm", COUNTER_PINNED)).unwrap();
    browser.pick(&picker("second"), &wasm(&visit, "d.wasm", COUNTER_PINNED)).unwrap();
    class(browser, "identical");
}

/// Two modules whose functions are all alike and all different, which takes the whole budget.
fn slow_pair() -> (Vec<u8>, Vec<u8>) {
    let module = |salt: i32| {
        let body = |at: i32| {
            let constants: String =
                (0..12).map(|step| format!("(drop (i32.const {}))", 2_000_000 + at * 16 + step * salt)).collect();
            format!("(func {constants})")
        };
        wat::parse_str(format!("(module {})", (0..12_000).map(body).collect::<String>())).unwrap()
    };
    (module(1), module(3))
}

fn a_local_build_is_held_against_the_account_on_its_page(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.one.deploy("held.devnet", COUNTER_PINNED);
    visit.account("held.devnet");
    visit.end();
    browser.click("[data-card=local-build] > summary").unwrap();
    let file = wasm(&visit, "own.wasm", &other_counter());
    browser.pick("[data-card=local-build] input[type=file]", &file).unwrap();
    class(browser, "metadata");
    // Dropped anywhere on the page, the same; the page stays with the account.
    let drop = "const bytes = Uint8Array.from(atob(arguments[0]), it => it.charCodeAt(0)); const data = new DataTransfer(); \
                data.items.add(new File([bytes], 'same.wasm')); window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true, bubbles: true }))";
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, COUNTER_PINNED);
    browser.script(drop, vec![json!(encoded)]).unwrap();
    class(browser, "identical");
    // Again and again: what it is held against does not go.
    for round in 0..4 {
        let file = wasm(&visit, &format!("own-{round}.wasm"), &other_counter());
        browser.pick("[data-card=local-build] input[type=file]", &file).unwrap();
        class(browser, "metadata");
        browser.script(drop, vec![json!(encoded)]).unwrap();
        class(browser, "identical");
    }
    assert_eq!(script(browser, "return location.hash"), json!(format!("#/{CHAIN}/held.devnet")));
    visit.verdict("not-rebuilt");
    visit.leaves_no_trace();
}

fn a_build_larger_than_any_contract_is_compared(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    // As debug sections make it, which are custom ones: 5 MiB, and its length in LEB128.
    let debug = [&[1, b'd'][..], &vec![7; (5 << 20) - 2]].concat();
    let large = [COUNTER_PINNED, &[0, 0x80, 0x80, 0xc0, 0x02], &debug].concat();
    visit.open("#/compare");
    let file = wasm(&visit, "large.wasm", &large);
    browser.pick(&picker("first"), &file).unwrap();
    browser.pick(&picker("second"), &wasm(&visit, "own.wasm", COUNTER_PINNED)).unwrap();
    class(browser, "custom-sections");
    let said = browser.text("[data-side=first]").unwrap().replace(char::is_whitespace, "");
    assert!(said.contains(&large.len().to_string()), "no size: {said}");
    // One that is more than is compared is refused at once, and the other stays.
    let huge = visit.folder.path().join("huge.wasm");
    std::fs::File::create(&huge).unwrap().set_len((64 << 20) + 1).unwrap();
    browser.pick(&picker("second"), &huge).unwrap();
    let refused = "return document.querySelector('[data-side=second]').innerText.includes('larger than 64 MiB')";
    browser.until("a refusal", refused, &[]).unwrap();
    // Dropped, it is taken for the side that has nothing.
    visit.open("#/settings");
    visit.open("#/compare");
    drop_large(browser);
}

fn a_build_that_is_dropped_before_the_view_is_there_is_compared(kind: Kind) {
    let visit = Visit::new(kind);
    let waits = "await new Promise((dropped) => addEventListener(\"drop\", () => setTimeout(dropped, 500)));";
    let load = "const program = await load(href, module);";
    visit.change_script("boot", load, &format!("{waits} {load}"));
    visit.open("#/compare");
    visit.browser.find("main .later[aria-busy]").unwrap();
    drop_large(&visit.browser);
}

/// Drops a module of 5 MiB on the page, and waits until it stands on the first side.
fn drop_large(browser: &Browser) {
    let drop = "const bytes = new Uint8Array(arguments[0]); bytes.set([0, 97, 115, 109, 1]); bytes.set([0, 0x80, 0x80, 0xc0, 0x02, 1, 100], 8); \
                const data = new DataTransfer(); data.items.add(new File([bytes], 'dropped.wasm')); \
                window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true, bubbles: true }))";
    browser.script(drop, vec![json!(8 + 5 + (5 << 20))]).unwrap();
    let taken = "return document.querySelector('[data-side=first] [data-chosen]')?.innerText.includes('dropped.wasm')";
    browser.until("the dropped build", taken, &[]).unwrap();
}
