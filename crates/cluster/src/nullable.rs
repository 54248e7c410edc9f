//! Fields that may be `null`, as Go serializes empty values.

use serde::{Deserialize, Deserializer};

/// The value, or its default if it is `null`.
pub fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
