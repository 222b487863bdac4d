//! The released page in headless Chromium and Firefox, served under a sub-path, used as a person uses it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

/// Tests as `<room>::chromium::<test>` and `<room>::firefox::<test>`. `both` are about something that a browser does: running code,
/// its policy, workers, storage, files, focus, layout, the line. What our own code says and decides is asked of one.
macro_rules! in_browsers {
    (both: [$($both:ident),* $(,)?], chromium: [$($one:ident),* $(,)?] $(,)?) => {
        mod chromium {
            $(
                #[test]
                fn $both() {
                    super::$both(provenear_tests::browser::Kind::Chromium);
                }
            )*
            $(
                #[test]
                fn $one() {
                    super::$one(provenear_tests::browser::Kind::Chromium);
                }
            )*
        }
        mod firefox {
            $(
                #[test]
                fn $both() {
                    super::$both(provenear_tests::browser::Kind::Firefox);
                }
            )*
        }
    };
}
macro_rules! in_both_browsers {
    ($($test:ident),+ $(,)?) => {
        in_browsers! { both: [$($test),+], chromium: [] }
    };
}
macro_rules! in_chromium {
    ($($test:ident),+ $(,)?) => {
        in_browsers! { both: [], chromium: [$($test),+] }
    };
}

mod about;
mod chain;
mod compare;
mod assets;
mod attestations;
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
