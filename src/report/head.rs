//! The head of the text report: what was checked, and against which benchmark.

use model::{Benchmark, Cluster, Report, Run, TargetNote};

use super::escape;
use super::section::Section;

/// The longest line in characters, unless everything is shown.
const LONGEST: usize = 110;

/// The maximum number of lines, unless everything is shown.
const MOST: usize = 6;

/// Returns the lines: at most six, or with all evidence if `verbose`.
pub(super) fn lines(run: &Run, report: &Report, verbose: bool) -> Vec<String> {
    let lines = if verbose { whole(run) } else { short(run, report) };
    let one_line = |line: String| escape::line(&line).into_owned();
    lines.into_iter().map(one_line).map(|line| if verbose { line } else { clipped(line) }).collect()
}

fn short(run: &Run, report: &Report) -> Vec<String> {
    let title = format!("kube-assay {}, {}, {}", run.version, subject(run), run.started);
    let benchmark = format!("{} ({}): {}", run.benchmark.title, run.benchmark.name, chosen_by(run));
    let platform = run.platform.as_ref().map_or("no platform detected", |platform| &platform.title);
    let profile = match &run.profile {
        Some(profile) if run.command.choices.contains_key("only") => format!("profile {}", profile.name),
        Some(profile) => {
            let skipped = report.checks().filter(|check| Section::of(check) == Section::Skipped).count();
            let checks = if skipped == 1 { "check" } else { "checks" };
            format!("profile {} ({skipped} {checks} skipped)", profile.name)
        }
        None => "no profile".to_owned(),
    };
    let of_platform = (run.platform.is_some() || run.cluster.is_none()).then(|| format!("{platform}, {profile}"));
    let cluster = run.cluster.as_ref().map(|cluster| {
        let of_it = of_cluster(cluster);
        if is_cluster_alone(run) { of_it } else { format!("cluster {}: {of_it}", cluster.source) }
    });
    let targets = run.targets.iter().map(named).collect::<Vec<_>>().join(", ");
    let targets = (!targets.is_empty()).then(|| format!("targets {targets}"));
    let root = (run.root != "/" && !is_cluster_alone(run)).then(|| format!("seen from {}", run.root));
    let only = only(run);
    let further: Vec<String> = run.further.iter().map(further).collect();
    let parts = [&cluster, &of_platform, &targets, &root, &only];
    let count = 2 + further.len() + parts.into_iter().flatten().count();
    let mut lines = vec![title, benchmark];
    if count <= MOST {
        lines.extend(further);
        lines.extend([cluster, of_platform, targets, root, only].into_iter().flatten());
        return lines;
    }
    // Too many parts for a line each. The selection, which explains missing checks, comes before parts that may be cut.
    let joined = |parts: [Option<String>; 2]| {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    };
    let names: Vec<String> =
        run.further.iter().map(|benchmark| format!("{} ({})", benchmark.title, benchmark.name)).collect();
    lines.extend((!names.is_empty()).then(|| format!("and {}", names.join(", "))));
    lines.extend([cluster, joined([of_platform, root]), joined([only, targets])].into_iter().flatten());
    lines
}

/// Whether a cluster was checked without its nodes.
fn is_cluster_alone(run: &Run) -> bool {
    match &run.cluster {
        Some(cluster) => cluster.source == run.root,
        // Only data from AWS was used.
        None => run.command.name == "cluster",
    }
}

/// Returns what was checked: `node cp1`, `cluster https://10.0.0.1:6443`.
fn subject(run: &Run) -> String {
    format!("{} {}", if is_cluster_alone(run) { "cluster" } else { "node" }, run.host.name)
}

/// Returns what is known about the cluster.
fn of_cluster(cluster: &Cluster) -> String {
    let Cluster { source: _, version, distribution, eks_anywhere, network, policy_engines, nodes } = cluster;
    let nodes = nodes.iter().map(|(role, count)| format!("{count} {role}")).collect::<Vec<_>>().join(", ");
    let nodes = if nodes.is_empty() { "nodes not known".to_owned() } else { format!("nodes: {nodes}") };
    let whose = eks_anywhere.as_ref().map(|cluster| cluster.title.clone()).or_else(|| distribution.clone());
    let known = [version.clone(), whose].into_iter().flatten().chain([nodes]);
    let known: Vec<String> = known.chain(network.iter().cloned()).chain(policy_engines.iter().cloned()).collect();
    known.join("; ")
}

/// Returns a line saying that the report contains only some of the checks, if it does.
fn only(run: &Run) -> Option<String> {
    let names = run.command.choices.get("only")?;
    Some(format!("only checks that are: {}", names.join(", ")))
}

fn whole(run: &Run) -> Vec<String> {
    let mut lines =
        vec![format!("kube-assay {}, {}, {}, seen from {}", run.version, subject(run), run.started, run.root)];
    lines.push(format!("benchmark {}: {} ({})", run.benchmark.name, run.benchmark.title, chosen_by(run)));
    lines.push(format!("rules: {}", run.benchmark.digest));
    for benchmark in &run.further {
        lines.extend([further(benchmark), format!("rules: {}", benchmark.digest)]);
    }
    lines.extend(run.cluster.as_ref().map(|cluster| format!("cluster {}: {}", cluster.source, of_cluster(cluster))));
    if let Some(platform) = &run.platform {
        lines.push(format!("platform {}: {} ({})", platform.name, platform.title, platform.evidence.join("; ")));
    }
    if let Some(profile) = &run.profile {
        lines.push(format!("profile {}: {} ({})", profile.name, profile.title, profile.evidence));
    }
    lines.extend(run.targets.iter().map(|note| format!("target {}: {}", named(note), note.evidence.join("; "))));
    lines.extend(only(run));
    lines
}

/// Returns the line for a further benchmark.
fn further(benchmark: &Benchmark) -> String {
    format!("{} ({}): {}", benchmark.title, benchmark.name, benchmark.evidence)
}

/// Returns the name of a target, preceded by its benchmark if that is a further one.
fn named(note: &TargetNote) -> String {
    let TargetNote { name, benchmark, .. } = note;
    benchmark.as_ref().map_or_else(|| name.clone(), |benchmark| format!("{benchmark} {name}"))
}

/// Returns why this benchmark was chosen, and which version was detected and how.
fn chosen_by(run: &Run) -> String {
    let known = &run.kubernetes.evidence;
    let because = &run.benchmark.evidence;
    let version = match &run.kubernetes.version {
        Some(version) => format!("Kubernetes {version}, known from {known}"),
        None if known == because => return known.clone(),
        None => format!("Kubernetes version: {known}"),
    };
    // The version that follows already implies this reason.
    if because.starts_with("for Kubernetes") {
        return version;
    }
    format!("{because}; {version}")
}

fn clipped(line: String) -> String {
    match line.char_indices().nth(LONGEST - 3) {
        Some((end, _)) if line.chars().count() > LONGEST => format!("{}...", line.get(..end).unwrap_or_default()),
        _ => line,
    }
}
