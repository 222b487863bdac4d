//! A view call that as many endpoints as must agree answer alike, at one block. Nothing of it decides a verdict.

use super::{AskError, Failed, Failure, Head, Look, Transport, disagreement, minority, outcome};
use crate::deployment::{Answer, LookError};
use crate::join::join_all;
use crate::near::{AccountId, BlockReference};
use crate::rpc::{self, RpcError};

/// What the contract returned, or in which way the call failed.
type Returned = Result<Vec<u8>, RpcError>;

impl<'a, T: Transport> Look<'a, T> {
    pub(in crate::deployment) async fn call(
        self,
        account: &AccountId,
        method: &str,
        args: &[u8],
    ) -> Result<Answer, Failed> {
        self.until_enough(async |look, heads| look.call_at_pinned(account, method, args, heads).await).await
    }

    async fn call_at_pinned(
        &mut self,
        account: &AccountId,
        method: &str,
        args: &[u8],
        heads: &[Head<'a>],
    ) -> Result<Answer, Failure<'a>> {
        let none = || Failure::Final(LookError::NoEndpoint(self.chain.network.chain_id().to_owned()));
        let pinned = heads.iter().min_by_key(|head| head.block.height).ok_or_else(none)?;
        let reference = BlockReference::Hash(pinned.block.hash);
        let answers = join_all(heads.iter().map(|head| async {
            let body = rpc::call_function(account, method, args, &reference);
            match self.ask(head.endpoint, body, rpc::parse_call).await {
                // A failure of the contract itself is an answer; it comes without a block.
                Err(AskError::Rpc(error @ (RpcError::CallFailed(_) | RpcError::MethodNotFound))) => Ok(Err(error)),
                answer => self.take_pinned(head.endpoint, answer, account, &pinned.block).map(Ok),
            }
        }))
        .await;
        minority::check_answers(pinned, heads, &answers)?;
        let (mut told, mut strange) = (Vec::<Returned>::new(), None);
        for answer in answers {
            match answer {
                Ok(returned) => told.push(returned),
                // Who failed goes before: while one did, this one was not contradicted by anybody.
                Err(failure @ Failure::Strange(..)) => strange = Some(failure),
                Err(failure) => return Err(failure),
            }
        }
        if let Some(failure) = strange {
            return Err(failure);
        }
        let mut answers = told.into_iter();
        let first = answers.next().ok_or_else(none)?;
        let same = |other: &Returned| match (&first, other) {
            (Ok(one), Ok(other)) => one == other,
            // Nodes of different versions word a failure differently.
            (Err(_), Err(_)) => true,
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
        };
        if let Some(other) = answers.position(|other| !same(&other)) {
            let about = format!("what `{method}` of `{account}` returns");
            return Err(disagreement(heads[0].endpoint, heads[other + 1].endpoint, about));
        }
        let mut endpoints = std::mem::take(&mut self.outcomes);
        endpoints.extend(heads.iter().map(|head| outcome(head.endpoint, None)));
        Ok(Answer { block: pinned.block.clone(), result: first, endpoints })
    }
}
