//! What an honest claim has as its command: cargo-near's own, with those of its options that change neither which programs
//! run nor which package is built (its README; `cargo near build non-reproducible-wasm --help`, versions 0.13 to 0.22).
//! Not here: configuration of the tree that does so behind the same words (`helper/source/cargo_config`).

/// The words that cargo-near itself puts in front (`CliDescription::default` in cargo-near-build).
const COMMAND: [&str; 4] = ["cargo", "near", "build", "non-reproducible-wasm"];

/// Options that stand alone.
const FLAGS: [&str; 8] = [
    "--locked",
    "--no-release",
    "--no-abi",
    "--no-embed-abi",
    "--no-doc",
    "--no-wasmopt",
    "--no-default-features",
    "--skip-rust-version-check",
];

/// Options that a value follows, `--env` aside. `--manifest-path` builds another package, `--out-dir` moves the artifact
/// away from where it is looked for, `--override-toolchain` is a name or path of another compiler: none of them is here.
const VALUED: [&str; 4] = ["--features", "--abi-features", "--profile", "--color"];

/// Whether `command` is cargo-near's, with customary options alone, each in the form `--x y` or `--x=y`.
///
/// # Examples
/// ```
/// use provenear_shared::customary::is_customary;
///
/// let words = |command: &str| command.split(' ').map(str::to_owned).collect::<Vec<_>>();
/// assert!(is_customary(&words("cargo near build non-reproducible-wasm --locked --features abi")));
/// // The variable puts another program in the compiler's place.
/// assert!(!is_customary(&words("cargo near build non-reproducible-wasm --env RUSTC=/home/near/code/mine")));
/// ```
pub fn is_customary(command: &[String]) -> bool {
    let mut words = command.iter().map(String::as_str);
    if !COMMAND.iter().all(|expected| words.next() == Some(expected)) {
        return false;
    }
    while let Some(word) = words.next() {
        let (name, joined) = split(word);
        let takes =
            |allowed: fn(&str) -> bool, value: Option<&str>| value.is_some_and(|v| !v.starts_with('-') && allowed(v));
        let fits = match name {
            _ if FLAGS.contains(&name) => joined.is_none(),
            _ if VALUED.contains(&name) => takes(|_| true, joined.or_else(|| words.next())),
            "--env" => takes(
                |setting| setting.contains('=') && !chooses_programs(name_of(setting)),
                joined.or_else(|| words.next()),
            ),
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    true
}

/// Names of variables of `--env` that look like secrets, by name or by value, in the order of the command.
pub fn secrets(command: &[String]) -> Vec<String> {
    settings(command)
        .filter(|(_, setting)| is_secret(setting))
        .map(|(_, setting)| name_of(setting).to_owned())
        .collect()
}

/// Shortens what looks like a secret, for the eye alone.
pub fn hide_secrets(command: &[String]) -> Vec<String> {
    let mut words = command.to_vec();
    for (at, setting) in settings(command).filter(|(_, setting)| is_secret(setting)) {
        let (name, value) = setting.split_once('=').unwrap_or_default();
        // Enough to know it by, where enough is left to guess.
        let kept: String = value.chars().take(if value.len() < 16 { 0 } else { 4 }).collect();
        if let Some(word) = words.get_mut(at) {
            *word = word.replace(setting, &format!("{name}={kept}…"));
        }
    }
    words
}

/// Each `NAME=VALUE` of an `--env`, with the position of the word that holds it. Of any command: a secret is one wherever
/// it stands.
fn settings(command: &[String]) -> impl Iterator<Item = (usize, &str)> {
    command.iter().enumerate().filter_map(|(at, word)| match split(word) {
        ("--env", Some(setting)) => Some((at, setting)),
        ("--env", None) => command.get(at + 1).map(|setting| (at + 1, setting.as_str())),
        _ => None,
    })
}

fn split(word: &str) -> (&str, Option<&str>) {
    word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)))
}

fn name_of(setting: &str) -> &str {
    setting.split('=').next().unwrap_or_default()
}

/// Whether a variable decides which program runs as shell, cargo, compiler, linker or tool of a build script, or what such
/// a program loads before its own work.
pub fn chooses_programs(name: &str) -> bool {
    // Flags of a compiler can name one: `-wrapper`, `-B`, `-fuse-ld`, `-fplugin`.
    const TOOLS: &str = "CC CXX CPP AR AS LD NM RANLIB STRIP OBJCOPY LINKER MAKE CMAKE NODE PERL PROTOC PKG_CONFIG WASM_OPT \
        CFLAGS CXXFLAGS CPPFLAGS LDFLAGS";
    const NAMES: &str = "PATH HOME SHELL ENV IFS CROSS_COMPILE CARGO XDG_CONFIG_HOME XDG_DATA_HOME COMPILER_PATH \
        MAKEFLAGS PERL5LIB PERL5OPT";
    // Of cargo's only what it reads as configuration (`CARGO_<TABLE>_<KEY>`): projects have names of their own that begin so.
    const STARTS: &str = "CARGO_HOME CARGO_ALIAS CARGO_BUILD CARGO_CREDENTIAL CARGO_ENCODED CARGO_HOST CARGO_INCLUDE \
        CARGO_PATCH CARGO_PATHS CARGO_REGISTR CARGO_SOURCE CARGO_TARGET CARGO_UNSTABLE RUSTC RUSTDOC RUSTFLAGS RUSTUP \
        RUST_TARGET_PATH __CARGO BASH_ BINDGEN_EXTRA GCC_ GIT_ LIBCLANG LLVM_CONFIG NPM_ PYTHON SSH_ WASI_SDK";
    let tool = name.strip_prefix("TARGET_").or_else(|| name.strip_prefix("HOST_")).unwrap_or(name);
    let is_tool = |of: &str| tool.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    NAMES.split(' ').any(|known| known == name)
        || STARTS.split(' ').any(|start| name.starts_with(start))
        || TOOLS.split(' ').any(is_tool)
}

/// Whether the name or the value of `NAME=VALUE` is that of a secret.
fn is_secret(setting: &str) -> bool {
    const ANYWHERE: &str = "SECRET PASSWORD PASSWD PASSPHRASE CREDENTIAL CREDENTIALS PRIVATE MNEMONIC APIKEY";
    // At the end alone: `TOKEN_ACCOUNT` and `KEY_COUNT` are about something else.
    const LAST: &str = "KEY TOKEN AUTH PWD SEED PAT";
    let Some((name, value)) = setting.split_once('=').filter(|(_, value)| !value.is_empty()) else { return false };
    let name = name.to_ascii_uppercase();
    let parts: Vec<&str> = name.split(['_', '-']).collect();
    let by_name = !parts.contains(&"PUBLIC")
        && (ANYWHERE.split(' ').any(|word| parts.contains(&word))
            || LAST.split(' ').any(|word| parts.last() == Some(&word)));
    by_name || is_secret_value(value)
}

/// Forms that are given to secrets alone, so that they are found when they leak.
fn is_secret_value(value: &str) -> bool {
    const STARTS: &str = "ghp_ gho_ ghs_ github_pat_ glpat- xoxb- xoxp- sk- sk_live_ AKIA AIza eyJ";
    let has_login = value.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(login, _)| login.contains(':'))
    });
    // A NEAR key pair is 64 bytes; its public half is 32, which are 43 or 44 digits.
    let is_pair = value.strip_prefix("ed25519:").is_some_and(|digits| digits.len() > 60);
    let is_token = value.len() >= 16 && STARTS.split(' ').any(|start| value.starts_with(start));
    is_token || is_pair || has_login || value.contains("PRIVATE KEY")
}
