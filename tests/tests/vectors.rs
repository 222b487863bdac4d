//! Every vector under `testdata/vectors`, natively and on wasm32. A room is a folder there and a module here.
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use provenear_tests::vector::Vector;

#[path = "vectors/walk.rs"]
mod walk;

/// Runs every vector of a room and lists all that fail.
fn hold(room: &str, headers: &[&str], check: fn(&Vector) -> Result<(), String>) {
    let vectors: Vec<Vector> = Vector::all().unwrap().into_iter().filter(|vector| vector.room == room).collect();
    assert!(!vectors.is_empty(), "the room `{room}` has no vectors");
    let run = |vector: &Vector| vector.only(headers).and_then(|()| check(vector));
    let failed: Vec<String> = vectors
        .iter()
        .filter_map(|vector| run(vector).err().map(|reason| format!("{}: {reason}", vector.name)))
        .collect();
    assert!(failed.is_empty(), "{} of {} vectors fail:\n{}", failed.len(), vectors.len(), failed.join("\n"));
}

/// A module and a test for each room, and a test that no folder is left over.
macro_rules! rooms {
    ($($room:ident $path:literal)*) => {
        $(#[path = $path] mod $room;)*

        /// The tests, away from the modules whose names they share.
        mod hold_in {
            $(
                #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
                #[cfg_attr(not(target_arch = "wasm32"), test)]
                fn $room() {
                    super::hold(stringify!($room), super::$room::HEADERS, super::$room::check);
                }
            )*
        }

        const ROOMS: &[&str] = &[$(stringify!($room)),*];
    };
}

rooms! {
    archive "vectors/archive.rs"
    claim "vectors/claim.rs"
    dao "vectors/dao.rs"
    digest "vectors/digest.rs"
    dsse "vectors/dsse.rs"
    image "vectors/image.rs"
    key "vectors/key.rs"
    keys "vectors/keys.rs"
    manifest "vectors/manifest.rs"
    near "vectors/near.rs"
    nep330 "vectors/nep330.rs"
    node "vectors/node.rs"
    recipe "vectors/recipe.rs"
    registry "vectors/registry.rs"
    rpc "vectors/rpc.rs"
    source "vectors/source.rs"
    verdict "vectors/verdict.rs"
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn no_folder_is_left_over() {
    for vector in Vector::all().unwrap() {
        assert!(ROOMS.contains(&vector.room), "nobody checks the folder `{}`", vector.room);
    }
}

/// The codes of ARCHITECTURE.md's verdicts that evidence alone can bring about; those of the helper's own are tested there.
const CODES: &[&str] = &[
    // Verdicts.
    "no-contract",
    "reproduced",
    "reproduced-unvetted",
    "reproduced-unclaimed",
    "not-rebuildable",
    "differs",
    "not-rebuilt",
    // Gaps.
    "not-runnable",
    "metadata-missing",
    "metadata-malformed",
    "build-info-missing",
    "source-missing",
    "source-not-git",
    "source-ipfs",
    "source-needs-ssh",
    "source-revision-missing",
    "source-revision-not-a-commit",
    "source-revision-conflict",
    "source-credentials",
    "image-missing",
    "image-not-pinned",
    "image-malformed",
    "build-command-missing",
    "contract-path-escapes",
    "output-path-outside-mount",
    // Looking.
    "unknown-account",
    "unknown-block",
    "block-garbage-collected",
    "block-stale",
    "network-mismatch",
    "rpc-unreachable",
    "rpc-timeout",
    "rpc-rate-limited",
    "rpc-malformed",
    "rpc-disagreement",
    "code-hash-mismatch",
    "unknown-code",
    "sandbox-unavailable",
    "module-malformed",
    // Manifests.
    "envelope-malformed",
    "too-large",
    "signature-count",
    "payload-type-unsupported",
    "signature-invalid",
    "key-untrusted",
    "statement-malformed",
    "predicate-unsupported",
    "build-type-unsupported",
    "builder-unknown",
    "subject-malformed",
    "key-mismatch",
    "irrelevant",
    // Notices.
    "custom-build-command",
    "rustc-wrapper",
    "prebuilt-wasm-in-tree",
    "toolchain-not-pinned",
    "build-reads-git",
    "checkout-attributes",
    "symlinks-in-tree",
    "submodules-in-tree",
    "network-full",
    "network-not-fenced",
    "network-not-stated",
    "fences-not-held",
    "builder-version-1",
    "unknown-notice",
    "unknown-notices-more",
    "image-substituted",
    "commit-not-on-a-ref",
    "source-from-elsewhere",
    "link-differs-from-source",
    "claim-from-rpc",
    "claim-disagrees",
    "mutable-by-owner",
    "endpoint-from-link",
    "single-endpoint",
    "unlisted-image",
    "store-unreachable",
    "store-cut",
    "manifests-cut",
    "old-block",
    "access-keys-unlisted",
];

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn every_code_has_a_scenario() {
    let vectors = Vector::all().unwrap();
    let told: Vec<&str> = vectors
        .iter()
        .flat_map(|vector| ["expect", "gap", "notice", "line"].map(|name| vector.headers(name)))
        .flatten()
        .collect();
    let missing: Vec<&&str> = CODES.iter().filter(|code| !told.contains(*code)).collect();
    assert!(missing.is_empty(), "no vector expects {missing:?}");
}
