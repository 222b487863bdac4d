//! Many accounts that share a few recipes, each a repository of two files and a command that takes a moment: what is spread over
//! machines. Whoever runs an account's recipe gets the account's code.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use tempfile::TempDir;

use crate::devnet::Devnet;
use crate::fixtures;
use crate::git_server::GitServer;
use crate::saying::saying;

/// What stands for a commit until there is one; the code of a contract names its own.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// A chain, the repositories, and the list of accounts; all end with this.
pub struct TinyRecipes {
    /// Where the chain is.
    pub devnet: Devnet,
    folder: TempDir,
    git: GitServer,
}

/// How many of what.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Accounts.
    pub subjects: usize,
    /// Recipes among them.
    pub recipes: usize,
    /// What each build takes at least.
    pub seconds: usize,
}

impl TinyRecipes {
    /// Deploys them, to be built in `image`.
    ///
    /// # Errors
    /// When git fails or no port is free.
    pub fn start(image: &str, size: Size) -> Result<TinyRecipes> {
        let folder = tempfile::tempdir().context("failed to make a temporary folder")?;
        let repositories = folder.path().join("git");
        std::fs::create_dir(&repositories)?;
        let git = GitServer::start(&repositories, 0)?;
        let all = TinyRecipes { devnet: Devnet::start()?, folder, git };
        let codes: Vec<Vec<u8>> =
            (0..size.recipes).map(|number| all.code(image, number, size.seconds)).collect::<Result<_>>()?;
        let mut list = String::from("# what is watched\n");
        for (number, code) in codes.iter().cycle().take(size.subjects).enumerate() {
            let account = format!("app{number}.devnet");
            all.devnet.deploy(&account, code.clone());
            list += &format!("{account}\n");
        }
        std::fs::write(all.list(), list)?;
        Ok(all)
    }

    /// The file with the accounts.
    pub fn list(&self) -> PathBuf {
        self.folder.path().join("accounts.txt")
    }

    /// What a look-up of them has to be told.
    pub fn options(&self) -> Vec<String> {
        ["--network", "devnet-test", "--allow-local-source", "--accept-custom-build", "--rpc", &self.devnet.url()]
            .map(ToOwned::to_owned)
            .to_vec()
    }

    /// Makes the repository of a recipe, and gives the code that comes of it.
    fn code(&self, image: &str, number: usize, seconds: usize) -> Result<Vec<u8>> {
        let name = format!("recipe{number}");
        let command = format!(
            "sleep {seconds}; mkdir out; {{ cat head; printf %s \"${{NEP330_BUILD_INFO_SOURCE_CODE_SNAPSHOT##*rev=}}\"; cat tail; }} > out/a.wasm"
        );
        let code = |commit: &str| {
            let claim = json!({"version": "1.0.0", "link": null, "standards": [], "build_info": {
                "build_environment": image,
                "source_code_snapshot": format!("git+{}/{name}.git?rev={commit}", self.git.url()),
                "contract_path": "", "build_command": ["sh", "-c", command],
                "output_wasm_path": "/home/near/code/out/a.wasm"}});
            saying(&claim.to_string(), "")
        };
        let unborn = code(NO_COMMIT);
        let at = unborn.windows(NO_COMMIT.len()).position(|part| part == NO_COMMIT.as_bytes());
        let at = at.context("the code names its commit")?;
        let tree = self.folder.path().join(&name);
        std::fs::create_dir(&tree)?;
        std::fs::write(tree.join("head"), &unborn[..at])?;
        std::fs::write(tree.join("tail"), &unborn[at + NO_COMMIT.len()..])?;
        Ok(code(&fixtures::commit(&name, &tree, &self.repositories())?.commit))
    }

    fn repositories(&self) -> PathBuf {
        self.folder.path().join("git")
    }
}

/// Every file below `folder`, by its path in it and in order.
///
/// # Errors
/// When one cannot be read.
pub fn files_below(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).with_context(|| format!("failed to read `{}`", at.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                files.push((name, std::fs::read(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}
