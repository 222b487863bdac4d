//! A claim that can be rebuilt, or the full list of reasons why it cannot.
//! Not here: reading the claim (`nep330`), running it (`helper`).

use crate::customary;
pub use crate::gap::RecipeGap;
use crate::image::ImageRef;
use crate::nep330::{BuildInfo, ContractSourceMetadata};
use crate::source::SourceSnapshot;

/// Where the source stands inside the container (NEP-330).
pub const SOURCE_MOUNT: &str = "/home/near/code";

/// Everything that a rebuild needs. Made only by [`Recipe::from_metadata`], so each part is usable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    source: SourceSnapshot,
    image: ImageRef,
    contract_path: String,
    build_command: Vec<String>,
    output_wasm_path: Option<String>,
    claimed: Claimed,
}

/// The six strings of a claim that decide the bytes, exactly as claimed: a SLSA `externalParameters` without `origin`.
/// `None` is "absent or null", which is not the same as an empty string.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claimed {
    /// `build_info.build_environment`.
    pub build_environment: Option<String>,
    /// `build_info.build_command`.
    pub build_command: Option<Vec<String>>,
    /// `build_info.contract_path`.
    pub contract_path: Option<String>,
    /// `build_info.source_code_snapshot`.
    pub source_code_snapshot: Option<String>,
    /// `build_info.output_wasm_path`.
    pub output_wasm_path: Option<String>,
    /// `link`, which the build gets as `NEP330_LINK`.
    pub link: Option<String>,
}

impl Recipe {
    /// Turns a claim into something usable.
    ///
    /// # Errors
    /// Every gap, because the author has to fix all of them.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::nep330::ContractSourceMetadata;
    /// use provenear_shared::recipe::Recipe;
    ///
    /// let claim = br#"{ "build_info": {
    ///     "source_code_snapshot": "git+https://github.com/near/mpc?branch=main",
    ///     "build_environment": "sourcescan/cargo-near:latest"
    /// } }"#;
    /// let gaps = Recipe::from_metadata(&ContractSourceMetadata::parse(claim).unwrap()).unwrap_err();
    /// let codes: Vec<&str> = gaps.iter().map(|gap| gap.code().code()).collect();
    /// assert_eq!(codes, ["source-revision-not-a-commit", "image-not-pinned", "build-command-missing"]);
    /// ```
    pub fn from_metadata(metadata: &ContractSourceMetadata) -> Result<Self, Vec<RecipeGap>> {
        let info = metadata.build_info.as_ref().ok_or_else(|| vec![RecipeGap::BuildInfoMissing])?;
        let mut gaps = Vec::new();
        let source = SourceSnapshot::parse(info.source_code_snapshot.as_deref().unwrap_or_default());
        let image = ImageRef::parse(info.build_environment.as_deref().unwrap_or_default());
        let build_command = usable_command(info);
        let contract_path = info.contract_path.clone().unwrap_or_default();
        let output_wasm_path = info.output_wasm_path.clone().filter(|path| !path.is_empty());

        if !stays_inside(&contract_path) {
            gaps.push(RecipeGap::ContractPathEscapes(contract_path.clone()));
        }
        // A build gets it in its environment, where no such text can stand.
        if metadata.link.as_ref().is_some_and(|link| link.contains('\0')) {
            gaps.push(RecipeGap::MetadataMalformed("`link` holds a NUL character".to_owned()));
        }
        if let Some(path) = output_wasm_path.as_ref().filter(|path| !is_below_mount(path)) {
            gaps.push(RecipeGap::OutputPathOutsideMount(path.clone()));
        }
        match (source, image, build_command) {
            (Ok(source), Ok(image), Ok(build_command)) if gaps.is_empty() => Ok(Self {
                source,
                image,
                contract_path,
                build_command,
                output_wasm_path,
                claimed: Claimed::of(metadata, info),
            }),
            (source, image, build_command) => {
                // The order in which an author meets them in the metadata.
                let mut all = source.err().unwrap_or_default();
                all.extend(image.err());
                all.extend(build_command.err());
                all.append(&mut gaps);
                Err(all)
            }
        }
    }

    /// The commit to fetch.
    pub fn source(&self) -> &SourceSnapshot {
        &self.source
    }

    /// The image to run.
    pub fn image(&self) -> &ImageRef {
        &self.image
    }

    /// Folder of the contract inside the source, `""` for its root; relative, without `..`.
    pub fn contract_path(&self) -> &str {
        &self.contract_path
    }

    /// The argv, at least one non-empty word, no NUL.
    pub fn build_command(&self) -> &[String] {
        &self.build_command
    }

    /// Absolute path below [`SOURCE_MOUNT`], without `..`, where the claim gives one.
    pub fn output_wasm_path(&self) -> Option<&str> {
        self.output_wasm_path.as_deref()
    }

    /// The six strings as claimed.
    pub fn claimed(&self) -> &Claimed {
        &self.claimed
    }

    /// Whether the command is the one that cargo-near runs, with nothing that makes other programs or another package run.
    pub fn is_customary_command(&self) -> bool {
        customary::is_customary(&self.build_command)
    }
}

impl Claimed {
    fn of(metadata: &ContractSourceMetadata, info: &BuildInfo) -> Self {
        Self {
            build_environment: info.build_environment.clone(),
            build_command: info.build_command.clone(),
            contract_path: info.contract_path.clone(),
            source_code_snapshot: info.source_code_snapshot.clone(),
            output_wasm_path: info.output_wasm_path.clone(),
            link: metadata.link.clone(),
        }
    }
}

fn usable_command(info: &BuildInfo) -> Result<Vec<String>, RecipeGap> {
    match &info.build_command {
        Some(words)
            if words.first().is_some_and(|word| !word.is_empty()) && !words.iter().any(|word| word.contains('\0')) =>
        {
            Ok(words.clone())
        }
        Some(_) | None => Err(RecipeGap::BuildCommandMissing),
    }
}

fn stays_inside(path: &str) -> bool {
    !path.starts_with('/') && !path.contains(['\\', '\0']) && path.split('/').all(|part| part != "..")
}

fn is_below_mount(path: &str) -> bool {
    path.strip_prefix(SOURCE_MOUNT)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|rest| !rest.is_empty() && stays_inside(rest))
}
