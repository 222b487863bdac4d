//! What is done in a filled container before the build: a change that no setting can make by itself, and the question whether
//! the change was taken. What was not taken is said to be so, and never counts as a factor that leaks nothing.

use std::io::{Read, Write};
use std::path::Path;

use provenear_shared::report::Factor;

use super::clock;
use super::setting::Setting;
use crate::engine::container::Container;

/// Why a change was not taken.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotVaried(pub String);

/// Does and asks what a factor needs. `order` is how the folders of the usual build list their files. Gives what else there is to
/// say.
///
/// # Errors
/// [`NotVaried`] where the container has not taken the change, or what the engine says.
pub fn prepare(
    container: &Container<'_>,
    factor: Factor,
    setting: &Setting,
    order: &str,
) -> anyhow::Result<Option<String>> {
    let shell = |script: &str| clock::run(container, &["/bin/sh", "-c", script].map(ToOwned::to_owned));
    let (mount, cargo_home) = (&setting.surroundings.mount, &setting.surroundings.cargo_home);
    match factor {
        Factor::Clock if !clock::is_back(container)? => not_varied("the image's programs keep the machine's clock"),
        Factor::Cpus if shell("nproc")?.trim() != "1" => {
            not_varied("the engine leaves the build more processors than one")
        }
        Factor::HostName if !shell("cat /proc/sys/kernel/hostname")?.contains("elsewhere") => {
            not_varied("the engine gives the container another name")
        }
        Factor::FileOrder if list_files(container, mount)? == order => {
            not_varied("folders list their files in the same order all the same")
        }
        Factor::Umask => {
            shell(&format!("chmod -R go= '{mount}'"))?;
            Ok(None)
        }
        Factor::Locale => {
            let installed = shell("locale -a")?.to_ascii_lowercase().contains("tr_tr");
            let what =
                "the image does not have it: programs that read the variable were tried, and no other way to sort";
            Ok((!installed).then(|| what.to_owned()))
        }
        Factor::CargoHome => {
            // The image's own settings are not what is changed.
            let usual = setting.image.cargo_home();
            shell(&format!("cp -p '{usual}'/config '{usual}'/config.toml '{cargo_home}'/ 2>/dev/null"))?;
            Ok(None)
        }
        Factor::Again
        | Factor::Clock
        | Factor::Cpus
        | Factor::HostName
        | Factor::FileOrder
        | Factor::User
        | Factor::Environment
        | Factor::Network
        | Factor::TimeZone
        | Factor::Home
        | Factor::BuildPath => Ok(None),
    }
}

fn not_varied<T>(why: &str) -> anyhow::Result<T> {
    Err(NotVaried(why.to_owned()).into())
}

/// Every path of the source, as its folders list them.
///
/// # Errors
/// When the engine fails.
pub fn list_files(container: &Container<'_>, mount: &str) -> anyhow::Result<String> {
    clock::run(container, &["/bin/sh", "-c", &format!("cd '{mount}' && find .")].map(ToOwned::to_owned))
}

/// Writes the same files as a tar in another order: folders before what is in them, and all else from the last to the first.
///
/// # Errors
/// When one of the two cannot be read or written.
pub fn reorder(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut places: Vec<(bool, u64, u64)> = Vec::new();
    let mut tar = tar::Archive::new(std::io::BufReader::new(std::fs::File::open(from)?));
    // A long name is an entry of its own before the one that it names: both are taken as one.
    let mut at = 0;
    for entry in tar.entries()? {
        let entry = entry?;
        let end = (entry.raw_file_position() + entry.size()).next_multiple_of(512);
        places.push((entry.header().entry_type().is_dir(), at, end));
        at = end;
    }
    let (folders, files): (Vec<_>, Vec<_>) = places.into_iter().partition(|(is_folder, ..)| *is_folder);
    let mut source = std::fs::File::open(from)?;
    let mut out = std::io::BufWriter::new(std::fs::File::create_new(to)?);
    for (_, start, end) in folders.into_iter().chain(files.into_iter().rev()) {
        std::io::Seek::seek(&mut source, std::io::SeekFrom::Start(start))?;
        std::io::copy(&mut (&mut source).take(end - start), &mut out)?;
    }
    // Two empty blocks end a tar.
    out.write_all(&[0; 1024])?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_come_in_another_order() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.tar"), folder.path().join("b.tar"));
        let mut tar = tar::Builder::new(std::fs::File::create(&from).unwrap());
        let long = format!("d/{}.rs", "x".repeat(150));
        for (path, text) in
            [("d/", None), ("d/a", Some("1")), ("d/b", Some("")), (&long, Some("long")), ("z", Some("2"))]
        {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(if text.is_some() { tar::EntryType::Regular } else { tar::EntryType::Directory });
            header.set_size(text.unwrap_or_default().len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, text.unwrap_or_default().as_bytes()).unwrap();
        }
        tar.into_inner().unwrap();
        reorder(&from, &to).unwrap();
        let read = |path: &Path| {
            let mut tar = tar::Archive::new(std::fs::File::open(path).unwrap());
            let entries = tar.entries().unwrap();
            let entry = |entry: std::io::Result<tar::Entry<'_, _>>| {
                let mut entry = entry.unwrap();
                let path = entry.path().unwrap().display().to_string();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                (path, text)
            };
            entries.map(entry).collect::<Vec<_>>()
        };
        let (mut before, mut after) = (read(&from), read(&to));
        let names: Vec<&str> = after.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(names, ["d/", "z", &long, "d/b", "d/a"]);
        before.sort();
        after.sort();
        assert_eq!(before, after);
    }
}
