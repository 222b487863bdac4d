//! How an endpoint can misbehave, and for which requests. Faults of content change an honest result;
//! faults of transport replace the answer.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::account::Hash;
use super::rpc::RpcRequest;
use crate::http::{Body, Ending, Reply, Response};

/// One way to misbehave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Other bytes, under the true hash.
    OtherBytes(Vec<u8>),
    /// The true bytes, under another hash (in `view_account` too).
    OtherHash(Hash),
    /// Other bytes with their own hash, as if that code were deployed: a lie that one endpoint alone cannot betray.
    OtherCode(Vec<u8>),
    /// `contract_source_metadata` answers this text, whatever the bytes say.
    Metadata(String),
    /// Every view call answers this text, whatever the contract says.
    Returns(String),
    /// `status` names another chain.
    ChainId(String),
    /// The final block is this much older than it should be.
    StaleFinal(Duration),
    /// Answers name the block after the one that was asked for.
    OtherBlock,
    /// Answers carry another request's `id`.
    OtherId,
    /// The access keys are hidden.
    NoKeys,
    /// Access keys are listed without pages.
    NoPages,
    /// The first page of access keys comes again and again.
    SamePage,
    /// A global contract by account is told as one by this hash.
    ByHash(Hash),
    /// No answer, ever.
    Hang,
    /// The honest body, so many bytes at a time with a pause between.
    Drip(usize, Duration),
    /// A body that begins honestly and never ends.
    Endless,
    /// The first half of the honest body, then a broken connection.
    CutBody,
    /// This HTTP status with a page of HTML; optionally `Retry-After` in seconds.
    Status(u16, Option<u32>),
    /// HTTP 200 with this body and content type.
    Raw(String, String),
    /// The honest JSON without its last ten bytes.
    TruncatedJson,
    /// A result that is an array in an array and so on, so many levels deep.
    DeepJson(usize),
    /// The honest answer without CORS headers; preflights are refused.
    NoCors,
    /// The connection is closed without an answer.
    Close,
    /// A redirect to another address.
    Redirect(String),
}

impl Fault {
    /// A gateway's page with status 200, where JSON was asked for.
    pub fn html() -> Fault {
        Fault::Raw("text/html".into(), PAGE.into())
    }

    /// Something that is not JSON, though it says so.
    pub fn not_json() -> Fault {
        Fault::Raw("application/json".into(), "{'jsonrpc': '2.0', result: nope".into())
    }
}

const PAGE: &str =
    "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>";

/// Which requests a fault concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Where {
    /// A method or request type: `status`, `block`, `view_code` …; none means all.
    pub kind: Option<String>,
    /// The account asked about; none means all.
    pub account_id: Option<String>,
}

impl Where {
    /// Every request.
    pub fn all() -> Where {
        Where::default()
    }

    /// Requests of one method or request type, in `query` or its own method.
    pub fn kind(kind: &str) -> Where {
        Where { kind: Some(kind.into()), account_id: None }
    }

    /// Requests about one account.
    pub fn account(account_id: &str) -> Where {
        Where { kind: None, account_id: Some(account_id.into()) }
    }

    pub(crate) fn holds(&self, request: &RpcRequest) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == request.kind())
            && (self.account_id.is_none() || self.account_id.as_deref() == request.account_id())
    }
}

/// Changes what is asked for. The parameters that are passed over are taken away.
pub(crate) fn mishear(fault: &Fault, params: &mut Value) {
    let passed_over: &[&str] = match fault {
        Fault::NoPages => &["limit", "after_key"],
        Fault::SamePage => &["after_key"],
        _ => return,
    };
    if let Some(fields) = params.as_object_mut() {
        fields.retain(|name, _| !passed_over.contains(&name.as_str()));
    }
}

/// Changes an honest result. `next_block` is the block after the one that was asked for.
pub(crate) fn spoil(fault: &Fault, request: &RpcRequest, result: &mut Value, next_block: (u64, Hash)) {
    match (fault, request.kind()) {
        (
            Fault::OtherBytes(bytes),
            "view_code" | "view_global_contract_code" | "view_global_contract_code_by_account_id",
        ) => {
            result["code_base64"] = json!(BASE64_STANDARD.encode(bytes));
        }
        (Fault::OtherHash(hash), "view_account") => result["code_hash"] = json!(hash.to_string()),
        (Fault::OtherHash(hash), kind) if result.get("hash").is_some() && kind != "block" => {
            result["hash"] = json!(hash.to_string());
        }
        (Fault::ByHash(hash), "view_account") if result.get("global_contract_account_id").is_some() => {
            if let Some(fields) = result.as_object_mut() {
                fields.remove("global_contract_account_id");
            }
            result["global_contract_hash"] = json!(hash.to_string());
        }
        (Fault::OtherCode(bytes), "view_account") => result["code_hash"] = json!(Hash::of(bytes).to_string()),
        (Fault::OtherCode(bytes), _) if result.get("code_base64").is_some() => {
            result["code_base64"] = json!(BASE64_STANDARD.encode(bytes));
            result["hash"] = json!(Hash::of(bytes).to_string());
        }
        (Fault::Metadata(text), "call_function")
            if request.params["method_name"] == json!("contract_source_metadata") =>
        {
            if let Some(fields) = result.as_object_mut() {
                fields.remove("error");
            }
            result["result"] = json!(text.as_bytes());
        }
        (Fault::Returns(text), "call_function") => {
            if let Some(fields) = result.as_object_mut() {
                fields.remove("error");
            }
            result["result"] = json!(text.as_bytes());
        }
        (Fault::ChainId(chain_id), "status") => result["chain_id"] = json!(chain_id),
        (Fault::NoKeys, "view_access_key_list") => result["keys"] = json!([]),
        (Fault::OtherBlock, _) => {
            let (height, hash) = (json!(next_block.0), json!(next_block.1.to_string()));
            if result.get("block_height").is_some() {
                result["block_height"] = height;
                result["block_hash"] = hash;
            } else if let Some(header) = result.get_mut("header") {
                header["height"] = height;
                header["hash"] = hash;
            }
        }
        _ => {}
    }
}

/// Replaces the way in which an honest response is sent.
pub(crate) fn divert(fault: &Fault, id: &Value, mut honest: Response) -> Reply {
    let body = match &honest.body {
        Body::Whole(bytes) => bytes.clone(),
        Body::Paced { .. } => Vec::new(),
    };
    match fault {
        Fault::Hang => return Reply::Hang,
        Fault::Close => return Reply::Close,
        Fault::Drip(size, pause) => {
            let pieces: Vec<Vec<u8>> = body.chunks((*size).max(1)).map(<[u8]>::to_vec).collect();
            honest.body = Body::Paced { pieces: Box::new(pieces.into_iter()), pause: *pause, ending: Ending::Complete };
        }
        Fault::Endless => {
            let begin = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"code_base64\":\"").into_bytes();
            let more = std::iter::repeat_with(|| vec![b'A'; 1 << 16]);
            let pieces = Box::new(std::iter::once(begin).chain(more));
            honest.body = Body::Paced { pieces, pause: Duration::ZERO, ending: Ending::Complete };
        }
        Fault::CutBody => {
            let half = body[..body.len() / 2].to_vec();
            honest.body =
                Body::Paced { pieces: Box::new(std::iter::once(half)), pause: Duration::ZERO, ending: Ending::Cut };
        }
        Fault::Status(status, retry_after) => {
            honest.status = *status;
            set(&mut honest, "content-type", "text/html");
            if let Some(seconds) = retry_after {
                set(&mut honest, "retry-after", &seconds.to_string());
            }
            honest.body = Body::Whole(PAGE.into());
        }
        Fault::Raw(content_type, text) => {
            honest.status = 200;
            set(&mut honest, "content-type", content_type);
            honest.body = Body::Whole(text.clone().into_bytes());
        }
        Fault::TruncatedJson => honest.body = Body::Whole(body[..body.len().saturating_sub(10)].to_vec()),
        Fault::DeepJson(levels) => {
            let (open, close) = ("[".repeat(*levels), "]".repeat(*levels));
            let text = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{open}{close}}}");
            honest.body = Body::Whole(text.into_bytes());
        }
        Fault::NoCors => honest.headers.retain(|(name, _)| !name.starts_with("access-control-")),
        Fault::Redirect(url) => {
            honest.status = 307;
            set(&mut honest, "location", url);
            honest.body = Body::Whole(Vec::new());
        }
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
        | Fault::NoKeys => {}
    }
    Reply::Answer(honest)
}

fn set(response: &mut Response, name: &str, value: &str) {
    response.headers.retain(|(known, _)| known != name);
    response.headers.push((name.to_owned(), value.to_owned()));
}
