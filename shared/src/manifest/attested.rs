//! What an attestation says of its making where a certificate signed it, as those of GitHub's `actions/attest-build-provenance`
//! are (<https://actions.github.io/buildtypes/workflow/v1>). Nobody has checked certificate or signature: these are the words of
//! whoever made the file, for a sentence, and nothing is decided by them.

use std::fmt;

use super::Rejection;
use crate::digest::Sha256Digest;
use crate::dsse::Envelope;
use crate::json::Object;
use crate::text::Shown;

/// Longest text that is shown, in bytes.
const MAX_TEXT: usize = 200;

/// The words of an attestation, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// The path of the workflow in its repository.
    pub workflow: String,
    /// URL of the repository.
    pub repository: String,
    /// 40 or 64 hex digits.
    pub commit: String,
    /// Whether it is about the code that was asked about.
    pub is_about_this: bool,
}

impl Attested {
    /// Reads a line of at most [`super::MAX_LINE_SIZE`]; `None` for one that does not say all of it.
    pub fn parse(line: &str, code_hash: &Sha256Digest) -> Option<Self> {
        let payload = Envelope::parse(line.as_bytes()).ok()?.payload_bytes()?;
        let statement = Object::parse(&payload).ok()?;
        let build = within(&statement, ["predicate", "buildDefinition"])?;
        let workflow = within(&build, ["externalParameters", "workflow"])?;
        let text = |name: &str| workflow.get::<String>(name).ok().filter(|text| (1..=MAX_TEXT).contains(&text.len()));
        let dependencies: Vec<Object<'_>> = build.get("resolvedDependencies").ok()?;
        let commit = digest(dependencies.first()?, "gitCommit")?;
        let is_commit = [40, 64].contains(&commit.len()) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        let subjects: Vec<Object<'_>> = statement.get("subject").ok()?;
        let code = Some(code_hash.to_hex());
        let is_about_this = subjects.iter().any(|subject| digest(subject, "sha256") == code);
        is_commit.then_some(Self { workflow: text("path")?, repository: text("repository")?, commit, is_about_this })
    }
}

fn within<'a>(object: &Object<'a>, [outer, inner]: [&str; 2]) -> Option<Object<'a>> {
    object.get::<Object<'_>>(outer).ok()?.get(inner).ok()
}

/// Of a resource descriptor.
fn digest(resource: &Object<'_>, algorithm: &str) -> Option<String> {
    resource.get::<Object<'_>>("digest").ok()?.get(algorithm).ok()
}

impl fmt::Display for Attested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.is_about_this { "this code" } else { "other files" };
        let (workflow, repository, commit) = (Shown(&self.workflow), Shown(&self.repository), &self.commit);
        write!(
            f,
            "{}; it says, as anybody could have written, that the workflow `{workflow}` of `{repository}` built {what} from \
             commit `{commit}`",
            Rejection::CertificateSigned
        )
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use serde_json::{Value, json};

    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn line(change: impl Fn(&mut Value)) -> String {
        let mut statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "a.wasm", "digest": {"sha256": Sha256Digest::of(b"a").to_hex()}}],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {"buildDefinition": {
                "buildType": "https://actions.github.io/buildtypes/workflow/v1",
                "externalParameters": {"workflow": {
                    "ref": "refs/tags/v1", "repository": "https://github.com/o/r", "path": ".github/workflows/release.yml"}},
                "resolvedDependencies": [
                    {"uri": "git+https://github.com/o/r@refs/tags/v1", "digest": {"gitCommit": COMMIT}}]}},
        });
        change(&mut statement);
        let payload = BASE64_STANDARD.encode(statement.to_string());
        let envelope = json!({"payload": payload, "payloadType": crate::dsse::PAYLOAD_TYPE, "signatures": []});
        json!({"verificationMaterial": {"certificate": {}}, "dsseEnvelope": envelope}).to_string()
    }

    #[test]
    fn workflow_repository_and_commit_are_read_and_what_they_are_about() {
        let read = |code: &[u8]| Attested::parse(&line(|_| {}), &Sha256Digest::of(code)).unwrap();
        let said = read(b"a");
        assert_eq!((said.commit.as_str(), said.is_about_this, read(b"b").is_about_this), (COMMIT, true, false));
        let sentence = "the workflow `.github/workflows/release.yml` of `https://github.com/o/r` built";
        assert!(said.to_string().ends_with(&format!("{sentence} this code from commit `{COMMIT}`")), "{said}");
        assert!(read(b"b").to_string().ends_with(&format!("{sentence} other files from commit `{COMMIT}`")));
    }

    #[test]
    fn what_does_not_say_all_of_it_or_is_not_fit_to_print_says_nothing() {
        let build = "/predicate/buildDefinition";
        for (place, value) in [
            ("/resolvedDependencies/0/digest/gitCommit", json!("main")),
            ("/resolvedDependencies/0/digest/gitCommit", json!(5)),
            ("/resolvedDependencies", json!([])),
            ("/externalParameters/workflow/path", json!("x".repeat(MAX_TEXT + 1))),
            ("/externalParameters/workflow/repository", json!(null)),
            ("/externalParameters", json!([])),
        ] {
            let changed = line(|statement| *statement.pointer_mut(&format!("{build}{place}")).unwrap() = value.clone());
            assert_eq!(Attested::parse(&changed, &Sha256Digest::of(b"a")), None, "{place}: {value}");
        }
        for text in ["", "{}", "[]", r#"{"dsseEnvelope":{"payload":"e30=","payloadType":"x","signatures":[]}}"#] {
            assert_eq!(Attested::parse(text, &Sha256Digest::of(b"a")), None, "{text}");
        }
        let odd = line(|statement| {
            *statement.pointer_mut(&format!("{build}/externalParameters/workflow/path")).unwrap() =
                json!("a\u{1b}[2J\n\u{202e}b");
        });
        let said = Attested::parse(&odd, &Sha256Digest::of(b"a")).unwrap().to_string();
        assert!(!said.contains(['\u{1b}', '\n', '\u{202e}']), "{said}");
    }
}
