//! Paths of a tree: relative, `/` between the parts, `""` for the root.

/// A folder and all folders above it, the root (`""`) last.
pub fn above(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |here| {
        (!here.is_empty()).then(|| here.rsplit_once('/').map_or("", |(above, _)| above))
    })
}

/// A path below a folder, which may be the root.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
