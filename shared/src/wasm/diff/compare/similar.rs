//! The last stage of the alignment: functions of one type whose operators are mostly the same ones. A pair that rests
//! on this alone is a guess and is called one.

use std::collections::BTreeMap;

use super::Budget;
use super::body::{Token, Tokens};
use super::context::Context;
use super::pairs::{Ground, Pairs};

/// Least share of operators in common.
pub(super) const MIN_SIMILARITY: f64 = 0.7;
/// Smallest body that is compared.
const MIN_OPERATORS: u32 = 4;
/// Steps of the budget that one comparison costs.
const COST: u64 = 32;

/// How often each opcode stands in a body.
type Bag = Vec<u16>;

/// Pairs what is left, the most similar first.
pub(super) fn pair(a: &Context, b: &Context, pairs: &mut Pairs, budget: &mut Budget) {
    let (left_a, left_b) = (bags(a, pairs.left_a(), budget), bags(b, pairs.left_b(), budget));
    let mut scores = Vec::new();
    for (ty, in_a) in &left_a {
        for (x, bag_a, size_a) in in_a {
            for (y, bag_b, size_b) in left_b.get(ty).into_iter().flatten() {
                // Sizes too far apart cannot reach the least similarity.
                let most = 2.0 * f64::from(*size_a.min(size_b)) / f64::from(size_a + size_b);
                if most < MIN_SIMILARITY || !budget.spend(COST) {
                    continue;
                }
                let score = similarity(bag_a, bag_b);
                if score >= MIN_SIMILARITY {
                    scores.push(((score * 1e6) as u32, *x, *y));
                }
            }
        }
    }
    scores.sort_unstable_by_key(|(score, x, y)| (std::cmp::Reverse(*score), *x, *y));
    for (_, x, y) in scores {
        pairs.join(x, y, Ground::Similar);
    }
}

/// Share of operators that two functions have in common, 0 to 1.
pub(super) fn between(a: &Context, x: u32, b: &Context, y: u32) -> f64 {
    similarity(&bag(a, x), &bag(b, y))
}

fn similarity(a: &Bag, b: &Bag) -> f64 {
    let (mut common, mut total) = (0u64, 0u64);
    for (x, y) in a.iter().zip(b) {
        common += 2 * u64::from(*x.min(y));
        total += u64::from(*x) + u64::from(*y);
    }
    if total == 0 { 1.0 } else { common as f64 / total as f64 }
}

type Bags = BTreeMap<u64, Vec<(u32, Bag, u32)>>;

fn bags(context: &Context, left: Vec<u32>, budget: &mut Budget) -> Bags {
    let mut bags = Bags::new();
    for index in left {
        let function = &context.functions[index as usize];
        let suits = function.operators >= MIN_OPERATORS && !function.exported;
        if suits && budget.spend(function.operators.into()) {
            bags.entry(function.ty).or_default().push((index, bag(context, index), function.operators));
        }
    }
    bags
}

fn bag(context: &Context, index: u32) -> Bag {
    let mut bag = vec![0u16; 256];
    for token in Tokens::of(context.body(index as usize)) {
        let opcode = match token {
            Token::Plain(bytes) => bytes[0],
            Token::Function { opcode, .. }
            | Token::Indirect { opcode, .. }
            | Token::Block { opcode, .. }
            | Token::Global { opcode, .. }
            | Token::Memory { opcode, .. } => opcode,
            Token::Constant(_) => 0x41,
            Token::Wide(_) => 0x42,
        };
        bag[usize::from(opcode)] = bag[usize::from(opcode)].saturating_add(1);
    }
    bag
}
