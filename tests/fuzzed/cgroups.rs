//! The cgroup of a process: a tenant can name the cgroups below its own freely, but cannot leave its pod, container or
//! service.

use kube_assay::component::{Enclosure, Whereabouts, whereabouts};

use super::parts;

/// The cgroup of PID 1 on a machine that is not a container.
const FIRST: &str = "0::/init.scope\n";
const CONTAINER: &str = "d1bac86f0d2f4a3c8b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718";
const UID: &str = "66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f";

/// Input: the lines of a process's cgroup file, and those of PID 1.
pub fn hold(bytes: &[u8]) -> String {
    let [lines, first] = parts::<2>(bytes).map(String::from_utf8_lossy);
    let found = whereabouts(&lines, &first);
    assert_eq!(found, whereabouts(&lines, &first), "the same lines are read in two ways");
    names_are_names(&found);
    // Whatever a tenant appends to its own cgroup path, the process stays where it is.
    for below in lines.lines().take(4) {
        a_pod_stays_a_pod(below);
        a_container_stays_a_container(below);
        a_service_stays_a_service(below);
        what_lies_around_the_machine_does_not_count(below);
    }
    match found.enclosure {
        None => format!("no enclosure, service {}", found.service.flatten().is_some()),
        Some(Enclosure::Pod { container, .. }) => format!("a pod, container {}", container.is_some()),
        Some(Enclosure::Container { runtime, is_machine, .. }) => format!("{runtime}, machine {is_machine}"),
    }
}

/// Service names and container IDs become path components, so they must be valid ones. A pod UID may be any text.
fn names_are_names(found: &Whereabouts) {
    let is_part = |name: &str| !name.is_empty() && !name.contains('/') && !matches!(name, "." | "..");
    if let Some(Some(service)) = &found.service {
        assert!(is_part(service) && service.ends_with(".service"), "{service:?} is a service");
    }
    if let Some(enclosure) = &found.enclosure {
        assert!(enclosure.container().is_none_or(is_part), "{enclosure:?} names a container");
        if let Enclosure::Pod { uid, .. } = enclosure {
            assert!(!uid.is_empty() && !uid.contains('/'), "{uid:?} is the UID of a pod");
        }
    }
}

fn a_pod_stays_a_pod(below: &str) {
    let systemd = UID.replace('-', "_");
    for pod in [
        format!(
            "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{systemd}.slice/cri-containerd-{CONTAINER}.scope"
        ),
        format!("/kubepods/burstable/pod{UID}/{CONTAINER}"),
        format!("/system.slice/containerd.service/kubepods-pod{systemd}.slice:cri-containerd:{CONTAINER}"),
    ] {
        let expected = Enclosure::Pod { uid: UID.to_owned(), container: Some(CONTAINER.to_owned()) };
        let found = whereabouts(&format!("0::{pod}/{below}\n"), FIRST).enclosure;
        assert_eq!(found, Some(expected), "{pod}/{below}");
    }
}

fn a_container_stays_a_container(below: &str) {
    for container in [
        format!("/system.slice/docker-{CONTAINER}.scope"),
        format!("/docker/{CONTAINER}"),
        format!("/machine.slice/libpod-{CONTAINER}.scope"),
        format!("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{CONTAINER}.scope"),
    ] {
        let found = whereabouts(&format!("0::{container}/{below}\n"), FIRST).enclosure;
        let Some(Enclosure::Container { id, .. }) = &found else { panic!("{container}/{below}: {found:?}") };
        assert_eq!(id, CONTAINER, "{container}/{below}");
    }
}

fn a_service_stays_a_service(below: &str) {
    let found = whereabouts(&format!("0::/user.slice/user-1000.slice/user@1000.service/{below}\n"), FIRST);
    assert_eq!(found.service, Some(Some("user@1000.service".to_owned())), "{below}");
    assert!(found.in_session, "{below}");
}

fn what_lies_around_the_machine_does_not_count(path: &str) {
    let around = format!("/docker/{CONTAINER}");
    let inside = whereabouts(&format!("0::{around}/{path}\n"), &format!("0::{around}/init.scope\n"));
    assert_eq!(inside, whereabouts(&format!("0::/{path}\n"), FIRST), "{path}");
}
