//! What `--version` says.

use std::sync::LazyLock;

use provenear_shared::wasm::PROTOCOL;

/// The version, the commit it was built of, the protocol of NEAR whose rules it knows.
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    let commit = match env!("PROVENEAR_COMMIT") {
        "" => "of an unknown commit",
        commit => &format!("commit {commit}"),
    };
    format!("{} ({commit}, protocol {PROTOCOL})", env!("CARGO_PKG_VERSION"))
});
