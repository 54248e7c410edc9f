//! Interning: stores each distinct value once.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Distinct values and their numbers.
#[derive(Debug, Clone)]
pub(super) struct Interner<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Eq + Hash + Clone> Interner<T> {
    /// The number of a value, which is stored if it is new.
    pub(super) fn number<Q>(&mut self, value: &Q, make: impl FnOnce(&Q) -> T) -> u32
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let value = make(value);
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    /// Whether a value is stored.
    pub(super) fn knows<Q>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.numbers.contains_key(value)
    }

    /// The values in order of their numbers.
    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    /// The values in order of their numbers.
    pub(super) fn into_values(self) -> Vec<T> {
        self.values
    }
}
