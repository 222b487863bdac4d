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

mod about;
mod chain;
mod compare;
mod assets;
mod axe;
mod blocks;
mod doors;
mod early;
mod files;
mod first_visit;
mod fold;
mod following;
mod frames;
mod guide;
mod harm;
mod history;
mod lighthouse;
mod links;
mod looking;
mod messages;
mod names;
mod paper;
mod readers;
mod rebuilders;
mod proposals;
mod records;
mod replacement;
mod reports;
mod screens;
mod settings;
mod sheet;
mod sources;
mod still;
mod stores;
mod trust;
mod verdicts;
mod visit;
mod walks;
