//! A function of one of two modules, as `--function` names it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A function of one of two modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionName {
    /// Index in the first, imports counted.
    First(u32),
    /// Index in the second.
    Second(u32),
    /// Exported under this name by either.
    Exported(String),
}

impl FromStr for FunctionName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<FunctionName, Infallible> {
        let index = |text: &str| text.parse().ok();
        let second = || text.strip_prefix("b:").and_then(index).map(FunctionName::Second);
        let found = index(text.strip_prefix("a:").unwrap_or(text)).map(FunctionName::First).or_else(second);
        Ok(found.unwrap_or_else(|| FunctionName::Exported(text.to_owned())))
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FunctionName::First(index) => write!(f, "{index}"),
            FunctionName::Second(index) => write!(f, "b:{index}"),
            FunctionName::Exported(name) => write!(f, "{}", name.escape_debug()),
        }
    }
}
