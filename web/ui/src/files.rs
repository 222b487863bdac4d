//! Files that a person gives: how they are read, and how a module is offered to whoever compares.
//! Not here: what a file or a text asks for.

use js_sys::{Array, Uint8Array};
use provenear_shared::wasm::MAX_MODULE_SIZE;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList};

/// The event by which a module that was given on a view other than the first is offered to whoever compares there. Who takes
/// it prevents the default, which is to look at the file by itself. `detail` is an [`Offered`] as a pair.
pub const OFFERED: &str = "provenear-module";

/// A module that was read from a file.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The name of the file.
    pub name: String,
    /// Its content.
    pub bytes: Uint8Array,
}

impl Offered {
    /// What an event offers.
    pub fn of(event: &web_sys::CustomEvent) -> Option<Offered> {
        let pair: Array = event.detail().dyn_into().ok()?;
        Some(Offered { name: pair.get(0).as_string()?, bytes: pair.get(1).dyn_into().ok()? })
    }
}

/// The bytes of a file.
///
/// # Errors
/// One sentence.
pub async fn read(file: &File) -> Result<Uint8Array, String> {
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| "The file cannot be read.".to_owned())?;
    Ok(Uint8Array::new(&buffer))
}

/// Reads a file that is to be compared, as a module that no chain could hold can be too; whether it is one is not asked here.
///
/// # Errors
/// One sentence.
pub async fn read_module(file: &File) -> Result<Offered, String> {
    if file.size() > MAX_MODULE_SIZE as f64 {
        return Err("The file is larger than 64 MiB, the most that is compared.".to_owned());
    }
    Ok(Offered { name: file.name(), bytes: read(file).await? })
}

/// Takes the files of an `<input type="file">` that changed and has then forgotten them: a browser tells of no change when the
/// same file is picked twice.
pub fn picked(event: &web_sys::Event, take: impl FnOnce(&FileList)) {
    let Some(input) = event.target().and_then(|it| it.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
    if let Some(files) = input.files() {
        take(&files);
    }
    input.set_value("");
}

/// The first file of such an input.
pub fn picked_one(event: &web_sys::Event) -> Option<File> {
    let mut file = None;
    picked(event, |files| file = files.get(0));
    file
}
