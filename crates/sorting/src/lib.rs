//! Sorting with one copy of its code for all types.
//!
//! The standard library compiles its sorting anew for each type and each comparison, about 4 KB a time, and building a map
//! from an iterator sorts too. What is sorted here is short or sorted once, so that an indirect call for each comparison
//! costs nothing that can be measured, while the node's binary is a thirtieth smaller.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Stable sorting of slices: equal items stay in their order.
pub trait Sorting {
    /// What is sorted.
    type Item;

    /// Sorts by the items' own order.
    fn order(&mut self)
    where
        Self::Item: Ord,
    {
        self.order_by(Ord::cmp);
    }

    /// Sorts by a part of each item, or by something computed from it at each comparison.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&Self::Item) -> K) {
        self.order_by(|one, other| key(one).cmp(&key(other)));
    }

    /// Sorts by a comparison, which must be a total order.
    fn order_by(&mut self, compare: impl Fn(&Self::Item, &Self::Item) -> Ordering);
}

impl<T> Sorting for [T] {
    type Item = T;

    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let sorted = permutation(self.len(), &|one, other| compare(&self[one], &self[other]));
        rearrange(&sorted, &mut |one, other| self.swap(one, other));
    }
}

/// The map of these pairs; of two pairs with one key the later one counts.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// The set of these items.
pub fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// Where each item of the sorted sequence stands in the unsorted one; empty where it is sorted already.
fn permutation(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    if (1..length).all(|index| compare(index - 1, index).is_le()) {
        return Vec::new();
    }
    let mut places: Vec<usize> = (0..length).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Brings each item to its place with one exchange for each item.
fn rearrange(sorted: &[usize], swap: &mut dyn FnMut(usize, usize)) {
    // Where each item goes to.
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
        /// The standard library's answer, the order of equal items included.
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
