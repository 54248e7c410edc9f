//! Definitions: what is read from them, and what is refused.

mod fixture;

mod accepted;
mod hostile;
mod key_paths;
mod profiles;
mod refused;
mod replaced;
mod texts;
