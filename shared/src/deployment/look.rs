//! One look-up: which endpoints are asked for what, in which order, and when their answers are enough.
//! Not here: what an answer may look like (`rpc`).

mod call;
mod global;
mod linked;
mod present;

use futures_util::future::join;

use super::{Code, Deployment, Endpoint, EndpointOutcome, LookError, Place, Transport};
use crate::digest::Sha256Digest;
use crate::few::join_all;
use crate::near::{AccountContract, AccountId, Block, BlockReference};
use crate::rpc::{self, At, Reply, RpcError, ServedCode};

/// An endpoint this many blocks behind the newest is not waited for.
const LAG_BLOCKS: u64 = 50;
/// A newest final block this far from the reader's clock is not the newest, or the clock is wrong.
const STALE_MS: u64 = 120_000;

/// What endpoints may disagree about.
const REFERENCE: &str = "what code the account refers to";

pub(super) struct Look<'a, T> {
    place: &'a Place,
    transport: &'a T,
    outcomes: Vec<EndpointOutcome>,
}

/// An endpoint that is on the right chain, with the block that it answered with.
#[derive(Clone)]
struct Head<'a> {
    endpoint: &'a Endpoint,
    block: Block,
}

/// One endpoint's failure to answer, for which another can stand in; or an end of the whole look-up.
enum Failure<'a> {
    Replaceable(&'a Endpoint, LookError),
    Final(LookError),
}

type Failed = (LookError, Vec<EndpointOutcome>);

impl<'a, T: Transport> Look<'a, T> {
    pub(super) fn new(place: &'a Place, transport: &'a T) -> Self {
        Self { place, transport, outcomes: Vec::new() }
    }

    pub(super) async fn deployment(self, account: &AccountId) -> Result<Deployment, Failed> {
        self.until_enough(async |look, heads| look.at_pinned(account, heads).await).await
    }

    /// What `ask` gets of as many endpoints as must agree; one that fails is replaced by the next.
    async fn until_enough<V>(
        mut self,
        ask: impl AsyncFn(&mut Self, &[Head<'a>]) -> Result<V, Failure<'a>>,
    ) -> Result<V, Failed> {
        let mut candidates = self.place.own();
        loop {
            let heads = match self.heads(&mut candidates).await {
                Ok(heads) => heads,
                Err(error) => return Err((error, self.outcomes)),
            };
            match ask(&mut self, &heads).await {
                Ok(got) => return Ok(got),
                Err(Failure::Final(error)) => {
                    self.accused(&error);
                    return Err((error, self.outcomes));
                }
                // The others keep their place at the head of the queue; a spare one comes in for the one that failed.
                Err(Failure::Replaceable(endpoint, error)) => {
                    self.failed(endpoint, error);
                    let kept = heads.iter().map(|head| head.endpoint).filter(|head| *head != endpoint);
                    candidates = kept.chain(candidates).collect();
                }
            }
        }
    }

    /// Asks as many endpoints as must agree for chain and block; one that fails is replaced by the next.
    async fn heads(&mut self, candidates: &mut Vec<&'a Endpoint>) -> Result<Vec<Head<'a>>, LookError> {
        let quorum = self.place.quorum();
        let mut heads: Vec<Head<'a>> = Vec::new();
        while heads.len() < quorum {
            let batch: Vec<&Endpoint> = candidates.drain(..candidates.len().min(quorum - heads.len())).collect();
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
            let behind = |head: &Head<'_>| head.block.height + LAG_BLOCKS < newest;
            for head in heads.iter().filter(|head| behind(head)) {
                let seconds = self.place.now_ms.abs_diff(head.block.time_ms) / 1000;
                self.outcomes.push(outcome(
                    head.endpoint,
                    Some(LookError::BlockStale { host: head.endpoint.host().to_owned(), seconds }),
                ));
            }
            heads.retain(|head| !behind(head));
        }
        Ok(heads)
    }

    /// That there are not enough endpoints, though none failed.
    fn too_few(&self) -> LookError {
        match self.place.own().len() {
            0 => LookError::NoEndpoint(self.place.network.chain_id().to_owned()),
            hosts => LookError::TooFewHosts { quorum: self.place.quorum(), hosts },
        }
    }

    async fn head(&self, endpoint: &'a Endpoint) -> Result<Head<'a>, LookError> {
        let (status, block) = join(
            self.ask(endpoint, rpc::status(), rpc::parse_status),
            self.ask(endpoint, rpc::block(&self.place.block), rpc::parse_block),
        )
        .await;
        let status = status.map_err(|error| self.look_error(endpoint, error, "", &self.place.block))?;
        self.same_chain(endpoint, &status)?;
        let block = block.map_err(|error| {
            // `block` calls a block that is gone unknown; only `status` tells one from the other.
            let gone = |earliest| matches!(self.place.block, BlockReference::Height(height) if height < earliest);
            let error = match error {
                AskError::Rpc(RpcError::UnknownBlock) if status.earliest_block_height.is_some_and(gone) => {
                    AskError::Rpc(RpcError::GarbageCollectedBlock)
                }
                AskError::Rpc(_) | AskError::Transport(_) => error,
            };
            self.look_error(endpoint, error, "", &self.place.block)
        })?;
        let host = || endpoint.host().to_owned();
        match self.place.block {
            BlockReference::Final => {
                let away = self.place.now_ms.abs_diff(block.time_ms);
                if away > STALE_MS {
                    return Err(LookError::BlockStale { host: host(), seconds: away / 1000 });
                }
            }
            BlockReference::Height(height) if height == block.height => {}
            BlockReference::Hash(hash) if hash == block.hash => {}
            BlockReference::Height(_) | BlockReference::Hash(_) => {
                return Err(LookError::RpcMalformed {
                    host: host(),
                    reason: format!("it gives block {} for block {}", block.height, self.place.block),
                });
            }
        }
        Ok(Head { endpoint, block })
    }

    fn same_chain(&self, endpoint: &Endpoint, status: &rpc::Status) -> Result<(), LookError> {
        let expected = self.place.network.chain_id();
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
            [] => return Err(Failure::Final(LookError::NoEndpoint(self.place.network.chain_id().to_owned()))),
            [first, ..] => (first, heads.last().unwrap_or(first)),
        };
        let pinned = heads.iter().min_by_key(|head| head.block.height).unwrap_or(first);
        // The time is compared, too: how old a block is that was asked for depends on it.
        if let Some(other) =
            heads.iter().find(|head| head.block.height == pinned.block.height && head.block != pinned.block)
        {
            return Err(disagreement(
                pinned.endpoint,
                other.endpoint,
                format!("they have different blocks at height {}", pinned.block.height),
            ));
        }
        let block = &pinned.block;
        let records = join_all(heads.iter().map(|head| self.record(head.endpoint, account, block)));
        let answers = join(records, self.served(last.endpoint, account, block));
        let ((records, served), asked_block) = self.beside_present(block, heads, answers).await;
        let contract = agreed(records, heads)?;
        let code = self.code(account, block, &contract, heads, (last.endpoint, served?)).await?;
        let mut endpoints = std::mem::take(&mut self.outcomes);
        endpoints.extend(heads.iter().map(|head| outcome(head.endpoint, None)));
        endpoints.extend(self.linked(account, block, &contract, code.as_ref(), first.endpoint).await?);
        Ok(Deployment {
            account_id: account.clone(),
            block: block.clone(),
            asked_block,
            contract,
            code,
            endpoints,
            quorum: self.place.quorum(),
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
        self.named(endpoint, record, account, block)
    }

    async fn served(
        &self,
        endpoint: &'a Endpoint,
        account: &AccountId,
        block: &Block,
    ) -> Result<Option<ServedCode>, Failure<'a>> {
        let reference = BlockReference::Hash(block.hash);
        match self.ask(endpoint, rpc::view_code(account, &reference), rpc::parse_code).await {
            Err(AskError::Rpc(RpcError::NoContractCode | RpcError::NoGlobalContractCode)) => Ok(None),
            answer => self.named(endpoint, answer, account, block).map(Some),
        }
    }

    /// The code that was served. All agree on the record, so that what is wrong with these bytes is the fault of who served
    /// them.
    async fn code(
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
                return Err(Failure::Final(LookError::UnknownCode(hash.to_base58())));
            }
            (AccountContract::None | AccountContract::Uninitialized, Some(_)) | (_, None) => {
                return Err(disagreement(heads[0].endpoint, server, "whether the account has code".to_owned()));
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
        checked(server, served, &expected).map(Some).map_err(Failure::Final)
    }

    /// Where the record names no hash of the bytes, every endpoint has to serve them.
    async fn serves_alike(
        &self,
        endpoint: &'a Endpoint,
        account: &AccountId,
        block: &Block,
        (server, hash): (&Endpoint, &Sha256Digest),
    ) -> Result<(), Failure<'a>> {
        let served = self.served(endpoint, account, block).await?;
        if served.is_some_and(|served| Sha256Digest::of(&served.bytes) == *hash) {
            return Ok(());
        }
        Err(disagreement(server, endpoint, "the bytes of the code".to_owned()))
    }

    /// Takes an answer only if it names the pinned block.
    fn named<V>(
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
                Err(Failure::Replaceable(
                    endpoint,
                    LookError::RpcMalformed { host: endpoint.host().to_owned(), reason },
                ))
            }
            Err(error @ AskError::Rpc(RpcError::UnknownAccount)) => Err(Failure::Final(self.look_error(
                endpoint,
                error,
                account.as_str(),
                &BlockReference::Height(block.height),
            ))),
            Err(error) => {
                let error = self.look_error(endpoint, error, account.as_str(), &BlockReference::Height(block.height));
                Err(Failure::Replaceable(endpoint, error))
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
            AskError::Rpc(error) => LookError::of_rpc(error, endpoint.host(), account, self.place, block),
        }
    }

    /// Notes those of whom an error that ends everything speaks.
    fn accused(&mut self, error: &LookError) {
        let accused = |host: &String| EndpointOutcome {
            host: host.clone(),
            from_link: self.place.own().iter().all(|endpoint| endpoint.host() != host),
            agrees: false,
            error: Some(error.clone()),
        };
        if let LookError::RpcDisagreement { one, other, .. } = error {
            self.outcomes.extend([one, other].map(accused));
        } else if let LookError::CodeHashMismatch { host, .. } = error {
            self.outcomes.push(accused(host));
        }
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
    Failure::Final(LookError::RpcDisagreement { one: one.host().to_owned(), other: other.host().to_owned(), about })
}

/// The record that all of them gave. An endpoint that failed is replaced before any other is contradicted by it.
fn agreed<'a>(
    records: Vec<Result<AccountContract, Failure<'a>>>,
    heads: &[Head<'a>],
) -> Result<AccountContract, Failure<'a>> {
    let (mut first, mut missing) = (None, None);
    let mut disagreeing = None;
    for (record, head) in records.into_iter().zip(heads) {
        match (record, &first) {
            (Err(failure @ Failure::Replaceable(..)), _) => return Err(failure),
            (Err(failure @ Failure::Final(_)), _) => missing = Some((failure, head.endpoint)),
            (Ok(record), None) => first = Some((record, head.endpoint)),
            (Ok(record), Some((known, one))) if record != *known => {
                disagreeing = Some(disagreement(one, head.endpoint, REFERENCE.to_owned()));
            }
            (Ok(_), Some(_)) => {}
        }
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

fn checked(endpoint: &Endpoint, served: ServedCode, expected: &Sha256Digest) -> Result<Code, LookError> {
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
