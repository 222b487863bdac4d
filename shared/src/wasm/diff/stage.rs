//! How far a comparison has come. Not here: comparing (`compare`).

use crate::spelling::codes;

codes! {
    /// What is being done now, in this order.
    pub enum Stage {
        /// Reading both modules.
        Reading = "reading",
        /// Pairing their functions.
        Pairing = "pairing",
        /// Comparing each pair.
        Checking = "checking",
        /// Comparing the data.
        Data = "data",
        /// Looking for causes.
        Causes = "causes",
    }
}

impl Stage {
    /// What is being done, as the beginning of a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Reading => "Reading both modules",
            Stage::Pairing => "Pairing their functions",
            Stage::Checking => "Comparing each pair",
            Stage::Data => "Comparing the data",
            Stage::Causes => "Looking for causes",
        }
    }
}
