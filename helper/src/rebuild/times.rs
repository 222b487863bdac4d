//! How long rebuilds took on this machine, beside the cache: for estimates, and nothing is decided by it. What cannot be kept is not
//! known the next time, and that is all.

use std::path::{Path, PathBuf};

use provenear_shared::digest::Sha256Digest;

use crate::files::{self, Access, read_capped};

/// Longest text of a number.
const MAX_NUMBER: u64 = 64;

/// The folder.
#[derive(Debug, Clone)]
pub struct Times(PathBuf);

impl Times {
    /// Those of this user.
    ///
    /// # Errors
    /// When the user has no home.
    pub fn open() -> anyhow::Result<Times> {
        Ok(Times::at(files::cache_folder()?.join("times")))
    }

    /// Those in a folder.
    pub fn at(folder: PathBuf) -> Times {
        Times(folder)
    }

    /// Notes how long a rebuild took, by each of these names: its own, and that of rebuilds which are much like it.
    pub fn note(&self, names: &[Sha256Digest], seconds: f64) {
        for name in names {
            // The folder may be one that others share with us to be read.
            let _noted = files::write(&self.path(name), format!("{seconds:.1}").as_bytes(), Access::Public);
        }
    }

    /// How long it took the last time, by the first of these names that is known.
    pub fn recall(&self, names: &[Sha256Digest]) -> Option<f64> {
        names.iter().find_map(|name| read(&self.path(name)))
    }

    fn path(&self, name: &Sha256Digest) -> PathBuf {
        self.0.join(name.to_hex())
    }
}

fn read(path: &Path) -> Option<f64> {
    let text = String::from_utf8(read_capped(path, MAX_NUMBER).ok()?).ok()?;
    text.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuild_is_expected_to_take_what_it_or_one_like_it_took() {
        let folder = tempfile::tempdir().unwrap();
        let times = Times::at(folder.path().join("times"));
        let [one, other, kin] = [b"1", b"2", b"k"].map(|name| Sha256Digest::of(name));
        assert_eq!(times.recall(&[one, kin]), None);
        times.note(&[one, kin], 12.34);
        times.note(&[other, kin], 7.0);
        assert_eq!((times.recall(&[one, kin]), times.recall(&[Sha256Digest::of(b"3"), kin])), (Some(12.3), Some(7.0)));
        for text in ["", "NaN", "-1", "inf", "x"] {
            std::fs::write(times.path(&one), text).unwrap();
            assert_eq!(times.recall(&[one]), None, "{text}");
        }
    }
}
