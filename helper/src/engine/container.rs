//! One container: made, fenced, filled, used, and taken away when it goes out of scope.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Context;
use provenear_shared::digest::Sha256Digest;

use super::disk::Watch;
use super::image::manifest_that_ran;
use super::{Engine, Fence, Image, Limits, SHORT, argv, artifact, enforce, skeleton};
use crate::command::{Environment, Run, Sink, Source, collect};
use crate::deadline::Deadline;
use crate::failure::{Code, Failure, fail};
use crate::owner::Owner;
use crate::proxies::PROXIES;

/// Time for one look at what a container wrote.
const LOOK: Duration = Duration::from_secs(30);
/// The end of what a shell says of a signal that no process was there for.
const NO_PROCESS: &str = "(-1) - No such process";

/// What a container is for.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The rebuild that it belongs to.
    pub run: &'a str,
    /// `fetch` or `build`: the end of its name.
    pub purpose: &'a str,
    /// The helper that it belongs to.
    pub owner: &'a Owner,
    /// A private folder of the helper's.
    pub work: &'a Path,
    /// The image.
    pub image: &'a Image,
    /// Whether it has any network.
    pub network: bool,
    /// What it may use.
    pub limits: &'a Limits,
    /// Go on where the engine cannot enforce a limit.
    pub allow_unlimited: bool,
    /// Folders that the user may write, made before it starts.
    pub folders: &'a [&'a str],
    /// Files that everybody may read, written before it starts.
    pub files: &'a [(&'a str, &'a [u8])],
    /// More words for the engine that makes it: what a probe changes.
    pub more: &'a [String],
}

/// A running container, removed with its volumes on drop.
#[derive(Debug)]
pub struct Container<'a> {
    engine: &'a Engine,
    work: PathBuf,
    name: String,
    user: String,
    limits: Limits,
    /// Whether the engine tells how much was written.
    tells_disk: bool,
    /// The fences that the engine does not enforce (only with leave).
    pub unenforced: Vec<Fence>,
    /// The digest of the manifest that it was made of, where the engine tells.
    pub image_manifest: Option<Sha256Digest>,
}

/// A command inside a container.
#[derive(Debug, Clone)]
pub struct Exec<'a> {
    /// Where it runs.
    pub workdir: &'a str,
    /// Its environment on top of the image's.
    pub env: &'a [(String, String)],
    /// Variables of our own environment that are passed on by name.
    pub passed: &'a [&'a str],
    /// The command and its arguments.
    pub command: &'a [String],
    /// When it has to be done.
    pub until: Deadline,
}

impl<'a> Container<'a> {
    /// Makes and starts it.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`] when the engine does not enforce a limit, [`Code::EngineFailed`] when it fails.
    pub fn start(engine: &'a Engine, plan: &Plan<'_>) -> anyhow::Result<Container<'a>> {
        let name = format!("provenear-{}-{}", plan.run, plan.purpose);
        let create = argv::Create {
            name: &name,
            run: plan.run,
            owner: plan.owner,
            image: plan.image,
            network: plan.network,
            limits: plan.limits,
            without: &PROXIES,
            more: plan.more,
        };
        // From here on a drop removes it, even if making it fails half-way.
        let mut container = Container {
            engine,
            work: plan.work.to_path_buf(),
            name: name.clone(),
            user: plan.image.user(),
            limits: plan.limits.clone(),
            tells_disk: false,
            unenforced: Vec::new(),
            image_manifest: None,
        };
        // Not cut off by Ctrl-C: an engine that goes on making it would leave it behind.
        let environment = Environment { without: &PROXIES, ..Environment::default() };
        let out = container
            .run(argv::create(engine.kind, &create))
            .environment(environment)
            .clearing_up()
            .limit(SHORT, Code::EngineFailed)
            .output()?;
        if !out.status.success() {
            return fail(Code::EngineFailed, format!("the container could not be created: {}", out.complaint()));
        }
        let made = engine.ask(["container", "inspect", &name])?;
        let made: Vec<serde_json::Value> =
            serde_json::from_slice(&made.stdout).context("the engine described the container in an unknown form")?;
        let made = made.first().context("the engine does not show the container that it created")?;
        container.image_manifest = manifest_that_ran(made);
        let told = enforce::Told { image: plan.image, limits: plan.limits, network: plan.network };
        container.lacks(enforce::missing(engine.kind, made, told), plan)?;
        let tar = skeleton::tar(plan.image.user_ids(), plan.folders, plan.files)?;
        let out = Run::new(engine.argv(["container", "cp", "-", &format!("{name}:/")]))
            .stdin(Box::new(|to| to.write_all(&tar)))
            .limit(SHORT, Code::EngineFailed)
            .output()?;
        if !out.status.success() {
            return fail(Code::EngineFailed, format!("the container could not be prepared: {}", out.complaint()));
        }
        let started = container.run(["container", "start", &name]).limit(SHORT, Code::EngineFailed).output()?;
        if !started.status.success() {
            return fail(Code::EngineFailed, format!("the container could not be started: {}", started.complaint()));
        }
        let inside = argv::Inside { workdir: "/", env: &[], passed: &[], stdin: false, user: &container.user };
        let account = container.run(argv::exec(&name, &inside, &enforce::ACCOUNT.map(ToOwned::to_owned)));
        let account = account.limit(SHORT, Code::EngineFailed).output()?;
        if account.stdout.is_empty() {
            return fail(Code::EngineFailed, format!("nothing runs in the container: {}", account.complaint()));
        }
        let mut lacking = enforce::missing_inside(&String::from_utf8_lossy(&account.stdout), told);
        container.tells_disk = container.bytes_written().is_some();
        lacking.extend((!container.tells_disk).then_some(Fence::Disk));
        container.lacks(lacking, plan)?;
        Ok(container)
    }

    /// A command of the engine, in the private folder: Podman leaves files where it is started from.
    fn run<'r, S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Run<'r> {
        Run::new(self.engine.argv(words)).directory(&self.work)
    }

    /// Notes fences that do not hold; without leave to go on, that is the end.
    fn lacks(&mut self, fences: Vec<Fence>, plan: &Plan<'_>) -> anyhow::Result<()> {
        for fence in fences {
            if !self.unenforced.contains(&fence) {
                self.unenforced.push(fence);
            }
        }
        if self.unenforced.is_empty() || plan.allow_unlimited {
            return Ok(());
        }
        let words: Vec<&str> = self.unenforced.iter().map(|fence| fence.words()).collect();
        let what = words.join(", ");
        fail(Code::LimitExceeded, format!("the engine does not enforce {what}; `--allow-unlimited` goes on"))
    }

    /// Unpacks a tar into a folder, as the user, whatever owners the tar names.
    ///
    /// # Errors
    /// [`Code::EngineFailed`] when it cannot be unpacked.
    pub fn unpack(&self, folder: &str, tar: &mut (dyn Read + Send)) -> anyhow::Result<()> {
        self.unpack_from(folder, Box::new(move |to| std::io::copy(tar, to).map(|_| ())))
    }

    /// Unpacks a tar that is written meanwhile.
    ///
    /// # Errors
    /// As [`Container::unpack`].
    pub fn unpack_from(&self, folder: &str, tar: Source<'_>) -> anyhow::Result<()> {
        let command = ["/bin/tar", "-x", "--no-same-owner", "-f", "-", "-C", folder].map(ToOwned::to_owned);
        let inside = argv::Inside { workdir: "/", env: &[], passed: &[], stdin: true, user: &self.user };
        let out = self
            .run(argv::exec(&self.name, &inside, &command))
            .stdin(tar)
            .limit(self.limits.step(), Code::EngineFailed)
            .output()?;
        if !out.status.success() {
            return fail(Code::EngineFailed, format!("nothing could be copied into `{folder}`: {}", out.complaint()));
        }
        Ok(())
    }

    /// Unpacks a tar that lies on this machine.
    ///
    /// # Errors
    /// As [`Container::unpack`].
    pub fn unpack_file(&self, folder: &str, tar: &Path) -> anyhow::Result<()> {
        let mut file = std::fs::File::open(tar)?;
        self.unpack(folder, &mut file)
    }

    /// Runs a command, within the limits of time, output and disk.
    ///
    /// # Errors
    /// When a limit is reached. How the command ended is in the status.
    pub fn exec(&self, exec: &Exec<'_>, stdout: Sink<'_>, stderr: Sink<'_>) -> anyhow::Result<ExitStatus> {
        let inside =
            argv::Inside { workdir: exec.workdir, env: exec.env, passed: exec.passed, stdin: false, user: &self.user };
        let watched = self.tells_disk;
        let mut disk = Watch::new(&self.limits, || self.bytes_written());
        let status = self
            .run(argv::exec(&self.name, &inside, exec.command))
            .stdout(stdout)
            .stderr(stderr)
            .until(exec.until)
            .watch(|| if watched { disk.tick() } else { Ok(()) })
            .status()?;
        // What was written since the last look counts too.
        if watched {
            disk.look()?;
        }
        Ok(status)
    }

    /// Bytes that the container has written, if the engine tells.
    fn bytes_written(&self) -> Option<u64> {
        let words = ["container", "inspect", "--size", "--format", "{{.SizeRw}}", &self.name];
        let out = self.run(words).limit(LOOK, Code::EngineFailed).output().ok()?;
        String::from_utf8_lossy(&out.stdout).trim().parse().ok()
    }

    /// Whether something in it was ended for want of memory: by the engine's word, or by the kernel's count.
    pub fn ran_out_of_memory(&self) -> bool {
        let words = ["container", "inspect", "--format", "{{.State.OOMKilled}}", &self.name];
        let asked = self.run(words).limit(SHORT, Code::EngineFailed).output();
        if asked.is_ok_and(|out| out.stdout.trim_ascii() == b"true") {
            return true;
        }
        let files = ["/bin/cat", "/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];
        let inside = argv::Inside { workdir: "/", env: &[], passed: &[], stdin: false, user: &self.user };
        let command = argv::exec(&self.name, &inside, &files.map(ToOwned::to_owned));
        let counted = self.run(command).limit(SHORT, Code::EngineFailed).output();
        let text = counted.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
        text.lines().any(|line| line.strip_prefix("oom_kill ").is_some_and(|n| n.trim() != "0"))
    }

    /// Whether it still runs: what it was made to do is to wait for ever.
    fn runs(&self) -> bool {
        let words = ["container", "inspect", "--format", "{{.State.Running}}", &self.name];
        let asked = Run::new(self.engine.argv(words)).limit(SHORT, Code::EngineFailed).output();
        asked.is_ok_and(|out| out.stdout.trim_ascii() == b"true")
    }

    /// Ends every process in it but the one that waits. Where that cannot be done from inside, as when a build has taken
    /// all processes that it may have, or where the processes inside are not its own alone, the container is started
    /// afresh with the same files.
    ///
    /// # Errors
    /// [`Code::EngineFailed`] when the engine cannot.
    pub fn end_all(&self) -> anyhow::Result<()> {
        if !self.unenforced.contains(&Fence::Namespaces) {
            let command = ["/bin/bash", "-c", "kill -9 -- -1"].map(ToOwned::to_owned);
            let inside = argv::Inside { workdir: "/", env: &[], passed: &[], stdin: false, user: &self.user };
            let run = self.run(argv::exec(&self.name, &inside, &command));
            let ended = run.limit(SHORT, Code::EngineFailed).output()?;
            // Mostly the build left nothing running, which the shell reports as a failure.
            if ended.status.success() || ended.complaint().ends_with(NO_PROCESS) {
                return Ok(());
            }
        }
        let again = ["container", "restart", "-t", "0", &self.name];
        let again = self.run(again).limit(SHORT, Code::EngineFailed).output()?;
        if !again.status.success() {
            return fail(Code::EngineFailed, format!("the container could not be ended: {}", again.complaint()));
        }
        Ok(())
    }

    /// Removes it, these folders inside first: what was never written to the disk need not be, just to be removed.
    pub fn remove(self, folders: &[&str]) {
        let command: Vec<String> = ["/bin/rm", "-rf", "--"].iter().chain(folders).map(ToString::to_string).collect();
        let inside = argv::Inside { workdir: "/", env: &[], passed: &[], stdin: false, user: &self.user };
        let run = self.run(argv::exec(&self.name, &inside, &command));
        // Only to save time: the container goes in any case.
        let _emptied = run.limit(Duration::from_secs(30), Code::EngineFailed).output();
    }

    /// A tar of files and folders inside, given to `read`.
    ///
    /// # Errors
    /// What `read` says, or [`Code::EngineFailed`].
    pub fn tar<T: Send>(
        &self,
        arguments: &[String],
        mut read: impl FnMut(&mut dyn Read) -> anyhow::Result<T> + Send,
    ) -> anyhow::Result<T> {
        let command: Vec<String> =
            ["/bin/tar", "-c", "-f", "-"].iter().map(ToString::to_string).chain(arguments.iter().cloned()).collect();
        let inside = argv::Inside { workdir: "/", env: &[], passed: &[], stdin: false, user: &self.user };
        let (mut got, mut complaint) = (None, Vec::new());
        let run = self
            .run(argv::exec(&self.name, &inside, &command))
            .stdout(Box::new(|from| {
                got = Some(read(from)?);
                std::io::copy(from, &mut std::io::sink())?;
                Ok(())
            }))
            .stderr(collect(&mut complaint, 1 << 20))
            .limit(self.limits.step(), Code::EngineFailed);
        run.status()?;
        got.with_context(|| String::from_utf8_lossy(&complaint).into_owned())
    }

    /// The artifact at a path below `mount`.
    ///
    /// # Errors
    /// As [`artifact::read`].
    pub fn artifact(&self, mount: &str, relative: &str) -> anyhow::Result<Vec<u8>> {
        let components = artifact::components(relative)?;
        let mut arguments = ["--no-recursion", "-C", mount, "--"].map(ToOwned::to_owned).to_vec();
        arguments.extend(components.iter().cloned());
        self.tar(&arguments, |from| artifact::read(from, &components))
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        let gone = self.run(argv::remove(&self.name)).clearing_up().limit(SHORT, Code::EngineFailed).output();
        // It may never have been made; what an engine that fails leaves is swept by the next run.
        if let Err(error) = gone {
            let error = crate::redact::redact_error(&error);
            crate::progress::warn(&format!("the container `{}` could not be removed: {error}", self.name));
        }
    }
}

/// How a shell tells that a program was ended for a file above its limit: 128 and SIGXFSZ.
const FILE_TOO_LARGE: i32 = 128 + 25;

/// Says why a command ended badly: by a limit, by the engine, or by itself.
pub fn explain_end(container: &Container<'_>, status: ExitStatus, what: &str) -> anyhow::Error {
    if container.ran_out_of_memory() {
        return Failure::new(Code::LimitExceeded, format!("{what} needed more memory than its limit")).into();
    }
    if !container.runs() {
        // That says nothing about the build.
        return Failure::new(Code::EngineFailed, format!("the engine lost the container while {what} ran")).into();
    }
    if status.code() == Some(FILE_TOO_LARGE) {
        return Failure::new(Code::LimitExceeded, format!("{what} wrote a file above its limit")).into();
    }
    let how = status.code().map_or_else(|| "a signal".to_owned(), |code| format!("status {code}"));
    Failure::new(Code::BuildFailed, format!("{what} ended with {how}")).into()
}
