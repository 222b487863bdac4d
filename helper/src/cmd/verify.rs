//! `provenear verify`: manifests against the chain or a file; with `--tree`, what is deployed against an author's tree.

mod tree;

use provenear_shared::inspection::{ManifestSubject, find_subject};
use provenear_shared::near::{SubjectName, parse_subject};

use crate::args::{Output, Verify};
use crate::failure::{Code, Failure, fail};
use crate::look::inspection::{exit_code, look, report};
use crate::look::question::{manifest, policy, question, subject};
use crate::look::report::{Rebuilt, print};
use crate::network::transport::{Http, is_url};
use crate::progress::Progress;

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, or a manifest cannot be read.
pub fn run(args: &Verify, output: &Output) -> anyhow::Result<u8> {
    if let Some(tree) = &args.tree {
        return tree::run(args, tree, output);
    }
    let mut common = args.common.clone();
    let http = Http::new(common.place.ca_file.as_deref())?;
    let (manifests, named) = split(&args.manifests)?;
    let texts = manifests.iter().map(|from| manifest(from, &http)).collect::<anyhow::Result<Vec<_>>>()?;
    let subject = match named {
        Some(text) => subject(text, &Progress::new(output.quiet))?,
        None => {
            let found = find_subject(&texts, &policy(&common)?);
            let ManifestSubject { subject, network } =
                found.map_err(|why| Failure::new(Code::Usage, why.to_string()))?;
            common.place.network = common.place.network.or(network);
            subject.into()
        }
    };
    let mut question = question(subject, &common, &http)?;
    question.manifests.extend(texts);
    let progress = Progress::new(output.quiet || output.json);
    let inspection = look(&question, &http, &progress);
    print(&report(&inspection, &question), Rebuilt::NotAsked, output)?;
    Ok(exit_code(&inspection))
}

/// What was typed for a subject, if something was.
pub fn subject_of(args: &Verify) -> Option<&str> {
    split(&args.manifests).ok().and_then(|(_, subject)| subject)
}

/// The manifests, and the subject where the last word is one. Spelling alone tells them apart: a file that is called like
/// an account must not take its place.
fn split(words: &[String]) -> anyhow::Result<(&[String], Option<&str>)> {
    let (manifests, subject) = match words.split_last() {
        Some((last, before)) if !is_manifest(last) && !before.is_empty() => (before, Some(last.as_str())),
        Some(_) | None => (words, None),
    };
    let is_file = |word: &String| is_manifest(word) || matches!(parse_subject(word), Ok(SubjectName::File(_)));
    match manifests.iter().find(|word| !is_file(word)) {
        Some(word) => {
            let word = word.escape_debug();
            fail(
                Code::Usage,
                format!(
                    "`{word}` is not a manifest: write `file:{word}` for a file of that name; a subject comes last"
                ),
            )
        }
        None => Ok((manifests, subject)),
    }
}

/// A URL, or a file that is a manifest by its ending.
fn is_manifest(word: &str) -> bool {
    let name = word.to_ascii_lowercase();
    is_url(word) || [".json", ".jsonl"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_the_subject_unless_it_is_a_manifest() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let subject = |list: &[&str]| split(&words(list)).ok().map(|(_, subject)| subject.map(ToOwned::to_owned));
        for (list, expected) in [
            (&["a.jsonl", "app.near"][..], Some("app.near")),
            (&["a.jsonl", "x.wasm"], Some("x.wasm")),
            (&["a.jsonl", "./x"], Some("./x")),
            (&["a.jsonl", "file:x"], Some("file:x")),
            (&["./a", "app.near"], Some("app.near")),
            (&["a.jsonl", "b.json"], None),
            (&["a.JSONL"], None),
            (&["./a"], None),
            (&["file:a"], None),
            (&["a.jsonl", "https://h/x"], None),
        ] {
            assert_eq!(subject(list), Some(expected.map(ToOwned::to_owned)), "{list:?}");
        }
        for list in [&["app.near"][..], &["app.near", "a.jsonl"], &["app.near", "other.near"]] {
            assert_eq!(subject(list), None, "{list:?}");
        }
    }
}
