//! Assembles the page as trunk does from the same `index.html`, without trunk, which takes minutes to compile.
//!
//! Of what trunk knows, this knows what `index.html` uses; an element that it does not know is an error. Names with digests come
//! after it ([`super::finish`]), for both.

use crate::run;
use crate::setup::Programs;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "page";
/// What marks an element for trunk.
const MARK: &str = "data-trunk";

/// The programs of the page, compiled by [`compile`].
pub(crate) struct Compiled(());

/// Makes the page of its programs in `dist`, which is replaced once all is there.
///
/// # Errors
/// When a program fails, or `index.html` has an element for trunk that is not known here.
pub(crate) fn assemble(programs: &Programs, _: &Compiled, dist: &Path) -> Result<()> {
    // Beside it, since the target folder can lie on another disk, to which nothing can be renamed.
    let (stage, old) = (dist.with_added_extension("stage"), dist.with_added_extension("old"));
    for left in [&stage, &old] {
        if left.exists() {
            fs::remove_dir_all(left).with_context(|| format!("failed to remove `{}`", left.display()))?;
        }
    }
    fs::create_dir_all(&stage)?;
    let index = index()?;
    let elements = elements(&index)?;
    let (mut html, mut preloads) = (index.clone(), String::new());
    for element in &elements {
        let instead = element.put(programs, &stage, &mut preloads)?;
        html = html.replacen(element.text, &instead, 1);
    }
    let html = html.replacen("</head>", &format!("{preloads}</head>"), 1);
    fs::write(stage.join("index.html"), html)?;
    super::finish(&stage)?;
    for (from, to) in [(dist, old.as_path()), (&stage, dist)] {
        if from.exists() {
            fs::rename(from, to).with_context(|| format!("failed to rename `{}`", from.display()))?;
        }
    }
    if old.exists() {
        fs::remove_dir_all(old).context("failed to remove the last page")?;
    }
    Ok(())
}

/// One element that trunk replaces.
struct Element<'a> {
    /// All of it, as it stands in the page.
    text: &'a str,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Icon(&'a str),
    Style(&'a str),
    Script(&'a str),
    Copy(&'a str),
    /// A program: its name, and whether the page loads it at once.
    Program(&'a str, bool),
}

/// The elements for trunk, in their order.
fn elements(html: &str) -> Result<Vec<Element<'_>>> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(MARK) {
        let start = rest[..at].rfind('<').context("an attribute stands in an element")?;
        let is_script = rest[start..].starts_with("<script");
        let end = if is_script { "</script>" } else { ">" };
        let length = rest[start..].find(end).context("an element of `index.html` has no end")? + end.len();
        let text = &rest[start..start + length];
        let of = |name: &str| attribute(text, name).with_context(|| format!("`{text}` has no `{name}`"));
        let kind = match attribute(text, "rel") {
            None if is_script => Kind::Script(of("src")?),
            Some("icon") => Kind::Icon(of("href")?),
            Some("css") => Kind::Style(of("href")?),
            Some("copy-file") => Kind::Copy(of("href")?),
            Some("rust") => Kind::Program(of("data-bin")?, attribute(text, "data-type") != Some("worker")),
            _ => bail!("`index.html` has an element that only trunk knows: `{text}`"),
        };
        found.push(Element { text, kind });
        rest = &rest[start + length..];
    }
    Ok(found)
}

/// The value of an attribute of one element.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = element.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn index() -> Result<String> {
    fs::read_to_string(run::workspace().join("index.html")).context("failed to read `index.html`")
}

/// Compiles the programs of the page, in one call of cargo.
///
/// # Errors
/// When cargo fails.
pub(crate) fn compile() -> Result<Compiled> {
    let index = index()?;
    let mut command = run::cargo();
    command.args(["build", "--locked", "--target", TARGET, "--profile", PROFILE, "--package", "provenear-web"]);
    for element in elements(&index)? {
        if let Kind::Program(name, _) = element.kind {
            command.args(["--bin", name]);
        }
    }
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", super::flags());
    let text = "compiling the page, about 3 min the first time on 2 cores";
    run::phase(text, || run::run_logged("page", &mut command))?;
    Ok(Compiled(()))
}

impl Element<'_> {
    /// Puts what it names into `stage`, and gives what stands in its place.
    fn put(&self, programs: &Programs, stage: &Path, preloads: &mut String) -> Result<String> {
        let copied = |path: &str| -> Result<(String, PathBuf)> {
            let name = path.rsplit('/').next().unwrap_or(path);
            let to = stage.join(name);
            fs::copy(run::workspace().join(path), &to).with_context(|| format!("failed to copy `{path}`"))?;
            Ok((name.to_owned(), to))
        };
        Ok(match self.kind {
            Kind::Copy(path) => {
                copied(path)?;
                String::new()
            }
            Kind::Icon(path) => {
                let (name, file) = copied(path)?;
                format!("<link rel=\"icon\" href=\"./{name}\" integrity=\"{}\"/>", super::integrity(&file, 384)?)
            }
            Kind::Style(path) => {
                let (name, file) = copied(path)?;
                format!("<link rel=\"stylesheet\" href=\"./{name}\" integrity=\"{}\"/>", super::integrity(&file, 384)?)
            }
            Kind::Script(path) => {
                let (name, file) = copied(path)?;
                let integrity = super::integrity(&file, 384)?;
                format!("<script src=\"./{name}\" integrity=\"{integrity}\" type=\"module\"></script>")
            }
            Kind::Program(name, at_once) => {
                let (script, module) = bind(programs, stage, name)?;
                if !at_once {
                    return Ok(String::new());
                }
                for (rel, file, also) in
                    [("modulepreload", &script, ""), ("preload", &module, " as=\"fetch\" type=\"application/wasm\"")]
                {
                    let integrity = super::integrity(&stage.join(file), 384)?;
                    preloads.push_str(&format!(
                        "<link rel=\"{rel}\" href=\"./{file}\" crossorigin=\"anonymous\" integrity=\"{integrity}\"{also}>"
                    ));
                }
                // The loader is a script of our own.
                "<!-- -->".to_owned()
            }
        })
    }
}

/// The script and the module of one program, by their names in `stage`: what wasm-bindgen makes of it, and wasm-opt makes smaller.
fn bind(programs: &Programs, stage: &Path, name: &str) -> Result<(String, String)> {
    let compiled = run::target().join(TARGET).join(PROFILE).join(format!("{name}.wasm"));
    let (script, module) = (format!("{name}.js"), format!("{name}_bg.wasm"));
    let bound = run::target().join("page-bound");
    let mut bindgen = programs.command("wasm-bindgen");
    bindgen.args(["--target=web", "--no-typescript", &format!("--out-name={name}"), "--out-dir"]).arg(&bound);
    run::run_logged(&format!("{name}-bindgen"), bindgen.arg(compiled))?;
    fs::copy(bound.join(&script), stage.join(&script)).with_context(|| format!("wasm-bindgen left no `{script}`"))?;
    let mut opt = programs.command("wasm-opt");
    // As `index.html` asks of trunk. `-Oz` gives fewer bytes on disk and more on the line: what it shares compresses less.
    opt.arg("--output").arg(stage.join(&module)).arg("-Os").arg(bound.join(&module));
    run::run_logged(&format!("{name}-opt"), &mut opt)?;
    Ok((script, module))
}

#[cfg(test)]
mod tests {
    use super::{Kind, elements};

    #[test]
    fn what_the_page_asks_of_trunk_is_known() {
        let html = std::fs::read_to_string(crate::run::workspace().join("index.html")).unwrap();
        let elements = elements(&html).unwrap();
        assert_eq!(elements.len(), html.matches("data-trunk").count());
        let at_once = |kind: &Kind<'_>| matches!(kind, Kind::Program(_, true));
        assert_eq!(elements.iter().filter(|element| at_once(&element.kind)).count(), 1);
        assert!(super::elements("<link data-trunk rel=\"sass\" href=\"a.scss\" />").is_err());
        assert!(super::elements("<link data-trunk rel=\"icon\" />").is_err());
    }
}
