//! A verdict scenario: evidence described in JSON, turned into the real thing and put before `inspect`.
//! What is left out is as in an honest case: the real claim of a mainnet release, deployed as rebuilt, two endpoints
//! that agree, one trusted key `alice` whose manifest says that it matches. Each scenario changes one thing.
//! The chain, the sandbox and the store are stand-ins here; the devnet and the engines have tests of their own.

mod chain;
mod entry;
mod sandbox;

use futures_util::future::FutureExt;
use provenear_shared::Report;
use provenear_shared::deployment::{ChainView, Endpoint};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::embedded::METADATA_EXPORT;
use provenear_shared::inspection::{Inspection, ManifestOrigin, ManifestText, Question, Stores, Subject};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::manifest::Policy;
use provenear_shared::near::{AccountId, BlockReference, Network};
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use provenear_shared::wasm::node::host_functions;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::notary::{Notary, statement};
use entry::{ManifestEntry, Shape};
use sandbox::StubSandbox;

/// The claim of a real release, of which every part is usable.
const CLAIM: &str = include_str!("../testdata/claim.json");
/// The reader's clock, milliseconds since 1970.
pub(crate) const NOW_MS: u64 = 1_795_392_000_000;

/// The evidence. Every member has its honest value when left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// `account`, `file` or `hash`.
    subject: String,
    /// The account that is asked about.
    account_id: String,
    /// What stands there: `honest`, `tampered`, `none`, `not-wasm`, `unpublished` for a hash without code, or `unknown` for no
    /// such account.
    deployed: String,
    /// How the account refers to its code: `local`, `global`, `global-by-account`, `eth-implicit`, or `uninitialized`.
    contract: String,
    /// What the bytes answer: an object, a text, or false where there is no such export.
    claim: Value,
    /// Members to set in the honest claim, by JSON pointer; null takes the member away.
    claim_edit: Value,
    /// Host functions that the module imports.
    imports: Vec<String>,
    /// Host functions that the export calls besides `value_return`.
    calls: Vec<String>,
    /// Whether nodes take the module.
    runnable: bool,
    /// How the sandboxed run ends: `returned`, `trapped`, `float`, `limit` or `not-started`.
    end: String,
    /// What the node answers, where it is not what the bytes answer; false where it fails.
    node_claim: Option<Value>,
    /// The reader's endpoints, each `honest`, a fault (see `chain`), or the first in another spelling: `first-again`,
    /// `first-by-path`, `first-by-case`, `first-by-port`.
    endpoints: Vec<String>,
    /// How many must agree, where the reader says so.
    quorum: Option<usize>,
    /// Which block is asked for: `final`, a height or a hash.
    block: String,
    /// Seconds from that block to the present, where it is asked for by height or hash.
    block_age: u64,
    /// Seconds by which the reader's clock is slow.
    clock_slow: u64,
    /// Endpoints that a link named.
    linked: Vec<String>,
    /// The names of the keys that the reader trusts.
    trust: Vec<String>,
    /// How many must agree.
    threshold: usize,
    /// Whether the reader accepts the published images, or none.
    accept_images: bool,
    /// Whether the reader accepts builds that are not customary.
    accept_custom_build: bool,
    /// Whether the reader accepts sources at local addresses.
    accept_local_source: bool,
    /// The manifests at hand.
    manifests: Vec<ManifestEntry>,
    /// How files of manifests are written, at hand and in stores.
    shape: Shape,
    /// Manifests in the reader's store.
    store: Vec<ManifestEntry>,
    /// More stores, each `honest` (with the lines of `store`), `empty`, `page`, `silent`, `slow`, `too-large`, or `junk N` for
    /// N lines that are no envelopes before those of `store`.
    stores: Vec<String>,
    /// Whether the stores are asked.
    ask_stores: bool,
    /// The access keys of the account: key names; before one that may only call functions `fc:`, before a gas key `gas:` or
    /// `gas-fc:`, before one of ML-DSA `ml-dsa:`.
    access_keys: Vec<String>,
    /// How nodes list them: `whole`, `pages N`, `repeats` for a page that comes again and again, `endless`, `twice` for each,
    /// `more-than-asked-for`, `at-once N` for others without pages, `no-key`, `refused` as too many, `unread` for a permission
    /// that nobody knows, or `other-block`.
    key_listing: String,
}

impl Default for Scenario {
    fn default() -> Scenario {
        Scenario {
            subject: "account".into(),
            account_id: "app.near".into(),
            deployed: "honest".into(),
            contract: "local".into(),
            claim: serde_json::from_str(CLAIM).unwrap_or_default(),
            claim_edit: json!({}),
            imports: Vec::new(),
            calls: Vec::new(),
            runnable: true,
            end: "returned".into(),
            node_claim: None,
            endpoints: vec!["honest".into(), "honest".into()],
            quorum: None,
            block: "final".into(),
            block_age: 1,
            clock_slow: 0,
            linked: Vec::new(),
            trust: vec!["alice".into()],
            threshold: 1,
            accept_images: true,
            accept_custom_build: false,
            accept_local_source: false,
            manifests: vec![ManifestEntry::default()],
            shape: Shape::Lines,
            store: Vec::new(),
            stores: Vec::new(),
            ask_stores: true,
            access_keys: Vec::new(),
            key_listing: "whole".into(),
        }
    }
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Scenario, String> {
        let mut scenario: Scenario = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let edit = scenario.claim_edit.take();
        change(&mut scenario.claim, &edit)?;
        Ok(scenario)
    }

    /// Puts it before `inspect`.
    ///
    /// # Errors
    /// When the scenario itself cannot be set up.
    pub fn inspect(&self) -> Result<Inspection, String> {
        let subject = self.subject()?;
        let mut policy = Policy::new();
        policy.threshold = self.threshold;
        policy.accept_custom_build = self.accept_custom_build;
        policy.accept_local_source = self.accept_local_source;
        policy.keys = self.trust.iter().map(|name| trusted(name)).collect::<Result<_, _>>()?;
        if !self.accept_images {
            policy.images.clear();
        }
        let own = self.endpoints.iter().enumerate().map(|(at, fault)| match fault.as_str() {
            "first-again" => Endpoint::own(format!("https://own0.{}", self.endpoints[0])),
            "first-by-path" => Endpoint::own(format!("https://own0.{}/another/key?k=1", self.endpoints[0])),
            "first-by-case" => Endpoint::own(format!("https://OWN0.{}./", self.endpoints[0])),
            "first-by-port" => Endpoint::own(format!("https://own0.{}:443/", self.endpoints[0])),
            fault => Endpoint::own(format!("https://own{at}.{fault}/")),
        });
        let linked = self.linked.iter().enumerate();
        let linked = linked.map(|(at, fault)| Endpoint::of_link(format!("https://link{at}.{fault}/")));
        let chain = ChainView {
            network: Network::mainnet(),
            endpoints: own.chain(linked).collect(),
            quorum: self.quorum,
            block: BlockReference::parse(&self.block).ok_or("the block is malformed")?,
            now_ms: NOW_MS - self.clock_slow * 1000,
        };
        let manifests = vec![ManifestText { text: self.lines(&self.manifests)?, origin: ManifestOrigin::File }];
        let stores =
            if self.stores.is_empty() && !self.store.is_empty() { &["honest".to_owned()] } else { &self.stores[..] };
        let stores = stores.iter().enumerate().map(|(at, how)| format!("https://store{at}.example/{how}")).collect();
        let stores = if self.ask_stores { Stores::Asked(stores) } else { Stores::NotYet(stores) };
        let question = Question { subject, chain, policy, manifests, stores };
        let chain = chain::StandIn { scenario: self, stored: self.lines(&self.store)? };
        let run = provenear_shared::inspect(&question, &chain, &StubSandbox(self), |_| {}).now_or_never();
        run.ok_or_else(|| "`inspect` waited, though nothing here makes it wait".to_owned())
    }

    /// As [`Scenario::inspect`], as a report.
    ///
    /// # Errors
    /// When the scenario itself cannot be set up.
    pub fn report(&self) -> Result<Report, String> {
        Ok(Report::of(&self.inspect()?, &self.subject()?, &Network::mainnet()))
    }

    fn subject(&self) -> Result<Subject, String> {
        let account = AccountId::parse(&self.account_id).ok_or("the account is malformed")?;
        Ok(match self.subject.as_str() {
            "account" => Subject::Account(account),
            "file" => Subject::File { name: "dropped.wasm".into(), bytes: self.code() },
            "hash" => Subject::CodeHash(Sha256Digest::of(&self.code())),
            other => return Err(format!("`{other}` is not a subject")),
        })
    }

    /// The bytes that stand there.
    pub(crate) fn code(&self) -> Vec<u8> {
        if self.deployed == "not-wasm" { b"<html>".to_vec() } else { self.module(&self.deployed) }
    }

    /// A module whose metadata export, if it has one, does nothing, with its imports and a custom section with a text.
    pub(crate) fn module(&self, text: &str) -> Vec<u8> {
        // Lengths in two bytes of LEB128, which is enough for all of these.
        let length = |length: usize| [(length & 0x7f | 0x80) as u8, (length >> 7) as u8];
        let section = |id: u8, body: &[u8]| [&[id][..], &length(body.len()), body].concat();
        let named = |name: &str| [&length(name.len()), name.as_bytes()].concat();
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        // The export's, those of the imports, and one of which nothing is: with a vector for the sole parameter.
        let mut types = vec![vec![0x60, 0, 0]];
        types.extend(self.imports.iter().map(|name| host_type(name)));
        types.extend((!self.runnable).then(|| vec![0x60, 1, 0x7b, 0]));
        module.extend(section(1, &[&length(types.len())[..], &types.concat()].concat()));
        if !self.imports.is_empty() {
            let imports = self.imports.iter().enumerate();
            let imports = imports.map(|(at, name)| [&named("env")[..], &named(name), &[0], &length(at + 1)].concat());
            module
                .extend(section(2, &[&length(self.imports.len())[..], &imports.collect::<Vec<_>>().concat()].concat()));
        }
        if self.claim != json!(false) {
            module.extend(section(3, &[1, 0]));
            let index = length(self.imports.len());
            module.extend(section(7, &[&[1][..], &named(METADATA_EXPORT), &[0], &index].concat()));
            module.extend(section(10, &[1, 2, 0, 0x0b]));
        }
        module.extend(section(0, &[named("which"), text.as_bytes().to_vec()].concat()));
        module
    }

    pub(crate) fn claim_bytes(claim: &Value) -> Vec<u8> {
        claim.as_str().map_or_else(|| claim.to_string().into_bytes(), |text| text.as_bytes().to_vec())
    }

    /// The manifests at hand, one a line.
    ///
    /// # Errors
    /// When the scenario itself cannot be set up.
    pub fn manifest_lines(&self) -> Result<String, String> {
        self.lines(&self.manifests)
    }

    fn lines(&self, entries: &[ManifestEntry]) -> Result<String, String> {
        let lines: Result<Vec<String>, String> = entries.iter().map(|entry| self.line(entry)).collect();
        Ok(self.shape.write(&lines?))
    }

    fn line(&self, entry: &ManifestEntry) -> Result<String, String> {
        if let Some(raw) = &entry.raw {
            return Ok(raw.clone());
        }
        let payload = match &entry.payload {
            Some(payload) => payload.clone().into_bytes(),
            None => {
                let mut statement = self.statement(entry)?;
                let named = Notary::named(entry.names.as_ref().unwrap_or(&entry.by));
                named.introduce(&mut statement);
                let internal = &mut statement["predicate"]["buildDefinition"]["internalParameters"];
                if entry.names_spelling == "ssh" {
                    internal["signer"]["public_key"] = json!(named.public_key().to_ssh());
                }
                if entry.codes > 0 {
                    internal["notices"] = (0..entry.codes).map(|code| format!("{code:x}")).collect();
                }
                change(&mut statement, &entry.edit)?;
                statement.to_string().into_bytes()
            }
        };
        let line = Notary::named(&entry.by).seal(&payload);
        let mut envelope: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        change(&mut envelope, &entry.envelope)?;
        if let Some(name) = &entry.keyid_of {
            envelope["signatures"][0]["keyid"] = json!(Notary::named(name).public_key().fingerprint());
        }
        if entry.filler > 0 {
            envelope["filler"] = json!("x".repeat(entry.filler));
        }
        if entry.flip {
            use base64::{Engine, prelude::BASE64_STANDARD};
            let text = String::from_utf8(payload).map_err(|error| error.to_string())?;
            let other = text.replacen("finishedOn", "finishedOm", 1);
            envelope["payload"] = json!(BASE64_STANDARD.encode(other));
        }
        Ok(entry.around(envelope).to_string() + &" ".repeat(entry.padding))
    }

    /// What a rebuilder of the claim states; of the honest claim where this one cannot be rebuilt.
    fn statement(&self, entry: &ManifestEntry) -> Result<Value, String> {
        let usable = |claim: &[u8]| {
            let metadata = ContractSourceMetadata::parse(claim).map_err(|error| error.to_string())?;
            Recipe::from_metadata(&metadata).map_err(|_| "the claim cannot be rebuilt".to_owned())
        };
        let recipe = usable(&Scenario::claim_bytes(&self.claim)).or_else(|_| usable(CLAIM.as_bytes()))?;
        let artifact = Sha256Digest::of(&self.module(&entry.artifact));
        Ok(statement(recipe.claimed(), &recipe.image().digest().to_hex(), recipe.source().commit(), &artifact))
    }
}

/// The key of a notary, with the name as the reader's.
fn trusted(name: &str) -> Result<(PublicKey, KeyName), String> {
    let named = KeyName::parse(name).map_err(|error| error.to_string())?;
    Ok((Notary::named(name).public_key(), named))
}

/// Sets members by JSON pointer; null takes one away.
fn change(value: &mut Value, edits: &Value) -> Result<(), String> {
    for (pointer, new) in edits.as_object().into_iter().flatten() {
        let (parent, name) = pointer.rsplit_once('/').ok_or(format!("`{pointer}` is no JSON pointer"))?;
        match value.pointer_mut(parent) {
            Some(Value::Object(members)) if new.is_null() => {
                members.remove(name).ok_or(format!("nothing stands at `{pointer}`"))?;
            }
            Some(Value::Object(members)) => {
                members.insert(name.to_owned(), new.clone());
            }
            Some(Value::Array(entries)) => match name.parse::<usize>() {
                Ok(at) if at < entries.len() && new.is_null() => {
                    entries.remove(at);
                }
                Ok(at) if at < entries.len() => entries[at] = new.clone(),
                Ok(_) | Err(_) => entries.push(new.clone()),
            },
            Some(_) | None => return Err(format!("nothing stands at `{parent}`")),
        }
    }
    Ok(())
}

/// The type of a host function, as it stands in a module; none and nothing for one that no node has.
fn host_type(name: &str) -> Vec<u8> {
    let spelled = host_functions().find(|(known, _)| *known == name).map_or("", |(_, spelled)| spelled);
    let (takes, gives) = spelled.split_once('>').unwrap_or((spelled, ""));
    let values = |letters: &str| {
        let types = letters.bytes().map(|letter| if letter == b'I' { 0x7e } else { 0x7f });
        [letters.len() as u8].into_iter().chain(types).collect::<Vec<u8>>()
    };
    [vec![0x60], values(takes), values(gives)].concat()
}
