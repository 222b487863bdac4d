//! What is printed of one subject of a batch: its report, as `inspect` and `rebuild` print it. Never kept: what stands at an account
//! is looked up by every run.

use provenear_shared::Report;
use provenear_shared::inspection::{Inspection, Question};
use provenear_shared::report::{ErrorCode, PrintedReport, RebuildReport};
use serde_json::Value;

use crate::failure::{Code, Failure, code_of};
use crate::look::inspection::{exit_code, name_subject, report};

/// A subject that is over.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// Code of the verdict, or of the error.
    pub(super) verdict: String,
    pub(super) exit: u8,
    pub(super) json: Value,
}

impl Answer {
    /// Of what was looked up.
    pub(super) fn looked(inspection: &Inspection, question: &Question, rebuild: Option<Box<RebuildReport>>) -> Answer {
        Answer::of(&report(inspection, question), exit_code(inspection), rebuild)
    }

    fn of(report: &Report, exit: u8, rebuild: Option<Box<RebuildReport>>) -> Answer {
        let verdict = report.verdict.as_ref().map(|verdict| verdict.code.code());
        let code = verdict.or(report.error.as_ref().map(|error| error.code.code()));
        let json = serde_json::to_value(PrintedReport { report, rebuild: Some(rebuild) }).unwrap_or(Value::Null);
        Answer { verdict: code.unwrap_or_default().to_owned(), exit, json }
    }

    /// Of a subject whose unit was not built.
    pub(super) fn not_built(name: &str, (code, message): &(ErrorCode, String)) -> Answer {
        Answer::failed(name, &Failure::new(*code, message.clone()).into())
    }

    /// Of a subject that nobody answered.
    pub(super) fn lost(name: &str) -> Answer {
        let error = Failure::new(Code::Io, "a fault of Provenear kept it from an answer; please report it");
        Answer::failed(name, &error.into())
    }

    /// Of a subject that could not be looked at.
    pub(super) fn failed(name: &str, error: &anyhow::Error) -> Answer {
        let code = code_of(error);
        let report = Report::empty(name_subject(name)).failed(code, &crate::redact::redact_error(error));
        Answer::of(&report, code.exit_code(), None)
    }
}
