//! The rustdoc of `shared`: each room has a way in that shows how it is used, by an example which rustdoc compiles and runs.
//! Not here: what the examples assert.

/// What a user of the crate calls first, by file and beginning of the item, in the order of the rooms.
const ENTRY_POINTS: [(&str, &str); 39] = [
    ("text.rs", "pub struct Shown<'a>(pub &'a str);"),
    ("spelling.rs", "pub trait Code: Copy {"),
    ("json.rs", "pub fn parse(text: &'a [u8])"),
    ("digest.rs", "pub fn from_base58(text: &str)"),
    ("near.rs", "pub fn parse_subject_at(text: &str)"),
    ("transport.rs", "pub trait Transport {"),
    ("rpc.rs", "pub fn parse_block(reply: &Reply)"),
    ("deployment/chain_view.rs", "pub fn quorum(&self)"),
    ("wasm/module.rs", "pub fn parse(bytes: &'a [u8])"),
    ("wasm/gather.rs", "pub fn of(module: &Module)"),
    ("wasm/diff/compare.rs", "pub fn diff(a: &Module, b: &Module, budget: Budget)"),
    ("embedded.rs", "pub async fn claim(module: &Module<'_>, sandbox: &impl Sandbox)"),
    ("nep330.rs", "pub fn parse(bytes: &[u8])"),
    ("gap.rs", "pub enum RecipeGap {"),
    ("address.rs", "pub fn is_local(authority: &str)"),
    ("source.rs", "pub fn parse(text: &str)"),
    ("image.rs", "pub fn parse(build_environment: &str)"),
    ("customary.rs", "pub fn is_customary(command: &[String])"),
    ("recipe.rs", "pub fn from_metadata(metadata: &ContractSourceMetadata)"),
    ("container/script.rs", "pub fn compose_script(recipe: &Recipe, options: &ScriptOptions)"),
    ("key.rs", "pub fn parse(text: &str)"),
    ("keys.rs", "pub fn parse_keys(text: &str)"),
    ("provenance.rs", "pub fn parse(text: &[u8])"),
    ("dsse.rs", "pub fn pae(payload_type: &str, payload: &[u8])"),
    ("notice.rs", "pub fn from_manifest(code: &str)"),
    ("manifest/attestation.rs", "pub fn open(line: &str, policy: &Policy)"),
    ("settings.rs", "pub fn parse(text: &str, usual: Settings, urls: &dyn Urls)"),
    ("verdict/decide.rs", "pub fn decide(evidence: Option<Evidence<'_>>)"),
    ("replacement/imports.rs", "pub fn redeploy_imports(module: &Module<'_>)"),
    ("inspection/inspect.rs", "pub async fn inspect("),
    ("chain/steps.rs", "pub fn chain(inspection: &Inspection)"),
    ("report/from_inspection.rs", "pub fn of(inspection: &Inspection, subject: &Subject, network: &Network)"),
    ("abi/read.rs", "pub fn parse(text: &[u8])"),
    ("comparison.rs", "pub async fn compare("),
    ("registry/fetch.rs", "pub fn parse_account(answer: &[u8])"),
    ("dao.rs", "pub fn parse(returned: &[u8], id: u64)"),
    ("given.rs", "pub fn of(bytes: &[u8]) -> Self"),
    ("archive.rs", "pub fn entries(archive: &[u8])"),
    ("finding.rs", "pub fn severity(self) -> Severity {"),
];

/// An example: what stands behind the fence, and the lines that a reader sees.
struct Example<'a> {
    info: &'a str,
    shown: Vec<&'a str>,
}

fn examples<'a>(doc: impl Iterator<Item = &'a str>) -> Vec<Example<'a>> {
    let (mut all, mut is_open) = (Vec::<Example<'a>>::new(), false);
    for line in doc.map(str::trim) {
        match (line.strip_prefix("```"), is_open) {
            (Some(info), false) => all.push(Example { info, shown: Vec::new() }),
            (None, true) if line != "#" && !line.starts_with("# ") => all.last_mut().unwrap().shown.push(line),
            (Some(_), true) | (None, _) => {}
        }
        is_open ^= line.starts_with("```");
    }
    all
}

/// The documentation of the one item that begins so: the lines above it, attributes aside.
fn doc_of<'a>(source: &'a str, item: &str) -> Vec<&'a str> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let found: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with(item)).collect();
    let [at] = found[..] else { panic!("`{item}` begins {} items", found.len()) };
    let above = lines[..at].iter().rev().skip_while(|line| line.starts_with("#["));
    let mut doc: Vec<&str> = above.map_while(|line| line.strip_prefix("///")).collect();
    doc.reverse();
    doc
}

/// Whether one of them is run as it stands and asserts something before the reader's eyes.
fn shows(examples: &[Example<'_>]) -> bool {
    examples.iter().any(|it| it.info.is_empty() && it.shown.iter().any(|line| line.starts_with("assert")))
}

fn source(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src").join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("shared/src/{name}: {error}"))
}

#[test]
fn every_room_of_shared_shows_how_it_is_used() {
    let crate_doc = source("lib.rs");
    let own = examples(crate_doc.lines().map_while(|line| line.strip_prefix("//!")));
    assert!(shows(&own), "the crate has no example");
    let without: Vec<_> =
        ENTRY_POINTS.iter().filter(|(file, item)| !shows(&examples(doc_of(&source(file), item).into_iter()))).collect();
    assert!(without.is_empty(), "no example that runs and asserts: {without:?}");

    let rooms: Vec<&str> =
        crate_doc.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(rooms.len() > 30, "this test reads `lib.rs` wrongly: {rooms:?}");
    let room_of = |file: &'static str| file.split(['/', '.']).next().unwrap();
    let shut: Vec<_> =
        rooms.iter().filter(|room| !ENTRY_POINTS.iter().any(|(file, _)| room_of(file) == **room)).collect();
    assert!(shut.is_empty(), "no entry point is listed for {shut:?}");
}

#[test]
fn an_example_that_is_not_run_or_asserts_nothing_does_not_count() {
    for (doc, counts) in [
        ("```\nassert!(f());\n```", true),
        ("Words.\n\n# Examples\n```\n# use a::f;\nassert_eq!(f(), 1);\n```", true),
        ("assert!(f());", false),
        ("```\nf();\n```", false),
        ("```\n# assert!(f());\n```", false),
        ("```ignore\nassert!(f());\n```", false),
        ("```no_run\nassert!(f());\n```", false),
        ("```text\nassert!(f());\n```", false),
        ("```\nf();\n```\nassert!(f());", false),
    ] {
        assert_eq!(shows(&examples(doc.lines())), counts, "{doc}");
    }
    let source = "/// A.\n/// ```\n/// assert!(a());\n/// ```\nfn a() {}\n\n/// B.\n#[must_use]\nfn b() {}\n";
    assert!(shows(&examples(doc_of(source, "fn a()").into_iter())));
    assert!(!shows(&examples(doc_of(source, "fn b()").into_iter())), "the example of another item");
}
