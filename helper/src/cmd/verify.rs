//! `provenear verify`: manifests against the chain or a file.

use std::path::Path;

use provenear_shared::digest::Sha256Digest;
use provenear_shared::dsse::Envelope;
use provenear_shared::inspection::{ManifestText, Subject};
use provenear_shared::near::AccountId;
use provenear_shared::provenance::Statement;

use super::exit_code;
use super::inspect::{look, report};
use crate::args::Verify;
use crate::failure::{Code, fail};
use crate::progress::Progress;
use crate::question::{manifest, question, subject};
use crate::report::print;
use crate::transport::{Http, is_url};

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, or a manifest cannot be read.
pub fn run(args: &Verify) -> anyhow::Result<u8> {
    let mut common = args.common.clone();
    let http = Http::new(common.ca_file.as_deref())?;
    let (manifests, named) = split(&args.manifests);
    let texts = manifests.iter().map(|from| manifest(from, &http)).collect::<anyhow::Result<Vec<_>>>()?;
    let subject = match named {
        Some(text) => subject(text)?,
        None => {
            let (subject, network) = hinted(&texts)?;
            common.network = common.network.or(network);
            subject
        }
    };
    let mut question = question(subject, &common, &http)?;
    question.manifests.extend(texts);
    let progress = Progress::new(common.output.quiet || common.output.json);
    let inspection = look(&question, &http, &progress);
    print(&report(&inspection, &question), None, &common.output)?;
    Ok(exit_code(&inspection))
}

/// The manifests, and the subject where the last word is one: neither a URL nor a file that looks like manifests.
fn split(words: &[String]) -> (&[String], Option<&str>) {
    let is_manifest = |word: &str| {
        is_url(word) || [".json", ".jsonl"].iter().any(|end| word.ends_with(end)) || begins_like_json(Path::new(word))
    };
    match words.split_last() {
        Some((last, before)) if !before.is_empty() && !is_manifest(last) => (before, Some(last)),
        Some(_) | None => (words, None),
    }
}

fn begins_like_json(path: &Path) -> bool {
    let mut first = [0u8; 1];
    std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut first)).is_ok()
        && first == *b"{"
}

/// What the first readable manifest says that it was made for: a hint for where to look, nothing more.
fn hinted(texts: &[ManifestText]) -> anyhow::Result<(Subject, Option<String>)> {
    let lines = texts.iter().flat_map(|t| std::iter::once(t.text.as_str()).chain(t.text.lines()));
    let statement = lines
        .filter_map(|line| Envelope::parse(line.as_bytes()).ok()?.payload_bytes())
        .find_map(|payload| Statement::parse(&payload).ok());
    let Some(statement) = statement else {
        return fail(Code::Usage, "no manifest says what it is about; name an account, a file or a code hash");
    };
    let observed = statement.predicate.build_definition.internal_parameters.observed.as_ref();
    let account = observed.and_then(|o| Some((AccountId::parse(o.account_id.as_deref()?)?, o.network.clone())));
    if let Some((account, network)) = account {
        return Ok((Subject::Account(account), Some(network)));
    }
    let artifact = statement.subject.first().and_then(|s| Sha256Digest::from_hex(s.digest.get("sha256")?).ok());
    match artifact {
        Some(hash) => Ok((Subject::CodeHash(hash), observed.map(|o| o.network.clone()))),
        None => fail(Code::Usage, "the manifest names no artifact; name an account, a file or a code hash"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_the_subject_unless_it_is_a_manifest() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(split(&words(&["a.jsonl", "app.near"])).1, Some("app.near"));
        assert_eq!(split(&words(&["a.jsonl", "x.wasm"])).1, Some("x.wasm"));
        assert_eq!(split(&words(&["a.jsonl", "b.json"])).1, None);
        assert_eq!(split(&words(&["a.jsonl"])).1, None);
        assert_eq!(split(&words(&["a.jsonl", "https://h/x"])).0.len(), 2);
    }
}
