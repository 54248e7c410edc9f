//! The static pods of a node: the components that they run, the images, and what they mount of the host.
//!
//! Source: <https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::component::{Configuration, Document, Instance, Located, Mount, Reading, SetIn, Variable, own};
use definitions::benchmark::{Component, Library};
use probe::{Answer, Cause, Excerpt, FileKind, Form, Location, Node, Observed, Question, Reason, normalize};
use sorting::Sorting;

use super::configuration;
use super::program_name::named_so;
use super::room::Room;
use super::runtime_record::{RuntimeRecord, same_uid};

/// The default directories of static pods: kubeadm's, then Bottlerocket's.
const DIRECTORIES: [&str; 2] = ["/etc/kubernetes/manifests", "/etc/kubernetes/static-pods"];

/// The maximum number of manifests to read; a node usually has only a few.
const MOST: usize = 256;

/// A container of a static pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticPod {
    /// The manifest.
    pub manifest: Location,
    /// The UID in the manifest; `None` if the kubelet derives it from the manifest's hash.
    pub uid: Option<String>,
    /// The pod's name, to which the kubelet adds that of the node.
    pub name: Option<String>,
    /// The container's name.
    pub container: Option<String>,
    /// The component that the container runs, by key; `None` if it runs something else.
    pub component: Option<String>,
    /// The container's image.
    pub image: String,
    /// The ID of the user that it runs as, if the manifest sets one.
    pub user: Option<u32>,
    /// What it mounts of the host.
    pub mounts: Vec<Mount>,
    /// The words after the program on its command line, as far as the manifest contains them.
    pub words: Vec<String>,
    /// The program that its command names; `None` if it runs that of the image.
    pub program: Option<String>,
    /// Its variables.
    pub variables: BTreeMap<String, Observed<Variable>>,
}

/// The static pods of a node that have manifests.
#[derive(Debug, Clone, Default)]
pub struct StaticPods {
    /// Their containers, in the order of the manifests.
    pub containers: Vec<StaticPod>,
    /// Whether the kubelets' settings show where the manifests are; if not, the default directories were searched.
    pub are_told: bool,
    /// Why there may be more, if so.
    pub incomplete: Option<Reason>,
}

/// Finds the static pods in the directories that the kubelets name. If no kubelet is running, or one is running without
/// a configuration file, searches the default directories.
pub(super) fn find(node: &dyn Node, kubelets: &[Instance], library: &Library) -> StaticPods {
    let mut directories: Vec<Location> = Vec::new();
    let mut are_told = !kubelets.is_empty();
    let setting = own::STATIC_PODS.setting();
    for kubelet in kubelets {
        let Some(component) = library.components.get(kubelet.component.as_str()) else { continue };
        match kubelet.read(&setting, component) {
            Reading::Set { given, origin } if !given.is_empty() => {
                match kubelet.locate(&given.text(), &origin, component) {
                    Ok(location) if !directories.contains(&location) => directories.push(location),
                    Ok(_) => {}
                    Err(_) => are_told = false,
                }
            }
            // Without a directory, a kubelet whose configuration is known reads no manifests; embedded kubelets have
            // none in the default directories.
            _ => are_told &= kubelet.embedded_in.is_some() || matches!(kubelet.configuration, Configuration::Read(_)),
        }
    }
    let mut pods = StaticPods { are_told, ..StaticPods::default() };
    if directories.is_empty() && !are_told {
        directories.extend(DIRECTORIES.map(Location::node));
    }
    // Separate room for manifests, so that they take none from the files of components.
    let (mut manifests, room) = (0, Room::default());
    for directory in directories {
        for manifest in manifests_in(node, &directory) {
            if manifests == MOST {
                let detail = format!("holds more than {MOST} manifests, the limit (check them by hand)");
                pods.incomplete = Some(Reason::new(Cause::TooLarge, &directory, detail));
                return pods;
            }
            manifests += 1;
            let kept = |document| room.keep(&manifest, document).map_or_else(Observed::Unknown, Observed::Present);
            match configuration::document(node, &manifest, &manifest_parts).and_then(kept) {
                Observed::Present(document) => pods.containers.extend(containers(&manifest, &document, library)),
                Observed::Unknown(why) if why.cause == Cause::TooLarge => {
                    pods.incomplete.get_or_insert(why);
                }
                Observed::Absent | Observed::Unknown(_) => {}
            }
        }
    }
    pods
}

/// What is known of a process that runs in a static pod.
pub(super) struct InPod<'a> {
    /// The component that it is, by key.
    pub(super) component: &'a str,
    /// The UID of its pod, if its cgroup names one.
    pub(super) uid: Option<&'a str>,
    /// The runtime's record of its container.
    pub(super) record: Option<&'a RuntimeRecord>,
    /// Its command line.
    pub(super) arguments: &'a [Vec<u8>],
}

impl StaticPods {
    /// Returns the containers that run a component according to their manifests.
    pub fn of<'a>(&'a self, component: &'a str) -> impl Iterator<Item = &'a StaticPod> {
        self.containers.iter().filter(move |pod| pod.component.as_deref() == Some(component))
    }

    /// Whether a manifest has this UID for its pod.
    pub(super) fn has(&self, uid: &str) -> bool {
        self.containers.iter().any(|pod| pod.uid.as_deref().is_some_and(|own| same_uid(own, uid)))
    }

    /// Returns the container in which a process runs. The pod is identified by its UID, otherwise by the name in the
    /// runtime's record and, only if neither is known, by what its manifest runs. `None` if that is ambiguous; the
    /// process's own mounts are then used.
    pub(super) fn of_process(&self, process: &InPod<'_>) -> Option<&StaticPod> {
        let named = process.record.and_then(|record| record.pod.as_deref());
        let has_uid =
            |pod: &&StaticPod| matches!((&pod.uid, process.uid), (Some(own), Some(uid)) if same_uid(own, uid));
        let has_name = |pod: &&StaticPod| match (pod.name.as_deref(), named) {
            (Some(name), Some(named)) => {
                named == name || named.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
            }
            _ => false,
        };
        let runs = |pod: &&StaticPod| pod.component.as_deref() == Some(process.component);
        let mut pods: Vec<&StaticPod> = self.containers.iter().filter(has_uid).collect();
        if pods.is_empty() {
            let unnumbered = self.containers.iter().filter(|pod| pod.uid.is_none());
            pods = unnumbered.clone().filter(has_name).collect();
            // `etcd` is a prefix of `etcd-events` too, so the longest name counts.
            let longest = pods.iter().filter_map(|pod| pod.name.as_ref()).map(String::len).max();
            pods.retain(|pod| pod.name.as_ref().map(String::len) == longest);
            if pods.is_empty() {
                pods = unnumbered.filter(runs).collect();
            }
        }
        narrow(&mut pods, |pod| {
            pod.container.is_some()
                && pod.container.as_deref() == process.record.and_then(|record| record.container.as_deref())
        });
        narrow(&mut pods, |pod| runs(&pod));
        narrow(&mut pods, |pod| has_words(pod, process.arguments));
        match pods.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// Keeps the pods that fit, if there are several and any of them does.
fn narrow<'a>(pods: &mut Vec<&'a StaticPod>, fits: impl Fn(&'a StaticPod) -> bool) {
    if pods.len() > 1 && pods.iter().any(|pod| fits(pod)) {
        pods.retain(|pod| fits(pod));
    }
}

/// Whether a command line ends with the words of a container.
fn has_words(pod: &StaticPod, arguments: &[Vec<u8>]) -> bool {
    let given = arguments.iter().rev();
    pod.words.len() < arguments.len() && pod.words.iter().rev().zip(given).all(|(word, it)| word.as_bytes() == it)
}

/// The files in a manifest directory. The kubelet reads each file whose name does not begin with a dot; the path may
/// also be that of a single file.
fn manifests_in(node: &dyn Node, directory: &Location) -> Vec<Location> {
    match node.ask(&Question::Metadata(directory.clone())) {
        Observed::Present(Answer::Metadata(metadata)) if metadata.kind == FileKind::File => {
            return vec![directory.clone()];
        }
        Observed::Present(_) => {}
        Observed::Absent | Observed::Unknown(_) => return Vec::new(),
    }
    let Observed::Present(Answer::Entries(mut entries)) = node.ask(&Question::Directory(directory.clone())) else {
        return Vec::new();
    };
    entries.order();
    entries
        .into_iter()
        .filter(|entry| matches!(entry.kind, FileKind::File | FileKind::Link))
        .filter(|entry| !entry.name.as_encoded_bytes().starts_with(b"."))
        .map(|entry| Location { root: directory.root, path: directory.path.join(&entry.name) })
        .collect()
}

/// The excerpt of a manifest that [`containers`] reads.
fn manifest_parts() -> Excerpt {
    const OF_POD: [&str; 5] = [
        "metadata.name",
        "metadata.uid",
        "spec.securityContext.runAsUser",
        "spec.volumes[*].name",
        "spec.volumes[*].hostPath.path",
    ];
    const OF_CONTAINER: [&str; 9] = [
        "name",
        "image",
        "command=words",
        "args=arguments",
        "env=variables",
        "securityContext.runAsUser",
        "volumeMounts[*].name",
        "volumeMounts[*].mountPath",
        "volumeMounts[*].subPath",
    ];
    let of_containers = OF_CONTAINER.map(|part| format!("spec.containers[*].{part}"));
    Excerpt::new(Form::Document, OF_POD.map(str::to_owned).into_iter().chain(of_containers))
}

fn containers(manifest: &Location, document: &Document, library: &Library) -> Vec<StaticPod> {
    let Some(spec) = document.at(&["spec"]) else { return Vec::new() };
    let text = |value: Option<&Located>| value.and_then(Located::text).map(str::to_owned);
    let (uid, name) = (text(document.at(&["metadata", "uid"])), text(document.at(&["metadata", "name"])));
    let volumes = spec.get("volumes").map_or(&[][..], Located::items);
    let containers = spec.get("containers").map_or(&[][..], Located::items);
    let user = |of: &Located| {
        let user = of.get("securityContext").and_then(|context| context.get("runAsUser"))?;
        user.value.to_string().parse().ok()
    };
    containers
        .iter()
        .map(|container| {
            let image = container.get("image").and_then(Located::text).unwrap_or_default().to_owned();
            let component = library
                .components
                .values()
                .find(|component| runs(container, &image, component))
                .map(|c| c.key.to_string());
            let program = container.get("command").and_then(|words| words.items().first()).and_then(Located::text);
            StaticPod {
                manifest: manifest.clone(),
                uid: uid.clone().filter(|uid| !uid.is_empty()),
                name: name.clone(),
                container: text(container.get("name")),
                words: words_of(container),
                component,
                image,
                user: user(container).or_else(|| user(spec)),
                mounts: mounts_of(container, volumes),
                program: program.map(str::to_owned),
                variables: variables_of(container),
            }
        })
        .collect()
}

/// The words of a container's command after the program, followed by its arguments.
fn words_of(container: &Located) -> Vec<String> {
    let words = |key| container.get(key).map_or(&[][..], Located::items).iter().map(|word| word.value.to_string());
    words("command").skip(1).chain(words("args")).collect()
}

/// Whether a container runs a component, according to its command or the name of its image.
fn runs(container: &Located, image: &str, component: &Component) -> bool {
    let words = |key| container.get(key).map_or(&[][..], Located::items).iter().filter_map(Located::text);
    let words: Vec<&str> = words("command").chain(words("args")).collect();
    let image = image_name(image);
    component.executables.iter().any(|name| *name == image || starts(&words, name))
}

/// Whether the command of a service starts a component, rather than a program that starts the component in turn.
pub(super) fn starts_component(words: &[&str], component: &Component) -> bool {
    words.first().is_some_and(|first| named_so(component, first))
        || component.executables.iter().any(|name| starts(words, name))
}

const SHELLS: [&str; 4] = ["sh", "bash", "dash", "ash"];

/// Programs that start the program that follows their own flags.
const STARTERS: [&str; 18] = [
    "go-runner",
    "env",
    "nice",
    "ionice",
    "chrt",
    "timeout",
    "tini",
    "dumb-init",
    "hyperkube",
    "exec",
    "nohup",
    "numactl",
    "runuser",
    "setpriv",
    "stdbuf",
    "sudo",
    "systemd-cat",
    "taskset",
];

/// Programs that start the program in an image.
const RUNTIMES: [&str; 3] = ["docker", "nerdctl", "podman"];

/// The words that may precede a program that is started.
pub(super) fn starters() -> impl Iterator<Item = &'static str> {
    SHELLS.iter().chain(&STARTERS).chain(&RUNTIMES).copied()
}

/// Whether a command starts a program: directly, through a shell script, or through a program that starts others.
fn starts(words: &[&str], program: &str) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    if has_name(first, program) {
        return true;
    }
    match file_name(first) {
        // A script may contain anything; a word in the position of a command is assumed to be one.
        shell if SHELLS.contains(&shell) => {
            rest.iter().filter(|word| !word.starts_with('-')).any(|script| in_script(script, program))
        }
        starter if STARTERS.contains(&starter) => rest.iter().any(|word| has_name(word, program)),
        runtime if RUNTIMES.contains(&runtime) => {
            rest.iter().any(|word| has_name(word, program) || image_name(word) == program)
        }
        _ => false,
    }
}

/// Whether a script has a program in the position of a command: at the beginning of a line, or after `exec`, `;`, `&&`,
/// `|`, `(` or a program that starts others.
pub(super) fn in_script(script: &str, program: &str) -> bool {
    let commands = script.split(['\n', ';', '|', '&', '(', ')', '`']);
    commands.into_iter().any(|command| {
        let mut words = command.split_ascii_whitespace().map(|word| word.trim_matches(['"', '\'']));
        words.find(|word| !is_prefix(word)).is_some_and(|word| has_name(word, program))
    })
}

/// Whether a word may precede a command: an assignment, or a program that starts others, or its flag.
fn is_prefix(word: &str) -> bool {
    let starters =
        ["exec", "command", "env", "nice", "nohup", "go-runner", "hyperkube", "then", "else", "do", "if", "!", "{"];
    word.starts_with('-') || starters.contains(&file_name(word)) || (word.contains('=') && !word.starts_with('/'))
}

fn has_name(word: &str, program: &str) -> bool {
    file_name(word) == program
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The architecture suffixes that some registries add to the names of images.
const ARCHITECTURES: [&str; 5] = ["-amd64", "-arm64", "-arm", "-ppc64le", "-s390x"];

/// The last part of an image's name: `etcd` for `registry/etcd-io/etcd-amd64:v3.5.21@sha256:…`.
fn image_name(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    let name = last.split(':').next().unwrap_or_default();
    ARCHITECTURES.iter().find_map(|architecture| name.strip_suffix(architecture)).unwrap_or(name)
}

/// Returns the tag of an image: `v1.32.4` for `registry:5000/kube-apiserver:v1.32.4@sha256:…`.
pub(crate) fn image_tag(image: &str) -> Option<&str> {
    let image = image.split('@').next()?;
    image.rsplit('/').next()?.split_once(':').map(|(_, tag)| tag)
}

/// The variables of a container; if a name occurs twice, the last one counts.
fn variables_of(container: &Located) -> BTreeMap<String, Observed<Variable>> {
    let variable = |item: &Located| {
        let name = item.get("name").and_then(Located::text)?.to_owned();
        let unknown = |detail: String| Observed::Unknown(Reason::new(Cause::System, &item.file, detail));
        let variable = match item.get("value") {
            None if item.get("valueFrom").is_some() => unknown(format!("{name} is filled in when the pod starts")),
            value => {
                let (value, line) = value.map_or_else(Default::default, |value| (value.value.to_string(), value.line));
                if value.contains("$(") {
                    unknown(format!("{name} refers to other variables"))
                } else {
                    let set_in = SetIn { file: item.file.to_string(), line: (line > 0).then_some(line) };
                    Observed::Present(Variable { value, set_in: Some(set_in) })
                }
            }
        };
        Some((name, variable))
    };
    sorting::map(container.get("env").map_or(&[][..], Located::items).iter().filter_map(variable))
}

/// The mounts of a container, from the host or from elsewhere.
fn mounts_of(container: &Located, volumes: &[Located]) -> Vec<Mount> {
    let text = |value: &Located, key: &str| value.get(key).and_then(Located::text).map(str::to_owned);
    let host_path = |name: &str| {
        volumes
            .iter()
            .find(|volume| text(volume, "name").as_deref() == Some(name))
            .and_then(|volume| volume.get("hostPath"))
            .and_then(|host_path| text(host_path, "path"))
    };
    container
        .get("volumeMounts")
        .map_or(&[][..], Located::items)
        .iter()
        .filter_map(|mount| {
            let inside = normalize(Path::new(&text(mount, "mountPath")?));
            let outside = text(mount, "name").and_then(|name| host_path(&name)).map(PathBuf::from);
            let outside = outside.map(|outside| match text(mount, "subPath") {
                Some(part) => outside.join(part),
                None => outside,
            });
            Some(Mount { inside, outside })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_names_and_tags() {
        let table = [
            ("registry.k8s.io/kube-apiserver:v1.32.4", "kube-apiserver", Some("v1.32.4")),
            ("localhost:5000/etcd", "etcd", None),
            ("gke.gcr.io/kube-proxy-amd64:v1.30.5-gke.1234", "kube-proxy", Some("v1.30.5-gke.1234")),
            (
                "public.ecr.aws/eks-distro/kubernetes/kube-proxy:v1.32.4-eks-1@sha256:aa",
                "kube-proxy",
                Some("v1.32.4-eks-1"),
            ),
            ("", "", None),
        ];
        for (image, name, tag) in table {
            assert_eq!((image_name(image), image_tag(image)), (name, tag), "{image}");
        }
    }

    #[test]
    fn a_command_may_start_the_program_through_something() {
        let table: [(&[&str], bool); 14] = [
            (&["kube-apiserver", "--v=2"], true),
            (&["/usr/local/bin/kube-apiserver"], true),
            (&["/bin/sh", "-c", "exec kube-apiserver --v=2"], true),
            (
                &[
                    "/bin/sh",
                    "-c",
                    "mkfifo /tmp/pipe; (tee -a /var/log/x < /tmp/pipe & ) ; exec /usr/local/bin/kube-apiserver --v=2",
                ],
                true,
            ),
            (
                &["bash", "-ec", "if [ -f /etc/x ]; then\n  . /etc/x\nfi\nGOGC=100 exec hyperkube kube-apiserver --x"],
                true,
            ),
            (&["/go-runner", "--log-file=/var/log/kube-apiserver.log", "kube-apiserver", "--v=2"], true),
            (&["/hyperkube", "kube-apiserver"], true),
            (&["/bin/sh", "-c", "timeout 1 true && \"kube-apiserver\" --v=2"], true),
            (&["/bin/sh", "-c", "curl -k https://kube-apiserver/healthz"], false),
            (&["/bin/sh", "-c", "echo kube-apiserver"], false),
            (&["/bin/sh", "-c", "cp /etc/kube-apiserver /tmp"], false),
            (&["kube-vip", "manager", "kube-apiserver"], false),
            (&["/kube-apiserver-proxy"], false),
            (&[], false),
        ];
        for (words, expected) in table {
            assert_eq!(starts(words, "kube-apiserver"), expected, "{words:?}");
        }
    }
}
