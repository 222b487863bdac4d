//! `provenear-devnet FILE`: a devnet with accounts, static folders and git repositories as FILE (JSON) describes
//! them, in the foreground. Prints one JSON line when ready; ends when stdin is closed. Meanwhile each line on
//! stdin is one more account, answered by a line with its code hash. By hand: `tail -f /dev/null | provenear-devnet FILE`.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> anyhow::Result<()> {
    use anyhow::Context;
    use std::io::{BufRead, Write};

    let file = std::env::args_os().nth(1).context("usage: provenear-devnet FILE")?;
    let stage = provenear_tests::stage::Stage::start(std::path::Path::new(&file))?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", stage.ready())?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let line = line.context("failed to read stdin")?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match stage.add(&line) {
            Ok(answer) => answer,
            Err(error) => serde_json::json!({ "error": format!("{error:#}") }),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// The servers need sockets, which the wasm32 build does not have.
#[cfg(target_arch = "wasm32")]
fn main() {}
