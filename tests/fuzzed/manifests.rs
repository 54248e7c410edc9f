//! Static pod manifests: what they run and mount. Every path stays below its mount.

use std::path::Component;
use std::sync::LazyLock;

use definitions::Definitions;
use kube_assay::collect::static_pod::StaticPod;
use kube_assay::collect::take_inventory;
use kube_assay::embedded;

use super::node_with;

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(embedded::definitions);
const MANIFEST: &str = "/etc/kubernetes/manifests/x.yaml";

/// Input: the bytes of a manifest.
pub fn hold(bytes: &[u8]) -> String {
    let pods = pods(MANIFEST, bytes);
    assert_eq!(pods, self::pods(MANIFEST, bytes), "read in two ways");
    for pod in &pods {
        assert!(
            pod.component.as_ref().is_none_or(|key| DEFINITIONS.library.components.contains_key(key.as_str())),
            "{pod:?}"
        );
        assert!(pod.uid.as_deref() != Some(""), "{pod:?}");
        for mount in &pod.mounts {
            let climbs = mount.inside.components().any(|step| step == Component::ParentDir);
            assert!(!climbs, "{}: a mount point leads upwards", mount.inside.display());
        }
    }
    // Like the kubelet, the program skips files whose names begin with a dot.
    assert_eq!(self::pods("/etc/kubernetes/manifests/.x.yaml", bytes), []);
    let components = pods.iter().filter(|pod| pod.component.is_some()).count();
    format!("{} containers, {components} components", pods.len())
}

fn pods(path: &str, bytes: &[u8]) -> Vec<StaticPod> {
    take_inventory(&node_with(&[(path, bytes)]), &DEFINITIONS.library).static_pods.containers
}
