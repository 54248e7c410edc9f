//! Fields that may be `null`, as Go writes empty values.

use serde::{Deserialize, Deserializer};

/// Deserializes a value; `null` gives the default.
pub fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
