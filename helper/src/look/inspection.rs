//! The answer of `shared` to a question, as a report and as an exit code.

use provenear_shared::abi::abi;
use provenear_shared::deployment::Transport;
use provenear_shared::embedded::facts;
use provenear_shared::inspection::{Inspection, ManifestOrigin, ManifestText, Question, Step};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::near::{SubjectName, parse_subject};
use provenear_shared::report::{SubjectKind, SubjectReport};
use provenear_shared::verdict::Verdict;
use provenear_shared::wasm::Module;
use provenear_shared::{Report, inspect};

use super::sandbox::Interpreter;
use crate::failure::COULD_NOT_LOOK;
use crate::progress::Progress;

/// Asks `shared`, telling what is being waited for.
pub fn look(question: &Question, transport: &impl Transport, progress: &Progress) -> Inspection {
    pollster::block_on(inspect(question, transport, &Interpreter, |step| {
        progress.say(match step {
            Step::Deployment => "asking for block and code",
            Step::Claim => "reading the claim",
            Step::Manifests => "opening manifests",
            Step::AccessKeys => "asking for access keys",
        });
    }))
}

/// The answer with a manifest of one's own: "by you, now". Asks nothing that was asked before.
pub fn answer(
    mut question: Question,
    key: PublicKey,
    line: &str,
    transport: &impl Transport,
) -> (Inspection, Question) {
    if !question.policy.keys.iter().any(|(known, _)| *known == key) {
        let you = KeyName::parse("you").expect("a plain word is a name");
        question.policy.keys.push((key, you));
    }
    question.manifests.push(ManifestText { text: line.to_owned(), origin: ManifestOrigin::File });
    let inspection = look(&question, transport, &Progress::new(true));
    (inspection, question)
}

/// The report of an inspection, module facts and ABI included.
pub fn report(inspection: &Inspection, question: &Question) -> Report {
    let mut report = Report::of(inspection, &question.subject, &question.place.network);
    report.put_words();
    if let Some(module) = inspection.code().and_then(|code| Module::parse(code.bytes()).ok()) {
        report.module = Some(pollster::block_on(facts(&module, &Interpreter)));
        report.set_abi(pollster::block_on(abi(&module, &Interpreter)));
    }
    report
}

/// A subject that was never looked at, as what it seems to be.
pub fn named(text: &str) -> SubjectReport {
    let kind = match parse_subject(text) {
        Ok(SubjectName::Account(_)) | Err(_) => SubjectKind::Account,
        Ok(SubjectName::File(_)) => SubjectKind::File,
        Ok(SubjectName::CodeHash(_)) => SubjectKind::CodeHash,
    };
    SubjectReport::named(kind, text)
}

/// The exit code of an inspection.
pub fn exit_code(inspection: &Inspection) -> u8 {
    inspection.outcome().map_or(COULD_NOT_LOOK, Verdict::exit_code)
}
