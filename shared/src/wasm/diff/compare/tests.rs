//! First checks of the comparison on modules written as text; the fixtures and properties are in the test crate.

use super::report::{Class, DataKind, DiffReport, Status};
use super::{Budget, diff};
use crate::wasm::Module;

fn compare(a: &str, b: &str) -> DiffReport {
    let (a, b) = (wat::parse_str(a).unwrap(), wat::parse_str(b).unwrap());
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&a, &b, Budget::default());
    assert_eq!(diff(&b, &a, Budget::default()).mirror().pairs, report.pairs);
    report
}

const A: &str = r#"(module
    (import "env" "value_return" (func $return (param i64 i64)))
    (memory 17)
    (data (i32.const 1048576) "hello world, hello moon")
    (func (export "get") (call $say (i32.const 1048576) (i32.const 11)))
    (func (export "put") (call $say (i32.const 1048589) (i32.const 10)))
    (func $say (param i32 i32) (call $return (i64.extend_i32_u (local.get 1)) (i64.extend_i32_u (local.get 0)))))"#;

/// [`A`] with `from` replaced by `to`, once.
fn edited(from: &str, to: &str) -> String {
    assert_eq!(A.matches(from).count(), 1);
    A.replace(from, to)
}

#[test]
fn a_module_is_identical_to_itself() {
    let report = compare(A, A);
    assert_eq!(report.class, Class::Identical);
    assert!(report.pairs.iter().all(|pair| pair.status == Status::Exact && pair.a == pair.b));
    assert_eq!((report.counts.matched, report.changes.len(), report.data.len()), (3, 0, 0));
}

#[test]
fn an_edited_string_is_data() {
    let report = compare(A, &edited("hello moon", "hello mars"));
    assert_eq!(report.class, Class::Data);
    assert_eq!(report.data.len(), 1);
    let (a, b) = (report.data[0].a.as_ref().unwrap(), report.data[0].b.as_ref().unwrap());
    assert!(a.1.ends_with("moon") && b.1.ends_with("mars"), "{a:?} {b:?}");
}

#[test]
fn moved_data_is_relocated() {
    let moved = edited("\"hello world, hello moon\"", "\"hello moonhello world, \"")
        .replace("1048576) (i32.const 11", "1048586) (i32.const 11")
        .replace("1048589", "1048576");
    let report = compare(A, &moved);
    assert_eq!((report.class, &report.data), (Class::Relocated, &Vec::new()));
}

#[test]
fn an_edited_constant_is_one_function() {
    let report = compare(A, &edited("(i32.const 10)", "(i32.const 9)"));
    assert_eq!((report.class, report.counts.changed, report.counts.matched), (Class::Functions, 1, 2));
    assert_eq!(report.changes[0].a.as_ref().unwrap().name.as_deref(), Some("put"));
    let report = compare(A, &edited("(i32.const 1048589)", "(i32.const 1048577)"));
    assert_eq!((report.class, report.counts.changed), (Class::Functions, 1));
}

#[test]
fn an_added_function_is_added() {
    let report = compare(
        A,
        &edited(
            "(func (export \"get\")",
            "(func (export \"new\") (param i64) (drop (i64.const 7))) (func (export \"get\")",
        ),
    );
    assert_eq!(
        (report.class, report.counts.added, report.counts.matched, report.counts.changed),
        (Class::Functions, 1, 3, 0)
    );
}

#[test]
fn a_claim_of_another_length_is_metadata() {
    let module = |version: &str, at: usize| {
        let claim = format!("{{\"version\":\"{version}\",\"link\":null,\"standards\":[]}}");
        format!(
            r#"(module (import "env" "value_return" (func (param i64 i64))) (memory 17)
            (data (i32.const 1048576) "{}and more")
            (func (export "contract_source_metadata") (call 0 (i64.const {}) (i64.const 1048576)))
            (func (export "more") (call 0 (i64.const 8) (i64.const {}))))"#,
            claim.replace('"', "\\\""),
            claim.len(),
            at + claim.len(),
        )
    };
    let report = compare(&module("1.0.0", 1_048_576), &module("1.0.10", 1_048_576));
    assert_eq!((report.class, report.data.len(), report.data[0].kind), (Class::Metadata, 1, DataKind::Claim));
}

#[test]
fn a_spent_budget_is_said() {
    let (a, b) = (wat::parse_str(A).unwrap(), wat::parse_str(edited("(i32.const 10)", "(i32.const 9)")).unwrap());
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&a, &b, Budget::new(10));
    assert!(report.incomplete);
    assert!(serde_json::to_string(&report).unwrap().contains("ended early"));
}

#[test]
fn an_abi_of_another_length_is_metadata() {
    let module = |abi: &str, size: usize| {
        format!(
            r#"(module (import "env" "value_return" (func (param i64 i64))) (memory 17)
            (data (i32.const 1048576) "\28\b5\2f\fd\20\0{}\{:02x}\00\00{abi}and more")
            (func (export "__contract_abi") (call 0 (i64.const {}) (i64.const 1048576)))
            (func (export "more") (call 0 (i64.const 8) (i64.const {}))))"#,
            size,
            (size << 3 | 1),
            9 + size,
            1_048_576 + 9 + size,
        )
    };
    let report = compare(&module("hello", 5), &module("hello!!", 7));
    assert_eq!(
        (report.class, report.data.len(), report.data[0].kind),
        (Class::Metadata, 1, DataKind::Abi),
        "{report:?}"
    );
}

#[test]
fn claims_and_abi_name_their_causes() {
    use super::cause::CauseKind;
    use super::{Known, causes};
    let (a, b) = (wat::parse_str(A).unwrap(), wat::parse_str(edited("(i32.const 10)", "(i32.const 9)")).unwrap());
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&a, &b, Budget::default());
    let claim = |commit: &str, image: &str, command: &str, version: &str| {
        serde_json::json!({"version": version, "build_info": {
            "source_code_snapshot": format!("git+https://example.org/x?rev={commit}"),
            "build_environment": image, "build_command": [command]}})
    };
    let abi =
        |builder: &str| serde_json::json!({"metadata": {"build": {"builder": builder, "compiler": "rustc 1.86.0"}}});
    let first = claim("aa", "image@sha256:1", "cargo near build", "1.0.0");
    let known = Known { claim: Some(&first), abi: None, platform: None };
    let named = |other: Known, known: Known| -> Vec<CauseKind> {
        causes(&a, &b, [known, other], &report).into_iter().map(|cause| cause.code).collect()
    };
    let rows = [
        (claim("bb", "image@sha256:1", "cargo near build", "1.0.0"), CauseKind::OtherCommit),
        (claim("aa", "image@sha256:2", "cargo near build", "1.0.0"), CauseKind::OtherImage),
        (claim("aa", "image@sha256:1", "cargo near build --features x", "1.0.0"), CauseKind::Features),
        (claim("aa", "image@sha256:1", "cargo near build --no-default-features", "1.0.0"), CauseKind::Features),
        (claim("aa", "image@sha256:1", "cargo near build --env A=1", "1.0.0"), CauseKind::PassedEnv),
        (claim("aa", "image@sha256:1", "cargo near build --profile=small", "1.0.0"), CauseKind::Profile),
        (claim("aa", "image@sha256:1", "cargo near build --locked", "1.0.0"), CauseKind::NotLocked),
        (claim("aa", "image@sha256:1", "cargo near build --no-abi", "1.0.0"), CauseKind::Abi),
        (claim("aa", "image@sha256:1", "cargo near build --no-wasmopt", "1.0.0"), CauseKind::WasmOpt),
        (claim("aa", "image@sha256:1", "make", "1.0.0"), CauseKind::OtherCommand),
        (claim("aa", "image@sha256:1", "cargo near build", "1.0.1"), CauseKind::OtherVersion),
    ];
    for (claim, cause) in &rows {
        assert_eq!(named(Known { claim: Some(claim), ..known }, known), [*cause]);
    }
    let (old, new) = (abi("cargo-near 0.6.1"), abi("cargo-near 0.13.4"));
    assert_eq!(
        named(Known { abi: Some(&new), ..known }, Known { abi: Some(&old), ..known }),
        [CauseKind::OtherCargoNear]
    );
    let on = |platform| Known { platform: Some(platform), ..known };
    assert_eq!(named(on("linux/amd64"), on("linux/arm64")), [CauseKind::OtherPlatform]);
    assert_eq!(named(on("linux/amd64"), on("linux/amd64")), [CauseKind::OtherSource]);
    // What is known of one side alone is no difference.
    assert_eq!(named(on("linux/amd64"), known), [CauseKind::OtherSource]);
    // The order of options is no difference.
    let (one, other) = ("cargo near build --env A=1 --env B=2", "cargo near build --env B=2 --env A=1");
    let (one, other) = (claim("aa", "i", one, "1.0.0"), claim("aa", "i", other, "1.0.0"));
    let known_of = |claim| Known { claim: Some(claim), ..Known::default() };
    assert_eq!(named(known_of(&one), known_of(&other)), [CauseKind::OtherSource]);
    // Without anything to show, only that the source must differ.
    assert_eq!(named(known, known), [CauseKind::OtherSource]);
}

#[test]
fn crates_that_moved_at_one_commit_were_not_locked() {
    use super::cause::CauseKind;
    use super::{Known, causes};
    let module = |version: &str| {
        let path = format!("/home/near/.cargo/registry/src/x-1/near-sdk-{version}/src/lib.rs");
        wat::parse_str(format!(r#"(module (memory 17) (data (i32.const 1048576) "{path}") (func (export "f")))"#))
            .unwrap()
    };
    let (a, b) = (module("5.24.0"), module("5.24.1"));
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&a, &b, Budget::default());
    let claim = serde_json::json!({"build_info": {"source_code_snapshot": "git+https://example.org/x?rev=aa"}});
    let known = Known { claim: Some(&claim), ..Known::default() };
    let found = causes(&a, &b, [known, known], &report);
    assert_eq!(found[0].code, CauseKind::NotLocked);
    assert_eq!(found[0].evidence, [(Some("near-sdk 5.24.0".to_owned()), Some("near-sdk 5.24.1".to_owned()))]);
    let found = causes(&a, &b, [Known::default(); 2], &report);
    assert_eq!(found[0].code, CauseKind::OtherCrates);
}

/// What the comparison says of two modules of one empty function that hold `a` and `b` as data, and have these exports.
fn causes_of(a: (&str, &str), b: (&str, &str)) -> Vec<super::cause::Cause> {
    let module = |(text, export): (&str, &str)| {
        wat::parse_str(format!(
            r#"(module (memory 17) (data (i32.const 1048576) "{text}") (func (export "f")) (func (export "{export}")))"#
        ))
        .unwrap()
    };
    let (a, b) = (module(a), module(b));
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&a, &b, Budget::default());
    super::causes(&a, &b, [super::Known::default(); 2], &report)
}

#[test]
fn the_platform_stands_in_paths_of_the_compiler() {
    let path = |host: &str| format!("/home/near/.rustup/toolchains/1.86.0-{host}/lib/rustlib/src/rust/library/a.rs");
    let (amd64, arm64) = (path("x86_64-unknown-linux-gnu"), path("aarch64-unknown-linux-gnu"));
    let found = causes_of((&amd64, "g"), (&arm64, "g"));
    let platform = found.iter().find(|cause| cause.code == super::cause::CauseKind::OtherPlatform).unwrap();
    assert_eq!(platform.evidence, [(Some("linux/amd64".to_owned()), Some("linux/arm64".to_owned()))]);
    let same = causes_of((&arm64, "g"), (&arm64.replace("a.rs", "b.rs"), "g"));
    assert!(same.iter().all(|cause| cause.code != super::cause::CauseKind::OtherPlatform), "{same:?}");
}

#[test]
fn an_embedded_abi_is_seen_by_its_export() {
    let found = causes_of(("x", "g"), ("x", "__contract_abi"));
    assert_eq!(found[0].code, super::cause::CauseKind::Abi);
    assert_eq!(found[0].evidence, [(None, Some("__contract_abi".to_owned()))]);
}

#[test]
fn a_type_of_many_parameters_costs_little_text() {
    let params = "i64 ".repeat(900);
    let imports: String = (0..2_000).map(|at| format!(r#"(import "env" "f{at}" (func (type 0)))"#)).collect();
    let module = format!("(module (type (func (param {params}))) {imports})");
    let report = compare("(module)", &module);
    assert_eq!(report.items.len(), 2_000);
    assert!(report.items.iter().all(|item| item.b.as_ref().unwrap().len() < 100), "{:?}", report.items[0]);
}

#[test]
fn the_picture_joins_neighbours_that_became_the_same() {
    use super::drawing::RunKind;
    use super::{functions, picture};
    let edited = edited(
        "(func (export \"put\")",
        "(func (export \"new\") (param i64) (drop (i64.const 7))) (func (export \"put\")",
    );
    let (a, b) = (wat::parse_str(A).unwrap(), wat::parse_str(edited).unwrap());
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&a, &b, Budget::default());
    let picture = picture(&a, &b, &report);
    assert_eq!(picture.sizes, [a.bytes().len() as u64, b.bytes().len() as u64]);
    let code: Vec<_> = picture.runs.iter().filter(|run| run.section == "code").collect();
    let new: Vec<_> = code.iter().filter(|run| run.kind == RunKind::New).collect();
    assert_eq!((new.len(), new[0].functions, new[0].a.is_none(), new[0].b.is_some()), (1, 1, true, true));
    assert_eq!(code.iter().map(|run| run.functions).sum::<usize>(), report.pairs.len());
    // `put` and what it calls stand behind the new one in the second module, and are one run.
    assert!(code.iter().any(|run| run.kind == RunKind::Moved && run.functions == 2), "{code:?}");
    for (side, module) in [&a, &b].into_iter().enumerate() {
        for run in &picture.runs {
            let range = if side == 0 { &run.a } else { &run.b };
            assert!(range.as_ref().is_none_or(|range| range.end <= module.bytes().len() as u64), "{run:?}");
        }
    }
    let listed = functions(&a, &b, &report);
    assert_eq!(listed.len(), report.pairs.len());
    assert_eq!(listed.iter().filter(|function| function.similarity.is_some()).count(), 0);
    assert!(listed.iter().any(|function| function.a.as_ref().and_then(|a| a.name.as_deref()) == Some("put")));
}

#[test]
fn what_is_written_is_read_as_it_was() {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::{Known, causes, functions, picture, side_by_side};
    use crate::wasm::ModuleFacts;

    fn again<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(written: &T) -> T {
        serde_json::from_slice(serde_json::to_string(written).unwrap().as_bytes()).unwrap()
    }
    let edited = edited("(i32.const 10)", "(i32.const 9)").replace("(module", r#"(module (import "env" "new" (func))"#);
    let (a, b) = (wat::parse_str(A).unwrap(), wat::parse_str(edited).unwrap());
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let mut report = diff(&a, &b, Budget::default());
    report.causes = causes(&a, &b, [Known::default(); 2], &report);
    assert!(!report.items.is_empty() && !report.causes.is_empty() && !report.changes.is_empty(), "{report:?}");
    // Which function is which stays with whoever compared.
    let read = again(&report);
    assert_eq!(DiffReport { pairs: report.pairs.clone(), ..read }, report);
    assert!(again(&DiffReport { incomplete: true, ..report.clone() }).incomplete);
    let pair = report.changes[0].clone();
    let shown = side_by_side(&a, &b, &report, pair.a.map(|side| side.index), pair.b.map(|side| side.index));
    assert_eq!(again(&shown), shown);
    let drawn = picture(&a, &b, &report);
    assert_eq!(again(&drawn), drawn);
    let listed = functions(&a, &b, &report);
    assert_eq!(again(&listed), listed);
    let facts = ModuleFacts::of(&b);
    assert_eq!(again(&facts), facts);
    let unknown = serde_json::to_string(&report).unwrap().replace("\"functions\"", "\"fonctions\"");
    assert!(serde_json::from_slice::<DiffReport>(unknown.as_bytes()).is_err());
}

/// A module whose functions have names in a names section, and one like it that has none of them and another constant.
fn one_with_names() -> [Vec<u8>; 2] {
    let module = |names: [&str; 3], constant: u32| {
        let [import, say, tell] = names;
        wat::parse_str(format!(
            r#"(module (import "env" "log" (func {import} (param i32))) (func (export "go") (call 2 (i32.const 2)))
            (func {say} (param i32) (call 0 (i32.add (local.get 0) (i32.const {constant}))) (call 3 (i32.const 5)))
            (func {tell} (param i32) (call 0 (i32.const 77)) (call 0 (i32.const 78)) (call 0 (i32.const 79))))"#,
        ))
        .unwrap()
    };
    [module(["$log", "$say", "$tell"], 1), module(["", "", ""], 2)]
}

#[test]
fn a_name_that_one_of_two_has_stands_for_both() {
    use super::{functions, picture, side_by_side};
    let modules = one_with_names();
    assert_eq!(modules.each_ref().map(|it| Module::parse(it).unwrap().custom_section("name").is_some()), [true, false]);
    for [first, second] in [[0, 1], [1, 0]] {
        let (a, b) = (Module::parse(&modules[first]).unwrap(), Module::parse(&modules[second]).unwrap());
        let report = diff(&a, &b, Budget::default());
        let listed = functions(&a, &b, &report);
        let names: Vec<_> = listed.iter().map(super::report::FunctionChange::names).collect();
        assert_eq!(names, [[Some("go"); 2], [Some("say"); 2], [Some("tell"); 2]], "{report:?}");
        let changed =
            report.changes.iter().find(|change| change.a.as_ref().is_some_and(|side| side.index == 2)).unwrap();
        assert_eq!((changed.status, changed.names()), (Status::Changed, [Some("say"); 2]));
        let runs = picture(&a, &b, &report).runs;
        let firsts: Vec<_> = runs.into_iter().filter_map(|run| run.first).collect();
        let named = |index: u32, name: &str| (index, Some(name.to_owned()));
        assert_eq!(firsts, [named(1, "go"), named(2, "say"), named(3, "tell")]);
        let shown = side_by_side(&a, &b, &report, Some(2), Some(2));
        for head in [shown.a.unwrap(), shown.b.unwrap()] {
            assert!(head.starts_with("say "), "{head}");
        }
    }
}

#[test]
fn a_line_knows_the_function_that_it_calls() {
    let [a, b] = one_with_names();
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&a, &b, Budget::default());
    let shown = super::side_by_side(&a, &b, &report, Some(2), Some(2));
    let calls = |of: fn(&super::shown::Row) -> Option<&super::shown::Cell>| -> Vec<(String, Option<u32>)> {
        let cells = shown.rows.iter().filter_map(of).filter(|cell| cell.words[0].0 == "call");
        cells.map(|cell| (cell.words[1].0.clone(), cell.calls)).collect()
    };
    // Nothing is defined for an import.
    let expected = [("$env.log".to_owned(), None), ("$tell".to_owned(), Some(3))];
    assert_eq!(calls(|row| row.a.as_ref()), expected);
    assert_eq!(calls(|row| row.b.as_ref()), expected);
    assert!(
        shown
            .rows
            .iter()
            .all(|row| row.a.as_ref().is_none_or(|cell| cell.words[0].0 == "call" || cell.calls.is_none()))
    );
}

#[test]
fn what_changed_is_never_wholly_alike() {
    let report = compare(A, &edited("(i32.const 10)", "(i32.const 9)"));
    // Every operator is there in both; what differs is a number behind one.
    assert_eq!(report.changes[0].similarity, Some(1.0));
    assert_eq!(report.changes[0].alike().as_deref(), Some("99 %"));
    let alike = |status, similarity| {
        super::report::FunctionChange { status, similarity: Some(similarity), ..report.changes[0].clone() }.alike()
    };
    assert_eq!(alike(Status::Guess, 0.9999).as_deref(), Some("99 %"));
    assert_eq!(alike(Status::Changed, 0.718).as_deref(), Some("71 %"));
    assert_eq!(alike(Status::Exact, 1.0).as_deref(), Some("100 %"));
}
