//! Writes a cluster down: what is looked at of its objects, and nothing else.
