//! Checkouts of repositories made on the spot, honest and hostile, read as a local source.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::failure::code_of;
use crate::network::url::LocalSources;

pub(in crate::source) struct Made {
    directory: tempfile::TempDir,
}

impl Made {
    pub(in crate::source) fn new() -> Made {
        let made = Made::at(tempfile::tempdir().unwrap());
        made.git(&["init", "-q", "-b", "main"]);
        made
    }

    pub(in crate::source) fn at(directory: tempfile::TempDir) -> Made {
        Made { directory }
    }

    pub(in crate::source) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(in crate::source) fn git(&self, words: &[&str]) -> String {
        let out = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"])
            .args(words)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .current_dir(self.path())
            .output()
            .unwrap();
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    pub(in crate::source) fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(in crate::source) fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "c"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(in crate::source) fn checkout(&self, commit: &str) -> anyhow::Result<(Checkout, tempfile::TempDir)> {
        let url = RepositoryUrl::parse("http://127.0.0.1:9/none.git", LocalSources::Allowed).unwrap();
        let origin = Origin::Directory(self.path().to_path_buf());
        let wanted = Wanted { url: &url, commit, origin: &origin, limits: Limits::default(), ca_file: None };
        let directory = tempfile::tempdir().unwrap();
        let got = checkout(&wanted, directory.path())?;
        Ok((got, directory))
    }
}

fn names(checkout: &Checkout) -> Vec<(String, u32, u64)> {
    let mut tar = tar::Archive::new(std::fs::File::open(&checkout.archive).unwrap());
    tar.entries()
        .unwrap()
        .map(|e| {
            let e = e.unwrap();
            let name = e.path().unwrap().to_string_lossy().into_owned();
            (name, e.header().mode().unwrap(), e.header().mtime().unwrap())
        })
        .collect()
}

#[test]
fn the_archive_is_the_same_every_time_and_holds_only_the_commit() {
    let made = Made::new();
    made.write("b/script.sh", "#!/bin/sh\n");
    made.write("Cargo.lock", "version = 3\n");
    made.write(&format!("long/{}/x", "n".repeat(150)), "x");
    std::os::unix::fs::symlink("../a", made.path().join("b/link")).unwrap();
    made.git(&["add", "-A"]);
    made.git(&["update-index", "--chmod=+x", "b/script.sh"]);
    made.git(&["commit", "-q", "-m", "c"]);
    let commit = made.git(&["rev-parse", "HEAD"]);
    made.write("untracked", "no");
    let (one, _keep) = made.checkout(&commit).unwrap();
    let (two, _keep) = made.checkout(&commit).unwrap();
    assert_eq!(one.archive_sha256, two.archive_sha256);
    let names = names(&one);
    let time = archive::MODIFIED;
    // In every time zone after 1980, before which a zip file has no time.
    assert!(time > 315_532_800 + 86_400 && names.iter().all(|(_, _, mtime)| *mtime == time));
    assert!(names.contains(&("b/script.sh".into(), 0o755, time)), "{names:?}");
    assert!(names.contains(&("Cargo.lock".into(), 0o644, time)));
    assert!(!names.iter().any(|(n, _, _)| n == "untracked"));
    assert_eq!(one.facts.kept["Cargo.lock"], "version = 3\n");
    assert!(one.facts.links.iter().eq(["b/link"]));
    assert_eq!(one.git_tree.as_deref(), Some(made.git(&["rev-parse", "HEAD^{tree}"]).as_str()));
    assert!(one.reference.is_none() && one.reference_error.is_some());
}

/// What a build that asks git about itself is told: the commit, clean, the claimed URL, and nothing that the claim does not decide.
#[test]
fn the_dot_git_holds_the_commit_and_its_url_and_nothing_else() {
    let inner = Made::new();
    inner.write("lib.rs", "inner");
    inner.commit();
    let made = Made::new();
    made.write("a", "old");
    made.commit();
    made.git(&["tag", "v1"]);
    made.write("a", "new");
    made.write("b/c", "c");
    std::os::unix::fs::symlink("b/c", made.path().join("link")).unwrap();
    made.git(&["submodule", "add", "-q", "--name", "lib", inner.path().to_str().unwrap(), "deps/lib"]);
    made.git(&["config", "-f", ".gitmodules", "submodule.lib.url", "https://h.example/lib.git"]);
    let commit = made.commit();
    let (got, _keep) = made.checkout(&commit).unwrap();
    let there = Made { directory: tempfile::tempdir().unwrap() };
    for tar in [&got.archive, got.dot_git.as_ref().unwrap()] {
        tar::Archive::new(std::fs::File::open(tar).unwrap()).unpack(there.path()).unwrap();
    }
    assert_eq!(there.git(&["rev-parse", "HEAD"]), commit);
    assert_eq!(there.git(&["status", "--porcelain"]), "");
    assert_eq!(there.git(&["describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"]), commit);
    assert_eq!(there.git(&["rev-list", "--count", "HEAD"]), "1");
    assert_eq!(there.git(&["log", "-1", "--format=%an %s"]), "t c");
    for words in [&["for-each-ref"][..], &["fsck", "--full"], &["stash", "list"]] {
        assert_eq!(there.git(words), "", "{words:?}");
    }
    let inside = there.git(&["-C", "deps/lib", "rev-parse", "HEAD"]);
    assert_eq!(inside, inner.git(&["rev-parse", "HEAD"]));
    // As nearc asks for it; not where the objects were found.
    assert_eq!(there.git(&["config", "--get", "remote.origin.url"]), "http://127.0.0.1:9/none.git");
    let core = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n";
    let config = |folder: &str| std::fs::read_to_string(there.path().join(folder).join(".git/config")).unwrap();
    assert_eq!(config(""), format!("{core}[remote \"origin\"]\n\turl = \"http://127.0.0.1:9/none.git\"\n"));
    assert_eq!(config("deps/lib"), core);
    let (again, _keep) = made.checkout(&commit).unwrap();
    let read = |checkout: &Checkout| std::fs::read(checkout.dot_git.as_ref().unwrap()).unwrap();
    assert!(read(&got) == read(&again));
}

#[test]
fn hooks_filters_attributes_and_configuration_of_the_repository_run_nothing() {
    let made = Made::new();
    let canary = made.path().join("canary");
    let touch = format!("touch {}", canary.display());
    made.write("a.txt", "$Id$ $Format:%H$ text\n");
    made.write(".gitattributes", "*.txt filter=evil ident export-subst eol=crlf\nsecret.txt export-ignore\n");
    made.write("secret.txt", "kept");
    let commit = made.commit();
    for (key, value) in [
        ("filter.evil.smudge", touch.as_str()),
        ("filter.evil.process", touch.as_str()),
        ("core.fsmonitor", touch.as_str()),
        ("uploadpack.packObjectsHook", touch.as_str()),
        ("core.sshCommand", touch.as_str()),
        ("core.alternateRefsCommand", touch.as_str()),
    ] {
        made.git(&["config", key, value]);
    }
    for hook in ["post-checkout", "reference-transaction", "post-index-change"] {
        let path = made.path().join(".git/hooks").join(hook);
        std::fs::write(&path, format!("#!/bin/sh\n{touch}\n")).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let (got, _keep) = made.checkout(&commit).unwrap();
    assert!(!canary.exists());
    let mut tar = tar::Archive::new(std::fs::File::open(&got.archive).unwrap());
    let mut texts = std::collections::BTreeMap::new();
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        texts.insert(entry.path().unwrap().to_string_lossy().into_owned(), text);
    }
    let id = made.git(&["rev-parse", "HEAD:a.txt"]);
    assert_eq!(texts["a.txt"], format!("$Id: {id} $ $Format:%H$ text\r\n"));
    assert_eq!(texts["secret.txt"], "kept");
    assert!(got.facts.converts_elsewhere);
}

#[test]
fn submodules_come_in_from_the_repository_on_this_machine() {
    let inner = Made::new();
    inner.write("lib.rs", "inner");
    inner.commit();
    let made = Made::new();
    made.git(&["submodule", "add", "-q", "--name", "lib", inner.path().to_str().unwrap(), "deps/lib"]);
    made.git(&["config", "-f", ".gitmodules", "submodule.lib.url", "https://h.example/lib.git"]);
    let commit = made.commit();
    let (got, _keep) = made.checkout(&commit).unwrap();
    assert!(names(&got).iter().any(|(n, _, _)| n == "deps/lib/lib.rs"));
    assert_eq!(got.facts.submodules, ["deps/lib"]);
}

/// A clone with its submodules, whatever their addresses are, and with submodules of its submodules.
#[test]
fn an_address_that_need_not_be_asked_is_not_refused() {
    for url in
        ["git@h.example:lib.git", "ssh://git@h.example:2222/lib.git", "file:///etc", "../../../../lib", "lib", ""]
    {
        let deep = Made::new();
        deep.write("deep.rs", "deep");
        deep.commit();
        let inner = Made::new();
        inner.write("lib.rs", "inner");
        inner.git(&["submodule", "add", "-q", "--name", "deep", deep.path().to_str().unwrap(), "deep"]);
        inner.commit();
        let made = Made::new();
        made.git(&["submodule", "add", "-q", "--name", "lib", inner.path().to_str().unwrap(), "lib"]);
        made.git(&["submodule", "update", "-q", "--init", "--recursive"]);
        made.git(&["config", "-f", ".gitmodules", "submodule.lib.url", url]);
        let commit = made.commit();
        let (got, _keep) = made.checkout(&commit).unwrap_or_else(|error| panic!("{url}: {error:#}"));
        let names: Vec<String> = names(&got).into_iter().map(|(name, _, _)| name).collect();
        for file in ["lib/lib.rs", "lib/deep/deep.rs"] {
            assert!(names.iter().any(|name| name == file), "{url}: {names:?}");
        }
        assert!(got.facts.fetched_elsewhere.is_empty(), "{url}");
    }
}

#[test]
fn submodules_that_would_have_to_be_fetched_by_ssh_or_file_are_refused_with_what_to_do() {
    for url in ["ssh://git@h.example:2222/lib.git", "git@127.0.0.1:lib.git", "file:///etc", "ext::sh -c id", "/etc"] {
        let inner = Made::new();
        inner.write("lib.rs", "inner");
        inner.commit();
        let made = Made::new();
        made.git(&["submodule", "add", "-q", "--name", "lib", inner.path().to_str().unwrap(), "lib"]);
        made.git(&["config", "-f", ".gitmodules", "submodule.lib.url", url]);
        let commit = made.commit();
        std::fs::remove_dir_all(made.path().join(".git/modules")).unwrap();
        let error = made.checkout(&commit).unwrap_err();
        assert_eq!(code_of(&error), Code::SourceRefused, "{url}: {error:#}");
        let said = format!("{error:#}");
        assert!(said.contains("the submodule `lib`") && said.contains("`--source DIR`"), "{url}: {said}");
    }
}

#[test]
fn a_commit_that_does_not_exist_is_not_found() {
    let made = Made::new();
    made.write("a", "a");
    made.commit();
    for commit in ["0123456789012345678901234567890123456789", "main", "--help", ""] {
        assert_eq!(code_of(&made.checkout(commit).unwrap_err()), Code::CommitNotFound, "{commit}");
    }
}

/// As in a partial clone, or one that was copied in part.
#[test]
fn a_missing_object_is_named() {
    let lose = |object: &str| {
        let made = Made::new();
        made.write("a/b", "content");
        std::os::unix::fs::symlink("a/b", made.path().join("link")).unwrap();
        let commit = made.commit();
        let id = made.git(&["rev-parse", object]);
        std::fs::remove_file(made.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
        let error = made.checkout(&commit).unwrap_err();
        assert!(format!("{error:#}").contains(&id), "{object}: {error:#}");
        code_of(&error)
    };
    for (object, code) in [
        ("HEAD:a/b", Code::CommitNotFound),
        ("HEAD:link", Code::CommitNotFound),
        ("HEAD:a", Code::SourceRefused),
        ("HEAD^{tree}", Code::CommitNotFound),
    ] {
        assert_eq!(lose(object), code, "{object}");
    }
}

#[test]
fn wrappers_prebuilt_modules_and_toolchain_files_are_noticed() {
    let made = Made::new();
    made.write(".cargo/config.toml", "[build]\nrustc-wrapper = \"./evil\"\n");
    made.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.85.0\"\n");
    std::fs::write(made.path().join("pre.bin"), b"\0asm\x01\0\0\0").unwrap();
    let commit = made.commit();
    let (got, _keep) = made.checkout(&commit).unwrap();
    assert_eq!(got.facts.kept[".cargo/config.toml"], "[build]\nrustc-wrapper = \"./evil\"\n");
    assert_eq!(got.facts.wasm, ["pre.bin"]);
    assert_eq!(got.facts.toolchain_file("a/b"), Some("[toolchain]\nchannel = \"1.85.0\"\n"));
    assert_eq!(Facts::default().toolchain_file("a"), None);
}

#[test]
fn build_output_and_modules_are_noticed_whatever_they_are_called() {
    let look = |path: &str, content: &[u8]| {
        let mut facts = Facts::default();
        let read = facts.look(path.as_bytes(), content.len() as u64, &mut &content[..]).unwrap();
        assert!(content.starts_with(&read));
        (facts.wasm.len(), facts.build_output.len())
    };
    for path in ["blob.rs", "a/Cargo.toml", "rust-toolchain", ".cargo/config", "x"] {
        assert_eq!(look(path, b"\0asm\x01\0\0\0 and more"), (1, 0), "{path}");
        assert_eq!(look(path, b"!<arch>\n and more"), (0, 1), "{path}");
        assert_eq!(look(path, b"!<arc"), (0, 0), "{path}");
    }
    for path in ["target/release/.fingerprint/a-1/lib-a", "x/.fingerprint/y.rs", "t/incremental/s/dep-graph.bin"] {
        assert_eq!(look(path, b"0123456789abcdef"), (0, 1), "{path}");
        let mut facts = Facts::default();
        facts.link(path.as_bytes());
        assert_eq!(facts.build_output, [path]);
    }
    assert_eq!(look("src/fingerprint/mod.rs", b"fn a() {}"), (0, 0));
    let mut long = Facts::default();
    long.look(b"build.rs", 2 << 20, &mut &b"fn main() {}"[..]).unwrap();
    assert!(long.rust["build.rs"].as_build_script && long.rust["build.rs"].nested);
}
