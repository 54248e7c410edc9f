//! Reads what container runtimes record about a container: its image, its pod, and what it mounts of the host. Only
//! root can write these files.
//!
//! Sources: the OCI runtime specification (<https://github.com/opencontainers/runtime-spec/blob/main/config.md>), the
//! annotations of containerd's CRI plugin and of CRI-O, Docker's files below `/var/lib/docker/containers`, and the
//! container list of containers/storage.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::component::{CommandLines, Mount};
use probe::{Answer, Excerpt, FileKind, Form, Location, Node, Observed, Question, normalize};

use super::ask;

/// Where runtimes keep the record of a container, and the keys that they use; `{}` is the container's ID or name.
const RECORDS: [(&str, &Keys); 10] = [
    ("/run/containerd/io.containerd.runtime.v2.task/k8s.io/{}/config.json", &OF_CONTAINERD),
    ("/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/{}/config.json", &OF_CONTAINERD),
    ("/run/k0s/containerd/io.containerd.runtime.v2.task/k8s.io/{}/config.json", &OF_CONTAINERD),
    ("/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io/{}/config.json", &OF_CONTAINERD),
    ("/run/containers/storage/overlay-containers/{}/userdata/config.json", &OF_CRI_O),
    ("/var/lib/containers/storage/overlay-containers/{}/userdata/config.json", &OF_CRI_O),
    ("/run/containerd/io.containerd.runtime.v2.task/default/{}/config.json", &OF_CONTAINERD),
    ("/run/containerd/io.containerd.runtime.v2.task/system/{}/config.json", &OF_CONTAINERD),
    ("/run/containerd/io.containerd.runtime.v2.task/moby/{}/config.json", &OF_CONTAINERD),
    (DOCKER, &OF_DOCKER),
];

/// Docker's own record, next to which is the configuration that the container was started with.
const DOCKER: &str = "/var/lib/docker/containers/{}/config.v2.json";
const DOCKER_HOST: &str = "/var/lib/docker/containers/{}/hostconfig.json";

/// Podman's list of containers, which contains the names of their images; the OCI configuration does not.
const PODMAN: &str = "/var/lib/containers/storage/overlay-containers/containers.json";

/// Where the kubelet keeps the logs of pods, in one directory for each: `NAMESPACE_NAME_UID`.
const LOGS: &str = "/var/log/pods";

/// The annotations or labels in which a runtime records what is read here: only those that it writes itself, after all
/// others. Users can set the rest: CRI-O passes on every annotation of a pod, and Docker every label of an image.
struct Keys {
    image: &'static [&'static str],
    namespace: &'static str,
    pod: &'static str,
    uid: &'static str,
    container: &'static str,
}

const OF_CONTAINERD: Keys = Keys {
    image: &["io.kubernetes.cri.image-name"],
    namespace: "io.kubernetes.cri.sandbox-namespace",
    pod: "io.kubernetes.cri.sandbox-name",
    uid: "io.kubernetes.cri.sandbox-uid",
    container: "io.kubernetes.cri.container-name",
};

/// CRI-O's own annotations contain neither the namespace nor the UID; the kubelet's labels, which it writes after all
/// others, do.
const OF_CRI_O: Keys = Keys {
    image: &["io.kubernetes.cri-o.ImageName", "io.kubernetes.cri-o.Image"],
    namespace: "io.kubernetes.pod.namespace",
    pod: "io.kubernetes.pod.name",
    uid: "io.kubernetes.pod.uid",
    container: "io.kubernetes.container.name",
};

/// The kubelet's labels. The image is recorded elsewhere.
const OF_DOCKER: Keys = Keys { image: &[], ..OF_CRI_O };

impl Keys {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.image.iter().copied().chain([self.namespace, self.pod, self.uid, self.container])
    }
}

/// A runtime's record of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuntimeRecord {
    /// The file that contains it.
    pub file: String,
    /// The container's image, with its tag.
    pub image: Option<String>,
    /// The namespace of its pod.
    pub namespace: Option<String>,
    /// The name of its pod.
    pub pod: Option<String>,
    /// The UID of its pod.
    pub uid: Option<String>,
    /// Its own name within the pod.
    pub container: Option<String>,
    /// What it mounts of the host.
    pub mounts: Vec<Mount>,
    /// Whether it uses the host's network, if recorded.
    pub host_network: Option<bool>,
    /// Whether it uses the host's PID namespace, if recorded.
    pub host_pid: Option<bool>,
}

/// Returns the record of a container; `None` if there is none.
pub(super) fn of_container(node: &dyn Node, id: &str) -> Option<RuntimeRecord> {
    RECORDS.iter().find_map(|(pattern, keys)| {
        let file = pattern.replace("{}", id);
        let record = json(node, &file)?;
        Some(if *pattern == DOCKER {
            let host = json(node, &DOCKER_HOST.replace("{}", id));
            of_docker(&record, host.as_ref(), file)
        } else {
            let record = of_bundle(&record, keys, file);
            let is_podmans = pattern.contains("/overlay-containers/") && record.image.is_none();
            let image = is_podmans.then(|| image_in_list(&json(node, PODMAN)?, id)).flatten();
            RuntimeRecord { image: image.or(record.image.clone()), ..record }
        })
    })
}

/// The image of a container in Podman's list.
fn image_in_list(list: &Value, id: &str) -> Option<String> {
    array(Some(list)).find(|entry| entry.get("id").and_then(Value::as_str) == Some(id)).and_then(image_of_entry)
}

fn image_of_entry(entry: &Value) -> Option<String> {
    let own: Value = serde_json::from_str(entry.get("metadata")?.as_str()?).ok()?;
    own.get(IMAGE_IN_LIST)?.as_str().filter(|image| !image.is_empty()).map(str::to_owned)
}

/// The key of the image in Podman's metadata of a container, which is JSON text within JSON.
const IMAGE_IN_LIST: &str = "image-name";

/// Returns the namespace and the name of a pod, from the name of its log directory; neither contains an underscore. If
/// several directories match, none is trusted.
pub(super) fn of_pod(node: &dyn Node, uid: &str) -> Option<RuntimeRecord> {
    let Observed::Present(Answer::Entries(entries)) = node.ask(&Question::Directory(Location::node(LOGS))) else {
        return None;
    };
    let mut named = entries.iter().filter(|entry| entry.kind == FileKind::Directory).filter_map(|entry| {
        let name = entry.name.to_str()?;
        let (namespace, rest) = name.split_once('_')?;
        let (pod, its) = rest.split_once('_')?;
        (same_uid(its, uid) && !namespace.is_empty()).then_some((name, namespace, pod))
    });
    let (name, namespace, pod) = named.next()?;
    named.next().is_none().then(|| RuntimeRecord {
        file: format!("{LOGS}/{name}"),
        namespace: Some(namespace.to_owned()),
        pod: Some(pod.to_owned()),
        uid: Some(uid.to_owned()),
        ..RuntimeRecord::default()
    })
}

/// Whether two UIDs are the same: systemd's names of cgroups contain no dashes, so they have underscores instead.
pub(super) fn same_uid(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.bytes().zip(other.bytes()).all(|(a, b)| a == b || (b"-_".contains(&a) && b"-_".contains(&b)))
}

/// The maximum size in bytes of a record's parsed values.
const MOST_BYTES: usize = 12 << 20;

/// Parses a record; `None` if it is not JSON, or has so many values that they would take too much memory: a few bytes
/// of JSON can become hundreds, but nearly all of a real record is text.
fn parsed(bytes: &[u8]) -> Option<Value> {
    let size = |byte: &u8| match byte {
        b'{' => 640,
        b'[' | b',' => 64,
        _ => 0,
    };
    let size: usize = bytes.iter().map(size).sum();
    if size > MOST_BYTES { None } else { serde_json::from_slice(bytes).ok() }
}

fn json(node: &dyn Node, path: &str) -> Option<Value> {
    let content = ask::content(node, path, &|| Excerpt { form: Form::Container, parts: BTreeSet::new() })?;
    parsed(&content.bytes)
}

/// Reads the configuration of an OCI bundle.
fn of_bundle(bundle: &Value, keys: &Keys, file: String) -> RuntimeRecord {
    let annotation = |name: &str| text(bundle.get("annotations"), &[name]);
    let mounts = array(bundle.get("mounts")).filter_map(|mount| {
        let text = |key: &str| mount.get(key).and_then(Value::as_str);
        let inside = normalize(Path::new(text("destination")?));
        // Everything else (proc, tmpfs, …) hides what is mounted around it.
        let outside = (text("type") == Some("bind") || options(mount).any(|option| matches!(option, "bind" | "rbind")))
            .then(|| text("source").filter(|source| source.starts_with('/')).map(PathBuf::from))
            .flatten();
        Some(Mount { inside, outside })
    });
    let namespaces = bundle.get("linux").and_then(|linux| linux.get("namespaces"));
    let shares = |kind: &str| {
        namespaces.is_some().then(|| array(namespaces).all(|own| own.get("type").and_then(Value::as_str) != Some(kind)))
    };
    RuntimeRecord {
        file,
        image: text(bundle.get("annotations"), keys.image),
        namespace: annotation(keys.namespace),
        pod: annotation(keys.pod),
        uid: annotation(keys.uid),
        container: annotation(keys.container),
        mounts: mounts.collect(),
        host_network: shares("network"),
        host_pid: shares("pid"),
    }
}

/// Reads Docker's two files of a container.
fn of_docker(record: &Value, host: Option<&Value>, file: String) -> RuntimeRecord {
    let config = record.get("Config");
    let label = |name: &str| text(config.and_then(|config| config.get("Labels")), &[name]);
    let points = record.get("MountPoints").and_then(Value::as_object);
    let mounts = points.into_iter().flat_map(Map::values).filter_map(|point| {
        let text = |key: &str| point.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        Some(Mount { inside: normalize(Path::new(text("Destination")?)), outside: text("Source").map(PathBuf::from) })
    });
    let mode = |key: &str| host?.get(key)?.as_str().map(|mode| mode == "host");
    RuntimeRecord {
        file,
        image: text(config, &["Image"]),
        namespace: label(OF_DOCKER.namespace),
        pod: label(OF_DOCKER.pod),
        uid: label(OF_DOCKER.uid),
        container: label(OF_DOCKER.container),
        mounts: mounts.collect(),
        host_network: mode("NetworkMode"),
        // An empty mode is Docker's default: a separate PID namespace.
        host_pid: mode("PidMode"),
    }
}

fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn options(mount: &Value) -> impl Iterator<Item = &str> {
    array(mount.get("options")).filter_map(Value::as_str)
}

/// The value of the first of these keys that has a text.
fn text(mapping: Option<&Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| mapping?.get(key)?.as_str()).map(str::to_owned)
}

/// Returns the excerpt of a record, which otherwise contains the container's whole environment. A record that cannot be
/// parsed remains unparsable.
pub(super) fn excerpt(location: &Location, bytes: &[u8], lines: &CommandLines<'_>) -> Vec<u8> {
    let Some(record) = parsed(bytes) else { return Vec::new() };
    let path = location.path.to_string_lossy();
    let is_of = |pattern: &str| {
        pattern.split_once("{}").is_some_and(|(before, after)| path.starts_with(before) && path.ends_with(after))
    };
    let mut kept = if path == PODMAN {
        essential_of_list(&record)
    } else {
        match RECORDS.iter().chain(&[(DOCKER_HOST, &OF_DOCKER)]).find(|(pattern, _)| is_of(pattern)) {
            Some((_, keys)) => essential_of_record(&record, &keys.all().collect::<Vec<_>>()),
            None => Value::Null,
        }
    };
    mask(&mut kept, lines);
    kept.to_string().into_bytes()
}

/// Masks values that look like secrets.
fn mask(value: &mut Value, lines: &CommandLines<'_>) {
    match value {
        Value::String(text) => *text = lines.shown("", text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, lines)),
        Value::Object(entries) => entries.values_mut().for_each(|value| mask(value, lines)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn essential_of_record(record: &Value, names: &[&str]) -> Value {
    // Only texts are kept.
    let kept = |from: &Value, keys: &[&str]| -> Map<String, Value> {
        let text = |key: &&str| Some(((*key).to_owned(), from.get(key).filter(|value| value.is_string())?.clone()));
        keys.iter().filter_map(text).collect()
    };
    let mut essential = kept(record, &["NetworkMode", "PidMode"]);
    if let Some(annotations) = record.get("annotations") {
        essential.insert("annotations".to_owned(), kept(annotations, names).into());
    }
    if let Some(mounts) = record.get("mounts") {
        let mounts = array(Some(mounts)).map(|mount| {
            let mut own = kept(mount, &["destination", "type", "source"]);
            let is_bind = |option: &&str| matches!(*option, "bind" | "rbind");
            own.insert("options".to_owned(), options(mount).filter(is_bind).collect());
            Value::from(own)
        });
        essential.insert("mounts".to_owned(), Value::Array(mounts.collect()));
    }
    if let Some(namespaces) = record.get("linux").and_then(|linux| linux.get("namespaces")) {
        let kinds = array(Some(namespaces)).map(|own| kept(own, &["type"]).into());
        essential.insert("linux".to_owned(), json!({ "namespaces": Value::Array(kinds.collect()) }));
    }
    if let Some(config) = record.get("Config") {
        let mut own = kept(config, &["Image"]);
        own.extend(config.get("Labels").map(|labels| ("Labels".to_owned(), kept(labels, names).into())));
        essential.insert("Config".to_owned(), own.into());
    }
    if let Some(points) = record.get("MountPoints").and_then(Value::as_object) {
        // The keys repeat the paths in the values.
        let points = points.values().enumerate();
        let points: Map<String, Value> =
            points.map(|(at, point)| (format!("{at:06}"), kept(point, &["Source", "Destination"]).into())).collect();
        essential.insert("MountPoints".to_owned(), points.into());
    }
    essential.into()
}

fn essential_of_list(list: &Value) -> Value {
    let entries = array(Some(list)).filter_map(|entry| {
        let own = json!({ IMAGE_IN_LIST: image_of_entry(entry)? });
        Some(json!({ "id": entry.get("id")?, "metadata": own.to_string() }))
    });
    Value::Array(entries.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Sets;

    /// Returns the excerpt of a file.
    fn kept(path: &str, bytes: &[u8]) -> Vec<u8> {
        let (sets, mask) = (Sets::default(), |_: &str, value: &str| value.to_owned());
        excerpt(&Location::node(path), bytes, &CommandLines::new(&sets, &mask, &|_| None))
    }

    #[test]
    fn a_bundle_says_whose_container_it_is_and_what_it_shares() {
        let bundle = json!({
            "process": { "env": ["TOKEN=secret"] },
            "annotations": {
                "io.kubernetes.cri.image-name": "registry.k8s.io/kube-proxy:v1.32.4",
                "io.kubernetes.cri.sandbox-namespace": "kube-system",
                "io.kubernetes.cri.sandbox-name": "kube-proxy-abcde",
                "io.kubernetes.cri.sandbox-uid": "66e60491",
                "io.kubernetes.cri.container-name": "kube-proxy",
                "other": "x",
            },
            "mounts": [
                { "destination": "/proc", "type": "proc", "source": "proc" },
                { "destination": "/lib/modules", "type": "bind", "source": "/lib/modules", "options": ["rbind", "ro"] },
            ],
            "linux": { "namespaces": [{ "type": "pid" }, { "type": "mount" }] },
        });
        let path = RECORDS[0].0.replace("{}", "0a1b");
        let of_bundle = |bundle: &Value, file| of_bundle(bundle, &OF_CONTAINERD, file);
        let expected = RuntimeRecord {
            file: path.clone(),
            image: Some("registry.k8s.io/kube-proxy:v1.32.4".into()),
            namespace: Some("kube-system".into()),
            pod: Some("kube-proxy-abcde".into()),
            uid: Some("66e60491".into()),
            container: Some("kube-proxy".into()),
            mounts: vec![
                Mount { inside: "/proc".into(), outside: None },
                Mount { inside: "/lib/modules".into(), outside: Some("/lib/modules".into()) },
            ],
            host_network: Some(true),
            host_pid: Some(false),
        };
        assert_eq!(of_bundle(&bundle, path.clone()), expected);
        // The excerpt yields the same record, without the environment.
        let kept = kept(&path, bundle.to_string().as_bytes());
        let text = String::from_utf8(kept.clone()).expect("text");
        assert!(!text.contains("secret") && !text.contains("other"), "{text}");
        assert_eq!(of_bundle(&serde_json::from_slice(&kept).expect("JSON"), path.clone()), expected);
        assert_eq!(self::kept(&path, &kept), kept);
        // A record that cannot be parsed remains unparsable.
        assert_eq!(self::kept(&path, b"{"), b"");
    }

    #[test]
    fn docker_says_it_in_two_files() {
        let record = json!({
            "Config": { "Image": "rancher/hyperkube:v1.24.17-rancher1", "Env": ["A=b"], "Labels": {} },
            "MountPoints": { "/etc/kubernetes": { "Source": "/etc/kubernetes", "Destination": "/etc/kubernetes", "RW": true } },
        });
        let host = json!({ "NetworkMode": "host", "PidMode": "", "Binds": [] });
        let read = |record: &Value, host: &Value| of_docker(record, Some(host), "x".to_owned());
        let found = read(&record, &host);
        assert_eq!((found.host_network, found.host_pid), (Some(true), Some(false)));
        assert_eq!(found.image.as_deref(), Some("rancher/hyperkube:v1.24.17-rancher1"));
        assert_eq!(found.mounts, [Mount { inside: "/etc/kubernetes".into(), outside: Some("/etc/kubernetes".into()) }]);
        let kept = |pattern: &str, value: &Value| -> Value {
            let path = pattern.replace("{}", "aa");
            let bytes = self::kept(&path, value.to_string().as_bytes());
            serde_json::from_slice(&bytes).expect("JSON")
        };
        assert_eq!(read(&kept(DOCKER, &record), &kept(DOCKER_HOST, &host)), found);
        assert!(!kept(DOCKER, &record).to_string().contains("A=b"));
    }

    #[test]
    fn what_a_tenant_writes_into_a_record_says_nothing() {
        // Annotations of a pod under CRI-O, labels of an image under Docker.
        let of_tenant = json!({
            "io.kubernetes.cri.sandbox-namespace": "kube-system",
            "io.kubernetes.cri-o.Namespace": "kube-system",
            "io.kubernetes.cri.image-name": "registry.k8s.io/kube-proxy:v1.20.0",
            "io.kubernetes.pod.namespace": "tenant",
            "io.kubernetes.pod.uid": "66e60491",
        });
        let found = of_bundle(&json!({ "annotations": of_tenant }), &OF_CRI_O, String::new());
        assert_eq!(
            (found.namespace.as_deref(), found.image, found.uid.as_deref()),
            (Some("tenant"), None, Some("66e60491"))
        );
        let docker = json!({ "Config": { "Image": "x", "Labels": of_tenant } });
        let found = of_docker(&docker, None, String::new());
        assert_eq!((found.namespace.as_deref(), found.image.as_deref()), (Some("tenant"), Some("x")));
        // containerd passes on a pod's annotations only if configured to, and writes its own after them.
        let found = of_bundle(
            &json!({ "annotations": { "io.kubernetes.pod.namespace": "kube-system" } }),
            &OF_CONTAINERD,
            String::new(),
        );
        assert_eq!(found.namespace, None);
    }

    #[test]
    fn underscores_stand_for_dashes_in_uids() {
        for (one, other, same) in
            [("a-b", "a_b", true), ("a-b", "a-b", true), ("a-b", "a-c", false), ("a-", "a-b", false)]
        {
            assert_eq!(same_uid(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn podman_has_the_names_of_images_in_a_list() {
        let own = r#"{"image-name": "quay.io/poseidon/kubelet:v1.31.1", "name": "kubelet", "env": "TOKEN=secret"}"#;
        let list = json!([
            { "id": "aa", "names": ["other"], "metadata": "not JSON" },
            { "id": "bb", "names": ["kubelet"], "metadata": own, "layer": "x" },
            { "id": "cc" },
        ]);
        assert_eq!(image_in_list(&list, "bb").as_deref(), Some("quay.io/poseidon/kubelet:v1.31.1"));
        for id in ["aa", "cc", "dd"] {
            assert_eq!(image_in_list(&list, id), None, "{id}");
        }
        let kept = kept(PODMAN, list.to_string().as_bytes());
        let text = String::from_utf8(kept.clone()).expect("text");
        assert!(!text.contains("secret") && !text.contains("layer"), "{text}");
        let again: Value = serde_json::from_slice(&kept).expect("JSON");
        assert_eq!(image_in_list(&again, "bb"), image_in_list(&list, "bb"));
        assert_eq!(self::kept(PODMAN, &kept), kept);
    }

    #[test]
    fn odd_records_say_nothing() {
        for odd in [json!(null), json!([]), json!({ "annotations": [], "mounts": {}, "linux": 3 }), json!("x")] {
            let found = of_bundle(&odd, &OF_CONTAINERD, String::new());
            assert_eq!(found, RuntimeRecord::default(), "{odd}");
            assert_eq!(of_docker(&odd, Some(&odd), String::new()), RuntimeRecord::default(), "{odd}");
        }
    }
}
