//! The list of a batch, as people keep one: a plain file, notes with marks and comments, a table's export, links to explorers.
//! Every line is answered for: it names a subject, says nothing, or is refused with its number.

use std::collections::HashMap;

use provenear_shared::given::Given;
use provenear_shared::near::link::{contract, without_scheme};
use provenear_shared::near::{AccountId, BlockReference, Network, SubjectName, parse_subject_at};

use crate::failure::{Code, Failure, fail};
use crate::look::question::not_a_contract;

/// What a list came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    /// In the list's order, each subject once.
    pub(super) entries: Vec<Entry>,
    /// What a person should know of how it was read.
    pub(super) notices: Vec<String>,
}

/// A line that is answered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// It names a subject.
    Subject(String),
    /// It names nothing: what stands there, and why it is none.
    Refused(String, String),
}

impl Entry {
    /// What stands there.
    pub(super) fn word(&self) -> &str {
        match self {
            Entry::Subject(word) | Entry::Refused(word, _) => word,
        }
    }
}

/// Most repeated lines that are named one by one.
const MOST_NAMED: usize = 20;
/// What a first line calls its first column.
const HEADINGS: [&str; 8] =
    ["account", "account id", "account_id", "accountid", "address", "contract", "contract_id", "subject"];

/// What a list can begin like: some of them are letters with which a code hash can begin.
const LISTS: [Given; 7] =
    [Given::Text, Given::Empty, Given::Json, Given::Hex, Given::Base64, Given::Program, Given::Bzip2];

/// Reads a list whose links are about `network`.
///
/// # Errors
/// [`Code::Usage`] for a file of another kind.
pub(super) fn read(bytes: &[u8], network: &Network) -> anyhow::Result<List> {
    let kind = Given::of(bytes);
    let other = |what: String| fail(Code::Usage, format!("this is {what}; a list is text with one subject a line"));
    let text = match std::str::from_utf8(bytes) {
        // Whatever it says, such as a plan or the answers of another batch.
        Ok(text) if trim(text).starts_with('{') => return other("JSON".to_owned()),
        Ok(text) if LISTS.contains(&kind) => text,
        Ok(_) | Err(_) => return other(kind.to_string()),
    };
    let mut list = List::default();
    let mut first_lines = HashMap::new();
    let (mut repeated, mut is_first) = (0, true);
    // Windows ends lines with two characters, and old Macs with one of them.
    for (number, line) in text.replace("\r\n", "\n").split(['\n', '\r']).enumerate() {
        let number = number + 1;
        let Some(Column { word, has_more }) = first_column(line) else { continue };
        let named = parse_named(&word, network);
        let is_heading = HEADINGS.contains(&word.to_ascii_lowercase().as_str()) && (has_more || named.is_err());
        if std::mem::take(&mut is_first) && is_heading {
            list.notices.push(format!("line {number} names columns and is left out"));
            continue;
        }
        match named {
            Err(why) => list.entries.push(Entry::Refused(word, format!("line {number} of the list: {why}"))),
            Ok(named) => match first_lines.get(&named) {
                None => {
                    first_lines.insert(named, number);
                    list.entries.push(Entry::Subject(word));
                }
                Some(first) if repeated < MOST_NAMED => {
                    repeated += 1;
                    let word = word.escape_debug();
                    list.notices.push(format!("line {number} repeats line {first} (`{word}`) and is left out"));
                }
                Some(_) => repeated += 1,
            },
        }
    }
    if repeated > MOST_NAMED {
        list.notices.push(format!("{} more lines repeat others and are left out", repeated - MOST_NAMED));
    }
    Ok(list)
}

/// A subject in one spelling, so that two lines about the same one are known for it.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Named {
    Account(AccountId, String),
    Other(String),
}

fn parse_named(word: &str, network: &Network) -> Result<Named, String> {
    let account = |account: AccountId, block: BlockReference| Named::Account(account, block.to_string());
    if let Some(link) = without_scheme(word) {
        let (linked, name) = contract(link).map_err(|why| not_a_contract(word, why).to_string())?;
        let word = word.escape_debug();
        return if linked == *network {
            Ok(account(name, BlockReference::Final))
        } else {
            Err(format!("`{word}` is about `{}`, and this batch about `{}`", linked.chain_id(), network.chain_id()))
        };
    }
    Ok(match parse_subject_at(word).map_err(|why| why.to_string())? {
        (SubjectName::Account(name), block) => account(name, block.unwrap_or(BlockReference::Final)),
        (SubjectName::CodeHash(hash), _) => Named::Other(format!("hash:{}", hash.to_base58())),
        (SubjectName::File(path), _) => Named::Other(format!("file:{path}")),
    })
}

/// The first column of a line that has one.
#[derive(Debug, PartialEq, Eq)]
struct Column {
    word: String,
    /// Whether another column follows.
    has_more: bool,
}

/// Without marks of a list, quotes, further columns and a comment; `None` for a line that says nothing.
fn first_column(line: &str) -> Option<Column> {
    let line = without_mark(trim(line));
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let whole = || Column { word: line.to_owned(), has_more: false };
    if let Some((open, close)) =
        [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>')].into_iter().find(|(open, _)| line.starts_with(*open))
    {
        // What is neither a column nor a comment behind the quotes makes the line one that is not understood.
        let Some((word, rest)) = line[open.len_utf8()..].split_once(close) else { return Some(whole()) };
        let has_more = trim(rest).starts_with([',', ';']) || rest.starts_with('\t');
        let is_clean = has_more || trim(rest).is_empty() || is_comment(rest);
        return Some(if is_clean { Column { word: trim(word).to_owned(), has_more } } else { whole() });
    }
    let end = line
        .char_indices()
        .find(|(at, letter)| matches!(letter, ',' | ';' | '\t') || letter.is_whitespace() && is_comment(&line[*at..]));
    let Some((end, _)) = end else { return Some(whole()) };
    let (word, rest) = line.split_at(end);
    Some(Column { word: trim(word).to_owned(), has_more: !is_comment(rest) })
}

/// Whether a text that follows a word is a comment: a `#` behind a blank. Within a word it is part of a link.
fn is_comment(rest: &str) -> bool {
    rest.starts_with(char::is_whitespace) && trim(rest).starts_with('#')
}

/// A bullet or a number, and a box to tick.
fn without_mark(line: &str) -> &str {
    let digits = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let numbered = (digits.len() < line.len()).then_some(digits).and_then(|rest| rest.strip_prefix(['.', ')']));
    let marked = numbered.or_else(|| line.strip_prefix(['-', '*', '+', '•']));
    let Some(rest) = marked.filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)) else {
        return line;
    };
    let rest = trim(rest);
    ["[ ]", "[x]", "[X]"].iter().find_map(|tick| rest.strip_prefix(tick)).map_or(rest, trim)
}

/// Without blanks around it, those too that nobody sees: a byte order mark, a space of no width.
fn trim(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}'))
}

/// Why a line that was refused was not looked at.
pub(super) fn refusal(why: &str) -> anyhow::Error {
    Failure::new(Code::Usage, why).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list with its entries apart.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Parts {
        subjects: Vec<String>,
        refused: Vec<(String, String)>,
        notices: Vec<String>,
    }

    fn list(text: &str) -> Parts {
        let List { entries, notices } = read(text.as_bytes(), &Network::mainnet()).unwrap();
        let mut parts = Parts { notices, ..Parts::default() };
        for entry in entries {
            match entry {
                Entry::Subject(word) => parts.subjects.push(word),
                Entry::Refused(word, why) => parts.refused.push((word, why)),
            }
        }
        parts
    }

    #[test]
    fn what_is_refused_keeps_its_place() {
        let List { entries, .. } = read(b"a.near\nNot One\nb.near", &Network::mainnet()).unwrap();
        assert!(matches!(&entries[..], [Entry::Subject(_), Entry::Refused(..), Entry::Subject(_)]), "{entries:?}");
        assert_eq!(entries.iter().map(Entry::word).collect::<Vec<_>>(), ["a.near", "Not One", "b.near"]);
    }

    #[test]
    fn a_line_is_read_in_every_way_that_people_write_it() {
        for line in [
            "app.near",
            "  app.near\t",
            "\u{feff}app.near\r",
            "app.near   # the second",
            "app.near\t#x",
            "- app.near",
            "* app.near # starred",
            "+ app.near",
            "•\u{a0}app.near",
            "12. app.near",
            "3) app.near",
            "- [ ] app.near",
            "1. [x] app.near",
            "app.near,reproduced,\"a, b\"",
            "app.near;reproduced",
            "app.near\treproduced",
            "\"app.near\",x",
            "\"app.near\",",
            "'app.near'",
            "`app.near` # why",
            "- `app.near`",
            "app.near,",
        ] {
            assert_eq!(list(line), Parts { subjects: vec!["app.near".to_owned()], ..Parts::default() }, "{line:?}");
        }
        for line in ["", " ", "#", "# app.near", "  # app.near", "-", "* # later", "\u{feff}", "\r\n\r\n"] {
            assert_eq!(list(line), Parts::default(), "{line:?}");
        }
        // What only looks like a mark, a comment or a column is part of the name.
        for word in [
            "app.near@120000000",
            "account:app.near",
            "./a b.wasm",
            "-x/app.wasm",
            "1.near",
            "hash:sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "https://nearblocks.io/address/app.near?tab=contract",
            "https://explorer.near.org/#/accounts/app.near?contract=app.near",
        ] {
            assert_eq!(list(word).subjects, [word], "{:?}", list(word).refused);
        }
        assert_eq!(
            list("<https://nearblocks.io/address/app.near>").subjects,
            ["https://nearblocks.io/address/app.near"]
        );
        assert_eq!(list("\"./a,b.wasm\",x").subjects, ["./a,b.wasm"]);
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_line_and_the_rest_goes_on() {
        let text = "app.near\r\n\r\nNot An Account\r\nb.near@yesterday\rc.near d.near\n\"e.near\n'f.near' g\n,h\n\
                    https://github.com/near/app\nhttps://testnet.nearblocks.io/address/a.testnet\nz.near";
        let Parts { subjects, refused, notices } = list(text);
        assert_eq!((subjects, notices), (vec!["app.near".to_owned(), "z.near".to_owned()], vec![]));
        let said: Vec<(&str, &str)> = refused.iter().map(|(_, why)| why.split_once(": ").unwrap()).collect();
        for ((line, why), (expected, says)) in said.iter().zip([
            ("line 3 of the list", "neither"),
            ("line 4 of the list", "not a block"),
            ("line 5 of the list", "`c.near d.near`"),
            ("line 6 of the list", "neither"),
            ("line 7 of the list", "`'f.near' g`"),
            ("line 8 of the list", "neither"),
            ("line 9 of the list", "a repository does not say"),
            ("line 10 of the list", "about `testnet`, and this batch about `mainnet`"),
        ]) {
            assert!(*line == expected && why.contains(says), "{line}: {why}");
        }
        assert_eq!(said.len(), 8);
    }

    #[test]
    fn the_same_subject_in_two_spellings_is_looked_at_once_and_said_so() {
        let hash = "GKot5hBsd81kMupNCXHaqbhv3huEbxAFMLnpcX2hniwn";
        let hex = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let text = format!(
            "a.near\naccount:a.near\nhttps://nearblocks.io/address/a.near\na.near@7\na.near@final\n{hash}\n{hex}\nx/a.wasm\nfile:x/a.wasm"
        );
        let Parts { subjects, notices, .. } = list(&text);
        assert_eq!(subjects, ["a.near", "a.near@7", hash, "x/a.wasm"]);
        assert_eq!(notices.len(), 5);
        assert_eq!(notices[0], "line 2 repeats line 1 (`account:a.near`) and is left out");
        let many = list(&"a.near\n".repeat(100));
        assert_eq!((many.subjects.len(), many.notices.len()), (1, MOST_NAMED + 1));
        assert_eq!(many.notices[MOST_NAMED], "79 more lines repeat others and are left out");
    }

    #[test]
    fn a_first_line_that_names_columns_is_no_subject() {
        let headed = list("\u{feff}Account ID,Verdict\r\na.near,x\r\n");
        assert_eq!((headed.subjects, headed.refused), (vec!["a.near".to_owned()], vec![]));
        assert_eq!(headed.notices, ["line 1 names columns and is left out"]);
        // Nothing else says that it is not an account.
        assert_eq!(list("contract\na.near").subjects, ["contract", "a.near"]);
        assert_eq!(list("a.near\naccount_id,x").subjects, ["a.near", "account_id"]);
    }

    #[test]
    fn what_is_not_a_list_is_named() {
        let said = |bytes: &[u8]| read(bytes, &Network::mainnet()).unwrap_err().to_string();
        for (bytes, expected) in [
            (&b"\xff\xfea\0"[..], "text in UTF-16"),
            (b"a\xff", "a file of another kind"),
            (b"\0asm\x01\0\0\0", "a WebAssembly module"),
            (b"\xef\xbb\xbf{\"schema\":\"provenear/plan/v1\"}", "this is JSON;"),
        ] {
            assert!(said(bytes).contains(expected), "{}", said(bytes));
        }
        // Letters of a hash are no sign of another kind.
        for hash in ["MZpBkGCNJ2KGwoKmA3ZxAoswmpbcHWjHfWoTdFg85Za", "BZhBkGCNJ2KGwoKmA3ZxAoswmpbcHWjHfWoTdFg85Za"] {
            assert_eq!(list(hash).subjects, [hash], "{:?}", list(hash).refused);
        }
    }
}
