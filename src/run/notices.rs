//! Notices about a run as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::collect::inventory::{Ignored, Inventory, Presence};
use crate::select::{Choice, Selection};
use definitions::benchmark::{Benchmark, Control, Target};
use definitions::profile::{Mistaken, Profile};
use model::Notice;
use probe::{Cause, Location};
use sorting::Sorting;

use super::request::RunRequest;

/// The notice of a node on which no component of Kubernetes or etcd was found.
pub const NO_COMPONENT: &str = "no-component";
/// The notice of a process that has a component's name but is ignored.
pub const PROCESS_IGNORED: &str = "process-ignored";

/// Whether the node is known to have no component: no process of one, with all processes visible, and no file.
pub fn is_empty(inventory: &Inventory<'_>) -> bool {
    // A container runtime alone does not make a node.
    let is_runtime = |key: &String| {
        inventory.library.components.get(key.as_str()).is_some_and(|component| component.runtime.is_some())
    };
    inventory.presence.iter().filter(|(key, _)| !is_runtime(key)).all(|(_, presence)| match presence {
        Presence::Absent => true,
        // Where nothing can run, no process is hidden.
        Presence::Unknown(why) => why.cause == Cause::NotRunning,
        Presence::Running | Presence::Installed(_) | Presence::Embedded(_) => false,
    })
}

/// Returns the notice that the cluster's objects were not read although requested checks depend on them.
pub(super) fn of_no_cluster(selections: &[Selection<'_>], has_aws: bool, request: &RunRequest) -> Option<Notice> {
    let is_of_cluster = |target: &Target| matches!(target, Target::Policies | Target::Cluster);
    let is_asked_for = request.targets.as_ref().is_some_and(|targets| targets.iter().any(is_of_cluster));
    let controls = selections.iter().flat_map(Selection::controls);
    let is_waiting = |control: &&Control| control.objects.is_some() && !(has_aws && control.aws.is_some());
    let waiting = controls.filter(is_waiting).count();
    (is_asked_for && waiting > 0).then(|| Notice {
        code: "cluster-not-asked".into(),
        text: format!(
            "cluster: no API access, so {waiting} checks of its objects are manual ({})",
            if cfg!(feature = "cluster") {
                "pass --kubeconfig, --cluster or --cluster-objects to evaluate them"
            } else {
                "the build with cluster support evaluates them: kube-assay cluster"
            }
        ),
    })
}

/// Returns the notice that AWS evidence was not given although requested checks depend on it.
pub(super) fn of_no_aws(selections: &[Selection<'_>], has_cluster: bool, request: &RunRequest) -> Option<Notice> {
    let is_of_aws = |target: &Target| matches!(target, Target::Policies | Target::ManagedServices);
    let is_asked_for = request.targets.as_ref().is_some_and(|targets| targets.iter().any(is_of_aws));
    let is_waiting = |control: &&Control| control.aws.is_some() && !(has_cluster && control.objects.is_some());
    let waiting = selections.iter().flat_map(Selection::controls).filter(is_waiting).count();
    (is_asked_for && waiting > 0).then(|| Notice {
        code: "aws-not-given".into(),
        text: format!(
            "AWS evidence: not given, so {waiting} checks are manual ({})",
            if cfg!(feature = "cluster") {
                "collect it with the script of kube-assay aws-evidence-commands, and pass --aws-evidence"
            } else {
                "the build with cluster support evaluates them: kube-assay cluster"
            }
        ),
    })
}

pub(super) fn of_inventory(inventory: &Inventory<'_>) -> Vec<Notice> {
    let mut notices = of_ignored(inventory);
    notices.extend(inventory.remarks.iter().map(|remark| Notice { code: "process-odd".into(), text: remark.clone() }));
    notices.extend(of_embedded(inventory));
    if is_empty(inventory) {
        notices.push(Notice {
            code: NO_COMPONENT.into(),
            text: "node: no kubelet, kube-proxy, etcd or control-plane component found, neither running nor installed \
                   (run it in the node's PID namespace, with the node's / as --root)"
                .to_owned(),
        });
    }
    // An unreadable process list hides every component that left no file behind.
    if let Some(why) = &inventory.unlisted {
        notices.push(Notice {
            code: "processes-unknown".into(),
            text: format!("{why}; it is unknown which components run"),
        });
    }
    if let Some(why) = &inventory.degraded {
        notices.push(Notice {
            code: "executables-unreadable".into(),
            text: format!("{why}; processes are identified by name only"),
        });
    }
    let complete = inventory.stand_ins.iter().filter(|stand_in| stand_in.is_complete);
    notices.extend(complete.map(|stand_in| {
        let files: Vec<String> = stand_in.files().map(ToString::to_string).collect();
        Notice {
            code: "environment-from-files".into(),
            text: format!(
                "{}; {} is evaluated from the variables in {}",
                stand_in.why,
                stand_in.name,
                files.join(", ")
            ),
        }
    }));
    notices
}

/// Returns the notices of components embedded in another program, and of the settings they are judged by.
fn of_embedded(inventory: &Inventory<'_>) -> Vec<Notice> {
    let mut judged = Vec::new();
    let mut files: BTreeSet<&Location> = sorting::set(inventory.settings_of_embedders());
    let mut unknown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, presence) in &inventory.presence {
        let Presence::Embedded(program) = presence else { continue };
        // Parts of a component are reported with it.
        let Some(component) =
            inventory.library.components.get(key.as_str()).filter(|component| component.part_of.is_none())
        else {
            continue;
        };
        let said = format!("{} in {program}", component.name);
        match inventory.of(key).iter().find_map(|instance| instance.unread.as_ref()) {
            None => {
                judged.push(said);
                files.extend(inventory.of(key).iter().filter_map(|instance| instance.manifest.as_ref()));
            }
            Some(why) => unknown.entry(why.to_string()).or_default().push(said),
        }
    }
    let mut notices = Vec::new();
    let mut tell = |text: String| notices.push(Notice { code: "component-embedded".into(), text });
    if !judged.is_empty() {
        let files: Vec<String> = files.into_iter().map(ToString::to_string).collect();
        let by = if files.is_empty() { String::new() } else { format!(" (settings: {})", files.join(", ")) };
        tell(format!("{}: evaluated from what that program passes to them{by}", judged.join(", ")));
    }
    for (why, said) in unknown {
        tell(format!("{}: the settings are unknown: {why}", said.join(", ")));
    }
    notices
}

/// The most groups, each of a user and a reason, that are listed for one name.
const GROUPS: usize = 5;

/// Returns the notices of processes that have a component's name but are not trusted to be it, one per name.
fn of_ignored(inventory: &Inventory<'_>) -> Vec<Notice> {
    let mut by_name: BTreeMap<&str, Vec<(&Ignored, usize)>> = BTreeMap::new();
    for (ignored, count) in &inventory.ignored {
        by_name.entry(&ignored.called).or_default().push((ignored, *count));
    }
    let notice = |(called, mut groups): (&str, Vec<(&Ignored, usize)>)| {
        groups.order_by_key(|(ignored, count)| (std::cmp::Reverse(*count), *ignored));
        let total: usize = groups.iter().map(|(_, count)| count).sum();
        let noun = |count: usize| if count == 1 { "process" } else { "processes" };
        let group = |(ignored, count): &(&Ignored, usize)| {
            let Ignored { uid, reason, .. } = ignored;
            let accounts = inventory.accounts.as_present();
            let whose = match uid {
                None => "of further users".to_owned(),
                Some(0) => "of root".to_owned(),
                Some(uid) => match accounts.and_then(|accounts| accounts.user(*uid)) {
                    Some(name) => format!("of user {name} ({uid})"),
                    None => format!("of user {uid}"),
                },
            };
            (*count, format!("{whose} ({reason})"))
        };
        let text = match groups.as_slice() {
            [only] => {
                let (count, said) = group(only);
                format!("ignored: {count} {} called {called} {said}", noun(count))
            }
            several => {
                let shown = several.iter().take(GROUPS).map(|one| {
                    let (count, said) = group(one);
                    format!("{count} {said}")
                });
                let mut said: Vec<String> = shown.collect();
                let more: usize = several.iter().skip(GROUPS).map(|(_, count)| count).sum();
                if more > 0 {
                    said.push(format!("{more} more"));
                }
                format!("ignored: {total} {} called {called}: {}", noun(total), said.join("; "))
            }
        };
        Notice { code: PROCESS_IGNORED.into(), text }
    };
    by_name.into_iter().map(notice).collect()
}

/// Returns the notice of numbers that a profile skips although they mean something else in this benchmark, for the
/// targets that are run.
pub(super) fn of_mistaken_skips(
    profile: Option<&Profile>,
    benchmark: &Benchmark,
    targets: &[Target],
) -> Option<Notice> {
    let profile = profile?;
    let mistaken = profile.mistaken(benchmark);
    let skipped: Vec<String> = mistaken
        .iter()
        .filter(|mistake| targets.contains(&mistake.skip.target))
        .map(|Mistaken { skip, check }| format!("{} is {} and not {}", skip.id, check.control, skip.meant))
        .collect();
    (!skipped.is_empty()).then(|| Notice {
        code: "skipped-by-mistake".into(),
        text: format!(
            "profile {}: {} checks are skipped by mistake, because their numbers mean something else in {}: {} (give a \
             profile that skips by control, such as eks-anywhere, to have them checked)",
            profile.name,
            skipped.len(),
            benchmark.name,
            skipped.join(", ")
        ),
    })
}

/// Returns the notice that the filters by level or scoring leave no chosen check to run.
pub(super) fn of_nothing_left(choice: &Choice, is_by_score: bool) -> Option<Notice> {
    if let (true, Some(level), false, false) =
        (is_by_score, choice.level, choice.without_scored, choice.without_unscored)
    {
        let text = format!("--level {level}: leaves out every check that was chosen (leave it out)");
        return Some(Notice { code: "nothing-chosen".into(), text });
    }
    let text = match (is_by_score, choice.without_scored, choice.without_unscored) {
        (true, _, _) if choice.level.is_some() => {
            "--level, --scored, --unscored: leave no check to be run (leave one of them out)"
        }
        (true, true, true) => "--scored=false, --unscored=false: leave no check to be run (leave one of them out)",
        (true, true, false) => "--scored=false: leaves out every check that was chosen (leave it out)",
        (true, false, true) => "--unscored=false: leaves out every check that was chosen (leave it out)",
        _ => return None,
    };
    Some(Notice { code: "nothing-chosen".into(), text: text.to_owned() })
}
