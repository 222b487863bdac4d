//! The lines of a `.gitattributes` as libgit2 reads them, also where it does so in its own way (`attr_file.c`): what it takes
//! for a space, how far a pattern reaches, and what becomes of a line without one. Where git reads a line otherwise is known.

use super::super::conversion::Endings;

/// Bytes of a line from which on git ignores it.
const LONG_LINE: usize = 2048;

/// The attributes that decide about the bytes of a file, or about whether they can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Text,
    /// What `text` was called once.
    Crlf,
    Eol,
    Ident,
    Filter,
    Encoding,
}

impl Name {
    const ALL: [(&'static [u8], Name); Values::COUNT] = [
        (b"text", Name::Text),
        (b"crlf", Name::Crlf),
        (b"eol", Name::Eol),
        (b"ident", Name::Ident),
        (b"filter", Name::Filter),
        (b"working-tree-encoding", Name::Encoding),
    ];
}

/// What an attribute is set to, as far as anything depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    True,
    False,
    /// As if nobody had set it.
    Unset,
    Auto,
    Input,
    Crlf,
    Utf8,
    Other,
}

impl Value {
    pub(super) fn of(text: &[u8]) -> Value {
        match text {
            b"auto" => Value::Auto,
            b"input" => Value::Input,
            b"crlf" => Value::Crlf,
            _ if text.eq_ignore_ascii_case(b"utf-8") || text.eq_ignore_ascii_case(b"utf8") => Value::Utf8,
            _ => Value::Other,
        }
    }

    /// Whether `text` says nothing if it is this.
    pub(super) fn leaves_text(self) -> bool {
        match self {
            Value::True | Value::False | Value::Auto | Value::Input => false,
            Value::Unset | Value::Crlf | Value::Utf8 | Value::Other => true,
        }
    }

    fn is_text(self) -> bool {
        match self {
            Value::True | Value::False | Value::Unset => false,
            Value::Auto | Value::Input | Value::Crlf | Value::Utf8 | Value::Other => true,
        }
    }
}

/// The values of all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Values([Option<Value>; Values::COUNT]);

impl Values {
    const COUNT: usize = 6;

    /// What `binary` stands for.
    pub(super) fn of_binary() -> Values {
        let mut values = Values::default();
        values.0[Name::Text as usize] = Some(Value::False);
        values.0[Name::Crlf as usize] = Some(Value::False);
        values
    }

    pub(super) fn get(&self, name: Name) -> Option<Value> {
        self.0[name as usize]
    }

    /// Sets one; of two the later counts.
    pub(super) fn set(&mut self, name: &[u8], value: Value) {
        if let Some((_, name)) = Name::ALL.iter().find(|(known, _)| *known == name) {
            self.0[*name as usize] = Some(value);
        }
    }

    /// Sets all that others set.
    pub(super) fn set_all(&mut self, others: &Values) {
        self.0.iter_mut().zip(others.0).for_each(|(own, other)| *own = other.or(*own));
    }

    /// Sets what is not set yet.
    pub(super) fn add(&mut self, others: &Values) {
        self.0.iter_mut().zip(others.0).for_each(|(own, other)| *own = own.or(other));
    }

    /// Whether others set what is not set here.
    pub(super) fn lacks(&self, others: &Values) -> bool {
        self.0.iter().zip(others.0).any(|(own, other)| own.is_none() && other.is_some())
    }

    /// What becomes of line endings.
    pub(super) fn endings(&self) -> Endings {
        // `crlf` is asked where `text` says nothing.
        let text = self.get(Name::Text).filter(|value| !value.leaves_text());
        match text.or(self.get(Name::Crlf)) {
            Some(Value::False) => Endings::Kept,
            _ if self.get(Name::Eol) != Some(Value::Crlf) => Endings::Kept,
            Some(Value::Auto) => Endings::CrlfInText,
            Some(Value::True | Value::Unset | Value::Input | Value::Crlf | Value::Utf8 | Value::Other) | None => {
                Endings::Crlf
            }
        }
    }

    /// Whether `$Id$` is replaced.
    pub(super) fn ident(&self) -> bool {
        self.get(Name::Ident) == Some(Value::True)
    }

    /// Whether git runs a program on the file, or writes it in another encoding.
    pub(super) fn are_for_git_alone(&self) -> bool {
        let encoding = self.get(Name::Encoding);
        self.get(Name::Filter).is_some_and(Value::is_text)
            || encoding.is_some_and(|encoding| encoding.is_text() && encoding != Value::Utf8)
    }
}

/// The beginning of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// A name for several assignments, in the place of a pattern.
    pub(super) is_macro: bool,
    /// Every file that the pattern does not match.
    pub(super) is_negative: bool,
    /// The pattern is for the path below the folder, not for the name alone.
    pub(super) is_path: bool,
    /// The pattern is for folders, whose attributes are not those of what is in them.
    pub(super) is_folder: bool,
    /// The pattern.
    pub(super) pattern: Vec<u8>,
}

/// Reads on to the next pattern, and over it; none where libgit2 finds none, and begins anew behind what it has read.
pub(super) fn head(rest: &mut &[u8]) -> Option<Head> {
    let mut head = Head { is_macro: false, is_negative: false, is_path: false, is_folder: false, pattern: Vec::new() };
    // All that is left: libgit2 takes it for the pattern, and once more for what is assigned.
    if matches!(*rest, b"*" | b".") {
        head.pattern = rest.to_vec();
        return Some(head);
    }
    let mut line = *rest;
    while line.first().is_some_and(|byte| is_space(*byte)) {
        line = &line[1..];
    }
    if line.first().is_none_or(|byte| *byte == b'#') {
        *rest = next_line(line);
        return None;
    }
    if let Some(name) = line.strip_prefix(b"[attr]") {
        (head.is_macro, line) = (true, name);
    }
    if let Some(positive) = line.strip_prefix(b"!") {
        (head.is_negative, line) = (true, positive);
    }
    let (mut slashes, mut is_escaped) = (0, false);
    let ends = |byte: &u8| {
        let was_escaped = is_escaped;
        is_escaped = *byte == b'\\' && !was_escaped;
        slashes += usize::from(*byte == b'/');
        is_space(*byte) && !was_escaped
    };
    let end = line.iter().position(ends).unwrap_or(line.len());
    let (pattern, after) = line.split_at(end);
    *rest = after;
    head.is_path = slashes > 0;
    let pattern = pattern.strip_prefix(b"/").unwrap_or(pattern);
    // It can only be an escaped one.
    let pattern = pattern.strip_suffix(b"\r").unwrap_or(pattern);
    if pattern.is_empty() {
        return None;
    }
    let pattern = match pattern.strip_suffix(b"/") {
        Some(folder) => {
            (head.is_folder, head.is_path) = (true, slashes > 1);
            folder
        }
        None => pattern,
    };
    head.pattern = without_escaped_spaces(pattern);
    Some(head)
}

/// Reads what a line assigns, and over its end.
pub(super) fn assignments(rest: &mut &[u8], mut assign: impl FnMut(&[u8], Value)) {
    let mut line = *rest;
    loop {
        while line.first().is_some_and(|byte| is_space(*byte) && *byte != b'\n') {
            line = &line[1..];
        }
        let end = line.iter().position(|byte| is_space(*byte)).unwrap_or(line.len());
        let (word, after) = line.split_at(end);
        let (word, mut value) = match word.split_first() {
            None | Some((b'#', _)) => break,
            Some((b'-', name)) => (name, Value::False),
            Some((b'!', name)) => (name, Value::Unset),
            Some(_) => (word, Value::True),
        };
        line = after;
        let mut parts = word.splitn(2, |byte| *byte == b'=');
        let name = parts.next().unwrap_or_default();
        if let Some(text) = parts.next().filter(|text| !text.is_empty()) {
            value = Value::of(text);
        }
        if !name.is_empty() {
            assign(name, value);
        }
    }
    *rest = next_line(line);
}

/// Whether git reads a text as libgit2 does, line by line. What nobody writes on purpose is taken to be read otherwise.
pub(super) fn are_read_alike(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').all(is_read_alike)
}

fn is_read_alike(line: &[u8]) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let mut words = line.split(is_blank).filter(|word| !word.is_empty());
    let Some(pattern) = words.next() else { return true };
    if pattern.starts_with(b"#") {
        return true;
    }
    // Spaces to libgit2 alone; lines that are too long for git; the end of the text to some.
    if line.len() >= LONG_LINE || line.iter().any(|byte| matches!(byte, 0x0b | 0x0c | 0)) {
        return false;
    }
    let is_alike = match pattern.strip_prefix(b"[attr]") {
        Some(name) => is_name(name),
        // git refuses the first and undoes the second; the last go on behind their end, or say nothing.
        None => {
            !pattern.starts_with(b"!") && !pattern.starts_with(b"\"") && !pattern.ends_with(b"\\") && pattern != b"/"
        }
    };
    is_alike && !has_odd_stars(pattern) && words.all(is_word_read_alike)
}

/// One assignment: git drops the whole line for a name that is none.
fn is_word_read_alike(word: &[u8]) -> bool {
    let (word, is_plain) = match word.split_first() {
        Some((b'-' | b'!', name)) => (name, false),
        Some(_) | None => (word, true),
    };
    match word.iter().position(|byte| *byte == b'=') {
        Some(end) => is_plain && is_name(&word[..end]) && end + 1 < word.len(),
        None => is_name(word),
    }
}

fn is_name(name: &[u8]) -> bool {
    let is_plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    is_plain && name.first().is_some_and(|byte| *byte != b'-') && !name.starts_with(b"builtin_")
}

/// Whether `**` stands where it is not a whole folder: from there git and libgit2 match differently.
fn has_odd_stars(pattern: &[u8]) -> bool {
    pattern.contains(&b'/') && pattern.windows(3).any(|three| three.ends_with(b"**") && three[0] != b'/')
}

/// What libgit2 takes for a space: one more than Rust does.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

fn next_line(text: &[u8]) -> &[u8] {
    let mut rest = text.iter().position(|byte| *byte == b'\n').map_or(&text[text.len()..], |end| &text[end..]);
    while let Some((b'\n' | b'\r', after)) = rest.split_first() {
        rest = after;
    }
    rest
}

/// Without the backslashes before spaces, and without a last one that nothing follows.
fn without_escaped_spaces(pattern: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = pattern;
    while let Some((first, after)) = rest.split_first() {
        match (first, after.split_first()) {
            (b'\\', Some((next, after))) => {
                plain.extend((!is_space(*next)).then_some(b'\\'));
                plain.push(*next);
                rest = after;
            }
            (b'\\', None) => rest = after,
            (_, _) => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    plain
}
