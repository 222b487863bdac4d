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

#[path = "rebuild_contained/answers.rs"]
mod answers;
#[path = "rebuild_contained/batch.rs"]
mod batch;
#[path = "rebuild_contained/bench.rs"]
mod bench;
#[path = "rebuild_contained/configuration.rs"]
mod configuration;
#[path = "rebuild_contained/costs.rs"]
mod costs;
#[path = "rebuild_contained/daemon.rs"]
mod daemon;
#[path = "rebuild_contained/dependencies.rs"]
mod dependencies;
#[path = "rebuild_contained/ends.rs"]
mod ends;
#[path = "rebuild_contained/engines.rs"]
mod engines;
#[path = "rebuild_contained/git_dependencies.rs"]
mod git_dependencies;
#[path = "rebuild_contained/hostile.rs"]
mod hostile;
#[path = "rebuild_contained/fences.rs"]
mod fences;
#[path = "rebuild_contained/images.rs"]
mod images;
#[path = "rebuild_contained/leftovers.rs"]
mod leftovers;
#[path = "rebuild_contained/lies.rs"]
mod lies;
#[path = "rebuild_contained/reach.rs"]
mod reach;
#[path = "rebuild_contained/strangers.rs"]
mod strangers;
