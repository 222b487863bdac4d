//! A hash with its other spelling and a field to compare it with another: equal, or which digits differ. The second
//! program's; a sentence of the first shows hashes without them (`text`).

use leptos::prelude::*;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::text::make_printable;
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::text::short_hash;

/// Short, with the whole, a button to copy it and the field on demand. The buttons call it `name`, as in "the code hash".
pub(crate) fn hash(full: &str, name: &str) -> AnyView {
    let whole = RwSignal::new(false);
    let (spelled, name) = (RwSignal::new(make_printable(full)), name.to_owned());
    let short = live(move || spelled.with(|spelled| short_hash(spelled, &name, whole)));
    let field = live(move || if whole.get() { draw_whole(spelled) } else { ().into_any() });
    el("span").child(short).child(field).end()
}

/// A digest is one thing with two spellings: NEAR's base58 and everybody's hex.
fn draw_whole(spelled: RwSignal<String>) -> AnyView {
    let has_other = spelled.with_untracked(|spelled| other_spelling(spelled).is_some());
    let respell = move |_| spelled.update(|spelled| *spelled = other_spelling(spelled).unwrap_or_default().1);
    let label = move || spelled.with(|spelled| other_spelling(spelled).map(|(name, _)| name).unwrap_or_default());
    let toggle = has_other.then(|| {
        el("button")
            .attr("type", "button")
            .attr("data-action", "respell")
            .on("click", respell)
            .child(live(move || format!("Show as {}", label()).into_any()))
            .end()
    });
    el("span").class("compare").maybe(toggle).children(compare(spelled)).end()
}

/// The name of the other spelling of a digest, and the digest in it.
fn other_spelling(text: &str) -> Option<(&'static str, String)> {
    match (Sha256Digest::from_base58(text), Sha256Digest::from_hex(text)) {
        (Ok(digest), _) => Some(("hex (SHA-256)", digest.to_hex())),
        (_, Ok(digest)) => Some(("base58", digest.to_base58())),
        (Err(_), Err(_)) => None,
    }
}

fn compare(full: RwSignal<String>) -> Vec<AnyView> {
    let other = RwSignal::new(String::new());
    let input = el("input")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .attr("aria-label", "Another hash to compare this one with")
        .attr("placeholder", "paste another to compare")
        .bound(other);
    let said = live(move || other.with(|other| outcome(&full.read(), other.trim())));
    vec![input.end(), el("span").attr("role", "status").child(said).end()]
}

fn outcome(full: &str, other: &str) -> AnyView {
    if other.is_empty() {
        return ().into_any();
    }
    let other = like(full, &make_printable(other));
    if full.starts_with(&other) && full.len() > other.len() {
        let (some, of) = (other.chars().count(), full.chars().count());
        let says = format!("✗ Only the first {some} of {of} digits are here. Paste all of it.");
        return el("strong").attr("data-compared", "part").text(&says).end();
    }
    let (ours, theirs) = (pieces(full, &other), pieces(&other, full));
    let differing = theirs.iter().map(|piece| piece.differs()).sum::<usize>();
    if differing == 0 && full.len() == other.len() {
        return el("strong").attr("data-compared", "equal").text("✓ Equal.").end();
    }
    let line =
        |pieces: Vec<Piece>| el("bdi").class("digits").children(pieces.into_iter().map(draw_piece).collect()).end();
    let says = format!("✗ Not equal: {differing} of {} digits differ.", other.chars().count());
    let says = el("strong").attr("data-compared", "differs").text(&says).end();
    all(vec![says, line(ours), line(theirs)])
}

/// `other` in the notation of `full`, where both are digests of the same kind.
fn like(full: &str, other: &str) -> String {
    // As other tools write it: `hash:` of ours, `0x`, capitals.
    let other = other.strip_prefix("hash:").unwrap_or(other);
    let hex = other.strip_prefix("0x").unwrap_or(other).to_ascii_lowercase();
    let other = if Sha256Digest::from_hex(&hex).is_ok() { hex.as_str() } else { other };
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

fn draw_piece(piece: Piece) -> AnyView {
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
    fn a_digest_has_two_spellings() {
        let digest = Sha256Digest::of(b"code");
        assert_eq!(other_spelling(&digest.to_base58()), Some(("hex (SHA-256)", digest.to_hex())));
        assert_eq!(other_spelling(&digest.to_hex()), Some(("base58", digest.to_base58())));
        for text in [digest.to_oci().as_str(), "0f2fb6ea880a6b0c5e3c2f5bb0d5ed83e196f810", "ed25519:abc", ""] {
            assert_eq!(other_spelling(text), None, "{text}");
        }
    }

    #[test]
    fn notations_of_one_digest_are_compared_as_one() {
        let digest = Sha256Digest::of(b"code");
        for full in [digest.to_base58(), digest.to_hex(), digest.to_oci()] {
            for other in [digest.to_base58(), digest.to_hex(), digest.to_oci()] {
                assert_eq!(like(&full, &other), full);
            }
            let base58 = digest.to_base58();
            for other in [digest.to_hex().to_uppercase(), format!("0x{}", digest.to_hex()), format!("hash:{base58}")] {
                assert_eq!(like(&full, &other), full, "{other}");
            }
        }
        assert_eq!(like(&digest.to_hex(), "no hash"), "no hash");
    }
}
