//! Code by its hash. The bytes prove themselves, so the first endpoint that has them is enough.

use super::code::check_bytes;
use super::{AskError, Failed, Look, Transport};
use crate::deployment::{Code, LookError};
use crate::digest::Sha256Digest;
use crate::rpc::{self, RpcError};

impl<T: Transport> Look<'_, T> {
    pub(in crate::deployment) async fn global(mut self, code_hash: &Sha256Digest) -> Result<Code, Failed> {
        let mut refused = None;
        for endpoint in self.chain.own_endpoints() {
            let body = rpc::view_global_contract_code(code_hash, &self.chain.block);
            match self.ask(endpoint, body, rpc::parse_code).await {
                Ok(served) => match check_bytes(endpoint, served.value, code_hash) {
                    Ok(code) => return Ok(code),
                    Err(error) => self.failed(endpoint, error),
                },
                Err(AskError::Rpc(RpcError::NoGlobalContractCode)) => {
                    refused = Some(LookError::UnknownCode(code_hash.to_base58()))
                }
                Err(error) => {
                    let error = self.look_error(endpoint, error, "", &self.chain.block);
                    self.failed(endpoint, error);
                }
            }
        }
        let worst = self.outcomes.iter().find_map(|outcome| outcome.error.clone());
        let none = || LookError::NoEndpoint(self.chain.network.chain_id().to_owned());
        Err((refused.or(worst).unwrap_or_else(none), self.outcomes))
    }
}
