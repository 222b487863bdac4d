//! `provenear keygen`: a signing key; only its public half is ever printed.

use provenear_shared::report::{KeySchema, KeygenReport};

use crate::args::{Keygen, Output};
use crate::look::report::{print_json, print_text};
use crate::progress::Progress;
use crate::signer::{Signer, default_path};

/// Runs it.
///
/// # Errors
/// When there is a key already, or it cannot be read or written.
pub fn run(args: &Keygen, output: &Output) -> anyhow::Result<u8> {
    let path = match &args.out {
        Some(path) => path.clone(),
        None => default_path()?,
    };
    let signer = match &args.import {
        Some(from) => Signer::read(from)?,
        None => Signer::generate()?,
    };
    signer.write_new(&path)?;
    let public = signer.public();
    if output.json {
        print_json(&KeygenReport {
            schema: KeySchema::V1,
            error: (),
            path: path.display().to_string(),
            public_key: *public,
            ssh: public.to_ssh(),
            pem: public.to_pem(),
            keyid: public.fingerprint(),
        })?;
    } else {
        print_text(&format!("{}\n{}\n{}", public.to_near(), public.to_ssh(), public.to_pem()))?;
        Progress::new(output.quiet).note(&format!("the secret half is in `{}`, readable by you alone", path.display()));
    }
    Ok(0)
}
