//! `provenear cache`: what is kept between rebuilds.

use provenear_shared::report::{CacheReport, CacheSchema};

use crate::args::{self, Output};
use crate::fetch::cache::Cache;
use crate::look::report::{print_json, print_text};

/// Runs it.
///
/// # Errors
/// When it cannot be read or removed.
pub fn run(args: &args::Cache, output: &Output) -> anyhow::Result<u8> {
    let cache = Cache::open()?;
    if args.clear {
        cache.clear()?;
    }
    let usage = cache.usage();
    if output.json {
        print_json(&CacheReport {
            schema: CacheSchema::V1,
            error: (),
            path: cache.path().display().to_string(),
            files: usage.files,
            bytes: usage.bytes,
        })?;
    } else {
        print_text(&format!("{} files, {} bytes in `{}`\n", usage.files, usage.bytes, cache.path().display()))?;
    }
    Ok(0)
}
