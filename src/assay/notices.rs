//! What the user should know about a run as a whole.

use crate::benchmark::{Benchmark, Target};
use crate::finding::Notice;
use crate::plan::census::{Census, Presence};
use crate::plan::selection::Choice;
use crate::probe::Cause;
use crate::profile::{Mistaken, Profile};

/// The notice of a node on which nothing of Kubernetes or etcd was found.
pub const NO_COMPONENT: &str = "no-component";
/// The notice of a process that bears a component's name and does not count.
pub const PROCESS_IGNORED: &str = "process-ignored";

/// Whether it is known that no component is here: neither a process of one, which could have been seen, nor a file.
pub fn is_empty(census: &Census<'_>) -> bool {
    census.presence.values().all(|presence| match presence {
        Presence::Absent => true,
        // Where nothing can run, nothing is hidden.
        Presence::Unknown(why) => why.cause == Cause::NotRunning,
        Presence::Running | Presence::Installed(_) | Presence::Embedded(_) => false,
    })
}

pub(super) fn of_census(census: &Census<'_>) -> Vec<Notice> {
    let mut notices: Vec<Notice> = census
        .ignored
        .iter()
        .map(|ignored| Notice {
            code: PROCESS_IGNORED,
            text: format!("process {}: bears the name of {}, but {}", ignored.pid, ignored.name, ignored.reason),
        })
        .collect();
    let embedded: Vec<String> = census
        .presence
        .iter()
        .filter_map(|(key, presence)| match presence {
            Presence::Embedded(program) => {
                let name = census.library.components.get(key).map_or(key.as_str(), |component| &component.name);
                Some(format!("{name} in {program}"))
            }
            _ => None,
        })
        .collect();
    if !embedded.is_empty() {
        notices.push(Notice {
            code: "component-embedded",
            text: format!(
                "{}: what is part of another program has no arguments that could be seen, so its checks do not apply \
                 (check that program's own settings by hand)",
                embedded.join(", ")
            ),
        });
    }
    if is_empty(census) {
        notices.push(Notice {
            code: NO_COMPONENT,
            text: "node: no kubelet, kube-proxy, etcd or control-plane component found, neither running nor installed \
                   (run it in the node's PID namespace, with the node's / as --root)"
                .to_owned(),
        });
    }
    // What cannot be listed hides every component that left no file behind.
    if let Some(why) = &census.unlisted {
        notices.push(Notice { code: "processes-unknown", text: format!("{why}; which components run is not known") });
    }
    if let Some(why) = &census.degraded {
        notices.push(Notice {
            code: "executables-unreadable",
            text: format!("{why}; processes are told by their names alone"),
        });
    }
    let complete = census.stand_ins.iter().filter(|stand_in| stand_in.is_complete);
    notices.extend(complete.map(|stand_in| {
        let files: Vec<String> = stand_in.files().map(ToString::to_string).collect();
        Notice {
            code: "environment-from-files",
            text: format!("{}; {} is judged by the variables in {}", stand_in.why, stand_in.name, files.join(", ")),
        }
    }));
    notices
}

/// Numbers that a profile skips though they mean something else in this benchmark, of the targets that are run.
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
        code: "skipped-by-mistake",
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

/// That no check is run because all that were chosen are scored, or none is, and those are left out.
pub(super) fn of_nothing_left(choice: &Choice, is_by_score: bool) -> Option<Notice> {
    let text = match (is_by_score, choice.without_scored, choice.without_unscored) {
        (true, true, true) => "--scored=false, --unscored=false: leave no check to be run (leave one of them out)",
        (true, true, false) => "--scored=false: leaves out every check that was chosen (leave it out)",
        (true, false, true) => "--unscored=false: leaves out every check that was chosen (leave it out)",
        _ => return None,
    };
    Some(Notice { code: "nothing-chosen", text: text.to_owned() })
}
