//! What ways of setting up nodes leave on them: distributions, services and installers.

pub(crate) mod builds;
mod evidence;
pub(in crate::collect) mod sign;
pub(crate) mod signs;
pub(crate) mod table;

pub(super) use evidence::is_here;
