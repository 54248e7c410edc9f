//! Sorting and map building with one copy of the sorting code for all types.
//!
//! The standard library's sort is compiled anew for each type and comparison, about 4 KB each time, and collecting into
//! a map sorts too. Here slices are short or sorted once, so an indirect call per comparison has no measurable cost,
//! and the node's binary is a thirtieth smaller.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Stable sorting of slices: equal items keep their order.
pub trait Sorting {
    /// The type of the items.
    type Item;

    /// Sorts by the items' natural order.
    fn order(&mut self)
    where
        Self::Item: Ord,
    {
        self.order_by(Ord::cmp);
    }

    /// Sorts by a key, which is computed at each comparison.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&Self::Item) -> K) {
        self.order_by(|one, other| key(one).cmp(&key(other)));
    }

    /// Sorts by a comparison function, which must define a total order.
    fn order_by(&mut self, compare: impl Fn(&Self::Item, &Self::Item) -> Ordering);
}

impl<T> Sorting for [T] {
    type Item = T;

    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let sorted = permutation(self.len(), &|one, other| compare(&self[one], &self[other]));
        rearrange(&sorted, &mut |one, other| self.swap(one, other));
    }
}

/// Collects pairs into a map; the last value of each key wins.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// Collects items into a set.
pub fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// Returns the unsorted index of each sorted item, or nothing if the sequence is already sorted.
fn permutation(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    if (1..length).all(|index| compare(index - 1, index).is_le()) {
        return Vec::new();
    }
    let mut places: Vec<usize> = (0..length).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Moves each item to its place with at most one swap per item.
fn rearrange(sorted: &[usize], swap: &mut dyn FnMut(usize, usize)) {
    // The target index of each item.
    let mut targets = vec![0; sorted.len()];
    for (target, place) in sorted.iter().enumerate() {
        targets[*place] = target;
    }
    for place in 0..targets.len() {
        while targets[place] != place {
            let target = targets[place];
            swap(place, target);
            targets.swap(place, target);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::cmp::Reverse;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Compares with the standard library, including the order of equal items.
        #[test]
        fn as_the_standard_library_sorts(items in prop::collection::vec((0_u8..20, any::<u16>()), 0..300)) {
            let (mut ours, mut theirs) = (items.clone(), items);
            ours.order_by_key(|(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(&ours, &theirs);
            ours.order_by_key(|(key, _)| Reverse(*key));
            theirs.sort_by_key(|(key, _)| Reverse(*key));
            prop_assert_eq!(&ours, &theirs);
            ours.order();
            theirs.sort_unstable();
            prop_assert_eq!(&ours, &theirs);
            prop_assert_eq!(map(ours.iter().copied()), ours.iter().copied().collect::<BTreeMap<_, _>>());
            prop_assert_eq!(set(ours.iter()), ours.iter().collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn what_is_sorted_is_compared_once() {
        let compared = Cell::new(0);
        let mut items: Vec<u32> = (0..1000).collect();
        items.order_by(|one, other| {
            compared.set(compared.get() + 1);
            one.cmp(other)
        });
        assert_eq!(compared.get(), 999);
    }
}
