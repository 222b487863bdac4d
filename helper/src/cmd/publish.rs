//! `provenear publish`: manifests into a static store that the page reads, with the wasm, ABI, metadata and source archive
//! that lie beside them. Lines are merged under a lock, never replaced; a file goes in only where a digest names it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::abi;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::dsse::Envelope;
use provenear_shared::embedded::{EmbeddedClaim, claim};
use provenear_shared::inspection::store_name;
use provenear_shared::json::Object;
use provenear_shared::manifest::{MAX_LINE_SIZE, items};
use provenear_shared::near::MAX_CONTRACT_SIZE;
use provenear_shared::provenance::{DEPENDENCY_SOURCE_ARCHIVE, PREDICATE_TYPE, STATEMENT_TYPE, Statement};
use provenear_shared::report::{PublishReport, PublishSchema, StoredUnit};
use provenear_shared::wasm::Module;

use crate::args::{Output, Publish};
use crate::failure::{Code, fail};
use crate::files::{self, Access, read_capped};
use crate::look::report::{print_json, print_text};
use crate::look::sandbox::Interpreter;
use crate::look::{given, nearest};
use crate::network::transport::MAX_MANIFESTS;
use crate::progress::Progress;
use crate::rebuild::bundle::{self, Order};
use crate::rebuild::store::{MAX_UNIT, Store, UNIT_END, parse_any_unit, source_archive, unit_name};

/// Runs it.
///
/// # Errors
/// When a manifest cannot be read or the store cannot be written.
pub fn run(args: &Publish, output: &Output) -> anyhow::Result<u8> {
    let progress = Progress::new(output.quiet);
    let (mut written, mut skipped, mut lines) = (Vec::new(), 0usize, 0usize);
    let (units, manifests): (Vec<_>, Vec<_>) =
        args.manifests.iter().partition(|path| path.to_string_lossy().ends_with(UNIT_END));
    for path in units {
        written.push(unit(args, path)?);
    }
    for path in manifests {
        let text = read_capped(path, MAX_MANIFESTS).with_context(|| nearest::unread("manifest ", path))?;
        let text = given::manifest(&path.to_string_lossy(), text)?;
        let before = skipped;
        for line in one_a_line(&text) {
            match statement(&line) {
                Some(statement) => {
                    written.extend(file(args, path, &line, &statement)?);
                    lines += 1;
                }
                None => skipped += 1,
            }
        }
        if skipped > before {
            let count = skipped - before;
            let lines = match count {
                1 => "1 line that is not a manifest".to_owned(),
                count => format!("{count} lines that are not manifests"),
            };
            progress.note(&format!("left out of `{}`: {lines}", path.display()));
        }
    }
    if lines == 0 && written.is_empty() {
        let files: Vec<String> = args.manifests.iter().map(|path| format!("`{}`", path.display())).collect();
        let wanted = "give one that `rebuild` or `batch` wrote (`.intoto.jsonl`)";
        return fail(Code::Usage, format!("there is no manifest in {}: {wanted}", files.join(", ")));
    }
    written.sort();
    written.dedup();
    if output.json {
        let files = written.iter().map(|path| path.display().to_string()).collect();
        print_json(&PublishReport { schema: PublishSchema::V1, error: (), lines, skipped, files })?;
    } else {
        for path in &written {
            print_text(&format!("{}\n", path.display()))?;
        }
    }
    Ok(0)
}

fn manifests(args: &Publish) -> PathBuf {
    args.to.join("manifests")
}

/// What a merge noted of a unit, added to what is noted of it already. Readers have no use for it: the next plan and the next merge do.
fn unit(args: &Publish, from: &Path) -> anyhow::Result<PathBuf> {
    let text = read_capped(from, MAX_UNIT).with_context(|| nearest::unread("note of a unit ", from))?;
    let Some((id, StoredUnit { inputs, artifacts })) = parse_any_unit(&text) else {
        return fail(Code::Usage, format!("`{}` is not what a merge notes of a unit", from.display()));
    };
    let folder = manifests(args);
    files::create_folder(&folder).with_context(|| format!("failed to create `{}`", folder.display()))?;
    Store(&folder).note(&id, &inputs, &artifacts.into_iter().collect())?;
    Ok(folder.join(unit_name(&id)))
}

/// Every envelope of a file on one line: as it stands there, or taken out of its bundle or its line breaks.
fn one_a_line(text: &str) -> Vec<Cow<'_, str>> {
    let on_one_line = |item| {
        let object = Object::parse(str::as_bytes(item)).ok();
        let is_plain = object.is_none_or(|object| object.text("payload").is_some()) && !item.contains(['\n', '\r']);
        let envelope = Envelope::parse(item.as_bytes()).ok().filter(|_| !is_plain);
        let line = envelope.and_then(|envelope| serde_json::to_string(&envelope).ok());
        line.map_or(Cow::Borrowed(item), Cow::Owned)
    };
    items(text, usize::MAX).0.into_iter().map(on_one_line).collect()
}

/// The statement of a line that is a manifest at all. Who signed it is for every reader to judge.
fn statement(line: &str) -> Option<Statement> {
    let envelope = Envelope::parse(line.as_bytes()).ok().filter(|_| line.len() <= MAX_LINE_SIZE)?;
    let statement = Statement::parse(&envelope.payload_bytes()?).ok()?;
    let known = statement.statement_type == STATEMENT_TYPE && statement.predicate_type == PREDICATE_TYPE;
    (known && envelope.signatures.len() == 1).then_some(statement)
}

fn file(args: &Publish, from: &Path, line: &str, statement: &Statement) -> anyhow::Result<Vec<PathBuf>> {
    let digest = statement.subject.first().and_then(|s| Sha256Digest::from_hex(s.digest.get("sha256")?).ok());
    let Some(artifact) = digest else { return Ok(Vec::new()) };
    let internal = &statement.predicate.build_definition.internal_parameters;
    let observed = internal.observed.as_ref().and_then(|o| Sha256Digest::from_base58(&o.code_hash).ok());
    let mut written = Vec::new();
    for hash in std::iter::once(artifact).chain(observed.filter(|o| *o != artifact)) {
        let bundle = manifests(args).join(store_name(&hash));
        bundle::merge(&bundle, &[line.to_owned()], Order::AsTheyCome)?;
        written.push(bundle::write_sigstore(&bundle, line)?);
        written.push(bundle);
    }
    let beside = |end: &str| from.with_file_name(format!("{}.{end}", artifact.to_base58()));
    if let Some(wasm) =
        read_if_there(&beside("wasm"), MAX_CONTRACT_SIZE as u64)?.filter(|b| Sha256Digest::of(b) == artifact)
    {
        written.extend(module(args, &artifact, &wasm)?);
    }
    let named = statement
        .dependencies(DEPENDENCY_SOURCE_ARCHIVE)
        .next()
        .and_then(|d| Sha256Digest::from_hex(d.digest.get("sha256")?).ok());
    if let Some(named) = named {
        let source = beside(&source_archive(&named));
        if source.is_file() && files::digest(&source)? == named {
            let to = args.to.join("sources").join(format!("{}.tar", named.to_hex()));
            files::copy(&source, &to)?;
            written.push(to);
        }
    }
    Ok(written)
}

/// The wasm, and what it says about itself.
fn module(args: &Publish, artifact: &Sha256Digest, wasm: &[u8]) -> anyhow::Result<Vec<PathBuf>> {
    let named = |end: &str| args.to.join("code").join(format!("{}.{end}", artifact.to_base58()));
    let mut written = vec![named("wasm")];
    files::write(&named("wasm"), wasm, Access::Public)?;
    let Ok(module) = Module::parse(wasm) else { return Ok(written) };
    if let Ok(EmbeddedClaim::Fixed(Ok(metadata))) = pollster::block_on(claim(&module, &Interpreter)) {
        files::write(&named("metadata.json"), &serde_json::to_vec(metadata.verbatim())?, Access::Public)?;
        written.push(named("metadata.json"));
    }
    if let Ok(abi) = pollster::block_on(abi::abi(&module, &Interpreter)) {
        files::write(&named("abi.json"), &serde_json::to_vec(&abi.verbatim)?, Access::Public)?;
        written.push(named("abi.json"));
    }
    Ok(written)
}

fn read_if_there(path: &Path, cap: u64) -> anyhow::Result<Option<Vec<u8>>> {
    match read_capped(path, cap) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("failed to read `{}`", path.display())),
    }
}
