//! Runs other programs. A command is a list, built elsewhere and tested as a list; this is the one place that starts
//! it, logs it, bounds its time and output, and ends it with everything it started.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;

use crate::deadline::Deadline;
use crate::failure::{Code, Failure, fail};
use crate::interrupt;
use crate::progress;
use crate::redact::redact;

/// How often a waiting helper looks at the clock, the limits and Ctrl-C.
const TICK: Duration = Duration::from_millis(15);

/// A program and its arguments. Nothing is ever passed through a shell on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argv(pub Vec<OsString>);

impl Argv {
    /// From anything that spells arguments.
    pub fn new<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> Argv {
        Argv(words.into_iter().map(|w| w.as_ref().to_os_string()).collect())
    }

    /// With more arguments at the end.
    #[must_use]
    pub fn with<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Argv {
        self.0.extend(words.into_iter().map(|w| w.as_ref().to_os_string()));
        self
    }

    /// As a person would type it.
    pub fn to_shell(&self) -> String {
        shell_words::join(self.0.iter().map(|w| w.to_string_lossy().into_owned()))
    }
}

/// What the program sees of our environment.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Everything of ours is dropped first (`PATH` is kept).
    pub cleared: bool,
    /// Set on top.
    pub set: Vec<(OsString, OsString)>,
    /// Taken out of what is left of ours.
    pub without: &'static [&'static str],
}

/// Reads what a program says; an early return ends the program.
pub type Sink<'a> = Box<dyn FnMut(&mut dyn Read) -> anyhow::Result<()> + Send + 'a>;
/// Says what a program reads.
pub type Source<'a> = Box<dyn FnMut(&mut dyn Write) -> io::Result<()> + Send + 'a>;

/// One run of one program.
pub struct Run<'a> {
    argv: Argv,
    environment: Environment,
    directory: Option<PathBuf>,
    stdin: Option<Source<'a>>,
    stdout: Sink<'a>,
    stderr: Option<Sink<'a>>,
    until: Option<Deadline>,
    watch: Option<Box<dyn FnMut() -> anyhow::Result<()> + 'a>>,
    clearing_up: bool,
}

/// What a program printed, and how it ended.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

impl Output {
    /// The last lines of what it complained about, for an error sentence.
    pub fn complaint(&self) -> String {
        // Before it is cut: half a credential is not known for one.
        let text = redact(&String::from_utf8_lossy(&self.stderr));
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let from = lines.len().saturating_sub(3);
        lines.get(from..).unwrap_or_default().join("; ").chars().filter(|c| !c.is_control()).take(600).collect()
    }
}

/// Collects up to `cap` bytes and refuses more.
pub fn collect(into: &mut Vec<u8>, cap: u64) -> Sink<'_> {
    Box::new(move |from| {
        from.take(cap + 1).read_to_end(into)?;
        if into.len() as u64 > cap {
            return fail(Code::LimitExceeded, format!("a program printed more than {cap} bytes"));
        }
        Ok(())
    })
}

/// Hands everything to `line` as it arrives, up to `cap` bytes.
pub fn pass_on<'a>(cap: u64, mut line: impl FnMut(&[u8]) -> anyhow::Result<()> + Send + 'a) -> Sink<'a> {
    Box::new(move |from| {
        let mut buffer = [0u8; 16 * 1024];
        let mut seen = 0u64;
        loop {
            let n = match from.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e.into()),
            };
            seen += n as u64;
            if seen > cap {
                return fail(Code::LimitExceeded, format!("the output passed the limit of {cap} bytes"));
            }
            line(buffer.get(..n).unwrap_or_default())?;
        }
    })
}

impl<'a> Run<'a> {
    /// A run of this command with our own environment and no input.
    pub fn new(argv: Argv) -> Run<'a> {
        Run {
            argv,
            environment: Environment::default(),
            directory: None,
            stdin: None,
            stdout: Box::new(|from| io::copy(from, &mut io::sink()).map(|_| ()).map_err(Into::into)),
            stderr: None,
            until: None,
            watch: None,
            clearing_up: false,
        }
    }

    /// With this environment.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// In this directory.
    #[must_use]
    pub fn directory(mut self, directory: &Path) -> Self {
        self.directory = Some(directory.to_path_buf());
        self
    }

    /// Reading from this.
    #[must_use]
    pub fn stdin(mut self, source: Source<'a>) -> Self {
        self.stdin = Some(source);
        self
    }

    /// Writing to this.
    #[must_use]
    pub fn stdout(mut self, sink: Sink<'a>) -> Self {
        self.stdout = sink;
        self
    }

    /// Complaining to this.
    #[must_use]
    pub fn stderr(mut self, sink: Sink<'a>) -> Self {
        self.stderr = Some(sink);
        self
    }

    /// Ended after this long, with this code.
    #[must_use]
    pub fn limit(self, time: Duration, code: Code) -> Self {
        self.until(Deadline::after(time, code))
    }

    /// Ended with the step that it belongs to.
    #[must_use]
    pub fn until(mut self, deadline: Deadline) -> Self {
        self.until = Some(deadline);
        self
    }

    /// Ended as soon as this finds a reason.
    #[must_use]
    pub fn watch(mut self, watch: impl FnMut() -> anyhow::Result<()> + 'a) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }

    /// Not ended by Ctrl-C: it takes down what we started.
    #[must_use]
    pub fn clearing_up(mut self) -> Self {
        self.clearing_up = true;
        self
    }

    /// Runs it and collects what it prints (64 MiB at most).
    ///
    /// # Errors
    /// When it cannot be started, or was ended by a limit, the watch or Ctrl-C. A non-zero status is no error here.
    pub fn output(self) -> anyhow::Result<Output> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let run = Run { stdout: collect(&mut stdout, 64 << 20), stderr: Some(collect(&mut stderr, 1 << 20)), ..self };
        let status = run.status()?;
        Ok(Output { status, stdout, stderr })
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// As [`Run::output`].
    pub fn status(self) -> anyhow::Result<ExitStatus> {
        let Run { argv, environment, directory, mut stdin, mut stdout, stderr, until, mut watch, clearing_up } = self;
        let (program, arguments) = argv.0.split_first().context("a command needs a program")?;
        log(&argv);
        let mut command = std::process::Command::new(program);
        command.args(arguments);
        if environment.cleared {
            command.env_clear();
            if let Some(path) = std::env::var_os("PATH") {
                command.env("PATH", path);
            }
        }
        for name in environment.without {
            command.env_remove(name);
        }
        command.envs(environment.set);
        if let Some(directory) = directory {
            command.current_dir(directory);
        }
        command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(if stderr.is_some() { Stdio::piped() } else { Stdio::null() });
        // A group of its own: Ctrl-C in the terminal reaches us alone, and we end the whole group.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().with_context(|| format!("failed to start `{}`", program.to_string_lossy()))?;

        let (to, from, complaints) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let refused = AtomicBool::new(false);
        let noting = |read: anyhow::Result<()>| {
            refused.fetch_or(read.is_err(), Ordering::SeqCst);
            read
        };
        std::thread::scope(|scope| {
            let writer = to.zip(stdin.as_mut()).map(|(mut to, source)| scope.spawn(move || source(&mut to)));
            let reader = from.map(|mut from| scope.spawn(move || noting(stdout(&mut from))));
            let complainer =
                complaints.zip(stderr).map(|(mut from, mut sink)| scope.spawn(move || noting(sink(&mut from))));
            let ended = wait(&mut child, until, watch.as_deref_mut(), &refused, clearing_up);
            // A pipe closed early by the program is for its status to tell, not for us.
            let _written = writer.map(|w| w.join());
            let read = reader.map_or(Ok(()), |r| r.join().unwrap_or_else(|_| broken()));
            let complained = complainer.map_or(Ok(()), |c| c.join().unwrap_or_else(|_| broken()));
            read.and(complained)?;
            ended
        })
    }
}

fn broken() -> anyhow::Result<()> {
    fail(Code::Io, "a reader of a program's output broke down")
}

fn wait(
    child: &mut Child,
    until: Option<Deadline>,
    mut watch: Option<&mut (dyn FnMut() -> anyhow::Result<()> + '_)>,
    refused: &AtomicBool,
    clearing_up: bool,
) -> anyhow::Result<ExitStatus> {
    let reason = loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if !clearing_up && let Err(stop) = interrupt::check() {
            break stop.into();
        }
        if refused.load(Ordering::SeqCst) {
            break Failure::new(Code::LimitExceeded, "its output was refused").into();
        }
        if let Some(over) = until.and_then(|deadline| deadline.over()) {
            break over.into();
        }
        if let Some(watch) = watch.as_deref_mut()
            && let Err(stop) = watch()
        {
            break stop;
        }
        std::thread::sleep(TICK);
    };
    end(child);
    child.wait()?;
    Err(reason)
}

/// Ends the program and whatever shares its group.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
        && rustix::process::kill_process_group(group, rustix::process::Signal::KILL).is_ok()
    {
        return;
    }
    // It may have ended by itself in the meantime: then there is nothing left to kill.
    let _gone = child.kill();
}

static LOGGED: std::sync::OnceLock<()> = std::sync::OnceLock::new();

/// From now on every command is shown on stderr as it is started.
pub fn show_commands() {
    let _already = LOGGED.set(());
}

fn log(argv: &Argv) {
    if LOGGED.get().is_some() {
        progress::line(&format!("+ {}", redact(&argv.to_shell())));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn output_is_collected_with_its_status() {
        let out = Run::new(Argv::new(["sh", "-c", "cat; echo oops >&2; exit 3"]))
            .stdin(Box::new(|to| to.write_all(b"hello")))
            .output()
            .unwrap();
        assert_eq!(
            (out.status.code(), out.stdout.as_slice(), out.complaint().as_str()),
            (Some(3), &b"hello"[..], "oops")
        );
    }

    #[test]
    fn a_program_that_sleeps_is_ended_with_all_it_started() {
        let started = Instant::now();
        let run = Run::new(Argv::new(["sh", "-c", "sleep 60 & sleep 60"]));
        let error = run.limit(Duration::from_millis(200), Code::BuildTimeout).output().unwrap_err();
        assert_eq!(crate::failure::code_of(&error), Code::BuildTimeout);
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn endless_output_is_cut() {
        let mut seen = Vec::new();
        let run = Run::new(Argv::new(["sh", "-c", "while :; do echo y; done"])).stdout(collect(&mut seen, 1000));
        assert_eq!(crate::failure::code_of(&run.status().unwrap_err()), Code::LimitExceeded);
    }

    #[test]
    fn a_cleared_environment_keeps_only_the_path() {
        let environment = Environment { cleared: true, set: vec![("A".into(), "1".into())], without: &[] };
        let out = Run::new(Argv::new(["env"])).environment(environment).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let names: Vec<&str> = text.lines().filter_map(|l| l.split('=').next()).collect();
        assert!(names.iter().all(|n| ["PATH", "A"].contains(n)), "{names:?}");
    }
}
