//! The index of a repository, as `git ls-files -z --stage` lists it.

use std::collections::BTreeMap;

/// What stands in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// A submodule.
    Submodule,
}

/// By path; each item is `<mode> <id> <stage>\t<path>`, and what is none is passed over.
pub fn parse(listing: &[u8]) -> BTreeMap<Vec<u8>, Kind> {
    let entry = |item: &[u8]| {
        let tab = item.iter().position(|byte| *byte == b'\t')?;
        let kind = match item.get(..6)? {
            b"120000" => Kind::Link,
            b"160000" => Kind::Submodule,
            _ => Kind::File,
        };
        Some((item.get(tab + 1..)?.to_vec(), kind))
    };
    listing.split(|byte| *byte == 0).filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_whatever_is_in_it() {
        let tracked =
            parse(b"100644 aa 0\ta b\x00120000 bb 0\tl\x00160000 cc 0\ts\x00broken\x00\x00100755 dd 0\tx\ty\x00");
        let kinds: Vec<_> = tracked.values().copied().collect();
        assert_eq!(kinds, [Kind::File, Kind::Link, Kind::Submodule, Kind::File]);
        assert!(tracked.contains_key(&b"x\ty"[..]));
    }
}
