//! Why a look-up ends without a verdict, in a word. Not here: the sentence (`error`).

use crate::spelling::codes;

codes! {
    /// Why a look-up ends without a verdict, in a word.
    // Several errors can have one, where a reader does the same about them.
    #[allow(missing_docs)] // the variants are those of `LookError`
    pub enum LookCode {
        UnknownAccount = "unknown-account",
        UnknownBlock = "unknown-block",
        BlockGarbageCollected = "block-garbage-collected",
        BlockStale = "block-stale",
        NetworkMismatch = "network-mismatch",
        RpcUnreachable = "rpc-unreachable",
        RpcTimeout = "rpc-timeout",
        RpcRateLimited = "rpc-rate-limited",
        RpcMalformed = "rpc-malformed",
        RpcDisagreement = "rpc-disagreement",
        CodeHashMismatch = "code-hash-mismatch",
        UnknownCode = "unknown-code",
        SandboxUnavailable = "sandbox-unavailable",
        ModuleMalformed = "module-malformed",
    }
}
