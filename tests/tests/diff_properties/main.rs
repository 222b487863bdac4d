//! What holds of every comparison, on programs made up at random.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod model;

use model::{Dice, Op, Program};
use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{Budget, Class, DiffReport, Pair, Status, diff};

/// How many programs each property is tried on.
const PROGRAMS: u64 = 60;

fn compare(a: &[u8], b: &[u8]) -> DiffReport {
    compare_within(a, b, Budget::default())
}

fn compare_within(a: &[u8], b: &[u8], budget: Budget) -> DiffReport {
    let (a, b) = (Module::parse(a).unwrap(), Module::parse(b).unwrap());
    diff(&a, &b, budget)
}

fn programs() -> impl Iterator<Item = (Program, Dice)> {
    (1..=PROGRAMS).map(|seed| {
        let mut dice = Dice::new(seed);
        (Program::random(&mut dice), dice)
    })
}

#[test]
fn a_module_is_identical_to_itself() {
    for (program, _) in programs() {
        let wasm = program.write(&program.plain());
        let report = compare(&wasm, &wasm);
        assert_eq!(report.class, Class::Identical);
        assert!(report.pairs.iter().all(|pair| pair.status == Status::Exact && pair.a == pair.b));
    }
}

#[test]
fn another_order_changes_nothing() {
    for (program, mut dice) in programs() {
        let layout = program.shuffled(&mut dice);
        let report = compare(&program.write(&program.plain()), &program.write(&layout));
        assert_eq!(
            (report.class, &report.changes, &report.data),
            (Class::Relocated, &vec![], &vec![]),
            "{program:?} {layout:?}"
        );
        for pair in &report.pairs {
            // The import is function 0 of either.
            let (a, b) = (pair.a.unwrap() as usize - 1, pair.b.unwrap() as usize - 1);
            assert_eq!(layout.functions[b], a);
        }
    }
}

#[test]
fn one_constant_changes_one_function() {
    for (program, mut dice) in programs() {
        let mut edited = program.clone();
        let function = dice.roll(edited.functions.len());
        let constants = edited.functions[function].1.iter_mut().filter_map(|op| match op {
            Op::Constant(value) => Some(value),
            _ => None,
        });
        *constants.last().unwrap() = 5_000_000;
        for layout in [program.plain(), program.shuffled(&mut dice)] {
            let report = compare(&program.write(&program.plain()), &edited.write(&layout));
            let counts = &report.counts;
            assert_eq!((counts.changed + counts.guessed, counts.added, counts.removed), (1, 0, 0), "{program:?}");
            assert_eq!(report.changes[0].a.as_ref().unwrap().index as usize, function + 1);
            assert_eq!(report.class, Class::Functions);
        }
    }
}

#[test]
fn another_text_changes_one_function() {
    for (program, _) in programs() {
        let mut edited = program.clone();
        let references = edited.functions.iter_mut().enumerate().flat_map(|(at, (_, body))| {
            body.iter_mut().filter_map(move |op| match op {
                Op::Text(text) => Some((at, text)),
                _ => None,
            })
        });
        let (function, text) = references.last().unwrap();
        *text = if *text == 0 { 1 } else { 0 };
        let report = compare(&program.write(&program.plain()), &edited.write(&program.plain()));
        assert_eq!((report.class, report.changes.len()), (Class::Functions, 1));
        assert_eq!(report.changes[0].a.as_ref().unwrap().index as usize, function + 1);
    }
}

#[test]
fn the_other_way_round_is_the_mirror_image() {
    let all: Vec<(Program, Dice)> = programs().collect();
    for pair in all.windows(2) {
        let (first, second) = (&pair[0].0, &pair[1].0);
        let mut edited = first.clone();
        edited.functions[1].1.push(Op::Host);
        for (a, b) in [(first, second), (first, &edited)] {
            let (a, b) = (a.write(&a.plain()), b.write(&b.plain()));
            let (forth, back) = (compare(&a, &b), compare(&b, &a));
            let mut mirrored: Vec<Pair> = back.pairs.clone();
            for pair in &mut mirrored {
                std::mem::swap(&mut pair.a, &mut pair.b);
                pair.status = match pair.status {
                    Status::Added => Status::Removed,
                    Status::Removed => Status::Added,
                    other => other,
                };
            }
            mirrored.sort_by_key(|pair| (pair.a.is_none(), pair.a, pair.b));
            assert_eq!((forth.class, &forth.pairs), (back.class, &mirrored));
            assert_eq!((forth.counts.added, forth.counts.removed), (back.counts.removed, back.counts.added));
            assert_eq!((forth.data.len(), forth.data_bytes), (back.data.len(), back.data_bytes));
        }
    }
}

#[test]
fn the_same_comparison_is_the_same_text() {
    for (program, mut dice) in programs().take(10) {
        let (a, b) = (program.write(&program.plain()), Program::random(&mut dice));
        let b = b.write(&b.plain());
        let text = || serde_json::to_string(&compare(&a, &b)).unwrap();
        assert_eq!(text(), text());
    }
}

#[test]
fn flipped_bytes_are_survived() {
    for (program, mut dice) in programs() {
        let wasm = program.write(&program.plain());
        for _ in 0..40 {
            let mut flipped = wasm.clone();
            let at = 8 + dice.roll(wasm.len() - 8);
            flipped[at] ^= 1 << dice.roll(8);
            if let (Ok(a), Ok(b)) = (Module::parse(&wasm), Module::parse(&flipped)) {
                let report = diff(&a, &b, Budget::default());
                assert!(report.class > Class::Identical);
            }
        }
    }
}

#[test]
fn a_hostile_module_costs_no_more_than_the_budget() {
    // Functions that are all alike and all different: the worst for comparing each with each.
    let wasm = |salt: i32| {
        let body = |at: i32| {
            let constants: String =
                (0..8).map(|step| format!("(drop (i32.const {}))", 2_000_000 + at * 16 + step * salt)).collect();
            format!("(func {constants})")
        };
        wat::parse_str(format!("(module {})", (0..5_000).map(body).collect::<String>())).unwrap()
    };
    let report = compare_within(&wasm(1), &wasm(3), Budget::new(1_000_000));
    assert!(report.incomplete, "the budget was enough");
    assert_eq!(report.pairs.len(), report.counts.matched + report.changes.len());
}
