//! Tells the helper of which commit it is built, as far as anybody knows: told by whoever builds it, or asked of git.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=PROVENEAR_COMMIT");
    let commit = std::env::var("PROVENEAR_COMMIT").ok().or_else(asked).unwrap_or_default();
    println!("cargo::rustc-env=PROVENEAR_COMMIT={commit}");
}

/// `<hash>`, with `+changes` where files differ from it. Run again when the commit or the source changes.
fn asked() -> Option<String> {
    let head = git(&["rev-parse", "--path-format=absolute", "--git-path", "logs/HEAD"])?;
    for path in [head.as_str(), "src", "../shared/src", "../Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let commit = git(&["rev-parse", "HEAD"])?;
    let is_clean = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| changes.is_empty());
    Some(if is_clean { commit } else { commit + "+changes" })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}
