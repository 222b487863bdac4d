//! The artifact out of a tar that a container printed: every parent a real folder, the last one plain file, small
//! enough. Links are entries like others here, and refused.

use std::io::Read;

use super::entries::Entries;
use crate::failure::{Code, fail};

/// The longest code that a node takes (`docs/field.md` §The node's rules).
pub const MAX_ARTIFACT: u64 = 4 << 20;

/// The paths that `tar --no-recursion` is asked for: each parent below the mount, then the file itself.
///
/// # Errors
/// [`Code::ArtifactMissing`] for a path that is empty, absolute or climbs.
pub fn components(relative: &str) -> anyhow::Result<Vec<String>> {
    let parts: Vec<&str> = relative.split('/').collect();
    if parts.iter().any(|p| p.is_empty() || *p == "." || *p == ".." || p.contains('\0')) {
        return fail(Code::ArtifactMissing, format!("`{}` is not a path below the mount", relative.escape_debug()));
    }
    Ok((1..=parts.len()).map(|n| parts.get(..n).unwrap_or_default().join("/")).collect())
}

/// Reads the artifact.
///
/// # Errors
/// [`Code::ArtifactNotRegular`] for a link, pipe or folder in its place, or a link among its parents,
/// [`Code::LimitExceeded`] above [`MAX_ARTIFACT`], [`Code::ArtifactMissing`] when it is not there.
pub fn read(tar: &mut dyn Read, components: &[String]) -> anyhow::Result<Vec<u8>> {
    let mut archive = tar::Archive::new(tar);
    let mut entries = Entries::of(&mut archive)?;
    for (index, wanted) in components.iter().enumerate() {
        let Some((path, mut entry)) = entries.advance()? else {
            return fail(Code::ArtifactMissing, format!("`{wanted}` was not built"));
        };
        let path = path.strip_suffix(b"/").unwrap_or(&path);
        if path != wanted.as_bytes() {
            return fail(Code::ArtifactMissing, format!("`{wanted}` was not built"));
        }
        let kind = entry.header().entry_type();
        let last = index + 1 == components.len();
        if !last && !kind.is_dir() {
            return fail(
                Code::ArtifactNotRegular,
                format!("`{wanted}`, a folder above the artifact, is not a plain folder"),
            );
        }
        if !last {
            continue;
        }
        if !kind.is_file() {
            return fail(Code::ArtifactNotRegular, format!("`{wanted}` is not a plain file"));
        }
        let size = entry.size();
        if size > MAX_ARTIFACT {
            return fail(Code::LimitExceeded, format!("`{wanted}` has {size} bytes; code may have {MAX_ARTIFACT}"));
        }
        let mut bytes = Vec::new();
        (&mut entry).take(MAX_ARTIFACT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != size {
            return fail(Code::ArtifactNotRegular, format!("`{wanted}` was cut short"));
        }
        return Ok(bytes);
    }
    fail(Code::ArtifactMissing, "no artifact was asked for")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::code_of;
    use tar::EntryType::{Directory, Fifo, Link, Regular, Symlink};

    fn made(entries: &[(&str, tar::EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, kind, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_mode(0o644);
            header.set_size(content.len() as u64);
            if kind.is_symlink() || kind.is_hard_link() {
                builder.append_link(&mut header, path, "/etc/passwd").unwrap();
            } else {
                builder.append_data(&mut header, path, *content).unwrap();
            }
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn only_a_plain_file_below_plain_folders_is_taken() {
        let big = vec![0u8; (MAX_ARTIFACT + 1) as usize];
        type Entry<'a> = (&'a str, tar::EntryType, &'a [u8]);
        type Row<'a> = (&'a [Entry<'a>], Result<&'a [u8], Code>);
        let rows: [Row<'_>; 9] = [
            (&[("t", Directory, b""), ("t/a.wasm", Regular, b"x")], Ok(b"x")),
            (&[("t", Symlink, b""), ("t/a.wasm", Regular, b"x")], Err(Code::ArtifactNotRegular)),
            (&[("t", Directory, b""), ("t/a.wasm", Symlink, b"")], Err(Code::ArtifactNotRegular)),
            (&[("t", Directory, b""), ("t/a.wasm", Link, b"")], Err(Code::ArtifactNotRegular)),
            (&[("t", Directory, b""), ("t/a.wasm", Fifo, b"")], Err(Code::ArtifactNotRegular)),
            (&[("t", Directory, b""), ("t/a.wasm", Directory, b"")], Err(Code::ArtifactNotRegular)),
            (&[("t", Directory, b"")], Err(Code::ArtifactMissing)),
            (&[("t", Directory, b""), ("t/b.wasm", Regular, b"x")], Err(Code::ArtifactMissing)),
            (&[("t", Directory, b""), ("t/a.wasm", Regular, &big)], Err(Code::LimitExceeded)),
        ];
        for (entries, expected) in rows {
            let got = read(&mut made(entries).as_slice(), &components("t/a.wasm").unwrap());
            let got = got.as_deref().map_err(code_of);
            assert_eq!(
                got,
                expected.map_err(Into::into),
                "{:?}",
                entries.iter().map(|e| (e.0, e.1)).collect::<Vec<_>>()
            );
        }
    }

    /// Zeros without end, which are counted.
    struct Zeros(u64);

    impl Read for Zeros {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            into.fill(0);
            self.0 += into.len() as u64;
            Ok(into.len())
        }
    }

    #[test]
    fn a_name_is_never_longer_than_a_path() {
        for kind in [
            tar::EntryType::GNULongName,
            tar::EntryType::GNULongLink,
            tar::EntryType::XHeader,
            tar::EntryType::XGlobalHeader,
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_path("././@LongLink").unwrap();
            header.set_size(2 << 30);
            header.set_cksum();
            let mut zeros = Zeros(0);
            let error = read(&mut header.as_bytes().chain(&mut zeros), &components("t/a.wasm").unwrap()).unwrap_err();
            assert_eq!(code_of(&error), Code::LimitExceeded, "{error:#}");
            assert!(zeros.0 < 1 << 20, "{kind:?}: {} bytes were read", zeros.0);
        }
        // Long names that are names are read, of either kind.
        let long = format!("{}/{}.wasm", "d".repeat(120), "a".repeat(120));
        let parts = components(&long).unwrap();
        let made = made(&[(&parts[0], Directory, b""), (&long, Regular, b"x")]);
        assert_eq!(read(&mut made.as_slice(), &parts).unwrap(), b"x");
        let mut pax = tar::Builder::new(Vec::new());
        pax.append_pax_extensions([("path", parts[0].as_bytes())]).unwrap();
        pax.append_data(&mut header_of(Directory, 0), "short", &b""[..]).unwrap();
        pax.append_pax_extensions([("mtime", &b"1.5"[..]), ("path", long.as_bytes())]).unwrap();
        pax.append_data(&mut header_of(Regular, 1), "short", &b"x"[..]).unwrap();
        assert_eq!(read(&mut pax.into_inner().unwrap().as_slice(), &parts).unwrap(), b"x");
    }

    fn header_of(kind: tar::EntryType, size: u64) -> tar::Header {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(size);
        header
    }

    #[test]
    fn paths_stay_below_the_mount() {
        assert_eq!(components("a/b.wasm").unwrap(), ["a", "a/b.wasm"]);
        for path in ["", "/a", "a//b", "../a", "a/../b", "./a", "a/"] {
            assert!(components(path).is_err(), "{path}");
        }
    }
}
