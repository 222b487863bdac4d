//! What was built already, kept between runs: a folder for each tree, image and command, with one file for each factor that is
//! done, written whole. A probe that was stopped goes on where it was.

use std::path::{Path, PathBuf};

use provenear_shared::digest::Sha256Digest;
use provenear_shared::report::{Factor, FactorReport};
use serde::{Deserialize, Serialize};

use crate::engine::artifact::MAX_ARTIFACT;
use crate::files::{self, Access, read_capped};

/// Which way of changing things the kept results are of.
const FORM: &str = "provenear-probe-1";
/// Bytes of a kept file that is no module.
const MAX_TEXT: u64 = 16 << 20;

/// The folder of one tree, image and command.
#[derive(Debug, Clone)]
pub struct State {
    folder: PathBuf,
}

/// The build with nothing changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Usual {
    /// The wasm.
    pub artifact: Vec<u8>,
    /// How its folders list the files of the source.
    pub order: String,
    /// Seconds that it took.
    pub seconds: f64,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    sha256: String,
    order: String,
    seconds: f64,
}

impl State {
    /// For what is decided by these texts: other texts, another folder.
    ///
    /// # Errors
    /// When the user has no home, or what is kept there cannot be removed, where that was asked for.
    pub fn open(decided_by: &[&str], restart: bool) -> anyhow::Result<State> {
        let key = Sha256Digest::of(&serde_json::to_vec(&(FORM, decided_by))?);
        let state = State { folder: files::cache_folder()?.join("probe").join(key.to_hex()) };
        if restart && state.folder.exists() {
            std::fs::remove_dir_all(&state.folder)?;
        }
        std::fs::create_dir_all(&state.folder)?;
        Ok(state)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The usual build, if it was made and is whole.
    pub fn usual(&self) -> Option<Usual> {
        let kept: Kept = serde_json::from_slice(&read_capped(&self.path("usual.json"), MAX_TEXT).ok()?).ok()?;
        let artifact = self.artifact("usual", &kept.sha256)?;
        Some(Usual { artifact, order: kept.order, seconds: kept.seconds })
    }

    /// Keeps the usual build. What was kept of factors belongs to another one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_usual(&self, usual: &Usual) -> anyhow::Result<()> {
        for factor in Factor::ALL {
            let path = self.path(&format!("{}.json", factor.code()));
            if path.exists() {
                std::fs::remove_file(path)?;
            }
        }
        files::write(&self.path("usual.wasm"), &usual.artifact, Access::Public)?;
        let sha256 = Sha256Digest::of(&usual.artifact).to_hex();
        let kept = Kept { sha256, order: usual.order.clone(), seconds: usual.seconds };
        files::write(&self.path("usual.json"), &serde_json::to_vec(&kept)?, Access::Public)
    }

    /// What became of a factor, if it is done, with the module where that differs.
    pub fn factor(&self, factor: Factor) -> Option<(FactorReport, Option<Vec<u8>>)> {
        let path = self.path(&format!("{}.json", factor.code()));
        let report: FactorReport = serde_json::from_slice(&read_capped(&path, MAX_TEXT).ok()?).ok()?;
        if report.factor != factor {
            return None;
        }
        let artifact = match (&report.leak, &report.code_hash) {
            (Some(_), Some(hash)) => Some(self.artifact(factor.code(), &hash.to_hex())?),
            (Some(_), None) => return None,
            (None, _) => None,
        };
        Some((report, artifact))
    }

    /// Keeps what became of a factor: its module first, by which the report counts.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_factor(&self, report: &FactorReport, artifact: &[u8]) -> anyhow::Result<()> {
        let name = report.factor.code();
        files::write(&self.path(&format!("{name}.wasm")), artifact, Access::Public)?;
        files::write(&self.path(&format!("{name}.json")), &serde_json::to_vec(report)?, Access::Public)
    }

    fn artifact(&self, name: &str, sha256: &str) -> Option<Vec<u8>> {
        let artifact = read_capped(&self.path(&format!("{name}.wasm")), MAX_ARTIFACT).ok()?;
        (Sha256Digest::of(&artifact).to_hex() == sha256).then_some(artifact)
    }
}

#[cfg(test)]
mod tests {
    use provenear_shared::report::{FactorOutcome, LeakReport};

    use super::*;

    fn report(factor: Factor, artifact: &[u8], leak: Option<LeakReport>) -> FactorReport {
        FactorReport {
            factor,
            outcome: FactorOutcome::Same,
            held_by_the_image: false,
            change: None,
            message: None,
            code_hash: Some(Sha256Digest::of(artifact)),
            seconds: Some(1.5),
            built_on: None,
            leak,
        }
    }

    #[test]
    fn only_what_is_whole_and_of_this_build_is_taken_up_again() {
        let folder = tempfile::tempdir().unwrap();
        let state = State { folder: folder.path().to_owned() };
        assert_eq!((state.usual(), state.factor(Factor::Clock)), (None, None));
        let usual = Usual { artifact: b"usual".to_vec(), order: "./a\n".to_owned(), seconds: 2.0 };
        state.keep_usual(&usual).unwrap();
        assert_eq!(state.usual().unwrap(), usual);
        let same = report(Factor::Clock, b"usual", None);
        state.keep_factor(&same, b"usual").unwrap();
        assert_eq!(state.factor(Factor::Clock).unwrap(), (same, None));
        let leaks = report(Factor::Cpus, b"other", Some(LeakReport::default()));
        state.keep_factor(&leaks, b"other").unwrap();
        assert_eq!(state.factor(Factor::Cpus).unwrap(), (leaks, Some(b"other".to_vec())));

        std::fs::write(state.path("cpus.wasm"), "damaged").unwrap();
        assert_eq!(state.factor(Factor::Cpus), None);
        std::fs::write(state.path("cpus.json"), "{").unwrap();
        assert_eq!(state.factor(Factor::Cpus), None);
        std::fs::copy(state.path("clock.json"), state.path("user.json")).unwrap();
        assert_eq!(state.factor(Factor::User), None);

        std::fs::write(state.path("usual.wasm"), "damaged").unwrap();
        assert_eq!(state.usual(), None);
        state.keep_usual(&usual).unwrap();
        assert_eq!(state.factor(Factor::Clock), None, "it was compared with another build");
    }
}
