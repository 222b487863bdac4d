//! `--settings`: the file that the page saves, read by the page's own reader (`shared::settings`). Whoever hands somebody such
//! a file could mean them ill, and whoever misses a line of it could trust more than they meant to: where the page leaves out
//! what it cannot read and says so, the helper refuses the file.

use std::path::Path;

use provenear_shared::settings::{Address, Read, Settings, Url, Urls};
use provenear_shared::text::Shown;
use serde_json::Value;

use super::private::{PRIVATE, is_private};
use crate::args::{self, Chosen};
use crate::failure::{Code, fail};
use crate::files::read_capped;

/// Bytes of a file of settings.
const MAX_SETTINGS: u64 = 1 << 20;
/// Most faults that are told at once.
const MAX_FAULTS: usize = 5;

/// Reads the file, if one was named, so that all of a command goes by one reading of it.
///
/// # Errors
/// [`Code::Io`] where it cannot be read; [`Code::Usage`], with the file and the field, for everything in it that is not understood.
pub fn load(place: &mut args::Place) -> anyhow::Result<()> {
    if let Some(path) = &place.settings {
        place.chosen = read(path)?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Chosen> {
    let name = format!("the settings `{}`", Shown(&path.display().to_string()));
    let bytes = match read_capped(path, MAX_SETTINGS) {
        Ok(bytes) => bytes,
        Err(error) => return fail(Code::Io, format!("{name} cannot be read: {error}")),
    };
    let Ok(text) = String::from_utf8(bytes) else { return fail(Code::Usage, format!("{name}: this is not text")) };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) if is_private(text) => return fail(Code::Usage, format!("{name}: {PRIVATE}")),
        Err(error) => return fail(Code::Usage, format!("{name}: it cannot be read as JSON: {error}")),
    };
    // Before anything else, since other messages repeat what they are about.
    if let Some(field) = private(&value) {
        return fail(Code::Usage, format!("{name}, field `{}`: {PRIVATE}", Shown(&field)));
    }
    let page = Page(value["page"].as_str().and_then(|page| url::Url::parse(page).ok()));
    let settings = match Read::parse_file(text, Settings::default(), &page) {
        Ok(read) if read.left_out.is_empty() => read.settings,
        Ok(_) => return fail(Code::Usage, format!("{name}, {}", faults(&value, &page))),
        Err(why) => return fail(Code::Usage, format!("{name}: these are not settings of Provenear: {why}")),
    };
    if let Some(Err(why)) = value["page"].as_str().map(|text| Address::endpoint(text, &page)) {
        return fail(Code::Usage, format!("{name}, field `page`: {why}"));
    }
    let stores = settings.stores.iter().filter_map(|store| page.join(store.as_str())).map(|url| url.href);
    Ok(Chosen { stores: stores.collect(), settings })
}

/// What is wrong, each with its field: every member is read once more by itself.
fn faults(value: &Value, page: &Page) -> String {
    let members = value.as_object().into_iter().flatten();
    let of = |(field, member): (&String, &Value)| {
        let alone = serde_json::json!({ field: member }).to_string();
        let left_out =
            Read::parse_file(&alone, Settings::default(), page).map_or_else(|why| vec![why], |read| read.left_out);
        let field = Shown(field).to_string();
        left_out.into_iter().map(move |why| format!("field `{field}`: {why}"))
    };
    let mut faults: Vec<String> = members.flat_map(of).collect();
    let more = faults.len().saturating_sub(MAX_FAULTS);
    faults.truncate(MAX_FAULTS);
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    faults.join("; ")
}

/// Where a private key stands, as the keys that lead there.
fn private(value: &Value) -> Option<String> {
    let below = |key: &str, value: &Value| {
        let place = private(value)?;
        Some(if place.is_empty() { key.to_owned() } else { format!("{key}.{place}") })
    };
    match value {
        Value::String(text) => is_private(text).then(String::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(at, value)| below(&at.to_string(), value)),
        Value::Object(members) => members.iter().find_map(|(key, value)| match key.as_str() {
            "private_key" | "secret_key" => Some(key.clone()),
            _ if is_private(key) => Some(String::new()),
            key => below(key, value),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The page that saved the file, if the file says which.
struct Page(Option<url::Url>);

impl Urls for Page {
    fn parse(&self, text: &str) -> Option<Url> {
        url::Url::parse(text).ok().map(to_parts)
    }

    fn join(&self, text: &str) -> Option<Url> {
        let url = match &self.0 {
            Some(page) => page.join(text),
            None => url::Url::parse(text),
        };
        url.ok().filter(|url| matches!(url.scheme(), "https" | "http")).map(to_parts)
    }

    fn origin(&self) -> Option<String> {
        self.0.as_ref().map(|page| page.origin().ascii_serialization())
    }
}

fn to_parts(url: url::Url) -> Url {
    Url {
        origin: url.origin().ascii_serialization(),
        hostname: url.host_str().unwrap_or_default().to_owned(),
        has_user: !url.username().is_empty() || url.password().is_some(),
        href: url.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ed25519:DcA2MzgpJbrUATQLLceocVckhhAqrkingax4oJ9kZ847";

    fn read_text(text: &str) -> Result<Chosen, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.json");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|why| why.to_string())
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_field() {
        let private = format!("ed25519:{}", "2".repeat(87));
        let rows: &[(&str, &str)] = &[
            ("[]", "these are not settings of Provenear"),
            ("{", "it cannot be read as JSON"),
            (r#"{"schema":"provenear/settings/v2"}"#, "of the version `provenear/settings/v2`"),
            (r#"{"trust":[]}"#, "one of the settings could not be read: `trust` is not known"),
            (r#"{"accept_local_source":true}"#, "`accept_local_source` is not known"),
            (r#"{"keys":[{"key":"ed25519:1","name":"a"}]}"#, "field `keys`: the key `a` could not be read"),
            (
                r#"{"keys":[{"key":"K","name":"a","for":"b"}]}"#,
                "field `keys`: a part of a key could not be read: `for`",
            ),
            (r#"{"keys":"K"}"#, "field `keys`: the keys could not be read"),
            (r#"{"threshold":0}"#, "field `threshold`: the number of keys that must agree could not be read"),
            (r#"{"images":"sha256:1"}"#, "field `images`: an accepted image could not be read"),
            (r#"{"network":"a b"}"#, "field `network`"),
            (r#"{"networks":{"mainnet":{"endpoints":["http://h.example"]}}}"#, "field `networks`: an endpoint of"),
            (r#"{"networks":{"mainnet":{"quorum":"2"}}}"#, "field `networks`: how many endpoints of"),
            (r#"{"networks":{"mainnet":{"endpoints":[]}}}"#, "field `networks`: the network `mainnet` was left out"),
            (r#"{"networks":{"mainnet":{"asks":[]}}}"#, "field `networks`: a part of the network `mainnet`"),
            (r#"{"stores":["https://a.example\\@b.example"]}"#, "field `stores`: a store could not be read"),
            (r#"{"stores":["manifests/"]}"#, "field `stores`: a store could not be read: `manifests/` is not a web"),
            (r#"{"stores":["/etc"]}"#, "field `stores`"),
            (r#"{"page":"http://h.example/","stores":["m/"]}"#, "field `page`"),
            (r#"{"accept_custom_build":"yes"}"#, "field `accept_custom_build`"),
        ];
        for (text, said) in rows {
            let why = read_text(&text.replace("\"K\"", &format!("\"{KEY}\""))).unwrap_err();
            assert!(why.contains("s.json") && why.contains(said), "{text}: {why}");
        }
        for (text, field) in [
            (
                format!(r#"{{"keys":[{{"key":"{private}","name":""}}]}}"#),
                "field `keys.0.key`: this holds a private key",
            ),
            (
                r#"{"account_id":"a.near","private_key":"x"}"#.to_owned(),
                "field `private_key`: this holds a private key",
            ),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA".to_owned(), "this holds a private key"),
        ] {
            let why = read_text(&text).unwrap_err();
            assert!(why.contains(field) && !why.contains("2222"), "{text}: {why}");
        }
    }

    #[test]
    fn relative_stores_are_those_of_the_page() {
        let text = r#"{"page":"https://p.example/here/","stores":["manifests/","https://q.example/m/"]}"#;
        let read = read_text(text).unwrap();
        assert_eq!(read.stores, ["https://p.example/here/manifests/", "https://q.example/m/"]);
        for text in ["//evil.example/", "\\\\evil.example/", "file:///etc/"] {
            let text = serde_json::json!({"page": "https://p.example/", "stores": [text]}).to_string();
            assert!(read_text(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_long_file_is_not_read() {
        let why = read_text(&format!("{{\"images\":\"{}\"}}", "#".repeat(1 << 20))).unwrap_err();
        assert!(why.contains("longer than"), "{why}");
    }
}
