//! Names of suites and classes: stable across runs, and different for each node.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use model::{Report, Run, Target};
use sha2::{Digest, Sha256};

/// What a name identifies: node, machine ID (or the root that the node was read from), benchmark, target and group.
type Identity<'a> = [&'a str; 5];

/// The names of all suites and classes in a document.
pub(super) struct Names {
    /// The names that several identities have in common.
    shared: BTreeSet<String>,
}

impl Names {
    /// Collects the names of these reports.
    pub(super) fn of<'a>(reports: impl Iterator<Item = &'a Report>) -> Self {
        let mut holders: BTreeMap<String, BTreeSet<Identity<'a>>> = BTreeMap::new();
        for Report { run, targets, .. } in reports {
            for target in targets {
                holders.entry(suite(run, Some(target))).or_default().insert(identity(run, Some(target), ""));
                for group in &target.groups {
                    let class = class(run, target, &group.id);
                    holders.entry(class).or_default().insert(identity(run, Some(target), &group.id));
                }
            }
            if targets.is_empty() {
                holders.entry(suite(run, None)).or_default().insert(identity(run, None, ""));
            }
        }
        Self { shared: holders.into_iter().filter(|(_, of)| of.len() > 1).map(|(name, _)| name).collect() }
    }

    /// Returns the name of a suite: `NODE / cis-1.12 master`, or without the target if the run has none.
    pub(super) fn suite(&self, run: &Run, target: Option<&Target>) -> String {
        self.distinct(suite(run, target), &identity(run, target, ""))
    }

    /// Returns the name of a class: `NODE.cis-1-12_master_1-2`. Dashboards show the parts around its single dot as
    /// package and class.
    pub(super) fn class(&self, run: &Run, target: &Target, group: &str) -> String {
        self.distinct(class(run, target, group), &identity(run, Some(target), group))
    }

    /// Appends a short hash of the identity to the name if another identity has the same name.
    fn distinct(&self, mut name: String, identity: &Identity<'_>) -> String {
        if self.shared.contains(&name) {
            let digest = Sha256::digest(identity.join("\0"));
            name.push('-');
            for byte in digest.iter().take(4) {
                // Writing to a String cannot fail.
                let _ = write!(name, "{byte:02x}");
            }
        }
        name
    }
}

fn identity<'a>(run: &'a Run, target: Option<&'a Target>, group: &'a str) -> Identity<'a> {
    let name = target.map_or("", |target| &target.name);
    // Recorded nodes have no machine ID; their files distinguish nodes of the same name.
    [&run.host.name, run.host.machine_id.as_deref().unwrap_or(&run.root), benchmark(run, target), name, group]
}

fn suite(run: &Run, target: Option<&Target>) -> String {
    let name = target.map_or_else(String::new, |target| format!(" {}", target.name));
    format!("{} / {}{name}", run.host.name, benchmark(run, target))
}

fn class(run: &Run, target: &Target, group: &str) -> String {
    let (node, benchmark) = (plain(&run.host.name), plain(benchmark(run, Some(target))));
    format!("{node}.{benchmark}_{}_{}", plain(&target.name), plain(group))
}

/// Returns the name of the benchmark that a target belongs to.
fn benchmark<'a>(run: &'a Run, target: Option<&Target>) -> &'a str {
    &target.map_or(&run.benchmark, |target| run.benchmark_of(target)).name
}

/// Returns a part of a class name: letters, digits, `-` and `_` stay, every other character becomes `-`.
pub(super) fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    if text.is_empty() { "-".to_owned() } else { text.chars().map(plain).collect() }
}
