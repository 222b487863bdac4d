//! `provenear-bench-rebuild FILE`: rebuilds the near-sdk contract of the suites with Provenear and with near-verify-rs, in
//! one image and of one commit, or probes it, and says how long each took; it never says whether that is good enough. FILE is
//! JSON: `provenear` (a release build), `image` (by digest), `ca_file` (certificates that a container needs, or null), `part`
//! (`rebuild` or `probe`).

#[cfg(not(target_arch = "wasm32"))]
mod batch;
#[cfg(not(target_arch = "wasm32"))]
mod one;
#[cfg(not(target_arch = "wasm32"))]
mod peer;
#[cfg(not(target_arch = "wasm32"))]
mod probe;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../provenear-bench/table.rs"]
#[allow(dead_code)] // the other one prints samples, too
mod table;

/// What is measured, and in what.
#[cfg(not(target_arch = "wasm32"))]
#[derive(serde::Deserialize)]
struct Ground {
    provenear: std::path::PathBuf,
    image: String,
    ca_file: Option<std::path::PathBuf>,
    part: Part,
}

#[cfg(not(target_arch = "wasm32"))]
#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Rebuild,
    Probe,
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> anyhow::Result<()> {
    use anyhow::Context;

    let file = std::env::args_os().nth(1).context("usage: provenear-bench-rebuild FILE")?;
    let ground: Ground = serde_json::from_slice(&std::fs::read(file)?)?;
    let mut table = table::Table::default();
    match ground.part {
        Part::Rebuild => {
            one::measure(&ground, &mut table)?;
            batch::measure(&ground, &mut table)?;
        }
        Part::Probe => probe::measure(&ground, &mut table)?,
    }
    println!("{table}");
    Ok(())
}

/// Sockets and processes are not to be had there.
#[cfg(target_arch = "wasm32")]
fn main() {}
