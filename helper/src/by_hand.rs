//! The same rebuild as a shell script for a person: to copy, read and run without Provenear.

use provenear_shared::recipe::{Recipe, SOURCE_MOUNT};

use crate::args::NetworkAccess;
use crate::build::{self, Options};
use crate::checkout::Origin;
use crate::engine::argv::{self, Create, Inside};
use crate::engine::{Image, Kind, Owner};
use crate::failure::{Code, Failure};
use crate::locate;

/// The container's name.
const NAME: &str = "provenear-by-hand";

/// The script. Needs git, tar, a shell and the engine.
///
/// # Errors
/// [`Code::Usage`] for an engine that is none.
pub fn script(recipe: &Recipe, options: &Options, engine: Option<&str>) -> anyhow::Result<String> {
    let candidates = argv::candidates(engine)?;
    let (kind, prefix) = candidates.first().ok_or_else(|| Failure::new(Code::Usage, "no engine is named"))?;
    let reference = options.image.clone().unwrap_or_else(|| recipe.image().reference());
    let image = Image::named(*kind, &reference);
    let user = image.user();
    let run = |words: &[String]| {
        shell_words::join(prefix.0.iter().map(|w| w.to_string_lossy().into_owned()).chain(words.iter().cloned()))
    };
    let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let (group_user, group) = image.user_ids();
    let access = options.network_access;
    let contract = locate::normal(recipe.contract_path());
    let mut lines = vec!["set -eu".to_owned(), String::new(), "# the source, submodules included".to_owned()];
    let url = match &options.origin {
        Origin::Claimed => recipe.source().url().to_owned(),
        Origin::Url(url) => url.as_str().to_owned(),
        Origin::Directory(folder) => folder.display().to_string(),
    };
    let commit = recipe.source().commit();
    // Only what the commit decides goes into the container's `.git`, as in a rebuild of ours.
    lines.push("git init --quiet code".to_owned());
    lines.push(shell_words::join(["git", "-C", "code", "remote", "add", "origin", &url]));
    lines.push(shell_words::join([
        "git",
        "-C",
        "code",
        "fetch",
        "--quiet",
        "--no-tags",
        "--depth=1",
        "origin",
        commit,
    ]));
    lines.push(shell_words::join(["git", "-C", "code", "checkout", "--quiet", "--detach", commit]));
    lines.push("git -C code submodule update --init --recursive".to_owned());
    lines.push("git -C code remote remove origin".to_owned());
    lines.extend([String::new(), "# the image, and a container behind fences".to_owned()]);
    if reference.contains('@') {
        lines.push(run(&list(&["pull", "--platform", "linux/amd64", &image.run])));
    }
    let owner = Owner::ourselves();
    let create = Create {
        name: NAME,
        run: "by-hand",
        owner: &owner,
        image: &image,
        network: access != NetworkAccess::None,
        limits: &options.limits,
        without: &[],
    };
    lines.push(run(&without_labels(argv::create(*kind, &create))));
    lines.push("mkdir -p skeleton/home/near/code".to_owned());
    lines.push(format!(
        "tar -c -C skeleton --owner={group_user} --group={group} --numeric-owner home/near | {}",
        run(&list(&["container", "cp", "-", &format!("{NAME}:/")]))
    ));
    lines.push(run(&list(&["container", "start", NAME])));
    let inside = Inside { workdir: "/", env: &[], passed: &[], stdin: true, user: &user };
    let unpack = list(&["/bin/tar", "-x", "--no-same-owner", "-f", "-", "-C", SOURCE_MOUNT]);
    lines.push(format!("tar -c -C code . | {}", run(&argv::exec(NAME, &inside, &unpack))));
    if access == NetworkAccess::Fetch {
        lines.extend([String::new(), "# dependencies with network, the build without".to_owned()]);
        let workdir = build::workdir(&contract);
        let fetch = list(&["cargo", "fetch", "--locked", "--manifest-path", &format!("{workdir}/Cargo.toml")]);
        let inside = Inside { workdir: "/", env: &[], passed: &[], stdin: false, user: &user };
        lines.push(format!(
            "test ! -e {} || {}",
            shell_words::quote(&format!("code/{contract}/Cargo.toml").replace("//", "/")),
            run(&argv::exec(NAME, &inside, &fetch))
        ));
        let network = if *kind == Kind::Docker { "bridge" } else { "podman" };
        lines.push(run(&list(&["network", "disconnect", network, NAME])));
    }
    lines.extend([String::new(), "# the claimed command".to_owned()]);
    let env = build::environment(recipe, access);
    let inside = Inside { workdir: &build::workdir(&contract), env: &env, passed: &[], stdin: false, user: &user };
    lines.push(run(&argv::exec(NAME, &inside, &build::argv(recipe))));
    lines.extend([String::new(), "# what came out".to_owned()]);
    match recipe.output_wasm_path() {
        Some(path) => {
            lines.push(run(&list(&["container", "cp", &format!("{NAME}:{path}"), "rebuilt.wasm"])));
            lines.push("sha256sum rebuilt.wasm".to_owned());
        }
        None => {
            let find = list(&[
                "sh",
                "-c",
                &format!("find {SOURCE_MOUNT} -path '*/target/near/*.wasm' -exec sha256sum {{}} +"),
            ]);
            lines.push(run(&argv::exec(
                NAME,
                &Inside { workdir: "/", env: &[], passed: &[], stdin: false, user: &user },
                &find,
            )));
        }
    }
    lines.push(run(&argv::remove(NAME).map(ToOwned::to_owned)));
    lines.push(String::new());
    Ok(lines.join("\n"))
}

/// The labels are ours: what a person makes by hand is not ours to sweep.
fn without_labels(words: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--label" {
            words.next();
        } else if word != "--pull" {
            kept.push(word);
        } else {
            words.next();
        }
    }
    kept
}
