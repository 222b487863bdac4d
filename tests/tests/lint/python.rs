//! Contracts in Python, as nearc makes them: projects of the shapes that nearc itself was given, and what else can be wrong with one.

use std::collections::BTreeSet;
use std::path::Path;

use provenear_shared::finding::FindingCode;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use serde_json::Value;

use crate::made::{Made, REMOTE};

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const CONTRACT: &str = "import near\n\n\n@near.export\ndef greet():\n    near.value_return('hello')\n";

/// What nearc claims so that it can be rebuilt: the digest is part of the image.
fn pyproject() -> String {
    format!(
        "[project]\nname = \"greeter\"\nrequires-python = \"==3.12.1\"\ndependencies = [\"near-sdk-py==1.0.0\"]\n\n\
         [tool.near.reproducible_build]\nimage = \"ghcr.io/r-near/nearc@{DIGEST}\"\n\
         container_build_command = [\"nearc\"]\n"
    )
}

/// A repository with the contract in `main.py`.
fn python(text: &str) -> Made {
    let made = Made::empty();
    made.write("pyproject.toml", text);
    made.write("main.py", CONTRACT);
    made.push();
    made
}

/// The codes that are found, and those that are found of every contract in Python left out.
fn found(made: &Made) -> Vec<String> {
    let always = ["unlisted-image", "custom-build-command", "build-reads-network"];
    made.found(".").into_iter().map(|(code, ..)| code).filter(|code| !always.contains(&code.as_str())).collect()
}

/// What nearc builds is never vouched for whole: its image is on no list, its command is its own, and it downloads.
#[test]
fn a_contract_in_python_is_rebuilt_with_doubts_at_best() {
    let made = python(&pyproject());
    let of = |code: &str, line| (code.to_owned(), Some("pyproject.toml".to_owned()), Some(line));
    let all = [of("unlisted-image", 7), of("custom-build-command", 8), of("build-reads-network", 8)];
    assert_eq!(made.found("."), all);
    assert_eq!(made.verdict(), "reproduced-unvetted");
    let (exit, answer) = made.lint(&[]);
    assert_eq!((exit, &answer["contracts"][0]["prediction"]["open"]), (3, &serde_json::json!(["build-reads-network"])));
    // It is told of its own tools.
    made.write("notes.txt", "");
    let (_, answer) = made.lint(&[]);
    for finding in answer["findings"].as_array().unwrap() {
        let fix = finding["fix"].as_str().unwrap();
        assert!(!fix.contains("cargo") && finding["why"] != FindingCode::TreeDirty.why(), "{finding:#}");
    }
}

/// One reader for the claim and for what is said of it: the gaps that are predicted are those of the claim that nearc itself made
/// (`testdata/nearc/record.py`), and what the claim says plainly is not held against it.
#[test]
fn what_is_predicted_is_what_the_claim_of_nearc_comes_to() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/nearc");
    let mut seen = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_none_or(|it| it != "json") {
            continue;
        }
        let recorded: Value = serde_json::from_slice(&std::fs::read(&entry).unwrap()).unwrap();
        let name = entry.file_stem().unwrap().to_str().unwrap().to_owned();
        let claim = recorded["claim"].as_str().map(|claim| ContractSourceMetadata::parse(claim.as_bytes()));
        let gaps: Vec<&str> = match claim {
            Some(Ok(claim)) => Recipe::from_metadata(&claim)
                .map_or_else(|gaps| gaps.iter().map(|gap| gap.code().code()).collect(), |_| Vec::new()),
            Some(Err(_)) | None => vec!["metadata-malformed"],
        };
        let made = Made::empty();
        match recorded["origin"].as_str() {
            Some(origin) => made.git(&["remote", "set-url", "origin", origin]),
            None => made.git(&["remote", "rename", "origin", "upstream"]),
        };
        made.write("pyproject.toml", recorded["pyproject"].as_str().unwrap());
        made.write("main.py", CONTRACT);
        made.push();
        let (exit, answer) = made.lint(&[]);
        let prediction = &answer["contracts"][0]["prediction"];
        let predicted: BTreeSet<&str> =
            prediction["gaps"].as_array().unwrap().iter().map(|gap| gap.as_str().unwrap()).collect();
        assert_eq!(predicted, gaps.iter().copied().collect(), "{name}: {answer:#}");
        let verdict = if gaps.is_empty() { "reproduced-unvetted" } else { "not-rebuildable" };
        assert_eq!(
            (prediction["verdict"].as_str(), exit == 1),
            (Some(verdict), !gaps.is_empty()),
            "{name}: {answer:#}"
        );
        seen.extend(gaps.iter().map(|gap| (*gap).to_owned()));
    }
    let all = [
        "build-command-missing",
        "image-missing",
        "image-not-pinned",
        "metadata-malformed",
        "source-missing",
        "source-needs-ssh",
    ];
    assert_eq!(seen, all.map(ToOwned::to_owned).into());
}

#[test]
fn what_is_wrong_with_the_table_is_found_where_it_is() {
    let text = pyproject();
    let apart = format!("@{DIGEST}\"\n");
    let stays = format!("\"\nimage_digest = \"{DIGEST}\"\n");
    for (from, to, code, line) in [
        ("[tool.near.reproducible_build]", "[tool.near.other]", "no-section", 2),
        (apart.as_str(), stays.as_str(), "no-digest", 7),
        (apart.as_str(), "@sha256:11\"\n", "image-malformed", 7),
        ("image = ", "images = ", "section-malformed", 6),
        ("[\"nearc\"]", "\"nearc\"", "section-malformed", 6),
        ("container_build_command = [\"nearc\"]\n", "", "command-missing", 6),
        ("[\"nearc\"]", "[\"nearc\", \"contract.py\"]", "python-entry-missing", 8),
        ("==1.0.0", ">=1.0", "python-dependencies-open", 4),
        ("==1.0.0", "==1.*", "python-dependencies-open", 4),
        ("==3.12.1", ">=3.12", "python-version-open", 3),
    ] {
        assert!(text.contains(from), "{from}");
        let made = python(&text.replacen(from, to, 1));
        let expected = (code.to_owned(), Some("pyproject.toml".to_owned()), Some(line));
        assert!(made.found(".").contains(&expected), "{code}: {:?}", made.found("."));
        assert_eq!(found(&made), [code], "{to}");
    }
}

/// nearc claims neither the file nor its folder.
#[test]
fn a_rebuild_has_to_find_the_contract_where_the_claim_has_it() {
    let made = python(&pyproject());
    made.git(&["mv", "main.py", "counter.py"]);
    made.push();
    assert_eq!(found(&made), ["python-entry-missing"]);
    assert_eq!(made.verdict(), "not-rebuilt");
    made.replace("pyproject.toml", "[\"nearc\"]", "[\"nearc\", \"counter.py\"]");
    made.push();
    assert_eq!(found(&made), [""; 0]);
    made.git(&["mv", "counter.py", "__init__.py"]);
    made.replace("pyproject.toml", "[\"nearc\", \"counter.py\"]", "[\"nearc\"]");
    made.push();
    assert_eq!(found(&made), [""; 0]);

    // nearc asks the `pyproject.toml` beside the contract, and there is none.
    made.write("src/counter.py", CONTRACT);
    made.replace("pyproject.toml", "[\"nearc\"]", "[\"nearc\", \"src/counter.py\"]");
    made.push();
    assert_eq!(found(&made), ["python-entry-missing"]);
    let (_, answer) = made.lint(&[]);
    let said = answer["findings"].to_string();
    assert!(said.contains("builds `src/counter.py`, and reads the `pyproject.toml` beside that"), "{said}");

    // In its container nearc has the folder of the contract alone: no git, and in the claim no folder.
    let made = Made::empty();
    made.write("contracts/a/pyproject.toml", pyproject());
    made.write("contracts/a/main.py", CONTRACT);
    made.push();
    assert_eq!(found(&made), ["no-repository", "python-entry-missing"]);
    assert_eq!(made.verdict(), "not-rebuildable");
    // A file of that name in the root is another contract.
    made.write("main.py", CONTRACT);
    made.push();
    let (_, answer) = made.lint(&[]);
    let said = answer["findings"].to_string();
    assert!(said.contains("in the root of the repository, where nearc builds `main.py`"), "{said}");
    // Who builds in the root says so.
    let table = format!(
        "[project]\nname = \"a\"\nrequires-python = \"==3.12.1\"\ndependencies = [\"near-sdk-py==1.0.0\"]\n\n\
         [tool.near.contract.build_info]\nbuild_environment = \"ghcr.io/r-near/nearc@{DIGEST}\"\n\
         build_command = [\"nearc\"]\ncontract_path = \"contracts/a\"\n"
    );
    made.write("contracts/a/pyproject.toml", table);
    made.push();
    assert_eq!(found(&made), [""; 0]);
    assert_eq!(made.verdict(), "reproduced-unvetted");
}

#[test]
fn a_claim_of_the_authors_own_is_not_judged_by_what_nearc_would_add() {
    let made = python(&pyproject().replace("[tool.near.reproducible_build]", "[tool.near.other]"));
    made.write("main.py", format!("{CONTRACT}\n@near.export\ndef contract_source_metadata():\n    pass\n"));
    made.push();
    // There is no section, and it is not known which file is built.
    assert_eq!(found(&made), ["no-section"]);
    let made = python(&pyproject().replace(&format!("@{DIGEST}"), ""));
    made.write("main.py", format!("{CONTRACT}\n@near.export\ndef contract_source_metadata():\n    pass\n"));
    made.push();
    assert_eq!(made.found("."), [("python-own-claim".to_owned(), Some("main.py".to_owned()), None)]);
    assert_eq!(made.verdict(), "reproduced-unvetted");
}

/// nearc claims the remote `origin` as it is spelled, which nobody can clone by ssh.
#[test]
fn a_remote_by_ssh_is_what_nearc_would_claim() {
    let made = python(&pyproject());
    made.git(&["remote", "add", "a", "git@github.com:example/other.git"]);
    assert_eq!(found(&made), [""; 0], "the first remote is not the claimed one");
    made.git(&["remote", "set-url", "origin", "git@github.com:example/app.git"]);
    let (_, answer) = made.lint(&[]);
    let finding =
        answer["findings"].as_array().unwrap().iter().find(|it| it["code"] == "repository-not-https").unwrap();
    assert!(finding["fix"].as_str().unwrap().contains("git remote set-url origin"), "{finding:#}");
    assert_eq!(made.verdict(), "not-rebuildable");
    made.git(&["remote", "set-url", "origin", REMOTE]);
    assert_eq!(made.verdict(), "reproduced-unvetted");
}

/// Its version is one that the project says, or the lock file that nearc installs by.
#[test]
fn what_is_installed_is_pinned_by_the_project_or_by_uv() {
    let black = |more: &str| python(&format!("{}\n[tool.black]\nline-length = 100\n{more}", pyproject()));
    assert_eq!(found(&black("")), ["python-formatter-open"]);
    for pinned in
        ["[dependency-groups]\ndev = [\"Black == 24.1.0\"]\n", "[project.optional-dependencies]\na = [\"black==24\"]\n"]
    {
        assert_eq!(found(&black(pinned)), [""; 0], "{pinned}");
    }
    let open = pyproject().replacen("==1.0.0", ">=1.0", 1);
    for (lock, codes) in [("uv.lock", &[][..]), ("poetry.lock", &["python-dependencies-open"])] {
        let made = python(&open);
        made.write(lock, "version = 1\n");
        made.push();
        assert_eq!(found(&made), codes, "{lock}");
    }
    // nearc reads no `requirements.txt`, unless the project has its dependencies from there.
    let made = python(&pyproject());
    made.write("requirements.txt", "# tools\npytest\n");
    made.push();
    assert_eq!(found(&made), [""; 0]);
    made.replace("pyproject.toml", "dependencies = [\"near-sdk-py==1.0.0\"]", "dynamic = [\"dependencies\"]");
    made.push();
    let open = ("python-dependencies-open".to_owned(), Some("requirements.txt".to_owned()), Some(2));
    assert!(made.found(".").contains(&open), "{:?}", made.found("."));
}
