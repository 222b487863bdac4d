//! Settings as a file, which goes from one program to another: it says of which version it is and of which page, and what is
//! in it besides is said, since a later version could mean less trust by it.

use std::collections::BTreeMap;

use super::{Raw, Read, Settings, Urls};
use crate::json::{Object, object, to_text};
use crate::text::Shown;

pub(super) const SCHEMA: &str = "provenear/settings/v1";
const MEMBERS: [&str; 9] =
    ["schema", "page", "network", "networks", "keys", "threshold", "images", "accept_custom_build", "stores"];

impl Settings {
    /// As [`Read::parse_file`] reads it. `page` is the address against which its relative stores are read.
    pub fn to_file(&self, page: Option<&str>) -> String {
        let mut members = vec![("schema", SCHEMA.into()), ("page", page.into())];
        members.extend(self.members());
        to_text(&object(members))
    }
}

impl Read {
    /// Reads what [`Settings::to_file`] wrote, or somebody by hand. What is not said is as in `usual`.
    ///
    /// # Errors
    /// One sentence, for what is not an object or of another version.
    pub fn parse_file(text: &str, usual: Settings, urls: &dyn Urls) -> Result<Self, String> {
        let wrong = |why: crate::json::Unexpected| why.to_string();
        let file = Object::parse(text.as_bytes()).map_err(wrong)?;
        if let Some(schema) = file.maybe::<String>("schema").map_err(wrong)?.filter(|schema| schema != SCHEMA) {
            return Err(format!("it is of the version `{}` and not of `{SCHEMA}`", Shown(&schema)));
        }
        let mut read = Self::parse(text, usual, urls).ok_or("it cannot be read")?;
        read.keep("the address of the page", file.maybe::<String>("page"));
        read.keep("one of the settings", file.only(&MEMBERS));
        // What is not a list, a map or an object has been said already.
        for (id, Raw(text)) in file.or_default::<BTreeMap<String, Raw<'_>>>("networks").unwrap_or_default() {
            read.only(text, &format!("a part of the network `{}`", Shown(&id)), &["endpoints", "quorum", "registry"]);
        }
        for Raw(text) in file.or_default::<Vec<Raw<'_>>>("keys").unwrap_or_default() {
            read.only(text, "a part of a key", &["key", "name"]);
        }
        Ok(read)
    }

    fn only(&mut self, text: &str, what: &str, names: &[&str]) {
        if let Ok(object) = Object::parse(text.as_bytes()) {
            self.keep(what, object.only(names));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Url;
    use super::*;

    /// Nothing is an address here.
    struct Nowhere;

    impl Urls for Nowhere {
        fn parse(&self, _: &str) -> Option<Url> {
            None
        }

        fn join(&self, _: &str) -> Option<Url> {
            None
        }

        fn origin(&self) -> Option<String> {
            None
        }
    }

    #[test]
    fn whether_local_sources_are_accepted_is_in_no_file() {
        let without = Settings { threshold: 2, accept_custom_build: true, ..Settings::default() };
        let with = Settings { accept_local_source: true, ..without.clone() };
        assert_eq!(with.to_json(), without.to_json());
        let read = Read::parse(&with.to_json(), without.clone(), &Nowhere).unwrap();
        assert_eq!((read.settings, read.left_out), (without.clone(), Vec::new()));
        assert_eq!(with.to_file(Some("https://p.example/")), without.to_file(Some("https://p.example/")));
        let read = Read::parse_file(&with.to_file(None), without.clone(), &Nowhere).unwrap();
        assert_eq!((read.settings, read.left_out), (without, Vec::new()));
    }

    #[test]
    fn what_is_not_known_is_said() {
        let rows = [
            (r#"{"accept_local_source":true}"#, "`accept_local_source` is not known"),
            (r#"{"networks":{"mainnet":{"proxy":"x"}}}"#, "a part of the network `mainnet` could not be read: `proxy`"),
            (r#"{"keys":[{"for":"x"}]}"#, "a part of a key could not be read: `for` is not known"),
        ];
        for (text, said) in rows {
            let read = Read::parse_file(text, Settings::default(), &Nowhere).unwrap();
            assert!(read.left_out.iter().any(|it| it.contains(said)), "{text}: {:?}", read.left_out);
        }
        for text in [r#"{"schema":"provenear/settings/v2"}"#, "[]", "", r#"{"keys":[],"keys":[]}"#] {
            assert!(Read::parse_file(text, Settings::default(), &Nowhere).is_err(), "{text}");
        }
    }
}
