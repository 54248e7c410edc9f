//! The names of programs, and which of them are a component's.

use std::path::Path;

use definitions::benchmark::Component;

/// The file names of a component's executables.
pub(super) fn first_words(component: &Component) -> impl Iterator<Item = &str> {
    component.executables.iter().chain(&component.bare).filter_map(|name| name.split_ascii_whitespace().next())
}

/// Whether the path of a program is that of one of the component's executables.
pub(super) fn named_so(component: &Component, program: &str) -> bool {
    first_words(component).any(|known| same_program(file_name(program), known))
}

/// The last part of a path; empty if there is none, or if it is not text.
pub(super) fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Whether a file name is that of a program: besides `kubelet`, also `kubelet-1.32`, `kubelet.v1`, and Nix's
/// `.kubelet-wrapped`.
pub(super) fn same_program(name: &str, known: &str) -> bool {
    let name = name.strip_prefix('.').and_then(|name| name.strip_suffix("-wrapped")).unwrap_or(name);
    let Some(rest) = name.strip_prefix(known) else { return false };
    let mut rest = rest.chars();
    match rest.next() {
        None => true,
        Some('-' | '.' | '_') => rest.next().is_some_and(|c| c == 'v' || c.is_ascii_digit()),
        Some(_) => false,
    }
}

/// Whether a process has the kernel's name for a program. The kernel keeps 15 bytes of a name.
pub(super) fn same_command_name(comm: &str, known: &str) -> bool {
    comm == known.get(..15).unwrap_or(known) || same_program(comm, known)
}
