//! A repository that is gone, and the source archive of an earlier rebuild in its place: built if a trusted key vouches for it, and
//! never as if the commit had been seen.

use std::process::Command;

use serde_json::Value;

use crate::bench::{Ended, Kind};
use crate::lies::Town;

/// The same command without leave for local sources.
fn without_leave(command: &Command) -> Command {
    let mut other = Command::new(command.get_program());
    other.args(command.get_args().filter(|word| *word != "--allow-local-source"));
    other.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    other
}

fn shown<'a>(ended: &'a Ended, pointer: &str) -> &'a str {
    ended.json.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {}", ended.json))
}

#[test]
fn an_archive_is_built_in_place_of_a_repository_that_is_gone_if_a_trusted_key_vouches_for_it() {
    let town = Town::new(Kind::Docker);
    let (published, _) = town.published();
    town.deploy("published", &published, b"");
    let command = |more: &[&str]| town.command(&[&["rebuild", "app.devnet"], more].concat(), &published);
    let first = Ended::by(command(&[]));
    assert_eq!(first.exit, 0, "{} {}", first.json, first.stderr);
    let archive = shown(&first, "/rebuild/source_archive").to_owned();
    let line = std::fs::read_to_string(shown(&first, "/rebuild/manifest")).unwrap();
    let manifest = town.bench.path("first.intoto.jsonl");
    std::fs::write(&manifest, &line).unwrap();
    let key = first.statement()["predicate"]["buildDefinition"]["internalParameters"]["signer"]["public_key"].clone();
    std::fs::remove_dir_all(town.bench.bare("r")).unwrap();
    let gone = Ended::by(command(&[]));
    assert_eq!((gone.code(), gone.exit), ("commit-not-found", 4), "{}", gone.json);

    // Nobody's word, a stranger's, and that of a trusted key for another file.
    let manifest = manifest.to_str().unwrap();
    let changed = town.bench.path("changed.tar");
    std::fs::write(&changed, [std::fs::read(&archive).unwrap(), vec![0; 512]].concat()).unwrap();
    let vouched = ["--manifest", manifest, "--trust", key.as_str().unwrap()];
    for more in [
        &["--source", &archive][..],
        &["--source", &archive, "--manifest", manifest],
        &[&["--source", changed.to_str().unwrap()], &vouched[..]].concat(),
    ] {
        let refused = Ended::by(without_leave(&command(more)));
        assert_eq!((refused.code(), refused.exit), ("source-refused", 4), "{more:?}: {}", refused.json);
    }

    let again = Ended::by(without_leave(&command(&[&["--source", archive.as_str()], &vouched[..]].concat())));
    assert_eq!(shown(&again, "/rebuild/artifact/sha256"), shown(&first, "/rebuild/artifact/sha256"));
    let notices = again.notices();
    assert!(notices.iter().any(|code| code == "source-from-elsewhere"), "{notices:?}");
    assert!(!notices.iter().any(|code| code == "local-source"), "{notices:?}");
    let dependencies = again.statement()["predicate"]["buildDefinition"]["resolvedDependencies"].clone();
    let named = |name: &str| dependencies.as_array().unwrap().iter().find(|it| it["name"] == name).unwrap().clone();
    assert_eq!(named("source")["annotations"], serde_json::json!({"from": "source-archive"}));
    assert!(named("source")["digest"]["gitTree"].is_null());
    let archived = |ended: &Ended| ended.statement()["predicate"]["buildDefinition"]["resolvedDependencies"][2].clone();
    assert_eq!(named("source-archive"), archived(&first));

    // On one's own word it is local source; what no rebuild wrote is refused even so. By itself neither is a match without
    // reservations.
    let odd = Ended::by(command(&["--source", changed.to_str().unwrap()]));
    assert_eq!((odd.code(), odd.exit), ("source-refused", 4), "{}", odd.json);
    let kept = town.bench.path("kept.tar");
    std::fs::rename(&archive, &kept).unwrap();
    std::fs::remove_dir_all(town.bench.path("out")).unwrap();
    let own = Ended::by(command(&["--source", kept.to_str().unwrap()]));
    assert!(own.notices().iter().any(|code| code == "local-source"), "{:?}", own.notices());
    assert_eq!((shown(&own, "/verdict/code"), own.exit), ("reproduced-unvetted", 3), "{}", own.json);
}
