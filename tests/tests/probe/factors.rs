//! A contract for each factor, which leaks it on purpose, and one that leaks nothing.

use provenear_tests::ground::Ground;

use crate::bench::{Ended, Tree};

/// What a build script writes becomes the text of the contract.
const WRITTEN: &str = r#"include_str!(concat!(env!("OUT_DIR"), "/text"))"#;

fn by_script(body: &str) -> Tree {
    let script = format!(
        "#[allow(unused_imports)]\nuse std::{{env, fs, thread, time}};\nfn main() {{\n    let text: String = {{ {body} }};\n    \
         fs::write(format!(\"{{}}/text\", env::var(\"OUT_DIR\").unwrap()), text).unwrap();\n}}\n"
    );
    let files: Vec<(String, &str)> = (0..24).map(|n| (format!("data/{:x}", n * 7919), "")).collect();
    let mut all: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    all.push(("build.rs", &script));
    Tree::new(WRITTEN, &all)
}

/// The factor leaks, no other does, and the place is told: a text of the code, and a line of the source.
fn leaks(tree: &Tree, factor: &str, hint: (&str, &str)) -> Ended {
    let ended = tree.probe(&["--factors", factor]);
    let found = ended.factor(factor);
    assert_eq!(found["outcome"], "leaks", "{factor}: {found:#} {}", ended.stderr);
    let held = found["held_by_the_image"] == true;
    assert_eq!((ended.exit, ended.json["outcome"] == "leaks"), if held { (0, false) } else { (1, true) }, "{factor}");
    assert!(ended.json["message"].as_str().unwrap().contains(factor), "{}", ended.json["message"]);
    for (name, outcome) in ended.outcomes() {
        let expected = match name {
            _ if name == factor => "leaks",
            "again" => "same",
            _ => "not-asked",
        };
        assert_eq!(outcome, expected, "{factor}: {name}");
    }
    let leak = &found["leak"];
    assert!(leak["data_count"].as_u64().unwrap() + leak["function_count"].as_u64().unwrap() > 0, "{factor}: {leak:#}");
    let hints = leak["hints"].as_array().unwrap();
    let is_there = hints.iter().any(|it| it["path"] == hint.0 && it["text"].as_str().unwrap().contains(hint.1));
    assert!(is_there, "{factor}: {hints:#?}");
    assert!(std::path::Path::new(leak["diff"].as_str().unwrap()).is_file());
    ended
}

/// … and the code holds the very text that was changed.
fn carries(tree: &Tree, factor: &str, hint: (&str, &str), text: &str) {
    let ended = leaks(tree, factor, hint);
    assert_eq!(ended.factor(factor)["leak"]["carries"], serde_json::json!([text]), "{factor}");
}

#[test]
fn home() {
    carries(&Tree::new("env!(\"HOME\")", &[]), "home", ("src/lib.rs", "env!(\"HOME\")"), "/home/raen");
}

#[test]
fn cargo_home() {
    carries(&Tree::new("env!(\"CARGO_HOME\")", &[]), "cargo-home", ("src/lib.rs", "CARGO_HOME"), "/home/near/.ograc");
}

#[test]
fn time_zone() {
    let tree = Tree::new("match option_env!(\"TZ\") { Some(zone) => zone, None => \"none\" }", &[]);
    carries(&tree, "time-zone", ("src/lib.rs", "option_env!(\"TZ\")"), "<+1245>-12:45");
}

#[test]
fn locale() {
    let tree = by_script("env::var(\"LANG\").unwrap_or_default()");
    carries(&tree, "locale", ("build.rs", "LANG"), "tr_TR.UTF-8");
}

#[test]
fn build_path() {
    let rustc = "set -e\nmkdir -p target/near\nrustc --edition 2021 --crate-type cdylib -O -C panic=abort -C strip=symbols \
        --target wasm32-unknown-unknown -o target/near/leaky.wasm \"$PWD/src/lib.rs\"\n";
    carries(&Tree::new("file!()", &[("build.sh", rustc)]), "build-path", ("src/lib.rs", "file!()"), "/home/near/edoc");
}

#[test]
fn clock() {
    let day = "(time::SystemTime::now().duration_since(time::UNIX_EPOCH).unwrap().as_secs() / 86400).to_string()";
    leaks(&by_script(day), "clock", ("build.rs", "SystemTime"));
}

#[test]
fn file_order() {
    let listed = "fs::read_dir(\"data\").unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect()";
    leaks(&by_script(listed), "file-order", ("build.rs", "read_dir"));
}

#[test]
fn host_name() {
    let name = "fs::read_to_string(\"/proc/sys/kernel/hostname\").unwrap()";
    carries(&by_script(name), "host-name", ("build.rs", "hostname"), "elsewhere");
}

#[test]
fn cpus() {
    leaks(&by_script("env::var(\"NUM_JOBS\").unwrap()"), "cpus", ("build.rs", "NUM_JOBS"));
}

#[test]
fn user() {
    let user =
        "std::os::unix::fs::MetadataExt::uid(&fs::metadata(env::var(\"OUT_DIR\").unwrap()).unwrap()).to_string()";
    leaks(&by_script(user), "user", ("src/lib.rs", "OUT_DIR"));
}

#[test]
fn umask() {
    let mode = "format!(\"{:?}\", fs::metadata(\"build.sh\").unwrap().permissions())";
    leaks(&by_script(mode), "umask", ("build.rs", "permissions()"));
}

#[test]
fn environment() {
    let names =
        "let mut names: Vec<String> = env::vars().map(|(name, _)| name).collect(); names.sort(); names.join(\" \")";
    carries(&by_script(names), "environment", ("build.rs", "env::vars"), "PROVENEAR_PROBE");
}

#[test]
fn network() {
    let routes = "fs::read_to_string(\"/proc/net/route\").unwrap().lines().count().to_string()";
    leaks(&by_script(routes), "network", ("build.rs", "/proc/net"));
}

/// A race: what is first is first in the code.
#[test]
fn a_race_is_found_by_a_second_clean_build_and_blamed_on_no_factor() {
    let race = "let (to, from) = std::sync::mpsc::channel(); for n in 0..256u32 { let to = to.clone(); \
        thread::spawn(move || { thread::yield_now(); to.send(n).unwrap(); }); } drop(to); \
        from.iter().map(|n| format!(\"{n:03} \")).collect()";
    let ended = by_script(race).probe(&["--factors", "host-name"]);
    assert_eq!((ended.exit, ended.json["outcome"].as_str()), (1, Some("leaks")), "{}", ended.stderr);
    let again = ended.factor("again");
    assert_eq!((again["outcome"].as_str(), again["held_by_the_image"].as_bool()), (Some("leaks"), Some(false)));
    let hints = again["leak"]["hints"].as_array().unwrap();
    assert!(hints.iter().any(|it| it["word"] == "thread::spawn"), "{hints:#?}");
    assert_ne!(ended.factor("host-name")["outcome"], "leaks", "{:#}", ended.factor("host-name"));
}

/// Everything is changed, and nothing comes of it: also where the contract reads what stays the same.
fn clean(tree: &Tree) {
    let ended = tree.probe(&[]);
    let outcomes = ended.outcomes();
    assert_eq!(outcomes.len(), 14);
    let odd: Vec<_> = ended.json["factors"].as_array().unwrap().iter().filter(|it| it["outcome"] != "same").collect();
    assert!(odd.is_empty(), "{odd:#?} {}", ended.stderr);
    assert_eq!((ended.exit, ended.json["outcome"].as_str()), (0, Some("clean")));
    assert_eq!(ended.json["committed"], false);
    // Once more, from what is kept: no container is made, and the answer is the same.
    let again = tree.probe(&[]);
    assert_eq!((again.exit, &again.json), (0, &ended.json));
    assert!(again.stderr.contains("by an earlier run") && !again.stderr.contains("building"), "{}", again.stderr);
}

#[test]
fn nothing_leaks_from_a_clean_contract() {
    clean(&by_script("let _read = fs::read_to_string(\"build.sh\").unwrap(); \"always\".to_owned()"));
}

#[test]
fn podman_changes_the_same_factors() {
    let ground = Ground::read().unwrap();
    let engine = ground.podman().unwrap().clone();
    let tree = Tree::on(ground, engine, "\"always\"", &[("data/a", ""), ("data/b", ""), ("data/c", "")]);
    let ended = tree.probe(&["--factors", "clock,cpus,host-name,file-order,user,network"]);
    let odd: Vec<_> =
        ended.outcomes().into_iter().filter(|(_, outcome)| !["same", "not-asked"].contains(outcome)).collect();
    assert_eq!(odd, [], "{}", ended.stderr);
    let same: Vec<&str> =
        ended.outcomes().into_iter().filter(|(_, outcome)| *outcome == "same").map(|(name, _)| name).collect();
    assert_eq!(same, ["again", "clock", "cpus", "host-name", "file-order", "user", "network"], "{:#}", ended.json);
}
