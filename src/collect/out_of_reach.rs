//! Files that cannot be changed permanently from a shell on the node.

use std::path::Path;

use probe::{Metadata, Observed, Root};

use super::seen::Seen;

/// Why a file cannot be changed in place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutOfReach {
    /// The kubelet fills a pod's volume from this source: `a ConfigMap`.
    Volume(&'static str),
    /// The file is in the file system of this process's container, and is lost with it.
    Container(i32),
    /// The file is part of the operating system's image, which is mounted read-only.
    System(ReadOnlySystem),
}

/// An operating system whose own files cannot be changed while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadOnlySystem {
    /// Its display name.
    pub name: &'static str,
    /// The directories of its image.
    image: &'static [&'static str],
    /// Whether changes in `/etc` survive a reboot, so that a file there can override one in the image.
    pub keeps_etc: bool,
}

/// The directories of an image on systems where `/etc` and `/var` are writable.
const USR: &[&str] = &["/usr", "/bin", "/lib", "/lib64", "/sbin"];

/// Talos, which has no shell: it writes every file from the machine configuration.
const TALOS: ReadOnlySystem = ReadOnlySystem { name: "Talos", image: &["/"], keeps_etc: false };

/// Systems by the `ID` in their os-release file.
const SYSTEMS: [(&str, ReadOnlySystem); 9] = [
    ("bottlerocket", ReadOnlySystem { name: "Bottlerocket", image: USR, keeps_etc: false }),
    ("cos", ReadOnlySystem { name: "Container-Optimized OS", image: USR, keeps_etc: false }),
    ("flatcar", ReadOnlySystem { name: "Flatcar", image: USR, keeps_etc: true }),
    ("opensuse-microos", ReadOnlySystem { name: "openSUSE MicroOS", image: USR, keeps_etc: true }),
    ("rhcos", ReadOnlySystem { name: "RHEL CoreOS", image: USR, keeps_etc: true }),
    ("sl-micro", ReadOnlySystem { name: "SUSE Linux Micro", image: USR, keeps_etc: true }),
    ("sle-micro", ReadOnlySystem { name: "SUSE Linux Enterprise Micro", image: USR, keeps_etc: true }),
    ("talos", TALOS),
    ("ubuntu-core", ReadOnlySystem { name: "Ubuntu Core", image: USR, keeps_etc: true }),
];

impl ReadOnlySystem {
    /// Returns the system with this `ID`; systems built with `OSTree` are read-only, whatever their ID.
    pub(super) fn of(id: &str, is_ostree: bool) -> Option<Self> {
        let known = SYSTEMS.iter().find(|(known, _)| *known == id).map(|(_, system)| *system);
        known.or_else(|| is_ostree.then_some(Self { name: "OSTree", image: USR, keeps_etc: true }))
    }

    /// Whether the system has no shell for making changes.
    pub fn is_without_shell(self) -> bool {
        self == TALOS
    }

    fn holds(self, path: &Path) -> bool {
        self.image.iter().any(|directory| path.starts_with(directory))
    }
}

impl OutOfReach {
    /// Returns why a file cannot be changed in place; `None` if it can.
    pub fn of(seen: &Seen, system: Option<ReadOnlySystem>) -> Option<Self> {
        let path = match &seen.metadata {
            Observed::Present(Metadata { resolved, .. }) => resolved.as_path(),
            Observed::Absent | Observed::Unknown(_) => seen.location.path.as_path(),
        };
        match seen.location.root {
            Root::Process(_) if is_written_by_kubelet(path) => Some(Self::Volume("a ConfigMap, a Secret or the like")),
            Root::Process(pid) => Some(Self::Container(pid)),
            Root::Node => source_of_volume(path)
                .map(Self::Volume)
                .or_else(|| system.filter(|it| it.holds(path)).map(Self::System)),
        }
    }
}

/// Whether a path contains the links with which the kubelet swaps the contents of a volume: `..data` points to a
/// directory with the time in its name.
fn is_written_by_kubelet(path: &Path) -> bool {
    path.iter().any(|name| name.as_encoded_bytes().strip_prefix(b"..").is_some_and(|rest| !rest.is_empty()))
}

/// The source from which the kubelet fills the volume that contains a path of the node: `…/pods/UID/volumes/KIND/NAME`.
fn source_of_volume(path: &Path) -> Option<&'static str> {
    let names = path.as_os_str().as_encoded_bytes().split(|byte| *byte == b'/');
    let names: Vec<&[u8]> = names.filter(|name| !matches!(*name, b"" | b".")).collect();
    names.windows(4).find_map(|window| match window {
        [b"pods", _, b"volumes", b"kubernetes.io~configmap"] => Some("a ConfigMap"),
        [b"pods", _, b"volumes", b"kubernetes.io~secret"] => Some("a Secret"),
        [b"pods", _, b"volumes", b"kubernetes.io~projected"] => Some("the sources of a projected volume"),
        [b"pods", _, b"volumes", b"kubernetes.io~downward-api"] => Some("the downward API"),
        [b"pods", _, b"volume-subpaths", _] => Some("a ConfigMap, a Secret or the like"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use probe::{FileKind, Location};

    fn seen(root: Root, path: &str, resolved: &str) -> Seen {
        let location = Location { root, path: path.into() };
        let metadata = Metadata {
            kind: FileKind::File,
            mode: 0o644,
            uid: 0,
            gid: 0,
            size: 0,
            identity: (0, 0),
            resolved: resolved.into(),
        };
        Seen { path: location.to_string(), location, named_by: None, metadata: Observed::Present(metadata) }
    }

    #[test]
    fn files_of_the_node_are_within_reach_unless_something_else_writes_them() {
        let volumes = "/var/lib/kubelet/pods/66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f/volumes";
        let flatcar = ReadOnlySystem::of("flatcar", false);
        let table = [
            ("/etc/kubernetes/admin.conf".to_owned(), None),
            ("/var/lib/kubelet/config.yaml".to_owned(), None),
            (format!("{volumes}/kubernetes.io~configmap/kube-proxy/..2026/x"), Some(OutOfReach::Volume("a ConfigMap"))),
            (format!("{volumes}/kubernetes.io~secret/s/x"), Some(OutOfReach::Volume("a Secret"))),
            (format!("{volumes}/kubernetes.io~empty-dir/e/x"), None),
            ("/srv/pods/volumes/kubernetes.io~configmap".to_owned(), None),
            ("/data/kubelet/pods/1/volumes/kubernetes.io~secret/s".to_owned(), Some(OutOfReach::Volume("a Secret"))),
            ("/usr/lib/systemd/system/kubelet.service".to_owned(), flatcar.map(OutOfReach::System)),
            ("/usrlocal/x".to_owned(), None),
        ];
        for (path, expected) in table {
            assert_eq!(OutOfReach::of(&seen(Root::Node, &path, &path), flatcar), expected, "{path}");
        }
    }

    #[test]
    fn links_are_followed_before() {
        let unit = seen(Root::Node, "/lib/systemd/system/kubelet.service", "/usr/lib/systemd/system/kubelet.service");
        let talos = ReadOnlySystem::of("talos", false);
        assert_eq!(OutOfReach::of(&unit, None), None);
        assert!(OutOfReach::of(&unit, ReadOnlySystem::of("rhel", true)).is_some());
        assert_eq!(OutOfReach::of(&unit, ReadOnlySystem::of("rhel", false)), None);
        let manifest = seen(Root::Node, "/etc/kubernetes/kubelet.yaml", "/etc/kubernetes/kubelet.yaml");
        assert_eq!(OutOfReach::of(&manifest, talos), talos.map(OutOfReach::System));
    }

    #[test]
    fn what_only_a_container_sees_is_out_of_reach() {
        let volume = seen(
            Root::Process(9),
            "/var/lib/kube-proxy/kubeconfig.conf",
            "/var/lib/kube-proxy/..2026_11_29_12_00_00.1/kubeconfig.conf",
        );
        assert!(matches!(OutOfReach::of(&volume, None), Some(OutOfReach::Volume(_))));
        let own = seen(Root::Process(9), "/etc/x..y/a", "/etc/x..y/a");
        assert_eq!(OutOfReach::of(&own, None), Some(OutOfReach::Container(9)));
    }
}
