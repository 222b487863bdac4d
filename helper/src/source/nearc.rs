//! What a command of nearc builds, and where it leaves the wasm, as `cli.py` of nearc 0.10 decides it. Not here: what it claims
//! (`project::nearc`).

use provenear_shared::container::normal;
use provenear_shared::recipe::SOURCE_MOUNT;

use super::paths::join;
use super::workspace::climb;

/// The compiler.
const PROGRAM: &str = "nearc";
/// What it looks for where no file is named, in this order.
const USUAL: [&str; 2] = ["__init__.py", "main.py"];
/// Its options that take a value.
const VALUED: [&str; 8] =
    ["--output", "-o", "--venv", "--compiler", "--opt-level", "-O", "--function-tracing", "--pinned-functions"];
/// Those that say where the wasm is left.
const OUTPUT: [&str; 2] = ["--output", "-o"];

/// What is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Builds {
    /// Another program runs, or it is not plain what nearc is told.
    Other,
    /// There is no such file, so that nearc stops.
    Nothing,
    /// One contract.
    One {
        /// The file that is compiled.
        contract: String,
        /// Where the wasm is left.
        wasm: String,
    },
}

/// What a command builds in a folder of the source, `""` for its root. `has` says whether there is such a file of Python; paths are
/// below the root.
pub fn builds(command: &[String], folder: &str, has: &impl Fn(&str) -> bool) -> Builds {
    let Some((PROGRAM, words)) = command.split_first().map(|(program, words)| (program.as_str(), words)) else {
        return Builds::Other;
    };
    let Some((named, output)) = read(words) else { return Builds::Other };
    let folder = normal(folder);
    let contract = match named {
        Some(named) => below(&folder, named).filter(|path| has(path)),
        None => USUAL.into_iter().map(|name| join(&folder, name)).find(|path| has(path)),
    };
    let Some(contract) = contract else { return Builds::Nothing };
    let stem = || {
        let name = contract.rsplit('/').next().unwrap_or(&contract);
        format!("{}.wasm", name.rsplit_once('.').map_or(name, |(stem, _)| stem))
    };
    match below(&folder, &output.map_or_else(stem, ToOwned::to_owned)) {
        Some(wasm) => Builds::One { contract, wasm },
        None => Builds::Other,
    }
}

/// The contract and the output that are named; none where more than one contract is, which nearc refuses.
fn read(words: &[String]) -> Option<(Option<&str>, Option<&str>)> {
    let (mut contract, mut output) = (None, None);
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let (option, attached) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value)),
            _ if word.len() > 2 && word.starts_with('-') && !word.starts_with("--") => {
                let (option, value) = word.split_at_checked(2)?;
                (option, Some(value))
            }
            _ => (word, None),
        };
        if VALUED.contains(&option) {
            let value = attached.or_else(|| words.next())?;
            if OUTPUT.contains(&option) {
                output = Some(value);
            }
        } else if !word.starts_with('-') && contract.replace(word).is_some() {
            return None;
        }
    }
    Some((contract, output))
}

/// A path that is named in a folder; none where it leads out of the source.
fn below(folder: &str, named: &str) -> Option<String> {
    match named.strip_prefix('/') {
        Some(_) => Some(normal(named.strip_prefix(SOURCE_MOUNT)?.strip_prefix('/')?)),
        None => climb(folder, named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_builds_what_it_names_or_what_nearc_finds() {
        let one = |contract: &str, wasm: &str| Builds::One { contract: contract.to_owned(), wasm: wasm.to_owned() };
        for (command, folder, files, expected) in [
            ("nearc", "", &["main.py"][..], one("main.py", "main.wasm")),
            ("nearc", "", &["main.py", "__init__.py"], one("__init__.py", "__init__.wasm")),
            ("nearc", "", &["contract.py"], Builds::Nothing),
            ("nearc", "a", &["main.py"], Builds::Nothing),
            ("nearc", "./a/", &["a/main.py"], one("a/main.py", "a/main.wasm")),
            ("nearc contract.py", "", &["contract.py"], one("contract.py", "contract.wasm")),
            // As `--reproducible` runs it, which is not what it claims.
            (
                "nearc contract.py -o contract.wasm --create-venv",
                "",
                &["contract.py"],
                one("contract.py", "contract.wasm"),
            ),
            ("nearc --compiler py -O5 --venv=.v src/a.b.py", "", &["src/a.b.py"], one("src/a.b.py", "a.b.wasm")),
            ("nearc --output=/home/near/code/out/x.wasm", "a", &["a/main.py"], one("a/main.py", "out/x.wasm")),
            ("nearc -oout/x.wasm", "a", &["a/main.py"], one("a/main.py", "a/out/x.wasm")),
            ("nearc gone.py", "", &["main.py"], Builds::Nothing),
            ("nearc a.py b.py", "", &["a.py", "b.py"], Builds::Other),
            ("nearc -o /tmp/x.wasm", "", &["main.py"], Builds::Other),
            ("nearc -o ../x.wasm", "", &["main.py"], Builds::Other),
            ("nearc -o", "", &["main.py"], Builds::Other),
            ("make", "", &["main.py"], Builds::Other),
        ] {
            let words: Vec<String> = command.split(' ').map(ToOwned::to_owned).collect();
            assert_eq!(builds(&words, folder, &|path| files.contains(&path)), expected, "{command} in {folder:?}");
        }
        assert_eq!(builds(&[], "", &|_| true), Builds::Other);
    }
}
