//! Whole processes on the command line, from start to exit.

use crate::Programs;
use crate::table::{Samples, Table};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// `inspect` of a file, against reading and hashing it.
pub(crate) fn inspect(programs: &Programs, module: &Path, table: &mut Table) -> Result<()> {
    eprintln!("measuring `inspect`");
    let size = std::fs::metadata(module)?.len();
    let hashing = time(20, Command::new("sha256sum").arg(module))?;
    let inspecting = time(20, Command::new(&programs.provenear).args(["inspect", "--json", "--quiet"]).arg(module))?;
    table.part(&format!("a module of {size} bytes, whole process"));
    table.row("sha256sum", &hashing, "ms", "");
    let ratio = inspecting.median() / hashing.median();
    table.row("provenear inspect", &inspecting, "ms", format!("{ratio:.1} times sha256sum; aim: 40 ms"));
    Ok(())
}

/// `diff` of a pair, against what others use for that.
pub(crate) fn diff(programs: &Programs, a: &Path, b: &Path, folder: &Path, table: &mut Table) -> Result<()> {
    eprintln!("measuring `diff`");
    let mut ours = Command::new(&programs.provenear);
    let diffing = time(10, ours.args(["diff", "--quiet"]).args([a, b]))?;
    let lines = count(&ours.stdout(Stdio::piped()).output().context("failed to start `provenear`")?.stdout);
    table.part("a pair of such modules: one constant and one text edited, one function added, one removed");
    table.row("provenear diff", &diffing, "ms", format!("{lines} lines to read; aim: 80 ms"));
    let compare = |samples: &Samples, theirs: usize| {
        let ratio = samples.median() / diffing.median();
        format!("{theirs} lines to read; {ratio:.0} times as long, {:.2} % of the lines", percent(lines, theirs))
    };
    match &programs.wasm2wat {
        Some(wasm2wat) => {
            eprintln!("measuring `wasm2wat` and `diff`");
            let script =
                "\"$0\" \"$1\" > \"$3/a\" && \"$0\" \"$2\" > \"$3/b\"; diff \"$3/a\" \"$3/b\" > \"$3/changes\"";
            let theirs = time(5, Command::new("sh").args(["-c", script]).arg(wasm2wat).args([a, b, folder]))?;
            let remark = compare(&theirs, count(&std::fs::read(folder.join("changes"))?));
            table.row("wasm2wat and diff", &theirs, "ms", remark);
        }
        None => table.fact("wasm2wat and diff", "not installed", ""),
    }
    match &programs.diffoscope {
        Some(diffoscope) => {
            eprintln!("measuring `diffoscope`, some minutes");
            let report = folder.join("report");
            let theirs = time(1, Command::new(diffoscope).arg("--text").arg(&report).args([a, b]))?;
            let remark = compare(&theirs, count(&std::fs::read(&report)?));
            table.row("diffoscope", &theirs, "ms", remark);
        }
        None => table.fact("diffoscope", "not installed", ""),
    }
    Ok(())
}

/// `lint` of a workspace of 200 crates, a tenth of them contracts.
pub(crate) fn lint(programs: &Programs, table: &mut Table) -> Result<()> {
    eprintln!("measuring `lint`");
    let folder = tempfile::tempdir()?;
    make_workspace(folder.path())?;
    let linting = time(20, Command::new(&programs.provenear).args(["lint", "--json"]).arg(folder.path()))?;
    table.part("a workspace of 200 crates, 20 of them contracts, whole process");
    table.row("provenear lint", &linting, "ms", "aim: 300 ms");
    Ok(())
}

fn make_workspace(root: &Path) -> Result<()> {
    let mut lock = "version = 4\n".to_owned();
    let mut package = |name: &str, version: &str, rest: &str| {
        lock += &format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{rest}");
    };
    std::fs::write(root.join("Cargo.toml"), "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\"]\n")?;
    let section = "[lib]\ncrate-type = [\"cdylib\"]\n[package.metadata.near.reproducible_build]\n\
        image = \"sourcescan/cargo-near:0.22.0-rust-1.97.1\"\n\
        image_digest = \"sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234\"\n\
        container_build_command = [\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\", \"--locked\"]\n";
    for n in 0..200 {
        let folder = root.join(format!("crates/c{n}/src"));
        std::fs::create_dir_all(&folder)?;
        let (section, on) = if n % 10 == 0 { (section, "near-sdk = \"5\"\n") } else { ("", "") };
        let next = if n < 199 { format!("c{0} = {{ path = \"../c{0}\" }}\n", n + 1) } else { String::new() };
        let head =
            format!("[package]\nname = \"c{n}\"\nversion = \"0.1.0\"\nrepository = \"https://github.com/a/b\"\n");
        std::fs::write(folder.with_file_name("Cargo.toml"), format!("{head}{section}[dependencies]\n{next}{on}"))?;
        std::fs::write(folder.join("lib.rs"), "// a crate\n".repeat(500))?;
        let needs: Vec<String> = (n < 199).then(|| format!(" \"c{}\",\n", n + 1)).into_iter().collect();
        let sdk = if n % 10 == 0 { " \"near-sdk\",\n" } else { "" };
        package(&format!("c{n}"), "0.1.0", &format!("dependencies = [\n{}{sdk}]\n", needs.concat()));
    }
    package("near-sdk", "5.29.0", "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n");
    std::fs::write(root.join("Cargo.lock"), lock)?;
    let identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
    for words in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", "all"]] {
        let status = Command::new("git").args(identity).args(words).current_dir(root).status()?;
        if !status.success() {
            bail!("`git {words:?}` failed: {status}");
        }
    }
    Ok(())
}

/// Milliseconds of `times` runs after one that warms the caches. Where the command differs or is undecided is no matter;
/// that it could not do its work is.
fn time(times: usize, command: &mut Command) -> Result<Samples> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut samples = Vec::new();
    // What takes long does not need warming.
    for run in usize::from(times == 1)..=times {
        let since = Instant::now();
        let status = command.status().with_context(|| format!("failed to start `{:?}`", command.get_program()))?;
        let milliseconds = since.elapsed().as_secs_f64() * 1000.0;
        if !matches!(status.code(), Some(0 | 1 | 3)) {
            bail!("`{command:?}` failed: {status}");
        }
        if run > 0 {
            samples.push(milliseconds);
        }
    }
    Ok(Samples::new(samples))
}

fn count(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
