//! `provenear-bench FILE`: measures, and never says whether that is good enough. FILE is JSON with the programs to
//! measure: `provenear` (a release build), `page` (the folder of the built page), `chromium`, `chromedriver`, and
//! `node` and `lighthouse` (its script), `wasm2wat` and `diffoscope` where they are there, and `figures`, a file for what
//! was measured. Prints a table; whole processes and a real browser only.

#[cfg(not(target_arch = "wasm32"))]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod endpoint;
#[cfg(not(target_arch = "wasm32"))]
mod lookups;
#[cfg(not(target_arch = "wasm32"))]
mod machines;
#[cfg(not(target_arch = "wasm32"))]
mod meter;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(not(target_arch = "wasm32"))]
mod page;
#[cfg(not(target_arch = "wasm32"))]
mod slow;
#[cfg(not(target_arch = "wasm32"))]
mod table;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> anyhow::Result<()> {
    use anyhow::Context;
    use provenear_tests::big_module::{Edition, build};

    let file = std::env::args_os().nth(1).context("usage: provenear-bench FILE")?;
    let programs: Programs = serde_json::from_slice(&std::fs::read(file)?)?;
    type Part = fn(&Programs, &mut table::Table) -> anyhow::Result<()>;
    let parts: [(bool, Part); 4] = [
        (programs.slow, slow::measure),
        (programs.lookups, lookups::measure),
        (programs.machines, machines::measure),
        (programs.lint, native::lint),
    ];
    if let Some((_, measure)) = parts.into_iter().find(|(is_asked, _)| *is_asked) {
        let mut table = table::Table::default();
        measure(&programs, &mut table)?;
        println!("{table}");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    eprintln!("making a pair of modules of about 1.2 MB");
    let mut pair = Vec::new();
    for (edition, name) in [(Edition::First, "first.wasm"), (Edition::Edited, "edited.wasm")] {
        let path = folder.path().join(name);
        std::fs::write(&path, build(edition, folder.path())?)?;
        pair.push(path);
    }
    let (first, edited) = (&pair[0], &pair[1]);
    let mut table = table::Table::against(serde_json::from_str(PREVIOUS)?);
    native::inspect(&programs, first, &mut table)?;
    native::diff(&programs, first, edited, folder.path(), &mut table)?;
    native::lint(&programs, &mut table)?;
    page::measure(&programs, first, edited, &mut table)?;
    println!("{table}");
    if let Some(keep) = &programs.figures {
        std::fs::write(keep, serde_json::to_vec_pretty(&table.figures("this build"))?)?;
        println!("the figures are in {}: at a release they become tests/testdata/bench/previous.json", keep.display());
    }
    Ok(())
}

/// What the last release measured.
#[cfg(not(target_arch = "wasm32"))]
const PREVIOUS: &str = include_str!("../../../testdata/bench/previous.json");

/// What is measured, and with what it is compared.
#[cfg(not(target_arch = "wasm32"))]
#[derive(serde::Deserialize)]
struct Programs {
    provenear: std::path::PathBuf,
    page: std::path::PathBuf,
    chromium: std::path::PathBuf,
    chromedriver: std::path::PathBuf,
    node: std::path::PathBuf,
    lighthouse: std::path::PathBuf,
    wasm2wat: Option<std::path::PathBuf>,
    diffoscope: Option<std::path::PathBuf>,
    /// Measures the page on a slow line, and nothing else.
    #[serde(default)]
    slow: bool,
    /// Measures look-ups of many accounts, and nothing else.
    #[serde(default)]
    lookups: bool,
    /// Measures plans and merges of many machines, and nothing else.
    #[serde(default)]
    machines: bool,
    /// Measures `lint`, and nothing else.
    #[serde(default)]
    lint: bool,
    /// An older page to hold that against.
    older: Option<std::path::PathBuf>,
    /// Where to leave what was measured.
    figures: Option<std::path::PathBuf>,
}

/// Sockets and processes are not to be had there.
#[cfg(target_arch = "wasm32")]
fn main() {}
