//! A registry on loopback for images of a test's own. It serves what it holds byte for byte, so that engines find every
//! digest right; and once an image was pulled, it can answer about a digest with something else.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::http::{Reply, Request, Response, Server};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// The registry; it ends when this is dropped.
pub struct LyingRegistry {
    server: Option<Server>,
    port: u16,
    shelf: Arc<Mutex<Shelf>>,
}

/// Something that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// `sha256:…`
    pub digest: String,
    size: usize,
    kind: &'static str,
}

/// A layer: what an image is made of, and what its configuration says that it is made of.
#[derive(Debug, Clone)]
pub struct Layer {
    blob: Held,
    /// The digest of the tar itself.
    diff_id: String,
}

#[derive(Default)]
struct Shelf {
    held: BTreeMap<String, (&'static str, Vec<u8>)>,
    lies: BTreeMap<String, Vec<u8>>,
    was_pulled: bool,
    asked: usize,
}

impl LyingRegistry {
    /// Starts it, empty and honest.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> io::Result<LyingRegistry> {
        let shelf = Arc::<Mutex<Shelf>>::default();
        let asked = shelf.clone();
        let server = Server::start(0, move |request| lock(&asked).answer(&request))?;
        let port = server.port();
        Ok(LyingRegistry { server: Some(server), port, shelf })
    }

    /// Ends it. What engines have pulled, they have.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// How an engine is asked for a digest in a repository of this registry.
    pub fn reference(&self, repository: &str, digest: &str) -> String {
        format!("127.0.0.1:{}/{repository}@{digest}", self.port)
    }

    /// A layer of this tar.
    ///
    /// # Errors
    /// When it cannot be compressed.
    pub fn layer(&self, tar: &[u8]) -> io::Result<Layer> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(tar)?;
        Ok(Layer { blob: self.hold(LAYER, gzip.finish()?), diff_id: digest(tar) })
    }

    /// A configuration that says of itself to be made of these layers, and is like that of no other registry.
    pub fn config(&self, layers: &[&Layer]) -> Held {
        let diff_ids: Vec<&str> = layers.iter().map(|layer| layer.diff_id.as_str()).collect();
        let config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "config": {"Env": ["PATH=/bin", "HOME=/home/near"], "Labels": {"port": self.port.to_string()}}});
        self.hold(CONFIG, config.to_string().into_bytes())
    }

    /// An image of a configuration and layers that need not be those that it speaks of.
    pub fn image(&self, config: &Held, layers: &[&Layer]) -> Held {
        let layers: Vec<Value> = layers.iter().map(|layer| layer.blob.descriptor()).collect();
        let manifest =
            json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config.descriptor(), "layers": layers});
        self.hold(MANIFEST, manifest.to_string().into_bytes())
    }

    /// An index of images for linux/amd64, each with the variant of the architecture that it is said to be for.
    pub fn index(&self, images: &[(Option<&str>, &Held)]) -> Held {
        self.hold(INDEX, index(images).to_string().into_bytes())
    }

    /// From the next pull on it answers about `digest` with an index that names `image` alone.
    pub fn lie_by_index(&self, digest: &str, image: &Held) {
        self.shelf().lies.insert(digest.to_owned(), index(&[(None, image)]).to_string().into_bytes());
    }

    /// From the next pull on it answers about `image` with a manifest that names another configuration.
    pub fn lie_by_config(&self, image: &Held, config: &Held) {
        let lie = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config.descriptor(), "layers": []});
        self.shelf().lies.insert(image.digest.clone(), lie.to_string().into_bytes());
    }

    /// Its port, which stands as the label `port` in every configuration.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often it was asked for anything.
    pub fn asked(&self) -> usize {
        self.shelf().asked
    }

    fn hold(&self, kind: &'static str, bytes: Vec<u8>) -> Held {
        let held = Held { digest: digest(&bytes), size: bytes.len(), kind };
        self.shelf().held.insert(held.digest.clone(), (kind, bytes));
        held
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        lock(&self.shelf)
    }
}

impl Held {
    fn descriptor(&self) -> Value {
        json!({"mediaType": self.kind, "digest": self.digest, "size": self.size})
    }
}

impl Shelf {
    fn answer(&mut self, request: &Request) -> Reply {
        self.asked += 1;
        let asked = request.path.rsplit('/').next().unwrap_or_default();
        if asked.is_empty() || asked == "v2" {
            return Response::new(200, "application/json", "{}").into();
        }
        let lie = self.lies.get(asked).filter(|_| self.was_pulled && request.path.contains("/manifests/"));
        let Some((kind, bytes)) = self.held.get(asked) else {
            return Response::new(404, "application/json", "{}").into();
        };
        // An engine asks for the configuration when it has believed the manifest.
        self.was_pulled |= *kind == CONFIG;
        let kind = if lie.is_some_and(|lie| lie.windows(9).any(|part| part == b"manifests")) { INDEX } else { kind };
        let bytes = lie.unwrap_or(bytes).clone();
        Response::new(200, kind, bytes).with("docker-content-digest", asked).into()
    }
}

fn index(images: &[(Option<&str>, &Held)]) -> Value {
    let entry = |(variant, image): &(Option<&str>, &Held)| {
        let mut entry = image.descriptor();
        entry["platform"] = json!({"os": "linux", "architecture": "amd64"});
        if let Some(variant) = variant {
            entry["platform"]["variant"] = (*variant).into();
        }
        entry
    };
    let entries: Vec<Value> = images.iter().map(entry).collect();
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
}

fn lock(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
