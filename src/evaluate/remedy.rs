//! How to fix what a control found on this node: the paths that can be changed on it, and for the others where to
//! change them.

use std::collections::{BTreeMap, BTreeSet};

use model::{Evidence, Source};
use redact::mask_text;

use crate::collect::observations::{Observations, in_command, mentioned_in};
use crate::collect::out_of_reach::OutOfReach;
use crate::collect::seen::Seen;
use definitions::benchmark::{Audit, Control, Expectation, FileCondition, PlaceName, text};

use super::file::Files;
use super::given;

/// The component whose processes run in ordinary pods.
const PROXY: &str = "proxy";

/// The maximum number of files to list per kind.
const LISTED: usize = 5;

/// The control's own remediation as far as its files can be changed on the node, and where to change the others.
pub(super) fn remedy(
    control: &Control,
    evidence: &[Evidence],
    observations: &Observations<'_>,
    usual: &text::Paths,
) -> String {
    let own = control.remediation.on(observations.platform);
    let render = |paths: &[&text::Paths]| text::render_with(own, &control.parameters, paths).trim_end().to_owned();
    let (text, beyond) = match &control.audit {
        Audit::Files { places, below, directories, holding } => {
            let files = Files { places, below: below.as_ref(), directories: *directories, holding: *holding };
            let offending = offending(evidence);
            let reach = |seen: &&Seen| OutOfReach::of(seen, observations.read_only).is_none();
            let (within, beyond): (Vec<&Seen>, Vec<&Seen>) =
                concerned(&files, &offending, observations).into_iter().partition(reach);
            let is_all_beyond = within.is_empty() && !beyond.is_empty();
            let text = (!is_all_beyond).then(|| render(&[&paths(&files, &offending, observations), usual]));
            (text, beyond)
        }
        Audit::Settings { .. } | Audit::Unit { .. } | Audit::Review => {
            let mentioned: BTreeSet<_> = sorting::set(mentioned_in(own));
            let is_named = |name: &PlaceName| mentioned.contains(&(name.component.as_str(), name.place.as_str()));
            let named = observations.named.iter().filter(|(name, _)| is_named(name));
            // A setting from an image's file can be overridden in /etc if /etc is persistent.
            let stays = |seen: &&Seen| {
                let reason = OutOfReach::of(seen, observations.read_only);
                !matches!(reason, Some(OutOfReach::System(system)) if system.keeps_etc)
            };
            (Some(render(&[usual])), named.map(|(_, seen)| seen).filter(stays).collect())
        }
    };
    let has_own = observations.platform.is_some_and(|platform| control.remediation.of(platform).is_some());
    let is_setting = matches!(control.audit, Audit::Settings { .. });
    let by_platform = || observations.platform.filter(|_| is_setting && !has_own).and_then(given::by_platform);
    let first = of_embedded(control, observations).or_else(by_platform);
    let notes = notes(&beyond, control, observations);
    first.into_iter().chain(text).chain(notes).collect::<Vec<_>>().join("\n")
}

/// The paths of the files that violate the control.
fn offending(evidence: &[Evidence]) -> BTreeSet<&str> {
    let offenders = evidence.iter().filter(|evidence| evidence.violates);
    offenders
        .filter_map(|evidence| match &evidence.source {
            Source::File { path } => Some(path.as_str()),
            _ => None,
        })
        .collect()
}

/// Where to set the arguments of a component that is embedded in another program.
fn of_embedded(control: &Control, observations: &Observations<'_>) -> Option<String> {
    let Audit::Settings { component } = &control.audit else { return None };
    let component = observations.library.with_process(component)?;
    let mut instances = observations.of(&component.key).iter();
    let (instance, program) = instances.find_map(|it| Some((it, it.embedded_in.as_ref()?)))?;
    let name = &component.name;
    let restarted =
        instance.service.as_present().map_or_else(|| program.clone(), |service| mask_text(service).into_owned());
    let how = match (program.split([' ', '-']).next(), &instance.manifest) {
        (Some("k3s"), _) => format!("set its arguments under {name}-arg in the settings of k3s, without dashes"),
        (_, Some(file)) => format!("change its arguments in {}", mask_text(&file.to_string())),
        (_, None) => "change that program's own settings".to_owned(),
    };
    Some(format!("{name} is part of {program} here: {how}, and restart {restarted}."))
}

/// The files that a remediation is about: the violating ones or, if there are none, all that exist.
fn concerned<'s>(files: &Files<'s>, offending: &BTreeSet<&str>, observations: &'s Observations<'_>) -> Vec<&'s Seen> {
    let mut seen = files.seen(observations);
    if seen.iter().any(|seen| offending.contains(seen.path.as_str())) {
        seen.retain(|seen| offending.contains(seen.path.as_str()));
    } else {
        seen.retain(|seen| seen.metadata.as_present().is_some());
    }
    seen
}

/// The paths to use in the control's text instead of the usual ones: for places judged directly, the violating files
/// that can be changed.
fn paths(files: &Files<'_>, offending: &BTreeSet<&str>, observations: &Observations<'_>) -> text::Paths {
    let mut paths = text::Paths::new();
    if files.below.is_some() || files.holding.is_some() || offending.is_empty() {
        return paths;
    }
    for place in files.places {
        let here = Files { places: std::slice::from_ref(place), ..*files };
        let named: Vec<String> = here
            .seen(observations)
            .into_iter()
            .filter(|seen| {
                offending.contains(seen.path.as_str()) && OutOfReach::of(seen, observations.read_only).is_none()
            })
            .map(|seen| in_command(&seen.location.path))
            .collect();
        if !named.is_empty() {
            let places = paths.entry(place.component.clone()).or_default();
            places.insert(place.place.clone(), mask_text(&named.join(" ")).into_owned().into());
        }
    }
    paths
}

/// Where to change the files that cannot be changed on the node, for each kind of reason.
fn notes(beyond: &[&Seen], control: &Control, observations: &Observations<'_>) -> Vec<String> {
    let mut by_reason: BTreeMap<OutOfReach, Vec<&Seen>> = BTreeMap::new();
    for seen in beyond {
        if let Some(reason) = OutOfReach::of(seen, observations.read_only) {
            by_reason.entry(reason).or_default().push(seen);
        }
    }
    by_reason
        .into_iter()
        .map(|(reason, seen)| {
            let listed: Vec<&str> = seen.iter().take(LISTED).map(|seen| seen.path.as_str()).collect();
            let more = match seen.len() - listed.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let paths = format!("{}{more}", mask_text(&listed.join(", ")));
            match reason {
                OutOfReach::Volume(source) => of_volume(&paths, source, control),
                OutOfReach::Container(pid) => format!(
                    "{paths}: in the container of process {pid}, where a change is lost with the container. Change the \
                     container's image, or the files mounted there."
                ),
                OutOfReach::System(system) if system.is_without_shell() => format!(
                    "{paths}: {} has no shell, and writes its files from the machine configuration. Change that with \
                     talosctl, or accept the finding in a profile.",
                    system.name
                ),
                OutOfReach::System(system) => format!(
                    "{paths}: part of the image of {}, which is mounted read-only. Change the image that the \
                     machine boots, or accept the finding in a profile.",
                    system.name
                ),
            }
        })
        .collect()
}

/// The note for a volume that the kubelet fills from an API object.
fn of_volume(paths: &str, source: &str, control: &Control) -> String {
    let filled =
        format!("{paths}: the kubelet fills this volume from {source}, so a change on the node does not last.");
    let of_proxy =
        matches!(&control.audit, Audit::Files { places, .. } if places.iter().any(|it| it.component == PROXY));
    let whose = if of_proxy {
        "of the pods that mount it (with kubeadm: kubectl -n kube-system edit daemonset kube-proxy)"
    } else {
        "of the pods that mount it"
    };
    match &control.expect {
        Some(Expectation::File(FileCondition { mode: Some(mode), owner: None, .. })) => {
            format!("{filled} Set defaultMode: 0{mode} for the volume in the template {whose}.")
        }
        Some(Expectation::File(_)) => {
            format!("{filled} Owner and mode follow securityContext and defaultMode in the template {whose}.")
        }
        _ => format!("{filled} Change it there, and restart the pods."),
    }
}
