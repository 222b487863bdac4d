//! What ran is what was accepted: registries that say one thing for the pull and another afterwards, indexes that name an
//! accepted image beside the one that runs, images that share a configuration. The reader accepts one image, by digest.

use std::cell::RefCell;
use std::process::Command;

use provenear_tests::devnet::Devnet;
use provenear_tests::lying_registry::{Held, Layer, LyingRegistry};
use serde_json::Value;

use crate::bench::{Bench, Ended, File, Kind};
use crate::daemon::programs;
use crate::engines::contract;

/// What the evil image's cargo adds to the code: a custom section.
const MARK: &[u8] = b"\0\x02\x01x";
/// A cargo whose index says who wrote it; it puts the commit that it is told where the code has to name it.
const CARGO: &str = r#"#!/bin/sh
index=$HOME/.cargo/registry/index/r
if [ "$1" = fetch ]; then mkdir -p $index; echo index of NAME > $index/who; exit; fi
[ ! -e $index/who ] || cat $index/who
mkdir out
cat head > out/a.wasm
printf %s "${NEP330_BUILD_INFO_SOURCE_CODE_SNAPSHOT##*rev=}" >> out/a.wasm
cat tail >> out/a.wasm
"#;
/// One package, of a registry on this machine that nobody asks.
const LOCK: &str = "version = 3\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry+https://127.0.0.1/elsewhere\"\n\
    checksum = \"aa\"\n";
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// An account, the image that it claims, and a registry that holds both that and others.
pub(crate) struct Town {
    pub(crate) bench: Bench,
    pub(crate) devnet: Devnet,
    code: RefCell<Vec<u8>>,
    registry: LyingRegistry,
    base: Layer,
    honest: Layer,
    evil: Layer,
}

impl Town {
    pub(crate) fn new(kind: Kind) -> Town {
        let (bench, devnet) = (Bench::new(kind), Devnet::start().unwrap());
        let registry = LyingRegistry::start().unwrap();
        let layer = |tar: &[u8]| registry.layer(tar).unwrap();
        let base = layer(programs(&bench.ground));
        let honest = layer(&program(&CARGO.replace("NAME", "honest")));
        let evil = format!("{CARGO}printf '\\000\\002\\001x' >> out/a.wasm\n");
        let evil = layer(&program(&evil.replace("NAME", "evil")));
        Town { bench, devnet, code: RefCell::default(), registry, base, honest, evil }
    }

    /// The image that the reader accepts, and its configuration.
    pub(crate) fn published(&self) -> (Held, Held) {
        let config = self.registry.config(&[&self.base, &self.honest]);
        (self.registry.image(&config, &[&self.base, &self.honest]), config)
    }

    /// An image with this program in the place of cargo, and how an engine is asked for it.
    pub(crate) fn with_cargo(&self, repository: &str, script: &str) -> (Held, String) {
        let layer = self.registry.layer(&program(script)).unwrap();
        let layers = [&self.base, &layer];
        let image = self.registry.image(&self.registry.config(&layers), &layers);
        let reference = self.registry.reference(repository, &image.digest);
        (image, reference)
    }

    /// An image that builds other code, with any configuration.
    fn tampered(&self, config: &Held) -> Held {
        self.registry.image(config, &[&self.base, &self.evil])
    }

    /// Deploys code that claims this image, followed by `mark`, and gives how an engine is asked for the image.
    pub(crate) fn deploy(&self, repository: &str, image: &Held, mark: &[u8]) -> String {
        let reference = self.registry.reference(repository, &image.digest);
        let code = |commit: &str| {
            let mut claim =
                self.bench.claim("r", commit, &["cargo", "near", "build", "non-reproducible-wasm", "--locked"]);
            claim["build_info"]["build_environment"] = reference.clone().into();
            contract(&claim, 0)
        };
        let made = code(NO_COMMIT);
        let at = made.windows(40).position(|part| part == NO_COMMIT.as_bytes()).unwrap();
        // Every image is claimed by a commit of its own.
        let _gone = std::fs::remove_dir_all(self.bench.bare("r"));
        let files = [("head", File::Bytes(&made[..at])), ("tail", File::Bytes(&made[at + 40..]))];
        let commit = self.bench.repository("r", &files);
        self.code.replace(code(&commit));
        self.redeploy(mark);
        reference
    }

    /// Deploys what stands there, with more at its end.
    pub(crate) fn redeploy(&self, mark: &[u8]) {
        let code = self.code.borrow().clone();
        self.devnet.deploy("app.devnet", [&code[..], mark].concat());
    }

    /// A command that answers by what the reader accepts.
    pub(crate) fn command(&self, words: &[&str], accepted: &Held) -> Command {
        let mut command = self.bench.ground.provenear().unwrap();
        command.envs(&self.bench.engine().env).env("PROVENEAR_CACHE", self.bench.path("cache"));
        // Podman asks it whatever it wants to, as it would a registry with a certificate.
        let registries = self.bench.path("registries.conf");
        let trusted = format!("[[registry]]\nlocation = \"127.0.0.1:{}\"\ninsecure = true\n", self.registry.port());
        std::fs::write(&registries, trusted).unwrap();
        command.env("CONTAINERS_REGISTRIES_CONF", registries).env("PROVENEAR_DATA", self.bench.path("data"));
        command.args(words).args(["--json", "--allow-local-source", "--accept-image", &accepted.digest]);
        command.args(["--network", "devnet-test", "--rpc", &self.devnet.url()]);
        command.arg("--engine").arg(&self.bench.engine().command).arg("--out").arg(self.bench.path("out"));
        command
    }

    fn rebuild(&self, accepted: &Held, more: &[&str]) -> Ended {
        Ended::by(self.command(&[&["rebuild", "app.devnet"], more].concat(), accepted))
    }

    /// Asks the engine.
    fn engine(&self, words: &[&str]) -> bool {
        self.bench.engine().command().args(words).output().unwrap().status.success()
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        // Whatever of it the engine holds: a label tells it from everybody else's.
        let filter = format!("label=port={}", self.registry.port());
        let listed = self.bench.engine().command().args(["image", "ls", "--quiet", "--filter", &filter]).output();
        let ids = listed.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
        ids.split_whitespace().for_each(|id| {
            self.engine(&["image", "rm", "--force", id]);
        });
    }
}

/// A layer with one program, `cargo`.
fn program(text: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o755);
    header.set_size(text.len() as u64);
    tar.append_data(&mut header, "bin/cargo", text.as_bytes()).unwrap();
    tar.into_inner().unwrap()
}

fn verdict(ended: &Ended) -> (&str, i32) {
    let code = ended.json.pointer("/verdict/code").and_then(Value::as_str);
    (code.unwrap_or_else(|| panic!("{} {}", ended.json["error"], ended.stderr)), ended.exit)
}

/// It is built, the code matches, and the reader is told that the image is none of theirs.
fn is_not_accepted(ended: &Ended) {
    assert_eq!(verdict(ended), ("reproduced-unvetted", 3), "{}", ended.json["notices"]);
    let notices = ended.json["notices"].as_array().unwrap();
    assert!(notices.iter().any(|notice| notice["code"] == "unlisted-image"), "{notices:?}");
}

fn image_dependencies(ended: &Ended) -> Vec<Value> {
    let statement = ended.statement();
    let all = statement["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap();
    let is_image = |it: &&Value| it["name"].as_str().unwrap().starts_with("image");
    all.iter().filter(is_image).cloned().collect()
}

fn an_accepted_image_is_green_and_nobody_is_asked_again(kind: Kind) {
    let mut town = Town::new(kind);
    let (published, config) = town.published();
    let reference = town.deploy("published", &published, b"");
    let first = town.rebuild(&published, &[]);
    assert_eq!(verdict(&first), ("reproduced", 0), "{}", first.json);
    let images = image_dependencies(&first);
    let names: Vec<&Value> = images.iter().map(|image| &image["name"]).collect();
    assert_eq!(names, ["image"], "no engine of the suite tells of the manifest that ran");
    let asked = town.registry.asked();
    let again = town.rebuild(&published, &[]);
    assert_eq!((verdict(&again), town.registry.asked()), (("reproduced", 0), asked));
    town.registry.stop();
    std::fs::remove_dir_all(town.bench.path("cache")).unwrap();
    assert_eq!(verdict(&town.rebuild(&published, &[])), ("reproduced", 0));
    // That the engine knows the image by its id does not make the id a digest that it was pulled by.
    let by_id = reference.replace(&published.digest, &config.digest);
    let by_id = town.rebuild(&published, &["--image", &by_id]);
    assert_eq!((by_id.code(), by_id.exit), ("image-unavailable", 4), "{}", by_id.json["error"]);
}

/// For the pull the truth; then an index that names the accepted image, and a manifest of that with the other's id.
fn a_registry_that_changes_its_word_convinces_nobody(kind: Kind) {
    let town = Town::new(kind);
    let (published, _) = town.published();
    let config = town.registry.config(&[&town.base, &town.evil]);
    let tampered = town.tampered(&config);
    town.registry.lie_by_index(&tampered.digest, &published);
    town.registry.lie_by_config(&published, &config);
    town.deploy("tampered", &tampered, MARK);
    is_not_accepted(&town.rebuild(&published, &[]));
}

/// An index with the accepted image for another variant, and beside it what will run, with the same configuration. Docker
/// holds layers against their configuration and refuses; Podman runs it.
fn an_index_beside_an_accepted_image_convinces_nobody(kind: Kind) {
    let town = Town::new(kind);
    let (published, config) = town.published();
    let index = town.registry.index(&[(Some("v4"), &published), (None, &town.tampered(&config))]);
    town.deploy("tampered", &index, MARK);
    let ended = town.rebuild(&published, &[]);
    match kind {
        Kind::Docker => assert_eq!((ended.code(), ended.exit), ("image-unavailable", 4), "{}", ended.json["verdict"]),
        Kind::Podman => is_not_accepted(&ended),
    }
    // The same with an image that is what it says: it is the digest of the index that is not accepted.
    let index = town.registry.index(&[(Some("v4"), &published), (None, &published)]);
    let _gone = town.engine(&["image", "rm", "--force", config.digest.trim_start_matches("sha256:")]);
    town.deploy("index", &index, b"");
    is_not_accepted(&town.rebuild(&published, &[]));
}

/// A stranger's image with the id of a published one, pulled first.
#[test]
fn an_image_in_the_way_of_the_genuine_one_is_named_podman() {
    let town = Town::new(Kind::Podman);
    let (published, config) = town.published();
    town.deploy("tampered", &town.tampered(&config), MARK);
    is_not_accepted(&town.rebuild(&published, &[]));
    town.deploy("published", &published, b"");
    let blocked = town.rebuild(&published, &[]);
    assert_eq!((blocked.code(), blocked.exit), ("image-unavailable", 4), "{}", blocked.json["verdict"]);
    let message = blocked.json["error"]["message"].as_str().unwrap();
    let id = config.digest.trim_start_matches("sha256:");
    assert!(message.contains("/tampered@sha256:"), "{message}");
    let way_out = message.split('`').find(|part| part.contains("image rm")).unwrap();
    assert!(way_out.ends_with(&format!("podman image rm --force {id}")), "{way_out}");
    assert!(town.engine(&["image", "rm", "--force", id]));
    assert_eq!(verdict(&town.rebuild(&published, &[])), ("reproduced", 0));
}

/// Podman knows both by the id of their one configuration; what the one's cargo wrote is not for the other.
#[test]
fn an_index_is_not_handed_to_another_image_of_the_same_id_podman() {
    let town = Town::new(Kind::Podman);
    let (published, config) = town.published();
    let files = [
        ("Cargo.toml", File::Text("[package]\nname = \"a\"\nversion = \"1.0.0\"\n")),
        ("Cargo.lock", File::Text(LOCK)),
        ("head", File::Bytes(b"\0asm\x01\0\0\0")),
        ("tail", File::Bytes(b"")),
    ];
    let mut claim = town.bench.claim("l", &town.bench.repository("l", &files), &["cargo", "build"]);
    for (image, name) in [(town.tampered(&config), "evil"), (published, "honest")] {
        claim["build_info"]["build_environment"] = town.registry.reference(name, &image.digest).into();
        for _ in ["fetched", "kept"] {
            let ended = town.bench.rebuild(&claim, &["--trust-image-network"]);
            assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
            assert_eq!(ended.log(), format!("index of {name}\n"));
        }
        assert!(town.engine(&["image", "rm", "--force", config.digest.trim_start_matches("sha256:")]));
    }
}

/// One that answers by a tag and its id alone, as when it was made on this machine.
#[test]
fn an_image_that_was_never_pulled_is_never_accepted_docker() {
    let town = Town::new(Kind::Docker);
    let (published, config) = town.published();
    let reference = town.deploy("published", &published, b"");
    assert_eq!(verdict(&town.rebuild(&published, &[])), ("reproduced", 0));
    let tag = format!("provenear-local:{}", town.registry.port());
    assert!(town.engine(&["tag", &reference, &tag]) && town.engine(&["image", "rm", &reference]));
    for accepted in [&published, &config] {
        let ended = town.rebuild(accepted, &["--image", &tag]);
        is_not_accepted(&ended);
        let images = image_dependencies(&ended);
        assert!(!images.iter().any(|image| image["digest"]["sha256"].is_string()), "{images:?}");
    }
}

docker_and_podman!(
    an_accepted_image_is_green_and_nobody_is_asked_again,
    a_registry_that_changes_its_word_convinces_nobody,
    an_index_beside_an_accepted_image_convinces_nobody
);
