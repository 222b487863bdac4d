//! The git server hands out commits as real hosts do, with the limits and tricks that it is told.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use provenear_tests::git_server::{GitServer, Wants};

fn git(folder: &Path, args: &[&str]) -> Output {
    Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .unwrap()
}

fn text(folder: &Path, args: &[&str]) -> String {
    let output = git(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A bare repository with two commits on `main`, and one commit that no ref reaches.
struct Repository {
    folder: tempfile::TempDir,
    first: String,
    tip: String,
    orphan: String,
}

impl Repository {
    fn make() -> Repository {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        text(at, &["init", "--bare", "app.git"]);
        let bare = at.join("app.git");
        let tree = text(&bare, &["hash-object", "-t", "tree", "-w", "/dev/null"]);
        let first = text(&bare, &["commit-tree", &tree, "-m", "first"]);
        let tip = text(&bare, &["commit-tree", &tree, "-p", &first, "-m", "second"]);
        let orphan = text(&bare, &["commit-tree", &tree, "-p", &first, "-m", "from a fork"]);
        text(&bare, &["update-ref", "refs/heads/main", &tip]);
        Repository { folder, first, tip, orphan }
    }

    fn serve(&self) -> GitServer {
        GitServer::start(self.folder.path(), 0).unwrap()
    }
}

/// Fetches one commit into a new repository.
fn fetch(server: &GitServer, commit: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    text(folder.path(), &["init"]);
    let output = git(folder.path(), &["fetch", "--depth=1", &format!("{}/app.git", server.url()), commit]);
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[test]
fn limits_what_may_be_wanted() {
    let repository = Repository::make();
    let server = repository.serve();
    let Repository { first, tip, orphan, .. } = &repository;
    for (wants, open) in
        [(Wants::Any, vec![tip, first, orphan]), (Wants::Reachable, vec![tip, first]), (Wants::Tips, vec![tip])]
    {
        server.set_wants(wants);
        for commit in [tip, first, orphan] {
            let got = fetch(&server, commit);
            assert_eq!(got.is_ok(), open.contains(&commit), "{wants:?} {commit}: {got:?}");
        }
        assert!(fetch(&server, "0123456789abcdef0123456789abcdef01234567").is_err());
    }
}

#[test]
fn lists_refs() {
    let repository = Repository::make();
    let server = repository.serve();
    let listed = text(repository.folder.path(), &["ls-remote", &format!("{}/app.git", server.url())]);
    assert_eq!(listed, format!("{0}\tHEAD\n{0}\trefs/heads/main", repository.tip));
    assert!(!git(repository.folder.path(), &["ls-remote", &format!("{}/no.git", server.url())]).status.success());
}

#[test]
fn changes_between_look_up_and_fetch() {
    let repository = Repository::make();
    let server = repository.serve();
    let (bare, first) = (repository.folder.path().join("app.git"), repository.first.clone());
    let ran = Arc::new(AtomicBool::new(false));
    let it_ran = ran.clone();
    server.before_fetch(move || {
        text(&bare, &["update-ref", "refs/heads/main", &first]);
        it_ran.store(true, Ordering::SeqCst);
    });
    text(repository.folder.path(), &["ls-remote", &format!("{}/app.git", server.url())]);
    assert!(!ran.load(Ordering::SeqCst), "a look-up is not a fetch");
    fetch(&server, &repository.tip).unwrap();
    assert!(ran.load(Ordering::SeqCst));
    assert_eq!(text(&repository.folder.path().join("app.git"), &["rev-parse", "main"]), repository.first);
}

#[test]
fn asks_for_credentials() {
    let repository = Repository::make();
    let server = repository.serve();
    server.set_credentials(Some(("reader", "secret")));
    assert!(fetch(&server, &repository.tip).unwrap_err().contains("could not read Username"));
    let url = server.url().replace("http://", "http://reader:secret@");
    let listed = text(repository.folder.path(), &["ls-remote", &format!("{url}/app.git")]);
    assert!(listed.contains(&repository.tip));
}

#[test]
fn redirects_to_another_host() {
    let repository = Repository::make();
    let (server, other) = (repository.serve(), repository.serve());
    server.set_redirect(Some(&other.url()));
    fetch(&server, &repository.tip).unwrap();
    assert!(!other.requests().is_empty());
    let strict = ["-c", "http.followRedirects=false", "ls-remote", &format!("{}/app.git", server.url())];
    assert!(!git(repository.folder.path(), &strict).status.success());
}
