//! Compiles the definitions into the program.
fn main() {}
