//! Components that are part of another program: their settings, as far as that program's configuration shows them.
//!
//! k3s takes them from its command line, files and variables, and passes many automatically; kubelite, of `MicroK8s`,
//! reads a file of arguments for each. For other programs, only the presence of components is known.

mod arguments;
mod command;
mod found;
mod k3s;
pub(super) mod known;
mod kubelite;
mod passed;
mod settings;
pub(super) mod settle;
mod told;
