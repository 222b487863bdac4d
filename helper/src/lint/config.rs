//! Cargo configuration of the tree, by the reader of the rebuild (`source::cargo_config`), so that both say the same.

use provenear_shared::finding::{FindingCode, Outcome};
use provenear_shared::notice::NoticeCode;
use provenear_shared::text::Shown;

use super::contract::Contract;
use super::finding::Findings;
use super::section::Section;
use crate::project::CUSTOMARY;
use crate::source::cargo_config::{self, Scope};
use crate::source::packages::Packages;

/// What takes the place of cargo, rustc or a dependency.
pub fn examine(contract: &Contract<'_>, packages: &Packages<'_>, section: Option<&Section>, findings: &mut Findings) {
    let scope = if packages.nests() { Scope::Everywhere } else { Scope::Above(contract.folder) };
    let customary = CUSTOMARY.map(str::to_owned);
    let command = section.and_then(|section| section.command.as_deref()).unwrap_or(&customary);
    let config = cargo_config::examine(&contract.project.facts, scope, command);
    for (notice, path, key) in config.places {
        let Some(code) = code_of(notice.code()) else { continue };
        let keys: Vec<&str> = key.iter().map(String::as_str).collect();
        let place = contract.project.at_key(&path, &keys);
        let message = match key {
            Some(key) => format!(
                "`{}` in `{}` takes the place of what the image or the lock file has",
                Shown(&key),
                Shown(&path)
            ),
            None => format!("`{}` could not be examined", Shown(&path)),
        };
        findings.about(&contract.name(), code, place, message, None);
    }
}

/// The finding that leads to a doubt.
fn code_of(notice: NoticeCode) -> Option<FindingCode> {
    FindingCode::ALL.iter().copied().find(|code| code.outcome() == Outcome::Doubt(notice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notice_of_the_configuration_is_a_finding() {
        use NoticeCode::*;
        for notice in [RustcWrapper, CargoAlias, SourcesReplaced, PathOverrides, ConfigInclude, EnvNamesPrograms] {
            assert!(code_of(notice).is_some(), "{}", notice.code());
        }
    }
}
