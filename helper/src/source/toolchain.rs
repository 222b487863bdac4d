//! What a toolchain file of rustup names. Not here: which file counts (`facts`), a toolchain by its path (`cargo_config`).

/// The channel of a toolchain file, in either of its forms.
pub fn channel(text: &str) -> Option<String> {
    let table = toml::from_str::<toml::Table>(text).ok();
    let named = table.and_then(|t| Some(t.get("toolchain")?.get("channel")?.as_str()?.to_owned()));
    named.or_else(|| Some(text.trim().to_owned()).filter(|t| !t.is_empty() && !t.contains(char::is_whitespace)))
}

/// Whether a channel means one compiler for ever: `1.85.0`, `nightly-2026-01-01`.
pub fn is_exact(channel: &str) -> bool {
    let numbers = |text: &str, mark: char| {
        let parts: Vec<&str> = text.split(mark).collect();
        parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    numbers(channel, '.') || channel.split_once('-').is_some_and(|(_, date)| numbers(date, '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_toolchain_file_are_read() {
        assert_eq!(channel("[toolchain]\nchannel = \"1.85.0\"\n").as_deref(), Some("1.85.0"));
        assert_eq!(channel("1.85.0\n").as_deref(), Some("1.85.0"));
        for (text, exact) in
            [("1.85.0", true), ("1.85", false), ("stable", false), ("nightly-2026-01-01", true), ("nightly", false)]
        {
            assert_eq!(is_exact(text), exact, "{text}");
        }
        assert_eq!(channel("[toolchain]\npath = \"/x y\"\n"), None);
    }
}
