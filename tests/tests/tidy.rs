//! The laws of ARCHITECTURE.md that a reader of text can keep: room sizes, I/O in `shared`, who may judge, which way
//! dependencies point, what the page may load, where documents point. The compiler keeps the others.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use provenear_shared::chain::StepState;
use provenear_shared::verdict::VerdictCode;

const MOST_LINES: usize = 400;
/// The crates of the page.
const WEB: [&str; 7] = ["web", "web/browser", "web/later", "web/page", "web/protocol", "web/ui", "web/workers"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace").to_owned()
}

/// Files that git tracks or would track, below `folder`, with this ending.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", folder])
        .current_dir(root())
        .output()
        .expect("git lists files");
    assert!(listing.status.success(), "git ls-files failed");
    let names = String::from_utf8(listing.stdout).expect("paths are UTF-8");
    let found: Vec<(String, String)> = names
        .split('\0')
        .filter(|name| name.ends_with(ending) && root().join(name).is_file())
        .map(|name| (name.to_owned(), fs::read_to_string(root().join(name)).expect("source is UTF-8")))
        .collect();
    assert!(!found.is_empty(), "no `{ending}` below `{folder}`: this test looks in the wrong place");
    found
}

/// Source without comments and without its unit tests, so that words in prose do not count.
fn code_of(text: &str) -> String {
    let body = text.split("#[cfg(test)]").next().unwrap_or(text);
    body.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn offenders<'a>(files: &'a [(String, String)], words: &[&str]) -> Vec<(&'a str, String)> {
    let mut found = Vec::new();
    for (name, text) in files {
        let code = code_of(text);
        found.extend(words.iter().filter(|word| code.contains(**word)).map(|word| (name.as_str(), (*word).to_owned())));
    }
    found
}

#[test]
fn rooms_are_small_and_say_what_they_are_for() {
    let outside = |name: &str| name.starts_with("tests/testdata/");
    let rooms: Vec<_> = files(".", ".rs").into_iter().filter(|(name, _)| !outside(name)).collect();
    let large: Vec<_> =
        rooms.iter().filter(|(_, text)| text.lines().count() > MOST_LINES).map(|(name, _)| name).collect();
    assert!(large.is_empty(), "more than {MOST_LINES} lines: {large:?}");
    let silent: Vec<_> = rooms.iter().filter(|(_, text)| !text.starts_with("//!")).map(|(name, _)| name).collect();
    assert!(silent.is_empty(), "no `//!` on the first line: {silent:?}");
}

#[test]
fn shared_does_no_io() {
    let words = [
        "std::fs",
        "std::process",
        "std::env",
        "std::thread",
        "std::io::stdin",
        "std::io::stdout",
        "TcpStream",
        "UdpSocket",
        "SystemTime",
        "Instant::",
        "println!",
        "eprintln!",
        "print!(",
        "getrandom",
        "rand::",
        "tokio",
        "web_sys",
        "js_sys",
        "wasm_bindgen",
        "async_std",
    ];
    assert_eq!(offenders(&files("shared/src", ".rs"), &words), []);
}

#[test]
fn only_the_judge_judges() {
    let calls_decide: Vec<String> = files(".", ".rs")
        .into_iter()
        .filter(|(name, text)| !name.starts_with("tests/") && code_of(text).contains("decide("))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(calls_decide, ["shared/src/inspection/inspect.rs", "shared/src/verdict/decide.rs"]);
    for (file, item) in [
        ("shared/src/verdict.rs", "pub enum Verdict {"),
        ("shared/src/manifest/attestation.rs", "pub struct Attestation {"),
    ] {
        let text = fs::read_to_string(root().join(file)).expect("the room exists");
        let before = text.split(item).next().expect("split gives a first part");
        assert_ne!(before.len(), text.len(), "`{item}` is not in {file}");
        let derive = before.rsplit("#[derive(").next().expect("split gives a last part");
        assert!(!derive.contains("Deserialize"), "{item} can be deserialized");
        assert!(!text.contains(&format!("Deserialize<'de> for {}", item.split(' ').nth(2).unwrap_or_default())));
    }
    let verdict = fs::read_to_string(root().join("shared/src/verdict.rs")).expect("the judge exists");
    let body =
        verdict.split("pub enum Verdict {").nth(1).and_then(|rest| rest.split("\n}\n").next()).expect("its body");
    let variants = body
        .lines()
        .filter(|line| line.starts_with("    ") && line.trim_start().starts_with(char::is_uppercase))
        .count();
    assert_eq!(body.matches("#[non_exhaustive]").count(), variants, "a variant can be made outside `shared`");
}

#[test]
fn page_and_helper_ask_the_facade() {
    let words = ["verdict::decide", "manifest::open(", "deployment::fetch", "Evidence {"];
    assert_eq!(offenders(&files("web", ".rs"), &words), []);
    assert_eq!(offenders(&files("helper/src", ".rs"), &words), []);
}

#[test]
fn dependencies_point_one_way() {
    let manifest = |path: &str| fs::read_to_string(root().join(path)).expect("a Cargo.toml");
    let names = |path: &str, others: &[&str]| others.iter().filter(|other| manifest(path).contains(**other)).count();
    assert_eq!(names("shared/Cargo.toml", &["provenear-helper", "provenear-web", "provenear-tests"]), 0);
    for member in WEB {
        assert_eq!(names(&format!("{member}/Cargo.toml"), &["provenear-helper", "provenear-tests"]), 0, "{member}");
    }
    // What draws has nothing that could judge, and only Workers have; the floors are those of ARCHITECTURE.
    let floors = ["protocol", "browser", "ui", "page", "later", "workers"];
    let below = |floor: &str| match floor {
        "ui" => vec!["protocol", "browser"],
        "page" | "later" => vec!["protocol", "browser", "ui"],
        "workers" => vec!["protocol", "browser"],
        _ => vec![],
    };
    for floor in floors {
        let manifest = manifest(&format!("web/{floor}/Cargo.toml"));
        for other in floors.iter().filter(|other| **other != floor && !below(floor).contains(*other)) {
            assert!(!manifest.contains(&format!("provenear-web-{other}")), "{floor} is built on {other}");
        }
        let plain = manifest.contains("provenear-shared = { path = \"../../shared\", default-features = false }");
        assert_eq!(plain, floor != "workers", "{floor}: only Workers have the pipeline");
    }
    assert_eq!(names("helper/Cargo.toml", &["provenear-web", "provenear-tests"]), 0);
    for member in ["shared", "helper", "tests", "tests/oracles", "xtask"].into_iter().chain(WEB) {
        assert!(
            manifest(&format!("{member}/Cargo.toml")).contains("[lints]\nworkspace = true"),
            "{member} leaves the shared lints"
        );
    }
    assert!(manifest("Cargo.toml").contains("unsafe_code = \"forbid\""));
}

/// Each room imports from those before it alone.
#[test]
fn the_rooms_of_the_helper_stand_on_one_another() {
    let rooms = [
        "failure",
        "interrupt",
        "deadline",
        "proxies",
        "redact",
        "progress",
        "version",
        "command",
        "owner",
        "files",
        "edit",
        "signer",
        "network",
        "engine",
        "source",
        "project",
        "fetch",
        "args",
        "look",
        "rebuild",
        "lint",
        "probe",
        "cmd",
    ];
    let floor =
        |room: &str| rooms.iter().position(|it| *it == room).unwrap_or_else(|| panic!("`{room}` is not a room"));
    for (name, text) in files("helper/src", ".rs") {
        let room = name["helper/src/".len()..].split(['/', '.']).next().expect("a name");
        if ["lib", "main"].contains(&room) {
            continue;
        }
        for imported in code_of(&text).split("crate::").skip(1) {
            let imported =
                imported.split(|it: char| !it.is_ascii_lowercase() && it != '_').next().expect("a first part");
            assert!(floor(imported) <= floor(room), "{name} imports `{imported}`");
        }
    }
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let mut sources = files("web", ".rs");
    sources.push(("index.html".to_owned(), fs::read_to_string(root().join("index.html")).expect("index.html")));
    sources.extend(files("web", ".css"));
    for (name, text) in &sources {
        for mark in [
            "src=\"http",
            "src=\"//",
            "@import",
            "url(http",
            "url(//",
            "serviceWorker",
            "service_worker",
            "?trust",
            "&trust",
            "analytics",
        ] {
            assert!(!text.contains(mark), "{name} holds `{mark}`");
        }
    }
    let page = &sources.iter().find(|(name, _)| name == "index.html").expect("pushed above").1;
    assert!(page.contains("Content-Security-Policy"), "index.html has no Content-Security-Policy");
    for sheet in
        page.match_indices("<link").map(|(at, _)| &page[at..page[at..].find('>').map_or(page.len(), |end| at + end)])
    {
        assert!(!sheet.contains("href=\"http"), "index.html links to elsewhere: {sheet}");
    }
}

/// The classes of a banner and of a step are codes.
#[test]
fn the_style_sheet_names_codes_as_they_are_declared() {
    let sheet = fs::read_to_string(root().join("web/style.css")).expect("the style sheet exists");
    let classes = |of: &str| -> Vec<String> {
        let name = |rest: &str| rest.chars().take_while(|it| it.is_ascii_lowercase() || *it == '-').collect();
        sheet.split(of).skip(1).map(name).collect()
    };
    let (banners, steps) = (classes(".banner."), classes(".step."));
    assert!(banners.len() > 5 && steps.len() > 2, "this test reads it wrongly: {banners:?} {steps:?}");
    // What is there before an answer, and in its place.
    let is_banner =
        |class: &String| VerdictCode::parse(class).is_some() || ["loading", "error"].contains(&class.as_str());
    let unknown: Vec<_> = banners.iter().filter(|class| !is_banner(class)).collect();
    assert!(unknown.is_empty(), "{unknown:?} are no verdicts");
    let unknown: Vec<_> = steps.iter().filter(|class| StepState::parse(class).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?} are no states of a step");
}

/// The table of lies promises a check and a test in each row.
#[test]
fn every_lie_in_security_has_a_check_and_a_test_that_exist() {
    let text = fs::read_to_string(root().join("SECURITY.md")).expect("the threat model exists");
    let table =
        text.split("\n| who | the lie |").nth(1).expect("the table of lies").split("\n\n").next().unwrap_or_default();
    let rows: Vec<Vec<&str>> =
        table.lines().skip(2).map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect();
    assert!(rows.len() >= 30, "the table of lies has {} rows: this test reads it wrongly", rows.len());
    let tests: String = files("tests", ".rs")
        .into_iter()
        .chain(files("helper/src", ".rs"))
        .chain(files("shared/src", ".rs"))
        .map(|(_, text)| text)
        .collect();
    let vectors = files("tests/testdata/vectors", ".txt");
    let is_test = |name: &str| {
        tests.contains(&format!("fn {name}("))
            || vectors.iter().any(|(path, _)| path.ends_with(&format!("/{name}.txt")))
    };
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    for row in &rows {
        let [_, lie, _, check, test] = row.as_slice() else { panic!("not five cells: {row:?}") };
        if *check == "nothing" {
            assert_eq!(*test, "none", "{lie}");
            continue;
        }
        let (paths, names) = (quoted(check), quoted(test));
        assert!(!paths.is_empty() && !names.is_empty(), "no check or no test: {lie}");
        for path in paths {
            assert!(root().join(&path).exists(), "`{path}` does not exist: {lie}");
        }
        let missing: Vec<_> = names.iter().filter(|name| !is_test(name)).collect();
        assert!(missing.is_empty(), "{missing:?} do not exist: {lie}");
    }
}

/// Of what is released, `cargo xtask test deny` says so as well; this is about what only tests and set-up use, too.
#[test]
fn every_package_comes_from_crates_io() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the workspace has a lock file");
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    let mut others = sources.filter(|source| *source != "\"registry+https://github.com/rust-lang/crates.io-index\"");
    assert_eq!(others.next(), None);
}

#[test]
fn nothing_is_left_unfinished() {
    let own = "tests/tests/tidy.rs";
    let words = ["todo!(", "unimplemented!(", "#[ignore", "FIXME", "TODO", "XXX"];
    let found: Vec<(String, String)> = files(".", ".rs").into_iter().filter(|(name, _)| name != own).collect();
    let marks: Vec<_> = found
        .iter()
        .flat_map(|(name, text)| words.iter().filter(|word| text.contains(**word)).map(move |word| (name, *word)))
        .collect();
    assert!(marks.is_empty(), "{marks:?}");
}

/// The headings of a document, as they are written.
fn headings(document: &str) -> Vec<String> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in document.lines() {
        in_code ^= line.trim_start().starts_with("```");
        let text = line.trim_start_matches('#');
        if !in_code && text.len() < line.len() && text.starts_with(' ') {
            found.push(text.trim().to_owned());
        }
    }
    found
}

/// The anchors that forges give the headings of a document; of equal ones, all but the first are numbered.
fn anchors(document: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for heading in headings(document) {
        let kept = heading.to_lowercase().replace(' ', "-");
        let plain: String = kept.chars().filter(|it| it.is_alphanumeric() || ['-', '_'].contains(it)).collect();
        let numbered = (0..).map(|at| if at == 0 { plain.clone() } else { format!("{plain}-{at}") });
        let free = numbered.into_iter().find(|anchor| !found.contains(anchor)).expect("numbers do not end");
        found.push(free);
    }
    found
}

/// A document and one of its headings, written `docs/file.md §Heading`, is how code and documents point into documents.
#[test]
fn every_section_that_is_pointed_to_exists() {
    let own = "tests/tests/tidy.rs";
    let mut texts = files(".", ".md");
    for ending in [".rs", ".js", ".css", ".html", ".toml", ".sh", ".py"] {
        texts.extend(files(".", ending));
    }
    let mut wrong = Vec::new();
    for (name, text) in texts.iter().filter(|(name, _)| name != own) {
        for (at, _) in text.match_indices('§') {
            let is_path = |it: char| it.is_ascii_alphanumeric() || "/._-".contains(it);
            let document = text[..at].trim_end().trim_end_matches('`').rsplit(|it| !is_path(it)).next();
            let found = document.and_then(|path| texts.iter().find(|(known, _)| Some(known.as_str()) == Some(path)));
            let pointed = text[at..].trim_start_matches('§').trim_start();
            if !found.is_some_and(|(_, document)| headings(document).iter().any(|it| pointed.starts_with(it.as_str())))
            {
                wrong.push(format!(
                    "{name}: {} §{}",
                    document.unwrap_or_default(),
                    pointed.lines().next().unwrap_or("")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "no such document or heading:\n{}", wrong.join("\n"));
}

/// Links of documents to files and headings of this repository lead there.
#[test]
fn every_relative_link_leads_somewhere() {
    let documents = files(".", ".md");
    let is_elsewhere = |target: &str| target.contains("://") || target.starts_with("mailto:");
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (name, text) in &documents {
        let prose: String = text.split("```").step_by(2).collect();
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        for target in targets.filter(|target| !is_elsewhere(target)) {
            seen += 1;
            let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
            let here = root().join(name);
            let meant = if path.is_empty() { here.clone() } else { here.parent().expect("a folder").join(path) };
            let exists = meant.exists() && meant.canonicalize().is_ok_and(|it| it.starts_with(root()));
            let has = |anchor: &str| {
                fs::read_to_string(&meant).is_ok_and(|it| anchors(&it).iter().any(|known| known == anchor))
            };
            if !exists || anchor.is_some_and(|anchor| !has(anchor)) {
                wrong.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(seen > 3, "this test reads links wrongly: it found {seen}");
    assert!(wrong.is_empty(), "these lead nowhere:\n{}", wrong.join("\n"));
}
