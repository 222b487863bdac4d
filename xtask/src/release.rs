//! `cargo xtask release`: the helper as somebody without Rust gets it, static for Linux, with completions, pages for `man` and
//! checksums beside it. `--try` follows the guides with it. Not here: the page (`build`), which is a folder of its own.

use crate::{build, page, run, setup, test};
use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is released, as rustc names it. musl leaves nothing to the libraries of a system.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];
const SHELLS: [(&str, &str); 3] = [("bash", "provenear.bash"), ("fish", "provenear.fish"), ("zsh", "_provenear")];

/// Builds everything into `target/release-files`, and says what is there.
///
/// # Errors
/// When a tool is missing and cannot be had, when a build fails, or when what came out is not what it should be.
pub(crate) fn run() -> Result<()> {
    let here = native()?;
    let cross = setup::release(&TARGETS)?;
    let folder = run::target().join("release-files");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let programs = TARGETS.iter().map(|target| Ok((*target, compile(&cross, target)?))).collect::<Result<Vec<_>>>()?;
    let (_, speaker) = programs.iter().find(|(target, _)| *target == here).context("this machine's is among them")?;
    let beside = folder.join("beside");
    lay_beside(&beside, speaker)?;
    let pack = |(target, program): &(&str, PathBuf)| pack(&folder, &beside, target, program);
    let archives = programs.iter().map(pack).collect::<Result<Vec<_>>>()?;
    fs::remove_dir_all(&beside)?;
    let lines = archives.iter().map(|archive| Ok(format!("{}  {}\n", build::sha256(archive)?, name(archive))));
    run::write(&folder.join("SHA256SUMS"), lines.collect::<Result<String>>()?)?;
    for archive in &archives {
        run::say(format!("{:>10} bytes  {}", fs::metadata(archive)?.len(), name(archive)));
    }
    run::say(format!("all of it is in `{}`", folder.display()));
    Ok(())
}

/// Builds the program for this machine and follows the guides with it, in a container that has no Rust.
///
/// # Errors
/// When something that this needs cannot be had, Docker among it, or when a guide does not end where it says.
pub(crate) fn follow_guides() -> Result<()> {
    let target = native()?;
    let (ground, reader) = setup::reader()?;
    let program = compile(&setup::release(&[target])?, target)?;
    let mut facts = ground.facts.clone();
    facts["ca_file"] = json!(setup::ca_file());
    facts["provenear"] = json!(program);
    facts["reader"] = json!({ "image": reader, "commit": page::commit() });
    let file = run::target().join("reader.json");
    run::write(&file, serde_json::to_vec_pretty(&facts)?)?;
    test::guides(&file)
}

/// What is released for this machine.
fn native() -> Result<&'static str> {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let target = TARGETS.into_iter().find(|target| system == "linux" && target.split('-').next() == Some(machine));
    target.with_context(|| {
        format!("nothing is released for {system} on {machine}, and a released program has to run here")
    })
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The static program for `target`.
fn compile(cross: &Path, target: &str) -> Result<PathBuf> {
    run::say(format!("building the helper for {target}, about 5 min the first time on 2 cores"));
    let mut command = run::cargo();
    command.args(["zigbuild", "--locked", "--release", "--package", "provenear-helper", "--target", target]);
    // Paths of this machine are nobody's business, and differ on the next one.
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).context("cargo has a home")?;
    let remapped = format!(
        "--remap-path-prefix={}=/cargo --remap-path-prefix={}=/provenear",
        home.display(),
        run::workspace().display()
    );
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([cross.to_owned()].into_iter().chain(std::env::split_paths(&path)))?;
    command.env("PATH", path).env("RUSTFLAGS", remapped).env(page::COMMIT, page::commit());
    run::run_logged("release", &mut command)?;
    let program = run::target().join(target).join("release/provenear");
    ensure!(is_static(&fs::read(&program)?), "`{}` asks for an interpreter, so it is not static", program.display());
    Ok(program)
}

/// Whether an ELF program of 64 bits names no interpreter (`PT_INTERP`, ELF-64 2.0).
fn is_static(elf: &[u8]) -> bool {
    let number = |at: usize, length: usize| {
        elf.get(at..at + length)
            .map(|bytes| bytes.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let Some((start, size, count)) = number(32, 8).zip(number(54, 2)).zip(number(56, 2)).map(|((a, b), c)| (a, b, c))
    else {
        return false;
    };
    elf.starts_with(b"\x7fELF\x02\x01")
        && count > 0
        && (0..count).all(|at| number(start + at * size, 4).is_some_and(|kind| kind != 3))
}

/// What stands beside the program, the same for every target: what `speaker`, which runs here, says of itself, and our texts.
fn lay_beside(folder: &Path, speaker: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("completions"))?;
    for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md"] {
        fs::copy(run::workspace().join(file), folder.join(file))?;
    }
    for (shell, file) in SHELLS {
        let completions = run::output(Command::new(speaker).args(["completions", shell]))?;
        fs::write(folder.join("completions").join(file), completions)?;
    }
    run::output(Command::new(speaker).arg("man").arg(folder.join("man"))).map(drop)
}

/// Packs an archive that is the same for the same files: names in order, no owner, one time.
fn pack(folder: &Path, beside: &Path, target: &str, program: &Path) -> Result<PathBuf> {
    let title = format!("provenear-{}-{target}", env!("CARGO_PKG_VERSION"));
    let inside = folder.join(&title);
    run::output(run::argv(&["cp", "-R"]).arg(beside).arg(&inside))?;
    fs::copy(program, inside.join("provenear"))?;
    let archive = folder.join(format!("{title}.tar.gz"));
    let tar = [
        "tar",
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--mode=go=u-w",
        "--mtime=@0",
        "--use-compress-program=gzip -n",
    ];
    let mut tar = run::argv(&tar);
    run::output(tar.arg("-C").arg(folder).arg("-cf").arg(&archive).arg(&title))?;
    fs::remove_dir_all(&inside)?;
    if !archive.is_file() {
        bail!("tar left no `{}`", archive.display());
    }
    Ok(archive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_ask_for_an_interpreter_are_not_static() {
        let mut elf = vec![0_u8; 64 + 2 * 56];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (elf[32], elf[54], elf[56]) = (64, 56, 2);
        (elf[64], elf[64 + 56]) = (1, 2);
        assert!(is_static(&elf));
        elf[64 + 56] = 3;
        assert!(!is_static(&elf));
        assert!(!is_static(&elf[..100]));
        assert!(!is_static(b"\x7fELF"));
    }

    #[test]
    fn archives_differ_in_the_program_alone() {
        let folder = run::target().join(format!("release-test-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let speaker = folder.join("speaker");
        let says =
            "#!/bin/sh\ncase $1 in man) mkdir \"$2\" && echo page > \"$2/provenear.1\" ;; *) echo \"$2\" ;; esac\n";
        fs::write(&speaker, says).unwrap();
        fs::set_permissions(&speaker, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let beside = folder.join("beside");
        lay_beside(&beside, &speaker).unwrap();
        let lists = ["one", "two"].map(|target| {
            let archive = pack(&folder, &beside, target, &speaker).unwrap();
            let first = build::sha256(&archive).unwrap();
            assert_eq!(build::sha256(&pack(&folder, &beside, target, &speaker).unwrap()).unwrap(), first);
            run::output(run::argv(&["tar", "-tzf"]).arg(archive)).unwrap().replace(target, "")
        });
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(lists[0], lists[1]);
        for file in ["provenear", "completions/_provenear", "man/provenear.1", "README.md", "LICENSE-MIT"] {
            assert!(lists[0].lines().any(|line| line.ends_with(&format!("-/{file}"))), "{file}: {}", lists[0]);
        }
    }
}
