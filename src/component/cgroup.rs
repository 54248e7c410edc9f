//! Finds out from a process's cgroup where it runs: in a service, a container, a pod.
//!
//! Sources: <https://docs.kernel.org/admin-guide/cgroup-v2.html>, the kubelet's naming of pods' cgroups
//! (pkg/kubelet/cm), and the cgroup names that container runtimes use.

/// Where a process runs, according to its `/proc/PID/cgroup`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The system service that it belongs to: `kubelet.service`. `Some(None)`: it belongs to none. `None`: unknown.
    pub service: Option<Option<String>>,
    /// The outermost pod or container around it; none if it runs on the machine itself.
    pub enclosure: Option<Enclosure>,
    /// Whether it belongs to a user's login session or to a user's own systemd instance.
    pub in_session: bool,
}

/// A pod or a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enclosure {
    /// A pod of the kubelet.
    Pod {
        /// The pod's UID, with dashes.
        uid: String,
        /// The container, if the cgroup names it.
        container: Option<String>,
    },
    /// A container that does not belong to a pod.
    Container {
        /// The runtime's usual name: `docker`.
        runtime: &'static str,
        /// The container's ID or name.
        id: String,
        /// Whether it contains services, pods or other containers, which makes it a machine of its own.
        is_machine: bool,
    },
}

impl Enclosure {
    /// Returns the container's ID or name.
    pub fn container(&self) -> Option<&str> {
        match self {
            Self::Pod { container, .. } => container.as_deref(),
            Self::Container { id, .. } => Some(id),
        }
    }
}

/// Whether the kubelet generated a pod's UID as a hash of its manifest, because the manifest has none.
pub fn is_hash(uid: &str) -> bool {
    uid.len() == 32 && uid.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// More lines, one per hierarchy, than Linux ever has.
const MOST_HIERARCHIES: usize = 64;

/// Returns where a process runs, given the lines of its cgroup file. `first` are the lines of the machine's first
/// process, read the same way: the prefix that both share is outside the machine.
pub fn whereabouts(cgroup: &str, first: &str) -> Whereabouts {
    let mut found = Whereabouts::default();
    let of_first: Vec<(&str, &str)> = hierarchies(first).collect();
    for (controllers, path) in hierarchies(cgroup) {
        let around = around(&of_first, controllers);
        let parts: Vec<&str> = parts(path).collect();
        let parts = parts.strip_prefix(around.as_slice()).unwrap_or(&parts);
        if found.enclosure.is_none() {
            found.enclosure = enclosure(parts);
        }
        // The hierarchies that systemd manages: the only one of version 2, and its named one of version 1.
        if matches!(controllers, "" | "name=systemd")
            && !parts.is_empty()
            && found.service.as_ref().is_none_or(Option::is_none)
        {
            found.service = Some(service(parts));
            found.in_session |= parts.first() == Some(&"user.slice");
        }
    }
    found
}

/// Returns the controllers and the path of each hierarchy, given the lines of a process's cgroup file.
pub fn hierarchies(cgroup: &str) -> impl Iterator<Item = (&str, &str)> {
    cgroup.lines().take(MOST_HIERARCHIES).filter_map(|line| line.split_once(':')?.1.split_once(':'))
}

/// Returns the names in a path, which may start with `/..` if the reader is in a cgroup namespace.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "." | ".."))
}

/// Returns the path outside the machine: the cgroup of its first process, without the part that systemd adds for
/// itself.
fn around<'c>(first: &[(&str, &'c str)], controllers: &str) -> Vec<&'c str> {
    let path = first.iter().find(|(of, _)| *of == controllers).map(|(_, path)| *path);
    let mut parts: Vec<&str> = path.map(parts).into_iter().flatten().collect();
    if parts.last().is_some_and(|last| matches!(*last, "init.scope" | "init")) {
        parts.pop();
    }
    parts
}

/// Returns the outermost service. Services inside it, as of a user's systemd, do not matter.
fn service(parts: &[&str]) -> Option<String> {
    let is_service = |part: &&&str| part.strip_suffix(".service").is_some_and(|stem| !stem.is_empty());
    parts.iter().find(is_service).map(|part| (*part).to_owned())
}

/// Returns the outermost pod or container.
fn enclosure(parts: &[&str]) -> Option<Enclosure> {
    let mut in_kubepods = false;
    for (index, part) in parts.iter().enumerate() {
        let within = parts.get(index + 1..).unwrap_or_default();
        if let Some(Pod { uid, container }) = pod(part, in_kubepods) {
            let container = container.or_else(|| within.first().and_then(|part| container_of_pod(part)));
            return Some(Enclosure::Pod { uid, container });
        }
        in_kubepods |= is_kubepods(part);
        let before = index.checked_sub(1).and_then(|index| parts.get(index));
        let (runtime, id, within) = match container(part).or_else(|| of_nspawn(part, before)) {
            Some((runtime, id)) => (runtime, id, within),
            // `/docker/ID`, `/lxc/NAME`: the runtime's directory, then the container.
            None => match (runtime_directory(part, index, parts.len()), within) {
                (Some(runtime), [id, within @ ..]) => (runtime, *id, within),
                _ => continue,
            },
        };
        return Some(Enclosure::Container { runtime, id: id.to_owned(), is_machine: is_machine(runtime, within) });
    }
    None
}

/// Runtimes whose containers are always machines.
const OF_MACHINES: [&str; 3] = ["lxc", "systemd-machined", "systemd-nspawn"];

/// Whether a container is a machine of its own, judging by its runtime, or by the services, pods and containers in it.
fn is_machine(runtime: &str, within: &[&str]) -> bool {
    OF_MACHINES.contains(&runtime)
        || within
            .iter()
            .any(|part| is_kubepods(part) || pod(part, false).is_some() || is_unit(part) || container(part).is_some())
}

/// Whether a cgroup is a systemd service or slice, whatever its name starts with: `docker-registry.service`.
fn is_unit(part: &str) -> bool {
    [".service", ".slice"].iter().any(|end| part.ends_with(end))
}

/// Whether a cgroup contains pods: `kubepods`, `kubepods.slice`, `kubelet-kubepods-burstable.slice`.
fn is_kubepods(part: &str) -> bool {
    let stem = part.strip_suffix(".slice").unwrap_or(part);
    stem == "kubepods" || stem.ends_with("-kubepods") || stem.contains("kubepods-")
}

/// A pod identified by its cgroup's name.
struct Pod {
    uid: String,
    container: Option<String>,
}

/// Returns the pod with this cgroup name: `pod<UID>` (cgroupfs), `kubepods-…-pod<UID>.slice` (systemd, where the UID's
/// dashes are underscores), or `kubepods-…-pod<UID>.slice:cri-containerd:ID` if the kubelet uses the systemd driver but
/// its runtime does not.
fn pod(part: &str, in_kubepods: bool) -> Option<Pod> {
    let (name, container) = match part.split_once(".slice:") {
        Some((name, rest)) => (name, rest.rsplit(':').next().filter(|id| is_id(id)).map(str::to_owned)),
        None => (part.strip_suffix(".slice").unwrap_or(part), None),
    };
    let uid = match name.find("kubepods") {
        // Between the two is the QoS class, or the name of a parent directory.
        Some(at) => name.get(at + "kubepods".len()..)?.split_once("-pod")?.1,
        None => name.strip_prefix("pod")?,
    };
    let uid = uid.replace('_', "-");
    // A manifest's UID may be any text; outside of `kubepods`, only text in the format of a UID is accepted.
    let fits = name.contains("kubepods") || in_kubepods || is_hash(&uid) || is_uuid(&uid);
    (fits && !uid.is_empty()).then_some(Pod { uid, container })
}

/// Whether the text consists of 8-4-4-4-12 hexadecimal digits.
fn is_uuid(uid: &str) -> bool {
    let groups: Vec<&str> = uid.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The prefixes of runtimes' cgroup names for single containers, and the runtimes' usual names.
const SCOPES: [(&str, &str); 10] = [
    ("docker-", "docker"),
    ("libpod-payload-", "podman"),
    ("libpod-", "podman"),
    ("cri-containerd-", "containerd"),
    ("nerdctl-", "containerd"),
    ("crio-", "cri-o"),
    ("runc-", "runc"),
    ("crun-", "crun"),
    ("machine-", "systemd-machined"),
    ("lxc.payload.", "lxc"),
];

/// Processes that monitor a container from outside it.
const WATCHERS: [&str; 3] = ["libpod-conmon-", "crio-conmon-", "lxc.monitor."];

/// Returns the runtime and ID of a container, judging by its cgroup's name: `docker-ID.scope`, `libpod-ID.scope`,
/// `lxc.payload.NAME`, or only the ID if its runtime was configured to use another parent.
fn container(part: &str) -> Option<(&'static str, &str)> {
    if is_unit(part) || WATCHERS.iter().any(|watcher| part.starts_with(watcher)) {
        return None;
    }
    let stem = part.strip_suffix(".scope").unwrap_or(part);
    let named = SCOPES.iter().find_map(|(prefix, runtime)| Some((*runtime, stem.strip_prefix(prefix)?)));
    let numbered = || Some(("OCI", stem.rsplit('-').next()?)).filter(|(_, id)| is_number(id));
    named.filter(|(_, id)| is_id(id)).or_else(numbered)
}

/// Whether the text is a container ID as runtimes generate them.
fn is_number(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns a systemd-nspawn container that is a service of its own: `systemd-nspawn@NAME.service`, or `payload` in any
/// unit.
fn of_nspawn<'c>(part: &'c str, before: Option<&&'c str>) -> Option<(&'static str, &'c str)> {
    let (unit, name) = match part {
        "payload" => {
            let unit = before.filter(|unit| is_unit(unit) || unit.strip_suffix(".scope").is_some())?;
            (*unit, unit.rsplit_once('.')?.0)
        }
        _ => (part, part.strip_prefix("systemd-nspawn@")?.strip_suffix(".service")?),
    };
    // A container without a usable name still counts.
    Some(("systemd-nspawn", if can_be_part(name) { name } else { unit }))
}

/// Returns the runtime if it keeps the cgroups of its containers in a directory of this name. The directories of `ctr`
/// are top-level and named like a containerd namespace.
fn runtime_directory(part: &str, index: usize, length: usize) -> Option<&'static str> {
    match part {
        "docker" | "actions_job" => Some("docker"),
        "lxc" | "lxc.payload" => Some("lxc"),
        // The namespaces of `ctr` and Docker, and of Talos for its own services.
        "default" | "moby" | "k8s.io" | "podruntime" if index == 0 && length > 1 => Some("containerd"),
        _ => None,
    }
}

/// Returns the container of a pod, judging by the cgroup below the pod's: only the ID, `cri-containerd-ID.scope`,
/// `crio-ID.scope`.
fn container_of_pod(part: &str) -> Option<String> {
    let stem = part.strip_suffix(".scope").unwrap_or(part);
    let known = SCOPES.iter().find_map(|(prefix, _)| stem.strip_prefix(prefix));
    Some(known.unwrap_or(stem)).filter(|id| is_id(id)).map(str::to_owned)
}

/// Whether the text is a container ID or name that is safe as part of a path.
fn is_id(id: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'\\');
    id.len() <= 255 && id.bytes().all(is_part) && can_be_part(id)
}

/// Whether a name is safe as part of a path: not empty, and not only dots (`.`, `..`).
fn can_be_part(name: &str) -> bool {
    name.bytes().any(|byte| byte != b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "d1bac86f0d2f4a3c8b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718";
    const UUID: &str = "66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f";
    const HASH: &str = "9d3b9c4e5f60718293a4b5c6d7e8f901";

    fn of(cgroup: &str) -> Option<Enclosure> {
        whereabouts(&cgroup.replace("ID", ID), "0::/init.scope\n").enclosure
    }

    #[test]
    fn pods_are_known_by_their_uid_under_every_driver() {
        let systemd = UUID.replace('-', "_");
        let table = [
            (format!("5:memory:/kubepods/besteffort/pod{UUID}/ID"), UUID),
            (format!("0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{systemd}.slice/cri-containerd-ID.scope"), UUID),
            (format!("0::/../../kubepods.slice/kubepods-pod{HASH}.slice/crio-ID.scope"), HASH),
            (format!("0::/kubepods/burstable/pod{HASH}/ID"), HASH),
            (format!("0::/kubepods/burstable/pod{HASH}/crio-ID"), HASH),
            (format!("0::/system.slice/containerd.service/kubepods-burstable-pod{systemd}.slice:cri-containerd:ID"), UUID),
            (format!("0::/kubepods-pod{systemd}.slice:cri-containerd:ID"), UUID),
            (format!("0::/k3s.service/kubepods-besteffort-pod{HASH}.slice:cri-containerd:ID"), HASH),
            (format!("0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod{HASH}.slice/cri-containerd-ID.scope"), HASH),
            ("0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podkube_apiserver_1.slice/crio-ID.scope".to_owned(), "kube-apiserver-1"),
            ("11:pids:/kubepods/burstable/podetcd-main/docker-ID.scope".to_owned(), "etcd-main"),
            (format!("0::/pod{UUID}/ID"), UUID),
            (format!("0::/kubepods.slice/kubepods-kubepods.slice/kubepods-kubepods-burstable-pod{systemd}.slice/crio-ID.scope"), UUID),
        ];
        for (cgroup, uid) in table {
            let expected = Enclosure::Pod { uid: uid.to_owned(), container: Some(ID.to_owned()) };
            assert_eq!(of(&cgroup), Some(expected), "{cgroup}");
        }
        for outside in [
            "0::/system.slice/podman.service",
            "0::/system.slice/kubelet.service",
            "0::/system.slice/docker-etcd.service",
            "0::/system.slice/crio-metrics.service",
            "0::/machine.slice",
            "0::/machine-a.slice/b.service",
            "",
            "0::/",
        ] {
            assert_eq!(of(outside), None, "{outside}");
        }
    }

    #[test]
    fn containers_are_known_by_what_runtimes_call_them() {
        let table = [
            ("0::/system.slice/docker-ID.scope", "docker", ID, false),
            ("0::/system.slice/docker-0a1b.scope", "docker", "0a1b", false),
            ("4:memory:/docker/ID", "docker", ID, false),
            ("0::/docker/ID/init", "docker", ID, false),
            ("0::/machine.slice/libpod-ID.scope/container", "podman", ID, false),
            ("0::/system.slice/kubelet.service/libpod-payload-ID", "podman", ID, false),
            ("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope", "podman", ID, false),
            ("0::/default/etcd1", "containerd", "etcd1", false),
            ("0::/podruntime/kubelet", "containerd", "kubelet", false),
            ("0::/system.slice/docker-ID.scope/kubelet.slice/kubelet.service", "docker", ID, true),
            ("0::/docker/ID/kubepods/burstable/pod9d3b9c4e5f60718293a4b5c6d7e8f901/ID", "docker", ID, true),
            ("0::/lxc.payload.node1/system.slice/kubelet.service", "lxc", "node1", true),
            ("0::/lxc/node1", "lxc", "node1", true),
            ("0::/machine.slice/machine-node1.scope/payload", "systemd-machined", "node1", true),
            (
                "0::/machine.slice/systemd-nspawn@node1.service/payload/system.slice/x.service",
                "systemd-nspawn",
                "node1",
                true,
            ),
            ("0::/system.slice/box.service/payload", "systemd-nspawn", "box", true),
            // Names that are not safe as part of a path.
            ("0::/machine.slice/.service/payload/docker-ID.scope", "systemd-nspawn", ".service", true),
            ("0::/machine.slice/systemd-nspawn@.service/x", "systemd-nspawn", "systemd-nspawn@.service", true),
            ("0::/machine.slice/...scope/payload", "systemd-nspawn", "...scope", true),
            ("0::/machine.slice/machine-libpod_pod_0a.slice/libpod-ID.scope", "podman", ID, false),
            ("0::/libpod_parent/libpod_pod_0a/libpod-ID", "podman", ID, false),
            ("0::/own/ID", "OCI", ID, false),
            ("0::/ID", "OCI", ID, false),
            ("0::/system.slice/own-ID.scope", "OCI", ID, false),
            ("0::/system.slice/runc-box.scope", "runc", "box", false),
            ("0::/docker/ID/docker/ID", "docker", ID, true),
        ];
        for (cgroup, runtime, id, is_machine) in table {
            let expected = Enclosure::Container { runtime, id: id.to_owned(), is_machine };
            assert_eq!(of(cgroup), Some(expected), "{cgroup}");
        }
        for watcher in
            ["0::/machine.slice/libpod-conmon-ID.scope", "0::/system.slice/crio-conmon-ID.scope", "0::/default"]
        {
            assert_eq!(of(watcher), None, "{watcher}");
        }
    }

    #[test]
    fn what_lies_around_the_machine_is_none_of_its_own() {
        let seen = |cgroup: &str, first: &str| whereabouts(cgroup, first).enclosure;
        // A node in a container, inspected from inside without a cgroup namespace.
        assert_eq!(seen("0::/docker/aa/system.slice/kubelet.service", "0::/docker/aa/init.scope"), None);
        let pod = format!("5:memory:/lxc/n1/kubepods/besteffort/pod{UUID}/{ID}");
        let expected = Enclosure::Pod { uid: UUID.to_owned(), container: Some(ID.to_owned()) };
        assert_eq!(seen(&pod, "5:memory:/lxc/n1\n"), Some(expected));
        assert!(matches!(seen(&pod, "5:memory:/\n"), Some(Enclosure::Container { is_machine: true, .. })));
    }

    #[test]
    fn services_are_known_by_the_hierarchies_of_systemd() {
        let service = |name: &str| Some(Some(name.to_owned()));
        let table = [
            ("0::/system.slice/kubelet.service", service("kubelet.service")),
            ("0::/../../system.slice/kubelet.service", service("kubelet.service")),
            ("0::/kubelet.slice/kubelet.service/sub", service("kubelet.service")),
            ("0::/system.slice/kubelet.service/libpod-payload-0a1b", service("kubelet.service")),
            ("0::/user.slice/user-0.slice/user@0.service/app.slice/kubelet.service", service("user@0.service")),
            ("4:memory:/x.service\n1:name=systemd:/system.slice/kubelet.service", service("kubelet.service")),
            ("4:memory:/system.slice/kubelet.service\n1:name=systemd:/other", Some(None)),
            ("0::/user.slice/user-0.slice/session-1.scope", Some(None)),
            ("0::/.service", Some(None)),
            ("0::/", None),
            ("0::/..", None),
            ("", None),
        ];
        for (cgroup, expected) in table {
            assert_eq!(whereabouts(cgroup, "").service, expected, "{cgroup}");
        }
        assert!(whereabouts("0::/user.slice/user-1000.slice/session-1.scope", "").in_session);
        assert!(!whereabouts("0::/system.slice/kubelet.service", "").in_session);
    }
}
