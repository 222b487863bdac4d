//! Makes the page, and what trunk leaves to us where somebody makes it with trunk (`Trunk.toml`): names and digests of the second
//! program of the page, written where `boot.js` finds them, before the page replaces the last one.

mod assemble;

use anyhow::{Context, Result, anyhow, bail};
pub(crate) use assemble::{Compiled, assemble, compile};
use std::fs;
use std::path::{Path, PathBuf};

/// Where `index.html` leaves room for the second program, and for the commit.
const ROOM: &str = "<meta name=\"workbench\" content=\"\"";
const COMMIT_ROOM: &str = "<meta name=\"commit\" content=\"\"";

/// Of which commit a copy of the source without git is, for whoever builds it there.
pub(crate) const COMMIT: &str = "PROVENEAR_COMMIT";

/// The commit of the source: `<hash>`, with `+changes` where files differ from it; nothing where nobody can tell.
pub(crate) fn commit() -> String {
    if let Ok(told) = std::env::var(COMMIT) {
        return told;
    }
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        crate::run::output(command.args(arguments).current_dir(crate::run::workspace())).ok()
    };
    let Some(commit) = git(&["rev-parse", "HEAD"]) else { return String::new() };
    let is_changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_none_or(|changes| !changes.is_empty());
    format!("{}{}", commit.trim(), if is_changed { "+changes" } else { "" })
}

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

/// Completes what trunk is about to publish.
///
/// # Errors
/// As [`finish`], or when trunk names no folder.
pub(crate) fn finish_for_trunk() -> Result<()> {
    finish(&PathBuf::from(std::env::var_os("TRUNK_STAGING_DIR").context("trunk names no folder")?))
}

/// Completes a page that is about to be published: `index.html` names the second program, and every file beside it has a name
/// with its digest (trunk's own are digests of what a file was made from).
///
/// # Errors
/// When that folder does not hold the second program, or `index.html` leaves no room for it.
fn finish(folder: &Path) -> Result<()> {
    let page = folder.join("index.html");
    let files = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let named = files.into_iter().map(|file| file.file_name().into_string());
    let names = named.collect::<Result<Vec<String>, _>>().map_err(|name| anyhow!("trunk made {name:?}"))?;
    let mut html = fs::read_to_string(&page)?;
    for name in names.iter().filter(|name| name.ends_with(".js") || name.ends_with(".css")) {
        let file = folder.join(name);
        let text = strip_comments(&fs::read_to_string(&file)?).with_context(|| format!("in `{name}`"))?;
        fs::write(&file, text)?;
        html = with_integrity(&html, name, &integrity(&file, 256)?);
    }
    if html.matches(ROOM).count() != 1 {
        bail!("`index.html` has no place for the names of the second program");
    }
    let (glue, wasm) = ("workbench.js", "workbench_bg.wasm");
    let digests = [integrity(&folder.join(wasm), 256)?, integrity(&folder.join(glue), 256)?].join(" ");
    html = html.replace(ROOM, &format!("<meta name=\"workbench\" content=\"./{glue} ./{wasm} {digests}\""));
    if html.matches(COMMIT_ROOM).count() != 1 {
        bail!("`index.html` has no place for the commit");
    }
    html = html.replace(COMMIT_ROOM, &format!("<meta name=\"commit\" content=\"{}\"", commit()));
    for name in &names {
        if name != "index.html" {
            html = html.replace(&format!("./{name}"), &format!("./{}", rename(folder, name)?));
        }
    }
    fs::write(&page, html).context("failed to write `index.html`")
}

/// Strips a script or style sheet of the lines that are comments, and of indentation: less to download. Nothing but whole
/// lines goes, so that no knowledge of either language is needed, and neither ours nor wasm-bindgen's have texts of more
/// than one line.
///
/// # Errors
/// Where a comment and something else share a line, or a comment has no end.
fn strip_comments(text: &str) -> Result<String> {
    let mut bare = String::with_capacity(text.len());
    let mut is_comment = false;
    for line in text.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        if let Some((_, rest)) = line.split_once("*/").filter(|_| is_comment) {
            if !rest.is_empty() {
                bail!("a comment and something else are on one line: `{line}`");
            }
            is_comment = false;
        } else if !is_comment && !line.is_empty() && !line.starts_with("//") {
            bare.push_str(line);
            bare.push('\n');
        }
    }
    if is_comment { bail!("a comment has no end") } else { Ok(bare) }
}

/// The page with another digest in the element that names a file, if it has one.
fn with_integrity(html: &str, name: &str, integrity: &str) -> String {
    let attribute = "integrity=\"";
    let found = html.find(&format!("\"./{name}\"")).and_then(|at| {
        let element = at..at + html[at..].find('>')?;
        let first = at + html[element].find(attribute)? + attribute.len();
        Some(first..first + html[first..].find('"')?)
    });
    let mut html = html.to_owned();
    if let Some(old) = found {
        html.replace_range(old, integrity);
    }
    html
}

/// Gives a file the name `<stem>-<16 hex digits of its SHA-256>.<extension>`.
fn rename(folder: &Path, name: &str) -> Result<String> {
    let file = folder.join(name);
    let (stem, extension) = name.rsplit_once('.').with_context(|| format!("`{name}` has no extension"))?;
    let digest = &crate::build::sha256(&file)?[..16];
    let named = format!("{}-{digest}.{extension}", without_digest(stem));
    fs::rename(&file, folder.join(&named)).with_context(|| format!("failed to rename `{name}`"))?;
    Ok(named)
}

/// A stem without the digest that trunk put into it, up to 16 hex digits: `style-9e910d898ff745`, `page-0123456789abcdef_bg`.
fn without_digest(stem: &str) -> String {
    let (named, end) = stem.strip_suffix("_bg").map_or((stem, ""), |named| (named, "_bg"));
    let is_digest = |part: &str| (8..=16).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let plain = named.rsplit_once('-').filter(|(_, digest)| is_digest(digest)).map_or(named, |(plain, _)| plain);
    format!("{plain}{end}")
}

/// The digest of a file as browsers read it: `sha256-<base64>`, or with that many bits.
fn integrity(file: &Path, bits: u16) -> Result<String> {
    let hex = crate::build::sha(bits, file)?;
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16))
        .collect::<Result<_, _>>()
        .context("a digest tool prints hex")?;
    Ok(format!("sha{bits}-{}", base64(&bytes)))
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
    use super::{base64, strip_comments, with_integrity, without_digest};

    #[test]
    fn a_file_that_was_changed_has_another_digest() {
        let html = r#"<link href="./a.css" integrity="sha384-old"/><script src="./a.js" integrity="sha384-old" type="module">"#;
        let changed = with_integrity(html, "a.js", "sha256-new");
        assert_eq!(changed, html.replace(r#"js" integrity="sha384-old"#, r#"js" integrity="sha256-new"#));
        assert_eq!(with_integrity(html, "b.js", "sha256-new"), html);
        assert_eq!(
            with_integrity(r#"<a href="./a.js"><b integrity="x">"#, "a.js", "y"),
            r#"<a href="./a.js"><b integrity="x">"#
        );
    }

    #[test]
    fn of_a_script_go_comments_and_indentation() {
        let text = "/**\n * What\n * it is. */\nfunction f() { // kept\n    /* one line */\n    // another\n\n    return \"/* no */\";\n}\n";
        assert_eq!(strip_comments(text).unwrap(), "function f() { // kept\nreturn \"/* no */\";\n}\n");
        assert!(strip_comments("/* a */ rule {}\n").is_err() && strip_comments("/*\n * a\n").is_err());
    }

    #[test]
    fn a_stem_is_told_from_its_digest() {
        for (named, stem) in [
            ("style-123456789abcdef", "style"),
            ("provenear-web-0123456789abcdef_bg", "provenear-web_bg"),
            ("workbench_bg", "workbench_bg"),
        ] {
            assert_eq!(without_digest(named), stem);
        }
    }

    #[test]
    fn base64_as_in_rfc_4648() {
        for (bytes, text) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
