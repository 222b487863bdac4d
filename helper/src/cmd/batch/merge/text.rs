//! What a merge took, as a person reads it.

use std::fmt::Write as _;

use provenear_shared::report::MergeReport;
use provenear_shared::text::Shown;

/// The text.
pub(super) fn report(report: &MergeReport) -> String {
    let MergeReport { schema: _, error: (), taken, added, refused, failed, missing, dissent, exit: _ } = report;
    let mut text = String::new();
    let mut line = |args: std::fmt::Arguments| writeln!(text, "{args}").expect("a string takes any text");
    line(format_args!(
        "{}, {}",
        count(*taken, "unit taken", "units taken"),
        count(*added, "new manifest", "new manifests")
    ));
    for it in refused {
        line(format_args!("refused `{}`: {}", Shown(&it.folder), Shown(&it.message)));
    }
    for it in failed {
        line(format_args!("failed `{}`: {}", it.unit, Shown(&it.error.message)));
    }
    for unit in missing {
        line(format_args!("missing `{unit}`: no result of it was taken"));
    }
    for it in dissent {
        let codes: Vec<String> = it.artifacts.iter().map(|artifact| artifact.code_hash.to_base58()).collect();
        line(format_args!("dissent `{}`: different code came out: {}", it.unit, codes.join(", ")));
        for diff in &it.diffs {
            line(format_args!("  compared in `{}`", Shown(diff)));
        }
    }
    text
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
