//! Parts of the definitions that are decoded from their compiled form on first use.
//!
//! A run needs one benchmark of many: decoding the checks of all of them would take longer than checking a small node.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::SharedText;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

/// A value that is decoded on first access from a compiled form embedded in the program.
pub struct Deferred<T> {
    compiled: &'static [u8],
    /// Boxed, so that a value that is never decoded takes no space.
    value: OnceLock<Box<T>>,
    /// A value decoded ahead of its first use.
    ahead: Mutex<Option<Box<T>>>,
}

impl<T> From<T> for Deferred<T> {
    fn from(value: T) -> Self {
        Self { compiled: &[], value: OnceLock::from(Box::new(value)), ahead: Mutex::default() }
    }
}

impl<T: Default> Default for Deferred<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T: Compiled + Clone> Deferred<T> {
    /// Returns an owned value.
    ///
    /// # Panics
    ///
    /// As [`Deref::deref`].
    pub fn to_value(&self) -> T {
        *self.to_boxed()
    }

    /// Returns an owned value that is not moved if it was decoded ahead.
    ///
    /// # Panics
    ///
    /// As [`Deref::deref`].
    pub fn to_boxed(&self) -> Box<T> {
        self.value.get().map_or_else(|| self.taken(), Clone::clone)
    }
}

impl<T: Compiled> Deferred<T> {
    /// Decodes the value ahead of the next access, so that one thread can decode what another is about to need.
    ///
    /// # Panics
    ///
    /// As [`Deref::deref`].
    pub fn read_ahead(&self) {
        if self.value.get().is_none() {
            let value = Box::new(read(self.compiled));
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        }
    }

    /// Takes the value decoded ahead, or decodes it now.
    #[expect(clippy::unnecessary_box_returns, reason = "large values are not moved")]
    fn taken(&self) -> Box<T> {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner).take();
        ahead.unwrap_or_else(|| Box::new(read(self.compiled)))
    }
}

fn read<T: Compiled>(compiled: &'static [u8]) -> T {
    T::read(compiled).expect("what was compiled can be read")
}

/// A value that has a compiled form.
pub trait Compiled: Deserialize<'static> {
    /// Reads it from its compiled form.
    ///
    /// # Errors
    ///
    /// If this is not its compiled form.
    fn read(compiled: &'static [u8]) -> postcard::Result<Self> {
        postcard::from_bytes(compiled)
    }
}

impl Compiled for SharedText {}

impl<T: Deserialize<'static>> Compiled for Vec<T> {}

impl Compiled for BTreeMap<SharedText, SharedText> {}

impl Compiled for BTreeMap<SharedText, BTreeSet<SharedText>> {}

impl<V: Deserialize<'static>> Compiled for BTreeMap<SharedText, BTreeMap<SharedText, V>> {}

impl<T: Compiled> Deref for Deferred<T> {
    type Target = T;

    /// # Panics
    ///
    /// If the program was assembled from two different builds: the build script writes the compiled form read here.
    fn deref(&self) -> &T {
        self.value.get_or_init(|| self.taken())
    }
}

impl<T: Compiled> DerefMut for Deferred<T> {
    /// # Panics
    ///
    /// As [`Deref::deref`].
    fn deref_mut(&mut self) -> &mut T {
        let _ = self.deref();
        self.value.get_mut().expect("it was just looked at")
    }
}

impl<T: Clone> Clone for Deferred<T> {
    fn clone(&self) -> Self {
        Self { compiled: self.compiled, value: self.value.clone(), ahead: Mutex::default() }
    }
}

impl<T: Compiled + PartialEq> PartialEq for Deferred<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Compiled + Eq> Eq for Deferred<T> {}

impl<T: Compiled + fmt::Debug> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[allow(clippy::into_iter_without_iter, reason = "what is deferred has it; not said of the build script")]
impl<'d, T: Compiled> IntoIterator for &'d Deferred<T>
where
    &'d T: IntoIterator,
{
    type Item = <&'d T as IntoIterator>::Item;
    type IntoIter = <&'d T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

impl<T: Serialize + Compiled> Serialize for Deferred<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let compiled = postcard::to_allocvec(&**self).map_err(ser::Error::custom)?;
        serializer.serialize_bytes(&compiled)
    }
}

impl<'de: 'static, T> Deserialize<'de> for Deferred<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl<'de: 'static> Visitor<'de> for Bytes {
            type Value = &'static [u8];

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a compiled form")
            }

            fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(bytes)
            }
        }

        let compiled = deserializer.deserialize_bytes(Bytes)?;
        Ok(Self { compiled, value: OnceLock::new(), ahead: Mutex::default() })
    }
}
