//! Files as people have them: manifests that editors, shells and other tools have written, lists of keys, modules that are
//! packed. What is opened counts as what is in it, and nothing counts for what it says of itself.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::io::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use provenear_tests::desk::{self, Said};
use provenear_tests::documents;
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::notary::{Notary, github_attestation, statement};
use serde_json::{Value, json};

struct Desk {
    desk: desk::Desk,
    recipe: Recipe,
}

impl Desk {
    /// With the pinned counter and a list of keys, `alice` and `bob`.
    fn new() -> Desk {
        let desk = Desk { desk: desk::Desk::new(), recipe: counter() };
        desk.write("counter.wasm", COUNTER_PINNED);
        let keys = ["alice", "bob"].map(|name| format!("{} {name}\n", Notary::named(name).public_key().to_near()));
        desk.write("keys", keys.concat());
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.path(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        self.desk.write(name, content);
    }

    /// The exit code, what stands on stdout, and what on stderr.
    fn run(&self, words: &[&str]) -> (i32, String, String) {
        let Said { exit, stdout, stderr } = self.desk.run(words);
        (exit, stdout, stderr)
    }

    /// What `verify` says of the counter by these manifests, whoever of `keys` signed them.
    fn verify(&self, manifests: &str, more: &[&str]) -> (i32, Value) {
        let words = ["verify", manifests, "counter.wasm", "--allow-local-source", "--json"];
        let (exit, said, trouble) = self.run(&[&words, more].concat());
        let json = documents::read(said.as_bytes()).unwrap_or_else(|error| panic!("{error:#}: {said}{trouble}"));
        (exit, json)
    }

    /// What `name` signs: that `artifact` came out of the counter's claim.
    fn line(&self, name: &str, artifact: &[u8]) -> String {
        let (image, commit) = (self.recipe.image().digest().to_hex(), self.recipe.source().commit());
        Notary::named(name).sign(&statement(self.recipe.claimed(), &image, commit, &Sha256Digest::of(artifact)))
    }
}

fn counter() -> Recipe {
    let claim = include_bytes!("../testdata/contracts/counter-pinned.json");
    Recipe::from_metadata(&ContractSourceMetadata::parse(claim).unwrap()).unwrap()
}

fn text<'a>(json: &'a Value, pointer: &str) -> &'a str {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The codes of the lines that do not count, in order.
fn rejections(json: &Value) -> Vec<&str> {
    let lines = json["manifests"].as_array().unwrap().iter();
    lines.map(|line| text(line, "/rejection/code")).filter(|code| !code.is_empty()).collect()
}

const KEYS: &[&str] = &["--trust", "keys"];
const BOTH: &[&str] = &["--trust", "keys", "--threshold", "2"];

#[test]
fn a_bundle_counts_as_the_envelope_in_it() {
    let desk = Desk::new();
    desk.write("a.intoto.jsonl", desk.line("alice", COUNTER_PINNED));
    assert_eq!(desk.run(&["publish", "a.intoto.jsonl", "--to", "store"]).0, 0);
    let bundle = std::fs::read_dir(desk.path("store/manifests")).unwrap().map(|entry| entry.unwrap().path());
    let bundle = bundle.into_iter().find(|path| path.to_str().unwrap().ends_with(".sigstore.json")).unwrap();
    let bundle = std::fs::read_to_string(bundle).unwrap();
    desk.write("b.json", &bundle);
    let (exit, json) = desk.verify("b.json", KEYS);
    assert_eq!((exit, text(&json, "/verdict/code")), (0, "reproduced"), "{json}");
    // Published again from the bundle alone, it is the same line.
    let filed = |store: &str| {
        std::fs::read_to_string(desk.path(store).join(format!("manifests/{COUNTER_PINNED_CODE_HASH}.intoto.jsonl")))
    };
    assert_eq!(desk.run(&["publish", "b.json", "--to", "again"]).0, 0);
    assert_eq!(filed("again").unwrap(), filed("store").unwrap());

    // By mallory, with everything beside the envelope that would make a reader believe it is alice's.
    let stranger: Value = serde_json::from_str(&desk.line("mallory", COUNTER_PINNED)).unwrap();
    let mut forged: Value = serde_json::from_str(&bundle).unwrap();
    let keyid = forged["dsseEnvelope"]["signatures"][0]["keyid"].clone();
    forged["dsseEnvelope"] = stranger;
    desk.write("forged.json", forged.to_string());
    let (exit, json) = desk.verify("forged.json", KEYS);
    assert_eq!((exit, rejections(&json)), (3, vec!["key-untrusted"]), "{json}");
    forged["dsseEnvelope"]["signatures"][0]["keyid"] = keyid;
    desk.write("forged.json", forged.to_string());
    assert_eq!(rejections(&desk.verify("forged.json", KEYS).1), ["signature-invalid"]);
    // Alice's signature over another payload.
    let mut other: Value = serde_json::from_str(&bundle).unwrap();
    other["dsseEnvelope"]["payload"] = forged["dsseEnvelope"]["payload"].clone();
    desk.write("other.json", other.to_string());
    assert_eq!(rejections(&desk.verify("other.json", KEYS).1), ["signature-invalid"]);
    // One payload in the bundle, one beside it.
    let mut two: Value = serde_json::from_str(&bundle).unwrap();
    for member in ["payload", "payloadType", "signatures"] {
        two[member] = forged["dsseEnvelope"][member].clone();
    }
    desk.write("two.json", two.to_string());
    assert_eq!(rejections(&desk.verify("two.json", KEYS).1), ["signature-invalid"]);
}

#[test]
fn manifests_are_read_as_editors_and_shells_write_them() {
    let desk = Desk::new();
    let lines = ["alice", "bob"].map(|name| desk.line(name, COUNTER_PINNED));
    let indented = lines.clone().map(|line| format!("{:#}", serde_json::from_str::<Value>(&line).unwrap()));
    for (what, content) in [
        ("line ends of Windows", lines.concat().replace("}{", "}\r\n{") + "\r\n"),
        ("a byte order mark", format!("\u{feff}{}\n", lines.join("\n"))),
        ("joined files with marks", lines.clone().map(|line| format!("\u{feff}{line}\r\n")).concat()),
        ("an array", format!("[{}]", lines.join(","))),
        ("an array in Windows", format!("\u{feff}[\r\n{}\r\n]\r\n", indented.join(",").replace('\n', "\r\n"))),
        ("indented", indented.join("\n")),
        ("side by side", lines.concat()),
        ("blank lines between", format!("\n\n{}\n\n", lines.join("\n \n"))),
    ] {
        desk.write("m.jsonl", content);
        let (exit, json) = desk.verify("m.jsonl", BOTH);
        assert_eq!((exit, text(&json, "/verdict/code")), (0, "reproduced"), "{what}: {json}");
    }
    let mut utf16: Vec<u8> = b"\xff\xfe".to_vec();
    utf16.extend(lines[0].encode_utf16().flat_map(u16::to_le_bytes));
    desk.write("m.jsonl", utf16);
    let (exit, json) = desk.verify("m.jsonl", KEYS);
    assert_eq!((exit, text(&json, "/error/code")), (4, "io"));
    assert!(text(&json, "/error/message").contains("UTF-16"), "{json}");
}

#[test]
fn a_million_entries_cost_no_more_than_a_few() {
    let desk = Desk::new();
    let line = desk.line("alice", COUNTER_PINNED);
    for (content, expected) in [
        (format!("[{}{line}]", "1,".repeat(1_000_000)), "not-rebuilt"),
        (format!("[{line}{}]", ",1".repeat(1_000_000)), "reproduced"),
        (format!("{line}\n{}", "{}\n".repeat(1_000_000)), "reproduced"),
        (format!("{}{line}", "[".repeat(1_000_000)), "not-rebuilt"),
    ] {
        desk.write("m.jsonl", content);
        let started = std::time::Instant::now();
        let (_, json) = desk.verify("m.jsonl", KEYS);
        assert_eq!(text(&json, "/verdict/code"), expected);
        assert!(json["manifests"].as_array().unwrap().len() <= 256);
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }
}

#[test]
fn what_other_tools_sign_is_named() {
    let desk = Desk::new();
    let envelope: Value = serde_json::from_str(&desk.line("alice", COUNTER_PINNED)).unwrap();
    let mut certified = json!({ "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": { "certificate": { "rawBytes": "MIIG" } }, "dsseEnvelope": envelope });
    certified["dsseEnvelope"]["signatures"][0]["sig"] = json!(BASE64_STANDARD.encode([0x30; 71]));
    let statement = BASE64_STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    for (content, said) in [
        (certified.to_string(), "evidence with workflow and commit, which Provenear does not check yet"),
        (String::from_utf8(statement).unwrap(), "an in-toto statement that nobody signed"),
    ] {
        desk.write("m.jsonl", content);
        let (exit, said_all, _) = desk.run(&["verify", "m.jsonl", "counter.wasm", "--trust", "keys"]);
        assert_eq!(exit, 3);
        assert!(said_all.contains(said) && !said_all.contains("not a DSSE envelope"), "{said_all}");
    }
    // A manifest behind something else is not lost, and what is before it is not a reason to refuse the file.
    let line = desk.line("alice", COUNTER_PINNED);
    desk.write("m.jsonl", format!("{{\"base64Signature\":\"\"}}\n{certified}\n{line}"));
    let (exit, json) = desk.verify("m.jsonl", KEYS);
    assert_eq!((exit, rejections(&json)), (0, vec!["envelope-malformed", "certificate-signed"]));
}

#[test]
fn keys_are_read_as_openssh_lists_them_and_no_other_gets_in() {
    let desk = Desk::new();
    let (alice, mallory) = (Notary::named("alice").public_key(), Notary::named("mallory").public_key());
    desk.write("m.jsonl", desk.line("mallory", COUNTER_PINNED));
    desk.write("a.jsonl", desk.line("alice", COUNTER_PINNED));
    let (alice, mallory) = (alice.to_ssh(), mallory.to_ssh());
    desk.write("signers", format!("# ours\nalice@example.com {alice} laptop\n"));
    let (exit, json) = desk.verify("a.jsonl", &["--trust", "signers"]);
    assert_eq!((exit, text(&json, "/verdict/keys/0/name")), (0, "alice@example.com"), "{json}");
    let given = format!("alice@example.com {alice}");
    assert_eq!(desk.verify("a.jsonl", &["--trust", &given]).0, 0);
    for list in [
        format!("alice {alice} {mallory}\n"),
        format!("\"alice {alice}\" {mallory}\n"),
        format!("alice {alice}\r{mallory}\n"),
        format!("alice {alice}\u{2028}alice {mallory}\n"),
        format!("alice namespaces=\"git\" {mallory}\n"),
        format!("alice cert-authority {mallory}\n"),
        format!("@revoked alice {mallory}\n"),
        format!("command=\"true\" {mallory}\n"),
    ] {
        desk.write("signers", &list);
        let (exit, said, trouble) = desk.run(&["verify", "m.jsonl", "counter.wasm", "--trust", "signers"]);
        assert_eq!((exit, said.as_str()), (2, ""), "{list}");
        assert!(trouble.contains("`signers`: line 1: "), "{trouble}");
    }
}

#[test]
fn a_module_is_taken_out_of_what_it_is_packed_in() {
    let desk = Desk::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(COUNTER_PINNED).unwrap();
    desk.write("gzip.wasm", packed.finish().unwrap());
    let base64 = BASE64_STANDARD.encode(COUNTER_PINNED);
    let wrapped: Vec<&str> = base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    desk.write("base64.wasm", wrapped.join("\r\n"));
    desk.write("url.wasm", format!("data:application/wasm;base64,{base64}"));
    desk.write("hex.wasm", COUNTER_PINNED.iter().map(|byte| format!("{byte:02X}")).collect::<String>());
    let reply =
        json!({ "jsonrpc": "2.0", "id": "1", "result": { "code_base64": base64, "hash": COUNTER_PINNED_CODE_HASH } });
    desk.write("reply.json", reply.to_string());
    for (name, how) in [
        ("gzip.wasm", "gzip"),
        ("base64.wasm", "base64"),
        ("url.wasm", "base64"),
        ("hex.wasm", "hex"),
        ("reply.json", "a node's reply"),
    ] {
        let (exit, said, note) = desk.run(&["inspect", name, "--json"]);
        let json = documents::read(said.as_bytes()).unwrap();
        assert_eq!((exit, text(&json, "/code/code_hash")), (3, COUNTER_PINNED_CODE_HASH), "{name}");
        assert!(note.contains(how) && note.contains(&COUNTER_PINNED.len().to_string()), "{note}");
    }
    // As it is, nothing is said.
    assert!(!desk.run(&["inspect", "counter.wasm"]).2.contains("note"));
}

/// Twelve gibibytes of zeros would come out of a few mebibytes; no more than a module has room for is unpacked.
#[test]
fn a_bomb_is_not_unpacked() {
    let desk = Desk::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    (0..256).for_each(|_| packed.write_all(&zeros).unwrap());
    let member = packed.finish().unwrap();
    // Members behind one another are one file.
    desk.write("bomb.wasm", member.repeat(48));
    let started = std::time::Instant::now();
    let (exit, _, said) = desk.run(&["inspect", "bomb.wasm"]);
    assert_eq!(exit, 4, "{said}");
    assert!(said.contains("longer than the 4194304 bytes"), "{said}");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_compiler_that_is_not_in_the_table_is_named_by_its_commit() {
    let desk = Desk::new();
    let unknown = "0123456789".repeat(4);
    for (name, commit, said) in [
        ("new.wasm", unknown.as_str(), format!("rustc of commit {unknown}: not a release that this version")),
        ("known.wasm", "58cf8f9c35b355199727627d07ae34a4e2846d67", "rustc 1.99.1".to_owned()),
    ] {
        let data = format!(r#"(module (memory 1) (data (i32.const 0) "/rustc/{commit}/library/core/src/option.rs"))"#);
        desk.write(name, wat::parse_str(data).unwrap());
        let (_, printed, _) = desk.run(&["inspect", name]);
        assert!(printed.contains(&said), "{printed}");
    }
}

#[test]
fn a_github_attestation_is_shown_with_its_workflow_repository_and_commit() {
    let desk = Desk::new();
    for (code, what) in [(COUNTER_PINNED, "this code"), (b"other", "other files")] {
        let line = github_attestation(code, ".github/workflows/release.yml");
        desk.write("counter.sigstore.json", &line);
        let given = desk.verify("counter.sigstore.json", KEYS);
        // In a store as well, whose text nobody keeps.
        std::fs::create_dir_all(desk.path("store")).unwrap();
        desk.write(&format!("store/{COUNTER_PINNED_CODE_HASH}.intoto.jsonl"), &line);
        desk.write("stranger.jsonl", desk.line("mallory", COUNTER_PINNED));
        let stored = desk.verify("stranger.jsonl", &[KEYS, &["--store", "store"]].concat());
        for ((exit, json), at) in [(given, 0), (stored, 1)] {
            // Evidence that nobody has checked counts for nothing.
            assert_eq!((exit, text(&json, &format!("/manifests/{at}/rejection/code"))), (3, "certificate-signed"));
            let said = text(&json, &format!("/manifests/{at}/rejection/message"));
            let expected = format!(
                "which Provenear does not check yet; it says, as anybody could have written, that the workflow \
                 `.github/workflows/release.yml` of `https://github.com/near-examples/counter` built {what} from commit `{}`",
                "0123456789".repeat(4)
            );
            assert!(said.ends_with(&expected), "{said}");
        }
    }
}
