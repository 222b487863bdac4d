//! Why each notice matters, for a reader who has never met it: one or two sentences. Apart from the notices themselves, because
//! nobody needs them before they are asked for.

use super::NoticeCode;

impl NoticeCode {
    /// What it could mean for somebody who relies on the code, as plain sentences.
    pub fn why(self) -> &'static str {
        match self {
            Self::CustomBuildCommand => {
                "The usual command only compiles. Another one can do anything, such as download finished code and pass it off as \
                 compiled."
            }
            Self::RustcWrapper => {
                "Such a program sees everything that is compiled and can add to it. The readable source then says nothing about \
                 what it added."
            }
            Self::CargoAlias => {
                "The command reads like the usual one and runs something else. What it runs decides what the code is."
            }
            Self::SourcesReplaced | Self::PathOverrides => {
                "Most of a contract is the code of its dependencies. If they are replaced, a reader who knows the published \
                 versions has not read what was compiled."
            }
            Self::ConfigInclude => {
                "What was not examined can replace the compiler or the dependencies, and nobody has looked whether it does."
            }
            Self::EnvNamesPrograms => {
                "Variables such as RUSTC put another program in the compiler's place, and that program decides what comes out."
            }
            Self::ToolchainPath => {
                "A compiler inside the source is the author's own. It can put in what the readable source does not contain."
            }
            Self::BuildOutputInTree => {
                "Cargo takes what is already compiled for up to date. Then the code comes from that output, which nobody can read."
            }
            Self::SecretInCommand => {
                "Whoever reads the claim has the secret. If it still works, others can use it, and the author should revoke it."
            }
            Self::PrebuiltWasmInTree => {
                "A build that only copies a module gives the same code for everyone. The rebuild then matches, and the readable \
                 source is not what runs."
            }
            Self::ToolchainNotPinned => {
                "Compilers of different versions give different code. A difference later on need not mean that the source is \
                 another."
            }
            Self::BuildReadsGit => {
                "What a build learns from git differs from clone to clone. A difference can come from there, with the same source."
            }
            Self::CheckoutAttributes => {
                "Tools that check out the same commit can end up with different files. A difference can come from there, with the \
                 same source."
            }
            Self::SymlinksInTree => {
                "Read what a link leads to, not only its name: the file that was compiled is the one it leads to."
            }
            Self::SubmodulesInTree => {
                "The repository alone is not all of the source. Who reviews it has to review the other repositories as well."
            }
            Self::NetworkFull | Self::NetworkNotFenced | Self::NetworkNotStated => {
                "A build that can download can compile what is in no repository. Another day it may get something else, and nobody \
                 can look up what it was."
            }
            Self::FencesNotHeld => {
                "These limits keep a build from reaching beyond its sandbox or from running without end. Without them the rebuild \
                 rests more on the rebuilder's machine."
            }
            Self::BuilderVersion1 => {
                "A later version looks for tricks that replace compiler or dependencies. Of this rebuild nobody knows whether there \
                 were any."
            }
            Self::LocalSource => {
                "You cannot read this source, and no other rebuilder can check it. You have only the word of those who reach it."
            }
            Self::ImageSubstituted => {
                "Tools of another image are other tools. If the code is the same all the same, that is good evidence; if it is not, \
                 that is evidence of nothing."
            }
            Self::CommitNotOnARef => {
                "On many hosts anybody can add a commit to a repository by a fork, under the address of the original. The owners \
                 may never have seen this source."
            }
            Self::SourceFromElsewhere => {
                "Nothing shows that the claimed repository ever had this source. An archive is only as good as the manifest that names it."
            }
            Self::LinkDiffersFromSource => {
                "The link is free text. Read the source at the repository and commit that were rebuilt, not where the link leads."
            }
            Self::ClaimFromRpc => {
                "The answer can change with the contract's state, and a node can make it up. The code itself names no source."
            }
            Self::ClaimDisagrees => {
                "One of the two is wrong, or the contract answers differently from time to time. What the code itself says is what \
                 was checked."
            }
            Self::MutableByOwner => {
                "The owner can replace the code of every account that uses it, without any of them having a say. This answer holds \
                 until then."
            }
            Self::EndpointFromLink => {
                "Whoever made the link chose that endpoint. It cannot confirm anything here, only object, and it learned what you \
                 look at."
            }
            Self::SingleEndpoint => {
                "An endpoint that lies can show you harmless code while the account runs other code. Two that do not belong \
                 together rarely tell the same lie."
            }
            Self::UnlistedImage => {
                "The tools in an image turn source into code. A stranger's tools can add what the source does not contain, and \
                 everyone who uses them gets the same result."
            }
            Self::SourceHostPunycode => {
                "Letters of other alphabets can look like those you know. Check that this is the host you think it is."
            }
            Self::AccessKeysUnlisted => {
                "A full-access key can replace the code at any time. Here nobody knows whether there is one."
            }
            Self::OldBlock => {
                "A transaction that you sign now runs the code of now. Look the account up without a block before you sign."
            }
            Self::StoreUnreachable => {
                "The answer rests on the stores that did answer. A rebuild that gave different code may be in the one that did not."
            }
            Self::StoreCut | Self::ManifestsCut => {
                "Anybody can fill a store or a file with lines. The one that would change the answer may be among those left out."
            }
            Self::Unknown | Self::UnknownMore => {
                "The rebuilder saw something unusual that this version has no words for. A newer version may weigh it."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_sentence_or_two_of_plain_text() {
        for code in NoticeCode::ALL {
            let why = code.why();
            assert!(why.ends_with('.') && !why.contains(['`', '\n']) && !why.contains("  "), "{}: {why}", code.code());
            assert!(why.matches(". ").count() < 2, "{}: {why}", code.code());
        }
    }
}
