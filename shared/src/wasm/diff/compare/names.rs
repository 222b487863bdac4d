//! What functions are called: by import, by export, or in the name section where one was left in.

use std::collections::BTreeMap;

use wasmparser::{BinaryReader, ExternalKind, Name, NameSectionReader};

use crate::wasm::Module;

/// Names of functions by index, imports counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(BTreeMap<u32, String>);

impl Names {
    pub(super) fn of(module: &Module) -> Names {
        let mut names = BTreeMap::new();
        if let Some(bytes) = module.custom_section("name") {
            let reader = NameSectionReader::new(BinaryReader::new(bytes, 0));
            for name in reader.into_iter().map_while(Result::ok) {
                if let Name::Function(functions) = name {
                    names.extend(
                        functions
                            .into_iter()
                            .map_while(Result::ok)
                            .map(|naming| (naming.index, naming.name.to_owned())),
                    );
                }
            }
        }
        for export in module.exports().iter().filter(|export| export.kind == ExternalKind::Func) {
            names.insert(export.index, export.name.to_owned());
        }
        for (index, import) in module.imported_functions().enumerate() {
            names.insert(index as u32, format!("{}.{}", import.module, import.name));
        }
        Names(names)
    }

    /// The name of a function, if it has one.
    pub(super) fn get(&self, function: u32) -> Option<&str> {
        self.0.get(&function).map(String::as_str)
    }

    /// Gives a pair of functions the name that one of the two has.
    pub(super) fn share(&mut self, here: u32, others: &mut Names, there: u32) {
        match (self.get(here).map(str::to_owned), others.get(there).map(str::to_owned)) {
            (Some(name), None) => drop(others.0.insert(there, name)),
            (None, Some(name)) => drop(self.0.insert(here, name)),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}
