//! A chain whose contracts claim builds, a folder to plan, run and merge in, and units as a machine leaves them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use provenear_shared::digest::Sha256Digest;
use provenear_shared::recipe::Claimed;
use provenear_shared::report::UnitInputs;
use provenear_tests::desk::{Desk, Said};
use provenear_tests::devnet::{Chain, Devnet};
use provenear_tests::documents;
use provenear_tests::notary::{Notary, statement};
use provenear_tests::saying::saying;
use serde_json::{Value, json};

/// The digest of the image that every contract here claims.
pub(crate) const IMAGE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const COMMIT: &str = "0123456789012345678901234567890123456789";

/// The folder and the chain.
pub(crate) struct Bench {
    pub(crate) desk: Desk,
    pub(crate) chain: Arc<Chain>,
    pub(crate) devnet: Devnet,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        let chain = Chain::new("devnet-test");
        let devnet = Devnet::serve(chain.clone(), 0).unwrap();
        Bench { desk: Desk::new(), chain, devnet }
    }

    /// One with so many contracts, each with a claim of its own, and the plan of them.
    pub(crate) fn planned(units: usize) -> (Bench, Vec<Value>) {
        let bench = Bench::new();
        let names: Vec<String> = (0..units).map(|number| format!("app{number}.devnet")).collect();
        for (number, name) in names.iter().enumerate() {
            bench.devnet.deploy(name, claiming(number, &format!("c{number}")));
        }
        bench.desk.write("list", names.join("\n"));
        let (said, plan) = bench.plan(&[]);
        assert_eq!(said.exit, 0, "{}", said.stderr);
        let planned = plan["units"].as_array().unwrap().clone();
        assert_eq!(planned.len(), units);
        (bench, planned)
    }

    /// Runs `batch plan list --to plan.json`.
    pub(crate) fn plan(&self, more: &[&str]) -> (Said, Value) {
        let said = self.desk.run(&[&self.plan_words()[..], more].concat());
        let text = std::fs::read(self.path("plan.json")).unwrap_or_else(|error| panic!("{error} {}", said.stderr));
        (said, documents::read(&text).unwrap())
    }

    pub(crate) fn plan_words(&self) -> [&str; 10] {
        // The address lives as long as the test.
        let url: &'static str = Box::leak(self.devnet.url().into_boxed_str());
        ["batch", "plan", "list", "--to", "plan.json", "--network", "devnet-test", "--rpc", url, "--allow-local-source"]
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.desk.path(name)
    }

    /// An engine that answers, and can build nothing.
    pub(crate) fn engine(&self) -> [&'static str; 2] {
        self.desk.write("docker", "#!/bin/sh\n[ \"$1\" = version ] && echo 27.0.0 amd64\nexit 0\n");
        std::fs::set_permissions(self.path("docker"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        ["--engine", "./docker"]
    }

    /// Runs `batch list`, in one.
    pub(crate) fn whole(&self, more: &[&str]) -> Said {
        let url = self.devnet.url();
        let chain = ["batch", "./list", "--network", "devnet-test", "--rpc", &url, "--allow-local-source"];
        self.desk.run(&[&chain[..], &self.engine(), more].concat())
    }

    /// Merges, and gives the report.
    pub(crate) fn merge(&self, words: &[&str]) -> (Value, i32) {
        let said = self.desk.run(&[&["batch", "merge", "--json"], words].concat());
        let report = documents::read(said.stdout.as_bytes());
        let report = report.unwrap_or_else(|error| panic!("{error:#} {}", said.stderr));
        assert_eq!(report["exit"], said.exit, "{report}");
        (report, said.exit)
    }

    /// Writes a plan of these units, as another planner would.
    pub(crate) fn write_plan(&self, units: &[Value]) {
        let plan = json!({"schema": "provenear/plan/v1", "error": null, "units": units, "subjects": []});
        self.desk.write("plan.json", plan.to_string());
    }

    /// Writes a key, in the spelling of NEAR, under its name.
    pub(crate) fn write_key(&self, name: &str) -> Notary {
        let notary = Notary::named(name);
        // The seed of a notary is the digest of its name.
        let mut pair = Sha256Digest::of(name.as_bytes()).as_bytes().to_vec();
        pair.extend(notary.public_key().as_bytes());
        self.desk.write(name, format!("ed25519:{}", bs58::encode(pair).into_string()));
        notary
    }
}

/// A unit with other inputs, and so of another id.
pub(crate) fn with_inputs(unit: &Value, change: impl Fn(&mut Value)) -> Value {
    let mut unit = unit.clone();
    change(&mut unit["inputs"]);
    let inputs: UnitInputs = serde_json::from_value(unit["inputs"].clone()).unwrap();
    unit["unit"] = json!(Sha256Digest::of(&serde_json::to_vec(&inputs).unwrap()).to_hex());
    unit
}

/// A contract that claims a build which cannot begin, since nothing is served at that address.
pub(crate) fn claiming(number: usize, path: &str) -> Vec<u8> {
    claiming_of("http://127.0.0.1:1/a/b", COMMIT, number, path)
}

/// The same of a repository.
pub(crate) fn claiming_of(url: &str, commit: &str, number: usize, path: &str) -> Vec<u8> {
    let claim = json!({"version": "1.0.0", "link": null, "standards": [], "build_info": {
        "build_environment": format!("x/y@sha256:{IMAGE}"), "build_command": ["cargo", "near", "build"],
        "contract_path": path, "source_code_snapshot": format!("git+{url}?rev={commit}"), "output_wasm_path": null}});
    saying(&claim.to_string(), &number.to_string())
}

/// A module that is told from others by its number.
pub(crate) fn module(number: usize) -> Vec<u8> {
    wat::parse_str(format!(r#"(module (memory 1) (data (i32.const 0) "{number}") (func (export "run")))"#)).unwrap()
}

/// What a machine left of a unit, to be bent before it is written.
pub(crate) struct Left {
    pub(crate) unit: Value,
    pub(crate) artifact: Vec<u8>,
    pub(crate) log: Vec<u8>,
    pub(crate) source: Vec<u8>,
    pub(crate) statement: Value,
    /// Bent once everything else is decided.
    pub(crate) bend_line: fn(String) -> String,
}

impl Left {
    /// An honest one.
    pub(crate) fn new(unit: &Value, artifact: Vec<u8>) -> Left {
        let (log, source) = (b"built\n".to_vec(), format!("source of {}", unit["unit"]).into_bytes());
        let recipe = &unit["inputs"]["recipe"];
        let text = |member: &str| recipe["build_info"][member].as_str().map(str::to_owned);
        let claimed = Claimed {
            build_environment: text("build_environment"),
            build_command: serde_json::from_value(recipe["build_info"]["build_command"].clone()).unwrap(),
            contract_path: text("contract_path"),
            source_code_snapshot: text("source_code_snapshot"),
            output_wasm_path: text("output_wasm_path"),
            link: recipe["link"].as_str().map(str::to_owned),
        };
        let mut statement = statement(&claimed, IMAGE, COMMIT, &Sha256Digest::of(&artifact));
        let digest = |bytes: &[u8]| json!({"sha256": Sha256Digest::of(bytes).to_hex()});
        statement["predicate"]["runDetails"]["byproducts"] = json!([{"name": "build-log", "digest": digest(&log)}]);
        let dependencies = &mut statement["predicate"]["buildDefinition"]["resolvedDependencies"];
        dependencies.as_array_mut().unwrap().push(json!({"name": "source-archive", "digest": digest(&source)}));
        Left { unit: unit.clone(), artifact, log, source, statement, bend_line: |line| line }
    }

    pub(crate) fn id(&self) -> &str {
        self.unit["unit"].as_str().unwrap()
    }

    /// Writes it into the folder of its unit below `folder`, signed or not. Gives that folder.
    pub(crate) fn write(&self, folder: &Path, notary: Option<&Notary>) -> PathBuf {
        self.write_as(folder, self.id(), notary)
    }

    /// The same under another name.
    pub(crate) fn write_as(&self, folder: &Path, name: &str, notary: Option<&Notary>) -> PathBuf {
        let path = folder.join(name);
        std::fs::create_dir_all(&path).unwrap();
        let said = match notary {
            Some(notary) => ("manifest.intoto.jsonl", format!("{}\n", (self.bend_line)(notary.sign(&self.statement)))),
            None => ("statement.json", self.statement.to_string()),
        };
        let files = [
            ("artifact.wasm", self.artifact.clone()),
            ("build.log", self.log.clone()),
            ("source.tar", self.source.clone()),
            (said.0, said.1.into_bytes()),
        ];
        let mut named = Vec::new();
        for (name, bytes) in &files {
            std::fs::write(path.join(name), bytes).unwrap();
            named.push(json!({"name": name, "sha256": Sha256Digest::of(bytes).to_hex()}));
        }
        let report = json!({"schema": "provenear/unit/v1", "error": null, "unit": self.unit["unit"],
            "inputs": self.unit["inputs"], "allow_unlimited": false,
            "key": notary.map(|notary| notary.public_key().to_near()), "host": null,
            "artifact": Sha256Digest::of(&self.artifact).to_hex(), "files": named, "phases": []});
        documents::check(&report).unwrap();
        std::fs::write(path.join("unit.json"), report.to_string()).unwrap();
        path
    }
}

/// Every file of a store with its bytes, but for the lock and for units that lie beside it.
pub(crate) fn files(store: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(store)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, path)| name != ".provenear.lock" && path.is_file())
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect();
    all.sort();
    all
}

/// The names of what lies in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The name of the file of the manifests of some code.
pub(crate) fn manifests_of(artifact: &[u8]) -> String {
    format!("{}.intoto.jsonl", Sha256Digest::of(artifact).to_base58())
}
