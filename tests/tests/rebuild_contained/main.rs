//! Rebuilds in real containers: of hostile repositories, contained, named, and gone without a trace; and of honest ones,
//! from a claim to a verdict.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

/// Tests of these functions with each engine.
macro_rules! docker_and_podman {
    ($($test:ident),+ $(,)?) => {
        mod docker {
            $(#[test]
            fn $test() {
                super::$test(super::Kind::Docker);
            })+
        }
        mod podman {
            $(#[test]
            fn $test() {
                super::$test(super::Kind::Podman);
            })+
        }
    };
}

mod answers;
mod archived;
mod batch;
mod bench;
mod configuration;
mod costs;
mod daemon;
mod dependencies;
mod ends;
mod engines;
mod git_dependencies;
mod hostile;
mod fences;
mod images;
mod leftovers;
mod lies;
mod nearc;
mod reach;
mod silence;
mod steps;
mod strangers;
