//! `batch LIST` is plan, run and merge in one: whoever rebuilds alone has the store that several machines make.

use provenear_tests::documents;
use serde_json::json;

use crate::bench::{Bench, Left, files, module, names};

/// Rebuilds are finished beforehand, so that both ways have the same ones, times and all; what they differ in is all that is left.
#[test]
fn one_machine_has_the_store_of_several() {
    let (bench, units) = Bench::planned(6);
    let alice = bench.write_key("alice");
    let nodes = ["node0", "node1"];
    for (number, unit) in units.iter().enumerate() {
        // Two of them gave the same code.
        let left = Left::new(unit, module(number % 5));
        left.write(&bench.path(nodes[number % 2]), Some(&alice));
        left.write(&bench.path("alone/batch"), Some(&alice));
    }
    let engine = bench.engine();
    for (number, node) in nodes.iter().enumerate() {
        let shares = units.iter().skip(number).step_by(2).map(|unit| unit["unit"].as_str().unwrap());
        let ids: Vec<&str> = shares.collect();
        let words = ["batch", "run", "plan.json", "--to", node, "--key", "alice", "--allow-local-source"];
        let said = bench.desk.run(&[&words[..], &engine, &ids].concat());
        assert!(said.exit == 0 && said.stderr.contains("3 built before"), "{}", said.stderr);
        assert_eq!(names(&bench.path(node)).len(), 3);
    }
    let (report, exit) =
        bench.merge(&["node1", "node0", "--to", "store", "--plan", "plan.json", "--trust", &key(&alice)]);
    assert_eq!((&report["taken"], &report["added"], exit), (&json!(6), &json!(6), 0), "{report}");

    let said = bench.whole(&["--out", "alone", "--key", "alice"]);
    let summary = documents::read_lines(said.stdout.as_bytes()).unwrap().pop().unwrap();
    assert_eq!((&summary["counts"], &summary["rebuilds"]), (&json!({"differs": 6}), &json!(0)), "{}", said.stderr);
    let store = files(&bench.path("store"));
    assert_eq!(store.iter().filter(|(name, _)| name.ends_with(".sigstore.json")).count(), 6);
    assert!(
        files(&bench.path("alone")) == store,
        "{:?} {:?}",
        names(&bench.path("alone")),
        names(&bench.path("store"))
    );
}

fn key(notary: &provenear_tests::notary::Notary) -> String {
    notary.public_key().to_near()
}
