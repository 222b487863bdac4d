//! How types of ours are spelled where they cross a seam (report, manifest, Worker): each by one text, which is checked when it
//! is read back. A code is a word of our own, declared once with its enum for JSON, vectors, page and CSS alike; the spelling
//! stands beside its variant, so that whoever meets one finds it by searching for it.
//! Not here: the codes themselves, which stand where what they name is declared.

#[cfg(feature = "schema")]
mod schema;

use serde::de::{Deserialize, Deserializer, Error as _};

use crate::text::Shown;

/// A word of ours.
///
/// # Examples
/// ```
/// use provenear_shared::spelling::Code;
/// use provenear_shared::verdict::VerdictCode;
///
/// assert_eq!(Code::code(VerdictCode::NotRebuilt), "not-rebuilt");
/// assert_eq!(VerdictCode::parse("not-rebuilt"), Some(VerdictCode::NotRebuilt));
/// // A word of a later version, or a wrong one, is never taken for the nearest that is known.
/// assert_eq!(VerdictCode::parse("not_rebuilt"), None);
/// ```
pub trait Code: Copy {
    /// Stable kebab-case name.
    fn code(self) -> &'static str;
}

/// Reads a text that `parse` knows.
pub(crate) fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: fn(&str) -> Option<T>,
    what: &str,
) -> Result<T, D::Error> {
    let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom(format_args!("`{}` is not a valid {what}", Shown(&text))))
}

/// Writes a type as the text of `$write`, and reads it by `$read`, which gives an `Option`.
macro_rules! spelled {
    ($name:ty, $what:literal, $write:expr, $read:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&$write(self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::spelling::read(deserializer, $read, $what)
            }
        }
    };
}

/// Declares codes, each with its spelling. `of Told` gives each variant of an enum of that name the code of the same name.
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident of $told:ident { $($variant:ident = $code:literal,)+ }) => {
        $crate::spelling::codes! {
            $(#[$meta])*
            #[allow(missing_docs)] // the variants are those of the enum that tells more
            pub enum $name { $($variant = $code,)+ }
        }

        impl $told {
            /// Its code.
            pub fn code(&self) -> $name {
                match self { $(Self::$variant { .. } => $name::$variant,)+ }
            }
        }
    };
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$doc])* #[cfg_attr(feature = "schema", schemars(rename = $code))] $variant,)+ }

        impl $name {
            /// All of them, as they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Stable kebab-case name.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The one that is spelled like this.
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.code() == code)
            }
        }

        impl $crate::spelling::Code for $name {
            fn code(self) -> &'static str {
                Self::code(self)
            }
        }

        $crate::spelling::spelled!($name, "code", |it: &$name| it.code(), $name::parse);
    };
}

pub(crate) use {codes, spelled};
