//! Sorts short lists. `slice::sort` is several kilobytes more to download before any verdict, and these hold a dozen items.

/// Sorts by insertion, and keeps one of equals.
pub(crate) fn sort_unique<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut ordered = Vec::new();
    for item in items {
        if let Err(at) = ordered.binary_search(&item) {
            ordered.insert(at, item);
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::sort_unique;

    #[test]
    fn what_stands_twice_is_there_once() {
        assert_eq!(sort_unique([3, 1, 2, 3, 1]), [1, 2, 3]);
        assert!(sort_unique::<u8>([]).is_empty());
    }
}
