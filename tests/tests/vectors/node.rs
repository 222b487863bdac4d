//! Modules that nodes take or do not, as near-vm-runner answered: what it takes we take, and what it refuses we name.

use provenear_shared::wasm::Module;
use provenear_tests::node_cases::{Case, HEADERS as KNOWN, UNTOLD};
use provenear_tests::vector::Vector;

pub(crate) const HEADERS: &[&str] = KNOWN;

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let case = Case::of(vector)?;
    let refusal = match Module::parse(&case.bytes) {
        Ok(module) => module.refusal().map(ToString::to_string),
        Err(error) => Some(error.to_string()),
    };
    match refusal {
        None if case.node == "taken" || UNTOLD.contains(&case.node) => Ok(()),
        None => Err(format!("it is taken here, and on the node it is {}", case.node)),
        Some(reason) if case.node == "taken" => Err(format!("the node takes it, and here it is refused: {reason}")),
        Some(reason) => match case.says.iter().find(|part| !reason.contains(*part)) {
            Some(part) => Err(format!("`{reason}` does not say `{part}`")),
            None => Ok(()),
        },
    }
}
