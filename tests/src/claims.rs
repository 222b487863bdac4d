//! Vectors of the room `claim`: modules as text, with what has to come of them as a dropped file, in helper and page alike.

use crate::node_cases::unfold;
use crate::vector::Vector;

/// The headers of such a vector: `gap` any number of times, `version` where the bytes give a claim, and what the first
/// gap's sentence `says`.
pub const HEADERS: &[&str] = &["gap", "version", "says"];

/// One of them.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The name of the vector.
    pub name: &'static str,
    /// The module.
    pub bytes: Vec<u8>,
    /// Every gap, in order.
    pub gaps: Vec<&'static str>,
    /// `version` of the claim that the bytes give.
    pub version: Option<&'static str>,
    says: Vec<&'static str>,
}

impl Claim {
    /// Reads one vector.
    ///
    /// # Errors
    /// When it is not the text of a module.
    pub fn of(vector: &Vector) -> Result<Claim, String> {
        Ok(Claim {
            name: vector.name,
            bytes: wat::parse_str(unfold(vector.text()?)?).map_err(|error| error.to_string())?,
            gaps: vector.headers("gap"),
            version: vector.headers("version").first().copied(),
            says: vector.headers("says"),
        })
    }

    /// Every one.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn all() -> Result<Vec<Claim>, String> {
        Vector::all()?.iter().filter(|vector| vector.room == "claim").map(Claim::of).collect()
    }

    /// Whether a text has all that it has to say. The page draws what stands in backticks without them.
    pub fn is_said_in(&self, text: &str) -> bool {
        let plain = |text: &str| text.replace('`', "");
        let text = plain(text);
        self.says.iter().all(|part| text.contains(&plain(part)))
    }
}
