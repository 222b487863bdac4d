//! A NEAR JSON-RPC endpoint on loopback that answers in the shapes of `testdata/rpc`, holds the accounts given
//! to it, runs view calls, records what it is asked, and misbehaves when it is told to.
//! Not here: consensus. Roots, signatures and gas are made up.

mod account;
mod call;
mod chain;
mod error;
mod fault;
mod host;
mod ledger;
mod query;
mod request;
mod rpc;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

pub use account::{Account, Contract, Hash, Key, Permission};
pub use chain::{BLOCK_TIME, Block, Chain, Deploy};
pub use fault::{Fault, Where};

use crate::http::{Reply, Request, Response, Server};
use rpc::RpcRequest;

/// The node's `json_payload_max_size`.
const MAX_BODY: usize = 10 << 20;

/// A request that an endpoint received.
#[derive(Clone, Debug)]
pub struct Received {
    /// The HTTP request as it came.
    pub http: Request,
    /// The method, or what a query asks for (`view_code`); empty for preflights and malformed bodies.
    pub kind: String,
    /// The parameters, or null.
    pub params: Value,
}

/// One endpoint of a chain.
pub struct Devnet {
    server: Server,
    chain: Arc<Chain>,
    desk: Arc<Mutex<Desk>>,
}

#[derive(Default)]
struct Desk {
    faults: Vec<(Where, Fault, Option<u32>)>,
    received: Vec<Received>,
}

impl Devnet {
    /// A chain of its own, named `devnet-test`, at any free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> io::Result<Devnet> {
        Devnet::serve(Chain::new("devnet-test"), 0)
    }

    /// An endpoint of `chain` at `port` (0: any free one).
    ///
    /// # Errors
    /// When the port is taken.
    pub fn serve(chain: Arc<Chain>, port: u16) -> io::Result<Devnet> {
        Devnet::serve_through(chain, port, |_, answer| answer())
    }

    /// An endpoint of `chain` at `port` (0: any free one) each of whose requests goes through `gate`, which may wait before and
    /// after the answer, or give another.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn serve_through(
        chain: Arc<Chain>,
        port: u16,
        gate: impl Fn(&Request, &dyn Fn() -> Reply) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Devnet> {
        let desk = Arc::<Mutex<Desk>>::default();
        let (its_chain, its_desk) = (chain.clone(), desk.clone());
        let server =
            Server::start(port, move |request| gate(&request, &|| answer(&its_chain, &its_desk, request.clone())))?;
        Ok(Devnet { server, chain, desk })
    }

    /// Another endpoint of the same chain, honest until told otherwise.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn peer(&self) -> io::Result<Devnet> {
        Devnet::serve(self.chain.clone(), 0)
    }

    /// `http://127.0.0.1:<port>`
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The chain that it serves.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Sets an account to this local code with one full-access key, and returns the code hash.
    pub fn deploy(&self, account_id: &str, wasm: impl Into<Vec<u8>>) -> Hash {
        let wasm = wasm.into();
        let hash = Hash::of(&wasm);
        let key = Key::full_access(&format!("ed25519:{}", Hash::of(account_id.as_bytes())));
        self.chain.put(account_id, Account::new(Contract::local(wasm)).key(key));
        hash
    }

    /// Misbehaves from now on.
    pub fn misbehave(&self, at: Where, fault: Fault) {
        self.desk().faults.push((at, fault, None));
    }

    /// Misbehaves for so many of the requests concerned.
    pub fn misbehave_times(&self, times: u32, at: Where, fault: Fault) {
        self.desk().faults.push((at, fault, Some(times)));
    }

    /// Is honest again.
    pub fn behave(&self) {
        self.desk().faults.clear();
    }

    /// What it was asked, preflights included, in the order in which it came.
    pub fn received(&self) -> Vec<Received> {
        self.desk().received.clone()
    }

    /// The calls alone, without preflights.
    pub fn calls(&self) -> Vec<Received> {
        self.received().into_iter().filter(|it| it.http.method == "POST").collect()
    }

    /// Forgets what it was asked.
    pub fn forget(&self) {
        self.desk().received.clear();
    }

    fn desk(&self) -> std::sync::MutexGuard<'_, Desk> {
        lock(&self.desk)
    }
}

fn lock(desk: &Mutex<Desk>) -> std::sync::MutexGuard<'_, Desk> {
    desk.lock().expect("no holder of this lock panics")
}

fn answer(chain: &Chain, desk: &Mutex<Desk>, http: Request) -> Reply {
    let parsed = RpcRequest::parse(&http.body);
    let faults = note(desk, &http, parsed.as_ref().ok());
    if http.method == "OPTIONS" {
        let response = preflight();
        return if faults.contains(&Fault::NoCors) {
            fault::divert(&Fault::NoCors, &Value::Null, response)
        } else {
            response.into()
        };
    }
    if http.method != "POST" {
        return cors(Response::new(405, "text/plain", "")).with("allow", "POST").into();
    }
    if http.body.len() > MAX_BODY {
        return cors(Response::new(413, "text/plain", "Failed to buffer the request body: length limit exceeded"))
            .into();
    }
    let json_type = http.header("content-type").is_some_and(|it| it.starts_with("application/json"));
    if !json_type {
        let text = "Expected request with `Content-Type: application/json`";
        return cors(Response::new(415, "text/plain; charset=utf-8", text)).into();
    }
    let mut request = match parsed {
        Ok(request) => request,
        Err((status, text)) => {
            let kind = if text.starts_with('{') { "application/json" } else { "text/plain; charset=utf-8" };
            return cors(Response::new(status, kind, text)).into();
        }
    };
    faults.iter().for_each(|fault| fault::mishear(fault, &mut request.params));
    let honest = respond(chain, &request, &faults, http.header("host").unwrap_or_default());
    let transport = faults.iter().find(|fault| is_transport(fault));
    match transport {
        Some(fault) => fault::divert(fault, &request.id, honest),
        None => honest.into(),
    }
}

/// Keeps the request and returns the faults that concern it, each counted down.
fn note(desk: &Mutex<Desk>, http: &Request, request: Option<&RpcRequest>) -> Vec<Fault> {
    let mut desk = lock(desk);
    desk.received.push(Received {
        http: http.clone(),
        kind: request.map(|request| request.kind().to_owned()).unwrap_or_default(),
        params: request.map(|request| request.params.clone()).unwrap_or_default(),
    });
    let mut concerned = Vec::new();
    for (at, fault, left) in &mut desk.faults {
        // A preflight names no method: only a refusal of CORS concerns it.
        let holds = request.map_or(*fault == Fault::NoCors, |request| at.holds(request));
        if holds && *left != Some(0) {
            if let (Some(left), true) = (left, request.is_some()) {
                *left -= 1;
            }
            concerned.push(fault.clone());
        }
    }
    concerned
}

fn respond(chain: &Chain, request: &RpcRequest, faults: &[Fault], rpc_addr: &str) -> Response {
    let behind = faults.iter().find_map(|fault| if let Fault::StaleFinal(by) = fault { Some(*by) } else { None });
    let state = chain.lock();
    let answer = rpc::answer(&state, request, rpc_addr, behind.unwrap_or(Duration::ZERO));
    let id = if faults.contains(&Fault::OtherId) { json!("another") } else { request.id.clone() };
    let (status, body) = match answer {
        Ok(mut result) => {
            let asked = result["block_height"].as_u64().or_else(|| result["header"]["height"].as_u64());
            let next = state.block(asked.unwrap_or_default() + 1);
            for fault in faults {
                fault::spoil(fault, request, &mut result, (next.height, next.hash));
            }
            (200, json!({ "jsonrpc": "2.0", "result": result, "id": id }))
        }
        Err(error) => (error.status(), json!({ "jsonrpc": "2.0", "error": error.view(), "id": id })),
    };
    cors(Response::new(status, "application/json", body.to_string()))
}

fn is_transport(fault: &Fault) -> bool {
    match fault {
        Fault::Hang
        | Fault::Drip(..)
        | Fault::Endless
        | Fault::CutBody
        | Fault::Status(..)
        | Fault::Raw(..)
        | Fault::TruncatedJson
        | Fault::DeepJson(_)
        | Fault::NoCors
        | Fault::Close
        | Fault::Redirect(_) => true,
        Fault::OtherBytes(_)
        | Fault::OtherHash(_)
        | Fault::OtherCode(_)
        | Fault::Metadata(_)
        | Fault::Returns(_)
        | Fault::ChainId(_)
        | Fault::StaleFinal(_)
        | Fault::OtherBlock
        | Fault::OtherId
        | Fault::NoPages
        | Fault::SamePage
        | Fault::ByHash(_)
        | Fault::NoKeys => false,
    }
}

const VARY: &str = "origin, access-control-request-method, access-control-request-headers";

/// What a node with its default settings sends to a browser of any origin.
fn cors(response: Response) -> Response {
    response.with("access-control-allow-origin", "*").with("vary", VARY)
}

fn preflight() -> Response {
    let response = Response {
        status: 200,
        headers: vec![("allow".into(), "POST".into())],
        body: crate::http::Body::Whole(Vec::new()),
    };
    cors(response).with("access-control-allow-methods", "*").with("access-control-allow-headers", "*")
}
