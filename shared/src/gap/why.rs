//! Why each gap matters, for a reader who has never met it: one or two sentences. Apart from the gaps themselves, because
//! nobody needs them before they are asked for.

use super::GapCode;

impl GapCode {
    /// Why nobody can rebuild it as long as this is so, as plain sentences.
    pub fn why(self) -> &'static str {
        match self {
            Self::NotRunnable => {
                "What no node runs does nothing on the chain, whatever its source says. There is nothing to rely on."
            }
            Self::NotRunHere => {
                "The claim is read by running the code itself. Where that does not end, nobody here has seen what it claims."
            }
            Self::MetadataMissing | Self::BuildInfoMissing => {
                "Without it the contract does not say which source it comes from or how it was built. Nobody can check what \
                 nobody claims."
            }
            Self::MetadataMalformed => {
                "A claim that programs read in different ways is not one claim. Each reader could check something else."
            }
            Self::SourceMissing => "Nobody can rebuild a contract, or read it, without knowing where its source is.",
            Self::SourceNotGit | Self::SourceIpfs => {
                "Rebuilders fetch a git commit over https. What they cannot fetch they cannot check, and others cannot read."
            }
            Self::SourceNeedsSsh => {
                "Only people with an account on that host can fetch it this way. A check must be open to all."
            }
            Self::SourceRevisionMissing | Self::SourceRevisionNotACommit => {
                "A branch or a tag can be moved to other source at any time. Only a full commit id always means the same files."
            }
            Self::SourceRevisionConflict => "Nobody can tell which of the two was built.",
            Self::SourceCredentials => {
                "The claim is public, so the password is too. Whoever has it may be able to change the repository."
            }
            Self::ImageMissing => {
                "Other tools give other code from the same source. Without the image nobody knows which were used."
            }
            Self::ImageNotPinned => {
                "A tag can be moved to another image with other tools at any time. Only a digest always means the same image."
            }
            Self::ImageMalformed => "Nobody can tell which image is meant, and so which tools the code was built with.",
            Self::BuildCommandMissing => {
                "The same source gives other code with other options. Without the command nobody knows which were used."
            }
            Self::ContractPathEscapes | Self::OutputPathOutsideMount => {
                "A path that leads out of the source can point at a file that is not built from it. Then a match would mean \
                 nothing."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_sentence_or_two_of_plain_text() {
        for code in GapCode::ALL {
            let why = code.why();
            assert!(why.ends_with('.') && !why.contains(['`', '\n']) && !why.contains("  "), "{}: {why}", code.code());
            assert!(why.matches(". ").count() < 2, "{}: {why}", code.code());
        }
    }
}
