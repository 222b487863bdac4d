//! The surroundings of each build: the usual ones, and the same with one factor changed. Pure: lists and values, tested as such.
//! Not here: running anything, or asking a container whether it took the change (`check`).

use provenear_shared::container::NetworkAccess;
use provenear_shared::report::Factor;

use super::clock::BACK;
use super::tools::Tools;
use crate::engine::{Image, Kind};
use crate::rebuild::job::Surroundings;

/// The usual permissions that new files lack.
const UMASK: &str = "0022";
/// The usual name of the machine. Engines give each container another one.
const HOST_NAME: &str = "provenear";
/// What stands in the place of each usual value.
const OTHER_UMASK: &str = "0077";
const OTHER_HOST_NAME: &str = "elsewhere";
const OTHER_USER: u32 = 4242;
const OTHER_ZONE: &str = "<+1245>-12:45";
const OTHER_LOCALE: &str = "tr_TR.UTF-8";
const UNRELATED: (&str, &str) = ("PROVENEAR_PROBE", "unrelated");
/// The home of an image that sets none (NEP-330).
const HOME: &str = "/home/near";
/// Which processors a container may use that has only one.
const ONE_CPU: &str = "0";

/// How one build is made.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The image, with its user.
    pub image: Image,
    /// The command line in the container.
    pub command: Vec<String>,
    /// Its environment on top of the image's.
    pub env: Vec<(String, String)>,
    /// Where it runs.
    pub surroundings: Surroundings,
    /// Whether the source is written in another order.
    pub reordered: bool,
    /// What was changed, for a person; empty where nothing was.
    pub change: String,
    /// Texts that only a build with this change can know.
    pub marks: Vec<String>,
}

impl Setting {
    /// With nothing changed. `joined` is the build command as one line of a shell.
    pub fn usual(image: &Image, joined: &str, env: &[(String, String)]) -> Setting {
        let mut surroundings = Surroundings::usual(image, NetworkAccess::Fetch);
        surroundings.more = ["--hostname", HOST_NAME].map(ToOwned::to_owned).to_vec();
        Setting {
            image: image.clone(),
            command: command(UMASK, joined),
            env: env.to_vec(),
            surroundings,
            reordered: false,
            change: String::new(),
            marks: Vec::new(),
        }
    }

    /// The same with one factor changed.
    ///
    /// # Errors
    /// Why it cannot be changed here.
    pub fn with(&self, factor: Factor, joined: &str, tools: &Tools) -> Result<Setting, String> {
        let mut it = self.clone();
        match factor {
            Factor::Again => "nothing: a second clean build".clone_into(&mut it.change),
            Factor::Clock => {
                let library = tools.clock.clone()?;
                // For every program, without a variable that a build could see.
                it.surroundings.files =
                    vec![("/etc/provenear-clock.so".to_owned(), library), preload("/etc/provenear-clock.so")];
                it.change = format!("{} days back", BACK / 86_400);
            }
            Factor::Cpus => {
                if tools.cpus < 2.0 {
                    return Err("the usual build has one processor already; give it two".to_owned());
                }
                it.more(["--cpuset-cpus", ONE_CPU]);
                it.change = format!("{} to 1", tools.cpus);
            }
            Factor::HostName => {
                it.surroundings.more = ["--hostname", OTHER_HOST_NAME].map(ToOwned::to_owned).to_vec();
                it.says(HOST_NAME, OTHER_HOST_NAME);
            }
            Factor::FileOrder => {
                let (user, group) = self.image.user_ids();
                let mount = &self.surroundings.mount;
                let owner = match tools.kind {
                    Kind::Docker => format!("uid={user},gid={group}"),
                    Kind::Podman => "U".to_owned(),
                };
                it.more(["--tmpfs", &format!("{mount}:rw,exec,mode=0755,{owner}")]);
                it.reordered = true;
                "files written in another order, on another file system".clone_into(&mut it.change);
            }
            Factor::User => {
                let other = format!("{OTHER_USER}:{OTHER_USER}");
                it.image = self.image.with_user(&other);
                // rustup writes beside its toolchains even where it has nothing to install.
                it.surroundings.folders.push(match self.variable("RUSTUP_HOME") {
                    Some(rustup_home) => rustup_home.to_owned(),
                    None => format!("{}/.rustup", self.variable("HOME").unwrap_or(HOME)),
                });
                it.says(&self.image.user(), &other);
                it.marks = vec![OTHER_USER.to_string()];
            }
            Factor::Umask => {
                it.command = command(OTHER_UMASK, joined);
                it.change = format!("{UMASK} to {OTHER_UMASK}, and files of the source to match");
            }
            Factor::Environment => {
                let (name, value) = UNRELATED;
                it.set(name, value);
                it.change = format!("`{name}={value}`");
                it.marks = vec![name.to_owned()];
            }
            Factor::Network => {
                it.surroundings.network = true;
                "off to on".clone_into(&mut it.change);
            }
            Factor::TimeZone => {
                it.set("TZ", OTHER_ZONE);
                it.says(self.variable("TZ").unwrap_or("none set"), OTHER_ZONE);
            }
            Factor::Locale => {
                for name in ["LANG", "LC_ALL"] {
                    it.set(name, OTHER_LOCALE);
                }
                it.says(self.variable("LC_ALL").or(self.variable("LANG")).unwrap_or("none set"), OTHER_LOCALE);
            }
            Factor::Home => {
                let home = self.variable("HOME").unwrap_or(HOME).to_owned();
                let other = other_path(&home);
                // What is found below the home by default stays where it is.
                for (name, below) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
                    if self.variable(name).is_none() {
                        it.set(name, &format!("{home}/{below}"));
                    }
                }
                it.set("HOME", &other);
                it.surroundings.folders.push(other.clone());
                it.says(&home, &other);
            }
            Factor::CargoHome => {
                let other = other_path(&self.surroundings.cargo_home);
                it.set("CARGO_HOME", &other);
                it.surroundings.cargo_home = other.clone();
                it.says(&self.surroundings.cargo_home, &other);
            }
            Factor::BuildPath => {
                let other = other_path(&self.surroundings.mount);
                it.surroundings.mount = other.clone();
                it.says(&self.surroundings.mount, &other);
            }
        }
        Ok(it)
    }

    fn more<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) {
        self.surroundings.more.extend(words.into_iter().map(ToOwned::to_owned));
    }

    fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    fn says(&mut self, before: &str, after: &str) {
        self.change = format!("`{before}` to `{after}`");
        self.marks = vec![after.to_owned()];
    }

    /// What the build sees of a variable.
    fn variable(&self, name: &str) -> Option<&str> {
        let own = self.env.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        own.or_else(|| self.image.variable(name)).filter(|value| !value.is_empty())
    }
}

/// The claimed way of running the command, below a shell that says which permissions new files lack.
fn command(umask: &str, joined: &str) -> Vec<String> {
    let script = format!("umask {umask} && exec \"$@\"");
    ["/bin/bash", "-c", &script, "probe", "/bin/bash", "-c", joined].map(ToOwned::to_owned).to_vec()
}

fn preload(library: &str) -> (String, Vec<u8>) {
    ("/etc/ld.so.preload".to_owned(), format!("{library}\n").into_bytes())
}

/// A path beside another one, just as long: then whatever else differs is not for its length.
fn other_path(path: &str) -> String {
    let (above, name) = path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", path));
    let turned: String = match name.strip_prefix('.') {
        Some(hidden) => std::iter::once('.').chain(hidden.chars().rev()).collect(),
        None => name.chars().rev().collect(),
    };
    if turned == name { format!("{above}/{name}2") } else { format!("{above}/{turned}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Setting {
        let mut image = Image::for_tests("x", "1000:1000");
        image.env = [("HOME", "/home/near"), ("CARGO_HOME", "/home/near/.cargo"), ("PATH", "/bin")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        Setting::usual(&image, "make", &[("NEP330_LINK".to_owned(), "l".to_owned())])
    }

    fn tools() -> Tools {
        Tools { kind: Kind::Docker, clock: Ok(b"library".to_vec()), cpus: 2.0 }
    }

    /// All that a build can see of its setting, by name.
    fn parts(it: &Setting) -> Vec<(&'static str, String)> {
        let Surroundings { mount, cargo_home, folders, files, network, more } = &it.surroundings;
        vec![
            ("user", it.image.user()),
            ("command", format!("{:?}", it.command)),
            ("env", format!("{:?}", it.env)),
            ("mount", mount.clone()),
            ("cargo home", cargo_home.clone()),
            ("folders", format!("{folders:?}")),
            ("files", format!("{files:?}")),
            ("network", network.to_string()),
            ("more", format!("{more:?}")),
            ("order", it.reordered.to_string()),
        ]
    }

    #[test]
    fn each_factor_changes_what_it_names_and_nothing_else() {
        let usual = usual();
        let expected: &[(Factor, &[&str])] = &[
            (Factor::Again, &[]),
            (Factor::Clock, &["files"]),
            (Factor::Cpus, &["more"]),
            (Factor::HostName, &["more"]),
            (Factor::FileOrder, &["more", "order"]),
            (Factor::User, &["user", "folders"]),
            (Factor::Umask, &["command"]),
            (Factor::Environment, &["env"]),
            (Factor::Network, &["network"]),
            (Factor::TimeZone, &["env"]),
            (Factor::Locale, &["env"]),
            (Factor::Home, &["env", "folders"]),
            (Factor::CargoHome, &["env", "cargo home"]),
            (Factor::BuildPath, &["mount"]),
        ];
        assert_eq!(expected.iter().map(|(factor, _)| *factor).collect::<Vec<_>>(), Factor::ALL);
        for (factor, changed) in expected {
            let other = usual.with(*factor, "make", &tools()).unwrap();
            let differing: Vec<&str> = parts(&usual)
                .into_iter()
                .zip(parts(&other))
                .filter(|(before, after)| before != after)
                .map(|((name, _), _)| name)
                .collect();
            assert_eq!(&differing, changed, "{factor:?}");
            assert!(!other.change.is_empty());
        }
    }

    #[test]
    fn what_cannot_be_changed_says_why() {
        let tools = Tools { kind: Kind::Docker, clock: Err("no compiler".to_owned()), cpus: 1.0 };
        assert_eq!(usual().with(Factor::Clock, "make", &tools).unwrap_err(), "no compiler");
        assert!(usual().with(Factor::Cpus, "make", &tools).unwrap_err().contains("one processor"));
    }

    #[test]
    fn another_path_is_as_long_and_beside() {
        assert_eq!(other_path("/home/near/code"), "/home/near/edoc");
        assert_eq!(other_path("/home/near/.cargo"), "/home/near/.ograc");
        assert_eq!(other_path("/root"), "/toor");
        assert_eq!(other_path("/a/bob/"), "/a/bob2");
    }

    #[test]
    fn a_home_that_holds_cargo_by_default_leaves_it_where_it_is() {
        let mut image = Image::for_tests("x", "1000:1000");
        image.env = vec![("HOME".to_owned(), "/home/me".to_owned())];
        let other = Setting::usual(&image, "make", &[]).with(Factor::Home, "make", &tools()).unwrap();
        let of = |name: &str| other.variable(name).unwrap().to_owned();
        assert_eq!(
            [of("HOME"), of("CARGO_HOME"), of("RUSTUP_HOME")],
            ["/home/em", "/home/me/.cargo", "/home/me/.rustup"]
        );
    }
}
