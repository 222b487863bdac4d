//! Trees on disk: which packages are meant, and what they say.

use super::*;

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

const CONTRACT: &str = "[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nnear-sdk = \"5\"\n";

fn names(folder: &Path, named: &[&str]) -> Result<Vec<String>, String> {
    let named: Vec<String> = named.iter().map(|it| (*it).to_owned()).collect();
    let packages = packages(folder, &named).map_err(|error| format!("{error:#}"))?;
    Ok(packages.into_iter().map(|package| package.name).collect())
}

#[test]
fn of_a_workspace_the_contracts_are_meant() {
    let package = |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\n{rest}");
    let folder = tree(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"contracts/*\", \"./lib/\"]\nexclude = [\"contracts/old\"]\n"),
        ("contracts/token/Cargo.toml", &package("token", CONTRACT)),
        (
            "contracts/vault/Cargo.toml",
            &package(
                "vault",
                "[lib]\ncrate-type = [\"rlib\", \"cdylib\"]\n[target.'cfg(near)'.dependencies]\nsdk = { package = \"near-sdk\", version = \"5\" }\n",
            ),
        ),
        ("contracts/old/Cargo.toml", &package("old", CONTRACT)),
        ("contracts/notes/README.md", "not a package"),
        ("lib/Cargo.toml", &package("lib", "[dependencies]\nnear-sdk = \"5\"\n")),
    ]);
    assert_eq!(names(folder.path(), &[]).unwrap(), ["token", "vault"]);
    // By its name, anything can be meant.
    assert_eq!(names(folder.path(), &["lib"]).unwrap(), ["lib"]);
    assert!(names(folder.path(), &["none"]).unwrap_err().contains("there are: token, vault, lib"));
    assert_eq!(names(&folder.path().join("lib"), &[]).unwrap(), ["lib"]);
    assert!(names(&folder.path().join("contracts"), &[]).unwrap_err().contains("neither a `Cargo.toml` nor"));
}

#[test]
fn a_member_that_is_not_there_is_said() {
    let folder = tree(&[("Cargo.toml", "[workspace]\nmembers = [\"gone\"]\n")]);
    assert!(names(folder.path(), &[]).unwrap_err().contains("the member `gone` of the workspace is not there"));
}

#[test]
fn a_repository_can_be_the_workspaces() {
    let folder = tree(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nrepository = \"https://h.example/r\"\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\nrepository.workspace = true\n"),
    ]);
    for place in [folder.path().to_path_buf(), folder.path().join("a")] {
        let package = packages(&place, &[]).unwrap().remove(0);
        assert_eq!(package.repository(), Some("https://h.example/r"), "{}", place.display());
    }
}

#[test]
fn a_package_belongs_to_the_workspace_that_cargo_finds() {
    let root = |url: &str| format!("[workspace]\nexclude = [\"a\"]\n[workspace.package]\nrepository = \"{url}\"\n");
    let member = |rest: &str| format!("[package]\nname = \"a\"\nrepository.workspace = true\n{rest}");
    for (manifest, repository) in [
        (member(""), None),
        (member("workspace = \"../w\"\n"), Some("https://h.example/w")),
        (member("[workspace.package]\nrepository = \"https://h.example/a\"\n"), Some("https://h.example/a")),
    ] {
        let (above, beside) = (root("https://h.example/r"), root("https://h.example/w"));
        let folder =
            tree(&[("Cargo.toml", &above), ("w/Cargo.toml", &beside), ("a/Cargo.toml", &manifest), ("a/b/x", "")]);
        let package = packages(&folder.path().join("a"), &[]).unwrap().remove(0);
        assert_eq!(package.repository(), repository, "{manifest}");
    }
}

/// near-sdk is told by a feature that it is used outside of contracts, by the package or by its workspace.
#[test]
fn what_only_talks_to_contracts_is_none() {
    let member = |name: &str, sdk: &str| {
        format!("[package]\nname = \"{name}\"\n[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nnear-sdk = {sdk}\n")
    };
    let shared = "[workspace]\nmembers = [\"*\"]\n[workspace.dependencies]\nnear-sdk = \"5\"\n";
    let folder = tree(&[
        ("Cargo.toml", shared),
        ("app/Cargo.toml", &member("app", "{ workspace = true }")),
        ("fuzz/Cargo.toml", &member("fuzz", "{ workspace = true, features = [\"non-contract-usage\"] }")),
        ("client/Cargo.toml", &member("client", "{ version = \"5\", features = [\"non-contract-usage\"] }")),
    ]);
    let names: Vec<String> = packages(folder.path(), &[]).unwrap().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["app"]);
}

#[test]
fn a_claim_is_of_a_build_that_is_declared() {
    let section = "[package.metadata.near.reproducible_build]\nimage = \"i:1\"\nimage_digest = \"sha256:1\"\n\
                   passed_env = [\"A\"]\ncontainer_build_command = [\"cargo\", \"near\"]\n\
                   [package.metadata.near.reproducible_build.variant.big]\ncontainer_build_command = [\"make\"]\n";
    let all = declared(Language::Rust, &parse(section.as_bytes()).unwrap());
    assert_eq!(all.iter().map(|it| it.variant.as_deref()).collect::<Vec<_>>(), [None, Some("big")]);
    let is_claimed = |environment: &str, command: &str| {
        let words: Vec<String> = command.split(' ').map(ToOwned::to_owned).collect();
        all.iter().any(|it| it.is_claimed_by(Some(environment), &words))
    };
    assert!(is_claimed("i:1@sha256:1", "cargo near"));
    assert!(is_claimed("i:1@sha256:1", "cargo near --env A=1"));
    assert!(is_claimed("i:1@sha256:1", "make"));
    for other in ["cargo near --env B=1", "cargo near --env", "cargo near --features A=1", "cargo", "cargo near A"] {
        assert!(!is_claimed("i:1@sha256:1", other), "{other}");
    }
    assert!(!is_claimed("i:1@sha256:2", "cargo near") && !all[0].is_claimed_by(None, &["cargo".to_owned()]));
    assert_eq!(
        declared(Language::Rust, &parse(b"[package.metadata.near.reproducible_build]\nimage = \"i\"").unwrap()),
        []
    );
}

#[test]
fn accounts_are_read_or_refused_as_a_whole() {
    let read = |table: &str| {
        let folder = tree(&[("Cargo.toml", &format!("[package]\nname = \"a\"\n{table}"))]);
        let package = packages(folder.path(), &[]).unwrap().remove(0);
        deployed(&package).map_err(|error| error.to_string())
    };
    let table = "[package.metadata.provenear]\nrebuilders = [\"https://r.example/manifests/\"]\n\
                 [package.metadata.provenear.accounts]\nmainnet = [\"app.near\"]\ntestnet = [\"app.testnet\"]\n";
    let deployed = read(table).unwrap();
    let accounts: Vec<_> = deployed.accounts.iter().map(|(network, it)| (network.chain_id(), it.as_str())).collect();
    assert_eq!(accounts, [("mainnet", "app.near"), ("testnet", "app.testnet")]);
    assert_eq!(read("").unwrap(), Deployed::default());
    for (table, said) in [
        ("acounts.mainnet = [\"app.near\"]", "`acounts` is not known"),
        ("accounts = [\"app.near\"]", "a list for each network"),
        ("accounts.mainnet = \"app.near\"", "`accounts.mainnet` is not a list"),
        ("accounts.mainnet = [\"Not One\"]", "`Not One` is not an account id"),
        ("accounts.mainnet = [1]", "is not an account id"),
        ("accounts.\"a b\" = []", "`a b` is not a chain id"),
        ("rebuilders = [\"http://r.example/\"]", "a rebuilder is a public key"),
        ("rebuilders = [\"https://me:secret@r.example/\"]", "a rebuilder is a public key"),
    ] {
        let why = read(&format!("[package.metadata.provenear]\n{table}\n")).unwrap_err();
        assert!(why.contains(said) && why.contains("[package.metadata.provenear]"), "{table}: {why}");
    }
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    let folder = tree(&[("Cargo.toml", "[package]\nname = \"a\"\n[[\n")]);
    let why = format!("{:#}", packages(folder.path(), &[]).unwrap_err());
    assert!(why.contains("Cargo.toml` cannot be read: this is not TOML: line 3: "), "{why}");
}
