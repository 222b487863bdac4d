//! An OCI registry on loopback. Its storage lies in the cache, so an image that was once made is pulled from there
//! by whichever engine, with the same digest.

use super::cache;
use super::engine::Engine;
use crate::run;
use crate::service::Service;
use anyhow::Context;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Where it listens. Fixed, because image references are made of it.
pub(crate) const ADDRESS: &str = "127.0.0.1:5097";

/// Starts the registry unless one listens there already: Debian's, else the published image of one.
///
/// # Errors
/// When neither can be had.
pub(crate) fn start(engine: &Engine) -> anyhow::Result<Option<Service>> {
    if listens() {
        return Ok(None);
    }
    let storage = cache::root().join("registry");
    std::fs::create_dir_all(&storage)?;
    let argv = match run::find_program("docker-registry") {
        Some(program) => {
            let config = cache::root().join("registry.yml");
            let folder = storage.display();
            let text = format!(
                "version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: '{folder}'}}}}\nhttp: {{addr: '{ADDRESS}'}}\n"
            );
            run::write(&config, text)?;
            vec![program.to_string_lossy().into_owned(), "serve".into(), config.to_string_lossy().into_owned()]
        }
        None => {
            let mut argv = vec![engine.program.to_string_lossy().into_owned()];
            argv.extend(["run", "--rm", "--publish"].map(String::from));
            argv.push(format!("{ADDRESS}:5000"));
            argv.extend(["--volume".into(), format!("{}:/var/lib/registry", storage.display()), "registry:2".into()]);
            argv
        }
    };
    run::say(format!("starting an OCI registry on {ADDRESS}"));
    Service::start("registry", &argv, Duration::from_secs(60), listens).map(Some).context("no OCI registry on loopback")
}

/// The digest of `repository:tag` there, if it holds it.
pub(crate) fn digest(repository: &str, tag: &str) -> Option<String> {
    let mut stream = connect().ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let kinds = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json";
    write!(stream, "HEAD /v2/{repository}/manifests/{tag} HTTP/1.0\r\nHost: {ADDRESS}\r\nAccept: {kinds}\r\n\r\n")
        .ok()?;
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let status = lines.next()?;
    if status.split(' ').nth(1)? != "200" {
        return None;
    }
    let mut headers = lines
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())));
    headers.find(|(name, _)| name == "docker-content-digest").map(|(_, digest)| digest)
}

fn listens() -> bool {
    connect().is_ok()
}

fn connect() -> io::Result<TcpStream> {
    let address: SocketAddr = ADDRESS.parse().expect("an address");
    TcpStream::connect_timeout(&address, Duration::from_secs(1))
}
