//! The claim of a whole metadata object: `expect: ok`, or `gaps` and each in order as a `gap` line. What a person reads
//! about a gap is one lower-case sentence that names what to change. `secret` is a variable of the command that looks like one,
//! `shown` the command for the eye, where it is not the command itself.

use provenear_shared::customary;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::{Recipe, RecipeGap};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "gap", "contract-path", "output", "customary", "link-is-source", "secret", "shown"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let expect = vector.header("expect")?;
    let metadata = ContractSourceMetadata::parse(&vector.bytes()?).map_err(|error| error.to_string())?;
    match Recipe::from_metadata(&metadata) {
        Ok(recipe) => {
            same("the outcome", "ok", expect)?;
            same("the contract path", recipe.contract_path(), vector.headers("contract-path").first().unwrap_or(&""))?;
            let output = vector.headers("output");
            same("the output", recipe.output_wasm_path().unwrap_or("none"), output.first().unwrap_or(&"none"))?;
            let customary = vector.headers("customary");
            same("customary", yes(recipe.is_customary_command()), customary.first().unwrap_or(&"yes"))?;
            let command = recipe.build_command();
            let secrets = customary::secrets(command).join(" ");
            same("the list of secrets", &secrets, &vector.headers("secret").join(" "))?;
            let (whole, shown) = (command.join(" "), customary::hide_secrets(command).join(" "));
            same("the command as shown", &shown, vector.headers("shown").first().unwrap_or(&whole.as_str()))?;
            let link = recipe.claimed().link.as_deref().unwrap_or_default();
            let same_place = vector.headers("link-is-source");
            same("the link's place", yes(recipe.source().is_same_repository(link)), same_place.first().unwrap_or(&"yes"))
        }
        Err(gaps) => {
            same("the outcome", "gaps", expect)?;
            let codes: Vec<&str> = gaps.iter().map(|gap| gap.code().code()).collect();
            same("the list of gaps", &codes.join(" "), &vector.headers("gap").join(" "))?;
            gaps.iter().try_for_each(well_said)
        }
    }
}

fn yes(it: bool) -> &'static str {
    if it { "yes" } else { "no" }
}

fn well_said(gap: &RecipeGap) -> Result<(), String> {
    let text = gap.to_string();
    let first_is_small = text.chars().next().is_some_and(|first| first.is_lowercase() || first == '`');
    let obeyed = text.chars().any(|c| c.is_control() || ('\u{200b}'..='\u{202e}').contains(&c));
    if first_is_small && !text.ends_with('.') && !obeyed { Ok(()) } else { Err(format!("badly said: {text}")) }
}
