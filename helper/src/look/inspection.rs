//! The answer of `shared` to a question, as a report and as an exit code.

use provenear_shared::abi::abi;
use provenear_shared::deployment::{LookCode, Transport};
use provenear_shared::embedded::facts;
use provenear_shared::inspection::{Inspection, ManifestOrigin, ManifestText, Question, Step, Stores, Subject};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::near::link::without_scheme;
use provenear_shared::near::{SubjectName, parse_subject_at};
use provenear_shared::report::{ErrorCode, SubjectKind, SubjectReport};
use provenear_shared::verdict::Verdict;
use provenear_shared::wasm::Module;
use provenear_shared::{Report, inspect};

use super::nearest;
use super::sandbox::Interpreter;
use crate::failure::COULD_NOT_LOOK;
use crate::progress::Progress;

/// Asks `shared`, telling what is being waited for.
pub fn look(question: &Question, transport: &impl Transport, progress: &Progress) -> Inspection {
    pollster::block_on(inspect(question, transport, &Interpreter, |step| {
        if let Some(awaited) = describe_step(question, step) {
            progress.say(awaited);
        }
    }))
}

/// What a step waits for; a step that waits for nobody is not worth a line.
fn describe_step(question: &Question, step: Step) -> Option<&'static str> {
    let (is_file, is_account) = match &question.subject {
        Subject::File { .. } => (true, false),
        Subject::Account(_) => (false, true),
        Subject::CodeHash(_) => (false, false),
    };
    let asks_stores = match &question.stores {
        Stores::Asked(stores) => !stores.is_empty(),
        Stores::NotYet(_) => false,
    };
    match step {
        Step::Deployment => (!is_file).then_some("fetching block and code"),
        Step::Claim => None,
        Step::Manifests => asks_stores.then_some("asking the stores for signed rebuilds"),
        Step::AccessKeys => is_account.then_some("fetching the access keys"),
    }
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
    let mut report = Report::of(inspection, &question.subject, &question.chain.network);
    report.fill_words();
    if let Some(error) = report.error.as_mut()
        && let Some(hint) = hint(question, error.code)
    {
        error.message = format!("{}; {hint}", error.message);
    }
    if let Some(module) = inspection.code().and_then(|code| Module::parse(code.bytes()).ok()) {
        report.module = Some(pollster::block_on(facts(&module, &Interpreter)));
        report.set_abi(pollster::block_on(abi(&module, &Interpreter)));
    }
    report
}

/// What may have been meant where an account does not exist, and what to do where no endpoint answers.
pub fn hint(question: &Question, code: ErrorCode) -> Option<String> {
    match (&question.subject, code) {
        (Subject::Account(account), ErrorCode::Look(LookCode::UnknownAccount)) => {
            nearest::account(account.as_str(), &question.chain.network)
        }
        (_, ErrorCode::Look(LookCode::RpcUnreachable | LookCode::RpcTimeout)) => {
            Some("check your connection, or name another endpoint with `--rpc`".to_owned())
        }
        (Subject::Account(_) | Subject::CodeHash(_) | Subject::File { .. }, _) => None,
    }
}

/// Names a subject that was never looked up, as what it seems to be.
pub fn name_subject(text: &str) -> SubjectReport {
    let kind = match parse_subject_at(text) {
        // A link to an explorer, which is about an account.
        Ok((SubjectName::File(_), _)) if without_scheme(text).is_some() => SubjectKind::Account,
        Ok((SubjectName::Account(_), _)) | Err(_) => SubjectKind::Account,
        Ok((SubjectName::File(_), _)) => SubjectKind::File,
        Ok((SubjectName::CodeHash(_), _)) => SubjectKind::CodeHash,
    };
    SubjectReport::new(kind, text)
}

/// The exit code of an inspection.
pub fn exit_code(inspection: &Inspection) -> u8 {
    inspection.outcome().map_or(COULD_NOT_LOOK, Verdict::exit_code)
}
