//! Endpoints that a link named. They are asked besides the reader's own, never instead.

use super::{Failure, Look, REFERENCE, Transport, disagreement, outcome};
use crate::deployment::{Code, Endpoint, EndpointOutcome, LookError};
use crate::near::{AccountContract, AccountId, Block};
use crate::rpc;

impl<'a, T: Transport> Look<'a, T> {
    /// Endpoints that a link named: they may object, and their silence changes nothing.
    pub(super) async fn ask_link_endpoints(
        &self,
        account: &AccountId,
        block: &Block,
        contract: &AccountContract,
        code: Option<&Code>,
        first: &'a Endpoint,
    ) -> Result<Vec<EndpointOutcome>, Failure<'a>> {
        let mut outcomes = Vec::new();
        for endpoint in self.chain.link_endpoints() {
            let said = match self.record_of_stranger(endpoint, account, block).await {
                Ok(record) if record != *contract => Err(disagreement(first, endpoint, REFERENCE.to_owned())),
                Ok(AccountContract::GlobalByAccount(_) | AccountContract::EthImplicit(_)) => match code {
                    Some(code) => self.serves_alike(endpoint, account, block, (first, code.hash())).await,
                    None => Ok(()),
                },
                Ok(
                    AccountContract::None
                    | AccountContract::Uninitialized
                    | AccountContract::Local(_)
                    | AccountContract::Global(_),
                ) => Ok(()),
                Err(failure) => Err(failure),
            };
            match said {
                Ok(()) => outcomes.push(outcome(endpoint, None)),
                Err(Failure::Final(error @ LookError::RpcDisagreement { .. })) => return Err(Failure::Final(error)),
                Err(
                    Failure::Replaceable(_, error)
                    | Failure::Strange(_, error)
                    | Failure::Undecided(error)
                    | Failure::Final(error),
                ) => outcomes.push(outcome(endpoint, Some(error))),
            }
        }
        Ok(outcomes)
    }

    async fn record_of_stranger(
        &self,
        endpoint: &'a Endpoint,
        account: &AccountId,
        block: &Block,
    ) -> Result<AccountContract, Failure<'a>> {
        let status = self.ask(endpoint, rpc::status(), rpc::parse_status).await;
        let status = status.map_err(|error| self.look_error(endpoint, error, account.as_str(), &self.chain.block));
        match status.and_then(|status| self.same_chain(endpoint, &status)) {
            Ok(()) => self.record(endpoint, account, block).await,
            Err(error) => Err(Failure::Replaceable(endpoint, error)),
        }
    }
}
