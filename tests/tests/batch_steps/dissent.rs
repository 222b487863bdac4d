//! Different code of one unit: all of it is kept and compared, and it is said whoever merges when.

use provenear_tests::documents;
use provenear_tests::notary::Notary;
use serde_json::{Value, json};

use crate::bench::{Bench, Left, files, manifests_of, module};

#[test]
fn both_are_kept_and_compared_and_the_order_changes_nothing() {
    let (bench, units) = Bench::planned(2);
    let notaries = ["alice", "bob", "carol"].map(Notary::named);
    for (number, notary) in notaries.iter().enumerate() {
        Left::new(&units[0], module(number)).write(&bench.path(&format!("node{number}")), Some(notary));
        Left::new(&units[1], module(9)).write(&bench.path(&format!("node{number}")), Some(notary));
    }
    let (report, exit) = bench.merge(&["node0", "node1", "--to", "store"]);
    assert_eq!((&report["taken"], exit), (&json!(2), 1), "{report}");
    let [dissent] = report["dissent"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&dissent["unit"], dissent["artifacts"].as_array().unwrap().len()), (&units[0]["unit"], 2));
    let [diff] = dissent["diffs"].as_array().unwrap().as_slice() else { panic!("{report}") };
    let diff = documents::read(&std::fs::read(bench.path(diff.as_str().unwrap())).unwrap()).unwrap();
    assert_eq!(diff["class"], "data", "{diff}");
    for number in 0..2 {
        assert!(bench.path("store").join(manifests_of(&module(number))).is_file());
    }
    // Who agrees makes no dissent go away, and a third is compared with both.
    let (report, exit) = bench.merge(&["node0", "--to", "store"]);
    assert_eq!((report["dissent"][0]["diffs"].as_array().unwrap().len(), exit), (1, 1));
    let (report, exit) = bench.merge(&["node2", "--to", "store"]);
    assert_eq!((report["dissent"][0]["diffs"].as_array().unwrap().len(), exit), (3, 1));
    for (number, order) in [["node2", "node0", "node1"], ["node1", "node2", "node0"]].iter().enumerate() {
        let to = format!("store{number}");
        for folder in order {
            bench.merge(&[folder, "--to", &to]);
        }
        assert!(files(&bench.path(&to)) == files(&bench.path("store")), "{order:?}");
    }
    let said = bench.desk.run(&["batch", "merge", "node0", "--to", "store"]);
    assert!(said.exit == 1 && said.stdout.contains("different code came out"), "{}", said.stdout);
}

#[test]
fn what_is_no_module_is_kept_and_not_compared() {
    let (bench, units) = Bench::planned(1);
    for (name, artifact) in [("alice", b"not a module".to_vec()), ("bob", module(1))] {
        Left::new(&units[0], artifact).write(&bench.path(name), Some(&Notary::named(name)));
    }
    let (report, exit) = bench.merge(&["alice", "bob", "--to", "store"]);
    assert_eq!((&report["dissent"][0]["diffs"], exit), (&json!([]), 1), "{report}");
    assert_eq!(report["dissent"][0]["artifacts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_unit_without_a_result_is_missing() {
    let (bench, units) = Bench::planned(3);
    Left::new(&units[1], module(1)).write(&bench.path("runs"), Some(&Notary::named("alice")));
    let (report, exit) = bench.merge(&["runs", "--to", "store", "--plan", "plan.json"]);
    let missing: Vec<&Value> = vec![&units[0]["unit"], &units[2]["unit"]];
    assert_eq!((report["missing"].as_array().unwrap().iter().collect::<Vec<_>>(), exit), (missing, 3), "{report}");
}
