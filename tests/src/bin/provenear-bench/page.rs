//! The page in a real browser: what it downloads, and how long a reader waits.

use crate::Programs;
use crate::browser::Browser;
use crate::meter::Meter;
use crate::table::{Samples, Table};
use anyhow::{Context, Result};
use provenear_tests::devnet::{Chain, Devnet};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::lighthouse::marks;
use provenear_tests::static_server::{StaticOptions, StaticServer};
use provenear_tests::weight::until_the_verdict;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Notes when a file is picked, when a verdict stands in the document, what keeps the main thread busy until then (tasks
/// above 50 ms, all that a browser tells), and what jumps on the screen.
const WATCH: &str = "
    window.watched = { tasks: [], shift: 0 };
    const look = () => {
        const banner = document.querySelector('[data-verdict]');
        if (banner && !watched.verdict) {
            watched.verdict = performance.now();
            watched.epoch = performance.timeOrigin + watched.verdict;
        }
        const difference = document.querySelector('[data-class]');
        if (difference && !watched.difference) watched.difference = performance.now();
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
    document.addEventListener('change', () => {
        watched.picked = performance.now();
        delete watched.verdict;
        delete watched.difference;
        watched.tasks = [];
    }, true);
    new PerformanceObserver((list) => watched.tasks.push(...list.getEntries().map((task) => task.duration)))
        .observe({ type: 'longtask', buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((shift) => {
        if (!shift.hadRecentInput) watched.shift += shift.value;
    })).observe({ type: 'layout-shift', buffered: true });
";
const VERDICT: &str = "return window.watched?.verdict ?? null";
/// Whether what is below the verdict has begun to stand there, which the second program draws.
const CARDS: &str = "return document.querySelector('[data-card=chain]') && true";

/// Measures the page with a devnet on loopback: what it costs to see a verdict, to drop `module`, and to compare it with `edited`.
pub(crate) fn measure(programs: &Programs, module: &Path, edited: &Path, table: &mut Table) -> Result<()> {
    eprintln!("measuring the page");
    let chain = Devnet::serve(Chain::new("bench"), 0)?;
    chain.deploy("counter.bench", COUNTER_PINNED);
    chain.deploy("big.bench", std::fs::read(module)?);
    let rpc = Meter::start(&chain.url())?;
    let site = tempfile::tempdir()?;
    for entry in std::fs::read_dir(&programs.page).context("the page is not built")? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), site.path().join(entry.file_name()))?;
        }
    }
    let index = site.path().join("index.html");
    let meta = format!("<meta name=\"provenear-network\" content=\"bench {}\" /></head>", rpc.url);
    std::fs::write(&index, std::fs::read_to_string(&index)?.replacen("</head>", &meta, 1))?;
    let server = StaticServer::start(site.path(), StaticOptions::default())?;
    let host = Meter::start(&server.url())?;
    let link = format!("{}/#/bench/counter.bench", host.url);

    table.part("the page until the first verdict, each file with brotli");
    let mut sum = 0.0;
    for file in until_the_verdict(&programs.page)? {
        sum += file.brotli as f64 / 1000.0;
        let plain = format!("{:.1} kB as it lies there", file.plain as f64 / 1000.0);
        table.fact(&file.name, format!("{:.1} kB", file.brotli as f64 / 1000.0), plain);
    }
    table.fact("together", format!("{sum:.1} kB"), "aim: 120 kB");

    let browser = Browser::start(programs)?;
    browser.command("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": WATCH }))?;
    // The first visit makes the server compress, the second program too: that takes it many seconds.
    visit(&browser, &link)?;
    browser.wait(CARDS)?;
    let (mut page, mut chain, mut cold, mut warm, mut shifts) = (vec![], vec![], vec![], vec![], vec![]);
    // The second program follows the verdict at once: without it, what came is what was needed.
    browser.command("Network.enable", &json!({}))?;
    browser.command("Network.setBlockedURLs", &json!({ "urls": ["*workbench*"] }))?;
    for _ in 0..10 {
        browser.command("Network.clearBrowserCache", &json!({}))?;
        host.take();
        rpc.take();
        cold.push(visit(&browser, &link)?);
        page.push(host.take() as f64 / 1000.0);
        chain.push(rpc.take() as f64 / 1000.0);
    }
    browser.command("Network.setBlockedURLs", &json!({ "urls": [] }))?;
    for _ in 0..10 {
        warm.push(visit(&browser, &link)?);
        browser.wait(CARDS)?;
        shifts.push(browser.script("return watched.shift")?.as_f64().context("the page noted no shift")?);
    }
    table.part("the page on a devnet, until the first verdict");
    table.row("bytes of the page, brotli, with headers", &Samples::new(page), "kB", "aim: 120 kB");
    table.row("bytes of the chain, with a contract of 25 kB", &Samples::new(chain), "kB", "");
    table.row("navigation to verdict, nothing cached", &Samples::new(cold), "ms", "");
    table.row("navigation to verdict, the page cached", &Samples::new(warm), "ms", "");
    table.row("layout shift, with all cards", &Samples::new(shifts), "", "aim: below 0.1");

    table.part(&format!("an account with a contract of {} bytes", std::fs::metadata(module)?.len()));
    let big = format!("{}/#/bench/big.bench", host.url);
    for (rate, name) in [(1, ""), (4, ", main thread slowed 4 times")] {
        browser.command("Emulation.setCPUThrottlingRate", &json!({ "rate": rate }))?;
        let (mut waits, mut tasks) = (vec![], vec![]);
        for _ in 0..10 {
            visit(&browser, &big)?;
            let last = rpc.last_ms();
            // Drawing what is below is part of what keeps the main thread busy.
            browser.wait(CARDS)?;
            let seen = browser.script("return watched")?;
            waits.push(seen["epoch"].as_f64().context("the page noted no time")? - last);
            tasks.push(longest(&seen));
        }
        table.row(&format!("last byte of the chain to verdict{name}"), &Samples::new(waits), "ms", "aim: 300 ms");
        let remark = "0: none above 50 ms; aim: none";
        table.row(&format!("longest task of the main thread{name}"), &Samples::new(tasks), "ms", remark);
    }
    browser.command("Emulation.setCPUThrottlingRate", &json!({ "rate": 1 }))?;

    let mut speed = vec![];
    for _ in 0..3 {
        let mut lighthouse = Command::new(&programs.node);
        lighthouse.arg(&programs.lighthouse);
        speed.push(marks(lighthouse, browser.debugger, &format!("{}/#/", server.url()), &["performance"])?.marks["performance"]);
    }
    table.row("Lighthouse's mark for speed, as a phone on a slow network", &Samples::new(speed), "", "aim: 95");

    let (mut waits, mut tasks) = (vec![], vec![]);
    for _ in 0..10 {
        browser.go("about:blank")?;
        browser.go(&format!("{}/#/", host.url))?;
        browser.wait("return document.querySelector('input[type=file]') && true")?;
        browser.pick("input[type=file]", module)?;
        let times = browser.wait("return watched.picked && watched.verdict ? watched : null")?;
        let time = |name: &str| times[name].as_f64().with_context(|| format!("the page noted no `{name}`"));
        waits.push(time("verdict")? - time("picked")?);
        tasks.push(longest(&times));
    }
    let size = std::fs::metadata(module)?.len();
    table.part(&format!("a file of {size} bytes dropped into the page"));
    table.row("from the drop to its facts", &Samples::new(waits), "ms", "aim: 150 ms");
    table.row("longest task of the main thread after a drop", &Samples::new(tasks), "ms", "0: none above 50 ms");
    compare(&browser, &host.url, module, edited, table)
}

/// Picks a file for either side of `#/compare`, and waits for what differs to be drawn.
fn compare(browser: &Browser, page: &str, module: &Path, edited: &Path, table: &mut Table) -> Result<()> {
    let (mut waits, mut tasks) = (vec![], vec![]);
    for _ in 0..10 {
        browser.go("about:blank")?;
        browser.go(&format!("{page}/#/compare"))?;
        browser.wait("return document.querySelector('[data-side=second] input[type=file]') && true")?;
        browser.pick("[data-side=first] input[type=file]", module)?;
        browser.wait("return document.querySelector('[data-side=first] [data-chosen]') && true")?;
        browser.pick("[data-side=second] input[type=file]", edited)?;
        let times = browser.wait("return watched.picked && watched.difference ? watched : null")?;
        let time = |name: &str| times[name].as_f64().with_context(|| format!("the page noted no `{name}`"));
        waits.push(time("difference")? - time("picked")?);
        // What is still being drawn counts too.
        std::thread::sleep(std::time::Duration::from_millis(300));
        tasks.push(longest(&browser.script("return watched")?));
    }
    table.part("two such files compared in the page, in a Worker");
    table.row("from the second file to what differs", &Samples::new(waits), "ms", "aim: 300 ms");
    table.row("longest task of the main thread while comparing", &Samples::new(tasks), "ms", "0: none");
    Ok(())
}

/// Milliseconds of the longest task that the page noted.
fn longest(watched: &Value) -> f64 {
    watched["tasks"].as_array().into_iter().flatten().filter_map(Value::as_f64).fold(0.0, f64::max)
}

/// Milliseconds from navigation to verdict.
fn visit(browser: &Browser, link: &str) -> Result<f64> {
    // Another fragment of the same page would be no navigation.
    browser.go("about:blank")?;
    browser.go(link)?;
    browser.wait(VERDICT)?.as_f64().context("the page noted no time")
}
