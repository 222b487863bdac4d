//! The command lines of the container that a rebuild runs in, as lists: the helper runs them, and page and helper show
//! them as a script to run by hand. Not here: running anything, or asking an engine what it holds (`helper/engine`).

mod script;

pub use script::{ScriptOptions, compose_script};

use crate::recipe::{Recipe, SOURCE_MOUNT};
use crate::spelling::spelled;

/// The user of the published images, `uid:gid`.
pub const USER: &str = "1000:1000";

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Docker's command line.
    Docker,
    /// Podman's command line.
    Podman,
}

impl Kind {
    /// The name of the program.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Docker => "docker",
            Kind::Podman => "podman",
        }
    }
}

/// How far the claimed command reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "kebab-case"))]
pub enum NetworkAccess {
    /// Dependencies are fetched first; the command runs without network.
    Fetch,
    /// The command runs with network, as other tools do it.
    Full,
    /// No network at all; only what is cached.
    None,
}

impl NetworkAccess {
    /// All of them.
    pub const ALL: [NetworkAccess; 3] = [NetworkAccess::Fetch, NetworkAccess::Full, NetworkAccess::None];

    /// As typed and recorded.
    pub fn as_str(self) -> &'static str {
        match self {
            NetworkAccess::Fetch => "fetch",
            NetworkAccess::Full => "full",
            NetworkAccess::None => "none",
        }
    }
}

spelled!(NetworkAccess, "network access", |it: &NetworkAccess| it.as_str(), |text| NetworkAccess::ALL
    .into_iter()
    .find(|access| access.as_str() == text));

/// What a container may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fences {
    /// Bytes of memory, swap included.
    pub memory: u64,
    /// Processors, decimal; all of the machine's for `None`.
    pub cpus: Option<String>,
    /// Processes and threads.
    pub pids: u32,
    /// Open files of one process.
    pub open_files: u32,
    /// Bytes of one file.
    pub file_size: u64,
}

impl Fences {
    /// Enough for every published contract.
    pub const USUAL: Fences = Fences { memory: 8 << 30, cpus: None, pids: 4096, open_files: 4096, file_size: 4 << 30 };
}

/// What a container is made of.
#[derive(Debug, Clone)]
pub struct Create<'a> {
    /// Its name.
    pub name: &'a str,
    /// Labels, as `name=value`.
    pub labels: &'a [String],
    /// What the engine is told to run.
    pub image: &'a str,
    /// `uid:gid`, never root's.
    pub user: &'a str,
    /// `bridge` or `none`.
    pub network: &'a str,
    /// What it may use.
    pub fences: &'a Fences,
    /// Variables that the engine's client must not add of its own (Docker's `proxies` setting does).
    pub without: &'a [&'a str],
}

/// Makes a container that does nothing but wait. No host path is mounted, no privilege is kept.
pub fn create(kind: Kind, create: &Create<'_>) -> Vec<String> {
    let Create { name, labels, image, user, network, fences, without } = create;
    let mut words: Vec<String> =
        ["container", "create", "--pull", "never", "--platform", "linux/amd64"].map(Into::into).into();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    option("--name", (*name).to_owned());
    for label in *labels {
        option("--label", label.clone());
    }
    option("--user", (*user).to_owned());
    option("--workdir", "/".to_owned());
    option("--network", (*network).to_owned());
    option("--cap-drop", "ALL".to_owned());
    option("--security-opt", "no-new-privileges".to_owned());
    // Memory and swap together: unsaid, Docker grants as much swap on top (docs.docker.com, "Resource constraints").
    option("--memory", fences.memory.to_string());
    option("--memory-swap", fences.memory.to_string());
    if let Some(cpus) = &fences.cpus {
        option("--cpus", cpus.clone());
    }
    option("--pids-limit", fences.pids.to_string());
    option("--ulimit", format!("nofile={0}:{0}", fences.open_files));
    option("--ulimit", format!("fsize={0}:{0}", fences.file_size));
    option("--ulimit", "core=0:0".to_owned());
    if kind == Kind::Podman {
        // Podman's own default is above what an unprivileged root may set.
        option("--ulimit", format!("nproc={0}:{0}", fences.pids));
    }
    for name in *without {
        // A name alone takes the variable out, as long as the client itself has none of that name.
        option("--env", (*name).to_owned());
    }
    option("--entrypoint", "sleep".to_owned());
    if kind == Kind::Podman {
        // Podman hands its own proxy variables to every container, and waits for it to end before it removes it.
        words.extend(["--http-proxy=false", "--stop-timeout=0"].map(ToOwned::to_owned));
    }
    words.extend([(*image).to_owned(), "infinity".to_owned()]);
    words
}

/// A command inside a running container.
#[derive(Debug, Clone, Default)]
pub struct Inside<'a> {
    /// Where it runs.
    pub workdir: &'a str,
    /// Its environment on top of the image's.
    pub env: &'a [(String, String)],
    /// Variables of the engine's client that are passed on by name, so that their values stand in no command line.
    pub passed: &'a [&'a str],
    /// Whether it reads what we send.
    pub stdin: bool,
    /// The user, `uid:gid`.
    pub user: &'a str,
}

/// Runs a command inside.
pub fn exec(container: &str, inside: &Inside<'_>, command: &[String]) -> Vec<String> {
    let mut words: Vec<String> = vec!["exec".into()];
    if inside.stdin {
        words.push("--interactive".into());
    }
    words.extend(["--user".into(), inside.user.into(), "--workdir".into(), inside.workdir.into()]);
    for (name, value) in inside.env {
        words.extend(["--env".into(), format!("{name}={value}")]);
    }
    for name in inside.passed {
        words.extend(["--env".into(), (*name).to_owned()]);
    }
    words.push(container.into());
    words.extend(command.iter().cloned());
    words
}

/// Removes a container with its anonymous volumes, running or not.
pub fn remove(id: &str) -> [&str; 5] {
    ["container", "rm", "--force", "--volumes", id]
}

/// The environment of the claimed command: the claim's strings verbatim (`docs/field.md` §The container).
pub fn environment(recipe: &Recipe, access: NetworkAccess) -> Vec<(String, String)> {
    let claimed = recipe.claimed();
    let mut env = vec![
        ("NEP330_BUILD_INFO_BUILD_ENVIRONMENT".to_owned(), claimed.build_environment.clone().unwrap_or_default()),
        ("NEP330_BUILD_INFO_SOURCE_CODE_SNAPSHOT".to_owned(), claimed.source_code_snapshot.clone().unwrap_or_default()),
        ("NEP330_BUILD_INFO_CONTRACT_PATH".to_owned(), claimed.contract_path.clone().unwrap_or_default()),
    ];
    let optional = [("NEP330_BUILD_INFO_OUTPUT_WASM_PATH", &claimed.output_wasm_path), ("NEP330_LINK", &claimed.link)];
    env.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))));
    if access != NetworkAccess::Full {
        env.push(("CARGO_NET_OFFLINE".to_owned(), "true".to_owned()));
    }
    env
}

/// The claimed command as it is run: through bash, as one joined string (`docs/field.md` §The container).
pub fn argv(recipe: &Recipe) -> Vec<String> {
    vec!["/bin/bash".to_owned(), "-c".to_owned(), shell_words::join(recipe.build_command())]
}

/// Where it is run.
pub fn workdir(contract_path: &str) -> String {
    let below = normal(contract_path);
    if below.is_empty() { SOURCE_MOUNT.to_owned() } else { format!("{SOURCE_MOUNT}/{below}") }
}

/// A path without empty parts and `.`; `..` stays and is refused elsewhere.
pub fn normal(path: &str) -> String {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/")
}
