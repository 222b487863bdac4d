//! Hostile repositories: each ends in a named error, touches nothing outside, leaves nothing behind.

use crate::bench::{Bench, File, Kind, git};

const MAKE: &str = "set -e; mkdir -p out\n";

/// Script, further options, the codes that may come of it.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

/// What a build may leave in place of the artifact.
const ARTIFACTS: [Row; 8] = [
    ("cp pre.wasm out/a.wasm", &[], &[""]),
    ("ln -s /etc/passwd out/a.wasm", &[], &["artifact-not-regular"]),
    ("rmdir out; mkdir real; cp pre.wasm real/a.wasm; ln -s real out", &[], &["artifact-not-regular"]),
    ("mkfifo out/a.wasm", &[], &["artifact-not-regular"]),
    ("mkdir out/a.wasm", &[], &["artifact-not-regular"]),
    ("truncate -s 2G out/a.wasm", &[], &["limit-exceeded"]),
    ("true", &[], &["artifact-missing"]),
    // What is still running when the command ends is ended before anything is read.
    (
        "cp pre.wasm out/a.wasm; (while :; do ln -sf /etc/passwd out/a.wasm; cp -f --remove-destination pre.wasm out/a.wasm; done) >/dev/null 2>&1 & disown",
        &[],
        &["", "artifact-not-regular"],
    ),
];

/// What a build may try.
const ATTEMPTS: [Row; 10] = [
    ("exit 7", &[], &["build-failed"]),
    ("sleep 1000", &["--timeout", "4s"], &["build-timeout"]),
    ("yes", &["--log-size", "1m"], &["limit-exceeded"]),
    ("head -c 2G /dev/zero | tail", &["--memory", "64m"], &["limit-exceeded"]),
    (
        "f() { f | f & }; f; sleep 2; for i in 1 2 3 4 5 6 7 8; do f; done; wait; exit 3",
        &["--pids", "64", "--timeout", "20s"],
        &["build-failed", "build-timeout", "limit-exceeded"],
    ),
    // One file is stopped by the kernel, many are by the helper, which never lets them get far.
    ("head -c 3G /dev/zero > big", &["--disk", "60m"], &["limit-exceeded"]),
    ("n=0; while :; do n=$((n + 1)); head -c 8M /dev/zero > big.$n; done", &["--disk", "60m"], &["limit-exceeded"]),
    ("for n in $(seq 10 9000); do eval \"exec $n</dev/null\"; done; cp pre.wasm out/a.wasm", &[], &["build-failed"]),
    ("exec 3<>/dev/tcp/192.0.2.1/80", &[], &["network-needed"]),
    (
        "for s in /var/run/docker.sock /run/podman/podman.sock; do test ! -e $s; done; test -z \"$(find / -type s 2>/dev/null)\"; test $(id -u) != 0; grep -q 'CapBnd:.0000000000000000' /proc/self/status; grep -q 'NoNewPrivs:.1' /proc/self/status; grep -q 'Seccomp:.2' /proc/self/status; test $(ls /sys/class/net | tr -d '\\n') = lo; cp pre.wasm out/a.wasm",
        &[],
        &[""],
    ),
];

fn all(kind: Kind, rows: &[Row]) {
    let bench = Bench::new(kind);
    for (script, more, codes) in rows {
        let ended = bench.script(&format!("{MAKE}{script}\n"), more);
        assert!(codes.contains(&ended.code()), "`{script}`: {} {}\n{}", ended.exit, ended.json["error"], ended.stderr);
        let exit = if ended.code().is_empty() { 0 } else { 5 };
        assert_eq!(ended.exit, exit, "`{script}`");
        bench.nothing_left(&ended, script);
        // However fast a disk is, less than this was written past the limit before it was noticed.
        let message = ended.json["error"]["message"].as_str().unwrap_or_default();
        if let Some(written) = message.strip_prefix("the container wrote ") {
            let written: u64 = written.split(' ').next().unwrap().parse().unwrap();
            assert!(written < 4 << 30, "{message}");
        }
    }
    let kept: Vec<_> = std::fs::read_dir(bench.path("out")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(kept.iter().all(|name| !name.to_string_lossy().starts_with(".provenear-")), "{kept:?}");
}

fn whatever_lies_in_place_of_the_artifact(kind: Kind) {
    all(kind, &ARTIFACTS);
}

fn whatever_the_build_tries(kind: Kind) {
    all(kind, &ATTEMPTS);
}

fn paths_that_climb_or_hide_are_refused(kind: Kind) {
    let bench = Bench::new(kind);
    let commit = bench.repository("linked", &[("real/x", File::Text("")), ("sub", File::Link("real"))]);
    let mut claim = bench.claim("linked", &commit, &["true"]);
    claim["build_info"]["contract_path"] = "sub".into();
    assert_eq!(bench.rebuild(&claim, &[]).code(), "source-refused");
    for (path, output) in [("../x", "/home/near/code/a.wasm"), ("", "/home/near/code/../a.wasm"), ("", "/etc/passwd")] {
        claim["build_info"]["contract_path"] = path.into();
        claim["build_info"]["output_wasm_path"] = output.into();
        assert_eq!(bench.rebuild(&claim, &[]).code(), "not-rebuildable", "{path} {output}");
    }
    // Nor is a file or nothing a folder to build in.
    claim["build_info"]["output_wasm_path"] = "/home/near/code/a.wasm".into();
    for path in ["real/x", "nowhere"] {
        claim["build_info"]["contract_path"] = path.into();
        assert_eq!(bench.rebuild(&claim, &[]).code(), "source-refused", "{path}");
    }
}

/// Without a claimed path the artifact is where cargo-near puts it, by the manifests, or nowhere that can be told.
fn a_path_that_is_not_claimed_is_read_off_the_manifests(kind: Kind) {
    let bench = Bench::new(kind);
    let package = "[package]\nname = \"my-token\"\nversion = \"1.0.0\"\n";
    let copy = ["sh", "-c", "mkdir -p ../target/near/my_token; cp ../pre.wasm ../target/near/my_token/my_token.wasm"];
    let files = [
        ("Cargo.toml", File::Text("[workspace]\nmembers = [\"token\"]\n")),
        ("token/Cargo.toml", File::Text(package)),
        ("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0")),
        ("elsewhere/Cargo.toml", File::Text("[workspace]\n")),
    ];
    let mut claim = bench.claim("r", &bench.repository("r", &files), &copy);
    claim["build_info"]["output_wasm_path"] = serde_json::Value::Null;
    claim["build_info"]["contract_path"] = "token".into();
    let built = bench.rebuild(&claim, &[]);
    assert_eq!(built.exit, 0, "{} {}", built.json["error"], built.stderr);
    claim["build_info"]["contract_path"] = "elsewhere".into();
    assert_eq!(bench.rebuild(&claim, &[]).code(), "artifact-ambiguous");
}

/// Trees that git itself would never write: the client refuses to take them.
fn trees_that_leave_their_folder_are_refused(kind: Kind) {
    let bench = Bench::new(kind);
    bench.repository("r", &[("x", File::Text("x"))]);
    let bare = bench.bare("r");
    let blob = git(&bare, &["rev-parse", "HEAD:x"]);
    let tree = git(&bare, &["rev-parse", "HEAD^{tree}"]);
    let missing = "0123456789abcdef0123456789abcdef01234567";
    let modules = |text: &str| {
        let path = bench.path("modules");
        std::fs::write(&path, text).unwrap();
        git(&bare, &["hash-object", "-w", path.to_str().unwrap()])
    };
    let url = bench.git.url();
    let climbing = modules(&format!("[submodule \"s\"]\n\tpath = ../up\n\turl = {url}/r.git\n"));
    let hiding = modules(&format!("[submodule \"s\"]\n\tpath = a\n\turl = {url}/r.git\n"));
    let local = modules("[submodule \"s\"]\n\tpath = sub\n\turl = file:///etc\n");
    let program = modules("[submodule \"s\"]\n\tpath = sub\n\turl = ext::sh -c id\n");
    let above = modules("[submodule \"s\"]\n\tpath = sub\n\turl = ../../../../x\n");
    let option = modules("[submodule \"s\"]\n\tpath = sub\n\turl = --upload-pack=id\n");
    let listings = [
        format!("100644 blob {blob}\t.."),
        format!("100644 blob {blob}\t.git"),
        format!("040000 tree {tree}\t.GIT"),
        format!("120000 blob {blob}\ta\n040000 tree {tree}\ta"),
        format!("120000 blob {blob}\t.gitmodules\n160000 commit {missing}\tsub"),
        // A link where a submodule is to come, and submodules that lead out.
        format!("100644 blob {hiding}\t.gitmodules\n120000 blob {blob}\ta\n160000 commit {missing}\ta"),
        format!("100644 blob {climbing}\t.gitmodules\n160000 commit {missing}\tsub"),
        format!("100644 blob {local}\t.gitmodules\n160000 commit {missing}\tsub"),
        format!("100644 blob {program}\t.gitmodules\n160000 commit {missing}\tsub"),
        format!("100644 blob {above}\t.gitmodules\n160000 commit {missing}\tsub"),
        format!("100644 blob {option}\t.gitmodules\n160000 commit {missing}\tsub"),
    ];
    for listing in listings {
        let made = std::process::Command::new("sh")
            .args(["-c", "printf '%s\\n' \"$1\" | git mktree --missing", "sh", &listing])
            .current_dir(&bare)
            .output()
            .unwrap();
        assert!(made.status.success(), "{listing}");
        let hostile = String::from_utf8(made.stdout).unwrap();
        let commit = git(&bare, &["commit-tree", hostile.trim(), "-m", "c"]);
        let ended = bench.rebuild(&bench.claim("r", &commit, &["true"]), &[]);
        assert!(["commit-not-found", "source-refused"].contains(&ended.code()), "{listing}: {}", ended.json["error"]);
        assert_eq!(ended.exit, 4, "{listing}");
        bench.nothing_left(&ended, &listing);
    }
}

fn commits_that_are_not_there_or_on_no_branch(kind: Kind) {
    let bench = Bench::new(kind);
    let commit = bench.repository("r", &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
    let copy = ["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"];
    let missing = "0123456789abcdef0123456789abcdef01234567";
    assert_eq!(bench.rebuild(&bench.claim("r", missing, &copy), &[]).code(), "commit-not-found");
    assert_eq!(bench.rebuild(&bench.claim("none", &commit, &copy), &[]).code(), "commit-not-found");
    let honest = bench.rebuild(&bench.claim("r", &commit, &copy), &[]);
    assert_eq!(honest.exit, 0, "{}", honest.stderr);
    assert_eq!(honest.notices(), ["custom-build-command", "prebuilt-wasm-in-tree", "local-source"]);
    // As on GitHub: a commit that only a fork has is served under the parent's name.
    let stray = git(&bench.bare("r"), &["commit-tree", "main^{tree}", "-m", "stray"]);
    let stray = bench.rebuild(&bench.claim("r", &stray, &copy), &[]);
    assert!(stray.notices().contains(&"commit-not-on-a-ref".to_owned()));
    // The branch moves away while the commit is being fetched: the commit is still the claimed one.
    let (bare, tree) = (bench.bare("r"), commit.clone());
    bench.git.before_fetch(move || {
        let other = git(&bare, &["commit-tree", &format!("{tree}^{{tree}}"), "-m", "other"]);
        git(&bare, &["update-ref", "refs/heads/main", &other]);
    });
    let moved = bench.rebuild(&bench.claim("r", &commit, &copy), &[]);
    assert!(moved.notices().contains(&"commit-not-on-a-ref".to_owned()), "{}", moved.stderr);
    assert_eq!(moved.json.pointer("/rebuild/artifact"), honest.json.pointer("/rebuild/artifact"));
}

/// Whatever would run on a checkout: nothing of it does, and what cargo would obey is told.
fn nothing_of_the_repository_runs_on_the_host(kind: Kind) {
    let bench = Bench::new(kind);
    let canary = bench.path("canary");
    let touch = format!("#!/bin/sh\ntouch {}\n", canary.display());
    let config = format!("[core]\n\tfsmonitor = {0}\n\thooksPath = .\n[filter \"lfs\"]\n\tsmudge = {0}\n", "./evil");
    let commit = bench.repository(
        "r",
        &[
            ("evil", File::Program(&touch)),
            ("post-checkout", File::Program(&touch)),
            (".gitattributes", File::Text("* filter=lfs export-subst ident\n")),
            ("gitconfig", File::Text(&config)),
            (".cargo/config.toml", File::Text("paths = [\"/\"]\n[build]\nrustc-wrapper = \"./evil\"\n[registry]\ncredential-provider = \"./evil\"\n")),
            ("rust-toolchain.toml", File::Text("[toolchain]\npath = \"./evil\"\n")),
            ("Cargo.toml", File::Text("[package]\nname = \"a\"\nversion = \"1.0.0\"\nbuild = \"evil\"\n")),
            ("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0")),
        ],
    );
    for (key, value) in [("uploadpack.packObjectsHook", "./evil"), ("core.fsmonitor", "./evil")] {
        git(&bench.bare("r"), &["config", key, value]);
    }
    let ended = bench.rebuild(&bench.claim("r", &commit, &["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"]), &[]);
    assert_eq!(ended.exit, 0, "{}", ended.stderr);
    assert!(!canary.exists());
    for notice in ["rustc-wrapper", "prebuilt-wasm-in-tree", "toolchain-path", "custom-build-command"] {
        assert!(ended.notices().contains(&notice.to_owned()), "{notice}");
    }
    let local = bench.rebuild(
        &bench.claim("r", &commit, &["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"]),
        &["--source", bench.bare("r").to_str().unwrap()],
    );
    assert!(local.notices().contains(&"source-from-elsewhere".to_owned()));
    assert!(!canary.exists());
    let statement = local.statement().to_string();
    assert!(!statement.contains(bench.folder.path().to_str().unwrap()), "a path of this machine was signed");
}

docker_and_podman!(
    whatever_lies_in_place_of_the_artifact,
    whatever_the_build_tries,
    paths_that_climb_or_hide_are_refused,
    a_path_that_is_not_claimed_is_read_off_the_manifests,
    trees_that_leave_their_folder_are_refused,
    commits_that_are_not_there_or_on_no_branch,
    nothing_of_the_repository_runs_on_the_host,
);
