//! The settings that the program reads itself, in addition to those in definitions. Readers refer to these constants,
//! so that a single place defines what a recording may contain.

/// Defines constants for flags, and a list of all of them.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $flag:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $flag;)+

        /// All flags of this module.
        pub const FLAGS: &[&str] = &[$($name),+];
    };
}

flags! {
    /// containerd, CRI-O, kubelet: the configuration file.
    CONFIG = "--config";
    /// Short form of [`CONFIG`].
    CONFIG_SHORT = "--c";
    /// CRI-O: the directory of configuration drop-ins.
    CONFIG_DIR = "--config-dir";
    /// Short form of [`CONFIG_DIR`].
    CONFIG_DIR_SHORT = "--d";
    /// CRI-O: the directory of the CNI configuration.
    CNI_CONFIG_DIR = "--cni-config-dir";
    /// cri-dockerd: the directory of the CNI configuration.
    CNI_CONF_DIR = "--cni-conf-dir";
    /// etcd: the configuration file.
    CONFIG_FILE = "--config-file";
    /// kubelet: the kubeconfig for the API server.
    KUBECONFIG = "--kubeconfig";
    /// kubelet: the kubeconfig for joining the cluster.
    BOOTSTRAP_KUBECONFIG = "--bootstrap-kubeconfig";
    /// kubelet: the directory of static pod manifests.
    POD_MANIFEST_PATH = "--pod-manifest-path";
    /// kubelet: the URL of static pod manifests.
    MANIFEST_URL = "--manifest-url";
    /// kubelet: the image of the pause container.
    PAUSE_IMAGE = "--pod-infra-container-image";
    /// kubelet: the labels of its node.
    NODE_LABELS = "--node-labels";
    /// kubelet: the cloud provider's ID for its node.
    PROVIDER_ID = "--provider-id";
    /// kubelet: the configuration of the programs that supply registry credentials.
    IMAGE_CREDENTIALS = "--image-credential-provider-config";
    /// API server: the URLs of the etcd servers.
    ETCD_SERVERS = "--etcd-servers";
    /// API server: the file that configures admission plugins.
    ADMISSION_CONFIG_FILE = "--admission-control-config-file";
    /// API server: the disabled admission plugins.
    DISABLE_ADMISSION_PLUGINS = "--disable-admission-plugins";
    /// API server: all enabled admission plugins, in older releases.
    ADMISSION_CONTROL = "--admission-control";
    /// kubelet: whether pods without a seccomp profile use that of the container runtime.
    SECCOMP_DEFAULT = "--seccomp-default";
    /// OpenShift: the configuration file with the arguments.
    OPENSHIFT_CONFIG = "--openshift-config";
    /// kubelite: the file with the API server's arguments.
    APISERVER_ARGUMENTS = "--apiserver-args-file";
    /// kubelite: the file with the controller manager's arguments.
    CONTROLLER_MANAGER_ARGUMENTS = "--controller-manager-args-file";
    /// kubelite: the file with the scheduler's arguments.
    SCHEDULER_ARGUMENTS = "--scheduler-args-file";
    /// kubelite: the file with the kubelet's arguments.
    KUBELET_ARGUMENTS = "--kubelet-args-file";
    /// kubelite: the file with kube-proxy's arguments.
    PROXY_ARGUMENTS = "--proxy-args-file";
    /// kubelite: whether to run a control plane.
    START_CONTROL_PLANE = "--start-control-plane";
}

/// A setting of the kubelet that the program reads itself.
#[derive(Debug, Clone, Copy)]
pub struct KubeletSetting {
    /// The flag.
    pub flag: &'static str,
    /// The key in the configuration file.
    pub key: &'static str,
}

/// The directory of static pod manifests.
pub const STATIC_PODS: KubeletSetting = KubeletSetting { flag: POD_MANIFEST_PATH, key: "staticPodPath" };
/// The URL of static pod manifests.
pub const STATIC_POD_URL: KubeletSetting = KubeletSetting { flag: MANIFEST_URL, key: "staticPodURL" };
/// The cloud provider's ID for the node.
pub const PROVIDER: KubeletSetting = KubeletSetting { flag: PROVIDER_ID, key: "providerID" };

/// Whether pods without a seccomp profile use that of the container runtime.
pub const SECCOMP: KubeletSetting = KubeletSetting { flag: SECCOMP_DEFAULT, key: "seccompDefault" };

/// All kubelet settings that the program reads itself.
pub const OF_KUBELET: [KubeletSetting; 4] = [STATIC_PODS, STATIC_POD_URL, PROVIDER, SECCOMP];

impl KubeletSetting {
    /// Returns the setting as used in definitions.
    pub fn setting(self) -> definitions::benchmark::Setting {
        definitions::benchmark::Setting::new(Some(self.flag.into()), Some(self.key.into()))
    }
}
