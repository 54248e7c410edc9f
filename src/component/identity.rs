//! Which process is which component, and whose pod it runs in.

use crate::benchmark::{Component, Grammar};
use crate::probe::Process;

use super::arguments::normalised;

/// How many words at the start of the command line name the program, where they name this component.
///
/// `kubelet --x` → 1, `hyperkube kubelet --x` → 2. A bare name that other programs bear too counts only where one of
/// the component's own flags stands behind it.
pub fn matched_words(process: &Process, component: &Component) -> Option<usize> {
    let longest = component.executables.iter().filter_map(|name| words_matched(process, name)).max();
    if let Some(words) = longest
        && component.grammar == Grammar::Etcd
        && process.arguments.get(words).is_some_and(|next| PROXIES_OF_ETCD.contains(&next.as_slice()))
    {
        return None;
    }
    longest.or_else(|| {
        let words = component.bare.iter().filter_map(|name| words_matched(process, name)).max()?;
        let confirmed = process.arguments.iter().skip(words).any(|word| {
            let word = String::from_utf8_lossy(word);
            let flag = word.split_once('=').map_or(word.as_ref(), |(flag, _)| flag);
            let flag = normalised(flag, component.grammar);
            component.bare_with.contains(&flag)
        });
        confirmed.then_some(words)
    })
}

/// The subcommands by which etcd's program is no member of a cluster but stands before one, without data of its own.
///
/// Source: <https://etcd.io/docs/latest/op-guide/gateway/>, <https://etcd.io/docs/latest/op-guide/grpc_proxy/>.
const PROXIES_OF_ETCD: [&[u8]; 2] = [b"gateway", b"grpc-proxy"];

fn words_matched(process: &Process, name: &str) -> Option<usize> {
    let mut count = 0;
    for (index, word) in name.split_ascii_whitespace().enumerate() {
        let same = if index == 0 {
            process.called() == word
        } else {
            process.arguments.get(index).is_some_and(|argument| argument == word.as_bytes())
        };
        if !same {
            return None;
        }
        count += 1;
    }
    (count > 0).then_some(count)
}

/// Which pod a process runs in, as its cgroup tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodMembership {
    /// In none: a process of the host.
    None,
    /// In a static pod, which the kubelet names by a hash of its manifest.
    Static {
        /// The container, where the cgroup names it.
        container: Option<String>,
    },
    /// In a pod that the API server gave out, which bears a UUID.
    Ordinary {
        /// The container, where the cgroup names it.
        container: Option<String>,
    },
}

/// Which pod the lines of a `/proc/PID/cgroup` speak of.
///
/// The kubelet names a pod's cgroup `pod<UID>` (cgroupfs) or `kubepods-…-pod<UID>.slice` (systemd, where the UID's
/// dashes are underscores). An ordinary pod's UID is a UUID; a static pod's is the MD5 of its manifest, which has no
/// dashes. The part behind is the container: the bare number, `cri-containerd-ID.scope` or `crio-ID.scope`.
/// Paths may begin with `/..` where the reader sits in a cgroup namespace of its own.
pub fn pod_of(cgroup: &str) -> PodMembership {
    for line in cgroup.lines() {
        let Some(path) = line.splitn(3, ':').nth(2) else { continue };
        let parts: Vec<&str> = path.split('/').collect();
        // The outermost pod counts: a cluster inside a pod's container is not this node's.
        for (index, part) in parts.iter().enumerate() {
            let Some(is_static) = pod_uid(part) else { continue };
            let container = parts.get(index + 1).and_then(|part| container_id(part));
            return if is_static { PodMembership::Static { container } } else { PodMembership::Ordinary { container } };
        }
    }
    PodMembership::None
}

/// Which service of the system's systemd the lines of a `/proc/PID/cgroup` name, where they say where the process is.
///
/// `Some(None)`: it is in none, such as one that somebody started in a session. `None`: the lines do not tell, as when
/// the reader's cgroup namespace begins where the process is.
pub fn service_of(cgroup: &str) -> Option<Option<String>> {
    // systemd's own hierarchies: the only one of version 2, and the one that it named in version 1.
    let paths = cgroup.lines().filter_map(|line| match line.splitn(3, ':').collect::<Vec<_>>().as_slice() {
        [_, "" | "name=systemd", path] => Some(*path),
        _ => None,
    });
    let parts: Vec<&str> =
        paths.flat_map(|path| path.split('/')).filter(|part| !matches!(*part, "" | "." | "..")).collect();
    // The outermost one counts: those within it are its own business (a user's systemd).
    let service = parts.iter().find(|part| part.strip_suffix(".service").is_some_and(|stem| !stem.is_empty()));
    (!parts.is_empty()).then(|| service.map(|name| (*name).to_owned()))
}

/// Whether the cgroup's name is that of a static pod (`true`) or an ordinary one; none where it is no pod's.
fn pod_uid(part: &str) -> Option<bool> {
    let part = part.strip_suffix(".slice").unwrap_or(part);
    let uid = match part.rsplit_once("-pod") {
        Some((_, uid)) => uid,
        None => part.strip_prefix("pod")?,
    };
    let hexadecimal = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit());
    if uid.len() == 32 && hexadecimal(uid) {
        return Some(true);
    }
    let groups: Vec<&str> = uid.split(['-', '_']).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    (lengths == [8, 4, 4, 4, 12] && groups.iter().all(|group| hexadecimal(group))).then_some(false)
}

fn container_id(part: &str) -> Option<String> {
    let part = part.strip_suffix(".scope").unwrap_or(part);
    let id = part.rsplit_once('-').map_or(part, |(_, id)| id);
    (id.len() == 64 && id.chars().all(|c| c.is_ascii_hexdigit())).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTAINER: &str = "d1bac86f0d2f4a3c8b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718";

    #[test]
    fn pods_are_told_by_their_uid() {
        let uuid = "66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f";
        let hash = "9d3b9c4e5f60718293a4b5c6d7e8f901";
        let container = Some(CONTAINER.to_owned());
        let ordinary = PodMembership::Ordinary { container: container.clone() };
        let is_static = PodMembership::Static { container };
        let table = [
            (format!("5:memory:/kubepods/besteffort/pod{uuid}/{CONTAINER}"), &ordinary),
            (
                format!(
                    "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{}.slice/cri-containerd-{CONTAINER}.scope",
                    uuid.replace('-', "_")
                ),
                &ordinary,
            ),
            (format!("0::/../../kubepods-pod{hash}.slice/crio-{CONTAINER}.scope"), &is_static),
            (format!("0::/kubepods/burstable/pod{hash}/{CONTAINER}"), &is_static),
            ("0::/system.slice/kubelet.service".to_owned(), &PodMembership::None),
            ("0::/system.slice/podman.service".to_owned(), &PodMembership::None),
            (String::new(), &PodMembership::None),
        ];
        for (cgroup, expected) in table {
            assert_eq!(&pod_of(&cgroup), expected, "{cgroup}");
        }
    }

    #[test]
    fn services_are_told_by_the_hierarchies_of_systemd() {
        let service = |name: &str| Some(Some(name.to_owned()));
        let table = [
            ("0::/system.slice/kubelet.service", service("kubelet.service")),
            ("0::/../../system.slice/kubelet.service", service("kubelet.service")),
            ("0::/kubelet.slice/kubelet.service/sub", service("kubelet.service")),
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
            assert_eq!(service_of(cgroup), expected, "{cgroup}");
        }
    }
}
