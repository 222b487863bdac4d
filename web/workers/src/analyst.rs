//! Does the jobs of the second program's views: what is inside a module, what an account, a registry or a DAO has.

use js_sys::{Array, Function, Uint8Array};
use provenear_shared::wasm::Module;
use provenear_web_browser::message::bytes;
use provenear_web_protocol::{Done, Job, from_js, to_js};
use wasm_bindgen::JsValue;

use crate::errand;
use crate::sandbox::Browser;

/// Does one job, with the bytes that it is about. Gives what came of it, and bytes where they are part of that.
///
/// # Errors
/// One sentence.
pub async fn work(job: JsValue, beside: &Array, sandbox: Function) -> Result<Array, String> {
    let given = bytes(beside).into_iter().next();
    let code = || given.as_deref().ok_or("the code is no longer at hand: look again");
    let parse = || Module::parse(code()?).map_err(|error| error.to_string());
    let (done, bytes) = match from_js(job)? {
        Job::Code => (Done::Code, Some(Uint8Array::from(code()?))),
        Job::Facts => {
            let facts = provenear_shared::embedded::facts(&parse()?, &Browser(sandbox)).await;
            (Done::Facts(Box::new(facts)), None)
        }
        Job::Abi => {
            let abi = provenear_shared::abi::abi(&parse()?, &Browser(sandbox)).await;
            (Done::Abi(Box::new(abi.map_err(|error| error.to_string())?)), None)
        }
        Job::Module(ask) => {
            let (module, code) = errand::module(ask, given).await?;
            (Done::Module(module), Some(code))
        }
        Job::Registry { ask, registry } => (Done::Registry(errand::registry(ask, &registry).await?), None),
        Job::Proposal { ask, id } => {
            let (proposal, code) = errand::proposal(ask, id).await?;
            (Done::Proposal(Box::new(proposal)), code)
        }
        Job::Past { url, account, height } => (Done::Past(errand::past(&url, &account, height).await?), None),
        Job::BlockTime { url, height } => (Done::BlockTime(errand::block_time(&url, height).await?), None),
        Job::Source(sha256) => {
            (Done::Source(errand::source(sha256, given.as_deref().ok_or("there is no file")?)?), None)
        }
    };
    let text = to_js(&done);
    Ok(std::iter::once(text).chain(bytes.map(JsValue::from)).collect())
}
