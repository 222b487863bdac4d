//! The released page in headless Chromium and Firefox, served under a sub-path, used as a person uses it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

/// Each of these tests in both browsers: `<room>::chromium::<test>` and `<room>::firefox::<test>`.
macro_rules! in_both_browsers {
    ($($test:ident),+ $(,)?) => {
        mod chromium {
            $(
                #[test]
                fn $test() {
                    super::$test(provenear_tests::browser::Kind::Chromium);
                }
            )+
        }
        mod firefox {
            $(
                #[test]
                fn $test() {
                    super::$test(provenear_tests::browser::Kind::Firefox);
                }
            )+
        }
    };
}

#[path = "e2e_browser/chain.rs"]
mod chain;
#[path = "e2e_browser/compare.rs"]
mod compare;
#[path = "e2e_browser/assets.rs"]
mod assets;
#[path = "e2e_browser/axe.rs"]
mod axe;
#[path = "e2e_browser/blocks.rs"]
mod blocks;
#[path = "e2e_browser/doors.rs"]
mod doors;
#[path = "e2e_browser/files.rs"]
mod files;
#[path = "e2e_browser/frames.rs"]
mod frames;
#[path = "e2e_browser/harm.rs"]
mod harm;
#[path = "e2e_browser/lighthouse.rs"]
mod lighthouse;
#[path = "e2e_browser/links.rs"]
mod links;
#[path = "e2e_browser/looking.rs"]
mod looking;
#[path = "e2e_browser/paper.rs"]
mod paper;
#[path = "e2e_browser/rebuilders.rs"]
mod rebuilders;
#[path = "e2e_browser/proposals.rs"]
mod proposals;
#[path = "e2e_browser/records.rs"]
mod records;
#[path = "e2e_browser/replacement.rs"]
mod replacement;
#[path = "e2e_browser/reports.rs"]
mod reports;
#[path = "e2e_browser/screens.rs"]
mod screens;
#[path = "e2e_browser/sources.rs"]
mod sources;
#[path = "e2e_browser/still.rs"]
mod still;
#[path = "e2e_browser/stores.rs"]
mod stores;
#[path = "e2e_browser/trust.rs"]
mod trust;
#[path = "e2e_browser/verdicts.rs"]
mod verdicts;
#[path = "e2e_browser/visit.rs"]
mod visit;
#[path = "e2e_browser/walks.rs"]
mod walks;
