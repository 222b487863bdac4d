//! What `init` writes into a `Cargo.toml` or `pyproject.toml`. What is there stays, unless it is named in `replaced`.

use provenear_shared::image::ImageRef;
use provenear_shared::near::{AccountId, Network};
use toml_edit::{Array, Item, TableLike, value};

use super::{Choice, Replaced, choose_image};
use crate::edit::{edit_toml, table};
use crate::failure::{Code, fail};
use crate::project::nearc::{self, Stated};
use crate::project::{CUSTOMARY, Language, OWN_TABLE, Package, SECTION, images};

/// What is to stand there.
pub(super) struct Wish<'a> {
    /// The image by `--image`.
    pub(super) image: Option<&'a ImageRef>,
    pub(super) accounts: &'a [(Network, AccountId)],
    pub(super) rebuilders: &'a [String],
}

/// What there is to say of it.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    pub(super) replaced: Vec<Replaced>,
    pub(super) notes: Vec<String>,
}

/// The manifest with all of it.
///
/// # Errors
/// When something else stands where a table has to be, or no image is known.
pub(super) fn edited(
    package: &Package,
    text: &str,
    shown: &str,
    wish: &Wish<'_>,
    remarks: &mut Remarks,
) -> anyhow::Result<String> {
    let language = package.language;
    edit_toml(text, |document| {
        let path = |rest: &[&'static str]| [language.metadata(), rest].concat();
        match language {
            Language::Rust => fill(table(document, &path(&SECTION))?, package, shown, wish, remarks)?,
            Language::Python => {
                let stated = Stated::of(&package.table).unwrap_or(Stated::Section);
                fill_python(table(document, &stated.keys())?, stated, shown, wish, remarks)?;
            }
        }
        for (network, account) in wish.accounts {
            let accounts = table(document, &path(&[OWN_TABLE, "accounts"]))?;
            add(accounts, network.chain_id(), account.as_str())?;
        }
        for rebuilder in wish.rebuilders {
            add(table(document, &path(&[OWN_TABLE]))?, "rebuilders", rebuilder)?;
        }
        Ok(())
    })
}

/// The section of cargo-near: what is missing is added, and an image is replaced where another was asked for, or where it is not pinned.
fn fill(
    section: &mut dyn TableLike,
    package: &Package,
    shown: &str,
    wish: &Wish<'_>,
    remarks: &mut Remarks,
) -> anyhow::Result<()> {
    let is_new = section.is_empty();
    let (image, digest) = (text(section, "image"), text(section, "image_digest"));
    let known = |image: &str| {
        let tag = image.strip_prefix(images::REPOSITORY)?.strip_prefix(':')?;
        images::digest_of_tag(tag).filter(|_| images::Versions::of_tag(tag).is_some())
    };
    match (image, digest, wish.image) {
        (Some(_), Some(_), None) => {}
        // The tag says which image was meant.
        (Some(image), None, None) if known(&image).is_some() => {
            let digest = known(&image).unwrap_or_default();
            section.insert("image_digest", value(digest));
        }
        (_, _, asked) => {
            let Choice { image, digest, note } = choose_image(asked, package);
            put(section, "image", &image, shown, &mut remarks.replaced);
            put(section, "image_digest", &digest, shown, &mut remarks.replaced);
            remarks.notes.extend(note);
        }
    }
    if is_new {
        section.insert("passed_env", value(Array::new()));
    }
    if !section.contains_key("container_build_command") {
        section.insert("container_build_command", value(CUSTOMARY.into_iter().collect::<Array>()));
    }
    Ok(())
}

/// The table that nearc reads. It claims the image as it stands there, so the digest has to be part of it.
fn fill_python(
    table: &mut dyn TableLike,
    stated: Stated,
    shown: &str,
    wish: &Wish<'_>,
    remarks: &mut Remarks,
) -> anyhow::Result<()> {
    let image = text(table, stated.image()).unwrap_or_default();
    let with_digest = text(table, "image_digest").map(|digest| format!("{image}@{digest}"));
    let known = [Some(image), with_digest].into_iter().flatten().find(|image| ImageRef::parse(image).is_ok());
    let asked = wish.image.map(|image| {
        let tag = image.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
        format!("{}{tag}@{}", image.name(), image.digest().to_oci())
    });
    let Some(image) = asked.or(known) else {
        return fail(
            Code::Usage,
            "no image for Python contracts is known by its digest: name one with `--image NAME@sha256:…`",
        );
    };
    if text(table, stated.image()).as_ref() != Some(&image) {
        put(table, stated.image(), &image, shown, &mut remarks.replaced);
        let how = "`nearc --reproducible` does not take it so: start the container yourself";
        remarks.notes.push(format!("nearc claims `{}` as it stands there; {how}", stated.image()));
    }
    if !table.contains_key(stated.command()) {
        table.insert(stated.command(), value([nearc::COMMAND].into_iter().collect::<Array>()));
    }
    Ok(())
}

fn text(section: &dyn TableLike, key: &str) -> Option<String> {
    section.get(key).and_then(Item::as_str).map(ToOwned::to_owned)
}

/// Sets a text; the comments around one that was there stay.
fn put(section: &mut dyn TableLike, key: &str, new: &str, shown: &str, replaced: &mut Vec<Replaced>) {
    match section.get_mut(key) {
        Some(item) if item.as_str() == Some(new) => {}
        Some(item) => {
            let old = item.to_string();
            replaced.push(Replaced(format!("`{key}` in `{shown}` is `{}` and would become `{new}`", old.trim())));
            let decor = item.as_value().map(|old| old.decor().clone());
            *item = value(new);
            if let (Some(decor), Some(value)) = (decor, item.as_value_mut()) {
                *value.decor_mut() = decor;
            }
        }
        None => {
            section.insert(key, value(new));
        }
    }
}

/// Adds an entry to a list, unless it is there.
fn add(table: &mut dyn TableLike, key: &str, entry: &str) -> anyhow::Result<()> {
    let list = table.entry(key).or_insert_with(|| value(Array::new()));
    let Some(list) = list.as_array_mut() else { return fail(Code::Usage, format!("`{key}` is not a list")) };
    if !list.iter().any(|known| known.as_str() == Some(entry)) {
        list.push(entry);
    }
    Ok(())
}
