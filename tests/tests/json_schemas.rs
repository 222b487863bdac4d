//! `docs/schemas` against the types that are printed: the files are what the types say. `PROVENEAR_RECORD=1` writes them anew.
//! Not here: what the suites get out of the helper, which each of them holds against the schemas (`documents`).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::path::Path;

use provenear_shared::report::*;
use provenear_shared::settings::Settings;
use provenear_tests::documents::SCHEMAS;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// One document, or what is printed in its place.
fn either<T: JsonSchema, F: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    json!({"anyOf": [generator.subschema_for::<T>(), generator.subschema_for::<F>()]})
}

/// One document, or one of two that are printed in its place.
fn either_of<T: JsonSchema, F: JsonSchema, G: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    let all = [generator.subschema_for::<T>(), generator.subschema_for::<F>(), generator.subschema_for::<G>()];
    json!({ "anyOf": all })
}

fn one<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    json!({"allOf": [generator.subschema_for::<T>()]})
}

/// Every member is described, and there are no others.
fn close(schema: &mut Schema) {
    if let Some(object) = schema.as_object_mut().filter(|schema| schema.contains_key("properties")) {
        object.insert("additionalProperties".to_owned(), false.into());
    }
    schemars::transform::transform_subschemas(&mut close, schema);
}

fn generated(name: &str) -> Value {
    // What is written: a member that may be null is there all the same.
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let body = match name {
        "provenear/inspection/v1" => one::<PrintedReport<'_>>(&mut generator),
        "provenear/diff/v1" => either_of::<PrintedDiff<'_>, DiffByHash, DiffFailed>(&mut generator),
        "provenear/rebuilds/v1" => one::<RebuildsReport>(&mut generator),
        "provenear/batch/v1" => either::<BatchReport, Failed<BatchSchema>>(&mut generator),
        "provenear/plan/v1" => either::<PlanReport<'_>, Failed<PlanSchema>>(&mut generator),
        "provenear/unit/v1" => either::<UnitReport, Failed<UnitSchema>>(&mut generator),
        "provenear/merge/v1" => either::<MergeReport, Failed<MergeSchema>>(&mut generator),
        "provenear/probe/v1" => either::<ProbeReport, Failed<ProbeSchema>>(&mut generator),
        "provenear/publish/v1" => either::<PublishReport, Failed<PublishSchema>>(&mut generator),
        "provenear/key/v1" => either::<KeygenReport, Failed<KeySchema>>(&mut generator),
        "provenear/cache/v1" => either::<CacheReport, Failed<CacheSchema>>(&mut generator),
        "provenear/tree/v1" => either::<TreeReport, Failed<TreeSchema>>(&mut generator),
        "provenear/lint/v1" => either::<LintReport, Failed<LintSchema>>(&mut generator),
        "provenear/settings/v1" => one::<Settings>(&mut generator),
        other => panic!("`{other}` is made of no type"),
    };
    let mut whole = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name});
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    whole["$defs"] = generator.take_definitions(false).into();
    let mut schema = Schema::try_from(whole).unwrap();
    close(&mut schema);
    schema.to_value()
}

fn file(name: &str) -> String {
    let [_, kind, version] = name.split('/').collect::<Vec<_>>().try_into().unwrap();
    format!("{kind}-{version}.json")
}

#[test]
fn the_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schemas");
    let record = std::env::var_os("PROVENEAR_RECORD").is_some();
    let mut stale = Vec::new();
    for (name, text) in SCHEMAS {
        let schema = generated(name);
        if record {
            let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
            std::fs::write(folder.join(file(name)), text).unwrap();
        } else if serde_json::from_str::<Value>(text).unwrap() != schema {
            stale.push(file(name));
        }
    }
    assert!(stale.is_empty(), "`PROVENEAR_RECORD=1 cargo test --test json_schemas` writes these anew: {stale:?}");
    let mut listed: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let mut known: Vec<_> = SCHEMAS.iter().map(|(name, _)| file(name)).collect();
    listed.sort();
    known.sort();
    assert_eq!(listed, known, "files in `docs/schemas`, and those that are held against the types");
}

#[test]
fn descriptions_name_nothing_that_only_the_code_has() {
    for (name, text) in SCHEMAS {
        let odd: Vec<&str> = text.lines().filter(|line| line.contains("[`") || line.contains("::")).collect();
        assert!(odd.is_empty(), "{name}: {odd:#?}");
    }
}

/// What a suite reads without a schema may hold anything.
#[test]
fn every_suite_reads_the_helper_by_the_schemas() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut rooms = vec![folder];
    let mut around = Vec::new();
    while let Some(path) = rooms.pop() {
        if path.is_dir() {
            rooms.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let by_itself = |line: &&str| line.contains("serde_json::from") && line.contains(".stdout");
        around.extend(text.lines().filter(by_itself).map(|line| format!("{}: {}", path.display(), line.trim())));
    }
    // The counting line itself is one of them.
    around.retain(|line| !line.contains("line.contains"));
    assert!(around.is_empty(), "read by `serde_json` and not by `documents`: {around:#?}");
}
