//! Honest nodes.
