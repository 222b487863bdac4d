//! The source archive of a manifest: shown once its hash is the signed one, as text, and never obeyed.

use std::path::PathBuf;

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::notary::Notary;
use provenear_tests::rows::{counter_statement, trusted};
use serde_json::json;

use crate::visit::Visit;

in_browsers! {
    both: [the_archive_of_the_store_is_checked_and_read],
    chromium: [an_archive_that_was_not_signed_is_not_shown, a_signed_archive_that_leads_out_is_not_shown, an_archive_in_no_store_is_asked_for],
}

/// A tar file of these entries: name, type, link target, content.
fn tar(entries: &[(&str, u8, &str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, kind, target, content) in entries {
        let mut header = [0u8; 512];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, name.as_bytes());
        put(100, b"0000644\0");
        put(124, format!("{:011o}\0", content.len()).as_bytes());
        put(136, b"00000000000\0");
        put(148, b"        ");
        put(156, &[*kind]);
        put(157, target.as_bytes());
        put(257, b"ustar  \0");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn repository() -> Vec<u8> {
    let lib = b"// <script>alert(1)</script> \xe2\x80\xae\npub fn increment() -> u64 { 7 }\n";
    tar(&[
        ("README.md", b'0', "", b"# Counter\n"),
        ("link", b'2', "../../etc/passwd", b""),
        ("logo.png", b'0', "", b"\x89PNG\0\0"),
        ("src/", b'5', "", b""),
        ("src/lib.rs", b'0', "", lib),
    ])
}

/// What alice signed who built `artifact` from `archive`; the store beside the page has `stored` as that archive.
fn signed(visit: &Visit, artifact: &[u8], archive: &[u8], stored: Option<&[u8]>) -> String {
    let hash = Sha256Digest::of(archive).to_hex();
    let mut statement = counter_statement(artifact, &[]);
    let dependencies = statement.pointer_mut("/predicate/buildDefinition/resolvedDependencies").unwrap();
    dependencies.as_array_mut().unwrap().push(json!({ "name": "source-archive", "digest": { "sha256": hash } }));
    if let Some(stored) = stored {
        let folder = visit.folder.path().join("sources");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(format!("{hash}.tar")), stored).unwrap();
    }
    Notary::named("alice").sign(&statement)
}

/// Puts an account on the chain whose code the store beside the page has a rebuild of, and the source.
pub(crate) fn put(visit: &Visit, account: &str) {
    // A custom section of its own gives it a hash of its own.
    let code = [COUNTER_PINNED, b"\0\x02\x01x"].concat();
    let archive = repository();
    let manifest = signed(visit, &code, &archive, Some(&archive));
    let store = visit.folder.path().join("manifests");
    std::fs::create_dir(&store).unwrap();
    std::fs::write(store.join(format!("{}.intoto.jsonl", Sha256Digest::of(&code).to_base58())), manifest).unwrap();
    visit.one.deploy(account, code);
}

/// A visit with a manifest that names `archive`, and what the store beside the page has under that name.
fn visit(kind: Kind, archive: &[u8], stored: Option<&[u8]>) -> Visit {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    let manifest = signed(&visit, COUNTER_PINNED, archive, stored);
    visit.account("honest.devnet");
    visit.end();
    visit.bring(&manifest);
    visit.verdict("reproduced");
    visit.browser.click("[data-card=sources] > summary").unwrap();
    visit
}

fn nothing_is_shown(visit: &Visit) {
    let shown = "return document.querySelectorAll('.tree, .code-box, [data-open]').length";
    assert_eq!(visit.browser.script(shown, vec![]).unwrap(), 0);
}

fn the_archive_of_the_store_is_checked_and_read(kind: Kind) {
    let archive = repository();
    let visit = visit(kind, &archive, Some(&archive));
    let browser = &visit.browser;
    browser.find("[data-source=checked]").unwrap();
    browser.find("[data-open='README.md'] [data-shown=text]").unwrap();
    browser.click(".tree summary").unwrap();
    browser.click("[data-file='lib.rs']").unwrap();
    browser.find("[data-open='src/lib.rs'] .tok-keyword").unwrap();
    let text = browser.text(".code-box").unwrap();
    assert!(text.contains("<script>alert(1)</script> \\u{202e}") && text.contains("pub fn increment"), "{text}");
    browser.click("[data-file='link']").unwrap();
    browser.find("[data-shown=link]").unwrap();
    assert!(browser.text("[data-shown=link]").unwrap().contains("../../etc/passwd"));
    browser.click("[data-file='logo.png']").unwrap();
    browser.find("[data-open='logo.png'] [data-shown=note]").unwrap();
    let made = "return document.querySelectorAll('main script, main img, a[href*=passwd]').length";
    assert_eq!(browser.script(made, vec![]).unwrap(), 0);
    visit.leaves_no_trace();
}

fn an_archive_that_was_not_signed_is_not_shown(kind: Kind) {
    let archive = repository();
    let mut other = archive.clone();
    other[600] ^= 1;
    let visit = visit(kind, &archive, Some(&other));
    visit.browser.find("[data-source=refused]").unwrap();
    nothing_is_shown(&visit);
    // The reader has the right one.
    let file: PathBuf = visit.folder.path().join("given.tar");
    std::fs::write(&file, &archive).unwrap();
    visit.browser.pick("[data-card=source] input[type=file]", &file).unwrap();
    visit.browser.find("[data-source=checked]").unwrap();
    visit.leaves_no_trace();
}

fn a_signed_archive_that_leads_out_is_not_shown(kind: Kind) {
    let archive = tar(&[("../../.bashrc", b'0', "", b"x")]);
    let visit = visit(kind, &archive, Some(&archive));
    visit.browser.find("[data-source=refused]").unwrap();
    nothing_is_shown(&visit);
    visit.leaves_no_trace();
}

fn an_archive_in_no_store_is_asked_for(kind: Kind) {
    let visit = visit(kind, &repository(), None);
    visit.browser.find("[data-source=absent]").unwrap();
    nothing_is_shown(&visit);
    visit.leaves_no_trace_but(&["404"]);
}
