//! All definitions together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Benchmark, Component, Control};

/// All definitions that a run knows, checked against each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// By key.
    pub components: BTreeMap<String, Component>,
    /// By key.
    pub controls: BTreeMap<String, Control>,
    /// By name.
    pub benchmarks: BTreeMap<String, Benchmark>,
}
