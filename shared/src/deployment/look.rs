//! One look-up: which endpoints are asked for what, in which order, and when their answers are enough.
//! Not here: what an answer may look like (`rpc`).

mod call;
mod code;
mod global;
mod link_endpoints;
mod minority;
mod present;

use futures_util::future::join;

use super::{ChainView, Deployment, Endpoint, EndpointOutcome, LookError, Transport};
use crate::join::join_all;
use crate::near::{AccountContract, AccountId, Block, BlockReference};
use crate::rpc::{self, At, Reply, RpcError};

/// An endpoint this many blocks behind the newest is not waited for: the oldest of their blocks is the one that is looked at, so
/// that it would make the whole answer old.
const LAG_BLOCKS: u64 = 50;
/// One that is that far behind says so itself: its block is at least this old. One that does not is contradicted.
const LAG_MS: u64 = 15_000;
/// A newest final block this far from the reader's clock is not the newest, or the clock is wrong.
const STALE_MS: u64 = 120_000;

/// What endpoints may disagree about.
const REFERENCE: &str = "what code the account refers to";

pub(super) struct Look<'a, T> {
    chain: &'a ChainView,
    transport: &'a T,
    outcomes: Vec<EndpointOutcome>,
}

/// An endpoint that is on the right chain, with the block that it answered with.
#[derive(Clone)]
struct Head<'a> {
    endpoint: &'a Endpoint,
    block: Block,
}

/// Why the look-up does not go on with these endpoints.
enum Failure<'a> {
    /// One failed to answer: another can stand in.
    Replaceable(&'a Endpoint, LookError),
    /// One does not know the block as another tells it, and it is not known whose fault that is.
    Strange(&'a Endpoint, LookError),
    /// As many say this as say that: one more has to tell who is the odd one out.
    Undecided(LookError),
    /// The end of the whole look-up.
    Final(LookError),
}

type Failed = (LookError, Vec<EndpointOutcome>);

impl<'a, T: Transport> Look<'a, T> {
    pub(super) fn new(chain: &'a ChainView, transport: &'a T) -> Self {
        Self { chain, transport, outcomes: Vec::new() }
    }

    pub(super) async fn deployment(self, account: &AccountId) -> Result<Deployment, Failed> {
        self.until_enough(async |look, heads| look.at_pinned(account, heads).await).await
    }

    /// What `ask` gets of as many endpoints as must agree; one that fails is replaced by the next, and while nobody can tell
    /// which of them that is, one more is asked.
    async fn until_enough<V>(
        mut self,
        ask: impl AsyncFn(&mut Self, &[Head<'a>]) -> Result<V, Failure<'a>>,
    ) -> Result<V, Failed> {
        let mut candidates = self.chain.own_endpoints();
        let (mut wanted, mut undecided) = (self.chain.quorum(), None);
        loop {
            let heads = match self.heads(&mut candidates, wanted).await {
                Ok(heads) => heads,
                Err(error) => return Err(self.end(undecided.unwrap_or(error))),
            };
            let got = match minority::check_blocks(&heads) {
                Ok(()) => ask(&mut self, &heads).await,
                Err(failure) => Err(failure),
            };
            // Those that did not fail keep their place at the head of the queue.
            let mut kept: Vec<&Endpoint> = heads.iter().map(|head| head.endpoint).collect();
            match got {
                Ok(got) => return Ok(got),
                Err(Failure::Final(error)) => return Err(self.end(error)),
                Err(Failure::Undecided(error)) => (wanted, undecided) = (heads.len() + 1, Some(error)),
                Err(Failure::Replaceable(endpoint, error) | Failure::Strange(endpoint, error)) => {
                    self.failed(endpoint, error);
                    kept.retain(|head| *head != endpoint);
                    (wanted, undecided) = (self.chain.quorum(), None);
                }
            }
            candidates = kept.into_iter().chain(candidates).collect();
        }
    }

    /// Asks so many endpoints for chain and block; one that fails is replaced by the next.
    async fn heads(&mut self, candidates: &mut Vec<&'a Endpoint>, wanted: usize) -> Result<Vec<Head<'a>>, LookError> {
        let mut heads: Vec<Head<'a>> = Vec::new();
        while heads.len() < wanted {
            let batch: Vec<&Endpoint> = candidates.drain(..candidates.len().min(wanted - heads.len())).collect();
            if batch.is_empty() {
                let first = self.outcomes.iter().find_map(|outcome| outcome.error.clone());
                return Err(first.unwrap_or_else(|| self.too_few()));
            }
            let found = join_all(batch.iter().map(|endpoint| self.head(endpoint))).await;
            for (endpoint, found) in batch.into_iter().zip(found) {
                match found {
                    Ok(head) => heads.push(head),
                    Err(error) => self.failed(endpoint, error),
                }
            }
            let newest = heads.iter().map(|head| head.block.height).max().unwrap_or_default();
            heads.retain(|head| {
                let away = self.chain.now_ms.abs_diff(head.block.time_ms);
                let is_final = self.chain.block == BlockReference::Final;
                let lags = is_final && head.block.height.saturating_add(LAG_BLOCKS) < newest && away > LAG_MS;
                if lags {
                    let host = head.endpoint.host().to_owned();
                    let error = LookError::BlockStale { host, seconds: away / 1000 };
                    self.outcomes.push(outcome(head.endpoint, Some(error)));
                }
                !lags
            });
        }
        Ok(heads)
    }

    /// That there are not enough endpoints, though none failed.
    fn too_few(&self) -> LookError {
        match self.chain.own_endpoints().len() {
            0 => LookError::NoEndpoint(self.chain.network.chain_id().to_owned()),
            hosts => LookError::TooFewHosts { quorum: self.chain.quorum(), hosts },
        }
    }

    async fn head(&self, endpoint: &'a Endpoint) -> Result<Head<'a>, LookError> {
        let (status, block) = join(
            self.ask(endpoint, rpc::status(), rpc::parse_status),
            self.ask(endpoint, rpc::block(&self.chain.block), rpc::parse_block),
        )
        .await;
        let status = status.map_err(|error| self.look_error(endpoint, error, "", &self.chain.block))?;
        self.same_chain(endpoint, &status)?;
        let block = block.map_err(|error| {
            // `block` calls a block that is gone unknown; only `status` tells one from the other.
            let gone = |earliest| matches!(self.chain.block, BlockReference::Height(height) if height < earliest);
            let error = match error {
                AskError::Rpc(RpcError::UnknownBlock) if status.earliest_block_height.is_some_and(gone) => {
                    AskError::Rpc(RpcError::GarbageCollectedBlock)
                }
                AskError::Rpc(_) | AskError::Transport(_) => error,
            };
            self.look_error(endpoint, error, "", &self.chain.block)
        })?;
        let host = || endpoint.host().to_owned();
        match self.chain.block {
            BlockReference::Final => {
                let away = self.chain.now_ms.abs_diff(block.time_ms);
                if away > STALE_MS {
                    return Err(LookError::BlockStale { host: host(), seconds: away / 1000 });
                }
            }
            BlockReference::Height(height) if height == block.height => {}
            BlockReference::Hash(hash) if hash == block.hash => {}
            BlockReference::Height(_) | BlockReference::Hash(_) => {
                return Err(LookError::RpcMalformed {
                    host: host(),
                    reason: format!("it gives block {} for block {}", block.height, self.chain.block),
                });
            }
        }
        Ok(Head { endpoint, block })
    }

    fn same_chain(&self, endpoint: &Endpoint, status: &rpc::Status) -> Result<(), LookError> {
        let expected = self.chain.network.chain_id();
        if status.chain_id == expected {
            return Ok(());
        }
        Err(LookError::NetworkMismatch {
            host: endpoint.host().to_owned(),
            found: status.chain_id.clone(),
            expected: expected.to_owned(),
        })
    }

    async fn at_pinned(&mut self, account: &AccountId, heads: &[Head<'a>]) -> Result<Deployment, Failure<'a>> {
        let (first, last) = match heads {
            [] => return Err(Failure::Final(LookError::NoEndpoint(self.chain.network.chain_id().to_owned()))),
            [first, ..] => (first, heads.last().unwrap_or(first)),
        };
        let pinned = heads.iter().min_by_key(|head| head.block.height).unwrap_or(first);
        let block = &pinned.block;
        let records = join_all(heads.iter().map(|head| self.record(head.endpoint, account, block)));
        let answers = join(records, self.fetch_code(last.endpoint, account, block));
        let ((records, served), asked_block) = self.beside_present(block, heads, answers).await;
        minority::check_answers(pinned, heads, &records)?;
        let contract = agree(records, heads)?;
        let code = self.check_code(account, block, &contract, heads, (last.endpoint, served?)).await?;
        let mut endpoints = std::mem::take(&mut self.outcomes);
        endpoints.extend(heads.iter().map(|head| outcome(head.endpoint, None)));
        endpoints.extend(self.ask_link_endpoints(account, block, &contract, code.as_ref(), first.endpoint).await?);
        Ok(Deployment {
            account_id: account.clone(),
            block: block.clone(),
            asked_block,
            contract,
            code,
            endpoints,
            quorum: self.chain.quorum(),
            answering: first.endpoint.clone(),
        })
    }

    async fn record(
        &self,
        endpoint: &'a Endpoint,
        account: &AccountId,
        block: &Block,
    ) -> Result<AccountContract, Failure<'a>> {
        let reference = BlockReference::Hash(block.hash);
        let parse = |reply: &Reply| rpc::parse_account(reply, account);
        let record = self.ask(endpoint, rpc::view_account(account, &reference), parse).await;
        self.take_pinned(endpoint, record, account, block)
    }

    /// Takes an answer only if it names the pinned block.
    fn take_pinned<V>(
        &self,
        endpoint: &'a Endpoint,
        answer: Result<At<V>, AskError>,
        account: &AccountId,
        block: &Block,
    ) -> Result<V, Failure<'a>> {
        match answer {
            Ok(at) if at.block_hash == block.hash && at.block_height == block.height => Ok(at.value),
            Ok(at) => {
                let reason = format!("it answers for block {} when asked for block {}", at.block_height, block.height);
                let error = LookError::RpcMalformed { host: endpoint.host().to_owned(), reason };
                // It was asked by hash, so that the height may be the lie of whoever told it.
                Err(match at.block_hash == block.hash {
                    true => Failure::Strange(endpoint, error),
                    false => Failure::Replaceable(endpoint, error),
                })
            }
            Err(error @ AskError::Rpc(RpcError::UnknownAccount)) => Err(Failure::Final(self.look_error(
                endpoint,
                error,
                account.as_str(),
                &BlockReference::Height(block.height),
            ))),
            Err(error) => {
                let is_unknown = matches!(error, AskError::Rpc(RpcError::UnknownBlock));
                let error = self.look_error(endpoint, error, account.as_str(), &BlockReference::Height(block.height));
                Err(if is_unknown { Failure::Strange(endpoint, error) } else { Failure::Replaceable(endpoint, error) })
            }
        }
    }

    async fn ask<V>(
        &self,
        endpoint: &Endpoint,
        body: Vec<u8>,
        parse: impl Fn(&Reply) -> Result<V, RpcError>,
    ) -> Result<V, AskError> {
        let reply = self.transport.post(&endpoint.url, body).await.map_err(AskError::Transport)?;
        parse(&reply).map_err(AskError::Rpc)
    }

    fn look_error(&self, endpoint: &Endpoint, error: AskError, account: &str, block: &BlockReference) -> LookError {
        match error {
            AskError::Transport(error) => LookError::of_transport(error, endpoint.host()),
            AskError::Rpc(error) => LookError::of_rpc(error, endpoint.host(), account, self.chain, block),
        }
    }

    /// Ends with an error, and lists the endpoints that it accuses.
    fn end(mut self, error: LookError) -> Failed {
        let accused = |host: &String| EndpointOutcome {
            host: host.clone(),
            from_link: self.chain.own_endpoints().iter().all(|endpoint| endpoint.host() != host),
            agrees: false,
            error: Some(error.clone()),
        };
        if let LookError::RpcDisagreement { one, other, .. } = &error {
            self.outcomes.extend([one, other].map(accused));
        } else if let LookError::CodeHashMismatch { host, .. } = &error {
            self.outcomes.push(accused(host));
        }
        (error, self.outcomes)
    }

    fn failed(&mut self, endpoint: &Endpoint, error: LookError) {
        self.outcomes.push(outcome(endpoint, Some(error)));
    }
}

enum AskError {
    Transport(super::TransportError),
    Rpc(RpcError),
}

fn outcome(endpoint: &Endpoint, error: Option<LookError>) -> EndpointOutcome {
    EndpointOutcome { host: endpoint.host().to_owned(), from_link: endpoint.from_link, agrees: error.is_none(), error }
}

fn disagreement<'a>(one: &Endpoint, other: &Endpoint, about: String) -> Failure<'a> {
    Failure::Final(minority::contradiction(one, other, about))
}

/// The record that all of them gave. An endpoint that failed is replaced before any other is contradicted by it.
fn agree<'a>(
    records: Vec<Result<AccountContract, Failure<'a>>>,
    heads: &[Head<'a>],
) -> Result<AccountContract, Failure<'a>> {
    let (mut first, mut missing) = (None, None);
    let (mut disagreeing, mut strange) = (None, None);
    for (record, head) in records.into_iter().zip(heads) {
        match (record, &first) {
            (Err(failure @ Failure::Replaceable(..)), _) => return Err(failure),
            (Err(failure @ Failure::Strange(..)), _) => strange = Some(failure),
            (Err(failure @ (Failure::Final(_) | Failure::Undecided(_))), _) => missing = Some((failure, head.endpoint)),
            (Ok(record), None) => first = Some((record, head.endpoint)),
            (Ok(record), Some((known, one))) if record != *known => {
                disagreeing = Some(disagreement(one, head.endpoint, REFERENCE.to_owned()));
            }
            (Ok(_), Some(_)) => {}
        }
    }
    if let Some(failure) = strange {
        return Err(failure);
    }
    match (first, missing, disagreeing) {
        (_, _, Some(failure)) => Err(failure),
        (Some((_, one)), Some((_, other)), None) => {
            Err(disagreement(one, other, "whether the account exists".to_owned()))
        }
        (None, Some((failure, _)), None) => Err(failure),
        (Some((record, _)), None, None) => Ok(record),
        (None, None, None) => Err(Failure::Final(LookError::NoEndpoint(String::new()))),
    }
}
