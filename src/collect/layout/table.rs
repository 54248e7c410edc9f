//! What distributions, services and installers leave on the nodes that they set up.
//!
//! Sources: <https://docs.k3s.io>, <https://docs.rke2.io>, k3s-io/k3s (pkg/daemons), rancher/rke2, rancher/rke;
//! canonical/microk8s, canonical/k8s-snap; k0sproject/k0s; siderolabs/talos; openshift/machine-config-operator and
//! openshift/cluster-kube-apiserver-operator; openshift/microshift; GoogleCloudPlatform/kubernetes (cluster/gce/gci);
//! Azure/AgentBaker; <https://www.alibabacloud.com/help/en/ack>; cloudfoundry-incubator/kubo-release; kubernetes/kops
//! (nodeup); kubernetes-sigs/kubespray; kubernetes/minikube; kubernetes-sigs/kind.

use definitions::benchmark::Platform;

use super::sign::{Layout, Of, Sign, Text};

/// Where kubeadm puts the kubelet's kubeconfig.
pub(crate) const KUBEADM_KUBECONFIG: &str = "/etc/kubernetes/kubelet.conf";

/// A sign that no other layout has, which is sufficient alone.
const fn sure(of: Of, is: Text) -> Sign {
    Sign { of, is, is_sure: true }
}

/// A sign that other layouts may have too: two are needed, and one must come from a process.
const fn hint(of: Of, is: Text) -> Sign {
    Sign { of, is, is_sure: false }
}

const fn kubelet(flags: &'static [&'static str]) -> Of {
    Of::Flag { component: "kubelet", flags }
}

const fn apiserver(flags: &'static [&'static str]) -> Of {
    Of::Flag { component: "apiserver", flags }
}

/// The layouts that are recognized by such signs. If several match, the first counts, and the others are evidence
/// against it.
pub(crate) const LAYOUTS: [Layout; 17] = [
    Layout {
        platform: Platform::K3s,
        uses: &[],
        signs: &[
            sure(Of::Embedder, Text::AnyOf(&["k3s", "k3s-server", "k3s-agent"])),
            hint(Of::File, Text::AnyOf(&["/var/lib/rancher/k3s/server"])),
        ],
    },
    Layout {
        platform: Platform::MicroK8s,
        uses: &[],
        signs: &[
            sure(Of::Embedder, Text::AnyOf(&["kubelite"])),
            // Until 1.20, each component was a separate process.
            sure(Of::Program, Text::Holds("/snap/microk8s/")),
            sure(Of::Service, Text::Begins("snap.microk8s.")),
            hint(Of::File, Text::AnyOf(&["/var/snap/microk8s/current"])),
        ],
    },
    Layout {
        platform: Platform::MicroShift,
        uses: &[],
        signs: &[
            sure(Of::Embedder, Text::AnyOf(&["microshift"])),
            hint(Of::File, Text::AnyOf(&["/var/lib/microshift", "/etc/microshift"])),
        ],
    },
    Layout {
        platform: Platform::Rke2,
        uses: &[],
        signs: &[
            sure(Of::Program, Text::Holds("-rke2r")),
            sure(Of::Service, Text::AnyOf(&["rke2-server.service", "rke2-agent.service"])),
            hint(kubelet(&["--kubeconfig"]), Text::Ends("/agent/kubelet.kubeconfig")),
            hint(apiserver(&["--tls-cert-file"]), Text::Ends("/server/tls/serving-kube-apiserver.crt")),
            hint(Of::File, Text::AnyOf(&["/var/lib/rancher/rke2/server", "/var/lib/rancher/rke2/agent"])),
            hint(Of::File, Text::AnyOf(&["/etc/rancher/rke2"])),
        ],
    },
    Layout {
        platform: Platform::K0s,
        uses: &[],
        signs: &[
            sure(Of::Program, Text::Holds("/k0s/bin/")),
            sure(Of::Service, Text::AnyOf(&["k0scontroller.service", "k0sworker.service"])),
            sure(kubelet(&["--config"]), Text::Begins("/run/k0s/")),
            sure(kubelet(&["--containerd"]), Text::Holds("/run/k0s/")),
            sure(kubelet(&["--container-runtime-endpoint"]), Text::Holds("/run/k0s/")),
            hint(apiserver(&["--client-ca-file"]), Text::AnyOf(&["/var/lib/k0s/pki/ca.crt"])),
            hint(apiserver(&["--egress-selector-config-file"]), Text::Holds("/k0s/")),
            hint(Of::File, Text::AnyOf(&["/etc/k0s", "/var/lib/k0s"])),
        ],
    },
    Layout {
        platform: Platform::CanonicalKubernetes,
        uses: &[Platform::Kubeadm],
        signs: &[
            sure(Of::Program, Text::Holds("/snap/k8s/")),
            sure(Of::Service, Text::Begins("snap.k8s.")),
            hint(Of::File, Text::AnyOf(&["/var/snap/k8s/common/args"])),
        ],
    },
    Layout {
        platform: Platform::Talos,
        uses: &[],
        signs: &[
            sure(Of::Cgroup, Text::Begins("/podruntime/")),
            hint(kubelet(&["--config"]), Text::AnyOf(&["/etc/kubernetes/kubelet.yaml"])),
            hint(kubelet(&["--kubeconfig"]), Text::AnyOf(&["/etc/kubernetes/kubeconfig-kubelet"])),
            hint(apiserver(&["--client-ca-file"]), Text::Begins("/system/secrets/kubernetes/")),
            hint(Of::System, Text::AnyOf(&["talos"])),
        ],
    },
    Layout {
        platform: Platform::OpenShift,
        uses: &[],
        signs: &[
            sure(apiserver(&["--openshift-config"]), Text::Any),
            sure(Of::Flag { component: "controller-manager", flags: &["--openshift-config"] }, Text::Any),
            sure(Of::Label, Text::Begins("node.openshift.io/")),
            // The kubelet's configuration, at the path where kubeadm has a kubeconfig.
            hint(kubelet(&["--config"]), Text::AnyOf(&[KUBEADM_KUBECONFIG])),
            hint(Of::System, Text::AnyOf(&["rhcos", "scos"])),
            hint(Of::OpenShiftVersion, Text::Any),
            hint(Of::File, Text::AnyOf(&["/etc/machine-config-daemon/currentconfig"])),
        ],
    },
    Layout {
        platform: Platform::Kops,
        uses: &[],
        signs: &[
            sure(Of::Label, Text::Begins("kops.k8s.io/")),
            // Older versions have no file for --config. EKS has its kubeconfig there too.
            hint(
                kubelet(&["--config", "--kubeconfig"]),
                Text::AnyOf(&["/var/lib/kubelet/kubelet.conf", "/var/lib/kubelet/kubeconfig"]),
            ),
            hint(apiserver(&["--kubelet-client-certificate"]), Text::Begins("/srv/kubernetes/kube-apiserver/")),
            hint(
                Of::File,
                Text::AnyOf(&[
                    "/opt/kops/bin/nodeup",
                    "/opt/kops/conf/kube_env.yaml",
                    "/var/lib/toolbox/kops/bin/nodeup",
                    "/lib/systemd/system/kops-configuration.service",
                    "/etc/systemd/system/kops-configuration.service",
                ]),
            ),
        ],
    },
    Layout {
        platform: Platform::Gke,
        uses: &[],
        signs: &[
            sure(Of::Label, Text::Begins("cloud.google.com/gke-")),
            // Others have each of these too.
            hint(kubelet(&["--config"]), Text::AnyOf(&["/home/kubernetes/kubelet-config.yaml"])),
            hint(Of::System, Text::AnyOf(&["cos"])),
        ],
    },
    Layout {
        platform: Platform::Aks,
        uses: &[],
        signs: &[
            sure(Of::Label, Text::Begins("kubernetes.azure.com/")),
            hint(kubelet(&["--client-ca-file"]), Text::AnyOf(&["/etc/kubernetes/certs/ca.crt"])),
            hint(kubelet(&["--config"]), Text::AnyOf(&["/etc/default/kubeletconfig.json"])),
            hint(
                Of::File,
                Text::AnyOf(&["/opt/azure/containers/provision.complete", "/opt/azure/vhd-install.complete"]),
            ),
            hint(Of::File, Text::AnyOf(&["/etc/kubernetes/azure.json"])),
        ],
    },
    Layout {
        platform: Platform::Ack,
        uses: &[Platform::Kubeadm],
        signs: &[
            sure(Of::Label, Text::Begins("alibabacloud.com/nodepool-id")),
            sure(Of::Label, Text::Begins("ack.aliyun.com")),
        ],
    },
    Layout { platform: Platform::Tkgi, uses: &[], signs: &[sure(Of::Program, Text::Begins("/var/vcap/"))] },
    Layout {
        platform: Platform::Rke,
        uses: &[],
        signs: &[
            sure(kubelet(&["--kubeconfig"]), Text::AnyOf(&["/etc/kubernetes/ssl/kubecfg-kube-node.yaml"])),
            sure(apiserver(&["--client-ca-file"]), Text::AnyOf(&["/etc/kubernetes/ssl/kube-ca.pem"])),
        ],
    },
    Layout {
        platform: Platform::Minikube,
        uses: &[Platform::Kubeadm, Platform::Kind],
        signs: &[
            sure(Of::Program, Text::Begins("/var/lib/minikube/binaries/")),
            sure(apiserver(&["--client-ca-file"]), Text::Begins("/var/lib/minikube/certs/")),
            hint(Of::Flag { component: "etcd", flags: &["--data-dir"] }, Text::AnyOf(&["/var/lib/minikube/etcd"])),
            hint(Of::File, Text::AnyOf(&["/var/lib/minikube/certs"])),
        ],
    },
    Layout {
        platform: Platform::Kubespray,
        uses: &[Platform::Kubeadm],
        signs: &[
            hint(kubelet(&["--config"]), Text::AnyOf(&["/etc/kubernetes/kubelet-config.yaml"])),
            hint(apiserver(&["--client-ca-file"]), Text::AnyOf(&["/etc/kubernetes/ssl/ca.crt"])),
            hint(apiserver(&["--etcd-cafile"]), Text::AnyOf(&["/etc/ssl/etcd/ssl/ca.pem"])),
            hint(Of::File, Text::AnyOf(&["/etc/kubernetes/kubelet.env"])),
            hint(Of::File, Text::AnyOf(&["/etc/etcd.env"])),
        ],
    },
    Layout {
        platform: Platform::Kind,
        uses: &[Platform::Kubeadm],
        signs: &[
            sure(kubelet(&["--provider-id"]), Text::Begins("kind://")),
            hint(kubelet(&["--kubeconfig"]), Text::AnyOf(&[KUBEADM_KUBECONFIG])),
            hint(Of::File, Text::AnyOf(&["/kind/version"])),
        ],
    },
];
