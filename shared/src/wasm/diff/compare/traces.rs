//! What a module shows of its making, and what else is known of it, gathered for a comparison of two.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::literals::Literals;
use crate::wasm::{Module, fingerprint};

/// Most paths that are kept.
const MAX_PATHS: usize = 2_000;
/// Most bodies that are looked at for the linker's padding, and most paths for a platform.
const MAX_BODIES: usize = 200;
/// Longest name of a toolchain.
const MAX_NAME: usize = 100;

/// Everything that is known of one side besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Its NEP-330 claim, if it was read; looked for in the data if `None`.
    pub claim: Option<&'a Value>,
    /// Its ABI, if it was read.
    pub abi: Option<&'a Value>,
    /// Operating system and architecture that it was built on, such as `linux/arm64`, if that was observed; looked for in the
    /// paths of its compiler if `None`.
    pub platform: Option<&'a str>,
}

/// What one module shows.
pub(super) struct Traces {
    claim: Option<Value>,
    rustc_commit: Option<String>,
    rustc_version: Option<String>,
    /// rustc as the ABI names it.
    compiler: Option<String>,
    /// cargo-near as the ABI names it.
    pub(super) builder: Option<String>,
    pub(super) crates: BTreeSet<(String, String)>,
    pub(super) home: Option<String>,
    /// Operating system and architecture of the build.
    pub(super) platform: Option<String>,
    /// Absolute paths of source files, by their last three pieces.
    pub(super) paths: BTreeMap<String, String>,
    /// The module is as the linker writes it: what shows that wasm-opt was not run.
    pub(super) linked: Option<String>,
    /// Names of sections that a release build does not have.
    pub(super) left_in: Option<String>,
    pub(super) abi_export: Option<String>,
    /// A message that only checked arithmetic has.
    pub(super) overflow: Option<String>,
}

impl Traces {
    pub(super) fn of(module: &Module, known: &Known) -> Traces {
        let image = module.memory_image();
        let fingerprint = fingerprint::of(module, &image);
        let literals = Literals::of(module, &image);
        let build = |field: &str| known.abi?.pointer(field)?.as_str().map(str::to_owned);
        let left_in: Vec<String> = module
            .sections()
            .iter()
            .filter_map(|section| section.custom_name.clone())
            .filter(|name| {
                name == "name" || name.starts_with(".debug") || name == "producers" || name == "sourceMappingURL"
            })
            .collect();
        let mut paths = BTreeMap::new();
        let mut overflow = None;
        for run in image.runs() {
            absolute_paths(&run.bytes, &mut paths);
            overflow = overflow.or_else(|| overflow_message(&run.bytes));
        }
        Traces {
            claim: known.claim.cloned().or(literals.json),
            rustc_commit: fingerprint.rustc_commit,
            rustc_version: fingerprint.rustc,
            compiler: build("/metadata/build/compiler"),
            builder: build("/metadata/build/builder"),
            crates: fingerprint.crates.into_iter().map(|found| (found.name, found.version)).collect(),
            home: fingerprint.build_home,
            platform: known
                .platform
                .map(str::to_owned)
                .or_else(|| image.runs().iter().find_map(|run| host(&run.bytes))),
            paths,
            linked: padded_calls(module),
            left_in: (!left_in.is_empty()).then(|| left_in.join(", ")),
            abi_export: module.exported_function("__contract_abi").map(|_| "__contract_abi".to_owned()),
            overflow,
        }
    }

    /// A field of the claim, as text.
    pub(super) fn claimed(&self, pointer: &str) -> Option<String> {
        match self.claim.as_ref()?.pointer(pointer)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// The claimed build command.
    pub(super) fn command(&self) -> Option<Vec<String>> {
        let words = self.claim.as_ref()?.pointer("/build_info/build_command")?.as_array()?;
        words.iter().map(|word| word.as_str().map(str::to_owned)).collect()
    }

    /// The compiler by version, or by commit where the version is not known.
    pub(super) fn rustc(&self) -> Option<String> {
        let known = self.rustc_version.clone().map(|version| format!("rustc {version}"));
        known.or_else(|| self.rustc_commit.clone()).or_else(|| self.compiler.clone())
    }
}

/// Call indices padded to five bytes: the linker leaves room for relocation, wasm-opt writes the shortest form.
fn padded_calls(module: &Module) -> Option<String> {
    let bodies = module.bodies().iter().take(MAX_BODIES);
    let padded = bodies.map(|body| {
        let bytes = body.as_bytes();
        let windows = bytes.windows(6);
        windows
            .filter(|window| window[0] == 0x10 && window[1..5].iter().all(|byte| byte & 0x80 != 0) && window[5] == 0)
            .count()
    });
    let padded: usize = padded.sum();
    (padded > 0).then(|| format!("{padded} call indices padded to five bytes, as the linker writes them"))
}

/// The platform in the first path of a toolchain, `/toolchains/1.86.0-aarch64-unknown-linux-gnu/`: a compiler that was
/// installed with the sources of its library names them where they lie.
fn host(bytes: &[u8]) -> Option<String> {
    const BEFORE: &[u8] = b"/toolchains/";
    let paths = bytes.windows(BEFORE.len()).enumerate().filter(|(_, window)| window[0] == b'/' && *window == BEFORE);
    paths.take(MAX_BODIES).find_map(|(at, _)| {
        let rest = &bytes[at + BEFORE.len()..];
        let name = std::str::from_utf8(&rest[..rest.iter().take(MAX_NAME).position(|byte| *byte == b'/')?]).ok()?;
        let os = [("-linux", "linux"), ("-darwin", "darwin"), ("-windows", "windows")];
        let os = os.iter().find(|(part, _)| name.contains(part))?.1;
        let architecture = [("-x86_64-", "amd64"), ("-aarch64-", "arm64")];
        let architecture = architecture.iter().find(|(part, _)| name.contains(part))?.1;
        Some(format!("{os}/{architecture}"))
    })
}

/// Collects `/…/a/b.rs`, keyed by the last three pieces. Strings lie side by side, so a path ends at `.rs`.
fn absolute_paths(bytes: &[u8], paths: &mut BTreeMap<String, String>) {
    const END: &[u8] = b".rs";
    let mut from = 0;
    while let Some(at) = bytes[from..].windows(END.len()).position(|window| window == END) {
        let end = from + at + END.len();
        let path = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+@".contains(byte);
        let start = bytes[from..end].iter().rposition(|byte| !path(byte)).map_or(from, |at| from + at + 1);
        from = end;
        let Ok(text) = std::str::from_utf8(&bytes[start..end]) else { continue };
        let Some(text) = text.find("/home/").or_else(|| text.find('/')).map(|at| &text[at..]) else { continue };
        let pieces: Vec<&str> = text.rsplitn(4, '/').collect();
        if pieces.len() == 4 && !text.starts_with("/rustc/") && paths.len() < MAX_PATHS {
            let key = [pieces[2], pieces[1], pieces[0]].join("/");
            paths.entry(key).or_insert_with(|| text.to_owned());
        }
    }
}

/// The message of the checked arithmetic of rustc, if there is one.
fn overflow_message(bytes: &[u8]) -> Option<String> {
    ["attempt to add with overflow", "attempt to subtract with overflow", "attempt to multiply with overflow"]
        .into_iter()
        .find(|message| bytes.windows(message.len()).any(|window| window == message.as_bytes()))
        .map(str::to_owned)
}
