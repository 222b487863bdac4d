//! With which host functions the code itself may replace itself. Not here: which are known to be harmless (`wasm/node`).

use crate::wasm::Module;
use crate::wasm::node::{HOST_MODULE, is_harmless};

/// The host functions that a module imports and that are not known to be harmless: with them it may be able to replace its
/// code or to hand out access, however rarely that is what they are there for. Hostile text.
pub fn redeploy_imports(module: &Module<'_>) -> Vec<String> {
    let imported = module.imported_functions().filter(|import| import.module == HOST_MODULE);
    imported.filter(|import| !is_harmless(import.name)).map(|import| import.name.to_owned()).collect()
}
