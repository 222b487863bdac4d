//! What a build may use. Recorded in the manifest as enforced.

use std::time::Duration;

use provenear_shared::container::Fences;

use crate::failure::{Code, Failure};

/// Limits of one container.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bytes of memory, swap included.
    pub memory: u64,
    /// Processors.
    pub cpus: f64,
    /// Processes and threads.
    pub pids: u32,
    /// Open files of one process.
    pub open_files: u32,
    /// Bytes of one file.
    pub file_size: u64,
    /// Bytes that the container may write in all.
    pub disk: u64,
    /// Bytes of output.
    pub output: u64,
    /// Time for the claimed command, and the most for each step around it.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let cpus = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Limits {
            memory: Fences::USUAL.memory,
            cpus: u32::try_from(cpus).map_or(2.0, f64::from),
            pids: Fences::USUAL.pids,
            open_files: Fences::USUAL.open_files,
            file_size: Fences::USUAL.file_size,
            disk: 20 << 30,
            output: 64 << 20,
            time: Duration::from_secs(3600),
        }
    }
}

/// Time for one step around the claimed command, such as a fetch by git.
const STEP: Duration = Duration::from_secs(900);

impl Limits {
    /// Time for one step around the claimed command: no more than that one gets.
    pub fn step(&self) -> Duration {
        STEP.min(self.time)
    }

    /// What the engine is told of them.
    pub fn fences(&self) -> Fences {
        Fences {
            memory: self.memory,
            cpus: Some(self.cpus.to_string()),
            pids: self.pids,
            open_files: self.open_files,
            file_size: self.file_size,
        }
    }
}

/// A size as people type it: `8g`, `512m`, `1048576`.
///
/// # Errors
/// [`Code::Usage`].
pub fn parse_size(text: &str) -> Result<u64, Failure> {
    let bad = || Failure::new(Code::Usage, format!("`{text}` is not a size, such as `8g` or `512m`"));
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix("ib").or_else(|| lower.strip_suffix('b')).unwrap_or(&lower);
    let (digits, shift) = match lower.chars().last() {
        Some('k') => (lower.strip_suffix('k'), 10),
        Some('m') => (lower.strip_suffix('m'), 20),
        Some('g') => (lower.strip_suffix('g'), 30),
        Some(_) | None => (Some(lower), 0),
    };
    let number: u64 = digits.unwrap_or_default().parse().map_err(|_| bad())?;
    number.checked_mul(1 << shift).filter(|n| *n > 0).ok_or_else(bad)
}

/// A number of processors as people type it: `2`, `0.5`.
///
/// # Errors
/// [`Code::Usage`].
pub fn parse_cpus(text: &str) -> Result<f64, Failure> {
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| {
        Failure::new(Code::Usage, format!("`{text}` is not a number of processors, such as `2` or `0.5`"))
    })
}

/// A time as people type it: `90`, `90s`, `30m`, `2h`.
///
/// # Errors
/// [`Code::Usage`].
pub fn parse_time(text: &str) -> Result<Duration, Failure> {
    let bad = || Failure::new(Code::Usage, format!("`{text}` is not a time, such as `90s` or `30m`"));
    let (digits, unit) = match text.trim().char_indices().last() {
        Some((at, 's')) => (text.get(..at), 1),
        Some((at, 'm')) => (text.get(..at), 60),
        Some((at, 'h')) => (text.get(..at), 3600),
        Some(_) | None => (Some(text), 1),
    };
    let number: u64 = digits.unwrap_or_default().trim().parse().map_err(|_| bad())?;
    number.checked_mul(unit).filter(|n| *n > 0).map(Duration::from_secs).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_times_and_processors_are_read_as_typed() {
        for (text, size) in [("8g", 8 << 30), ("512M", 512 << 20), ("1GiB", 1 << 30), ("7", 7), ("3kb", 3072)] {
            assert_eq!(parse_size(text).unwrap(), size, "{text}");
        }
        for text in ["", "0", "g", "-1", "1.5g", "99999999999999999999"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
        for (text, seconds) in [("90", 90), ("90s", 90), ("2m", 120), ("1h", 3600)] {
            assert_eq!(parse_time(text).unwrap().as_secs(), seconds, "{text}");
        }
        assert!(parse_time("0").is_err() && parse_time("soon").is_err());
        assert_eq!((parse_cpus("2").unwrap(), parse_cpus("0.5").unwrap()), (2.0, 0.5));
        for text in ["", "0", "-1", "many", "inf", "NaN"] {
            assert!(parse_cpus(text).is_err(), "{text}");
        }
    }
}
