//! Whether a skip applies to a node: some are revoked if a setting is set.

use model::Skip;

use crate::collect::inventory::Presence;
use crate::collect::observations::Observations;
use crate::component::Reading;
use crate::select::SkippedBy;
use definitions::benchmark::Setting;
use probe::{Cause, Reason};

/// The effect of a skip on this node.
pub(super) enum Standing {
    /// The check is skipped.
    Stands,
    /// The skip is revoked, and the check is judged like any other.
    TakenBack,
    /// It could not be determined whether the setting is set.
    Unknown(Reason),
}

/// Returns the effect of a skip on this node.
///
/// The skip is revoked if one process of the component has the setting, and unknown if one cannot be read. A component
/// that is not on the node has no settings.
pub(super) fn standing(skip: &SkippedBy, observations: &Observations<'_>) -> Standing {
    let Some(unless_set) = skip.unless_set() else { return Standing::Stands };
    by_setting(&unless_set.component, &unless_set.setting, observations)
}

fn by_setting(component: &str, setting: &Setting, observations: &Observations<'_>) -> Standing {
    let Some(component) = observations.library.with_process(component) else {
        // The loader rejects this, but a profile built by hand may contain it.
        return Standing::Unknown(Reason::new(Cause::Malformed, component, "no such component"));
    };
    match observations.presence.get(component.key.as_str()) {
        Some(Presence::Running | Presence::Embedded(_)) => {}
        Some(Presence::Installed(path)) => {
            let not_running = || {
                let detail = format!("not running, although {path} exists (start it, or check its settings by hand)");
                Reason::new(Cause::NotRunning, &component.name, detail)
            };
            return Standing::Unknown(observations.unlisted.clone().unwrap_or_else(not_running));
        }
        Some(Presence::Unknown(why)) => return Standing::Unknown(why.clone()),
        Some(Presence::Absent) | None => return Standing::Stands,
    }
    let mut unknown = None;
    for instance in observations.of(&component.key) {
        match instance.read(setting, component) {
            // Components treat an empty value as not set: `--encryption-provider-config=`.
            Reading::Set { given, .. } if given.is_empty() => {}
            Reading::Set { .. } => return Standing::TakenBack,
            Reading::Unset(_) => {}
            Reading::Unknown(why) => {
                unknown.get_or_insert(why);
            }
        }
    }
    unknown.map_or(Standing::Stands, Standing::Unknown)
}

/// Converts a skip to the form that findings use.
pub(super) fn told(skip: &SkippedBy) -> Skip {
    match skip {
        SkippedBy::User(name) => {
            Skip { profile: None, reason: format!("left out with --skip {name}"), source: None, guide_ids: Vec::new() }
        }
        SkippedBy::Profile { profile, reason, source, guide_ids, .. } => Skip {
            profile: Some(profile.clone()),
            reason: reason.trim_end().to_owned(),
            source: Some(source.clone()),
            guide_ids: guide_ids.clone(),
        },
    }
}
