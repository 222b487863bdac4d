//! The words of the field that the page cannot do without, each explained where it stands and all together on the About view.

use leptos::prelude::*;
use provenear_web_ui::element::el;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Term {
    CodeHash,
    Claim,
    Manifest,
    Image,
    Commit,
    Endpoint,
}

const ALL: [Term; 6] = [Term::CodeHash, Term::Claim, Term::Manifest, Term::Image, Term::Commit, Term::Endpoint];

impl Term {
    fn name(self) -> &'static str {
        match self {
            Self::CodeHash => "Code hash",
            Self::Claim => "Claim",
            Self::Manifest => "Manifest",
            Self::Image => "Image",
            Self::Commit => "Commit",
            Self::Endpoint => "Endpoint",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::CodeHash => {
                "The SHA-256 of a contract's code. NEAR writes it in base58, other tools in hex: two spellings of one number. Codes \
                 with the same hash are the same code."
            }
            Self::Claim => {
                "What a contract says about its own build: repository, commit, image and command (NEP-330). Its author can write \
                 anything there. Only a rebuild shows whether it is true."
            }
            Self::Manifest => {
                "A statement by somebody who rebuilt a contract, signed with their key: what they built, how, and which code came \
                 out. It counts once you trust that key."
            }
            Self::Image => {
                "The container in which a contract is built, with its compiler and tools. A digest pins it, so that everybody builds \
                 with the same ones."
            }
            Self::Commit => {
                "One state of a repository, named by a hash of everything in it. The same commit is the same source for everybody."
            }
            Self::Endpoint => {
                "A server that answers questions about the chain (JSON-RPC). It can be wrong or lie, so the page asks several and \
                 hashes the code itself."
            }
        }
    }
}

/// A label that says what its word means.
pub(crate) fn term(term: Term, label: &str) -> AnyView {
    el("details").class("term").child(el("summary").text(label).end()).child(el("p").text(term.words()).end()).end()
}

/// As `row`, with a label that says what its word means.
pub(crate) fn term_row(of: Term, label: &str, value: AnyView) -> AnyView {
    let (name, details) = (el("dt").child(term(of, label)), el("dd").child(value));
    el("div").class("row").child(name.end()).child(details.end()).end()
}

/// All of them.
pub(crate) fn glossary() -> AnyView {
    let entry = |term: &Term| {
        let name = el("dt").text(term.name()).end();
        el("div").class("row").child(name).child(el("dd").text(term.words()).end()).end()
    };
    el("dl").attr("data-part", "glossary").children(ALL.iter().map(entry).collect()).end()
}
