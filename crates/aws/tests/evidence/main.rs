//! The controls that AWS decides, on files as its command line prints them.

#![allow(clippy::disallowed_methods, reason = "tests read the project's own files and run the script")]

mod facts;
mod files;
mod script;
mod world;
