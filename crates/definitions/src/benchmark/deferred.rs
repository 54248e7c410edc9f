//! Parts of the definitions that are decoded from their compiled form on first use.
//!
//! A run needs one benchmark of many: decoding the checks of all of them would take longer than checking a small node.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, OnceLock, PoisonError};

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

impl<T: Deserialize<'static> + Clone> Deferred<T> {
    /// Returns an owned value.
    ///
    /// # Panics
    ///
    /// As [`Deref::deref`].
    pub fn to_value(&self) -> T {
        self.value.get().map_or_else(|| self.taken(), |value| (**value).clone())
    }
}

impl<T: Deserialize<'static>> Deferred<T> {
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
    fn taken(&self) -> T {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner).take();
        ahead.map_or_else(|| read(self.compiled), |value| *value)
    }
}

fn read<T: Deserialize<'static>>(compiled: &'static [u8]) -> T {
    postcard::from_bytes(compiled).expect("what was compiled can be read")
}

impl<T: Deserialize<'static>> Deref for Deferred<T> {
    type Target = T;

    /// # Panics
    ///
    /// If the program was assembled from two different builds: the build script writes the compiled form read here.
    fn deref(&self) -> &T {
        self.value.get_or_init(|| Box::new(self.taken()))
    }
}

impl<T: Deserialize<'static>> DerefMut for Deferred<T> {
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

impl<T: Deserialize<'static> + PartialEq> PartialEq for Deferred<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Deserialize<'static> + Eq> Eq for Deferred<T> {}

impl<T: Deserialize<'static> + fmt::Debug> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[allow(clippy::into_iter_without_iter, reason = "what is deferred has it; not said of the build script")]
impl<'d, T: Deserialize<'static>> IntoIterator for &'d Deferred<T>
where
    &'d T: IntoIterator,
{
    type Item = <&'d T as IntoIterator>::Item;
    type IntoIter = <&'d T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

impl<T: Serialize + Deserialize<'static>> Serialize for Deferred<T> {
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
