//! What a checkout by libgit2 does to the bytes of one file: line endings, then the blob's id in place of `$Id$`.
//! Not here: which file gets what (`attributes`).

/// Bytes of a file that is converted; larger ones are left as they are, and cannot be told. No contract has room for one.
pub const MAX_SIZE: u64 = 8 << 20;

/// What is done to a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conversion {
    /// Its line endings.
    pub endings: Endings,
    /// Its `$Id$` becomes the id of its blob.
    pub id: bool,
    /// Another tool, or another version, may do something else.
    pub is_unsure: bool,
}

/// Line endings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Endings {
    /// As the commit has them.
    #[default]
    Kept,
    /// Every line ends in CR LF.
    Crlf,
    /// The same, unless the file has a CR already or is not text.
    CrlfInText,
}

/// A file as it is checked out.
#[derive(Debug, PartialEq, Eq)]
pub struct Converted {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Another tool may make other bytes.
    pub is_unsure: bool,
}

impl Conversion {
    /// Whether it can change a file at all.
    pub fn is_none(self) -> bool {
        self.endings == Endings::Kept && !self.id
    }

    /// Converts a file whose blob has this id.
    pub fn apply(self, bytes: Vec<u8>, id: &str) -> Converted {
        let bytes = if self.endings.apply_to(&bytes) { with_crlf(&bytes) } else { bytes };
        if !self.id || is_binary(&bytes) {
            return Converted { bytes, is_unsure: self.is_unsure };
        }
        let marks = bytes.windows(3).filter(|three| three == b"$Id").count();
        match marked(&bytes) {
            // Of one plain mark all tools make the same; git replaces several, and leaves others alone.
            Some((from, to)) => Converted {
                is_unsure: self.is_unsure || marks != 1 || &bytes[from..to] != b"$Id$",
                bytes: [&bytes[..from], b"$Id: ", id.as_bytes(), b" $", &bytes[to..]].concat(),
            },
            None => Converted { bytes, is_unsure: self.is_unsure },
        }
    }
}

impl Endings {
    fn apply_to(self, bytes: &[u8]) -> bool {
        let count = Count::of(bytes);
        let is_mixed = count.lf > count.crlf;
        match self {
            Self::Kept => false,
            Self::Crlf => is_mixed,
            Self::CrlfInText => is_mixed && count.cr == 0 && !count.is_binary(),
        }
    }
}

/// What tells text from other bytes, where line endings are concerned.
#[derive(Debug, Default)]
struct Count {
    cr: usize,
    lf: usize,
    crlf: usize,
    nul: usize,
    printable: usize,
    other: usize,
}

impl Count {
    fn of(bytes: &[u8]) -> Count {
        let mut count = Count::default();
        // The mark by which DOS ended a file does not count.
        let bytes = bytes.strip_suffix(b"\x1a").unwrap_or(bytes);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                0 => (count.nul, count.other) = (count.nul + 1, count.other + 1),
                b'\n' => count.lf += 1,
                b'\r' => {
                    count.cr += 1;
                    count.crlf += usize::from(bytes.get(at + 1) == Some(&b'\n'));
                }
                b'\t' | 0x08 | 0x0b | 0x0c | 0x1b | 0x20..=0x7e | 0x80.. => count.printable += 1,
                0x01..=0x07 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f => count.other += 1,
            }
        }
        count
    }

    fn is_binary(&self) -> bool {
        self.cr != self.crlf || self.nul > 0 || self.printable >> 7 < self.other
    }
}

/// Whether a file is one whose `$Id$` is left alone.
fn is_binary(bytes: &[u8]) -> bool {
    if [&b"\xfe\xff"[..], b"\xff\xfe", b"\0\0\xfe\xff"].iter().any(|mark| bytes.starts_with(mark)) {
        return true;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut printable, mut other) = (0usize, 0usize);
    for byte in bytes {
        match byte {
            0 => return true,
            0x08 | 0x0c | 0x1b | 0x20..=0x7e | 0x80.. => printable += 1,
            b'\t' | b'\n' | b'\r' | 0x0b => {}
            0x01..=0x07 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f => other += 1,
        }
    }
    printable >> 7 < other
}

/// CR LF at the end of each line; what has it keeps it.
fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut converted = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    let mut before = 0;
    for byte in bytes {
        if *byte == b'\n' && before != b'\r' {
            converted.push(b'\r');
        }
        converted.push(*byte);
        before = *byte;
    }
    converted
}

/// Where the first `$Id` begins and the next `$` behind it ends, as libgit2 searches for them: four bytes at the end of a file
/// that begin with a dollar count as well.
fn marked(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        if rest.len() < 4 {
            return None;
        }
        let from = at + rest.iter().position(|byte| *byte == b'$')?;
        let after = bytes.get(from + 1..)?;
        if after.len() < 3 {
            return None;
        }
        if after.starts_with(b"Id") || after.len() == 3 {
            let end = after[2..].iter().position(|byte| *byte == b'$')?;
            return Some((from, from + 1 + 2 + end + 1));
        }
        at = from + 1;
    }
}
