//! The map (`ARCHITECTURE.md`): every path that it names is there, as a file or a folder. Not here: whether what it says of one
//! is right.

use std::path::Path;

/// `a/{b,c}` as `a/b` and `a/c`.
fn expand(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (inside, after) = rest.split_once('}').unwrap();
    inside.split(',').map(|part| format!("{before}{part}{after}")).collect()
}

/// A room by its short name, as the table has it: without `src` and `.rs`.
fn exists(root: &Path, path: &str) -> bool {
    let in_src = |members: usize| {
        let at = path.match_indices('/').nth(members - 1).map_or(path.len(), |(at, _)| at);
        format!("{}/src{}", &path[..at], &path[at..])
    };
    let places = [path.to_owned(), in_src(1), in_src(2)];
    places.iter().any(|place| root.join(place).exists() || root.join(format!("{place}.rs")).exists())
}

#[test]
fn every_path_on_the_map_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let map = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let is_path = |word: &&str| word.contains('/') && !word.starts_with('/') && !word.contains([' ', '<', ':']);
    let prose: String = map.split("```").step_by(2).collect();
    let named: Vec<String> = crate::quoted(&prose).into_iter().filter(is_path).flat_map(expand).collect();
    assert!(named.len() > 100, "this test reads the map wrongly: {named:?}");
    let missing: Vec<_> = named.iter().filter(|path| !exists(&root, path)).collect();
    assert!(missing.is_empty(), "not there: {missing:?}");
}
