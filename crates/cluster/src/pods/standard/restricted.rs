//! The checks that the level `restricted` adds to or replaces in `baseline`.

use super::baseline::{added, any_proc_mount, is_allowed, seccomp_fields};
use super::violation::{Found, Subject};

/// The allowed volume types.
const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Volumes are of allowed types.
pub(super) fn volumes<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    for volume in &subject.spec.volumes {
        for kind in volume.kinds().filter(|kind| !VOLUMES.contains(kind)) {
            found.pod(format!("volume {}: {kind}", volume.name));
        }
    }
}

/// Processes cannot gain more privileges than their parent. Since 1.25, Windows is exempt.
pub(super) fn privilege_escalation<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    if minor >= 25 && subject.spec.is_windows() {
        return;
    }
    for container in subject.spec.all_containers() {
        match container.security_context.allow_privilege_escalation {
            Some(false) => {}
            Some(true) => found.container(container, "allowPrivilegeEscalation: true"),
            None => found.container(container, "allowPrivilegeEscalation: not set (default true)"),
        }
    }
}

/// The kubelet refuses to run containers as root. Since 1.35, pods with a user namespace are exempt.
pub(super) fn run_as_non_root<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    if minor >= 35 && subject.spec.has_own_users() {
        return;
    }
    let pod = subject.spec.security_context.run_as_non_root;
    if pod == Some(false) {
        found.pod("runAsNonRoot: false");
    }
    for container in subject.spec.all_containers() {
        match (container.security_context.run_as_non_root, pod) {
            (Some(true), _) | (None, Some(true)) => {}
            (Some(false), _) => found.container(container, "runAsNonRoot: false"),
            (None, _) => found.container(container, "runAsNonRoot: not set"),
        }
    }
}

/// No container sets `runAsUser: 0`. Since 1.35, pods with a user namespace are exempt.
pub(super) fn run_as_user<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    if minor >= 35 && subject.spec.has_own_users() {
        return;
    }
    if subject.spec.security_context.run_as_user == Some(0) {
        found.pod("runAsUser: 0");
    }
    for container in subject.spec.all_containers() {
        if container.security_context.run_as_user == Some(0) {
            found.container(container, "runAsUser: 0");
        }
    }
}

/// A confining seccomp profile is set. Since 1.25, Windows is exempt.
pub(super) fn seccomp_profile<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    if minor >= 25 && subject.spec.is_windows() {
        return;
    }
    seccomp_fields(subject, found);
    if subject.spec.security_context.seccomp_profile.as_ref().is_some_and(is_allowed) {
        return;
    }
    for container in subject.spec.all_containers() {
        if container.security_context.seccomp_profile.is_none() {
            found.container(container, "seccompProfile: not set");
        }
    }
}

/// All capabilities are dropped, and at most `NET_BIND_SERVICE` is added. Since 1.25, Windows is exempt.
pub(super) fn capabilities<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    if minor >= 25 && subject.spec.is_windows() {
        return;
    }
    for container in subject.spec.all_containers() {
        if !container.security_context.capabilities.drop.iter().any(|capability| capability == "ALL") {
            found.container(container, "capabilities.drop: ALL missing");
        }
    }
    added(subject, &["NET_BIND_SERVICE"], found);
}

/// `/proc` is masked, even in pods with a user namespace; since 1.35.
pub(super) fn proc_mount<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    any_proc_mount(subject, found);
}
