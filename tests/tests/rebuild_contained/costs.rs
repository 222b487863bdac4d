//! What little can be made to cost much: each ends at once with a name, and takes no more memory than an honest rebuild and
//! 64 MB.

use std::process::Command;
use std::time::{Duration, Instant};

use provenear_tests::devnet::{Devnet, Fault, Where};
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::packed;
use provenear_tests::peak::{Measured, measure};
use provenear_tests::registry::Registry;

use crate::bench::{Bench, Ended, File, Kind, git};

const MORE: u64 = 64 << 20;
const COPY: [&str; 3] = ["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"];
const WASM: (&str, File<'_>) = ("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"));

fn run(command: Command) -> (Ended, u64) {
    let Measured { output, peak } = measure(command).unwrap();
    (Ended::of(&output), peak)
}

/// What an honest rebuild of almost nothing takes.
fn base(bench: &Bench) -> u64 {
    let commit = bench.repository("base", &[WASM]);
    let (ended, peak) = run(bench.command(&bench.claim("base", &commit, &COPY), &[]));
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    peak
}

#[test]
fn a_small_pack_does_not_take_gigabytes() {
    let bench = Bench::new(Kind::Docker);
    let base = base(&bench);
    let commit = bench.repository("r", &[("a", File::Text("a\n"))]);
    let bare = bench.bare("r");
    let object = |kind: u8, name: &str, id: &str| {
        let out = Command::new("git").args(["cat-file", name, id]).current_dir(&bare).output().unwrap();
        (kind, out.stdout)
    };
    let objects = [
        object(1, "commit", &commit),
        object(2, "tree", &git(&bare, &["rev-parse", "HEAD^{tree}"])),
        object(3, "blob", &git(&bare, &["rev-parse", "HEAD:a"])),
    ];
    let claim = |server: &str| {
        let mut claim = bench.claim("r", &commit, &["sh", "-c", "exit 0"]);
        claim["build_info"]["source_code_snapshot"] = format!("git+{server}/r.git?rev={commit}").into();
        claim
    };
    // With a file of 16 MiB the pack is an honest one, so it is not refused for its form.
    let honest = packed::serve(&commit, packed::with_a_large_object(&objects, 1).unwrap()).unwrap();
    let (ended, _) = run(bench.command(&claim(&honest.url()), &[]));
    assert_eq!(ended.code(), "artifact-missing", "{}", ended.json["error"]);
    let pack = packed::with_a_large_object(&objects, 128).unwrap();
    assert!(pack.len() < 20_000, "{}", pack.len());
    let server = packed::serve(&commit, pack).unwrap();
    let (ended, peak) = run(bench.command(&claim(&server.url()), &[]));
    assert_eq!(ended.code(), "limit-exceeded", "{}", ended.json["error"]);
    assert!(ended.json["error"]["message"].as_str().unwrap().contains("memory"), "{}", ended.json["error"]);
    assert!(peak < base + MORE, "{peak} bytes, {base} for an honest one");
}

#[test]
fn a_manifest_of_megabytes_is_not_parsed_for_each_file() {
    let bench = Bench::new(Kind::Docker);
    let base = base(&bench);
    let tables: String = (0..480_000).map(|n| format!("t{n}.a.a = {{}}\n")).collect();
    let manifest = format!("[package]\nname = \"a\"\n{tables}");
    assert!((7 << 20..8 << 20).contains(&manifest.len()));
    let sources: Vec<String> = (0..300).map(|n| format!("src/m{n}/build.rs")).collect();
    let mut files = vec![WASM, ("Cargo.toml", File::Text(&manifest))];
    files.extend(sources.iter().map(|path| (path.as_str(), File::Text("// \"git\"\n"))));
    let commit = bench.repository("r", &files);
    let (ended, peak) = run(bench.command(&bench.claim("r", &commit, &COPY), &["--timeout", "60s"]));
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    assert!(ended.notices().contains(&"build-reads-git".to_owned()), "what is not read may do anything");
    assert!(peak < base + MORE, "{peak} bytes, {base} for an honest one");
}

/// A commit whose root holds the artifact and a folder, which is one of so many files as often as that: few objects.
fn shared_folders(bench: &Bench, files: usize, times: [usize; 2]) -> String {
    bench.repository("shared", &[WASM]);
    let bare = bench.bare("shared");
    let tree = |listing: &[String]| {
        let command = ["-c", "printf '%s\\n' \"$1\" | git mktree", "sh", &listing.join("\n")];
        let made = Command::new("sh").args(command).current_dir(&bare).output().unwrap();
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    };
    let wasm = git(&bare, &["rev-parse", "HEAD:pre.wasm"]);
    let all = |mode: &str, id: &str, name: &str, count: usize| -> Vec<String> {
        (0..count).map(|n| format!("{mode} {id}\t{name}{n:05}")).collect()
    };
    let mut folder = tree(&all("100644 blob", &wasm, "file", files));
    for times in times {
        folder = tree(&all("040000 tree", &folder, "folder", times));
    }
    let root = tree(&[format!("040000 tree {folder}\tf"), format!("100644 blob {wasm}\tpre.wasm")]);
    let commit = git(&bare, &["commit-tree", &root, "-m", "c"]);
    git(&bare, &["update-ref", "refs/heads/main", &commit]);
    commit
}

/// As many as are taken, and more.
#[test]
fn folders_that_are_in_a_tree_many_times_do_not_take_what_they_seem_to_hold() {
    let bench = Bench::new(Kind::Docker);
    let base = base(&bench);
    for (files, times, refused) in [(300, [20, 10], false), (700, [20, 20], true)] {
        let commit = shared_folders(&bench, files, times);
        let size = size_of_objects(&bench.bare("shared"));
        assert!(size < 1 << 20, "{size} bytes of objects");
        let (ended, peak) = run(bench.command(&bench.claim("shared", &commit, &COPY), &[]));
        assert_eq!(
            ended.code(),
            if refused { "limit-exceeded" } else { "" },
            "{} {}",
            ended.json["error"],
            ended.stderr
        );
        let message = ended.json["error"]["message"].as_str().unwrap_or_default();
        assert!(!refused || message.contains("65536 paths"), "{message}");
        assert!(peak < base + MORE, "{files} {times:?}: {peak} bytes, {base} for an honest one");
        std::fs::remove_dir_all(bench.bare("shared")).unwrap();
    }
}

/// Bytes of the objects of a repository.
fn size_of_objects(bare: &std::path::Path) -> u64 {
    let counted = git(bare, &["count-objects", "-v"]);
    let size = |name: &str| -> u64 {
        counted.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().parse().unwrap()
    };
    (size("size:") + size("size-pack:")) << 10
}

/// It took 50 s, in which nothing could end it.
#[test]
fn hundreds_of_patterns_for_thousands_of_files_cost_little() {
    let bench = Bench::new(Kind::Docker);
    let base = base(&bench);
    let names: Vec<String> = (0..3000).map(|n| format!("{}/file{n}.rs", "deep/folder/".repeat(8))).collect();
    let patterns = ["file{}.rs", "*file{}", "[f]ile{}*", "**/folder/f*[e]{}"];
    let pattern = |n: usize| patterns[n % patterns.len()].replace("{}", &n.to_string());
    let rules: String = (0..640).map(|n| format!("{} text eol=lf ident -filter\n", pattern(n))).collect();
    let mut files: Vec<(&str, File<'_>)> = names.iter().map(|name| (name.as_str(), File::Text("a\n"))).collect();
    files.extend([WASM, (".gitattributes", File::Text(&rules))]);
    let commit = bench.repository("r", &files);
    let (ended, peak) = run(bench.command(&bench.claim("r", &commit, &COPY), &[]));
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    let phases = ended.json.pointer("/rebuild/phases").unwrap().as_array().unwrap();
    let source = phases.iter().find(|phase| phase["name"] == "source").unwrap()["seconds"].as_f64().unwrap();
    assert!(source < 25.0, "{source} s");
    assert!(peak < base + MORE, "{peak} bytes, {base} for an honest one");
}

#[test]
fn a_long_name_out_of_the_image_is_not_taken_into_memory() {
    let bench = Bench::new(Kind::Docker);
    let base = base(&bench);
    let image = &bench.ground.image.reference;
    let tar = bench.engine().command().args(["run", "--rm", "--entrypoint", "/bin/cat", image, "/bin/tar"]).output();
    let tar = tar.unwrap().stdout;
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_path("././@LongLink").unwrap();
    header.set_size(2 << 30);
    header.set_cksum();
    let script = "#!/bin/bash\nif [ \"$1\" = -c ]; then cat /header; exec head -c 2147483648 /dev/zero; fi\n\
        exec /bin/bash -c 'cp /tar /tmp/tar; chmod +x /tmp/tar; exec /tmp/tar \"$@\"' tar \"$@\"\n";
    let hostile = Registry::open(&bench.ground).unwrap().variant_of_programs(&[
        ("usr/bin/tar", script.as_bytes()),
        ("tar", &tar),
        ("header", header.as_bytes()),
    ]);
    let hostile = hostile.unwrap().reference;
    let commit = bench.repository("r", &[WASM]);
    let (ended, peak) = run(bench.command(&bench.claim("r", &commit, &COPY), &["--image", &hostile]));
    assert_eq!(ended.code(), "limit-exceeded", "{}", ended.json["error"]);
    assert!(peak < base + MORE, "{peak} bytes, {base} for an honest one");
}

/// In a store and in a file at hand.
#[test]
fn a_million_lines_do_not_take_gigabytes() {
    let devnet = Devnet::start().unwrap();
    devnet.deploy("app.devnet", COUNTER_PINNED);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("manifests").join(format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl"));
    let inspect = |more: &[&str]| {
        let mut command = provenear_tests::ground::Ground::read().unwrap().provenear().unwrap();
        command
            .args(["inspect", "app.devnet", "--json", "--network", "devnet-test", "--rpc", &devnet.url()])
            .args(more);
        run(command)
    };
    let (_, base) = inspect(&[]);
    std::fs::create_dir(store.parent().unwrap()).unwrap();
    std::fs::write(&store, "x\n".repeat(1 << 20)).unwrap();
    for (option, path, notice) in
        [("--store", folder.path(), "store-cut"), ("--manifest", store.as_path(), "manifests-cut")]
    {
        let (ended, peak) = inspect(&[option, path.to_str().unwrap()]);
        let notices = ended.json["notices"].as_array().unwrap();
        assert!(notices.iter().any(|it| it["code"] == notice), "{option}: {notices:?}");
        assert_eq!(ended.json["manifests"].as_array().map(Vec::len), Some(256), "{option}");
        assert!(peak < base + MORE, "{option}: {peak} bytes, {base} without");
    }
}

/// Whoever waits for a node that never answers need not wait to be rid of it.
#[test]
fn a_signal_ends_what_waits_for_a_node() {
    let bench = Bench::new(Kind::Docker);
    let devnet = Devnet::start().unwrap();
    devnet.deploy("app.devnet", COUNTER_PINNED);
    devnet.misbehave(Where::all(), Fault::Hang);
    for (words, name) in [(["inspect"], "INT"), (["inspect"], "TERM"), (["rebuild"], "INT"), (["rebuild"], "TERM")] {
        let mut command = bench.ground.provenear().unwrap();
        command.env("PROVENEAR_CACHE", bench.path("cache")).env("PROVENEAR_DATA", bench.path("data"));
        command.args(words).args(["app.devnet", "--json", "--network", "devnet-test", "--rpc", &devnet.url()]);
        let seen = devnet.received().len();
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        while devnet.received().len() == seen {
            std::thread::sleep(Duration::from_millis(10));
        }
        let since = Instant::now();
        assert!(Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap().success());
        let ended = child.wait().unwrap();
        assert!(
            !ended.success() && since.elapsed() < Duration::from_secs(1),
            "{words:?} {name}: {:?}",
            since.elapsed()
        );
    }
}
