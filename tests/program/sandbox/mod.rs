//! What the sandbox keeps from a program, on the real kernel.
//!
//! The filters are put into force in a program of their own, which makes each call by its number: as a program would that
//! was taken over. Everything else binds one thread, which ends with its test.

mod calls;
mod files;
