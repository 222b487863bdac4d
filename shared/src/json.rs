//! JSON from elsewhere, strictly and as far as it is wanted: an object as its members, each still text. One reader for
//! replies, claims, manifests and settings: a typed reader for each of them would be more to download.
//! A key that stands twice is refused, because two readers would see different things.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::{Map, RawValue, Value};
use thiserror::Error;

/// Why a text is not what was expected. In a box, because every reading passes it on, and moving it whole is more to download.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Unexpected(Box<Wrong>);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} {reason}", if place.is_empty() { "it".to_owned() } else { format!("`{place}`") })]
struct Wrong {
    /// Keys that lead there, joined by dots.
    place: String,
    reason: String,
}

impl Unexpected {
    /// With what is wrong, as in "is not a string".
    #[inline(never)]
    pub(crate) fn new(reason: &str) -> Self {
        Self(Box::new(Wrong { place: String::new(), reason: reason.to_owned() }))
    }

    /// Found below `key`.
    #[inline(never)]
    fn below(mut self, key: &str) -> Self {
        let place = &self.0.place;
        self.0.place = if place.is_empty() { key.to_owned() } else { format!("{key}.{place}") };
        self
    }
}

/// An object: its members in the order in which they stand, each key once.
#[derive(Debug)]
pub struct Object<'a>(Vec<(String, &'a RawValue)>);

/// What a member can be read as.
pub trait Member<'a>: Sized {
    /// Reads one value that is not null.
    ///
    /// # Errors
    /// [`Unexpected`] for another kind.
    fn read(text: &'a str) -> Result<Self, Unexpected>;
}

impl<'a> Object<'a> {
    /// Reads a text that is one object.
    ///
    /// # Errors
    /// [`Unexpected`].
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::json::Object;
    ///
    /// let object = Object::parse(br#"{ "height": 12, "hash": null }"#).unwrap();
    /// assert_eq!(object.get::<u64>("height"), Ok(12));
    /// assert_eq!(object.maybe::<String>("hash"), Ok(None));
    /// assert_eq!(object.get::<String>("height").unwrap_err().to_string(), "`height` is not a string");
    /// assert!(Object::parse(br#"{ "height": 12, "height": 13 }"#).is_err());
    /// ```
    pub fn parse(text: &'a [u8]) -> Result<Self, Unexpected> {
        serde_json::from_slice(text)
            .map_err(|error| Unexpected::new(&format!("cannot be read as a JSON object: {error}")))
    }

    /// The text of a member, null included.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.get())
    }

    /// That there is no member but these.
    ///
    /// # Errors
    /// [`Unexpected`], at the first other one.
    pub fn only(&self, names: &[&str]) -> Result<(), Unexpected> {
        match self.0.iter().find(|(key, _)| !names.contains(&key.as_str())) {
            Some((key, _)) => Err(Unexpected::new("is not known").below(key)),
            None => Ok(()),
        }
    }

    /// The key of the only member.
    pub fn only_key(&self) -> Option<&str> {
        match self.0.as_slice() {
            [(key, _)] => Some(key),
            _ => None,
        }
    }

    /// A member that may be absent or null.
    ///
    /// # Errors
    /// [`Unexpected`] for another kind.
    pub fn maybe<T: Member<'a>>(&self, name: &str) -> Result<Option<T>, Unexpected> {
        match self.text(name) {
            None | Some("null") => Ok(None),
            Some(text) => T::read(text).map(Some).map_err(|error| error.below(name)),
        }
    }

    /// A member that has to be there.
    ///
    /// # Errors
    /// [`Unexpected`] for another kind, null among them, or none.
    pub fn get<T: Member<'a>>(&self, name: &str) -> Result<T, Unexpected> {
        let text = self.text(name).ok_or_else(|| Unexpected::new("is not there").below(name))?;
        T::read(text).map_err(|error| error.below(name))
    }

    /// A member that is a word of ours, which `parse` knows. Apart from [`Object::get`], whose copy for each type would be more
    /// to download.
    ///
    /// # Errors
    /// [`Unexpected`] for another kind or word, or none.
    pub fn word<T>(&self, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Unexpected> {
        parse(&self.get::<Cow<'_, str>>(name)?).ok_or_else(|| unknown(name))
    }

    /// A member that may be absent, but not null.
    ///
    /// # Errors
    /// [`Unexpected`] for another kind, null among them.
    pub fn or_default<T: Member<'a> + Default>(&self, name: &str) -> Result<T, Unexpected> {
        if self.text(name).is_none() { Ok(T::default()) } else { self.get(name) }
    }
}

/// Apart from the reading of each word, so that it is compiled once.
#[inline(never)]
fn unknown(name: &str) -> Unexpected {
    Unexpected::new("is not known here").below(name)
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                let mut keys = BTreeSet::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    if !keys.insert(key.clone()) {
                        return Err(serde::de::Error::custom(format_args!("`{key}` stands twice")));
                    }
                    members.push((key, value));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Object)
    }
}

impl<'a> Member<'a> for Object<'a> {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        Self::parse(text.as_bytes())
    }
}

/// Megabytes of base64 are not copied: without an escape, the text stands there as it is.
impl<'a> Member<'a> for Cow<'a, str> {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let read = match inside {
            Some(inside) if !inside.contains('\\') => Some(Self::Borrowed(inside)),
            _ => serde_json::from_slice(text.as_bytes()).ok().map(Self::Owned),
        };
        read.ok_or_else(|| Unexpected::new("is not a string"))
    }
}

impl<'a> Member<'a> for String {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        Cow::read(text).map(Cow::into_owned)
    }
}

/// A number without fraction and exponent, as heights of blocks are written.
impl<'a> Member<'a> for u64 {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        text.parse().map_err(|_| Unexpected::new("is not a whole number"))
    }
}

impl<'a> Member<'a> for bool {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        text.parse().map_err(|_| Unexpected::new("is neither true nor false"))
    }
}

impl<'a, T: Member<'a>> Member<'a> for Vec<T> {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        let mut list = Vec::new();
        for (position, text) in items(text)?.into_iter().enumerate() {
            list.push(T::read(text).map_err(|error| error.below(&position.to_string()))?);
        }
        Ok(list)
    }
}

/// Apart from the reading of each, so that it is compiled once.
fn items(text: &str) -> Result<Vec<&str>, Unexpected> {
    let items: Vec<&RawValue> =
        serde_json::from_slice(text.as_bytes()).map_err(|_| Unexpected::new("is not a list"))?;
    Ok(items.into_iter().map(RawValue::get).collect())
}

/// A list of two.
impl<'a, A: Member<'a>, B: Member<'a>> Member<'a> for (A, B) {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        match items(text)?.as_slice() {
            [first, second] => Ok((A::read(first)?, B::read(second)?)),
            _ => Err(Unexpected::new("is not a pair")),
        }
    }
}

impl<'a, T: Member<'a>> Member<'a> for BTreeMap<String, T> {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        let mut map = Self::new();
        for (key, value) in Object::read(text)?.0 {
            let value = T::read(value.get()).map_err(|error| error.below(&key))?;
            map.insert(key, value);
        }
        Ok(map)
    }
}

/// An object to be sent or kept. The macro of `serde_json` takes values of any type, by way of a serializer that is 12 kB
/// to download.
pub fn object(members: Vec<(&str, Value)>) -> Value {
    let mut object = Map::new();
    for (key, value) in members {
        object.insert(key.to_owned(), value);
    }
    Value::Object(object)
}

/// A value as text.
pub fn to_text(value: &Value) -> String {
    // Values have texts as keys and numbers that JSON knows, so that this cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// Makes a struct a [`Member`]: how each field is read, and under which key.
macro_rules! members {
    ($name:ident { $($field:ident: $how:ident $key:literal),* $(,)? }) => {
        impl<'a> $crate::json::Member<'a> for $name {
            fn read(text: &'a str) -> Result<Self, $crate::json::Unexpected> {
                let object = $crate::json::Object::read(text)?;
                Ok(Self { $($field: object.$how($key)?),* })
            }
        }
    };
}
pub(crate) use members;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_as_what_they_are() {
        let text = br#"{"a":"x\u00e9","b":12,"c":null,"d":[true,false],"e":{"f":"g"}}"#;
        let object = Object::parse(text).unwrap();
        assert_eq!(object.get("a"), Ok("xé".to_owned()));
        assert_eq!(object.get("b"), Ok(12_u64));
        assert_eq!(object.maybe::<String>("c"), Ok(None));
        assert_eq!(object.get("d"), Ok(vec![true, false]));
        assert_eq!(object.get("e"), Ok(BTreeMap::from([("f".to_owned(), "g".to_owned())])));
        assert_eq!(object.maybe::<u64>("nowhere"), Ok(None));
        assert_eq!(object.or_default("nowhere"), Ok(0_u64));
    }

    #[test]
    fn another_kind_is_named() {
        let object =
            Object::parse(br#"{"a":"1","b":1.0,"c":-1,"d":18446744073709551616,"e":null,"f":"\ud800"}"#).unwrap();
        for name in ["a", "b", "c", "d", "e"] {
            assert_eq!(object.get::<u64>(name).unwrap_err().to_string(), format!("`{name}` is not a whole number"));
        }
        assert_eq!(object.get::<String>("nowhere").unwrap_err().to_string(), "`nowhere` is not there");
        assert!(object.or_default::<String>("e").is_err());
        assert!(object.get::<String>("f").is_err());
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        let error = Object::parse(br#"{"a":1,"\u0061":1}"#).unwrap_err();
        assert!(error.to_string().contains("`a` stands twice"), "{error}");
        let object = Object::parse(br#"{"a":{"b":1,"b":1}}"#).unwrap();
        assert!(object.get::<Object<'_>>("a").is_err());
        assert!(object.get::<BTreeMap<String, u64>>("a").is_err());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[]", "[[\"a\",1]]", "null", "{", "{\"a\":1} x", "{\"a\":01}", "\u{feff}{}"] {
            assert!(Object::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Object::parse(b"{\"a\":\"\xff\"}").is_err());
    }
}
