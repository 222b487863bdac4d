//! `verify --tree`: what stands in a clone, and what runs at the accounts that it names.

use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::fixtures::{COUNTER_COMMIT, COUNTER_PINNED, COUNTER_PINNED_CLAIM, TINY_COMMIT, repository};
use provenear_tests::rows::{Row, claiming, tampered, trusted};
use serde_json::{Value, json};

use crate::desk::Desk;

/// A clone of the counter at the commit that the chain's code claims, and what others signed.
struct Town {
    desk: Desk,
    devnet: Devnet,
    rows: Vec<Row>,
}

/// How a look ended: the exit code, and the report.
type Looked = (i32, Value);

impl Town {
    fn new() -> Town {
        let (desk, devnet) = (Desk::new(&[]), Devnet::start().unwrap());
        let rows = Row::all(&devnet);
        repository("counter", desk.folder()).unwrap();
        desk.git("", &["clone", "--quiet", "counter.git", "tree"]);
        assert_eq!(desk.git("tree", &["rev-parse", "HEAD"]), COUNTER_COMMIT);
        desk.write("app.wasm", COUNTER_PINNED);
        desk.write("other.wasm", tampered());
        Town { desk, devnet, rows }
    }

    /// The tree names these accounts.
    fn name(&self, accounts: &[&str]) {
        let mut words = vec!["init", "tree", "--no-workflow", "--network", "devnet-test"];
        words.extend(accounts.iter().flat_map(|account| ["--account", account]));
        self.desk.run(&words).done();
    }

    /// Asks with a manifest of a row, if one is named, by a reader who trusts alice.
    fn ask(&self, row: Option<&str>, more: &[&str]) -> Looked {
        let url = self.devnet.url().to_owned();
        let trust = trusted().public_key().to_near();
        let mut words =
            vec!["verify", "--tree", "tree", "--json", "--rpc", &url, "--allow-local-source", "--trust", &trust];
        if let Some(row) = row {
            self.desk.write("manifest.jsonl", Row::named(&self.rows, row).manifest.as_ref().unwrap());
            words.push("manifest.jsonl");
        }
        let ran = self.desk.run(&[&words, more].concat());
        let report = documents::read(&ran.0.stdout).unwrap_or_else(|error| panic!("{error:#}\n{}", ran.stderr()));
        (ran.exit(), report)
    }

    /// Exit code and state of the one account.
    fn one(&self, row: Option<&str>, more: &[&str]) -> (i32, String, Value) {
        let (exit, report) = self.ask(row, more);
        assert_eq!(
            (report["accounts"].as_array().map(Vec::len), &report["exit"]),
            (Some(1), &json!(exit)),
            "{report:#}"
        );
        let account = report["accounts"][0].clone();
        (exit, account["state"].as_str().unwrap().to_owned(), account)
    }
}

#[test]
fn the_same_is_what_was_rebuilt_from_this_commit_or_built_here() {
    let town = Town::new();
    town.name(&["honest.devnet"]);
    let (exit, state, account) = town.one(Some("honest"), &[]);
    assert_eq!((exit, state.as_str(), &account["verdict"]), (0, "same", &json!("reproduced")), "{account:#}");
    assert_eq!(account["commit"]["commit"], COUNTER_COMMIT);
    assert_eq!((&account["commit"]["place"], &account["commit"]["evidence"]), (&json!("here"), &json!("rebuilt")));
    // The contract's own word is not enough, nor is a stranger's.
    for row in [None, Some("untrusted-key"), Some("flipped-payload")] {
        let (exit, state, account) = town.one(row, &[]);
        assert_eq!((exit, state.as_str()), (3, "unknown"), "{row:?}: {account:#}");
        assert_eq!((&account["commit"]["place"], &account["commit"]["evidence"]), (&json!("here"), &json!("claimed")));
        assert!(account["message"].as_str().unwrap().contains("claims this commit, which nobody"), "{account}");
    }
    // The bytes are.
    assert_eq!(town.one(None, &["--artifact", "app.wasm"]).1, "same");
    let (exit, state, _) = town.one(None, &["--artifact", "other.wasm"]);
    assert_eq!((exit, state.as_str()), (1, "differs"));
    let (exit, state, account) = town.one(Some("honest"), &["--artifact", "other.wasm"]);
    assert_eq!((exit, state.as_str()), (3, "same-with-reservations"), "{account:#}");
    for row in ["unlisted-image", "commit-on-no-ref", "unclaimed-recipe"] {
        let (exit, state, account) = town.one(Some(row), &[]);
        assert_eq!((exit, state.as_str()), (3, "same-with-reservations"), "{row}: {account:#}");
    }
    let (_, _, account) = town.one(Some("unlisted-image"), &[]);
    assert!(account["message"].as_str().unwrap().contains("unlisted-image"), "{account}");
}

/// Equal code was not built from this tree if it claims another source, whoever gave the file.
#[test]
fn a_file_that_claims_something_else_was_not_built_from_this_tree() {
    let town = Town::new();
    let file = |name: &str, from: &str, to: &str| {
        let wasm = claiming(false, &COUNTER_PINNED_CLAIM.replace(from, to));
        town.desk.write("made.wasm", &wasm);
        town.devnet.deploy(name, wasm);
        town.name(&[name]);
        let made = town.one(None, &["--artifact", "made.wasm"]);
        town.desk.git("tree", &["checkout", "--quiet", "Cargo.toml"]);
        made
    };
    let (exit, state, account) = file("this.devnet", "", "");
    assert_eq!((exit, state.as_str()), (0, "same"), "{account:#}");
    for (name, from, to, said) in [
        ("folder.devnet", "\"contract_path\":\"\"", "\"contract_path\":\"x\"", "the folder `x`"),
        ("fork.devnet", "/counter.git", "/fork.git", "the repository `http://127.0.0.1:5098/fork.git`"),
        ("none.devnet", COUNTER_PINNED_CLAIM, "{}", "does not say itself"),
        ("unknown.devnet", COUNTER_COMMIT, TINY_COMMIT, "another commit"),
    ] {
        let (exit, state, account) = file(name, from, to);
        assert_eq!((exit, state.as_str()), (3, "unknown"), "{account:#}");
        assert!(account["message"].as_str().unwrap().contains(said), "{account:#}");
    }
    // A rebuild that counts knows better.
    town.name(&["tampered.devnet"]);
    let (exit, state, account) = town.one(Some("tampered"), &["--artifact", "other.wasm"]);
    assert_eq!((exit, state.as_str()), (1, "differs"), "{account:#}");
    town.desk.git("tree", &["checkout", "--quiet", "Cargo.toml"]);
    // What is deployed is older than the tree, and so is the file.
    town.name(&["honest.devnet"]);
    town.desk.commit("tree");
    for row in [None, Some("honest")] {
        let (exit, state, account) = town.one(row, &["--artifact", "app.wasm"]);
        assert_eq!((exit, state.as_str()), (1, "other-commit"), "{row:?}: {account:#}");
    }
}

#[test]
fn another_commit_is_named_by_its_tags_and_distance() {
    let town = Town::new();
    town.desk.git("tree", &["tag", "v1.0.0"]);
    town.name(&["honest.devnet"]);
    town.desk.commit("tree");
    let (exit, state, account) = town.one(Some("honest"), &[]);
    assert_eq!((exit, state.as_str()), (1, "other-commit"), "{account:#}");
    let commit = &account["commit"];
    assert_eq!(
        (&commit["place"], &commit["distance"], &commit["tags"]),
        (&json!("before"), &json!(1), &json!(["v1.0.0"]))
    );
    // By the claim alone it is said, and decides nothing.
    let (exit, state, account) = town.one(None, &[]);
    assert_eq!(
        (exit, state.as_str(), &account["commit"]["evidence"]),
        (3, "unknown", &json!("claimed")),
        "{account:#}"
    );
    assert!(account["message"].as_str().unwrap().contains("(v1.0.0), 1 commit before this one"), "{account}");
    // What is deployed is newer than this tree.
    town.desk.git("tree", &["checkout", "--quiet", "--orphan", "new"]);
    town.desk.commit("tree");
    assert_eq!(town.one(Some("honest"), &[]).2["commit"]["place"], "beside");
    // An object that no branch or tag reaches may be anybody's.
    town.desk.git("tree", &["remote", "remove", "origin"]);
    town.desk.git("tree", &["tag", "--delete", "v1.0.0"]);
    town.desk.git("tree", &["branch", "--delete", "--force", "main"]);
    town.desk.git("tree", &["cat-file", "-e", COUNTER_COMMIT]);
    let (exit, state, account) = town.one(Some("honest"), &[]);
    assert_eq!((exit, state.as_str(), &account["commit"]["place"]), (3, "unknown", &json!("not-known")), "{account:#}");
}

#[test]
fn the_worst_of_several_accounts_counts() {
    let town = Town::new();
    town.name(&["honest.devnet", "tampered.devnet", "silent.devnet", "empty.devnet"]);
    let (exit, report) = town.ask(Some("honest"), &[]);
    let states: Vec<&str> =
        report["accounts"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!((exit, states), (1, vec!["same", "differs", "unknown", "unknown"]), "{report:#}");
    town.name(&["nobody.devnet"]);
    let (exit, report) = town.ask(Some("honest"), &[]);
    assert_eq!(exit, 4);
    let last = &report["accounts"][4];
    assert_eq!(
        (&last["state"], &last["error"]["code"]),
        (&json!("not-checked"), &json!("unknown-account")),
        "{last:#}"
    );
    assert_eq!((&last["verdict"], &last["commit"]), (&Value::Null, &Value::Null));
}

#[test]
fn people_read_one_line_for_each_account() {
    let town = Town::new();
    town.name(&["honest.devnet", "tampered.devnet"]);
    town.desk.run(&["init", "tree", "--no-workflow", "--rebuilder", "https://r.example/manifests/"]).done();
    let url = town.devnet.url().to_owned();
    let ran = town.desk.run(&["verify", "--tree", "tree", "--rpc", &url]);
    let (text, lines) = (ran.stdout(), ran.stdout().lines().count());
    assert_eq!((ran.exit(), lines), (3, 3), "{text}");
    assert!(
        text.starts_with(&format!("commit {COUNTER_COMMIT}\nunknown honest.devnet on devnet-test: it claims this")),
        "{text}"
    );
    assert!(ran.stderr().contains("the repository points to https://r.example/manifests/"), "{}", ran.stderr());
}

#[test]
fn a_tree_that_says_nothing_is_not_green() {
    let town = Town::new();
    town.desk.run(&["verify", "--tree", "tree"]).refused(&["names an account", "provenear init tree --account"]);
    assert_eq!(town.desk.run(&["verify", "--tree", "none"]).exit(), 4);
    town.name(&["honest.devnet"]);
    town.desk.run(&["verify", "--tree", "tree", "--network", "mainnet"]).refused(&["names an account on `mainnet`"]);
    town.desk.run(&["verify", "--artifact", "app.wasm", "manifest.jsonl"]).refused(&["--tree"]);
    town.desk.write("loose/Cargo.toml", "[package]\nname = \"loose\"\n");
    town.desk.run(&["verify", "--tree", "loose"]).refused(&["is not in a git repository"]);
    let ran = town.desk.run(&["verify", "--tree", "loose", "--json"]);
    let json = documents::read(&ran.0.stdout).unwrap();
    assert_eq!((&json["schema"], &json["error"]["code"]), (&json!("provenear/tree/v1"), &json!("usage")));
    // Of an option that is misspelt in the table of ours, nothing is left out in silence.
    let manifest = town.desk.read("tree/Cargo.toml");
    town.desk.write(
        "tree/Cargo.toml",
        manifest.replace("[package.metadata.provenear.accounts]", "[package.metadata.provenear.acounts]"),
    );
    town.desk.run(&["verify", "--tree", "tree"]).refused(&["`acounts` is not known"]);
}

/// No account that a manifest names is dropped in silence, whatever its package is to the workspace.
#[test]
fn every_package_that_names_accounts_is_looked_at() {
    let package = |name: &str, rest: &str| {
        format!(
            "[package]\nname = \"{name}\"\n{rest}[package.metadata.provenear.accounts]\nmainnet = [\"{name}.near\"]\n"
        )
    };
    let contract = "[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nnear-sdk = \"5\"\n";
    let files = [
        ("t/Cargo.toml", "[workspace]\nmembers = [\"app\", \"lib\", \"all/**\"]\n".to_owned()),
        ("t/app/Cargo.toml", package("app", &format!("{contract}by-path = {{ path = \"../by-path\" }}\n"))),
        ("t/lib/Cargo.toml", package("lib", "")),
        ("t/by-path/Cargo.toml", package("by-path", contract)),
        ("t/all/of/them/Cargo.toml", package("deep", contract)),
        ("t/alone/Cargo.toml", package("alone", contract)),
        (
            "t/snake/pyproject.toml",
            "[project]\nname = \"snake\"\n[tool.provenear.accounts]\nmainnet = [\"snake.near\"]\n".to_owned(),
        ),
        // These are copies: of what a build left, and of what others publish.
        ("t/.gitignore", "/out\n".to_owned()),
        ("t/out/package/Cargo.toml", package("copy", contract)),
        ("t/vendor/other/Cargo.toml", package("other", contract)),
        ("t/vendor/other/.cargo-checksum.json", "{}".to_owned()),
    ];
    let desk = Desk::new(&files.each_ref().map(|(path, text)| (*path, text.as_str())));
    desk.git("t", &["init", "--quiet"]);
    desk.commit("t");
    let look = |more: &[&str]| {
        let words = ["verify", "--tree", "t", "--json", "--rpc", "http://127.0.0.1:1"];
        let ran = desk.run(&[&words, more].concat());
        let report = documents::read(&ran.0.stdout).unwrap_or_else(|error| panic!("{error:#}\n{}", ran.stderr()));
        let accounts = report["accounts"].as_array().unwrap_or_else(|| panic!("{report:#}")).clone();
        let names: Vec<String> = accounts.iter().map(|it| it["account_id"].as_str().unwrap().to_owned()).collect();
        (ran.exit(), names)
    };
    let all = ["app", "lib", "deep", "alone", "by-path", "snake"].map(|name| format!("{name}.near"));
    let (exit, mut names) = look(&[]);
    names.sort_unstable();
    let mut expected = all.to_vec();
    expected.sort_unstable();
    assert_eq!((exit, names), (4, expected));
    assert_eq!(look(&["--package", "alone"]), (4, vec!["alone.near".to_owned()]));
    // One that cannot be read may name any.
    desk.write("t/alone/Cargo.toml", "[package.metadata.provenear\n");
    desk.run(&["verify", "--tree", "t"]).refused(&["alone/Cargo.toml", "this is not TOML"]);
}
