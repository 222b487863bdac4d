//! `init` on a terminal, which is a pair of pseudo terminals here: what is there is replaced by a plain yes, and by nothing else.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;

use provenear_tests::ground;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::desk::Desk;

const OTHER: &str = "you/image:2@sha256:2222222222222222222222222222222222222222222222222222222222222222";

/// Runs the helper on a terminal, types an answer, and gives the exit code and all that the terminal showed.
fn answer(desk: &Desk, words: &[&str], typed: &str) -> (i32, String) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let terminal = File::options().read(true).write(true).open(OsStr::from_bytes(name.to_bytes())).unwrap();
    let mut command = ground::provenear().unwrap();
    command.current_dir(desk.folder()).args(words);
    command.stdin(terminal.try_clone().unwrap()).stdout(terminal.try_clone().unwrap()).stderr(terminal);
    let mut child = command.spawn().unwrap();
    // With it go the ends of the terminal that are ours.
    drop(command);
    let mut person = File::from(person);
    person.write_all(typed.as_bytes()).unwrap();
    let mut shown = Vec::new();
    // Once nobody holds the other end, reading fails.
    let _ended = person.read_to_end(&mut shown);
    (child.wait().unwrap().code().unwrap(), String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn what_is_there_is_replaced_by_a_plain_yes_alone() {
    let own = format!(
        "[package]\nname = \"app\"\n[package.metadata.near.reproducible_build]\nimage = \"you/image:1\"\n\
         image_digest = \"sha256:{}\"\ncontainer_build_command = [\"make\"]\n",
        "1".repeat(64)
    );
    let desk = Desk::new(&[("Cargo.toml", &own)]);
    let words = ["init", "--image", OTHER];
    // The last is the end of what is typed.
    for no in ["n\n", "\n", "yo\n", "no\n", "\u{4}"] {
        let (exit, shown) = answer(&desk, &words, no);
        assert_eq!((exit, desk.read("Cargo.toml")), (2, own.clone()), "{no:?}: {shown}");
        // The change comes before the question.
        let diff = shown.find("+image = \"you/image:2\"").unwrap_or_else(|| panic!("{shown}"));
        let question = shown.find("Replace it? [y/N]").unwrap_or_else(|| panic!("{shown}"));
        assert!(diff < question && shown.contains("nothing was written"), "{shown}");
    }
    for yes in ["y\n", "YES\n"] {
        desk.write("Cargo.toml", &own);
        let (exit, shown) = answer(&desk, &words, yes);
        assert_eq!(exit, 0, "{yes:?}: {shown}");
        assert!(desk.read("Cargo.toml").contains("image = \"you/image:2\"") && shown.contains("changed Cargo.toml"));
    }
    // Where nothing is replaced, nothing is asked.
    let (exit, shown) = answer(&desk, &words, "");
    assert_eq!((exit, shown.contains("[y/N]")), (0, false), "{shown}");
}
