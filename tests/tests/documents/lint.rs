//! `docs/lint.md`: an entry for each finding, in the words of the code.

use provenear_shared::finding::{FindingCode, Outcome};
use provenear_shared::report::Language;

use crate::{path, read, section};

const DOCUMENT: &str = "lint.md";
const FINDINGS: &str = "Findings";

fn leads_to(outcome: Outcome) -> String {
    match outcome {
        Outcome::Gap(gap) => format!("`not-rebuildable`, by the gap [`{0}`](verdicts.md#{0}).", gap.code()),
        Outcome::Failure(failure) => format!("`not-rebuilt`, by the error [`{0}`](verdicts.md#{0}).", failure.code()),
        Outcome::Doubt(notice) => {
            format!("`reproduced-unvetted`, by the notice [`{0}`](verdicts.md#{0}).", notice.code())
        }
        Outcome::Notice(notice) => {
            format!("The notice [`{0}`](verdicts.md#{0}), which changes no verdict.", notice.code())
        }
        Outcome::Unseen => "`reproduced-unvetted` at best, until somebody has looked.".to_owned(),
        Outcome::Open => "Nothing that can be told before.".to_owned(),
    }
}

fn findings() -> String {
    let mut text = String::new();
    for code in FindingCode::ALL {
        text += &format!("\n### `{}`\n\n", code.code());
        for (name, fact) in [
            ("Severity.", format!("`{}`", code.severity().code())),
            ("Leads to.", leads_to(code.outcome())),
            ("Why it matters.", code.why().to_owned()),
            ("What to do.", code.fix().to_owned()),
            ("`--fix`.", code.correction().unwrap_or("Leaves it to you.").to_owned()),
        ] {
            text += &format!("- **{name}** {fact}\n");
        }
        let (why, fix) = code.words(Language::Python);
        if (why, fix) != (code.why(), code.fix()) {
            text += &format!("- **In Python.** {why} {fix}\n");
        }
    }
    text
}

#[test]
fn every_finding_stands_in_the_document_in_the_words_of_the_code() {
    let document = read(DOCUMENT);
    let generated = document.replacen(section(&document, FINDINGS), &findings(), 1);
    if std::env::var_os("PROVENEAR_RECORD").is_some() {
        std::fs::write(path(DOCUMENT), &generated).unwrap();
    } else {
        let differing = document.lines().zip(generated.lines()).find(|(old, new)| old != new);
        assert!(document == generated, "written anew by PROVENEAR_RECORD=1; first difference: {differing:?}");
    }
}
