//! Vectors: a text header, a blank line, a body. One fault a file, enumerated from `testdata/vectors/<room>`.
//! Not here: what a room's vectors mean (`tests/vectors`).

include!(concat!(env!("OUT_DIR"), "/testdata.rs"));

/// One vector.
#[derive(Clone, Debug)]
pub struct Vector {
    /// The folder that it stands in: the room of `shared` that it is about.
    pub room: &'static str,
    /// The file's name without its ending, `<room>_<fault>`.
    pub name: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
}

impl Vector {
    /// Reads one file.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn parse(room: &'static str, name: &'static str, text: &'static str) -> Result<Vector, String> {
        if name.strip_prefix(room).is_none_or(|rest| !rest.starts_with('_')) {
            return Err(format!("`{room}/{name}` is not named `{room}_<fault>`"));
        }
        let (head, body) = text.split_once("\n\n").ok_or(format!("`{name}` has no blank line after its header"))?;
        let mut headers = Vec::new();
        for line in head.lines() {
            headers.push(line.split_once(": ").ok_or(format!("`{name}`: `{line}` is not `name: value`"))?);
        }
        Ok(Vector { room, name, headers, body: body.strip_suffix('\n').unwrap_or(body) })
    }

    /// Every vector, by room and name.
    ///
    /// # Errors
    /// The first file that is not a vector.
    pub fn all() -> Result<Vec<Vector>, String> {
        VECTORS.iter().map(|(room, name, text)| Vector::parse(room, name, text)).collect()
    }

    /// The value of a header that stands once.
    ///
    /// # Errors
    /// When it is missing or stands twice.
    pub fn header(&self, name: &str) -> Result<&'static str, String> {
        match self.headers(name)[..] {
            [value] => Ok(value),
            [] => Err(format!("the header `{name}` is missing")),
            _ => Err(format!("the header `{name}` stands more than once")),
        }
    }

    /// The values of a header that may stand any number of times.
    pub fn headers(&self, name: &str) -> Vec<&'static str> {
        self.headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value).collect()
    }

    /// Writes another value of a header that stands once into the file, where `PROVENEAR_RECORD` asks for it. Vectors are read while
    /// compiling, so that the next run has it.
    ///
    /// # Errors
    /// When it does not stand once, or the file cannot be written.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn record(&self, name: &str, value: &str) -> Result<(), String> {
        let recorded = self.header(name)?;
        if value == recorded || std::env::var_os("PROVENEAR_RECORD").is_none() {
            return Ok(());
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/vectors").join(self.room);
        let file = folder.join(self.name).with_extension("txt");
        let write = |text: String| {
            std::fs::write(&file, text.replacen(&format!("\n{name}: {recorded}\n"), &format!("\n{name}: {value}\n"), 1))
        };
        std::fs::read_to_string(&file).and_then(write).map_err(|error| format!("`{}`: {error}", file.display()))
    }

    /// Refuses a header that nobody would read, such as a misspelt one. `comment` is always allowed, and asked for.
    ///
    /// # Errors
    /// The first header that is not among `known`.
    pub fn only(&self, known: &[&str]) -> Result<(), String> {
        self.header("comment")?;
        match self.headers.iter().find(|(name, _)| !known.contains(name) && !["comment", "body"].contains(name)) {
            Some((name, _)) => Err(format!("nobody reads the header `{name}`")),
            None => Ok(()),
        }
    }

    /// The body. `body: hex` means that it is written in hex, `body: repeat N` that it stands N times.
    ///
    /// # Errors
    /// When the header `body` is something else, or the body is not hex.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let Some(form) = self.headers("body").first().copied() else { return Ok(self.body.as_bytes().to_vec()) };
        if form == "hex" {
            let digits: Vec<char> = self.body.chars().filter(|digit| !digit.is_whitespace()).collect();
            let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16);
            return digits.chunks(2).map(|pair| byte(pair).map_err(|error| error.to_string())).collect();
        }
        let times = form.strip_prefix("repeat ").and_then(|times| times.parse().ok());
        Ok(self.body.repeat(times.ok_or(format!("`{form}` is not a form of body"))?).into_bytes())
    }

    /// The body as text.
    ///
    /// # Errors
    /// As [`Vector::bytes`], and when it is not UTF-8.
    pub fn text(&self) -> Result<String, String> {
        String::from_utf8(self.bytes()?).map_err(|error| error.to_string())
    }
}

/// Every recording of a real node's answers, by name.
pub const fn recordings() -> &'static [(&'static str, &'static str)] {
    RECORDINGS
}

/// Says in one sentence how two values differ.
///
/// # Errors
/// That sentence.
pub fn same(what: &str, got: &str, expected: &str) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("{what} is `{got}`, not `{expected}`")) }
}
