//! Contracts as text that say something about themselves, or try to say two things. Here what is planned of each, on both
//! targets; what running them gives, helper and page are asked for by `provenear_tests::claims`.

use provenear_shared::embedded::METADATA_EXPORT;
use provenear_shared::wasm::Module;
use provenear_shared::wasm::sandbox::{Plan, PlanError};
use provenear_tests::claims::{Claim, HEADERS as KNOWN};
use provenear_tests::vector::Vector;

pub(crate) const HEADERS: &[&str] = KNOWN;

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let claim = Claim::of(vector)?;
    let module = Module::parse(&claim.bytes).map_err(|error| error.to_string())?;
    match Plan::new(&module, METADATA_EXPORT) {
        Ok(plan) => Module::parse(plan.bytes()).map(drop).map_err(|error| format!("the rewritten module: {error}")),
        Err(PlanError::ExportMissing(_)) if claim.gaps == ["metadata-missing"] => Ok(()),
        Err(error @ PlanError::Refused(_)) if claim.gaps == ["not-runnable"] && claim.is_said_in(&error.to_string()) => {
            Ok(())
        }
        Err(error @ (PlanError::StartFunction | PlanError::WideJump(_))) if claim.gaps == ["not-run-here"] && claim.is_said_in(&error.to_string()) => {
            Ok(())
        }
        Err(error) if claim.gaps == ["metadata-malformed"] && claim.is_said_in(&error.to_string()) => Ok(()),
        Err(error) => Err(format!("it is not run: {error}")),
    }
}
