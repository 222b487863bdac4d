//! A pair of modules as large as the largest contracts, about 1.2 MB, for benchmarks: a made-up program over the standard
//! library's collections, formatting and sorting, and the same program after an edit.

use anyhow::Result;
use std::fmt::Write;
use std::path::Path;

use crate::variants::rustc;

/// How many kinds of collection the program has; each adds about as much code as the others.
const KINDS: usize = 26;

/// Which of the pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// The program.
    First,
    /// The program with one constant and one text edited, one function added and one taken away.
    Edited,
}

impl Edition {
    fn name(self) -> &'static str {
        match self {
            Edition::First => "first",
            Edition::Edited => "edited",
        }
    }
}

/// Builds one of the pair in the folder `into`. Takes some ten seconds.
///
/// # Errors
/// When rustc cannot be run or refuses.
pub fn build(edition: Edition, into: &Path) -> Result<Vec<u8>> {
    let into = into.join(edition.name());
    std::fs::create_dir_all(&into)?;
    let (source, wasm) = (into.join("big.rs"), into.join("big.wasm"));
    std::fs::write(&source, program(edition))?;
    let flags = [
        "--crate-type",
        "cdylib",
        "--crate-name",
        "big",
        "-C",
        "strip=symbols",
        "-C",
        "opt-level=s",
        "-C",
        "codegen-units=4",
    ];
    rustc(None, &into, "/home/near/code", &flags, Path::new("big.rs"), &wasm)?;
    Ok(std::fs::read(wasm)?)
}

/// The source of the program.
fn program(edition: Edition) -> String {
    let edited = edition == Edition::Edited;
    let mut text = String::from(
        "use std::collections::{BTreeMap, HashMap, VecDeque};\n\
         use std::fmt::Write;\n\
         #[link(wasm_import_module = \"env\")]\n\
         unsafe extern \"C\" { fn value_return(length: u64, address: u64); fn block_index() -> u64; }\n\
         fn give(text: &str) { unsafe { value_return(text.len() as u64, text.as_ptr() as u64) } }\n",
    );
    for kind in 1..=KINDS {
        let limit = if edited && kind == 20 { 4_021 } else { 4_000 + kind };
        let said = if edited && kind == 21 { "the next kind" } else { "kind" };
        if !(edited && kind == 23) {
            let _ = writeln!(text, "{}", one_kind(kind, limit, said));
        }
    }
    if edited {
        let _ = writeln!(text, "{}", one_kind(KINDS + 1, 4_000, "kind"));
    }
    text
}

/// One exported function with the collections of its kind, no two of which share their code.
fn one_kind(kind: usize, limit: usize, said: &str) -> String {
    format!(
        r#"
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Key{kind}([u8; {kind}], u16);
#[unsafe(no_mangle)]
pub extern "C" fn kind_{kind}() {{
    let seed = unsafe {{ block_index() }};
    let mut tree: BTreeMap<Key{kind}, [u32; {kind}]> = BTreeMap::new();
    let mut row: VecDeque<Key{kind}> = VecDeque::new();
    for step in 0..seed % {limit} {{
        let key = Key{kind}([(step ^ seed) as u8; {kind}], step as u16);
        *tree.entry(key.clone()).or_insert([0; {kind}]).last_mut().unwrap() += step as u32;
        row.push_front(key);
    }}
    let mut sorted: Vec<_> = row.drain(..).collect();
    sorted.sort();
    sorted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    tree.retain(|key, sums| key.1 as u32 % 3 == sums[0] % 3);
    let mut text = String::new();
    for (key, sums) in tree.range(sorted[0].clone()..) {{
        let _ = write!(text, "{said} {kind}: {{key:?}} is {{sums:?}} of {limit}");
    }}
    let map: HashMap<Key{kind}, usize> = sorted.into_iter().enumerate().map(|(at, key)| (key, at)).collect();
    let _ = write!(text, "{{:?}}", map.values().max());
    give(&text);
}}"#
    )
}
