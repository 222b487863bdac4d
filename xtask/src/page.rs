//! What trunk leaves to us: names and digests of the second program of the page, written where `boot.js` finds them.
//! Run by trunk itself (`Trunk.toml`), before the page replaces the last one.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Where `index.html` leaves room.
const ROOM: &str = "<meta name=\"workbench\" content=\"\"";

/// Compiler flags of the page as it is published: less to download, and the same bytes wherever it is built.
pub(crate) fn flags() -> String {
    // Views of one type instead of thousands; a hash whose rounds are a loop.
    let mut flags = vec!["--cfg=erase_components".to_owned(), "--cfg=sha2_backend_soft=\"compact\"".to_owned()];
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let (library, named) = standard_library().unzip();
    let places = [
        (home.as_deref(), "/cargo"),
        (Some(crate::run::workspace()), "/provenear"),
        (library.as_deref(), named.as_deref().unwrap_or_default()),
    ];
    for (place, name) in places {
        // Cargo splits the flags at blanks, so that a path with one cannot be told to the compiler.
        if let Some(place) = place.and_then(Path::to_str).filter(|place| !place.contains(' ')) {
            flags.push(format!("--remap-path-prefix={place}={name}"));
        }
    }
    flags.join(" ")
}

/// Where the source of the standard library is on a machine that has it, and how the compiler calls it on one that has not.
fn standard_library() -> Option<(PathBuf, String)> {
    let rustc = |arguments: &[&str]| {
        let mut command = std::process::Command::new("rustc");
        crate::run::output(command.args(arguments).current_dir(crate::run::workspace())).ok()
    };
    let version = rustc(&["-vV"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "))?.trim().to_owned();
    let sysroot = PathBuf::from(rustc(&["--print", "sysroot"])?.trim());
    Some((sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{commit}")))
}

/// Completes `index.html` in the folder that trunk is about to publish.
///
/// # Errors
/// When that folder does not hold the second program, or `index.html` leaves no room for it.
pub(crate) fn finish() -> Result<()> {
    let folder = PathBuf::from(std::env::var_os("TRUNK_STAGING_DIR").context("trunk names no folder")?);
    let glue = named(&folder, "workbench", ".js")?;
    let wasm = named(&folder, "workbench_bg", ".wasm")?;
    let digest = integrity(&folder.join(&wasm))?;
    let page = folder.join("index.html");
    let html = fs::read_to_string(&page)?;
    if html.matches(ROOM).count() != 1 {
        bail!("`index.html` has no place for the names of the second program");
    }
    let filled = html.replace(ROOM, &format!("<meta name=\"workbench\" content=\"./{glue} ./{wasm} {digest}\""));
    fs::write(&page, filled).context("failed to write `index.html`")
}

/// Gives the file `<stem><end>` a name with its digest.
fn named(folder: &Path, stem: &str, end: &str) -> Result<String> {
    let file = folder.join(format!("{stem}{end}"));
    let name = format!("{stem}-{}{end}", &crate::build::sha256(&file)?[..16]);
    fs::rename(&file, folder.join(&name)).with_context(|| format!("trunk left no `{stem}{end}`"))?;
    Ok(name)
}

/// The digest of a file as browsers read it: `sha256-<base64>`.
fn integrity(file: &Path) -> Result<String> {
    let hex = crate::build::sha256(file)?;
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16))
        .collect::<Result<_, _>>()
        .context("a digest tool prints hex")?;
    Ok(format!("sha256-{}", base64(&bytes)))
}

/// RFC 4648, padded: this crate compiles before anything is shown, so it does without a library for it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for piece in bytes.chunks(3) {
        let bits = piece.iter().enumerate().fold(0, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..4 {
            text.push(if digit <= piece.len() {
                char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_as_in_rfc_4648() {
        for (bytes, text) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
