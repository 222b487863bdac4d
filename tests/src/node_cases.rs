//! Vectors of the room `node`: modules as text, with what near-vm-runner says to them, as `cargo xtask differential` checks
//! against near-vm-runner itself.

use crate::vector::Vector;

/// The headers of such a vector: the answer of the `node`, `taken` or the name of its error, and what our reason `says`.
pub const HEADERS: &[&str] = &["node", "says"];

/// The errors that a look at the module alone does not tell: the first comes out where an export is run.
pub const UNTOLD: [&str; 2] = ["OperandStackTooLarge", "InstrumentedCodeTooLarge"];

/// One of them.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name of the vector.
    pub name: &'static str,
    /// The module.
    pub bytes: Vec<u8>,
    /// `taken`, or the name of near-vm-runner's error.
    pub node: &'static str,
    /// What our reason says.
    pub says: Vec<&'static str>,
}

impl Case {
    /// Reads one vector.
    ///
    /// # Errors
    /// When it is not the text of a module, or does not say what the node does.
    pub fn of(vector: &Vector) -> Result<Case, String> {
        let text = unfold(vector.text()?)?;
        Ok(Case {
            name: vector.name,
            bytes: wat::parse_str(text).map_err(|error| error.to_string())?,
            node: vector.header("node")?,
            says: vector.headers("says"),
        })
    }

    /// Every one.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn all() -> Result<Vec<Case>, String> {
        Vector::all()?.iter().filter(|vector| vector.room == "node").map(Case::of).collect()
    }
}

/// Unfolds each `{{N text}}` as `text` N times, the innermost first.
pub(crate) fn unfold(mut text: String) -> Result<String, String> {
    while let Some(start) = text.rfind("{{") {
        let end = start + text[start..].find("}}").ok_or("`{{` without `}}`")?;
        let (times, part) = text[start + 2..end].split_once(' ').ok_or("no text to repeat")?;
        let repeated = part.repeat(times.parse().map_err(|_| format!("`{times}` is not a number"))?);
        text.replace_range(start..end + 2, &repeated);
    }
    Ok(text)
}
