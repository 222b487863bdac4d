//! Every combination that `decide` can give, by generated lines of two keys: what headline, sentence and steps may say is
//! derived here from what the lines are, not from the verdict.

use provenear_shared::chain::{StepState, chain};
use provenear_shared::inspection::Inspection;
use provenear_shared::verdict::{Moment, VerdictCode};
use provenear_tests::scenario::Scenario;
use serde_json::{Value, json};

const ACCEPTED: &str = "a9d8bee7b134856cc8baa142494a177f2ba9ecfededfcdd38f634e14cca8aae2";
const OTHER_SOURCE: &str = "git+https://github.com/near/other?rev=d76a82548ce6a7aea346aa6c56f4af914366abf8";

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    None,
    Claimed,
    ClaimedWithDoubt,
    OtherImage,
    UnlistedImage,
    UnknownImage,
    OtherCommand,
    OtherSource,
    ClaimedDiffers,
    OtherImageDiffers,
    UnknownImageDiffers,
}

const LINES: [Line; 11] = [
    Line::None,
    Line::Claimed,
    Line::ClaimedWithDoubt,
    Line::OtherImage,
    Line::UnlistedImage,
    Line::UnknownImage,
    Line::OtherCommand,
    Line::OtherSource,
    Line::ClaimedDiffers,
    Line::OtherImageDiffers,
    Line::UnknownImageDiffers,
];

impl Line {
    fn matches(self) -> bool {
        !matches!(self, Self::None | Self::ClaimedDiffers | Self::OtherImageDiffers | Self::UnknownImageDiffers)
    }

    /// Whether it follows the recipe that is claimed, in whatever image.
    fn follows_the_recipe(self) -> bool {
        !matches!(self, Self::None | Self::OtherCommand | Self::OtherSource)
    }

    fn is_in_the_claimed_image(self) -> bool {
        matches!(self, Self::Claimed | Self::ClaimedWithDoubt | Self::ClaimedDiffers)
    }

    fn entry(self, by: &str) -> Option<Value> {
        let image = "/predicate/buildDefinition/resolvedDependencies/1/digest";
        let edit = match self {
            Self::None => return None,
            Self::Claimed | Self::ClaimedDiffers => json!({}),
            Self::ClaimedWithDoubt => {
                json!({ "/predicate/buildDefinition/internalParameters/notices": ["cargo-alias"] })
            }
            Self::OtherImage | Self::OtherImageDiffers => json!({ image: { "sha256": ACCEPTED } }),
            Self::UnlistedImage => json!({ image: { "sha256": "1".repeat(64) } }),
            Self::UnknownImage | Self::UnknownImageDiffers => {
                let digest = json!({ "imageId": "2".repeat(64) });
                json!({ "/predicate/buildDefinition/resolvedDependencies/1": { "name": "image", "digest": digest } })
            }
            Self::OtherCommand => {
                json!({ "/predicate/buildDefinition/internalParameters/argv": ["/bin/bash", "-c", "cp a b"] })
            }
            Self::OtherSource => {
                json!({ "/predicate/buildDefinition/externalParameters/source_code_snapshot": OTHER_SOURCE })
            }
        };
        let artifact = if self.matches() { "honest" } else { "tampered" };
        Some(json!({ "by": by, "artifact": artifact, "edit": edit }))
    }
}

/// What the contract says, and who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Code,
    CodeCustomCommand,
    CodeIncomplete,
    Node,
    NodeIncomplete,
    None,
    NotRunnable,
}

const CLAIMS: [Claim; 7] = [
    Claim::Code,
    Claim::CodeCustomCommand,
    Claim::CodeIncomplete,
    Claim::Node,
    Claim::NodeIncomplete,
    Claim::None,
    Claim::NotRunnable,
];

impl Claim {
    fn set(self, scenario: &mut Value) {
        match self {
            Self::Code => {}
            Self::CodeCustomCommand => scenario["claim_edit"] = json!({ "/build_info/build_command": ["make"] }),
            Self::CodeIncomplete => scenario["claim_edit"] = json!({ "/build_info/build_environment": "a:b" }),
            Self::Node => scenario["calls"] = json!(["storage_read"]),
            Self::NodeIncomplete => {
                scenario["calls"] = json!(["storage_read"]);
                scenario["claim_edit"] = json!({ "/build_info/build_environment": "a:b" });
            }
            Self::None => scenario["claim"] = json!(false),
            Self::NotRunnable => {
                scenario["runnable"] = json!(false);
                scenario["node_claim"] = json!(false);
            }
        }
    }

    fn is_of_the_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeCustomCommand)
    }
}

struct Case {
    claim: Claim,
    lines: [(&'static str, Line); 2],
    threshold: usize,
    accepts_custom: bool,
}

impl Case {
    fn inspect(&self) -> Inspection {
        self.inspect_among(&["alice", "bob"], &[])
    }

    /// As a reader sees it who trusts these, with more lines around those of the case.
    fn inspect_among(&self, trust: &[&str], more: &[Value]) -> Inspection {
        let entries: Vec<Value> = self.lines.iter().filter_map(|(by, line)| line.entry(by)).collect();
        let manifests = [more, &entries, more].concat();
        let mut scenario = json!({
            "trust": trust,
            "threshold": self.threshold,
            "accept_custom_build": self.accepts_custom,
            "manifests": manifests,
        });
        self.claim.set(&mut scenario);
        Scenario::parse(&scenario.to_string()).unwrap().inspect().unwrap()
    }

    /// How many keys have such a line.
    fn keys(&self, is_it: impl Fn(Line) -> bool) -> usize {
        let [one, other] = self.lines;
        match (is_it(one.1), is_it(other.1)) {
            (true, true) if one.0 != other.0 => 2,
            (false, false) => 0,
            _ => 1,
        }
    }

    fn has(&self, by: &str, is_it: impl Fn(Line) -> bool) -> bool {
        self.lines.iter().any(|(name, line)| *name == by && is_it(*line))
    }

    fn expected(&self) -> VerdictCode {
        // What one line found in the tree is true for all lines of the claim.
        let found_alias = self.lines.iter().any(|(_, line)| *line == Line::ClaimedWithDoubt);
        let is_customary = self.accepts_custom || self.claim != Claim::CodeCustomCommand && !found_alias;
        let in_claimed = |line: Line| matches!(line, Line::Claimed | Line::ClaimedWithDoubt);
        // Where the claimed image gave other code alone, a match in another image reproduces nothing.
        let is_contradicted = self.keys(|line| line == Line::ClaimedDiffers) > 0 && self.keys(in_claimed) == 0;
        let is_vetted = |line: Line| is_customary && (in_claimed(line) || line == Line::OtherImage && !is_contradicted);
        let of_the_claim = |line: Line| line.matches() && line.follows_the_recipe();
        let (code, enough) = (self.claim.is_of_the_code(), self.threshold);
        if code && self.keys(is_vetted) >= enough {
            VerdictCode::Reproduced
        } else if code && self.keys(of_the_claim) >= enough {
            VerdictCode::ReproducedUnvetted
        } else if self.keys(Line::matches) >= enough {
            VerdictCode::ReproducedUnclaimed
        } else if !code && self.claim != Claim::Node {
            VerdictCode::NotRebuildable
        } else if code && self.keys(Line::matches) == 0 && self.keys(|line| line == Line::ClaimedDiffers) >= enough {
            VerdictCode::Differs
        } else {
            VerdictCode::NotRebuilt
        }
    }
}

/// What a headline has to say for each verdict, and what no other may say.
const HEADLINES: [(VerdictCode, &[&str]); 6] = [
    (VerdictCode::Reproduced, &["was built from"]),
    (VerdictCode::ReproducedUnvetted, &["with reservations"]),
    (VerdictCode::ReproducedUnclaimed, &["matches a build that", "matches a source that", "matches different builds"]),
    (
        VerdictCode::NotRebuildable,
        &[
            "does not say how it was built",
            "say enough to be rebuilt",
            "is not enough to rebuild it",
            "cannot be read",
            "can run this code",
        ],
    ),
    (VerdictCode::Differs, &["gave different code"]),
    (
        VerdictCode::NotRebuilt,
        &["by a key you trust was found", "of the 2 required keys", "rebuilt from", "rebuilt only from"],
    ),
];

fn check(case: &Case) {
    let inspection = case.inspect();
    let what = format!("{:?} {:?} of {} custom {}", case.claim, case.lines, case.threshold, case.accepts_custom);
    let verdict = inspection.outcome().unwrap();
    assert_eq!(verdict.code(), case.expected(), "{what}");
    let (headline, sentence) = (verdict.headline(Moment::Now), verdict.sentence(Moment::Now));
    let what = format!("{what}: {headline}: {sentence}");

    let lower = headline.to_lowercase();
    for (code, marks) in HEADLINES {
        assert_eq!(marks.iter().any(|mark| lower.contains(mark)), code == verdict.code(), "{code:?} in {what}");
    }

    // Steps.
    let steps = chain(&inspection).unwrap();
    let is_broken = |state| state == StepState::Broken;
    assert_eq!(steps.iter().any(|step| is_broken(step.state)), verdict.code() == VerdictCode::Differs, "{what}");
    let is_proven = matches!(verdict.code(), VerdictCode::Reproduced | VerdictCode::ReproducedUnvetted);
    assert!(is_proven || steps[..2].iter().all(|step| step.state <= StepState::Claimed), "{what}");

    // Who disputes a match of the claim comes first.
    let dissents = |by: &str| case.claim.is_of_the_code() && case.has(by, |line| line == Line::ClaimedDiffers);
    let is_dissent = dissents("alice") || dissents("bob");
    let matched = case.keys(Line::matches) > 0;
    assert_eq!(sentence.starts_with("disputed: "), headline.starts_with("Disputed: "), "{what}");
    if is_dissent && matched && case.claim.is_of_the_code() {
        let first = sentence.split("; ").next().unwrap();
        assert!(first.contains("different code"), "{what}");
    }

    // Each clause is true of each key that it names.
    for clause in sentence.split("; ") {
        for by in ["alice", "bob"].into_iter().filter(|by| clause.contains(&format!("`{by}`"))) {
            let got_this = clause.contains("got exactly this code");
            let says_claim = clause.contains("as the contract claims") || clause.contains("in the claimed image");
            let is_it = |line: Line| {
                (!got_this || line.matches())
                    && (!clause.contains("got different code") || !line.matches() && line != Line::None)
                    && (!says_claim || case.claim.is_of_the_code() && line.is_in_the_claimed_image())
                    && (!clause.contains("but not in the image")
                        || matches!(line, Line::OtherImage | Line::UnlistedImage | Line::OtherImageDiffers))
                    && (!clause.contains("without a digest")
                        || matches!(line, Line::UnknownImage | Line::UnknownImageDiffers))
                    && (!clause.contains("a build that the contract itself")
                        || !line.is_in_the_claimed_image()
                        || !case.claim.is_of_the_code())
                    && (!clause.contains("does not name that source")
                        || line == Line::OtherSource
                        || !case.claim.is_of_the_code())
            };
            assert!(case.has(by, is_it), "`{clause}` in {what}");
        }
    }
    let is_rebuild = |line: Line| line.matches() || line.follows_the_recipe();
    let nobody = case.keys(is_rebuild) == 0;
    if verdict.code() == VerdictCode::NotRebuilt {
        assert_eq!(sentence.contains("no rebuild by a key you trust was found"), nobody, "{what}");
    }
    for text in [&headline, &sentence] {
        let is_empty = ["``", "  ", "None", "0 of the"].iter().any(|part| text.contains(part));
        assert!(!is_empty && !text.ends_with('.'), "{what}");
    }

    // The past: never this code, always the block.
    let (headline, sentence) = (verdict.headline(Moment::Block(77)), verdict.sentence(Moment::Block(77)));
    for text in [headline, sentence] {
        let present = ["this code", "contract names", "contract claims", "contract says", "node names", "Matches"];
        assert!(!present.iter().any(|part| text.contains(part)), "{text}");
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn every_combination_is_worded_truly() {
    let pairs = |at: usize| LINES[at..].iter().map(move |second| (LINES[at], *second));
    for claim in CLAIMS {
        for (first, second) in (0..LINES.len()).flat_map(pairs) {
            for (other, threshold) in [("bob", 1), ("bob", 2), ("alice", 1), ("alice", 2)] {
                let lines = [("alice", first), (other, second)];
                check(&Case { claim, lines, threshold, accepts_custom: false });
                if claim == Claim::CodeCustomCommand || [first, second].contains(&Line::ClaimedWithDoubt) {
                    check(&Case { claim, lines, threshold, accepts_custom: true });
                }
            }
        }
    }
}

/// Lines that no trusted key signed: this and other code, with doubts, from elsewhere, and forgeries in a trusted name.
fn strangers_lines() -> Vec<Value> {
    let key = "/predicate/buildDefinition/internalParameters/signer/public_key";
    let forged = [
        json!({ "by": "mallory", "names": "alice", "keyid_of": "alice" }),
        json!({ "by": "mallory", "keyid_of": "bob" }),
        json!({ "by": "mallory", "edit": { key: null } }),
        json!({ "by": "mallory", "edit": { "/subject": [] } }),
    ];
    let honest = [Line::Claimed, Line::ClaimedWithDoubt, Line::OtherSource, Line::ClaimedDiffers];
    honest.into_iter().filter_map(|line| line.entry("mallory")).chain(forged).collect()
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn what_strangers_say_changes_nothing() {
    let strangers = strangers_lines();
    let opened = |inspection: &Inspection| {
        inspection.lines.iter().filter_map(|line| line.opened.clone().ok()).collect::<Vec<_>>()
    };
    for claim in CLAIMS {
        for line in LINES {
            for (trust, threshold) in [(&["alice", "bob"][..], 1), (&["alice", "bob"], 2), (&[], 1)] {
                let case =
                    Case { claim, lines: [("alice", line), ("bob", Line::None)], threshold, accepts_custom: false };
                let (alone, among) = (case.inspect_among(trust, &[]), case.inspect_among(trust, &strangers));
                let (verdict, crowded) = (alone.outcome().unwrap(), among.outcome().unwrap());
                let what = format!("{claim:?} {line:?} of {threshold} for {trust:?}: {verdict}");
                assert_eq!(verdict, crowded, "{what}");
                assert_eq!(verdict.headline(Moment::Now), crowded.headline(Moment::Now), "{what}");
                assert_eq!((opened(&alone), &alone.notices), (opened(&among), &among.notices), "{what}");
                assert_eq!(chain(&alone), chain(&among), "{what}");
                assert!(among.lines.len() > alone.lines.len(), "{what}");
                assert!(among.lines.iter().all(|line| line.opened.is_err() || line.untrusted.is_none()), "{what}");
                // Nobody is told that keys which they never chose are missing.
                let is_unchosen = verdict.headline(Moment::Now) == "You have not chosen whom to trust yet";
                assert_eq!(is_unchosen, trust.is_empty() && verdict.code() == VerdictCode::NotRebuilt, "{what}");
                assert!(!trust.is_empty() || !what.contains("key you trust"), "{what}");
                assert!(!trust.is_empty() || !format!("{:?}", chain(&alone)).contains("key you trust"), "{what}");
            }
        }
    }
}
