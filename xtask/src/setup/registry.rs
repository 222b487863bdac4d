//! An OCI registry on loopback. Its storage lies in the cache, so an image that was once made is pulled from there
//! by whichever engine, with the same digest.

use super::cache;
use super::engine::Engine;
use crate::run;
use crate::service::Service;
use anyhow::{Context, Result};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Where it listens. Fixed, because image references are made of it.
pub(crate) const ADDRESS: &str = "127.0.0.1:5097";

/// Starts the registry unless one listens there already: Debian's, else the published image of one.
///
/// # Errors
/// When neither can be had.
pub(crate) fn start(engine: &Engine) -> Result<Option<Service>> {
    if listens() {
        return Ok(None);
    }
    let storage = cache::root().join("registry");
    std::fs::create_dir_all(&storage)?;
    let argv = match run::found("docker-registry") {
        Some(program) => {
            let config = cache::root().join("registry.yml");
            let folder = storage.display();
            let text = format!(
                "version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: '{folder}'}}}}\nhttp: {{addr: '{ADDRESS}'}}\n"
            );
            run::write(&config, text)?;
            vec![
                program.to_string_lossy().into_owned(),
                "serve".into(),
                config.to_string_lossy().into_owned(),
            ]
        }
        None => {
            let mut argv = vec![engine.program.to_string_lossy().into_owned()];
            argv.extend(["run", "--rm", "--publish"].map(String::from));
            argv.push(format!("{ADDRESS}:5000"));
            argv.extend([
                "--volume".into(),
                format!("{}:/var/lib/registry", storage.display()),
                "registry:2".into(),
            ]);
            argv
        }
    };
    run::say(format!("starting an OCI registry on {ADDRESS}"));
    Service::start("registry", &argv, Duration::from_secs(60), listens)
        .map(Some)
        .context("no OCI registry on loopback")
}

fn listens() -> bool {
    let address: SocketAddr = ADDRESS.parse().expect("an address");
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}
