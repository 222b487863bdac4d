//! Who is the odd one out where endpoints contradict each other about blocks: the one that fewer are with, and while nobody is
//! in the minority, nobody. Not here: contradictions about code, in which no number outvotes anyone (`look`).

use super::{Endpoint, Failure, Head, LAG_BLOCKS, LookError};
use crate::near::Block;

/// That all tell of blocks of one chain, none of which is much newer than the others.
pub(super) fn among<'a>(heads: &[Head<'a>]) -> Result<(), Failure<'a>> {
    let company = |head: &Head<'a>| heads.iter().filter(|other| fits(&head.block, &other.block)).count();
    for (at, one) in heads.iter().enumerate() {
        let Some(other) = heads[at + 1..].iter().find(|other| !fits(&one.block, &other.block)) else { continue };
        let about = match one.block.height.abs_diff(other.block.height) {
            0 => format!("they have different blocks at height {}", one.block.height),
            _ if one.block.hash == other.block.hash => "at which height a block is".to_owned(),
            apart => format!("which block is the newest: they are {apart} blocks apart, and both seem new"),
        };
        return Err(decided((one, company(one)), (other, company(other)), about));
    }
    Ok(())
}

fn fits(one: &Block, other: &Block) -> bool {
    // The time is compared, too: how old a block is that was asked for depends on it.
    let is_same = one.height == other.height || one.hash == other.hash;
    if is_same { one == other } else { one.height.abs_diff(other.height) <= LAG_BLOCKS }
}

/// The answers, unless those that do not know the block as `teller` tells it are as many as those that do, or more. One that
/// failed is told before any is contradicted by it.
pub(super) fn vouched<'a, V>(
    teller: &Head<'a>,
    heads: &[Head<'a>],
    mut answers: Vec<Result<V, Failure<'a>>>,
) -> Result<Vec<Result<V, Failure<'a>>>, Failure<'a>> {
    if let Some(failed) = answers.iter().position(|answer| matches!(answer, Err(Failure::Replaceable(..)))) {
        return answers.swap_remove(failed).map(|_| Vec::new());
    }
    let strange = |(answer, _): &(&Result<V, Failure<'a>>, &Head<'a>)| matches!(answer, Err(Failure::Strange(..)));
    let missing = answers.iter().zip(heads).filter(strange).count();
    let other = answers.iter().zip(heads).filter(strange).find(|(_, head)| head.endpoint != teller.endpoint);
    match other {
        Some((_, other)) if missing * 2 >= answers.len() => {
            let about = format!("what is at height {}", teller.block.height);
            Err(decided((teller, answers.len() - missing), (other, missing), about))
        }
        Some(_) | None => Ok(answers),
    }
}

/// Of two that contradict each other the one that fewer are with.
fn decided<'a>(
    (one, with_one): (&Head<'a>, usize),
    (other, with_other): (&Head<'a>, usize),
    about: String,
) -> Failure<'a> {
    if with_one == with_other {
        return Failure::Undecided(contradiction(one.endpoint, other.endpoint, about));
    }
    let odd = if with_one < with_other { one } else { other };
    Failure::Replaceable(odd.endpoint, LookError::RpcOddOneOut { host: odd.endpoint.host().to_owned(), about })
}

pub(super) fn contradiction(one: &Endpoint, other: &Endpoint, about: String) -> LookError {
    LookError::RpcDisagreement { one: one.host().to_owned(), other: other.host().to_owned(), about }
}
