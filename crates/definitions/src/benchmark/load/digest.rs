//! Computes the digest of a benchmark, which changes with every definition that its findings depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::SharedText;
use crate::benchmark::{Benchmark, Component, Control, Flags, Library};

/// Sets the digest of each benchmark in a library without mistakes.
///
/// The digest is the first 16 hexadecimal digits of the SHA-256 over the compiled form of the benchmark, its controls
/// and the components they refer to.
pub(super) fn seal(library: &mut Library) {
    let digests: Vec<String> = library.benchmarks.values().map(|benchmark| digest(library, benchmark)).collect();
    for (benchmark, digest) in library.benchmarks.values_mut().zip(digests) {
        benchmark.digest = digest.into();
    }
}

/// Returns the compiled form of a component without deferred parts.
fn whole(component: &Component) -> impl Serialize {
    let Component { key, name, executables, bare, bare_with, embedded_in, passed_by, part_of, belongs_to, .. } =
        component;
    let Component { namespaces, users, needs_host_pids, runtime, unit, grammar, config, flags, .. } = component;
    let Component { former, defaults, meanings, feature_gates, places, .. } = component;
    let Flags { boolean, list, map, duration } = flags;
    (
        (key, name, executables, bare, bare_with, embedded_in, &**passed_by, (part_of, belongs_to)),
        (namespaces, users, needs_host_pids, runtime, unit, grammar, config),
        ((&**boolean, list, map, duration), &**former, &**defaults, &**meanings, &**feature_gates, places),
    )
}

fn digest(library: &Library, benchmark: &Benchmark) -> String {
    // Neither the split into deferred parts nor the suggestions affect findings, so the digest leaves them out.
    let Benchmark { name, title, kubernetes, platforms, suggested_on: _, has_levels, targets, size: _, digest: _ } =
        benchmark;
    let bare = (name, title, kubernetes, platforms, has_levels, &**targets, "");
    let keys: BTreeSet<&str> = sorting::set(benchmark.checks().map(|(_, check)| check.control.as_str()));
    let controls: BTreeMap<&str, &Control> =
        sorting::map(keys.into_iter().filter_map(|key| Some((key, library.control(key)?))));
    let named: BTreeSet<SharedText> =
        sorting::set(controls.values().flat_map(|control| super::control::components_of(control)));
    let mut components: BTreeMap<&str, _> = BTreeMap::new();
    for component in named.iter().filter_map(|key| library.components.get(key)) {
        let owner = component.part_of.as_ref().and_then(|owner| library.components.get(owner));
        components
            .extend([Some(component), owner].into_iter().flatten().map(|found| (found.key.as_str(), whole(found))));
    }
    let snippets = controls.values().flat_map(|control| control.snippets());
    let snippets: BTreeMap<SharedText, Option<&SharedText>> =
        sorting::map(snippets.map(|name| (name.clone(), library.snippets.get(&name))));
    // Serializing plain data into memory does not fail.
    let compiled = postcard::to_allocvec(&(bare, controls, components, snippets)).unwrap_or_default();
    Sha256::digest(compiled).iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail either.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
