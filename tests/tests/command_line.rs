//! What is the same for every command: colours, JSON and quiet, wherever they are typed; what is said of a slip; that rows have
//! something in them; that no private key is repeated. Nobody outside of this machine is asked.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::path::PathBuf;
use std::process::{Command, Output};

use ed25519_dalek::SigningKey;
use provenear_tests::desk;
use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::fixtures::COUNTER_PINNED;

const ESCAPE: char = '\u{1b}';
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// What decides about colours besides the terminal. The last is set by services that test: theirs is taken for one that shows
/// colours, whatever it is called.
const OF_COLOURS: [&str; 4] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"];

/// A folder with a contract under a name that is one of a contract and one that is none.
struct Desk(desk::Desk);

impl Desk {
    fn new() -> Desk {
        let desk = desk::Desk::new();
        for name in ["counter.wasm", "counter.bin", "Counter.bin", "app.near"] {
            desk.write(name, COUNTER_PINNED);
        }
        Desk(desk)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.0.command(words);
        for name in OF_COLOURS {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What a command prints to a terminal.
    fn on_a_terminal(&self, words: &[&str], environment: &[(&str, &str)]) -> String {
        let inner = self.command(words);
        let line = shell_words::join(
            std::iter::once(inner.get_program()).chain(inner.get_args()).map(|word| word.to_str().unwrap()),
        );
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).current_dir(self.0.folder()).env("TERM", "xterm");
        for name in OF_COLOURS {
            command.env_remove(name);
        }
        command.env("PROVENEAR_DATA", self.path("data")).envs(environment.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).unwrap()
}

/// A report, an error of ours, an error of the parser, and help.
const COLOURED: [&[&str]; 4] =
    [&["inspect", "counter.wasm"], &["inspect", "missing.wasm"], &["inspect", "--no-such"], &["diff", "--help"]];

#[test]
fn colours_are_where_they_are_wanted() {
    let desk = Desk::new();
    for words in COLOURED {
        let coloured = |words: &[&str], environment: &[(&str, &str)]| {
            let output = desk.command(words).envs(environment.iter().copied()).output().unwrap();
            said(&output).contains(ESCAPE)
        };
        assert!(!coloured(words, &[]), "{words:?} in a pipe");
        assert!(coloured(words, &[("CLICOLOR_FORCE", "1")]), "{words:?} forced");
        assert!(coloured(&[&["--color", "always"], words].concat(), &[]), "{words:?} always, before");
        assert!(coloured(&[&words[..1], &["--color=always"], &words[1..]].concat(), &[("NO_COLOR", "1")]), "{words:?}");
        assert!(!coloured(&[&["--color", "never"], words].concat(), &[("CLICOLOR_FORCE", "1")]), "{words:?} never");
        assert!(desk.on_a_terminal(words, &[]).contains(ESCAPE), "{words:?} on a terminal");
        for none in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            assert!(!desk.on_a_terminal(words, &[none]).contains(ESCAPE), "{words:?} {none:?}");
        }
    }
}

#[test]
fn json_is_printed_or_refused() {
    let desk = Desk::new();
    for words in [
        &["inspect", "missing.wasm"][..],
        &["verify", "missing.jsonl"],
        &["rebuild", "--recipe", "missing.json"],
        &["diff", "missing.wasm", "counter.wasm"],
        &["probe", "missing"],
        &["publish", "missing.jsonl", "--to", "site"],
        &["batch", "missing.txt"],
        &["batch", "plan", "missing.txt", "--to", "plan.json"],
        &["batch", "run", "missing.json", "--to", "out"],
        &["batch", "merge", "out", "--to", "store", "--plan", "missing.json"],
        &["keygen", "--import", "missing.json"],
    ] {
        let output = desk.run(&[&["--json"], words].concat());
        let json = documents::read(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error:#}"));
        assert_eq!((&json["error"]["code"], output.status.code()), (&"io".into(), Some(4)), "{words:?}");
        assert!(output.stderr.is_empty(), "{words:?}");
        let plain = desk.run(words);
        assert!(plain.stdout.is_empty() && plain.stderr.starts_with(b"error: failed to read "), "{}", said(&plain));
    }
    assert!(documents::read(&desk.run(&["--json", "cache"]).stdout).is_ok());
    for words in [&["explain", "differs"][..], &["completions", "bash"], &["man", "pages"]] {
        let output = desk.run(&[words, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty() && said(&output).contains("leave out `--json`"), "{}", said(&output));
    }
    let output = desk.run(&["rebuild", "counter.wasm", "--print-commands", "--json"]);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{}", said(&output));
}

#[test]
fn quiet_is_quiet_and_nothing_is_awaited_of_a_file() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["inspect", "counter.wasm"]).stderr, b"");
    assert_eq!(desk.run(&["diff", "counter.wasm", "./counter.bin"]).stderr, b"");
    let asked = desk.run(&["inspect", "a.devnet", "--network", "x-net", "--rpc", NOWHERE]);
    assert!(said(&asked).contains("fetching block and code"), "{}", said(&asked));
    let quiet = desk.run(&["-q", "inspect", "a.devnet", "--network", "x-net", "--rpc", NOWHERE]);
    assert_eq!(quiet.stderr, b"", "{}", said(&quiet));
    assert!(desk.run(&["keygen", "--out", "a.pem"]).stderr.starts_with(b"note: the secret half is in"));
    assert_eq!(desk.run(&["keygen", "--out", "b.pem", "--quiet"]).stderr, b"");
}

#[test]
fn no_row_is_empty_and_the_sides_of_a_comparison_are_named() {
    let desk = Desk::new();
    std::fs::write(desk.path("none.wasm"), b"\0asm\x01\0\0\0").unwrap();
    for words in [
        &["inspect", "counter.wasm"][..],
        &["inspect", "none.wasm"],
        &["diff", "none.wasm", "none.wasm"],
        &["diff", "none.wasm", "counter.wasm"],
        &["diff", "counter.wasm", "counter.wasm"],
    ] {
        let text = String::from_utf8(desk.run(words).stdout).unwrap();
        let label = |line: &str| line.len() > 12 && line[..10].trim().len() > 1 && line.trim_end().len() <= 12;
        let empty: Vec<&str> = text.lines().filter(|line| line.trim().is_empty() || label(line)).collect();
        assert!(!text.is_empty() && empty.is_empty(), "{words:?}: {empty:?} in\n{text}");
    }
    let text = said(&desk.run(&["diff", "none.wasm", "counter.wasm"]));
    let hash = provenear_tests::fixtures::COUNTER_PINNED_CODE_HASH;
    assert!(text.contains("\n         a  none.wasm: ") && text.contains(" (8 bytes)\n"), "{text}");
    assert!(text.contains(&format!("\n         b  counter.wasm: {hash} (24738 bytes)\n")), "{text}");
    let text = said(&desk.run(&["inspect", "counter.wasm"]));
    assert!(text.contains("sourcescan/cargo-near:0.13.4-rust-1.85.0@sha256:"), "{text}");
}

#[test]
fn only_what_a_command_reads_is_an_option_of_it() {
    let desk = Desk::new();
    for option in ["--threshold=2", "--accept-image=x", "--accept-custom-build", "--allow-local-source"] {
        let output = desk.run(&["diff", "counter.wasm", "counter.wasm", option]);
        assert_eq!(output.status.code(), Some(2), "{option}");
        assert!(said(&output).contains("unexpected argument"), "{option}: {}", said(&output));
    }
    // Rebuilds of trusted keys tell on which platform a module was built.
    let output = desk.run(&["diff", "counter.wasm", "counter.wasm", "--store", "no-such-folder"]);
    assert!(said(&output).contains("no such folder"), "{}", said(&output));
    std::fs::write(desk.path("list"), "counter.wasm\n").unwrap();
    let text = said(&desk.run(&["batch", "list", "--show-commands", "--engine", "/bin/false"]));
    assert!(text.contains("+ /bin/false "), "{text}");
}

#[test]
fn a_slip_is_answered_with_what_may_have_been_meant() {
    let desk = Desk::new();
    let unreachable = ["--network", "mainnet", "--rpc", NOWHERE];
    for (words, exit, expected) in [
        (&["inspect", "counter.bin"][..], 2, "write `./counter.bin` or `account:counter.bin`"),
        (&["inspect", "Counter.bin"], 2, "for the file of that name write `./Counter.bin`"),
        (&["inspect", "Other.near"], 2, "did you mean `other.near`?"),
        (&["diff", "counter.wasm", "counter.bin"], 2, "write `./counter.bin`"),
        (&["diff", "counter.wasm", "Counter.bin"], 2, "write `./Counter.bin`"),
        (&["inspect", "countr.wasm"], 4, "failed to read `countr.wasm` (did you mean `counter.wasm`?): No such file"),
        (&["inspect", "./counter.bim"], 4, "(did you mean `./counter.bin`?)"),
        (&["inspct", "counter.wasm"], 2, "'inspect'"),
        (&["explain", "not-rebuild"], 2, "did you mean `not-rebuilt`?"),
    ] {
        let output = desk.run(words);
        assert_eq!(output.status.code(), Some(exit), "{words:?}: {}", said(&output));
        assert!(said(&output).contains(expected), "{words:?}: {}", said(&output));
    }
    // A folder's content must not change who is asked about.
    for name in ["app.near", "account:counter.bin"] {
        let output = desk.run(&[&["inspect", name], &unreachable[..]].concat());
        assert_eq!(output.status.code(), Some(4), "{name}: {}", said(&output));
        assert!(said(&output).contains("rpc-unreachable"), "{name}: {}", said(&output));
    }
    assert_eq!(desk.run(&["inspect", "./counter.bin"]).status.code(), Some(3));
    let devnet = Devnet::start().unwrap();
    let url = devnet.url();
    for (name, hint) in [
        ("counter", "; for the file of that name write `./counter`"),
        ("alice.naer", "; did you mean `alice.near`?"),
        ("alice.testnet", "; names in `.testnet` are of testnet: add `--network testnet`"),
        ("alice.devnet", ""),
    ] {
        std::fs::write(desk.path("counter"), COUNTER_PINNED).unwrap();
        for words in [&["inspect", name][..], &["diff", name, "counter.wasm"]] {
            let output = desk.run(&[words, &["--json", "--network", "devnet-test", "--rpc", &url]].concat());
            let json = documents::read(&output.stdout).unwrap();
            let message = json["error"]["message"].as_str().unwrap();
            assert_eq!(json["error"]["code"], "unknown-account", "{words:?}: {message}");
            assert!(message.ends_with(hint) && message.contains(';') != hint.is_empty(), "{words:?}: {message}");
        }
    }
}

#[test]
fn a_private_key_is_named_as_one_and_never_repeated() {
    let desk = Desk::new();
    let key = SigningKey::from_bytes(&[7; 32]);
    let pair = bs58::encode(key.to_keypair_bytes()).into_string();
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(desk.path("ssh"))
        .status()
        .unwrap();
    assert!(made.success() && desk.run(&["keygen", "--out", "key.pem"]).status.success());
    let read = |name: &str| std::fs::read_to_string(desk.path(name)).unwrap();
    let credentials = format!(
        r#"{{"account_id":"a.near","public_key":"ed25519:{}","private_key":"ed25519:{pair}"}}"#,
        bs58::encode(key.verifying_key().as_bytes()).into_string()
    );
    for (name, secret) in [
        ("pair", format!("ed25519:{pair}")),
        ("bare", pair.clone()),
        ("credentials.json", credentials),
        ("pkcs8", read("key.pem")),
        ("openssh", read("ssh")),
        ("named", format!("# mine\ned25519:{pair} alice\n")),
    ] {
        std::fs::write(desk.path(name), &secret).unwrap();
        let body = secret.lines().find(|line| line.len() > 40).unwrap_or(&secret);
        let hidden = body.rsplit(['"', ':', ' ']).find(|part| part.len() > 40).unwrap_or(body).to_owned();
        for given in [secret.as_str(), name] {
            for more in [&[][..], &["--json"]] {
                let output = desk.run(&[&["inspect", "counter.wasm", "--trust", given], more].concat());
                let text = said(&output);
                assert_eq!(output.status.code(), Some(2), "{name}: {text}");
                assert!(text.contains("this holds a private key"), "{name}: {text}");
                assert!(!text.contains(&hidden) && !text.contains(&pair[..20]), "{name} is repeated: {text}");
            }
        }
    }
    // The public halves are trusted.
    for public in [read("ssh.pub"), format!("ed25519:{}", bs58::encode(key.verifying_key().as_bytes()).into_string())] {
        assert_eq!(desk.run(&["inspect", "counter.wasm", "--trust", public.trim()]).status.code(), Some(3), "{public}");
    }
}
