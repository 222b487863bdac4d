//! The colours of sections: one for each name, the same in both modules, and never that of a neighbour, as far as there are
//! enough. The largest, which are what is seen, all differ. Not here: the colours themselves (`style.css`), which also keep sections apart by a line.

use std::collections::{BTreeMap, BTreeSet};

/// How many colours there are: `.bar-0` and so on.
const COLOURS: usize = 6;

/// Which section has which.
pub(super) struct Colours {
    names: Vec<String>,
    chosen: BTreeMap<String, usize>,
}

impl Colours {
    /// Of the sections of both modules, each with its size, in the order of the file.
    pub(super) fn of<'n>(bars: [impl Iterator<Item = (&'n str, u64)>; 2]) -> Self {
        let mut names: Vec<&str> = Vec::new();
        let mut neighbours: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
        for bar in bars {
            let mut last = None;
            for (name, size) in bar {
                *sizes.entry(name).or_default() += size;
                if !neighbours.contains_key(name) {
                    names.push(name);
                }
                let beside = neighbours.entry(name).or_default();
                beside.extend(last);
                if let Some(last) = last.replace(name) {
                    neighbours.entry(last).or_default().insert(name);
                }
            }
        }
        let mut chosen: BTreeMap<String, usize> = BTreeMap::new();
        let mut times = [0; COLOURS];
        let mut largest_first = names.clone();
        largest_first.sort_by_key(|name| std::cmp::Reverse(sizes[name]));
        for name in largest_first {
            let taken: BTreeSet<usize> =
                neighbours[name].iter().filter_map(|beside| chosen.get(*beside).copied()).collect();
            let colour = (0..COLOURS).min_by_key(|colour| (taken.contains(colour), times[*colour])).unwrap_or_default();
            times[colour] += 1;
            chosen.insert(name.to_owned(), colour);
        }
        Self { names: names.into_iter().map(str::to_owned).collect(), chosen }
    }

    /// Every name once, in the order of the file.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The class of the colour of a section.
    pub(super) fn of_section(&self, name: &str) -> String {
        format!("bar-{}", self.chosen.get(name).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_differ_in_colour_and_namesakes_do_not() {
        let first = [
            "type",
            "import",
            "function",
            "table",
            "memory",
            "global",
            "export",
            "element",
            "code",
            "data",
            "custom name",
        ];
        let second = ["type", "function", "memory", "export", "code", "custom name", "custom producers", "custom x"];
        let colours = Colours::of([&first[..], &second[..]].map(|bar| bar.iter().map(|name| (*name, 1))));
        for bar in [&first[..], &second[..]] {
            for pair in bar.windows(2) {
                assert_ne!(colours.of_section(pair[0]), colours.of_section(pair[1]), "{pair:?}");
            }
        }
        assert_eq!(colours.names().len(), 13);
        assert_eq!(colours.names()[..2], ["type", "import"]);
    }

    #[test]
    fn as_many_large_ones_as_there_are_colours_are_all_different() {
        let names = ["x", "a", "y", "b", "z", "c", "d", "e", "f"];
        let is_large = |name: &str| ("a"..="f").contains(&name);
        let sized = || names.into_iter().map(|name| (name, if is_large(name) { 1_000 } else { 1 }));
        let colours = Colours::of([sized(), sized()]);
        let large = names.into_iter().filter(|name| is_large(name));
        let chosen: BTreeSet<String> = large.map(|name| colours.of_section(name)).collect();
        assert_eq!(chosen.len(), COLOURS);
        // More than there are: none is left without one.
        let many: Vec<String> = (0..100).map(|at| format!("custom {at}")).collect();
        let colours = Colours::of([many.iter(), many.iter()].map(|bar| bar.map(|name| (name.as_str(), 1))));
        assert!(many.windows(2).all(|pair| colours.of_section(&pair[0]) != colours.of_section(&pair[1])));
    }
}
