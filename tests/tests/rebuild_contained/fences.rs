//! Engines that drop what they were told: refused, and with leave named in the manifest, fence by fence.

use serde_json::Value;

use crate::bench::{Bench, Ended, File, Kind};
use crate::images::{between, rebuild_by};

/// An engine that leaves out these options (a pattern of the shell) and adds those to a container that it makes.
struct Lax {
    without: &'static str,
    with: &'static str,
}

impl Lax {
    fn engine(&self, bench: &Bench) -> String {
        let Lax { without, with } = self;
        let script = format!(
            "words=(); skip=; case \"$*\" in *--size*) [ -z '{with}' ] || exit 1;; esac\n\
             for w in \"$@\"; do if [ -n \"$skip\" ]; then skip=; continue; fi\n\
             case $w in {without}) skip=1;; *) words+=(\"$w\");; esac; done\n\
             if [ \"$1 $2\" = 'container create' ]; then words=(container create {with} \"${{words[@]:2}}\"); fi\n\
             exec REAL \"${{words[@]}}\""
        );
        between(bench, &script)
    }
}

fn claim(bench: &Bench) -> Value {
    let commit = bench.repository("r", &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
    bench.claim("r", &commit, &["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"])
}

fn is_refused_for(ended: &Ended, words: &[&str]) {
    assert_eq!((ended.code(), ended.exit), ("limit-exceeded", 5), "{words:?}: {}", ended.json["error"]);
    let message = ended.json["error"]["message"].as_str().unwrap();
    assert!(words.iter().all(|words| message.contains(words)), "{words:?}: {message}");
    assert!(message.contains("--allow-unlimited"), "{message}");
}

fn builder(ended: &Ended) -> Value {
    ended.statement()["predicate"]["runDetails"]["builder"]["id"].clone()
}

#[test]
fn whichever_fence_an_engine_drops_it_is_refused() {
    let bench = Bench::new(Kind::Docker);
    let claim = claim(&bench);
    for (without, with, words) in [
        ("--memory|--memory-swap", "", "a memory limit, a limit of swap"),
        ("--memory-swap", "", "enforce a limit of swap;"),
        ("--cpus", "", "enforce a processor limit;"),
        ("--pids-limit", "", "enforce a limit of processes;"),
        ("--ulimit", "", "a limit of file size"),
        ("--cap-drop", "", "enforce dropping all capabilities;"),
        ("--security-opt", "", "enforce no-new-privileges;"),
        ("--user", "", "enforce a user other than root;"),
        ("--network", "", "enforce a container without network;"),
        ("none-of-them", "--security-opt seccomp=unconfined", "a filter of system calls"),
        ("none-of-them", "--pid host", "enforce namespaces of its own"),
        ("none-of-them", "--ipc host", "enforce namespaces of its own"),
        ("none-of-them", "--device /dev/null:/dev/other", "enforce a container without devices"),
        ("none-of-them", "--volume /etc:/other:ro", "enforce a container without host paths"),
        ("none-of-them", "--env OTHER=value", "enforce an environment without"),
    ] {
        let refused = rebuild_by(&bench, &Lax { without, with }.engine(&bench), &claim, &[]);
        is_refused_for(&refused, &[words]);
        bench.nothing_left(&refused, words);
    }
}

/// All but the network at once: each is missed, and stands in the manifest as what it was.
fn what_was_not_held_stands_in_the_manifest(kind: Kind) {
    let bench = Bench::new(kind);
    let claim = claim(&bench);
    let lax = Lax {
        without: "--memory|--memory-swap|--cpus|--pids-limit|--ulimit|--cap-drop|--security-opt|--user",
        with: "--security-opt seccomp=unconfined --ipc host --device /dev/null:/dev/other --volume /etc:/other:ro --env OTHER=value",
    };
    let engine = lax.engine(&bench);
    let refused = rebuild_by(&bench, &engine, &claim, &[]);
    is_refused_for(&refused, &["a memory limit", "a processor limit", "a container without host paths"]);
    let allowed = rebuild_by(&bench, &engine, &claim, &["--allow-unlimited"]);
    assert_eq!(allowed.exit, 0, "{} {}", allowed.json["error"], allowed.stderr);
    let limits = allowed.limits();
    let held: Vec<&str> = limits
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(name, value)| (*value != "not enforced").then_some(name.as_str()))
        // Without the option, an engine's own limit is what the helper's is, or not.
        .filter(|name| !["core_size", "open_files"].contains(name))
        // Podman 4.3 calls the memory segments of the host the container's own; processes of the host are no place for a test.
        .filter(|name| kind == Kind::Docker || *name != "namespaces")
        .collect();
    // The last three are the helper's own to hold.
    assert_eq!(held, ["network", "output", "seconds", "watched"], "{limits}");
    assert_eq!((&limits["network"], &builder(&allowed)), (&"none".into(), &builder_id("hermetic")));
    bench.nothing_left(&allowed, "allowed");
}

/// The engine's word, and where that is a lie the kernel's.
fn without_its_fence_a_network_is_not_called_none(kind: Kind) {
    let bench = Bench::new(kind);
    let claim = claim(&bench);
    let honest = rebuild_by(&bench, &bench.engine().command.display().to_string(), &claim, &[]);
    assert_eq!((&honest.limits()["network"], &builder(&honest)), (&"none".into(), &builder_id("hermetic")));
    let open = "words=(); for w in \"$@\"; do [ \"$last\" = --network ] && w=bridge; words+=(\"$w\"); last=$w; done\n";
    let silent = format!("{open}exec REAL \"${{words[@]}}\"");
    let lying = format!(
        "{open}if [ \"$1 $2\" = 'container inspect' ]\n\
         then REAL \"$@\" | sed 's/\"NetworkMode\": \"[^\"]*\"/\"NetworkMode\": \"none\"/'; exit ${{PIPESTATUS[0]}}; fi\n\
         exec REAL \"${{words[@]}}\""
    );
    for script in [silent, lying] {
        let engine = between(&bench, &script);
        is_refused_for(&rebuild_by(&bench, &engine, &claim, &[]), &["a container without network"]);
        let allowed = rebuild_by(&bench, &engine, &claim, &["--allow-unlimited"]);
        assert_eq!(allowed.exit, 0, "{} {}", allowed.json["error"], allowed.stderr);
        let said = (allowed.limits()["network"].clone(), builder(&allowed));
        assert_eq!(said, ("not enforced".into(), builder_id("networked")), "{script}");
    }
    let full = rebuild_by(&bench, &bench.engine().command.display().to_string(), &claim, &["--network-access", "full"]);
    assert_eq!((&full.limits()["network"], &builder(&full)), (&"full".into(), &builder_id("networked")));
}

fn builder_id(kind: &str) -> Value {
    format!("urn:provenear:builder:{kind}:v2").into()
}

docker_and_podman!(what_was_not_held_stands_in_the_manifest, without_its_fence_a_network_is_not_called_none);
