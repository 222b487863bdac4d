//! How to build: what was typed, as values.

use std::path::{Path, PathBuf};

use provenear_shared::digest::Sha256Digest;

use crate::args::{self, NetworkAccess};
use crate::engine::{Image, Limits};
use crate::fetch::ImageNetwork;
use crate::look::question::policy;
use crate::network::transport::is_url;
use crate::network::url::{LocalSources, RepositoryUrl};
use crate::source::checkout::{self, Archived, Origin, Vouched};

/// How to build.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the commit is taken from.
    pub origin: Origin,
    /// An image in place of the claimed one.
    pub image: Option<String>,
    /// How far the command reaches.
    pub network_access: NetworkAccess,
    /// The images that the reader accepts.
    pub accepted_images: Vec<Sha256Digest>,
    /// Whether another's cargo may use the network too, where only that can fetch.
    pub other_images: ImageNetwork,
    /// What it may use.
    pub limits: Limits,
    /// Go on where the engine cannot enforce a limit.
    pub allow_unlimited: bool,
    /// Whether source on this machine or a private network may be fetched.
    pub local_sources: LocalSources,
    /// More certificate authorities, for git and the fetch alone.
    pub ca_file: Option<PathBuf>,
}

impl Options {
    /// Reads the options of a command line.
    ///
    /// # Errors
    /// As [`origin`], and for what is accepted and cannot be read.
    pub fn from_args(build: &args::Build, common: &args::Common) -> anyhow::Result<Options> {
        let inputs = &build.inputs;
        let local_sources =
            if common.accepted.allow_local_source { LocalSources::Allowed } else { LocalSources::Refused };
        let trusted = if inputs.trust_image_network { ImageNetwork::Trusted } else { ImageNetwork::Refused };
        let options = Options {
            origin: origin(inputs.source.as_deref(), local_sources)?,
            image: inputs.image.clone(),
            network_access: inputs.network_access,
            accepted_images: policy(common)?.images,
            other_images: trusted,
            limits: Limits::default(),
            allow_unlimited: false,
            local_sources,
            ca_file: common.place.ca_file.clone(),
        };
        Ok(options.within(&build.bounds))
    }

    /// The same within other bounds.
    pub fn within(self, bounds: &args::Bounds) -> Options {
        let usual = Limits::default();
        let limits = Limits {
            memory: bounds.memory,
            cpus: bounds.cpus.unwrap_or(usual.cpus),
            pids: bounds.pids,
            disk: bounds.disk,
            file_size: usual.file_size.min(bounds.disk),
            output: bounds.log_size,
            time: bounds.timeout,
            ..usual
        };
        Options { limits, allow_unlimited: bounds.allow_unlimited, ..self }
    }

    /// Whether the image's own programs may use the network during the fetch.
    pub fn network_of(&self, image: &Image) -> ImageNetwork {
        let is_accepted = image.pulled().is_some_and(|digest| self.accepted_images.contains(digest));
        if is_accepted { ImageNetwork::Accepted } else { self.other_images }
    }
}

/// Where the commit is taken from, by `--source`.
///
/// # Errors
/// For a URL that is not fetched from, and an archive that cannot be read.
pub fn origin(source: Option<&str>, local_sources: LocalSources) -> anyhow::Result<Origin> {
    Ok(match source {
        None => Origin::Claimed,
        Some(url) if is_url(url) => Origin::Url(RepositoryUrl::parse(url, local_sources)?),
        // Whether somebody vouches for it is seen once the subject was looked at.
        Some(file) if Path::new(file).is_file() => {
            let path = PathBuf::from(file);
            let (_, sha256) = checkout::read_archive(&path)?;
            Origin::Archive(Archived { path, sha256, vouched: Vouched::Nobody })
        }
        Some(folder) => Origin::Directory(PathBuf::from(folder)),
    })
}
