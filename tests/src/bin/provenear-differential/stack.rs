//! How much stack a node takes for a call of each function, as near-vm-runner writes it into its copy of a module, against what
//! our sandbox's copy takes.

use provenear_shared::wasm::Module;
use provenear_shared::wasm::sandbox::Plan;
use wasmparser::Operator;

/// Our numbers and the node's; `None` where nothing in the module can be run, so that there is no copy.
pub(crate) fn taken(module: &Module<'_>, node: &[u8]) -> Option<(Vec<u64>, Vec<u64>)> {
    let plan = module.exports().iter().find_map(|export| Plan::new(module, export.name).ok())?;
    let (ours, node) = (Module::parse(plan.bytes()).ok()?, Module::parse(node).ok()?);
    // Behind the module's own functions ours has its meters.
    let mut own = numbers(&ours);
    own.truncate(module.bodies().len());
    Some((own, numbers(&node)))
}

/// The first constant of each function that is not 0: both copies begin with what they take from the stack.
fn numbers(copy: &Module<'_>) -> Vec<u64> {
    let first = |body: &wasmparser::FunctionBody<'_>| {
        let operators = body.get_operators_reader().ok()?;
        operators.into_iter().filter_map(Result::ok).find_map(|operator| match operator {
            Operator::I32Const { value } if value != 0 => u64::try_from(value).ok(),
            Operator::I64Const { value } if value != 0 => u64::try_from(value).ok(),
            _ => None,
        })
    };
    copy.bodies().iter().map(|body| first(body).unwrap_or(0)).collect()
}
