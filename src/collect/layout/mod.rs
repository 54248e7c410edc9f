//! The layouts of nodes: what distributions, services and installers leave on them.

pub(crate) mod builds;
mod evidence;
pub(in crate::collect) mod sign;
pub(crate) mod signs;
pub(crate) mod table;

pub(super) use evidence::is_here;
