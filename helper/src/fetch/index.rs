//! The index of crates.io: where it has a package, and its line about a version.

use serde::Deserialize;

use crate::source::lock_files::Published;

/// Where the index has a package: cargo's `make_dep_path`.
pub(super) fn index_path(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let part = |from: usize, to: usize| name.get(from..to).unwrap_or_default();
    match name.len() {
        0..=2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", part(0, 1)),
        _ => format!("{}/{}/{name}", part(0, 2), part(2, 4)),
    }
}

/// Of a line only what tells which archive it is about.
#[derive(Deserialize)]
struct Line {
    name: String,
    vers: String,
    cksum: String,
}

/// The line about a locked version in a package's file of the index, a line for each version.
///
/// # Errors
/// Says why there is none, in a few words.
pub(super) fn line<'a>(file: &'a [u8], one: &Published) -> Result<&'a [u8], &'static str> {
    let of = |text: &&'a [u8]| {
        let line: Option<Line> = serde_json::from_slice(text).ok();
        line.filter(|line| line.name == one.name && line.vers == one.version).map(|line| (*text, line))
    };
    match file.split(|byte| *byte == b'\n').find_map(|text| of(&text)) {
        None => Err("the index of crates.io does not list it"),
        // cargo would say the same, and rightly.
        Some((_, line)) if one.sha256.is_none_or(|digest| digest.to_hex() != line.cksum) => {
            Err("crates.io has other bytes than the lock file names")
        }
        Some((text, _)) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::digest::Sha256Digest;

    /// Locked with the digest of these bytes.
    fn one(name: &str, version: &str, archive: &str) -> Published {
        let sha256 = Some(Sha256Digest::of(archive.as_bytes()));
        Published { name: name.into(), version: version.into(), sha256 }
    }

    fn text(name: &str, version: &str, archive: &str) -> String {
        let sha256 = Sha256Digest::of(archive.as_bytes()).to_hex();
        format!(r#"{{"name":"{name}","vers":"{version}","deps":[],"cksum":"{sha256}","features":{{}},"yanked":false}}"#)
    }

    #[test]
    fn a_package_is_where_cargo_looks_for_it() {
        for (name, path) in [
            ("a", "1/a"),
            ("cc", "2/cc"),
            ("syn", "3/s/syn"),
            ("quote", "qu/ot/quote"),
            ("Inflector", "in/fl/inflector"),
            ("near-sdk", "ne/ar/near-sdk"),
        ] {
            assert_eq!(index_path(name), path);
        }
    }

    #[test]
    fn a_line_is_about_the_locked_bytes_or_there_is_none() {
        let lines = [text("a", "1.0.0", "aa"), text("a", "1.0.1", "bb"), text("A", "1.0.2", "cc"), "{}".into()];
        let file = lines.join("\n");
        let find = |version, archive| line(file.as_bytes(), &one("a", version, archive));
        assert_eq!(find("1.0.1", "bb").unwrap(), lines[1].as_bytes());
        assert!(find("1.0.1", "aa").unwrap_err().contains("other bytes"));
        // A checksum that is not a digest matches nothing.
        let none = Published { sha256: None, ..one("a", "1.0.1", "bb") };
        assert!(line(file.as_bytes(), &none).unwrap_err().contains("other bytes"));
        // Neither a version that is not there nor one of a package of another name.
        for version in ["1.0", "1.0.2", "1.0.3"] {
            assert!(find(version, "cc").unwrap_err().contains("does not list"), "{version}");
        }
    }

    /// What would end an entry early cannot be in a line.
    #[test]
    fn a_line_cannot_hold_another_entry() {
        let hidden = text("a", "1.0.0", "aa").replace("false", "false,\"x\":\"\0 1.0.1\0{}\"");
        assert!(line(hidden.as_bytes(), &one("a", "1.0.0", "aa")).is_err());
    }
}
