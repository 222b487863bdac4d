//! Every code with the sentences that the code itself has for it. A code that is added does not compile here until it has a sample.

use provenear_shared::deployment::{LookCode, LookError};
use provenear_shared::embedded::{Computed, SandboxUnavailable};
use provenear_shared::gap::{GapCode, RecipeGap};
use provenear_shared::manifest::Rejection;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::notice::{Doubt, Notice, NoticeCode};
use provenear_shared::report::{ErrorCode, FailureCode};
use provenear_shared::text::capitalize;
use provenear_shared::wasm::{Feature, Module, Oddity};

/// What is said of one code.
pub(crate) struct Entry {
    pub(crate) code: &'static str,
    /// What a reader is told, one sentence for each way in which it can come about.
    pub(crate) says: Vec<String>,
    /// What else is to know, each with its name.
    pub(crate) facts: Vec<(&'static str, String)>,
}

/// All entries of one kind.
type All = fn() -> Vec<Entry>;

/// The sections, by title.
pub(crate) const KINDS: [(&str, All); 5] = [
    ("Notices", notices),
    ("Gaps", gaps),
    ("Could not check", looks),
    ("The helper could not do it", failures),
    ("Rejected lines", rejections),
];

fn sentence(text: impl ToString) -> String {
    format!("{}.", capitalize(text.to_string()))
}

fn notices() -> Vec<Entry> {
    let entry = |code: &NoticeCode| {
        let notice = notice(*code);
        assert_eq!(notice.code(), *code);
        let weight = match notice.doubt() {
            Some(Doubt::CustomBuild) => {
                "A doubt, which `--accept-custom-build` or \"Accepted builds\" in the page's settings accepts."
            }
            Some(Doubt::LocalSource) => "A doubt, which `--allow-local-source` accepts.",
            Some(Doubt::Unvouched) => "A doubt: with it, a rebuild does not count for `reproduced`.",
            None => "It changes no verdict.",
        };
        let facts = vec![("Why it matters.", code.why().to_owned()), ("Weight.", weight.to_owned())];
        // Of the image that NEAR publishes itself something else is said.
        let digest = "sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234".to_owned();
        let other = (*code == NoticeCode::UnlistedImage).then(|| sentence(Notice::UnlistedImage(Some(digest))));
        Entry { code: code.code(), says: [sentence(notice)].into_iter().chain(other).collect(), facts }
    };
    NoticeCode::ALL.iter().map(entry).collect()
}

fn notice(code: NoticeCode) -> Notice {
    let text = str::to_owned;
    match code {
        NoticeCode::CustomBuildCommand => Notice::CustomBuildCommand,
        NoticeCode::RustcWrapper => Notice::RustcWrapper,
        NoticeCode::CargoAlias => Notice::CargoAlias,
        NoticeCode::SourcesReplaced => Notice::SourcesReplaced,
        NoticeCode::PathOverrides => Notice::PathOverrides,
        NoticeCode::ConfigInclude => Notice::ConfigInclude,
        NoticeCode::EnvNamesPrograms => Notice::EnvNamesPrograms,
        NoticeCode::ToolchainPath => Notice::ToolchainPath,
        NoticeCode::BuildOutputInTree => Notice::BuildOutputInTree,
        NoticeCode::SecretInCommand => Notice::SecretInCommand(text("API_KEY")),
        NoticeCode::PrebuiltWasmInTree => Notice::PrebuiltWasmInTree,
        NoticeCode::ToolchainNotPinned => Notice::ToolchainNotPinned,
        NoticeCode::BuildReadsGit => Notice::BuildReadsGit,
        NoticeCode::CheckoutAttributes => Notice::CheckoutAttributes,
        NoticeCode::SymlinksInTree => Notice::SymlinksInTree,
        NoticeCode::SubmodulesInTree => Notice::SubmodulesInTree,
        NoticeCode::NetworkFull => Notice::NetworkFull,
        NoticeCode::NetworkNotFenced => Notice::NetworkNotFenced,
        NoticeCode::NetworkNotStated => Notice::NetworkNotStated,
        NoticeCode::FencesNotHeld => Notice::FencesNotHeld(vec![text("pids"), text("seccomp")]),
        NoticeCode::BuilderVersion1 => Notice::BuilderVersion1,
        NoticeCode::LocalSource => Notice::LocalSource(text("192.168.1.2")),
        NoticeCode::ImageSubstituted => Notice::ImageSubstituted,
        NoticeCode::CommitNotOnARef => Notice::CommitNotOnARef,
        NoticeCode::SourceFromElsewhere => Notice::SourceFromElsewhere,
        NoticeCode::LinkDiffersFromSource => Notice::LinkDiffersFromSource(text("https://example.com")),
        NoticeCode::ClaimFromRpc => Notice::ClaimFromRpc(vec![text("storage_read")]),
        NoticeCode::ClaimDisagrees => Notice::ClaimDisagrees,
        NoticeCode::MutableByOwner => Notice::MutableByOwner(text("owner.near")),
        NoticeCode::EndpointFromLink => Notice::EndpointFromLink(text("rpc.example.com")),
        NoticeCode::SingleEndpoint => Notice::SingleEndpoint,
        NoticeCode::UnlistedImage => Notice::UnlistedImage(None),
        NoticeCode::SourceHostPunycode => Notice::SourceHostPunycode(text("xn--gthub-cta.com")),
        NoticeCode::AccessKeysUnlisted => Notice::AccessKeysUnlisted(text("`rpc.example.com` did not answer in time")),
        NoticeCode::OldBlock => Notice::OldBlock(3 * 86_400),
        NoticeCode::StoreUnreachable => Notice::StoreUnreachable(text("https://store.example.com/manifests")),
        NoticeCode::StoreCut => Notice::StoreCut(text("https://store.example.com/manifests")),
        NoticeCode::ManifestsCut => Notice::ManifestsCut,
        NoticeCode::Unknown => Notice::Unknown(text("a-later-notice")),
        NoticeCode::UnknownMore => Notice::UnknownMore(3),
    }
}

fn gaps() -> Vec<Entry> {
    let entry = |code: &GapCode| {
        let gap = gap(*code);
        assert_eq!(gap.code(), *code);
        let facts = vec![("Why it matters.", code.why().to_owned())];
        Entry { code: code.code(), says: vec![sentence(gap)], facts }
    };
    GapCode::ALL.iter().map(entry).collect()
}

fn gap(code: GapCode) -> RecipeGap {
    let text = str::to_owned;
    let malformed = || ContractSourceMetadata::parse(b"[]").unwrap_err().to_string();
    match code {
        GapCode::NotRunnable => RecipeGap::NotRunnable(Oddity::BeyondFeatures { feature: Feature::Simd }),
        GapCode::NotRunHere => RecipeGap::NotRunHere(format!("`contract_source_metadata` {}", Computed::Floats)),
        GapCode::MetadataMissing => RecipeGap::MetadataMissing,
        GapCode::MetadataMalformed => RecipeGap::MetadataMalformed(malformed()),
        GapCode::BuildInfoMissing => RecipeGap::BuildInfoMissing,
        GapCode::SourceMissing => RecipeGap::SourceMissing,
        GapCode::SourceNotGit => RecipeGap::SourceNotGit(text("https://example.com/app.tar.gz")),
        GapCode::SourceIpfs => RecipeGap::SourceIpfs(text("ipfs://bafy…")),
        GapCode::SourceNeedsSsh => RecipeGap::SourceNeedsSsh(text("git+ssh://git@example.com/app")),
        GapCode::SourceRevisionMissing => RecipeGap::SourceRevisionMissing,
        GapCode::SourceRevisionNotACommit => RecipeGap::SourceRevisionNotACommit(text("main")),
        GapCode::SourceRevisionConflict => RecipeGap::SourceRevisionConflict(text("3499a2a…"), text("d76a825…")),
        GapCode::SourceCredentials => RecipeGap::SourceCredentials,
        GapCode::ImageMissing => RecipeGap::ImageMissing,
        GapCode::ImageNotPinned => RecipeGap::ImageNotPinned(text("sourcescan/cargo-near:0.22.0-rust-1.97.1")),
        GapCode::ImageMalformed => RecipeGap::ImageMalformed(text("cargo near")),
        GapCode::BuildCommandMissing => RecipeGap::BuildCommandMissing,
        GapCode::ContractPathEscapes => RecipeGap::ContractPathEscapes(text("../other")),
        GapCode::OutputPathOutsideMount => RecipeGap::OutputPathOutsideMount(text("/tmp/app.wasm")),
    }
}

fn looks() -> Vec<Entry> {
    let entry = |code: &LookCode| {
        let errors = look(*code);
        assert!(!errors.is_empty() && errors.iter().all(|error| error.code() == *code), "{code:?}");
        Entry { code: code.code(), says: errors.iter().map(sentence).collect(), facts: Vec::new() }
    };
    LookCode::ALL.iter().map(entry).collect()
}

fn look(code: LookCode) -> Vec<LookError> {
    let (host, other, block) =
        (|| "rpc.example.com".to_owned(), || "node.example.org".to_owned(), || "120000000".to_owned());
    let (hash, account) = (|| "8JK2…fqP".to_owned(), || "app.near".to_owned());
    match code {
        LookCode::UnknownAccount => vec![LookError::UnknownAccount { account: account(), block: block() }],
        LookCode::UnknownBlock => vec![LookError::UnknownBlock { host: host(), block: block() }],
        LookCode::BlockGarbageCollected => {
            vec![LookError::BlockGarbageCollected { host: host(), block: block(), archival: None }]
        }
        LookCode::BlockStale => vec![LookError::BlockStale { host: host(), seconds: 600 }],
        LookCode::NetworkMismatch => {
            vec![LookError::NetworkMismatch {
                host: host(),
                found: "testnet".to_owned(),
                expected: "mainnet".to_owned(),
            }]
        }
        LookCode::RpcUnreachable => vec![
            LookError::RpcUnreachable { host: host(), reason: "connection refused".to_owned() },
            LookError::NoEndpoint("my-chain".to_owned()),
            LookError::TooFewHosts { quorum: 2, hosts: 1 },
        ],
        LookCode::RpcTimeout => vec![LookError::RpcTimeout { host: host() }],
        LookCode::RpcRateLimited => vec![LookError::RpcRateLimited { host: host(), retry_after: Some(30) }],
        LookCode::RpcMalformed => vec![LookError::RpcMalformed { host: host(), reason: "not JSON".to_owned() }],
        LookCode::RpcDisagreement => vec![
            LookError::RpcDisagreement { one: host(), other: other(), about: "what is at height 120000000".to_owned() },
            LookError::RpcOddOneOut { host: host(), about: "what is at height 120000000".to_owned() },
        ],
        LookCode::CodeHashMismatch => {
            vec![LookError::CodeHashMismatch { host: host(), found: "4Vtt…aoF".to_owned(), expected: hash() }]
        }
        LookCode::UnknownCode => vec![LookError::UnknownCode(hash())],
        LookCode::SandboxUnavailable => {
            vec![SandboxUnavailable("the browser did not take the question".to_owned()).into()]
        }
        LookCode::ModuleMalformed => vec![LookError::ModuleMalformed(Module::parse(b"x").unwrap_err().to_string())],
    }
}

/// What a code of the helper means is written beside it; its sentences tell more of the case.
fn failures() -> Vec<Entry> {
    let source = include_str!("../../../shared/src/report/error.rs");
    let entry = |code: &FailureCode| {
        let (before, _) = source.split_once(&format!("= \"{}\",", code.code())).unwrap();
        let mut above = before.lines().rev().skip(1).map(str::trim_start);
        let comment = above.next().and_then(|line| line.strip_prefix("/// ")).expect("its meaning stands above it");
        assert!(!above.next().unwrap().starts_with("///"), "`{}`: one line is read", code.code());
        let exit = ErrorCode::from(*code).exit_code();
        Entry { code: code.code(), says: vec![comment.to_owned()], facts: vec![("Exit code.", format!("{exit}"))] }
    };
    FailureCode::ALL.iter().map(entry).collect()
}

fn rejections() -> Vec<Entry> {
    let entry = |code: &Rejection| Entry { code: code.code(), says: vec![sentence(code)], facts: Vec::new() };
    Rejection::ALL.iter().map(entry).collect()
}
