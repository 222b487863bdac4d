//! A git server that hands out one pack of our own making, whatever it is asked for: what no git would make.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::http::{Reply, Response, Server};

/// Bytes of the file that the large one is made from: no copy of a delta is longer.
const PIECE: usize = 0xff_ffff;

/// One object of a pack: its type, as packs number them, and its content.
pub type Object = (u8, Vec<u8>);

/// A pack of these objects and of one more, which is `times` times 16 MiB of zeros and takes a few kilobytes of the pack.
///
/// # Errors
/// When `sha1sum` cannot be run.
pub fn with_a_large_object(objects: &[Object], times: usize) -> io::Result<Vec<u8>> {
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend(u32::try_from(objects.len() + 2).unwrap_or(u32::MAX).to_be_bytes());
    for (kind, content) in objects {
        head(&mut pack, *kind, content.len());
        pack.extend(deflate(content)?);
    }
    let base = pack.len();
    head(&mut pack, 3, PIECE);
    pack.extend(deflate(&vec![0; PIECE])?);
    // A delta: both sizes, then each time the whole of the base, and a byte by which no two of these are the same.
    let mut delta = Vec::new();
    size(&mut delta, PIECE);
    size(&mut delta, PIECE * times + 1);
    for _ in 0..times {
        delta.extend([0xf0, 0xff, 0xff, 0xff]);
    }
    delta.extend([1, b'!']);
    let back = pack.len() - base;
    head(&mut pack, 6, delta.len());
    let mut offset = vec![(back & 0x7f) as u8];
    let mut rest = back >> 7;
    while rest > 0 {
        rest -= 1;
        offset.insert(0, 0x80 | (rest & 0x7f) as u8);
        rest >>= 7;
    }
    pack.extend(offset);
    pack.extend(deflate(&delta)?);
    let sum = sha1(&pack)?;
    pack.extend(sum);
    Ok(pack)
}

/// A server at whose every address a repository with this commit and this pack is.
///
/// # Errors
/// When no port can be had.
pub fn serve(commit: &str, pack: Vec<u8>) -> io::Result<Server> {
    let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let features = "shallow allow-tip-sha1-in-want allow-reachable-sha1-in-want ofs-delta";
    let refs = format!(
        "{}0000{}{}0000",
        line("# service=git-upload-pack\n"),
        line(&format!("{commit} HEAD\0{features}\n")),
        line(&format!("{commit} refs/heads/main\n")),
    );
    let shallow = format!("{}0000", line(&format!("shallow {commit}")));
    let nothing_known = line("NAK\n");
    Server::start(0, move |request| -> Reply {
        match request.method.as_str() {
            "GET" => Response::new(200, "application/x-git-upload-pack-advertisement", refs.clone()).into(),
            _ => {
                // Asked for a part of the history: which part, in each answer. The pack comes when no more is said.
                let says = |word: &[u8]| request.body.windows(word.len()).any(|it| it == word);
                let depth = if says(b"deepen") { shallow.as_bytes() } else { b"" };
                let rest = if says(b"done") { [nothing_known.as_bytes(), &pack].concat() } else { Vec::new() };
                Response::new(200, "application/x-git-upload-pack-result", [depth, &rest].concat()).into()
            }
        }
    })
}

/// Type and size of an object in a pack.
fn head(pack: &mut Vec<u8>, kind: u8, length: usize) {
    let more = |rest: usize| if rest > 0 { 0x80 } else { 0 };
    let mut rest = length >> 4;
    pack.push(kind << 4 | (length & 0xf) as u8 | more(rest));
    while rest > 0 {
        let low = (rest & 0x7f) as u8;
        rest >>= 7;
        pack.push(low | more(rest));
    }
}

/// A size in a delta.
fn size(delta: &mut Vec<u8>, mut length: usize) {
    while length > 0x7f {
        delta.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    delta.push(length as u8);
}

fn deflate(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn sha1(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut child = Command::new("sha1sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut to) = child.stdin.take() {
        to.write_all(bytes)?;
    }
    let said = String::from_utf8_lossy(&child.wait_with_output()?.stdout).into_owned();
    let digits = said.get(..40).ok_or_else(|| io::Error::other("`sha1sum` says no sum"))?;
    (0..20).map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).map_err(io::Error::other)).collect()
}
