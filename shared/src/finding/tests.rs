//! What each finding weighs and leads to, and that its words are sentences.

use super::*;
use crate::notice::Notice;

#[test]
fn what_breaks_a_rebuild_leads_to_a_gap_or_an_error_and_what_does_not_never_does() {
    for code in FindingCode::ALL {
        let ends = matches!(code.outcome(), Outcome::Gap(_) | Outcome::Failure(_));
        assert_eq!(ends, code.severity() == Severity::Breaks, "{}", code.code());
    }
}

/// A prediction counts as a doubt what the judge does.
#[test]
fn a_doubt_of_the_prediction_is_one_of_the_verdict() {
    for code in FindingCode::ALL {
        let (notice, is_doubt) = match code.outcome() {
            Outcome::Doubt(notice) => (notice, true),
            Outcome::Notice(notice) => (notice, false),
            Outcome::Unseen => {
                assert_eq!(code.severity(), Severity::Doubt, "{}", code.code());
                continue;
            }
            Outcome::Gap(_) | Outcome::Failure(_) | Outcome::Open => continue,
        };
        let others = [Notice::UnlistedImage(None), Notice::SecretInCommand(String::new())];
        let all = Notice::CARRIED.iter().chain(&others);
        let found: Vec<_> = all.filter(|known| known.code() == notice).collect();
        assert_eq!(found.len(), 1, "{}", code.code());
        assert_eq!(found[0].doubt().is_some(), is_doubt, "{}", code.code());
        assert!(!is_doubt || code.severity() == Severity::Doubt, "{}", code.code());
    }
}

/// Nobody is sent to a tool that does not build the contract.
#[test]
fn what_python_can_be_told_names_no_tool_of_rust() {
    use FindingCode::*;
    for code in [
        NoSection,
        SectionMalformed,
        NoDigest,
        ImageMalformed,
        CommandMissing,
        RepositoryNotHttps,
        RepositoryCredentials,
        RepositoryNotCloneable,
        RepositoryNotRemote,
        NoGit,
        NoCommit,
        TreeDirty,
        CommitNotPushed,
        CommitOnTagAlone,
        ShallowClone,
        LocalSource,
        SubmoduleBySsh,
        SubmoduleUnfetchable,
        SubmoduleNotExamined,
        CheckoutAttributes,
        PrebuiltWasmInTree,
        NotExamined,
        NotFinished,
        PythonDependenciesOpen,
        PythonVersionOpen,
        PythonEntryMissing,
        PythonOwnClaim,
        NoRepository,
        BuildReadsNetwork,
    ] {
        let (why, fix) = code.words(Language::Python);
        let said = format!("{why} {fix}").to_lowercase();
        assert!(!said.contains("cargo") && !said.contains("rustc"), "{}: {said}", code.code());
    }
}

#[test]
fn words_are_plain_sentences() {
    for code in FindingCode::ALL {
        let languages = Language::ALL.iter().map(|language| code.words(*language));
        for text in languages.flat_map(|(why, fix)| [why, fix]).chain(code.correction()) {
            assert!(text.ends_with('.') && !text.contains('\n') && !text.contains("  "), "{}: {text}", code.code());
            assert!(text.starts_with(|it: char| it.is_uppercase() || it == '`'), "{}: {text}", code.code());
        }
    }
}
