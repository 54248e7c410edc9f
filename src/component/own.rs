//! What the program reads of settings of its own accord, beside what definitions ask for. Readers name these, so that what
//! a recording may hold is known from one place.

/// Names flags, and lists all of them.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $flag:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $flag;)+

        /// All flags of this module.
        pub const FLAGS: &[&str] = &[$($name),+];
    };
}

flags! {
    /// containerd, CRI-O and the kubelet: the configuration file.
    CONFIG = "--config";
    /// The same, in short.
    CONFIG_SHORT = "--c";
    /// CRI-O: the directory of parts of its configuration.
    CONFIG_DIR = "--config-dir";
    /// The same, in short.
    CONFIG_DIR_SHORT = "--d";
    /// CRI-O: the directory of the network's configuration.
    CNI_CONFIG_DIR = "--cni-config-dir";
    /// cri-dockerd: the same.
    CNI_CONF_DIR = "--cni-conf-dir";
    /// etcd: the configuration file.
    CONFIG_FILE = "--config-file";
    /// The kubelet: how it reaches the API server.
    KUBECONFIG = "--kubeconfig";
    /// The kubelet: how it reaches the API server at first.
    BOOTSTRAP_KUBECONFIG = "--bootstrap-kubeconfig";
    /// The kubelet: where the manifests of static pods lie.
    POD_MANIFEST_PATH = "--pod-manifest-path";
    /// The kubelet: from where it has manifests of static pods.
    MANIFEST_URL = "--manifest-url";
    /// The kubelet: the image of the pause container.
    PAUSE_IMAGE = "--pod-infra-container-image";
    /// The kubelet: the labels of its node.
    NODE_LABELS = "--node-labels";
    /// The kubelet: what the cloud calls its node.
    PROVIDER_ID = "--provider-id";
    /// The kubelet: the programs that have passwords for registries.
    IMAGE_CREDENTIALS = "--image-credential-provider-config";
    /// The API server: where the store is.
    ETCD_SERVERS = "--etcd-servers";
    /// The API server: the file that configures admission plugins.
    ADMISSION_CONFIG_FILE = "--admission-control-config-file";
    /// The API server: the admission plugins that are off.
    DISABLE_ADMISSION_PLUGINS = "--disable-admission-plugins";
    /// The API server: all admission plugins that are on, in older releases.
    ADMISSION_CONTROL = "--admission-control";
    /// The kubelet: whether pods without a seccomp profile have that of the container runtime.
    SECCOMP_DEFAULT = "--seccomp-default";
    /// OpenShift: the file that replaces the arguments.
    OPENSHIFT_CONFIG = "--openshift-config";
    /// kubelite: the file of arguments of the API server.
    APISERVER_ARGUMENTS = "--apiserver-args-file";
    /// kubelite: that of the controller manager.
    CONTROLLER_MANAGER_ARGUMENTS = "--controller-manager-args-file";
    /// kubelite: that of the scheduler.
    SCHEDULER_ARGUMENTS = "--scheduler-args-file";
    /// kubelite: that of the kubelet.
    KUBELET_ARGUMENTS = "--kubelet-args-file";
    /// kubelite: that of kube-proxy.
    PROXY_ARGUMENTS = "--proxy-args-file";
    /// kubelite: whether there is a control plane.
    START_CONTROL_PLANE = "--start-control-plane";
}

/// A setting of the kubelet.
#[derive(Debug, Clone, Copy)]
pub struct KubeletSetting {
    /// The argument.
    pub flag: &'static str,
    /// The key of the configuration file.
    pub key: &'static str,
}

/// Where the manifests of static pods lie.
pub const STATIC_PODS: KubeletSetting = KubeletSetting { flag: POD_MANIFEST_PATH, key: "staticPodPath" };
/// From where the kubelet has manifests of static pods.
pub const STATIC_POD_URL: KubeletSetting = KubeletSetting { flag: MANIFEST_URL, key: "staticPodURL" };
/// What the cloud calls the node.
pub const PROVIDER: KubeletSetting = KubeletSetting { flag: PROVIDER_ID, key: "providerID" };

/// Whether pods without a seccomp profile have that of the container runtime.
pub const SECCOMP: KubeletSetting = KubeletSetting { flag: SECCOMP_DEFAULT, key: "seccompDefault" };

/// All settings of the kubelet that are read of the program's own accord.
pub const OF_KUBELET: [KubeletSetting; 4] = [STATIC_PODS, STATIC_POD_URL, PROVIDER, SECCOMP];

impl KubeletSetting {
    /// As definitions have settings.
    pub fn setting(self) -> definitions::benchmark::Setting {
        definitions::benchmark::Setting::new(Some(self.flag.to_owned()), Some(self.key.to_owned()))
    }
}
