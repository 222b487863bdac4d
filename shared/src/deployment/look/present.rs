//! How old a block is that was asked for by height or hash. An old block is true of its time, and an old link to it looks
//! like an answer about now.

use futures_util::future::join;

use super::{Head, Look, Transport};
use crate::deployment::AskedBlock;
use crate::join::join_all;
use crate::near::{Block, BlockReference};
use crate::rpc;

impl<'a, T: Transport> Look<'a, T> {
    /// Does `work`, and asks meanwhile how `block` stands to the present; `None` for the newest final block.
    ///
    /// The present is the latest of what these endpoints say of their final block and of the reader's clock. One node that
    /// lies, be it the only one asked, can so make no old block look fresh, and no clock that is slow can either. What is
    /// left to a liar, or to a clock that is fast, is to make a fresh block look old: a warning too many.
    pub(super) async fn beside_present<V>(
        &self,
        block: &Block,
        heads: &[Head<'a>],
        work: impl Future<Output = V>,
    ) -> (V, Option<AskedBlock>) {
        match self.chain.block {
            BlockReference::Final => (work.await, None),
            BlockReference::Height(_) | BlockReference::Hash(_) => {
                let asked = heads
                    .iter()
                    .map(|head| self.ask(head.endpoint, rpc::block(&BlockReference::Final), rpc::parse_block));
                let (done, finals) = join(work, join_all(asked)).await;
                // An endpoint that does not say it changes nothing: the block and the code are had.
                let final_ms = finals.into_iter().flatten().map(|block| block.time_ms).max();
                let present = self.chain.now_ms.max(final_ms.unwrap_or_default());
                let age_seconds = present.saturating_sub(block.time_ms) / 1000;
                (done, Some(AskedBlock { final_ms, age_seconds }))
            }
        }
    }
}
