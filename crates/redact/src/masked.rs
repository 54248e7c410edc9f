//! Proof that something was masked.

use std::ops::Deref;

/// What can be masked as a whole.
pub trait Mask {
    /// Masks what looks like a secret in every text that a node may have a part in. Twice is the same as once.
    fn mask(&mut self);
}

/// Something without the secrets that a node may hold. Writers take nothing else, so that a forgotten mask does not
/// compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked<T>(T);

impl<T: Mask> Masked<T> {
    /// Masks it in place.
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
