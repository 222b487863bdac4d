//! The bytes of the code: from one endpoint where the record that all agree on names their hash, else from each.

use super::{AskError, Failure, Head, Look, LookError, Transport, disagreement};
use crate::deployment::{Code, Endpoint};
use crate::digest::Sha256Digest;
use crate::near::{AccountContract, AccountId, Block, BlockReference};
use crate::rpc::{self, RpcError, ServedCode};

impl<'a, T: Transport> Look<'a, T> {
    pub(super) async fn fetch_code(
        &self,
        endpoint: &'a Endpoint,
        account: &AccountId,
        block: &Block,
    ) -> Result<Option<ServedCode>, Failure<'a>> {
        let reference = BlockReference::Hash(block.hash);
        match self.ask(endpoint, rpc::view_code(account, &reference), rpc::parse_code).await {
            Err(AskError::Rpc(RpcError::NoContractCode | RpcError::NoGlobalContractCode)) => Ok(None),
            answer => self.take_pinned(endpoint, answer, account, block).map(Some),
        }
    }

    /// The code that was served. All agree on the record, so that what is wrong with these bytes is the fault of who served
    /// them.
    pub(super) async fn check_code(
        &self,
        account: &AccountId,
        block: &Block,
        contract: &AccountContract,
        heads: &[Head<'a>],
        (server, served): (&'a Endpoint, Option<ServedCode>),
    ) -> Result<Option<Code>, Failure<'a>> {
        let (served, expected) = match (contract, served) {
            (AccountContract::None | AccountContract::Uninitialized, None) => return Ok(None),
            (AccountContract::Global(hash), None) => {
                return Err(self.without_code(account, block, hash, heads, server).await?);
            }
            (AccountContract::None | AccountContract::Uninitialized, Some(_)) | (_, None) => {
                return Err(contradicts_itself(server));
            }
            (AccountContract::Local(hash) | AccountContract::Global(hash), Some(served)) => (served, *hash),
            (AccountContract::GlobalByAccount(_) | AccountContract::EthImplicit(_), Some(served)) => {
                let hash = Sha256Digest::of(&served.bytes);
                for other in heads.iter().map(|head| head.endpoint).filter(|endpoint| *endpoint != server) {
                    self.serves_alike(other, account, block, (server, &hash)).await?;
                }
                (served, hash)
            }
        };
        check_bytes(server, served, &expected).map(Some).map_err(Failure::Final)
    }

    /// Why `server` serves nothing for a hash that all agree on. Nobody may have published those bytes; where another endpoint
    /// has them, `server` is wrong.
    async fn without_code(
        &self,
        account: &AccountId,
        block: &Block,
        hash: &Sha256Digest,
        heads: &[Head<'a>],
        server: &'a Endpoint,
    ) -> Result<Failure<'a>, Failure<'a>> {
        for other in heads.iter().map(|head| head.endpoint).filter(|endpoint| *endpoint != server) {
            if self.fetch_code(other, account, block).await?.is_some() {
                return Ok(contradicts_itself(server));
            }
        }
        Ok(Failure::Final(LookError::UnknownCode(hash.to_base58())))
    }

    /// Where the record names no hash of the bytes, every endpoint has to serve them.
    pub(super) async fn serves_alike(
        &self,
        endpoint: &'a Endpoint,
        account: &AccountId,
        block: &Block,
        (server, hash): (&Endpoint, &Sha256Digest),
    ) -> Result<(), Failure<'a>> {
        match self.fetch_code(endpoint, account, block).await? {
            None => Err(contradicts_itself(endpoint)),
            Some(served) if Sha256Digest::of(&served.bytes) == *hash => Ok(()),
            Some(_) => Err(disagreement(server, endpoint, "the bytes of the code".to_owned())),
        }
    }
}

/// All agree on the record, the endpoint itself as well, and what it serves as code does not fit.
fn contradicts_itself(endpoint: &Endpoint) -> Failure<'_> {
    let reason = "its record of the account does not fit the code that it serves".to_owned();
    Failure::Replaceable(endpoint, LookError::RpcMalformed { host: endpoint.host().to_owned(), reason })
}

pub(super) fn check_bytes(endpoint: &Endpoint, served: ServedCode, expected: &Sha256Digest) -> Result<Code, LookError> {
    let code = Code::new(served.bytes)?;
    if code.hash() == expected {
        return Ok(code);
    }
    Err(LookError::CodeHashMismatch {
        host: endpoint.host().to_owned(),
        found: code.hash().to_base58(),
        expected: expected.to_base58(),
    })
}
