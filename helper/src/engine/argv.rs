//! The engine's command lines, as lists. Pure: tested as lists, run elsewhere.

use provenear_shared::container;
pub use provenear_shared::container::{Inside, exec, remove};

use super::{Image, Kind, Limits};
use crate::command::Argv;
use crate::failure::{Code, fail};
use crate::owner::Owner;

/// The label by which the next run finds what a crashed one left.
pub const OWNER_LABEL: &str = "provenear.owner";
/// The label that names one rebuild.
pub const RUN_LABEL: &str = "provenear.run";

/// The engines to try for a choice: a name, a path of a program, or the address of a remote Docker.
///
/// # Errors
/// [`Code::Usage`] for a choice that is none of these.
pub fn candidates(choice: Option<&str>) -> anyhow::Result<Vec<(Kind, Argv)>> {
    let of = |kind: Kind| (kind, Argv::new([kind.as_str()]));
    Ok(match choice {
        None => vec![of(Kind::Docker), of(Kind::Podman)],
        Some("docker") => vec![of(Kind::Docker)],
        Some("podman") => vec![of(Kind::Podman)],
        Some(url) if ["ssh://", "tcp://", "unix://"].iter().any(|scheme| url.starts_with(scheme)) => {
            let words: &[&str] = if url.starts_with("tcp://") {
                &["docker", "--tlsverify", "--host", url]
            } else {
                &["docker", "--host", url]
            };
            vec![(Kind::Docker, Argv::new(words))]
        }
        Some(path) if path.contains('/') => {
            let kind =
                if path.rsplit('/').next().is_some_and(|n| n.contains("podman")) { Kind::Podman } else { Kind::Docker };
            // Commands are started in another folder than the one that it was typed in.
            vec![(kind, Argv::new([std::path::absolute(path)?]))]
        }
        Some(other) => {
            return fail(
                Code::Usage,
                format!("`{other}` is not an engine: name docker, podman, a path, ssh://… or tcp://…"),
            );
        }
    })
}

/// Asks the server for its version and architecture.
pub fn version(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Docker => vec!["version", "--format", "{{.Server.Version}} {{.Server.Arch}}"],
        Kind::Podman => vec!["info", "--format", "{{.Version.Version}} {{.Host.Arch}}"],
    }
}

/// Lists all containers that any helper made.
pub fn list_ours() -> Vec<String> {
    ["ps", "--all", "--quiet", "--no-trunc", "--filter"]
        .map(ToOwned::to_owned)
        .into_iter()
        .chain([format!("label={OWNER_LABEL}")])
        .collect()
}

/// Prints `<id> <owner>` for each.
pub fn owners(ids: &[String]) -> Vec<String> {
    let format = format!("{{{{.Id}}}} {{{{index .Config.Labels \"{OWNER_LABEL}\"}}}}");
    ["container", "inspect", "--format", &format]
        .map(ToOwned::to_owned)
        .into_iter()
        .chain(ids.iter().cloned())
        .collect()
}

/// What a container is made of.
#[derive(Debug, Clone)]
pub struct Create<'a> {
    /// Its name.
    pub name: &'a str,
    /// The rebuild that it belongs to.
    pub run: &'a str,
    /// The helper that it belongs to.
    pub owner: &'a Owner,
    /// The image.
    pub image: &'a Image,
    /// Whether it has any network.
    pub network: bool,
    /// What it may use.
    pub limits: &'a Limits,
    /// Variables that the engine's client must not add of its own (Docker's `proxies` setting does).
    pub without: &'a [&'a str],
    /// More options, for surroundings of its own.
    pub more: &'a [String],
}

/// Makes the container that [`container::create`] describes, labelled as this helper's.
pub fn create(kind: Kind, create: &Create<'_>) -> Vec<String> {
    let Create { name, run, owner, image, network, limits, without, more } = create;
    let labels = [format!("{RUN_LABEL}={run}"), format!("{OWNER_LABEL}={owner}")];
    let network = if *network { "bridge" } else { "none" };
    let (fences, user) = (limits.fences(), image.user());
    let create =
        container::Create { name, labels: &labels, image: &image.run, user: &user, network, fences: &fences, without };
    let mut words = container::create(kind, &create);
    // Behind `container create`.
    words.splice(2..2, more.iter().cloned());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Image {
        Image::for_tests("sourcescan/cargo-near@sha256:aa", "near")
    }

    #[test]
    fn a_container_gets_every_fence_and_no_mount() {
        let owner = Owner::parse("host.1.2").unwrap();
        let limits =
            Limits { memory: 1 << 30, cpus: 2.0, pids: 100, open_files: 4096, file_size: 1 << 20, ..Limits::default() };
        let image = image();
        let without: &[&str] = &["HTTP_PROXY"];
        let make = Create {
            name: "n",
            run: "r",
            owner: &owner,
            image: &image,
            network: false,
            limits: &limits,
            without,
            more: &[],
        };
        let words = create(Kind::Docker, &make).join(" ");
        assert_eq!(
            words,
            "container create --pull never --platform linux/amd64 --name n --label provenear.run=r --label \
             provenear.owner=host.1.2 --user 1000:1000 --workdir / --network none --cap-drop ALL --security-opt \
             no-new-privileges --memory 1073741824 --memory-swap 1073741824 --cpus 2 --pids-limit 100 --ulimit \
             nofile=4096:4096 --ulimit fsize=1048576:1048576 --ulimit core=0:0 --env HTTP_PROXY --entrypoint sleep \
             sourcescan/cargo-near@sha256:aa infinity"
        );
        let podman = create(Kind::Podman, &Create { network: true, ..make });
        for word in ["bridge", "nproc=100:100", "--http-proxy=false", "--stop-timeout=0"] {
            assert!(podman.iter().any(|w| w == word), "{word}");
        }
        for forbidden in ["--volume", "-v", "--mount", "--privileged", "--cap-add"] {
            assert!(!podman.iter().any(|w| w == forbidden));
        }
    }

    #[test]
    fn values_stay_one_word() {
        let env = [("NEP330_LINK".to_owned(), "a b; $(id) \n-v /:/host".to_owned())];
        let inside = Inside {
            workdir: "/home/near/code/",
            env: &env,
            passed: &["HTTPS_PROXY"],
            stdin: false,
            user: "1000:1000",
        };
        let words = exec("c", &inside, &["/bin/bash".into(), "-c".into(), "cargo near build".into()]);
        assert_eq!(
            words,
            [
                "exec",
                "--user",
                "1000:1000",
                "--workdir",
                "/home/near/code/",
                "--env",
                "NEP330_LINK=a b; $(id) \n-v /:/host",
                "--env",
                "HTTPS_PROXY",
                "c",
                "/bin/bash",
                "-c",
                "cargo near build"
            ]
        );
    }

    #[test]
    fn engines_are_chosen_by_name_path_or_address() {
        assert_eq!(candidates(None).unwrap().len(), 2);
        assert_eq!(candidates(Some("/opt/podman")).unwrap()[0].0, Kind::Podman);
        assert_eq!(candidates(Some("ssh://h")).unwrap()[0].1, Argv::new(["docker", "--host", "ssh://h"]));
        assert_eq!(
            candidates(Some("tcp://h:1")).unwrap()[0].1,
            Argv::new(["docker", "--tlsverify", "--host", "tcp://h:1"])
        );
        assert!(candidates(Some("rkt")).is_err());
    }
}
