//! The file of a plan: written line by line, since its subjects can be a hundred thousand, and read for its units alone.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

use anyhow::Context;
use provenear_shared::report::{PlanSchema, PlanUnit, PlannedUnits};

use crate::failure::{Code, Failure, fail};
use crate::files;
use crate::look::nearest;

/// Writes a plan, whole or not at all. `subjects` has one of them in each line, `all` of them.
///
/// # Errors
/// When it cannot be written, or a subject is missing.
pub(super) fn write(path: &Path, units: &[PlanUnit], mut subjects: File, all: usize) -> anyhow::Result<()> {
    subjects.seek(SeekFrom::Start(0))?;
    files::write_by(path, |to| {
        let schema = PlanSchema::V1.code();
        write!(to, "{{\"schema\":\"{schema}\",\"error\":null,\"units\":[")?;
        for (at, unit) in units.iter().enumerate() {
            write!(to, "{}\n{}", if at == 0 { "" } else { "," }, serde_json::to_string(unit)?)?;
        }
        write!(to, "\n],\"subjects\":[")?;
        let mut written = 0;
        for line in BufReader::new(subjects).lines() {
            write!(to, "{}\n{}", if written == 0 { "" } else { "," }, line?)?;
            written += 1;
        }
        if written != all {
            return fail(Code::Io, format!("{written} of {all} subjects could be written down"));
        }
        Ok(writeln!(to, "\n]}}")?)
    })
}

/// Reads the units of a plan.
///
/// # Errors
/// [`Code::Io`] for a file that cannot be read, [`Code::Usage`] for one that is not a plan.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<PlanUnit>> {
    let file = files::open(path).with_context(|| nearest::unread("plan ", path))?;
    let plan: Result<PlannedUnits, _> = serde_json::from_reader(BufReader::new(file));
    match plan {
        Ok(plan) => Ok(plan.units),
        Err(error) if error.is_io() => Err(error).with_context(|| nearest::unread("plan ", path)),
        Err(error) => Err(Failure::new(
            Code::Usage,
            format!("`{}` is not a plan, as `batch plan` writes one: {error}", path.display()),
        )
        .into()),
    }
}
