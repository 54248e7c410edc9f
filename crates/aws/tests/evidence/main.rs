//! The controls decided by AWS evidence, judged on files as the AWS CLI prints them.

#![allow(clippy::disallowed_methods, reason = "tests read the project's own files and run the script")]

mod facts;
mod files;
mod script;
mod world;
