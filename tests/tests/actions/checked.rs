//! What actionlint and zizmor say of our files, of the workflow that `init` writes, and of the examples in the guide.

use std::path::{Path, PathBuf};
use std::process::Output;

use provenear_tests::ground::{self, Ground};
use provenear_tests::prose;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A repository of workflows, as both programs look for them.
struct Shelf(TempDir);

impl Shelf {
    fn new(files: &[(&str, &str)]) -> Shelf {
        let shelf = Shelf(tempfile::tempdir().unwrap());
        std::fs::create_dir(shelf.0.path().join(".git")).unwrap();
        for (name, text) in files {
            let path = shelf.0.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        shelf
    }

    fn run(&self, program: &str, words: &[&str]) -> Output {
        let mut command = Ground::read().unwrap().of_actions(program).unwrap();
        command.current_dir(self.0.path()).args(words).output().unwrap()
    }

    /// Whether each of the two has nothing to say; and all that they say.
    fn looked_at(&self) -> ([bool; 2], String) {
        // It looks at scripts with ShellCheck where it is told of one.
        let shellcheck = Ground::read().unwrap().of_actions("shellcheck").unwrap();
        let shellcheck = format!("-shellcheck={}", shellcheck.get_program().to_str().unwrap());
        let all = [
            self.run("actionlint", &["-no-color", &shellcheck]),
            self.run("zizmor", &["--offline", "--no-progress", "."]),
        ];
        let said = |it: &Output| String::from_utf8_lossy(&[it.stdout.clone(), it.stderr.clone()].concat()).into_owned();
        (all.each_ref().map(|it| it.status.success()), all.iter().map(said).collect())
    }
}

fn ours() -> Vec<(String, String)> {
    let mut files = vec![("action.yml".to_owned(), std::fs::read_to_string(root().join("action.yml")).unwrap())];
    for folder in [".github/workflows", "deploy/github-actions"] {
        let paths = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        for path in paths.filter(|path| path.extension().is_some_and(|end| end == "yml")) {
            // Where whoever uses it puts it.
            let name = format!(".github/workflows/{}", path.file_name().unwrap().to_str().unwrap());
            files.push((name, std::fs::read_to_string(path).unwrap()));
        }
    }
    files
}

/// What `init` writes into a crate.
fn written() -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"app\"\n").unwrap();
    let action = format!("you/provenear@{}", "0123456789".repeat(4));
    let mut command = ground::provenear().unwrap();
    let output = command.args(["init", "--action", &action]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::read_to_string(folder.path().join(".github/workflows/provenear.yml")).unwrap()
}

#[test]
fn nothing_is_said_of_our_files() {
    let mut files = ours();
    assert!(files.len() > 2, "only {}: this test looks in the wrong place", files.len());
    files.push((".github/workflows/written.yml".to_owned(), written()));
    let guide = prose::read("guide/author.md");
    let examples: Vec<&str> = guide.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 2, "only {} examples", examples.len());
    for (at, example) in examples.into_iter().enumerate() {
        files.push((format!(".github/workflows/example-{at}.yml"), example.to_owned()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (clean, said) = Shelf::new(&files).looked_at();
    assert_eq!(clean, [true, true], "{said}");
}

#[test]
fn what_is_wrong_is_found() {
    let workflow = |step: &str| {
        format!(
            "name: a\non: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n"
        )
    };
    let rows = [
        (workflow("run: \"true\""), [true, true]),
        (workflow("run: echo \"${{ github.event.head_commit.message }}\""), [false, false]),
        (workflow("uses: actions/checkout@v7"), [true, false]),
        (workflow("run: echo $RUNNER_TEMP"), [false, true]),
        (workflow("if: github.nothing\n        run: \"true\""), [false, true]),
    ];
    for (text, clean) in rows {
        let (found, said) = Shelf::new(&[(".github/workflows/a.yml", &text)]).looked_at();
        assert_eq!(found, clean, "{text}\n{said}");
    }
    let action = "name: a\ndescription: b\nruns:\n  using: composite\n  steps:\n    - run: echo \"${{ github.head_ref }}\"\n      shell: bash\n";
    assert!(
        !Shelf::new(&[("action.yml", action), (".github/workflows/a.yml", &workflow("run: \"true\""))]).looked_at().0
            [1]
    );
}

/// A tag can be moved to other code; the tag behind the commit is for people.
#[test]
fn every_action_is_used_by_its_commit() {
    let mut seen = 0;
    for (name, text) in ours() {
        for line in text.lines().filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("uses: ")) {
            if line.starts_with("./") {
                continue;
            }
            seen += 1;
            let (_, rest) = line.split_once('@').unwrap_or_else(|| panic!("{name}: {line}"));
            let (commit, tag) = rest.split_once(" # v").unwrap_or_else(|| panic!("{name}: {line} names no tag"));
            assert!(commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit()), "{name}: {line}");
            assert_eq!(tag.split('.').count(), 3, "{name}: {line}");
        }
    }
    assert!(seen > 3, "only {seen}: this test reads them wrongly");
}
