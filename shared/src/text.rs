//! Hostile text made fit for a sentence: bounded, and without characters that a terminal or a page would obey.
//! Not here: HTML escaping, which the page's text nodes do by themselves.

use std::fmt;

/// Shows a foreign text inside a message: control, bidirectional and invisible characters as `\u{…}`, at most 160 characters,
/// and a backtick as an apostrophe, because between backticks stands what is not ours: no value may end that by itself.
///
/// # Examples
/// ```
/// use provenear_shared::text::Shown;
///
/// // Right-to-left override: what follows it would be shown backwards.
/// assert_eq!(format!("`{}`", Shown("gnp.\u{202e}`exe")), "`gnp.\\u{202e}'exe`");
/// assert!(Shown(&"x".repeat(1000)).to_string().ends_with("… (1000 bytes)"));
/// ```
pub struct Shown<'a>(pub &'a str);

const LIMIT: usize = 160;

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, character) in self.0.chars().enumerate() {
            if position == LIMIT {
                return write!(f, "… ({} bytes)", self.0.len());
            }
            write_safe(f, if character == '`' { '\'' } else { character })?;
        }
        Ok(())
    }
}

/// A number of seconds in the largest unit that fits, rounded down: `45 seconds`, `1 hour`, `3 days`.
pub struct Duration(pub u64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
        let (size, unit) = units.into_iter().find(|(size, _)| self.0 >= *size).unwrap_or((1, "second"));
        let count = self.0 / size;
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// Makes a whole text safe to print: as [`Shown`], but of any length, and line ends kept.
pub fn make_printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => safe.push(character),
            _ => write_safe(&mut safe, character).expect("writing to a String cannot fail"),
        }
    }
    safe
}

/// Begins a sentence of ours with a capital. Of other letters than ours there is a table, which would be more to download.
pub fn capitalize(mut sentence: String) -> String {
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

fn write_safe(out: &mut (impl fmt::Write + ?Sized), character: char) -> fmt::Result {
    if is_deceptive(character) { write!(out, "\\u{{{:x}}}", u32::from(character)) } else { out.write_char(character) }
}

/// Characters that change how their neighbours are shown, or that nobody sees (Unicode general categories Cc, Cf and
/// the line and paragraph separators, plus the Hangul and Braille fillers that draw nothing).
pub(crate) fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
