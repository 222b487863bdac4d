//! What people at the command line would not expect of it: a file that is not read because of its name, an option without effect,
//! a note where quiet was asked for, silence. Nobody outside of this machine is asked.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use provenear_tests::desk::Desk;
use provenear_tests::devnet::{Chain, Devnet};
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::ground;

/// The counter, as gzip.
fn packed() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(COUNTER_PINNED).unwrap();
    packed.finish().unwrap()
}

#[test]
fn what_is_called_wasm_gz_is_a_file_without_a_slash() {
    let desk = Desk::new();
    desk.write("counter.wasm.gz", packed());
    desk.write("list", "counter.wasm.gz\n");
    for words in [&["inspect", "counter.wasm.gz"][..], &["diff", "counter.wasm.gz", "./counter.wasm.gz"]] {
        let said = desk.run(words);
        assert!(said.stdout.contains(COUNTER_PINNED_CODE_HASH), "{words:?}: {} {}", said.stdout, said.stderr);
    }
    let lost = desk.run(&["inspect", "count.wasm.gz"]);
    assert!(lost.stderr.contains("failed to read `count.wasm.gz`"), "{}", lost.stderr);
}

#[test]
fn quiet_is_without_notes() {
    let desk = Desk::new();
    desk.write("counter.wasm.gz", packed());
    for words in [&["inspect", "./counter.wasm.gz"][..], &["diff", "./counter.wasm.gz", "./counter.wasm.gz"]] {
        let loud = desk.run(words).stderr;
        assert!(loud.contains("the module in it ("), "{words:?}: {loud}");
        assert_eq!(desk.run(&[words, &["--quiet"]].concat()).stderr, "", "{words:?}");
    }
}

#[test]
fn a_recipe_alone_takes_no_option_that_is_about_a_subject() {
    let desk = Desk::new();
    desk.write("recipe.json", include_str!("../testdata/contracts/counter-pinned.json"));
    // Whatever this engine is asked, it says no: nothing is built here.
    let rebuild = ["rebuild", "--recipe", "recipe.json", "--engine", "/bin/false"];
    for (option, value) in [
        ("--network", Some("testnet")),
        ("--rpc", Some("http://127.0.0.1:9")),
        ("--quorum", Some("2")),
        ("--block", Some("5")),
        ("--trust", Some("ed25519:DcA2MzgpJbrUATQLLceocVckhhAqrkingax4oJ9kZ847")),
        ("--manifest", Some("a.intoto.jsonl")),
        ("--store", Some("store")),
        ("--threshold", Some("2")),
        ("--accept-custom-build", None),
    ] {
        let said = desk.run(&[&rebuild, &[option][..], value.as_slice()].concat());
        assert_eq!(said.exit, 2, "{option}: {}", said.stderr);
        assert!(said.stderr.contains(&format!("`{option}`")) && said.stderr.contains("subject"), "{}", said.stderr);
    }
    // What a build goes by is taken.
    for option in [&["--allow-local-source"][..], &["--accept-image", &format!("sha256:{}", "a".repeat(64))]] {
        let said = desk.run(&[&rebuild, option].concat());
        assert_ne!(said.exit, 2, "{option:?}: {}", said.stderr);
    }
}

#[test]
fn a_batch_that_waits_for_long_says_so() {
    let desk = Desk::new();
    desk.write("docker", "#!/bin/sh\n[ \"$1\" = version ] && echo 27.0.0 amd64\nexit 0\n");
    desk.write("list", "app.devnet\n");
    assert!(Command::new("chmod").arg("+x").arg(desk.path("docker")).status().unwrap().success());
    let devnet = Devnet::serve_through(Chain::new("devnet-test"), 0, |_, answer| {
        std::thread::sleep(Duration::from_secs(8));
        answer()
    });
    let (devnet, program) = (devnet.unwrap(), ground::provenear().unwrap());
    let url = devnet.url();
    let words = ["batch", "list", "--engine", "./docker", "--network", "devnet-test", "--rpc", &url, "--out", "out"];
    let on_a_terminal = |more: &[&str]| {
        let words = words.iter().chain(more).copied();
        let line = shell_words::join(std::iter::once(program.get_program().to_str().unwrap()).chain(words));
        let mut command = desk.told(Command::new("script"));
        command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").stdin(Stdio::null());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let (loud, quiet) = std::thread::scope(|scope| {
        let quiet = scope.spawn(|| on_a_terminal(&["--quiet"]));
        (on_a_terminal(&[]), quiet.join().unwrap())
    });
    assert!(loud.contains("no output for ") && !quiet.contains("no output for "), "{loud}\n{quiet}");
}
