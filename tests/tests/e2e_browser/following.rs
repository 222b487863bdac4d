//! Somebody who follows a page of `docs/guide` in the browser, from an empty profile: they press, fill in and look for what
//! the page itself has in quotation marks, and take its pictures. Not here: what each page leads to (`guide`).

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provenear_tests::browser::{Kind, Scheme};
use provenear_tests::prose::{PICTURES, path, quotations, read, section, titles};
use serde_json::{Value, json};

use crate::visit::{Visit, drawn, pictures};

/// Finds the first element in sight whose text is these words; `…` stands for any text where `arguments[2]` is not given, and
/// for itself where it is. Marks the element, or the control that it labels, with that.
const FIND: &str = r"const [css, words, mark] = arguments;
    const plain = (text) => text.replace(/\s+/g, ' ').trim();
    const form = new RegExp('^' + words.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*') + '$');
    const is = (text) => mark === null ? form.test(text) : text === words;
    const found = [...document.querySelectorAll(css)].find((it) => it.checkVisibility() && is(plain(it.textContent)));
    if (found && mark !== null) (found.control ?? found).dataset.followed = mark;
    return found !== undefined";

/// The width of the pictures, in pixels: as wide as forges show them.
const WIDTH: u32 = 840;

pub(crate) struct Follower {
    pub(crate) visit: Visit,
    /// The page that is followed, in `docs/guide`.
    page: &'static str,
    document: String,
    /// The sections whose words were asked for, and the pictures that were taken.
    read: RefCell<Vec<String>>,
    taken: RefCell<Vec<(&'static str, &'static str)>>,
    marks: RefCell<u32>,
}

impl Follower {
    /// Begins with an empty profile, which knows the devnet.
    pub(crate) fn of(page: &'static str) -> Follower {
        let (document, visit) = (read(&format!("guide/{page}")), Visit::at_the_devnet(Kind::Chromium));
        Follower {
            visit,
            page,
            document,
            read: RefCell::default(),
            taken: RefCell::default(),
            marks: RefCell::default(),
        }
    }

    /// The text of a section.
    pub(crate) fn section(&self, title: &str) -> &str {
        self.read.borrow_mut().push(title.to_owned());
        section(&self.document, title)
    }

    /// All words in quotation marks of a section, in their order.
    pub(crate) fn words<const N: usize>(&self, title: &str) -> [String; N] {
        all(title, self.section(title))
    }

    /// Waits for an element in sight whose text is these words, in which `…` stands for any text.
    pub(crate) fn sees(&self, css: &str, words: &str) {
        self.visit.browser.until(&format!("“{words}”"), FIND, &[json!(css), json!(words), Value::Null]).unwrap();
    }

    /// Presses what is called so.
    pub(crate) fn press(&self, words: &str) {
        let pressed = self.mark("button, a, summary", words);
        self.visit.browser.click(&pressed).unwrap();
    }

    /// The field that is labelled so, as a selector.
    pub(crate) fn field(&self, words: &str) -> String {
        self.mark("label", words)
    }

    fn mark(&self, css: &str, words: &str) -> String {
        *self.marks.borrow_mut() += 1;
        let mark = self.marks.borrow().to_string();
        self.visit.browser.until(&format!("“{words}”"), FIND, &[json!(css), json!(words), json!(mark)]).unwrap();
        format!("[data-followed='{mark}']")
    }

    /// Takes a picture of what is between the top of one element and the bottom of another. It is kept to be looked at, and put
    /// into the guide where `PROVENEAR_RECORD` is set: block, time and ports are others in every run, and others need no commit.
    pub(crate) fn picture(&self, name: &'static str, first: &str, last: &str) {
        let browser = &self.visit.browser;
        drawn(browser);
        browser.scheme(Scheme::Light).unwrap();
        browser.viewport(Some((WIDTH, 900))).unwrap();
        let quiet = "document.querySelector('.toast button').click(); document.activeElement.blur(); scrollTo(0, 0)";
        browser.script(quiet, vec![]).unwrap();
        let edges = "const at = (css) => document.querySelector(css).getBoundingClientRect(); \
                     return [at(arguments[0]).top + scrollY, at(arguments[1]).bottom + scrollY]";
        let edges = browser.script(edges, vec![json!(first), json!(last)]).unwrap();
        let [top, bottom] = [0, 1].map(|at: usize| edges[at].as_f64().unwrap());
        let clip = json!({ "x": 0, "y": top - 16.0, "width": WIDTH, "height": bottom - top + 32.0, "scale": 1 });
        let taken = json!({ "format": "png", "clip": clip, "captureBeyondViewport": true });
        let taken = browser.devtools("Page.captureScreenshot", taken).unwrap();
        browser.viewport(None).unwrap();
        let picture = in_few_colours(&STANDARD.decode(taken["data"].as_str().unwrap()).unwrap());
        let mut folders = vec![pictures().join("guide")];
        if std::env::var_os("PROVENEAR_RECORD").is_some() {
            folders.push(path("guide/pictures"));
        }
        for folder in folders {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{name}.png")), &picture).unwrap();
        }
        self.taken.borrow_mut().push((self.page, name));
    }

    /// The page is at its end: no words of it were left out, and no picture.
    pub(crate) fn ends(&self) {
        let spoken =
            titles(&self.document).into_iter().filter(|title| !quotations(section(&self.document, title)).is_empty());
        assert_eq!(*self.read.borrow(), spoken.collect::<Vec<_>>(), "{}", self.page);
        let (before, _) = self.document.split_once("\n## ").unwrap();
        assert_eq!(quotations(before), Vec::<String>::new(), "{}", self.page);
        let made: Vec<_> = PICTURES.iter().copied().filter(|(page, _)| *page == self.page).collect();
        assert_eq!(*self.taken.borrow(), made);
    }
}

/// The same picture in 256 colours: those that it has most of, and one of every kind, so that a small sign keeps its own. The
/// others are at the edges of letters and become the nearest of these; that saves more than half of the bytes.
fn in_few_colours(picture: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    let pixels = pixels.as_chunks::<3>().0;
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    pixels.iter().for_each(|pixel| *counts.entry(*pixel).or_default() += 1);
    let mut colours: Vec<[u8; 3]> = counts.keys().copied().collect();
    colours.sort_by_key(|colour| (std::cmp::Reverse(counts[colour]), *colour));
    let mut kinds = HashSet::new();
    let (first, others): (Vec<_>, Vec<_>) =
        colours.iter().partition(|colour| kinds.insert(colour.map(|part| part / 32)));
    let palette: Vec<[u8; 3]> = first.into_iter().chain(others).take(256).collect();
    let apart =
        |one: &[u8; 3], two: &[u8; 3]| (0..3).map(|at| u32::from(one[at].abs_diff(two[at])).pow(2)).sum::<u32>();
    let nearest = |colour| (0..palette.len()).min_by_key(|at| apart(&palette[*at], colour)).unwrap();
    let nearest: HashMap<[u8; 3], u8> =
        counts.keys().map(|colour| (*colour, u8::try_from(nearest(colour)).unwrap())).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, info.width, info.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_palette(palette.concat());
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels.iter().map(|pixel| nearest[pixel]).collect::<Vec<u8>>()).unwrap();
    writer.finish().unwrap();
    file
}

/// All words in quotation marks of a text, which are so many.
pub(crate) fn all<const N: usize>(title: &str, text: &str) -> [String; N] {
    let words = quotations(text);
    words.try_into().unwrap_or_else(|words| panic!("“{title}” has other words than are followed: {words:#?}"))
}
