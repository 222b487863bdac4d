//! `init`: what is written, what is kept, what is asked about.

use crate::desk::Desk;

const CRATE: &str = "# What this is\n[package]\nname = \"app\" # short\nrepository = \"https://github.com/you/app\"\n\
                     # More of the package\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n# The SDK\n[dependencies]\nnear-sdk = \"5\"\n";
const ACTION: &str = "you/provenear@0123456789012345678901234567890123456789";
const WORKFLOW: &str = ".github/workflows/provenear.yml";
const NEWEST: [&str; 2] = [
    "sourcescan/cargo-near:0.22.0-rust-1.97.1",
    "sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234",
];

fn section(desk: &Desk, manifest: &str) -> toml::Table {
    let table: toml::Table = toml::from_str(&desk.read(manifest)).unwrap();
    let mut item = toml::Value::Table(table);
    let keys: &[&str] =
        if manifest.ends_with("Cargo.toml") { &["package", "metadata", "near"] } else { &["tool", "near"] };
    for key in keys.iter().chain(&["reproducible_build"]) {
        item = item[*key].clone();
    }
    item.as_table().unwrap().clone()
}

fn image(desk: &Desk, manifest: &str) -> [String; 2] {
    let section = section(desk, manifest);
    ["image", "image_digest"].map(|key| section[key].as_str().unwrap().to_owned())
}

#[test]
fn a_crate_gets_what_it_needs_and_nothing_the_second_time() {
    let desk = Desk::new(&[("Cargo.toml", CRATE)]);
    desk.git("", &["init", "--quiet"]);
    let words =
        ["init", "--account", "app.near", "--account", "app.testnet", "--rebuilder", "https://r.example/manifests/"];
    let words = [&words[..], &["--action", ACTION]].concat();
    assert_eq!(desk.run(&words).done(), format!("changed Cargo.toml\ncreated {WORKFLOW}\n"));
    let written = desk.read("Cargo.toml");
    for line in CRATE.lines() {
        assert!(written.lines().any(|kept| kept == line), "{line} is not kept:\n{written}");
    }
    assert!(written.contains("repository = \"https://github.com/you/app\"\n# More of the package\n\n["), "{written}");
    assert_eq!(image(&desk, "Cargo.toml"), NEWEST);
    let section = section(&desk, "Cargo.toml");
    let command: Vec<&str> =
        section["container_build_command"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(command, ["cargo", "near", "build", "non-reproducible-wasm", "--locked"]);
    assert_eq!(section["passed_env"].as_array().map(Vec::len), Some(0));
    let ours = toml::from_str::<toml::Table>(&written).unwrap()["package"]["metadata"]["provenear"].clone();
    assert_eq!(ours["accounts"]["mainnet"][0].as_str(), Some("app.near"));
    assert_eq!(ours["accounts"]["testnet"][0].as_str(), Some("app.testnet"));
    assert_eq!(ours["rebuilders"][0].as_str(), Some("https://r.example/manifests/"));
    let workflow = desk.read(WORKFLOW);
    for part in ["release:", "permissions: {}", &ACTION[14..], "secrets.PROVENEAR_KEY", "[\".\"]"] {
        assert!(workflow.contains(part), "{part}: {workflow}");
    }
    assert!(!workflow.contains("ACTION_") && !workflow.contains("FOLDERS"), "{workflow}");
    let again = desk.run(&words);
    assert_eq!((again.done(), desk.read("Cargo.toml"), desk.read(WORKFLOW)), (String::new(), written, workflow));
    assert!(again.stderr().contains("nothing was written"), "{}", again.stderr());
}

#[test]
fn a_dry_run_is_a_patch_and_writes_nothing() {
    let windows = CRATE.replace('\n', "\r\n");
    for text in [CRATE, windows.as_str()] {
        let desk = Desk::new(&[("app/Cargo.toml", text)]);
        desk.git("", &["init", "--quiet"]);
        desk.commit("");
        let words = ["init", "app", "--action", ACTION, "--account", "app.near"];
        let patch = desk.run(&[&words[..], &["--dry-run"]].concat()).done();
        assert!(patch.starts_with("--- a/app/Cargo.toml\n+++ b/app/Cargo.toml\n@@ "), "{patch}");
        assert!(patch.contains(&format!("--- /dev/null\n+++ b/{WORKFLOW}\n")), "{patch}");
        assert!(desk.git("", &["status", "--porcelain", "--untracked-files=no"]).is_empty());
        assert!(!desk.path(WORKFLOW).exists());
        desk.run(&words).done();
        let written = [desk.read("app/Cargo.toml"), desk.read(WORKFLOW)];
        desk.git("", &["checkout", "--quiet", "app"]);
        std::fs::remove_file(desk.path(WORKFLOW)).unwrap();
        desk.write("patch", &patch);
        desk.git("", &["apply", "patch"]);
        assert_eq!([desk.read("app/Cargo.toml"), desk.read(WORKFLOW)], written);
    }
}

#[test]
fn what_is_there_is_replaced_only_by_consent() {
    let own = format!(
        "{CRATE}\n[package.metadata.near.reproducible_build]\nimage = \"you/image:1\" # ours\nimage_digest = \"sha256:{}\"\n\
         container_build_command = [\"make\"]\n",
        "1".repeat(64)
    );
    let desk = Desk::new(&[("Cargo.toml", &own)]);
    // Complete as it is.
    desk.run(&["init"]).done();
    assert_eq!(desk.read("Cargo.toml"), own);
    let other = format!("you/image:2@sha256:{}", "2".repeat(64));
    let asked = ["init", "--image", &other];
    desk.run(&asked).refused(&[
        "`image` in `Cargo.toml` is `\"you/image:1\" # ours`",
        "`you/image:2`",
        "--dry-run",
        "--yes",
    ]);
    assert_eq!(desk.read("Cargo.toml"), own);
    assert!(desk.run(&[&asked[..], &["--dry-run"]].concat()).done().contains("+image = \"you/image:2\" # ours\n"));
    desk.run(&[&asked[..], &["--yes"]].concat()).done();
    let written = desk.read("Cargo.toml");
    assert!(written.contains("image = \"you/image:2\" # ours\n") && written.contains("[\"make\"]"), "{written}");
    desk.run(&["init", "--image", "you/image:2"]).refused(&["--image", "not pinned"]);

    desk.run(&["init", "--action", ACTION]).done();
    desk.write(WORKFLOW, "# by hand\n");
    desk.run(&["init", "--action", ACTION]).refused(&[WORKFLOW, "--yes"]);
    assert_eq!(desk.read(WORKFLOW), "# by hand\n");
    // Who does not ask for a workflow does not ask for another one.
    desk.run(&["init"]).done();
    desk.run(&["init", "--action", ACTION, "--no-workflow"]).done();
    assert_eq!(desk.read(WORKFLOW), "# by hand\n");
    desk.run(&["init", "--action", "you/provenear@v1"]).refused(&["a whole commit id"]);
}

#[test]
fn a_tag_that_is_known_gets_its_digest() {
    let with = |tag: &str| {
        format!("{CRATE}\n[package.metadata.near.reproducible_build]\nimage = \"sourcescan/cargo-near:{tag}\"\n")
    };
    let desk = Desk::new(&[("Cargo.toml", &with("0.13.4-rust-1.85.0"))]);
    desk.run(&["init"]).done();
    let digest = "sha256:a9d8bee7b134856cc8baa142494a177f2ba9ecfededfcdd38f634e14cca8aae2";
    assert_eq!(image(&desk, "Cargo.toml"), ["sourcescan/cargo-near:0.13.4-rust-1.85.0", digest]);
    desk.write("Cargo.toml", with("latest"));
    desk.run(&["init"]).refused(&["sourcescan/cargo-near:latest", NEWEST[0]]);
    assert_eq!(desk.read("Cargo.toml"), with("latest"));
}

/// cargo-near refuses a newer Rust with an older near-sdk, and `lint` would say so of what was just written.
#[test]
fn the_image_suits_the_near_sdk_of_the_lock_file() {
    let lock = |sdk: &str| {
        format!(
            "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"near-sdk\",\n]\n\
             [[package]]\nname = \"near-sdk\"\nversion = \"{sdk}\"\nsource = \"registry+r\"\n"
        )
    };
    let workspace = "[workspace]\nmembers = [\"app\"]\n";
    for (sdk, rust) in [("5.26.1", "rust-1.86.0"), ("5.29.0", "rust-1.97.1")] {
        let desk = Desk::new(&[("Cargo.toml", workspace), ("app/Cargo.toml", CRATE), ("Cargo.lock", &lock(sdk))]);
        let ran = desk.run(&["init", "app"]);
        ran.done();
        let [name, digest] = image(&desk, "app/Cargo.toml");
        assert!(name.ends_with(rust) && digest.starts_with("sha256:"), "{sdk}: {name}");
        assert_eq!(ran.stderr().contains("near-sdk 5.26.1 of `Cargo.lock`"), sdk == "5.26.1", "{}", ran.stderr());
        let lint = desk.run(&["lint", "--json"]).stdout();
        assert!(!lint.contains("image-too-new") && lint.contains("no-git"), "{lint}");
    }
    let picky = CRATE.replace("repository", "rust-version = \"1.90\"\nrepository");
    let desk = Desk::new(&[("Cargo.toml", &picky), ("Cargo.lock", &lock("5.26.1"))]);
    let ran = desk.run(&["init"]);
    ran.done();
    assert!(ran.stderr().contains("no published image suits near-sdk 5.26.1"), "{}", ran.stderr());
}

#[test]
fn several_contracts_and_factories_are_asked_about() {
    let member = |name: &str, rest: &str| CRATE.replace("\"app\"", &format!("\"{name}\"")) + rest;
    let factory = member("factory", "[build-dependencies]\ncargo-near-build = \"0.11\"\n");
    let (product, vault) = (member("product", ""), member("vault", ""));
    let workspace = "[workspace]\nmembers = [\"factory\", \"product\", \"tools\"]\n";
    let desk = Desk::new(&[
        ("Cargo.toml", workspace),
        ("factory/Cargo.toml", &factory),
        ("product/Cargo.toml", &product),
        ("tools/Cargo.toml", "[package]\nname = \"tools\"\n"),
    ]);
    desk.run(&["init"]).refused(&["factory (its build script builds other contracts), product", "--package"]);
    desk.run(&["init", "factory"]).refused(&["builds other contracts", "`--package factory`"]);
    assert_eq!((desk.read("factory/Cargo.toml"), desk.read("product/Cargo.toml")), (factory, product.clone()));
    desk.run(&["init", "--package", "nothing"]).refused(&["there is no package `nothing`", "factory, product"]);
    assert_eq!(desk.run(&["init", "--package", "product"]).done(), "changed product/Cargo.toml\n");
    assert_eq!(image(&desk, "product/Cargo.toml"), NEWEST);

    desk.run(&["init", "--package", "factory", "--package", "product", "--account", "app.near"])
        .refused(&["one `--package`"]);
    let both = ["init", "--package", "factory", "--package", "product", "--action", ACTION];
    desk.run(&both).done();
    assert!(desk.read(WORKFLOW).contains("[\"factory\", \"product\"]"), "{}", desk.read(WORKFLOW));
    assert_eq!(desk.run(&both).done(), "");
    // One that is alone among other packages is meant.
    desk.write("Cargo.toml", "[workspace]\nmembers = [\"vault\", \"tools\"]\n");
    desk.write("vault/Cargo.toml", &vault);
    assert_eq!(desk.run(&["init"]).done(), "changed vault/Cargo.toml\n");
    assert_eq!(image(&desk, "vault/Cargo.toml"), NEWEST);
}

/// nearc claims `image` as it is, so that what is written there has the digest; `lint` finds nothing that breaks a rebuild.
#[test]
fn a_python_contract_names_its_image_itself() {
    let project = "# mine\n[project]\nname = \"app\"\n";
    let desk = Desk::new(&[("pyproject.toml", project), ("main.py", "import near\n")]);
    desk.run(&["init"]).refused(&["no image for Python contracts", "--image"]);
    let image = format!("ghcr.io/r-near/nearc:1@sha256:{}", "3".repeat(64));
    let ran = desk.run(&["init", "--image", &image, "--account", "app.near"]);
    ran.done();
    assert!(ran.stderr().contains("`nearc --reproducible` does not take it so"), "{}", ran.stderr());
    let written = desk.read("pyproject.toml");
    assert!(written.starts_with(project), "{written}");
    let section = section(&desk, "pyproject.toml");
    assert_eq!((section["image"].as_str(), section.get("image_digest")), (Some(image.as_str()), None));
    assert!(written.contains("[tool.provenear.accounts]\nmainnet = [\"app.near\"]\n"), "{written}");
    assert!(desk.run(&["init"]).stderr().contains("nothing was written"));
    desk.git("", &["init", "--quiet"]);
    desk.git("", &["remote", "add", "origin", "https://github.com/you/app.git"]);
    desk.commit("");
    desk.git("", &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    assert_eq!(desk.run(&["lint", "--json"]).exit(), 3, "{}", desk.run(&["lint"]).stdout());

    // As nearc writes it, which is asked about; and as it stands in a claim already.
    let apart = image.replacen('@', "\"\nimage_digest = \"", 1);
    desk.write("pyproject.toml", format!("{project}[tool.near.reproducible_build]\nimage = \"{apart}\"\n"));
    desk.run(&["init"]).refused(&["`image` in `pyproject.toml`", &image]);
    desk.run(&["init", "--yes"]).done();
    assert!(desk.read("pyproject.toml").contains(&format!("image = \"{image}\"\n")), "{}", desk.read("pyproject.toml"));
    let own = format!(
        "{project}[tool.near.contract.build_info]\nbuild_environment = \"{image}\"\nbuild_command = [\"nearc\"]\n"
    );
    desk.write("pyproject.toml", &own);
    desk.run(&["init"]).done();
    assert_eq!(desk.read("pyproject.toml"), own);
}

#[test]
fn what_cannot_be_meant_is_refused_and_nothing_is_written() {
    let rows: [(&str, &[&str], &str); 7] = [
        ("", &["init", "--account", "Not One"], "`Not One` is not an account id"),
        ("", &["init", "--account", "app.near", "--network", "a b"], "`a b` is not a chain id"),
        ("", &["init", "--rebuilder", "ed25519:no"], "neither a public key"),
        ("[package.metadata.provenear]\nacounts = 1\n", &["init"], "`acounts` is not known"),
        ("[package.metadata.near]\nreproducible_build = 1\n", &["init"], "is not a table"),
        (
            "[package.metadata.provenear.accounts]\nmainnet = [1]\n",
            &["init", "--account", "app.near"],
            "is not an account id",
        ),
        ("[[\n", &["init"], "this is not TOML"),
    ];
    for (more, words, said) in rows {
        let text = format!("{CRATE}{more}");
        let desk = Desk::new(&[("Cargo.toml", &text)]);
        desk.run(words).refused(&[said]);
        assert_eq!(desk.read("Cargo.toml"), text);
    }
    Desk::new(&[]).run(&["init"]).refused(&["neither a `Cargo.toml` nor a `pyproject.toml`"]);
    // What is not there or cannot be read is another matter, for each command that takes a tree.
    let desk = Desk::new(&[("Cargo.toml", CRATE)]);
    for words in [&["init", "none"][..], &["lint", "none"], &["verify", "--tree", "none"], &["probe", "none"]] {
        let ran = desk.run(words);
        assert_eq!(ran.exit(), 4, "{words:?}: {}", ran.stderr());
    }
    desk.write("Cargo.toml", b"\xff");
    desk.run(&["init"]).refused(&["not text in UTF-8"]);
}

#[test]
fn nothing_outside_of_the_repository_is_written() {
    use std::os::unix::fs::symlink;

    let desk = Desk::new(&[("outside/Cargo.toml", CRATE), ("a/Cargo.toml", CRATE)]);
    for folder in ["link", "member"] {
        std::fs::create_dir(desk.path(folder)).unwrap();
        desk.git(folder, &["init", "--quiet"]);
    }
    desk.git("a", &["init", "--quiet"]);
    symlink("../outside/Cargo.toml", desk.path("link/Cargo.toml")).unwrap();
    desk.write("member/Cargo.toml", "[workspace]\nmembers = [\"../outside\"]\n");
    std::fs::create_dir(desk.path("elsewhere")).unwrap();
    symlink("../elsewhere", desk.path("a/.github")).unwrap();
    for words in
        [&["init", "link", "--yes"][..], &["init", "member", "--yes"], &["init", "a", "--action", ACTION, "--yes"]]
    {
        let ran = desk.run(words);
        assert_eq!(ran.0.status.code(), Some(2), "{words:?}: {:?}", ran.0);
        assert!(String::from_utf8_lossy(&ran.0.stderr).contains("it leads to"), "{:?}", ran.0);
    }
    assert_eq!((desk.read("outside/Cargo.toml"), desk.read("a/Cargo.toml")), (CRATE.to_owned(), CRATE.to_owned()));
    assert_eq!(std::fs::read_dir(desk.path("elsewhere")).unwrap().count(), 0);
}
