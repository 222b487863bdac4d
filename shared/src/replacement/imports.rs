//! With which host functions the code itself may replace itself. Not here: which are known to be harmless (`wasm/node`).

use crate::wasm::Module;
use crate::wasm::node::{HOST_MODULE, is_harmless};

/// The host functions that a module imports and that are not known to be harmless: with them it may be able to replace its
/// code or to hand out access, however rarely that is what they are there for. Hostile text.
///
/// # Examples
/// ```
/// use provenear_shared::replacement::redeploy_imports;
/// use provenear_shared::wasm::Module;
///
/// let bytes = wat::parse_str(
///     r#"(module
///         (import "env" "storage_read" (func (param i64 i64 i64) (result i64)))
///         (import "env" "promise_batch_action_deploy_contract" (func (param i64 i64 i64))))"#,
/// );
/// let bytes = bytes.unwrap();
/// assert_eq!(redeploy_imports(&Module::parse(&bytes).unwrap()), ["promise_batch_action_deploy_contract"]);
/// ```
pub fn redeploy_imports(module: &Module<'_>) -> Vec<String> {
    let imported = module.imported_functions().filter(|import| import.module == HOST_MODULE);
    imported.filter(|import| !is_harmless(import.name)).map(|import| import.name.to_owned()).collect()
}
