//! `docs/guide` is followed: the `sh` blocks of each page are run in their order, in a folder and with a profile of their own, on
//! a chain of this test's own, and print and end as the page says. What cannot run here is fenced as `console`, and counted.
//! Not here: whether links lead anywhere (`tidy`).
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use provenear_shared::digest::Sha256Digest;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use provenear_tests::devnet::{Account, Chain, Contract, Devnet};
use provenear_tests::fixtures::{GIT_PORT, repository, tiny_claim};
use provenear_tests::git_server::GitServer;
use provenear_tests::notary::{Notary, statement};
use provenear_tests::prose::{path, read};
use provenear_tests::reader::Reader;
use provenear_tests::rows::{NEARC_CLAIM, claiming};
use provenear_tests::static_server::{StaticOptions, StaticServer};
use tempfile::TempDir;

/// The pages, and how many `console` blocks each has: what needs cargo-near, a deployment, or another language's compiler.
const PAGES: [(&str, usize); 5] =
    [("README.md", 0), ("signing.md", 0), ("author.md", 6), ("rebuilder.md", 1), ("auditor.md", 0)];

fn page(name: &str) -> String {
    read(&format!("guide/{name}"))
}

/// A fenced block.
#[derive(Debug)]
struct Block {
    language: String,
    /// Line of its fence, counted from 1.
    line: usize,
    body: String,
    /// The paragraph right above it.
    before: String,
    /// Whether nothing but blank lines is between it and the block before it.
    follows: bool,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut open, mut paragraph, mut follows) = (false, String::new(), false);
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open) {
            (Some(""), true) => (open, follows) = (false, true),
            (Some(language), false) => {
                let (language, before) = (language.to_owned(), std::mem::take(&mut paragraph));
                blocks.push(Block { language, line: at + 1, body: String::new(), before, follows });
                open = true;
            }
            (Some(_), true) => panic!("line {}: a fence within a block", at + 1),
            (None, true) => writeln!(blocks.last_mut().unwrap().body, "{line}").unwrap(),
            (None, false) if line.trim().is_empty() => {
                // The paragraph counts up to the next one.
                if !paragraph.ends_with('\n') {
                    paragraph.push('\n');
                }
            }
            (None, false) => {
                if paragraph.ends_with('\n') {
                    paragraph.clear();
                }
                write!(paragraph, "{line} ").unwrap();
                follows = false;
            }
        }
    }
    assert!(!open, "a block is not closed");
    blocks
}

/// A block that is run, with what the page says about it.
#[derive(Debug)]
struct Step {
    line: usize,
    script: String,
    exit: i32,
    prints: Vec<String>,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut after_step = false;
    for block in blocks(text) {
        let is_expectation = block.language == "text" && block.follows && after_step;
        after_step = block.language == "sh";
        match block.language.as_str() {
            "sh" => {
                let exit = block.before.split_once("exits with ").map_or("0", |(_, rest)| rest);
                let exit: String = exit.chars().take_while(char::is_ascii_digit).collect();
                let (line, script) = (block.line, block.body);
                steps.push(Step { line, script, exit: exit.parse().unwrap(), prints: Vec::new() });
            }
            "text" => {
                assert!(is_expectation, "line {}: what prints this?", block.line);
                steps.last_mut().unwrap().prints.extend(block.body.lines().map(str::to_owned));
            }
            // Files, which a step writes or a reader has.
            "console" | "toml" | "nginx" | "yaml" => {}
            other => panic!("line {}: a block in `{other}`", block.line),
        }
    }
    steps
}

/// Whether one line of `output` has all parts of `expected`, which `…` parts, in their order. Blanks count once.
fn prints(output: &str, expected: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    output.lines().map(plain).any(|line| {
        let mut rest = line.as_str();
        expected.split('…').map(plain).all(|part| match rest.split_once(part.as_str()) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

/// What a reader of a page has around them: a machine, a chain, a repository and a store.
struct Place {
    folder: TempDir,
    reader: Reader,
    endpoints: [Devnet; 2],
    store: StaticServer,
    _git: GitServer,
}

/// The code of `app.near`, as cargo alone builds it within seconds in the image that is here: once for all pages. A rebuild by
/// cargo-near takes minutes where others use the machine too, and `e2e_counter` makes it.
static APP: OnceLock<Vec<u8>> = OnceLock::new();

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["author", "bin", "git", "home", "work", "store/manifests"] {
            std::fs::create_dir_all(path(name)).unwrap();
        }
        let reader = Reader::start(folder.path()).unwrap();
        let commit = repository("tiny", &path("git")).unwrap().commit;
        let git = GitServer::start(path("git"), GIT_PORT).unwrap();
        let chain = Chain::new("mainnet");
        let endpoints = [(); 2].map(|()| Devnet::serve(chain.clone(), 0).unwrap());
        endpoints[0].deploy("python.near", claiming(false, NEARC_CLAIM));
        endpoints[0].deploy("javascript.near", wat::parse_str("(module)").unwrap());
        chain.put("empty.near", Account::new(Contract::None));
        let options = StaticOptions { cors: true, ..StaticOptions::default() };
        let store = StaticServer::start(path("store"), options).unwrap();
        let place = Place { folder, reader, endpoints, store, _git: git };
        place.install();
        place.deploy(&tiny_claim(&place.reader.around().image.reference, &commit));
        place
    }

    /// `app.near` as its author builds it, `patched.near`, which claims the same and has one byte changed, and in the store
    /// what alice signed.
    fn deploy(&self, claim: &str) {
        let code = APP.get_or_init(|| self.build(claim));
        std::fs::write(self.path("app.wasm"), code).unwrap();
        self.endpoints[0].deploy("app.near", code.clone());
        let mut patched = code.clone();
        let at = patched.windows(5).position(|window| window == b"STATE").unwrap();
        patched[at] = b'X';
        self.endpoints[0].deploy("patched.near", patched);

        let recipe = Recipe::from_metadata(&ContractSourceMetadata::parse(claim.as_bytes()).unwrap()).unwrap();
        let (image, commit) = (recipe.image().digest().to_hex(), recipe.source().commit());
        let digest = Sha256Digest::of(code);
        let line = Notary::named("alice").sign(&statement(recipe.claimed(), &image, commit, &digest));
        let name = format!("store/manifests/{}.intoto.jsonl", digest.to_base58());
        std::fs::write(self.path(&name), format!("{line}\n")).unwrap();
    }

    /// Builds what `claim` says where its author does, who has a profile of their own.
    fn build(&self, claim: &str) -> Vec<u8> {
        std::fs::write(self.path("author/claim.json"), claim).unwrap();
        let script = "export HOME=\"$PWD\" PROVENEAR_DATA=\"$PWD\" PROVENEAR_CACHE=\"$PWD\"\n\
                      provenear rebuild --recipe claim.json --out out";
        let output = self.command("author", script).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let files = std::fs::read_dir(self.path("author/out")).unwrap().map(|entry| entry.unwrap().path());
        let wasm = files.into_iter().find(|file| file.extension().is_some_and(|end| end == "wasm")).unwrap();
        std::fs::read(wasm).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `provenear` for the shell: the helper, which looks at this chain and builds by the engine and image that are here.
    fn install(&self) {
        let around = self.reader.around();
        let quoted = |path: &Path| shell_words::quote(path.to_str().unwrap()).into_owned();
        let mut reach = self.endpoints.iter().map(|it| format!(" --rpc {}", it.url())).collect::<String>();
        reach += &around.ca_file.as_deref().map(|file| format!(" --ca-file {}", quoted(file))).unwrap_or_default();
        let mut look = format!("{reach} --allow-local-source --accept-custom-build");
        if !around.image.published {
            write!(look, " --accept-image {}", around.image.digest).unwrap();
        }
        let build = format!(" --engine {}", quoted(self.reader.engine()));
        // What is built alone is looked up nowhere.
        let alone = &around.ca_file.as_deref().map(|file| format!(" --ca-file {}", quoted(file))).unwrap_or_default();
        let alone = format!("{alone} --allow-local-source{build}");
        let real = quoted(self.reader.provenear());
        let script = format!(
            "#!/bin/sh\ncase \"$1\" in\n\
             inspect | verify) exec {real} \"$@\"{look} ;;\n\
             diff) exec {real} \"$@\"{reach} ;;\n\
             rebuild) case \"$*\" in *' --recipe '*) exec {real} \"$@\"{alone} ;; esac; exec {real} \"$@\"{look}{build} ;;\n\
             batch) exec {real} \"$@\"{look}{build} ;;\n\
             *) exec {real} \"$@\" ;;\nesac\n"
        );
        let file = self.path("bin/provenear");
        std::fs::write(&file, script).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A script in a folder, with what the guides begin with.
    fn command(&self, folder: &str, script: &str) -> Command {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let variables = [
            ("HOME", text(self.path("home"))),
            ("PROVENEAR_DATA", text(self.path("home/data"))),
            ("PROVENEAR_CACHE", text(self.path("home/cache"))),
            ("RPC", self.endpoints[0].url().to_owned()),
            ("RPC_2", self.endpoints[1].url().to_owned()),
            ("STORE", format!("{}/manifests/", self.store.url())),
        ];
        let mut command = self.reader.bash(&self.path(folder), &variables);
        let programs = text(self.path("bin"));
        let programs = shell_words::quote(&programs);
        command.args(["-euo", "pipefail", "-c", &format!("export PATH={programs}:\"$PATH\"\n{script}")]);
        command
    }

    /// Runs one step with the variables that earlier ones exported; gives what it printed, and how it ended.
    fn run(&self, step: &Step) -> (String, i32) {
        let variables = self.path("variables");
        let kept = shell_words::quote(variables.to_str().unwrap()).into_owned();
        let script =
            format!("[ ! -f {kept} ] || . {kept}\ntrap '{{ export -p; declare -f; }} > {kept}' EXIT\n{}", step.script);
        let output = self.command("work", &script).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (said.join("\n"), output.status.code().unwrap_or(-1))
    }

    fn follow(&self, name: &str) {
        let steps = steps(&page(name));
        assert!(!steps.is_empty(), "{name}: nothing is run");
        for step in steps {
            let (said, exit) = self.run(&step);
            let at = format!("docs/guide/{name}:{}\n{}\n{said}", step.line, step.script);
            assert_eq!(exit, step.exit, "{at}");
            let missing: Vec<&String> = step.prints.iter().filter(|expected| !prints(&said, expected)).collect();
            assert!(missing.is_empty(), "not printed: {missing:#?}\n{at}");
        }
    }
}

/// The port of the repositories is fixed, so pages are followed one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Follows a page after `prepare`; `look` sees what it leaves.
fn follow(name: &str, prepare: impl FnOnce(&Place), look: impl FnOnce(&Place)) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let place = Place::new();
    prepare(&place);
    place.follow(name);
    look(&place);
}

#[test]
fn the_guide_of_authors_can_be_followed() {
    let build = |place: &Place| {
        // The author's clone.
        let clone =
            "git clone --quiet ../git/tiny.git . && git config user.name A && git config user.email a@a.invalid";
        assert!(place.command("work", clone).status().unwrap().success());
        // What `cargo near build reproducible-wasm` leaves.
        std::fs::create_dir_all(place.path("work/target/near")).unwrap();
        std::fs::copy(place.path("app.wasm"), place.path("work/target/near/my_contract.wasm")).unwrap();
    };
    follow("author.md", build, |_| {});
}

#[test]
fn the_guide_of_rebuilders_can_be_followed() {
    follow("rebuilder.md", |_| {}, |_| {});
}

#[test]
fn the_guide_of_auditors_can_be_followed() {
    let get_key = |place: &Place| {
        // The key of the one line of the store, got another way.
        std::fs::write(place.path("work/alice.pem"), Notary::named("alice").public_key().to_pem()).unwrap();
    };
    follow("auditor.md", get_key, |place| {
        let rebuilt = std::fs::read(place.path("work/by-hand/rebuilt.wasm")).unwrap();
        assert!(rebuilt == APP.get().unwrap().as_slice(), "the printed script built something else");
    });
}

#[test]
fn what_is_not_run_is_counted_and_shown_as_typed() {
    for (name, count) in PAGES {
        let text = page(name);
        let blocks = blocks(&text);
        let typed: Vec<&Block> = blocks.iter().filter(|block| block.language == "console").collect();
        assert_eq!(typed.len(), count, "{name}: {typed:#?}");
        for block in typed {
            assert!(block.body.lines().all(|line| line.starts_with("$ ")), "{name}: {block:?}");
        }
    }
    let there = std::fs::read_dir(path("guide")).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file());
    let mut there: Vec<String> = there.map(|entry| entry.file_name().into_string().unwrap()).collect();
    there.sort();
    let mut known: Vec<&str> = PAGES.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(there, known);
}

#[test]
fn a_page_is_read_as_it_is_meant() {
    let text =
        "This exits with 3, as it\nshould.\n\n```sh\nfalse\n```\n\n```text\na … c\n```\n\nMore.\n\n```sh\ntrue\n```\n";
    let steps = steps(text);
    assert_eq!(steps.iter().map(|step| (step.line, step.exit)).collect::<Vec<_>>(), [(4, 3), (14, 0)]);
    assert_eq!(steps[0].prints, ["a … c"]);
    assert!(prints("x\n  a   b  c\n", "a … c") && !prints("a\nc", "a … c") && !prints("c a", "a … c"));
}
