//! Which function of one module is which of the other: by export name, by equal bodies with the numbers taken out, along
//! the calls of pairs, by shape, and last by similarity. The surest first; each stage sees what those before left.

use std::collections::BTreeMap;

use super::Budget;
use super::context::Context;
use super::hash;
use super::pairs::{Ground, Pairs};
use super::similar;
use super::summary::Function;
use wasmparser::ExternalKind;

/// Smallest body that is paired by its opcodes alone.
const MIN_SHAPE: u32 = 8;
/// Most rounds of [`classes`]; calls are rarely nested deeper in a way that tells functions apart.
const MAX_ROUNDS: usize = 24;

/// Pairs the functions of two modules. What is left over when the budget is used up stays unpaired.
pub(super) fn align(a: &Context, b: &Context, budget: &mut Budget) -> Pairs {
    let mut pairs = Pairs::none(a.functions.len(), b.functions.len());
    exports(a, b, &mut pairs);
    (pairs.class_a, pairs.class_b) = classes(a, b, budget);
    let (class_a, class_b) = (pairs.class_a.clone(), pairs.class_b.clone());
    group(&mut pairs, Ground::Deep, Group::EqualCounts, &class_a, &class_b);
    let keys = |context: &Context, key: fn(&Function) -> u64| context.functions.iter().map(key).collect::<Vec<u64>>();
    let content = (keys(a, |f| f.content), keys(b, |f| f.content));
    let slots = (slots(a), slots(b));
    let strict = (keys(a, |f| f.strict), keys(b, |f| f.strict));
    let normal = (keys(a, |f| f.normal), keys(b, |f| f.normal));
    pair_calls(a, b, &mut pairs, budget, |x, y| x.normal == y.normal);
    for counts in [Group::Single, Group::EqualCounts] {
        for (of_a, of_b) in [&content, &slots, &strict, &normal] {
            group(&mut pairs, Ground::Body, counts, of_a, of_b);
            pair_calls(a, b, &mut pairs, budget, |x, y| x.normal == y.normal);
        }
    }
    let shape = |function: &Function| {
        if function.operators < MIN_SHAPE { 0 } else { function.shape }
    };
    pair_calls(a, b, &mut pairs, budget, |x, y| x.shape == y.shape);
    group(&mut pairs, Ground::Shape, Group::Single, &keys(a, shape), &keys(b, shape));
    pair_calls(a, b, &mut pairs, budget, |x, y| x.normal == y.normal);
    pair_calls(a, b, &mut pairs, budget, |x, y| x.ty == y.ty);
    for (of_a, of_b) in [&content, &slots, &strict, &normal] {
        group(&mut pairs, Ground::Similar, Group::Any, of_a, of_b);
    }
    similar::pair(a, b, &mut pairs, budget);
    pairs
}

/// Bodies with what addresses and possible slots of the table stand for.
fn slots(context: &Context) -> Vec<u64> {
    let keys = context.functions.iter().map(|function| {
        let slots = function.slots.iter().map(|slot| match context.import(*slot) {
            Some(import) => import,
            None => context.functions.get((*slot - context.imported) as usize).map_or(0, |function| function.content),
        });
        hash::words(&std::iter::once(function.pointed).chain(slots).collect::<Vec<u64>>())
    });
    keys.collect()
}

fn exports(a: &Context, b: &Context, pairs: &mut Pairs) {
    let functions = |context: &Context| -> BTreeMap<String, u32> {
        let exports = context.module.exports().iter().filter(|export| export.kind == ExternalKind::Func);
        exports
            .filter_map(|export| Some((export.name.to_owned(), export.index.checked_sub(context.imported)?)))
            .collect()
    };
    let of_b = functions(b);
    for (name, index) in functions(a) {
        if let Some(other) = of_b.get(&name) {
            pairs.join(index, *other, Ground::Export);
        }
    }
}

/// How many functions a group may have on each side.
#[derive(Debug, Clone, Copy)]
enum Group {
    /// One each.
    Single,
    /// Equally many, paired in order.
    EqualCounts,
    /// Any number, paired in order.
    Any,
}

/// Pairs free functions with equal keys; the key 0 pairs nothing.
fn group(pairs: &mut Pairs, ground: Ground, counts: Group, keys_a: &[u64], keys_b: &[u64]) {
    let sorted = |left: Vec<u32>, keys: &[u64]| {
        let mut sorted: Vec<(u64, u32)> =
            left.into_iter().map(|index| (keys[index as usize], index)).filter(|(key, _)| *key != 0).collect();
        sorted.sort_unstable();
        sorted
    };
    let (left_a, left_b) = (sorted(pairs.left_a(), keys_a), sorted(pairs.left_b(), keys_b));
    let mut rest = left_b.as_slice();
    for in_a in left_a.chunk_by(|x, y| x.0 == y.0) {
        rest = &rest[rest.partition_point(|(key, _)| *key < in_a[0].0)..];
        let in_b = &rest[..rest.partition_point(|(key, _)| *key == in_a[0].0)];
        let suits = match counts {
            Group::Single => in_a.len() == 1 && in_b.len() == 1,
            Group::EqualCounts => in_a.len() == in_b.len(),
            Group::Any => true,
        };
        if suits {
            for ((_, x), (_, y)) in in_a.iter().zip(in_b) {
                pairs.join(*x, *y, ground);
            }
        }
    }
}

/// Follows the calls of pairs with equal bodies: what is called at the same place is a pair, if `alike` allows it.
fn pair_calls(
    a: &Context,
    b: &Context,
    pairs: &mut Pairs,
    budget: &mut Budget,
    alike: fn(&Function, &Function) -> bool,
) {
    let mut queue: Vec<(u32, u32)> = pairs.iter().map(|(x, y, _)| (x, y)).collect();
    while let Some((x, y)) = queue.pop() {
        let (x, y) = (&a.functions[x as usize], &b.functions[y as usize]);
        if x.normal != y.normal || x.calls.len() != y.calls.len() || !budget.spend(x.calls.len() as u64) {
            continue;
        }
        for (x, y) in x.calls.iter().zip(&y.calls) {
            let (Some(x), Some(y)) = (x.checked_sub(a.imported), y.checked_sub(b.imported)) else {
                continue;
            };
            let (Some(callee_a), Some(callee_b)) = (a.functions.get(x as usize), b.functions.get(y as usize)) else {
                continue;
            };
            if callee_a.ty == callee_b.ty && alike(callee_a, callee_b) && pairs.join(x, y, Ground::Called) {
                queue.push((x, y));
            }
        }
    }
}

/// A class for each function of both modules: equal where the bodies and, to the end of all calls, the bodies of what
/// they call are equal.
fn classes(a: &Context, b: &Context, budget: &mut Budget) -> (Vec<u64>, Vec<u64>) {
    let first = |context: &Context| context.functions.iter().map(|function| function.content).collect::<Vec<u64>>();
    let (mut of_a, mut of_b) = (first(a), first(b));
    let mut distinct = (0, 0);
    for _ in 0..MAX_ROUNDS {
        (of_a, of_b) = (refine(a, &of_a, budget), refine(b, &of_b, budget));
        let now = (count(&of_a), count(&of_b));
        if now == distinct || budget.is_spent() {
            break;
        }
        distinct = now;
    }
    (of_a, of_b)
}

fn refine(context: &Context, classes: &[u64], budget: &mut Budget) -> Vec<u64> {
    let refined = context.functions.iter().map(|function| {
        budget.spend(function.calls.len() as u64);
        let called = function.calls.iter().map(|call| match context.import(*call) {
            Some(import) => import,
            None => classes.get((*call - context.imported) as usize).copied().unwrap_or_default(),
        });
        hash::words(&std::iter::once(function.content).chain(called).collect::<Vec<u64>>())
    });
    refined.collect()
}

fn count(classes: &[u64]) -> usize {
    let mut sorted = classes.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}
