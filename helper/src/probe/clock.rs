//! A clock that goes wrong: a library that sets it back for every program of a container, made by the image's own compiler.
//! The kernel's clock is everybody's, and a namespace of time leaves the time of day alone.

use std::path::Path;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::command::{collect, pass_on};
use crate::deadline::Deadline;
use crate::engine::container::{Container, Exec, Plan};
use crate::engine::{Engine, Image, Limits};
use crate::failure::{Code, code_of};
use crate::owner::Owner;

/// Seconds that it is set back by: another year, month, day, hour, minute and second.
pub const BACK: u64 = 400 * 86_400 + 5 * 3600 + 17 * 60 + 43;
/// Seconds that it may be off before it counts as not set back.
const NEAR: u64 = 3600;
const SOURCE: &[u8] = include_bytes!("clock.c");
const FOLDER: &str = "/home/near";
const NAME: &str = "provenear-clock.so";
const TIME: std::time::Duration = std::time::Duration::from_secs(60);

/// What a container is made with, and where.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// This helper.
    pub owner: &'a Owner,
    /// A private folder.
    pub work: &'a Path,
    /// An id that no other build has.
    pub run: &'a str,
    /// The image.
    pub image: &'a Image,
    /// What it may use.
    pub limits: &'a Limits,
    /// Go on where the engine cannot enforce a limit.
    pub allow_unlimited: bool,
}

/// The library, made in a container of the image; or why there is none, which keeps nobody from the other factors.
///
/// # Errors
/// When the engine fails, or on Ctrl-C.
pub fn build_library(place: &Place<'_>) -> anyhow::Result<Result<Vec<u8>, String>> {
    let source = format!("{FOLDER}/provenear-clock.c");
    let plan = Plan {
        run: place.run,
        purpose: "clock",
        owner: place.owner,
        work: place.work,
        image: place.image,
        network: false,
        limits: place.limits,
        allow_unlimited: place.allow_unlimited,
        folders: &[FOLDER],
        files: &[(&source, SOURCE)],
        more: &[],
    };
    let container = Container::start(place.engine, &plan)?;
    let command = format!("cc -shared -fPIC -O2 -DBACK={BACK}L -o {FOLDER}/{NAME} {source}");
    let command = ["/bin/sh", "-c", &command].map(ToOwned::to_owned);
    let said = run(&container, &command)?;
    match container.artifact(FOLDER, NAME) {
        Ok(library) => Ok(Ok(library)),
        Err(error) if code_of(&error) == Code::ArtifactMissing => {
            let said = said.lines().next_back().unwrap_or("it made nothing").trim().to_owned();
            Ok(Err(format!("the image has no C compiler that makes a library for it ({said})")))
        }
        Err(error) => Err(error),
    }
}

/// Whether a container of it has another time of day than this machine.
///
/// # Errors
/// When the engine fails.
pub fn is_back(container: &Container<'_>) -> anyhow::Result<bool> {
    let said = run(container, &["/bin/sh", "-c", "date +%s"].map(ToOwned::to_owned))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ok(said.trim().parse::<u64>().is_ok_and(|told| told.abs_diff(now.saturating_sub(BACK)) < NEAR))
}

/// What a short command says, however it ends.
///
/// # Errors
/// When it cannot be run, or says too much.
pub fn run(container: &Container<'_>, command: &[String]) -> anyhow::Result<String> {
    let exec = Exec { workdir: "/", env: &[], passed: &[], command, until: Deadline::after(TIME, Code::EngineFailed) };
    let (mut said, complaint) = (Vec::new(), Mutex::new(Vec::new()));
    let keep = |bytes: &[u8]| {
        complaint.lock().map_err(|_| anyhow::anyhow!("a reader broke down"))?.extend_from_slice(bytes);
        Ok(())
    };
    container.exec(&exec, collect(&mut said, 64 << 20), pass_on(1 << 20, keep))?;
    said.extend(complaint.into_inner().unwrap_or_default());
    Ok(String::from_utf8_lossy(&said).into_owned())
}
