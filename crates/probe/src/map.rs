//! Maps, which answers and what is made of them are.

use std::collections::BTreeMap;

/// The map of these pairs, of which the last with a key stays. `collect` would sort them first, and the code for that, 5 KiB
/// for each kind of iterator, was a twentieth of the binary.
pub fn map_of<K: Ord, V>(pairs: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(pairs);
    map
}
