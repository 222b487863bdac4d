//! The same rebuild as a shell script for a person: to copy, read and run without Provenear.

use super::{Create, Fences, Inside, Kind, NetworkAccess, USER, argv, create, environment, exec, remove, workdir};
use crate::recipe::{Recipe, SOURCE_MOUNT};
use crate::text::is_deceptive;

/// The container's name.
const NAME: &str = "provenear-by-hand";
/// Stands for a variable of the script until the words around it are quoted.
const MANIFEST: &str = "MANIFEST";

/// What the script says besides the recipe.
#[derive(Debug, Clone)]
pub struct ScriptOptions {
    /// Which program.
    pub kind: Kind,
    /// The program with its global options.
    pub engine: Vec<String>,
    /// What the engine is told to run.
    pub image: String,
    /// Where git fetches from.
    pub source: String,
    /// How far the command reaches.
    pub access: NetworkAccess,
    /// What the container may use.
    pub fences: Fences,
    /// `uid:gid`.
    pub user: String,
}

impl ScriptOptions {
    /// As the contract claims it, by Docker.
    pub fn from_claim(recipe: &Recipe) -> ScriptOptions {
        let image = recipe.image();
        ScriptOptions {
            kind: Kind::Docker,
            engine: vec![Kind::Docker.as_str().to_owned()],
            image: format!("{}@{}", image.name(), image.digest().to_oci()),
            source: recipe.source().url().to_owned(),
            access: NetworkAccess::Fetch,
            fences: Fences::USUAL,
            user: USER.to_owned(),
        }
    }
}

/// The script. Needs git, tar, a shell and the engine; pasted into a shell, it leaves that shell as it was.
///
/// # Examples
/// ```
/// use provenear_shared::container::{ScriptOptions, compose_script};
/// use provenear_shared::nep330::ContractSourceMetadata;
/// use provenear_shared::recipe::Recipe;
///
/// let claim = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/claim.json"));
/// let recipe = Recipe::from_metadata(&ContractSourceMetadata::parse(claim).unwrap()).unwrap();
/// let script = compose_script(&recipe, &ScriptOptions::from_claim(&recipe));
/// assert!(script.contains("/bin/bash -c 'cargo near build non-reproducible-wasm --locked'"));
/// // The network goes before the claimed command runs.
/// assert!(script.find("network disconnect").unwrap() < script.find("# the claimed command").unwrap());
/// ```
pub fn compose_script(recipe: &Recipe, options: &ScriptOptions) -> String {
    let run = |words: &[String]| join(options.engine.iter().chain(words));
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let inside = |command: &[String]| {
        let plain = Inside { workdir: "/", env: &[], passed: &[], stdin: false, user: &options.user };
        run(&exec(NAME, &plain, command))
    };
    let mut lines = vec!["(".to_owned(), "set -eu".to_owned(), String::new()];

    lines.push("# the source, submodules included".to_owned());
    // Only what the commit decides goes into the container's `.git`, as in a rebuild of ours.
    let commit = recipe.source().commit();
    lines.push("git init --quiet code".to_owned());
    lines.push(join(["git", "-C", "code", "remote", "add", "origin", &options.source]));
    lines.push(join(["git", "-C", "code", "fetch", "--quiet", "--no-tags", "--depth=1", "origin", commit]));
    lines.push(join(["git", "-C", "code", "checkout", "--quiet", "--detach", commit]));
    lines.push("git -C code submodule update --init --recursive".to_owned());
    lines.push("git -C code remote remove origin".to_owned());

    lines.extend([String::new(), "# the image, and a container behind fences".to_owned()]);
    if options.image.contains('@') {
        lines.push(run(&list(&["pull", "--platform", "linux/amd64", &options.image])));
    }
    let network = if options.access == NetworkAccess::None { "none" } else { "bridge" };
    let container = Create {
        name: NAME,
        labels: &[],
        image: &options.image,
        user: &options.user,
        network,
        fences: &options.fences,
        without: &[],
    };
    lines.push(run(&create(options.kind, &container)));
    lines.push(format!("trap {} EXIT", quote(&run(&list(&remove(NAME))))));
    let (user, group) = options.user.split_once(':').unwrap_or((&options.user, &options.user));
    lines.push("mkdir -p skeleton/home/near/code".to_owned());
    lines.push(format!(
        "tar -c -C skeleton --owner={user} --group={group} --numeric-owner home/near | {}",
        run(&list(&["container", "cp", "-", &format!("{NAME}:/")]))
    ));
    lines.push(run(&list(&["container", "start", NAME])));
    let reading = Inside { workdir: "/", env: &[], passed: &[], stdin: true, user: &options.user };
    let unpack = list(&["/bin/tar", "-x", "--no-same-owner", "-f", "-", "-C", SOURCE_MOUNT]);
    lines.push(format!("tar -c -C code . | {}", run(&exec(NAME, &reading, &unpack))));

    if options.access == NetworkAccess::Fetch {
        lines.extend([String::new(), "# dependencies with network, the build without".to_owned()]);
        let fetch = inside(&list(&["cargo", "fetch", "--locked", "--manifest-path", MANIFEST]));
        let fetch = fetch.replace(MANIFEST, &format!("\"{SOURCE_MOUNT}/${{lock%.lock}}.toml\""));
        lines.push("(cd code && find . -name Cargo.lock) | while read -r lock; do".to_owned());
        lines.push(format!("  {fetch} < /dev/null || echo \"not fetched, and perhaps not needed: $lock\" >&2"));
        lines.push("done".to_owned());
        let network = match options.kind {
            Kind::Docker => "bridge",
            Kind::Podman => "podman",
        };
        lines.push(run(&list(&["network", "disconnect", network, NAME])));
    }

    lines.extend([String::new(), "# the claimed command".to_owned()]);
    let env = environment(recipe, options.access);
    let claimed =
        Inside { workdir: &workdir(recipe.contract_path()), env: &env, passed: &[], stdin: false, user: &options.user };
    lines.push(run(&exec(NAME, &claimed, &argv(recipe))));

    lines.extend([String::new(), "# what came out".to_owned()]);
    match recipe.output_wasm_path() {
        Some(path) => {
            lines.push(run(&list(&["container", "cp", &format!("{NAME}:{path}"), "rebuilt.wasm"])));
            lines.push("sha256sum rebuilt.wasm".to_owned());
        }
        None => {
            let find = format!("find {SOURCE_MOUNT} -path '*/target/near/*.wasm' -exec sha256sum {{}} +");
            lines.push(inside(&list(&["sh", "-c", &find])));
        }
    }
    lines.extend([")".to_owned(), String::new()]);
    lines.join("\n")
}

fn join<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> String {
    words.into_iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// One word of a shell. A claim is a stranger's text: what a terminal would obey on its way to the shell, such as the
/// end of a paste, or what nobody would see, is spelled out.
fn quote(word: &str) -> String {
    if !word.chars().any(is_deceptive) {
        return shell_words::quote(word).into_owned();
    }
    let mut quoted = String::from("$'");
    for character in word.chars() {
        match character {
            '\'' | '\\' => quoted.extend(['\\', character]),
            _ if is_deceptive(character) => {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    quoted.push_str(&format!("\\x{byte:02x}"));
                }
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_word_reaches_the_terminal_by_itself() {
        for (word, quoted) in [
            ("plain", "plain"),
            ("a b; $(id)", "'a b; $(id)'"),
            ("it's", r"'it'\''s'"),
            ("\u{1b}[201~\nid\n", r"$'\x1b[201~\x0aid\x0a'"),
            ("a'\\\u{202e}", r"$'a\'\\\xe2\x80\xae'"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }
}
