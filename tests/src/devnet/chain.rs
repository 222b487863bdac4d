//! The chain behind one or several devnet endpoints: blocks, a clock, and every account's history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::account::{Account, Contract, Hash};

/// The time between two blocks.
pub const BLOCK_TIME: Duration = Duration::from_millis(600);
/// A block is final when this many follow it.
pub(crate) const FINALITY_LAG: u64 = 2;
/// The height of a new chain.
const START: u64 = 100_000;
/// How many blocks a new chain keeps before its start.
const KEPT: u64 = 1_000;

/// A block's height and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its height.
    pub height: u64,
    /// Its hash.
    pub hash: Hash,
}

/// The names that a deployment goes by in `tx` and `EXPERIMENTAL_changes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// Who deployed, and where.
    pub account_id: String,
    /// The block in which the code changed.
    pub height: u64,
    /// SHA-256 of the code.
    pub code_hash: Hash,
    /// The transaction.
    pub tx_hash: Hash,
    /// Its receipt.
    pub receipt_id: Hash,
    /// The key that signed it.
    pub public_key: String,
    /// Its nonce.
    pub nonce: u64,
}

/// One chain. Shared by the endpoints that serve it.
pub struct Chain {
    state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) chain_id: String,
    started: SystemTime,
    /// Heights at points of time; after the last one, height follows the clock.
    anchors: Vec<(u64, SystemTime)>,
    /// The head, when the clock stands still.
    frozen: Option<u64>,
    /// Seconds added to every time that is told.
    offset: i64,
    /// The first block whose state is kept.
    pub(crate) horizon: u64,
    skipped: BTreeSet<u64>,
    seeded: BTreeMap<u64, (Hash, Option<SystemTime>)>,
    accounts: BTreeMap<String, BTreeMap<u64, Option<Account>>>,
    by_hash: BTreeMap<Hash, (u64, Arc<[u8]>)>,
    by_account: BTreeMap<String, BTreeMap<u64, Arc<[u8]>>>,
    pub(crate) deploys: Vec<Deploy>,
    wallet: Arc<[u8]>,
}

impl Chain {
    /// An empty chain whose clock runs.
    pub fn new(chain_id: &str) -> Arc<Chain> {
        let now = SystemTime::now();
        let state = State {
            chain_id: chain_id.into(),
            started: now,
            anchors: vec![(START, now)],
            frozen: None,
            offset: 0,
            horizon: START - KEPT,
            skipped: BTreeSet::new(),
            seeded: BTreeMap::new(),
            accounts: BTreeMap::new(),
            by_hash: BTreeMap::new(),
            by_account: BTreeMap::new(),
            deploys: Vec::new(),
            wallet: Arc::from(&b"\0asm\x01\0\0\0"[..]),
        };
        Arc::new(Chain { state: Mutex::new(state) })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    /// Sets an account in a new block, which is final at once; its height is returned.
    pub fn put(&self, account_id: &str, account: Account) -> u64 {
        let mut state = self.lock();
        let height = state.next_block();
        state.set(height, account_id, Some(account));
        height
    }

    /// Sets an account as of a block in the past.
    pub fn put_at(&self, height: u64, account_id: &str, account: Account) {
        self.lock().set(height, account_id, Some(account));
    }

    /// Deletes an account in a new block.
    pub fn delete(&self, account_id: &str) -> u64 {
        let mut state = self.lock();
        let height = state.next_block();
        state.set(height, account_id, None);
        height
    }

    /// Publishes a global contract under its hash, in a new block.
    pub fn publish_by_hash(&self, wasm: impl Into<Vec<u8>>) -> Hash {
        let mut state = self.lock();
        let height = state.next_block();
        state.publish(height, None, wasm.into().into())
    }

    /// Publishes, or replaces, the global contract of `owner`, in a new block.
    pub fn publish_by_account(&self, owner: &str, wasm: impl Into<Vec<u8>>) -> Hash {
        let mut state = self.lock();
        let height = state.next_block();
        state.publish(height, Some(owner), wasm.into().into())
    }

    /// Publishes a global contract as of a block in the past, under `owner` or else under its hash.
    pub fn publish_at(&self, height: u64, owner: Option<&str>, wasm: impl Into<Vec<u8>>) -> Hash {
        self.lock().publish(height, owner, wasm.into().into())
    }

    /// The code that eth-implicit accounts share.
    pub fn set_wallet(&self, wasm: impl Into<Vec<u8>>) {
        self.lock().wallet = wasm.into().into();
    }

    /// Gives a block a hash and a time of its own.
    pub fn seed_block(&self, height: u64, hash: Hash, time: Option<SystemTime>) {
        self.lock().seeded.insert(height, (hash, time));
    }

    /// Replaces the names that a deployment goes by; the one of the same account and height, if there is one.
    pub fn seed_deploy(&self, deploy: Deploy) {
        let mut state = self.lock();
        state.deploys.retain(|known| known.account_id != deploy.account_id || known.height != deploy.height);
        state.deploys.push(deploy);
    }

    /// Stops the clock so that this block is the final one.
    pub fn freeze(&self, final_height: u64) {
        self.lock().frozen = Some(final_height + FINALITY_LAG);
    }

    /// Lets the clock run again.
    pub fn thaw(&self) {
        let mut state = self.lock();
        if let Some(head) = state.frozen.take() {
            state.anchors.push((head, SystemTime::now()));
        }
    }

    /// Makes every time that is told differ from the machine's clock by so many seconds.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.lock().offset = seconds;
    }

    /// State before this block is garbage collected.
    pub fn set_horizon(&self, height: u64) {
        self.lock().horizon = height;
    }

    /// Makes this height one at which no block was produced.
    pub fn skip(&self, height: u64) {
        self.lock().skipped.insert(height);
    }

    /// The block that `finality: final` stands for now.
    pub fn final_block(&self) -> Block {
        let state = self.lock();
        state.block(state.final_height(Duration::ZERO))
    }

    /// The block at a height.
    pub fn block(&self, height: u64) -> Block {
        self.lock().block(height)
    }
}

impl State {
    pub(crate) fn head(&self) -> u64 {
        let (height, at) = *self.anchors.last().expect("a chain has an anchor from the start");
        let passed = at.elapsed().unwrap_or_default().as_millis() / BLOCK_TIME.as_millis();
        self.present(self.frozen.unwrap_or(height + passed as u64))
    }

    /// The highest final block, as seen by a node that is `behind` by so much.
    pub(crate) fn final_height(&self, behind: Duration) -> u64 {
        let blocks = (behind.as_millis() / BLOCK_TIME.as_millis()) as u64;
        self.present(self.head().saturating_sub(FINALITY_LAG + blocks))
    }

    /// `height`, or the next lower one that has a block.
    pub(crate) fn present(&self, mut height: u64) -> u64 {
        while self.skipped.contains(&height) && height > 0 {
            height -= 1;
        }
        height
    }

    pub(crate) fn is_skipped(&self, height: u64) -> bool {
        self.skipped.contains(&height)
    }

    pub(crate) fn block(&self, height: u64) -> Block {
        let hash = self.seeded.get(&height).map_or_else(|| self.derived(height), |(hash, _)| *hash);
        Block { height, hash }
    }

    /// The hash of an unseeded block ends in its height, so that a block can be found by it.
    fn derived(&self, height: u64) -> Hash {
        let mut hash = Hash::of(format!("{} block {height}", self.chain_id).as_bytes());
        hash.0[24..].copy_from_slice(&height.to_be_bytes());
        hash
    }

    pub(crate) fn height_of(&self, hash: Hash) -> Option<u64> {
        if let Some((height, _)) = self.seeded.iter().find(|(_, (seeded, _))| *seeded == hash) {
            return Some(*height);
        }
        let height = u64::from_be_bytes(hash.0[24..].try_into().expect("32 - 24 is 8"));
        (height <= self.head() && !self.is_skipped(height) && self.block(height).hash == hash).then_some(height)
    }

    /// Nanoseconds since 1970.
    pub(crate) fn nanos(&self, height: u64) -> u64 {
        let told = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as i128;
        if let Some((_, Some(at))) = self.seeded.get(&height) {
            return told(*at) as u64;
        }
        let first = self.anchors[0];
        let anchor = self.anchors.iter().rev().find(|(from, _)| *from <= height).unwrap_or(&first);
        let blocks = i128::from(height) - i128::from(anchor.0);
        let nanos = told(anchor.1) + blocks * BLOCK_TIME.as_nanos() as i128 + i128::from(self.offset) * 1_000_000_000;
        nanos.max(0) as u64
    }

    pub(crate) fn uptime(&self) -> u64 {
        self.started.elapsed().unwrap_or_default().as_secs()
    }

    /// A new block in which something changes; the head moves on so far that it is final.
    fn next_block(&mut self) -> u64 {
        let mut height = self.head() + 1;
        while self.is_skipped(height) {
            height += 1;
        }
        if self.frozen.is_some() {
            self.frozen = Some(height + FINALITY_LAG);
        }
        self.anchors.push((height + FINALITY_LAG, SystemTime::now()));
        height
    }

    fn set(&mut self, height: u64, account_id: &str, account: Option<Account>) {
        if let Some(Account { contract: Contract::Local(code), .. }) = &account {
            let label = format!("{account_id} {height}");
            self.deploys.push(Deploy {
                account_id: account_id.into(),
                height,
                code_hash: Hash::of(code),
                tx_hash: Hash::of(format!("tx {label}").as_bytes()),
                receipt_id: Hash::of(format!("receipt {label}").as_bytes()),
                public_key: format!("ed25519:{}", Hash::of(format!("key {account_id}").as_bytes())),
                nonce: height * 1_000_000 + 1,
            });
        }
        self.accounts.entry(account_id.into()).or_default().insert(height, account);
    }

    fn publish(&mut self, height: u64, owner: Option<&str>, code: Arc<[u8]>) -> Hash {
        let hash = Hash::of(&code);
        match owner {
            Some(owner) => {
                self.by_account.entry(owner.into()).or_default().insert(height, code);
            }
            None => {
                self.by_hash.entry(hash).or_insert((height, code));
            }
        }
        hash
    }

    pub(crate) fn account(&self, account_id: &str, height: u64) -> Option<&Account> {
        self.accounts.get(account_id)?.range(..=height).next_back()?.1.as_ref()
    }

    /// What the account was in the block before this one, and in it, if it changed there.
    pub(crate) fn change(&self, account_id: &str, height: u64) -> Option<(Option<&Account>, Option<&Account>)> {
        let after = self.accounts.get(account_id)?.get(&height)?.as_ref();
        Some((self.account(account_id, height - 1), after))
    }

    pub(crate) fn global_by_hash(&self, hash: Hash, height: u64) -> Option<Arc<[u8]>> {
        self.by_hash.get(&hash).filter(|(since, _)| *since <= height).map(|(_, code)| code.clone())
    }

    pub(crate) fn global_by_account(&self, owner: &str, height: u64) -> Option<Arc<[u8]>> {
        Some(self.by_account.get(owner)?.range(..=height).next_back()?.1.clone())
    }

    /// The bytes that run when the account is called.
    pub(crate) fn code(&self, account: &Account, height: u64) -> Option<Arc<[u8]>> {
        match &account.contract {
            Contract::None | Contract::Uninitialized => None,
            Contract::Local(code) => Some(code.clone()),
            Contract::GlobalByHash(hash) => self.global_by_hash(*hash, height),
            Contract::GlobalByAccount(owner) => self.global_by_account(owner, height),
            Contract::EthImplicit => Some(self.wallet.clone()),
        }
    }

    /// The `code_hash` that `view_account` shows: that of local code, of an eth-implicit account's reference
    /// (`near` and the wallet's hash), and none for everything else.
    pub(crate) fn stored_hash(&self, account: &Account) -> Hash {
        match &account.contract {
            Contract::Local(code) => Hash::of(code),
            Contract::EthImplicit => Hash::of(format!("near{}", Hash::of(&self.wallet)).as_bytes()),
            Contract::None | Contract::Uninitialized | Contract::GlobalByHash(_) | Contract::GlobalByAccount(_) => {
                Hash::NONE
            }
        }
    }
}
