//! A hash with a field to compare it with another: equal, or which digits differ. The second program's; a sentence of the
//! first shows hashes without it (`text`).

use leptos::prelude::*;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::text::printable;
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::text::short_hash;

/// Short, with the whole, a button to copy it and the field on demand. The buttons call it `name`, as in "the code hash".
pub(crate) fn hash(full: &str, name: &str) -> AnyView {
    let whole = RwSignal::new(false);
    let short = short_hash(full, name, whole);
    let full = printable(full);
    let field = live(move || if whole.get() { compare(full.clone()) } else { ().into_any() });
    el("span").child(short).child(field).end()
}

fn compare(full: String) -> AnyView {
    let other = RwSignal::new(String::new());
    let input = el("input")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .attr("aria-label", "Another hash to compare this one with")
        .attr("placeholder", "paste another to compare")
        .bound(other);
    let said = live(move || other.with(|other| outcome(&full, other.trim())));
    el("span").class("compare").child(input.end()).child(el("span").attr("role", "status").child(said).end()).end()
}

fn outcome(full: &str, other: &str) -> AnyView {
    if other.is_empty() {
        return ().into_any();
    }
    let other = like(full, &printable(other));
    let (ours, theirs) = (pieces(full, &other), pieces(&other, full));
    let differing = theirs.iter().map(|piece| piece.differs()).sum::<usize>();
    if differing == 0 && full.len() == other.len() {
        return el("strong").attr("data-compared", "equal").text("✓ Equal.").end();
    }
    let line = |pieces: Vec<Piece>| el("bdi").class("digits").children(pieces.into_iter().map(shown).collect()).end();
    let says = format!("✗ Not equal: {differing} of {} digits differ.", other.chars().count());
    let says = el("strong").attr("data-compared", "differs").text(&says).end();
    all(vec![says, line(ours), line(theirs)])
}

/// `other` in the notation of `full`, where both are digests of the same kind.
fn like(full: &str, other: &str) -> String {
    let parse = |text: &str| {
        Sha256Digest::from_base58(text)
            .or_else(|_| Sha256Digest::from_hex(text))
            .or_else(|_| Sha256Digest::from_oci(text))
            .ok()
    };
    let Some(digest) = parse(other) else { return other.to_owned() };
    if Sha256Digest::from_oci(full).is_ok() {
        digest.to_oci()
    } else if Sha256Digest::from_hex(full).is_ok() {
        digest.to_hex()
    } else if Sha256Digest::from_base58(full).is_ok() {
        digest.to_base58()
    } else {
        other.to_owned()
    }
}

/// A run of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// As in the other text at the same place.
    Same(String),
    /// Not so.
    Other(String),
}

impl Piece {
    fn differs(&self) -> usize {
        match self {
            Self::Same(_) => 0,
            Self::Other(digits) => digits.chars().count(),
        }
    }
}

fn shown(piece: Piece) -> AnyView {
    match piece {
        Piece::Same(digits) => digits.into_any(),
        Piece::Other(digits) => el("mark").text(&digits).end(),
    }
}

/// `text` in runs, held against `other` digit by digit.
fn pieces(text: &str, other: &str) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut others = other.chars();
    for digit in text.chars() {
        let same = others.next() == Some(digit);
        match (found.last_mut(), same) {
            (Some(Piece::Same(run)), true) | (Some(Piece::Other(run)), false) => run.push(digit),
            (_, true) => found.push(Piece::Same(digit.to_string())),
            (_, false) => found.push(Piece::Other(digit.to_string())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_differ_are_told_apart() {
        let same = |text: &str| Piece::Same(text.to_owned());
        let other = |text: &str| Piece::Other(text.to_owned());
        assert_eq!(pieces("abcd", "abcd"), [same("abcd")]);
        assert_eq!(pieces("abcd", "abxd"), [same("ab"), other("c"), same("d")]);
        assert_eq!(pieces("abcd", "ab"), [same("ab"), other("cd")]);
        assert_eq!(pieces("", "ab"), []);
    }

    #[test]
    fn notations_of_one_digest_are_compared_as_one() {
        let digest = Sha256Digest::of(b"code");
        for full in [digest.to_base58(), digest.to_hex(), digest.to_oci()] {
            for other in [digest.to_base58(), digest.to_hex(), digest.to_oci()] {
                assert_eq!(like(&full, &other), full);
            }
        }
        assert_eq!(like(&digest.to_hex(), "no hash"), "no hash");
    }
}
