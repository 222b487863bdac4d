//! The page on a slow line and a slow device, and on this machine as it is: when a reader can begin to type, and when a verdict
//! stands. Held against an older page where there is one, a visit of each in turn.

use crate::Programs;
use crate::browser::Browser;
use crate::table::{Samples, Table};
use anyhow::{Context, Result};
use provenear_tests::devnet::{Chain, Devnet};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::static_server::{StaticOptions, StaticServer};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// Notes when there is a field to type into, and when a verdict stands there; and the tasks of the main thread above 50 ms.
const WATCH: &str = "
    window.noted = { tasks: [] };
    const look = () => {
        if (document.querySelector('#subject, #early input')) noted.field ??= performance.now();
        if (document.querySelector('[data-verdict]')) noted.verdict ??= performance.now();
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
    new PerformanceObserver((list) => noted.tasks.push(...list.getEntries().map((task) => task.duration)))
        .observe({ type: 'longtask', buffered: true });
";
/// Visits of each kind, of each page.
const VISITS: usize = 7;

/// Measures `programs.page`, and `programs.older` beside it.
pub(crate) fn measure(programs: &Programs, table: &mut Table) -> Result<()> {
    let chain = Devnet::serve(Chain::new("bench"), 0)?;
    chain.deploy("counter.bench", COUNTER_PINNED);
    let mut pages = vec![("this page", Site::of(&programs.page, &chain.url())?)];
    if let Some(older) = &programs.older {
        pages.push(("the older page", Site::of(older, &chain.url())?));
    }
    let browser = Browser::start(programs)?;
    browser.command("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": WATCH }))?;
    browser.command("Network.enable", &json!({}))?;
    for (_, site) in &pages {
        // The first visit makes the server compress.
        site.visit(&browser, "#/bench/counter.bench", "verdict")?;
    }
    for (name, rate, latency, throughput) in [
        ("as this machine is", 1, 0, -1),
        ("1.6 Mbit/s, round trips of 150 ms, main thread slowed 4 times", 4, 150, 200_000),
    ] {
        browser.command("Emulation.setCPUThrottlingRate", &json!({ "rate": rate }))?;
        let line = json!({ "offline": false, "latency": latency, "downloadThroughput": throughput, "uploadThroughput": throughput });
        browser.command("Network.emulateNetworkConditions", &line)?;
        let mut found = vec![(Vec::new(), Vec::new(), Vec::new()); pages.len()];
        for _ in 0..VISITS {
            for ((_, site), (field, verdict, tasks)) in pages.iter().zip(&mut found) {
                browser.command("Network.clearBrowserCache", &json!({}))?;
                field.push(time(&site.visit(&browser, "#/", "field")?, "field")?);
                browser.command("Network.clearBrowserCache", &json!({}))?;
                let noted = site.visit(&browser, "#/bench/counter.bench", "verdict")?;
                verdict.push(time(&noted, "verdict")?);
                tasks.push(noted["tasks"].as_array().map_or(0, Vec::len) as f64);
            }
        }
        table.part(&format!("nothing cached, {name}"));
        for ((page, _), (field, verdict, tasks)) in pages.iter().zip(found) {
            table.row(&format!("navigation to a field to type into, {page}"), &Samples::new(field), "ms", "");
            table.row(&format!("navigation to verdict, {page}"), &Samples::new(verdict), "ms", "");
            table.row(
                &format!("tasks of the main thread above 50 ms until then, {page}"),
                &Samples::new(tasks),
                "",
                "",
            );
        }
    }
    Ok(())
}

/// A page with the network of the measure, on a host of its own.
struct Site {
    _folder: TempDir,
    server: StaticServer,
}

impl Site {
    fn of(page: &Path, rpc: &str) -> Result<Site> {
        let folder = tempfile::tempdir()?;
        for entry in std::fs::read_dir(page).with_context(|| format!("`{}` is not a page", page.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
            }
        }
        let index = folder.path().join("index.html");
        let meta = format!("<meta name=\"provenear-network\" content=\"bench {rpc}\" /></head>");
        std::fs::write(&index, std::fs::read_to_string(&index)?.replacen("</head>", &meta, 1))?;
        Ok(Site { server: StaticServer::start(folder.path(), StaticOptions::default())?, _folder: folder })
    }

    /// What was noted until there is a time of this name.
    fn visit(&self, browser: &Browser, link: &str, until: &str) -> Result<Value> {
        browser.go("about:blank")?;
        browser.go(&format!("{}/{link}", self.server.url()))?;
        browser.wait(&format!("return window.noted?.{until} ? noted : null"))
    }
}

fn time(noted: &Value, name: &str) -> Result<f64> {
    noted[name].as_f64().with_context(|| format!("the page noted no `{name}`"))
}
