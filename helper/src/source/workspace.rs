//! The workspace of a contract, read off the manifests (never `cargo metadata`: law 7): where its lock file is, and where
//! the build leaves the wasm, by the claimed path, the convention of NEP-330 1.2, or nearc's.

use std::borrow::Borrow;

use provenear_shared::container::normal;
use provenear_shared::recipe::SOURCE_MOUNT;
use toml::Table;

use super::facts::Facts;
use super::nearc::{Builds, builds};
use super::paths::above;
use crate::failure::{Code, fail};

/// The path below the mount of what `command` makes.
///
/// # Errors
/// [`Code::ArtifactAmbiguous`] when nothing is claimed and neither command nor manifests say it plainly.
pub fn artifact(
    claimed: Option<&str>,
    command: &[String],
    contract_path: &str,
    facts: &Facts,
) -> anyhow::Result<String> {
    if let Some(claimed) = claimed {
        let below = claimed.strip_prefix(SOURCE_MOUNT).unwrap_or(claimed);
        return Ok(normal(below));
    }
    let folder = normal(contract_path);
    let unclear = |why: String| fail(Code::ArtifactAmbiguous, format!("{why}, and no `output_wasm_path` is claimed"));
    match builds(command, &folder, &|path| facts.python.contains(path)) {
        Builds::One { wasm, .. } => return Ok(wasm),
        Builds::Nothing => return unclear(format!("nearc finds no contract in `{folder}`")),
        Builds::Other => {}
    }
    let Some(manifest) = read_manifest(facts, &folder) else {
        return unclear(format!("`{folder}` does not have a readable `Cargo.toml`"));
    };
    let Some(name) = manifest.get("package").and_then(|p| p.get("name")).and_then(|n| n.as_str()) else {
        return unclear(format!("`{folder}/Cargo.toml` does not name a package"));
    };
    if facts.kept.iter().any(|(path, text)| path.contains(".cargo/config") && text.contains("target-dir")) {
        return unclear("the source sets another target folder".to_owned());
    }
    let name = name.replace('-', "_");
    let root = match root(&folder, &|folder: &str| read_manifest(facts, folder)) {
        Ok(root) => root,
        Err(why) => return unclear(why),
    };
    let below = |path: String| if root.is_empty() { path } else { format!("{root}/{path}") };
    Ok(if root == folder {
        below(format!("target/near/{name}.wasm"))
    } else {
        below(format!("target/near/{name}/{name}.wasm"))
    })
}

fn read_manifest(facts: &Facts, folder: &str) -> Option<Table> {
    toml::from_str(facts.manifest(folder)?).ok()
}

/// The folder whose lock file cargo obeys for a package, where the manifests say it plainly: no other lock file counts.
pub fn lock_folder(facts: &Facts, contract_path: &str) -> Option<String> {
    root(contract_path, &|folder: &str| read_manifest(facts, folder)).ok()
}

/// The folder of the workspace that a package belongs to, as cargo finds it. `manifest` has the one in a folder: of a commit, of a
/// tree that was read already, or of a disk.
///
/// # Errors
/// Why the manifests do not say it plainly.
pub fn root<T: Borrow<Table>>(package: &str, manifest: &impl Fn(&str) -> Option<T>) -> Result<String, String> {
    let folder = normal(package);
    let Some(own) = manifest(&folder) else {
        return Err(format!("`{folder}` does not have a readable `Cargo.toml`"));
    };
    let own: &Table = own.borrow();
    if own.contains_key("workspace") {
        return Ok(folder);
    }
    let pointed = |from: &str, manifest: &Table| {
        let named = manifest.get("package")?.get("workspace")?.as_str()?.to_owned();
        Some(climb(from, &named).ok_or_else(|| "the workspace is outside of the source".to_owned()))
    };
    if let Some(root) = pointed(&folder, own) {
        return root;
    }
    for above in above(&folder).skip(1) {
        let Some(manifest) = manifest(above) else { continue };
        let manifest: &Table = manifest.borrow();
        if let Some(workspace) = manifest.get("workspace") {
            let rest =
                if above.is_empty() { folder.as_str() } else { folder.get(above.len() + 1..).unwrap_or_default() };
            let lists = |key: &str| {
                let listed = workspace.get(key).and_then(|e| e.as_array()).into_iter().flatten();
                let mut listed = listed.filter_map(|e| e.as_str()).map(normal);
                listed.any(|e| rest == e || rest.starts_with(&format!("{e}/")))
            };
            // One that excludes the package leaves it to those above, and a member by name is not excluded.
            if lists("members") || !lists("exclude") {
                return Ok(above.to_owned());
            }
        } else if let Some(root) = pointed(above, manifest) {
            return root;
        }
    }
    Ok(folder)
}

/// A path that is relative to a folder of the tree; none where it leads out of it.
pub fn climb(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::code_of;

    fn facts(files: &[(&str, &str)]) -> Facts {
        Facts { kept: files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect(), ..Facts::default() }
    }

    #[test]
    fn the_claimed_path_wins() {
        let path = artifact(Some("/home/near/code/target/near/a.wasm"), &[], "x", &Facts::default()).unwrap();
        assert_eq!(path, "target/near/a.wasm");
        assert_eq!(artifact(Some("/home/near/code/./a//b.wasm"), &[], "", &Facts::default()).unwrap(), "a/b.wasm");
    }

    #[test]
    fn the_convention_follows_the_workspace() {
        let package = "[package]\nname = \"my-token\"\n";
        type Files<'a> = &'a [(&'a str, &'a str)];
        let rows: [(Files<'_>, &str, Option<&str>); 11] = [
            (&[("Cargo.toml", package)], "", Some("target/near/my_token.wasm")),
            (&[("c/t/Cargo.toml", package)], "c/t", Some("c/t/target/near/my_token.wasm")),
            (
                &[("Cargo.toml", "[workspace]\nmembers=[\"t\"]"), ("t/Cargo.toml", package)],
                "./t/",
                Some("target/near/my_token/my_token.wasm"),
            ),
            (
                &[("Cargo.toml", "[workspace]\nexclude=[\"t\"]"), ("t/Cargo.toml", package)],
                "t",
                Some("t/target/near/my_token.wasm"),
            ),
            (
                &[("w/Cargo.toml", "[workspace]"), ("t/Cargo.toml", "[package]\nname=\"a\"\nworkspace=\"../w\"")],
                "t",
                Some("w/target/near/a/a.wasm"),
            ),
            (
                &[("Cargo.toml", "[workspace]\nexclude=[\"t\"]\nmembers=[\"t\"]"), ("t/Cargo.toml", package)],
                "t",
                Some("target/near/my_token/my_token.wasm"),
            ),
            (
                &[
                    ("Cargo.toml", "[workspace]"),
                    ("w/Cargo.toml", "[workspace]\nexclude=[\"t\"]"),
                    ("w/t/Cargo.toml", package),
                ],
                "w/t",
                Some("target/near/my_token/my_token.wasm"),
            ),
            (
                &[
                    ("Cargo.toml", "[workspace]"),
                    ("w/Cargo.toml", "[package]\nname=\"a\"\nworkspace=\"../v\""),
                    ("w/t/Cargo.toml", package),
                ],
                "w/t",
                Some("v/target/near/my_token/my_token.wasm"),
            ),
            (&[("Cargo.toml", package), (".cargo/config.toml", "[build]\ntarget-dir=\"x\"")], "", None),
            (&[("Cargo.toml", "[workspace]")], "", None),
            (&[], "t", None),
        ];
        for (files, path, expected) in rows {
            let got = artifact(None, &[], path, &facts(files));
            match expected {
                Some(expected) => assert_eq!(got.unwrap(), expected),
                None => assert_eq!(code_of(&got.unwrap_err()), Code::ArtifactAmbiguous),
            }
        }
    }

    #[test]
    fn nearc_leaves_the_wasm_beside_what_it_builds() {
        let nearc = ["nearc".to_owned()];
        let python = |file: &str| Facts { python: [file.to_owned()].into(), ..Facts::default() };
        assert_eq!(artifact(None, &nearc, "", &python("main.py")).unwrap(), "main.wasm");
        assert_eq!(artifact(None, &nearc, "app", &python("app/main.py")).unwrap(), "app/main.wasm");
        let claimed = artifact(Some("/home/near/code/x.wasm"), &nearc, "", &python("main.py"));
        assert_eq!(claimed.unwrap(), "x.wasm");
        let none = artifact(None, &nearc, "", &python("contract.py"));
        assert_eq!(code_of(&none.unwrap_err()), Code::ArtifactAmbiguous);
    }

    #[test]
    fn one_lock_file_governs_and_a_nearer_one_does_not() {
        let of = |root: &str, path: &str| {
            let package = "[package]\nname = \"a\"";
            lock_folder(&facts(&[("Cargo.toml", root), ("a/c/Cargo.toml", package), ("abc/Cargo.toml", package)]), path)
        };
        assert_eq!(of("[workspace]", "a/c").as_deref(), Some(""));
        assert_eq!(of("[workspace]\nexclude = [\"a\"]", "./a/c/").as_deref(), Some("a/c"));
        assert_eq!(of("[workspace]\nexclude = [\"a\"]", "abc").as_deref(), Some(""));
        assert_eq!(of("[workspace]", "none"), None);
    }
}
