//! What stores and accounts answered, in a word each. Not here: asking (`stores`, `keys`).

use crate::spelling::codes;

codes! {
    /// How a store answered.
    pub enum StoreState {
        /// With a file for this code.
        Answered = "answered",
        /// Without one.
        Empty = "empty",
        /// Not at all, or with something that is not a file of manifests.
        Unreachable = "unreachable",
        /// It was not asked.
        NotAsked = "not-asked",
    }
}

codes! {
    /// Whose key signed, by the access keys of the account that the manifest names, at the pinned block.
    pub enum Authority {
        /// A full-access key of that account.
        FullAccess = "full-access",
        /// A key that can only call functions.
        FunctionCall = "function-call",
        /// Not a key of that account.
        NotAKey = "not-a-key",
    }
}
