//! Who is the odd one out where endpoints contradict each other about blocks: the one that fewer are with, and while nobody is
//! in the minority, nobody. Not here: contradictions about code, in which no number outvotes anyone (`look`).

use super::{Endpoint, Failure, Head, LAG_BLOCKS, LookError};
use crate::near::Block;

/// Checks that all tell of blocks of one chain, none of which is much newer than the others.
pub(super) fn check_blocks<'a>(heads: &[Head<'a>]) -> Result<(), Failure<'a>> {
    let company = |head: &Head<'a>| heads.iter().filter(|other| fits(&head.block, &other.block)).count();
    for (at, one) in heads.iter().enumerate() {
        let Some(other) = heads[at + 1..].iter().find(|other| !fits(&one.block, &other.block)) else { continue };
        let about = match one.block.height == other.block.height {
            true => format!("they have different blocks at height {}", one.block.height),
            false => "which block is the newest".to_owned(),
        };
        return Err(find_minority((one, company(one)), (other, company(other)), about));
    }
    Ok(())
}

fn fits(one: &Block, other: &Block) -> bool {
    // The time is compared, too: how old a block is that was asked for depends on it.
    let is_same = one.height == other.height || one.hash == other.hash;
    if is_same { one == other } else { one.height.abs_diff(other.height) <= LAG_BLOCKS }
}

/// Checks that more know the block as `teller` tells it than do not. While one has failed, nobody is contradicted by it.
pub(super) fn check_answers<'a, V>(
    teller: &Head<'a>,
    heads: &[Head<'a>],
    answers: &[Result<V, Failure<'a>>],
) -> Result<(), Failure<'a>> {
    let (mut missing, mut contradicting) = (0, None);
    for (answer, head) in answers.iter().zip(heads) {
        match answer {
            Err(Failure::Replaceable(..)) => return Ok(()),
            Err(Failure::Strange(..)) => {
                missing += 1;
                if head.endpoint != teller.endpoint {
                    contradicting = Some(head);
                }
            }
            Ok(_) | Err(Failure::Undecided(_) | Failure::Final(_)) => {}
        }
    }
    let known = answers.len() - missing;
    match contradicting {
        Some(other) if known <= missing => {
            let about = format!("what is at height {}", teller.block.height);
            Err(find_minority((teller, known), (other, missing), about))
        }
        Some(_) | None => Ok(()),
    }
}

/// Finds, of two that contradict each other, the one that fewer are with.
fn find_minority<'a>(
    (one, with_one): (&Head<'a>, usize),
    (other, with_other): (&Head<'a>, usize),
    about: String,
) -> Failure<'a> {
    if with_one == with_other {
        return Failure::Undecided(contradiction(one.endpoint, other.endpoint, about));
    }
    let alone = if with_one < with_other { one } else { other };
    Failure::Replaceable(alone.endpoint, LookError::RpcOddOneOut { host: alone.endpoint.host().to_owned(), about })
}

pub(super) fn contradiction(one: &Endpoint, other: &Endpoint, about: String) -> LookError {
    LookError::RpcDisagreement { one: one.host().to_owned(), other: other.host().to_owned(), about }
}
