//! What the second program is asked to draw.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::json;
use provenear_shared::near::{AccountId, Network};
use provenear_shared::notice::NoticeCode;
use serde::Deserialize;
use serde_json::Value;

/// One view, with what it is of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// What is kept in this browser.
    Settings,
    /// What this page is.
    About,
    /// Two modules; the query names those that a link can name.
    Compare(String),
    /// Everything below the answer with this number, whose report this is.
    Cards {
        /// The number.
        answer: u32,
        /// The report.
        report: String,
    },
    /// Who can replace the code of this report.
    Replacement(String),
    /// Why this notice matters.
    Why(NoticeCode),
    /// The endpoints and manifests that this link names.
    Linked(String),
    /// What else is known about this code.
    Known(Sha256Digest),
    /// Bytes that are of no use here, a character each, to be named by the way.
    Given(String),
    /// A proposal to replace code.
    Proposal {
        /// The chain of the DAO.
        network: Network,
        /// Its account.
        dao: AccountId,
        /// The number of the proposal.
        id: u64,
    },
}

impl View {
    /// As the text that crosses.
    pub fn to_json(self) -> String {
        let (view, of) = match self {
            Self::Settings => return r#""settings""#.to_owned(),
            Self::About => return r#""about""#.to_owned(),
            Self::Compare(query) => ("compare", query.into()),
            Self::Cards { answer, report } => ("cards", Value::Array(vec![answer.into(), report.into()])),
            Self::Replacement(report) => ("replacement", report.into()),
            Self::Why(notice) => ("why", notice.code().into()),
            Self::Linked(link) => ("linked", link.into()),
            Self::Given(bytes) => ("given", bytes.into()),
            Self::Known(hash) => ("known", hash.to_base58().into()),
            Self::Proposal { network, dao, id } => {
                ("proposal", Value::Array(vec![network.chain_id().into(), dao.as_str().into(), id.into()]))
            }
        };
        json::to_text(&json::object(vec![(view, of)]))
    }
}
