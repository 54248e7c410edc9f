//! A type that proves that a value was masked.

use std::ops::Deref;

/// A type whose texts can be masked.
pub trait Mask {
    /// Masks what looks like a secret in every text that a node may influence. Idempotent.
    fn mask(&mut self);
}

/// A masked value. Writers accept no unmasked ones, so forgetting to mask does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked<T>(T);

impl<T: Mask> Masked<T> {
    /// Masks the value.
    pub fn new(mut whole: T) -> Self {
        whole.mask();
        Self(whole)
    }
}

impl<T> Deref for Masked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
