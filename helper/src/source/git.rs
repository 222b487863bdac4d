//! Git, held by the collar: no configuration but ours, no hooks, no filters, no prompts, no helpers, no gc, https only.
//! Only plumbing that moves or prints objects is used; nothing is ever checked out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;

use super::git_folder;
use crate::command::{Argv, Environment, Output, Run, collect};
use crate::deadline::Deadline;
use crate::failure::{Code, fail};
use crate::network::reach::{MAX_REDIRECTS, Reached};
use crate::network::transport;
use crate::network::url::RepositoryUrl;
use crate::proxies::PROXIES;

/// Names of our own environment that say whom git may trust.
const PASSED: [&str; 4] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"];

/// The settings that every git command gets, as `-c` arguments.
const SETTINGS: [&str; 21] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.alternateRefsCommand=true",
    "credential.helper=",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "submodule.recurse=false",
    "log.showSignature=false",
    // Of one object git has what it is made from, what makes it and what comes out in memory, and that once for each thread.
    "pack.threads=1",
    "core.bigFileThreshold=8m",
    "core.deltaBaseCacheLimit=4m",
    "core.packedGitLimit=16m",
    "core.packedGitWindowSize=1m",
    "advice.detachedHead=false",
];

/// The most MiB of memory that git may want at once, which is for one object: a few bytes of a pack can stand for gigabytes. Files
/// larger than `core.bigFileThreshold` are streamed, unless they are packed as what they differ in from another.
const MAX_MEMORY: u32 = 20;
/// git's words for more than that.
const OVER_MEMORY: &str = "attempting to allocate";

/// Variables that would lead git to another repository than the one in its folder, as hooks of git set them.
const LEADING: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
];

/// A run of a subcommand that only looks at the repository around a folder. The user's own configuration counts, because it says
/// which files are ignored and whose repositories are trusted; what the repository's own configuration would start does not.
pub fn looking<'a, S: AsRef<std::ffi::OsStr>>(folder: &Path, subcommand: impl IntoIterator<Item = S>) -> Run<'a> {
    let settings = SETTINGS.iter().filter(|setting| !setting.starts_with("core.excludesFile"));
    let words = settings.flat_map(|setting| ["-c", setting]);
    let set = [
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_ALLOW_PROTOCOL", "none"),
        ("LC_ALL", "C"),
    ];
    let set = set.map(|(name, value)| (name.into(), value.into())).into();
    Run::new(Argv::new(["git"]).with(words).with(subcommand))
        .environment(Environment { cleared: false, set, without: LEADING })
        .directory(folder)
}

/// How far a command goes.
#[derive(Debug, Clone, Copy)]
enum Reach {
    Nowhere,
    Loopback,
    World,
}

/// A private bare repository that objects are gathered in.
pub struct Repository {
    path: PathBuf,
    home: PathBuf,
    limits: Limits,
    ca_file: Option<PathBuf>,
    reached_local: AtomicBool,
}

/// What a checkout may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// When all of it has to be done.
    pub deadline: Deadline,
    /// Bytes on disk for one repository.
    pub disk: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { deadline: Deadline::after(Duration::from_secs(900), Code::LimitExceeded), disk: 4 << 30 }
    }
}

impl Repository {
    /// Makes an empty one at `path`; `home` is an empty directory that git takes for the user's.
    ///
    /// # Errors
    /// When there is no git, or the directory cannot be made.
    pub fn create(
        path: &Path,
        home: &Path,
        commit: &str,
        limits: Limits,
        ca_file: Option<&Path>,
    ) -> anyhow::Result<Repository> {
        let repository = Repository {
            path: path.to_path_buf(),
            home: home.to_path_buf(),
            limits,
            ca_file: ca_file.map(Path::to_path_buf),
            reached_local: AtomicBool::new(false),
        };
        let format = if commit.len() == 64 { "sha256" } else { "sha1" };
        let init = Argv::new(["git", "init", "--quiet", "--bare", "--template="])
            .with([format!("--object-format={format}")])
            .with([path]);
        let out = Run::new(init).environment(repository.environment(Reach::Nowhere)).output();
        let out = out.context("git is needed")?;
        if !out.status.success() {
            return fail(Code::Io, format!("git init failed: {}", out.complaint()));
        }
        Ok(repository)
    }

    /// One that is there, such as the `.git` of an author's own clone, to be read and not written.
    pub fn open(path: &Path, home: &Path) -> Repository {
        Repository {
            path: path.to_path_buf(),
            home: home.to_path_buf(),
            limits: Limits::default(),
            ca_file: None,
            reached_local: AtomicBool::new(false),
        }
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The command line for a git subcommand here. Pure.
    pub fn argv<S: AsRef<std::ffi::OsStr>>(&self, subcommand: impl IntoIterator<Item = S>) -> Argv {
        let mut words: Vec<OsString> = vec!["git".into(), "--git-dir".into(), self.path.clone().into()];
        for setting in SETTINGS {
            words.extend(["-c".into(), setting.into()]);
        }
        Argv(words).with(subcommand)
    }

    fn environment(&self, reach: Reach) -> Environment {
        let mut set: Vec<(OsString, OsString)> = Vec::new();
        let (protocols, proxies): (_, &[&str]) = match reach {
            Reach::Nowhere => ("none", &[]),
            // What listens on this machine is never asked for through a proxy.
            Reach::Loopback => ("https:http", &[]),
            Reach::World => ("https", &PROXIES),
        };
        for name in PASSED.iter().chain(proxies) {
            if let Some(value) = std::env::var_os(name) {
                set.push((name.into(), value));
            }
        }
        if let Some(ca) = &self.ca_file {
            set.retain(|(name, _)| name != "GIT_SSL_CAINFO");
            set.push(("GIT_SSL_CAINFO".into(), ca.clone().into()));
        }
        let fixed = [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_ALLOW_PROTOCOL", protocols),
            ("GIT_ASKPASS", "true"),
            ("SSH_ASKPASS", "true"),
            ("LC_ALL", "C"),
        ];
        set.extend(fixed.map(|(name, value)| (name.into(), value.into())));
        set.push(("GIT_ALLOC_LIMIT".into(), format!("{MAX_MEMORY}m").into()));
        set.push(("HOME".into(), self.home.clone().into()));
        set.push(("XDG_CONFIG_HOME".into(), self.home.clone().into()));
        Environment { cleared: true, set, without: &[] }
    }

    /// A run of a subcommand that needs no network.
    pub fn run<'a, S: AsRef<std::ffi::OsStr>>(&self, subcommand: impl IntoIterator<Item = S>) -> Run<'a> {
        Run::new(self.argv(subcommand)).environment(self.environment(Reach::Nowhere)).until(self.limits.deadline)
    }

    /// Runs a local subcommand and wants it to succeed.
    ///
    /// # Errors
    /// When it does not.
    pub fn ask<S: AsRef<std::ffi::OsStr>>(&self, subcommand: impl IntoIterator<Item = S>) -> anyhow::Result<Vec<u8>> {
        let out = self.output(self.run(subcommand))?;
        if !out.status.success() {
            return fail(Code::SourceRefused, format!("git refused an object: {}", out.complaint()));
        }
        Ok(out.stdout)
    }

    /// Lets a command end, whatever comes of it.
    ///
    /// # Errors
    /// As [`Run::output`], and [`Code::LimitExceeded`] where it wants more memory than git gets.
    pub fn output(&self, run: Run<'_>) -> anyhow::Result<Output> {
        let out = run.output()?;
        check_memory(&out.stderr)?;
        Ok(out)
    }

    /// The same for one whose output is read as it comes.
    ///
    /// # Errors
    /// As [`Repository::output`].
    pub fn status(&self, run: Run<'_>) -> anyhow::Result<Output> {
        let mut stderr = Vec::new();
        let status = run.stderr(collect(&mut stderr, 1 << 20)).status()?;
        check_memory(&stderr)?;
        Ok(Output { status, stdout: Vec::new(), stderr })
    }

    /// Whether a server on this machine or a private network was asked.
    pub fn reached_local(&self) -> bool {
        self.reached_local.load(Ordering::Relaxed)
    }

    /// The command line that talks to a server. Pure.
    pub fn remote_argv(&self, server: &Reached, before: &[&str], after: &[&str]) -> Argv {
        let settings = server.settings();
        let mut words: Vec<&str> = settings.iter().flat_map(|setting| ["-c", setting]).collect();
        if server.url.is_loopback() {
            words.extend(["-c", "protocol.http.allow=always"]);
        }
        words.extend(before);
        words.extend(["--", server.url.as_str()]);
        words.extend(after);
        self.argv(words)
    }

    /// Talks to a server, within the limits of time and disk. Where it redirects to is looked at before it is asked.
    ///
    /// # Errors
    /// When git cannot be run, a limit is reached, or the server is one that may not be asked. A refusal by the server is
    /// in the status.
    pub fn remote(&self, url: &RepositoryUrl, before: &[&str], after: &[&str]) -> anyhow::Result<Output> {
        let mut server = Reached::find(url, self.limits.deadline)?;
        for _ in 0..MAX_REDIRECTS {
            self.reached_local.fetch_or(server.is_local, Ordering::Relaxed);
            let out = self.talk(&server, before, after)?;
            // curl's words for a redirect that it was told not to follow.
            if out.status.success() || !out.complaint().contains("returned error: 30") {
                return Ok(out);
            }
            let Some(location) = transport::location(&server, self.ca_file.as_deref())? else { return Ok(out) };
            server = Reached::find(&server.follow(&location)?, self.limits.deadline)?;
        }
        fail(Code::SourceRefused, format!("`{}` redirects too often", url.as_str()))
    }

    fn talk(&self, server: &Reached, before: &[&str], after: &[&str]) -> anyhow::Result<Output> {
        let reach = if server.url.is_loopback() { Reach::Loopback } else { Reach::World };
        let mut next = std::time::Instant::now();
        let run = Run::new(self.remote_argv(server, before, after))
            .environment(self.environment(reach))
            .until(self.limits.deadline)
            .watch(move || {
                if next > std::time::Instant::now() {
                    return Ok(());
                }
                next = std::time::Instant::now() + Duration::from_millis(500);
                if size_on_disk(&self.path) > self.limits.disk {
                    return fail(Code::LimitExceeded, format!("`{}` is larger than the limit", server.url.as_str()));
                }
                Ok(())
            });
        self.output(run)
    }

    /// Fetches one commit with its whole tree and no history. `true` when it is here afterwards.
    ///
    /// # Errors
    /// When git cannot be run, or a limit is reached.
    pub fn fetch_commit(&self, url: &RepositoryUrl, commit: &str) -> anyhow::Result<Output> {
        let fsck = ["-c", "transfer.fsckObjects=true", "-c", "fetch.fsckObjects=true"];
        let shallow: Vec<&str> =
            fsck.into_iter().chain(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1"]).collect();
        let out = self.remote(url, &shallow, &[commit])?;
        if out.status.success() || self.has_commit(commit)? {
            return Ok(out);
        }
        // A server that hands out no single commits: then every branch and tag.
        let all: Vec<&str> =
            fsck.into_iter().chain(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"]).collect();
        self.remote(url, &all, &["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"])
    }

    /// Reads objects of another repository on this machine, and nothing else of it.
    ///
    /// # Errors
    /// When `directory` holds no git repository.
    pub fn borrow_objects(&self, directory: &Path) -> anyhow::Result<()> {
        let objects = git_folder::common(directory)
            .with_context(|| format!("`{}` is not a git repository", directory.display()))?
            .join("objects")
            .canonicalize()?;
        let text =
            objects.to_str().filter(|t| !t.contains('\n')).context("the path of the repository is not plain text")?;
        let info = self.path.join("objects").join("info");
        std::fs::create_dir_all(&info)?;
        std::fs::write(info.join("alternates"), format!("{text}\n"))?;
        Ok(())
    }

    /// Whether this very commit is here.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn has_commit(&self, commit: &str) -> anyhow::Result<bool> {
        let out = self.run(["cat-file", "-t", commit]).output()?;
        Ok(out.status.success() && out.stdout.trim_ascii() == b"commit")
    }
}

/// That git did not end for want of memory, by what it complained of.
///
/// # Errors
/// [`Code::LimitExceeded`].
fn check_memory(complaint: &[u8]) -> anyhow::Result<()> {
    if String::from_utf8_lossy(complaint).contains(OVER_MEMORY) {
        return fail(
            Code::LimitExceeded,
            format!("git would need more than {MAX_MEMORY} MiB of memory for one object of the repository"),
        );
    }
    Ok(())
}

/// Bytes below a directory; what vanishes while we look counts for nothing.
pub fn size_on_disk(directory: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size_on_disk(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
