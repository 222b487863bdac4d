//! What must not be repeated on a screen, in a log or in JSON: credentials in URLs, and those of the proxies that our
//! environment names. They come back in errors of libraries and in what programs print, so every such text goes through
//! here on its way out. Not here: what a contract claims, which is public as it is.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::proxies::PROXIES;

/// What stands in the place of a credential.
const HIDDEN: &str = "…";
/// Shorter ones are words of ordinary sentences, and no protection.
const SHORTEST: usize = 4;

/// The text without credentials.
pub fn redact(text: &str) -> String {
    static SECRETS: OnceLock<Vec<String>> = OnceLock::new();
    let secrets = SECRETS.get_or_init(|| {
        let values = PROXIES.iter().filter(|name| !name.eq_ignore_ascii_case("no_proxy")).filter_map(std::env::var_os);
        values.flat_map(|value| secrets(&value.to_string_lossy())).collect()
    });
    replace_secrets(text, secrets)
}

/// An error as a person or a program is told of it.
pub fn redact_error(error: &anyhow::Error) -> String {
    redact(&format!("{error:#}"))
}

fn replace_secrets(text: &str, secrets: &[String]) -> String {
    let known = secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN));
    without_credentials(&known)
}

/// What is secret about the URL of a proxy, in each way in which it may come back, the longest first.
fn secrets(proxy: &str) -> Vec<String> {
    let rest = proxy.split_once("://").map_or(proxy, |(_, rest)| rest);
    let Some((credentials, _)) = rest.rsplit_once('@') else { return Vec::new() };
    let plain = decode_percent(credentials);
    let password = |credentials: &str| credentials.split_once(':').map(|(_, password)| password.to_owned());
    let mut all = vec![credentials.to_owned(), plain.clone(), STANDARD.encode(&plain)];
    if !plain.contains(':') {
        // A user alone is sent with an empty password.
        all.push(STANDARD.encode(format!("{plain}:")));
    }
    all.extend(password(credentials).into_iter().chain(password(&plain)));
    all.retain(|secret| secret.chars().count() >= SHORTEST);
    all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    all.dedup();
    all
}

/// With its percent escapes undone, as curl and others send it.
fn decode_percent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = (*first == b'%').then(|| after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok())).flatten();
        match escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text that is to be a URL and may be none, as it is shown: all of it is taken for one, whatever is in it.
pub fn redact_url(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let clean = match text.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", without_user(scheme, rest)),
        None => text,
    };
    // Not cut before: half a credential is not known for one.
    clean.chars().take(200).collect()
}

/// Takes user and password out of every URL of a text.
fn without_credentials(text: &str) -> String {
    let (mut clean, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let ends = |c: char| c.is_whitespace() || c.is_control() || "\\\"`<>".contains(c);
        let url = after.split(ends).next().unwrap_or_default();
        rest = after.get(url.len()..).unwrap_or_default();
        clean.push_str(&without_user(&before[..at], url));
    }
    clean + rest
}

/// Of a URL what stands behind its scheme, without all that may be a credential: up to the last `@`, also where a slash of a
/// password comes before it. A user alone is a token over HTTP, and only a name over ssh.
fn without_user(scheme: &str, rest: &str) -> String {
    match rest.rsplit_once('@') {
        Some((user, _)) if scheme.ends_with("ssh") && !user.contains([':', '/']) => rest.to_owned(),
        Some((_, after)) => format!("{HIDDEN}@{after}"),
        None => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_url_keeps_its_credentials() {
        for (text, expected) in [
            ("no `https://me:hunter2@h.example:8/x?y`", "no `https://…@h.example:8/x?y`"),
            ("http://token@h, http://a@b:c@d/e", "http://…@h, http://…@d/e"),
            ("git+https://u:p@h/a#1 and https://h/a", "git+https://…@h/a#1 and https://h/a"),
            // A password with a slash, a question mark or a number sign in it is in no URL, and is in one that was tried.
            ("https://me:hun/ter2@h/x, https://me:hun?t#r2@h", "https://…@h/x, https://…@h"),
            ("https://to/ken@h and ssh://me:hun/ter2@h", "https://…@h and ssh://…@h"),
            ("docker --host ssh://builder@h:22", "docker --host ssh://builder@h:22"),
            ("ssh://builder:hunter2@h", "ssh://…@h"),
            ("a@b.example, c://", "a@b.example, c://"),
            ("x@sha256:aa", "x@sha256:aa"),
            ("`https://me:hunt'(er2)@h/x`", "`https://…@h/x`"),
            ("(see https://h.example) or 'https://h'", "(see https://h.example) or 'https://h'"),
        ] {
            assert_eq!(replace_secrets(text, &[]), expected);
        }
    }

    /// A claimed text that is a bad URL: even spaces are part of it.
    #[test]
    fn what_is_to_be_a_url_keeps_no_credentials_whatever_it_is() {
        let long = format!("https://me:{}@h/x", "hunter2".repeat(100));
        for (text, expected) in [
            ("https://me:hun ter2@h/x", "https://…@h/x"),
            ("https://me:`hun\"\\<ter2\u{7}@h/x", "https://…@h/x"),
            ("git+https://me:hunter2@h/a?rev=1", "git+https://…@h/a?rev=1"),
            ("ssh://git@h/x", "ssh://git@h/x"),
            ("https://h.example/x", "https://h.example/x"),
            (long.as_str(), "https://…@h/x"),
        ] {
            assert_eq!(redact_url(text), expected);
        }
        assert_eq!(redact_url(&"x".repeat(300)).len(), 200);
    }

    #[test]
    fn a_password_of_a_proxy_is_known_in_every_dress() {
        let secrets = secrets("http://me:hunter%232@proxy.example:3128");
        let header = STANDARD.encode("me:hunter#2");
        for text in [
            "CONNECT failed with me:hunter%232",
            "the password hunter%232 is wrong",
            "the password hunter#2 is wrong",
            &format!("Proxy-Authorization: Basic {header}"),
            "http://me:hunter%232@proxy.example:3128",
        ] {
            let clean = replace_secrets(text, &secrets);
            assert!(clean.contains(HIDDEN) && !clean.contains("hunter") && !clean.contains(&header), "{clean}");
        }
        // A token is sent as a user without password.
        let token = STANDARD.encode("token:");
        assert!(!replace_secrets(&format!("Basic {token}"), &super::secrets("http://token@h")).contains(&token));
        // One with a slash in it is in no URL that can be read.
        let slash = super::secrets("http://me:hun/ter2@h");
        assert!(!replace_secrets("http://me:hun/ter2@h", &slash).contains("ter2"));
        // What is no secret, or no longer than a word, stays.
        for proxy in ["http://proxy.example:3128", "proxy.example", "", "http://a:b@h"] {
            assert_eq!(replace_secrets("a b proxy.example", &super::secrets(proxy)), "a b proxy.example");
        }
    }
}
