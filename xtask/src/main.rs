//! What people type: `cargo xtask <demo|test|build|bench>`; each does its own set-up.

mod run;
mod service;
mod setup;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ground"] => setup::everything().map(drop),
        ["ground", "--keep"] => {
            let _ground = setup::everything()?;
            run::say("the ground is laid; it stays until Ctrl-C");
            loop {
                std::thread::park();
            }
        }
        _ => bail!("usage: cargo xtask <demo [--once] | test | build | bench>"),
    }
}
