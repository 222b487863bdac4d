//! Images in the registry on loopback that are the build image but for what a test needs: another platform, a volume, one
//! more file; and indexes of them.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::ground::Ground;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// Where the build image lies in the registry.
pub struct Registry {
    address: String,
    repository: String,
    manifest: Value,
    /// The digest of the build image's manifest.
    pub digest: String,
}

/// A manifest in the registry.
#[derive(Debug, Clone)]
pub struct Stored {
    /// `sha256:…`
    pub digest: String,
    /// How to ask an engine for it.
    pub reference: String,
    size: usize,
}

impl Registry {
    /// Of the ground's build image.
    ///
    /// # Errors
    /// When the registry does not hold it.
    pub fn open(ground: &Ground) -> Result<Registry> {
        let (name, digest) = ground.registry.image.split_once('@').context("the image is pinned by digest")?;
        let address = ground.registry.address.clone();
        let path = name.strip_prefix(&format!("{address}/")).context("the image lies in the registry")?;
        let repository = path.split(':').next().unwrap_or(path).to_owned();
        let mut registry = Registry { address, repository, manifest: Value::Null, digest: digest.to_owned() };
        registry.manifest = serde_json::from_slice(&registry.get(&format!("manifests/{digest}"))?)?;
        Ok(registry)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/v2/{}/{path}", self.address, self.repository)
    }

    fn get(&self, path: &str) -> Result<Vec<u8>> {
        let accept = format!("{MANIFEST}, application/vnd.oci.image.manifest.v1+json");
        let mut response = ureq::get(self.url(path)).header("accept", accept).call()?;
        Ok(response.body_mut().read_to_vec()?)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<String> {
        let digest = digest(bytes);
        let started = ureq::post(self.url("blobs/uploads/")).send_empty()?;
        let place = started.headers().get("location").context("an upload has a place")?.to_str()?.to_owned();
        let place = if place.starts_with('/') { format!("http://{}{place}", self.address) } else { place };
        let mark = if place.contains('?') { '&' } else { '?' };
        let put = ureq::put(format!("{place}{mark}digest={digest}")).content_type("application/octet-stream");
        ensure!(put.send(bytes)?.status() == 201, "the registry took no blob");
        Ok(digest)
    }

    fn put_manifest(&self, kind: &str, manifest: &Value) -> Result<Stored> {
        let bytes = serde_json::to_vec(manifest)?;
        let digest = digest(&bytes);
        let put = ureq::put(self.url(&format!("manifests/{digest}"))).content_type(kind);
        ensure!(put.send(&bytes[..])?.status() == 201, "the registry took no manifest");
        let reference = format!("{}/{}@{digest}", self.address, self.repository);
        Ok(Stored { digest, reference, size: bytes.len() })
    }

    /// The build image with its configuration edited and these files on top.
    ///
    /// # Errors
    /// When the registry does not play along.
    pub fn variant(&self, edit: impl FnOnce(&mut Value), files: &[(&str, &[u8])]) -> Result<Stored> {
        self.varied(edit, files, 0o644)
    }

    /// The build image with these programs on top.
    ///
    /// # Errors
    /// As [`Registry::variant`].
    pub fn variant_of_programs(&self, files: &[(&str, &[u8])]) -> Result<Stored> {
        self.varied(|_| {}, files, 0o755)
    }

    fn varied(&self, edit: impl FnOnce(&mut Value), files: &[(&str, &[u8])], mode: u32) -> Result<Stored> {
        let mut manifest = self.manifest.clone();
        let config = manifest.pointer("/config/digest").and_then(Value::as_str).context("a manifest has a config")?;
        let mut config: Value = serde_json::from_slice(&self.get(&format!("blobs/{config}"))?)?;
        edit(&mut config);
        if !files.is_empty() {
            let mut tar = tar::Builder::new(Vec::new());
            for (path, bytes) in files {
                let mut header = tar::Header::new_gnu();
                header.set_mode(mode);
                header.set_size(bytes.len() as u64);
                tar.append_data(&mut header, path, *bytes)?;
            }
            let tar = tar.into_inner()?;
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&tar)?;
            let layer = gzip.finish()?;
            let of = json!({"mediaType": LAYER, "size": layer.len(), "digest": self.put_blob(&layer)?});
            manifest["layers"].as_array_mut().context("a manifest has layers")?.push(of);
            let ids = config.pointer_mut("/rootfs/diff_ids").and_then(Value::as_array_mut);
            ids.context("a config has layers")?.push(digest(&tar).into());
            // One entry for each layer, or none at all.
            config.as_object_mut().context("a config is an object")?.remove("history");
        }
        let config = serde_json::to_vec(&config)?;
        manifest["config"]["size"] = config.len().into();
        manifest["config"]["digest"] = self.put_blob(&config)?.into();
        let kind = manifest["mediaType"].as_str().unwrap_or(MANIFEST).to_owned();
        self.put_manifest(&kind, &manifest)
    }

    /// The build image itself.
    ///
    /// # Errors
    /// As [`Registry::variant`].
    pub fn itself(&self) -> Result<Stored> {
        let size = self.get(&format!("manifests/{}", self.digest))?.len();
        let reference = format!("{}/{}@{}", self.address, self.repository, self.digest);
        Ok(Stored { digest: self.digest.clone(), reference, size })
    }

    /// An index of images by architecture.
    ///
    /// # Errors
    /// As [`Registry::variant`].
    pub fn index(&self, images: &[(&str, &Stored)]) -> Result<Stored> {
        let kind = self.manifest["mediaType"].as_str().unwrap_or(MANIFEST);
        let entry = |(architecture, image): &(&str, &Stored)| {
            let platform = json!({"os": "linux", "architecture": architecture});
            json!({"mediaType": kind, "digest": image.digest, "size": image.size, "platform": platform})
        };
        let entries: Vec<Value> = images.iter().map(entry).collect();
        self.put_manifest(INDEX, &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}))
    }
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
