//! Sorting where there are few: the general tools are several kilobytes more to download, before any verdict.

/// In order, each once. By insertion.
pub(crate) fn in_order<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut ordered = Vec::new();
    for item in items {
        if let Err(place) = ordered.binary_search(&item) {
            ordered.insert(place, item);
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn what_stands_twice_is_there_once() {
        assert_eq!(in_order([3, 1, 2, 3, 1]), [1, 2, 3]);
        assert!(in_order::<u8>([]).is_empty());
    }
}
