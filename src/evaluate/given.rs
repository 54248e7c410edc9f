//! Where to change settings on platforms that write the components' arguments and files themselves, and would overwrite
//! a change there.

use definitions::benchmark::Platform;

/// The note to put before the remediation of a setting; `None` if the files that the remediation names may be edited
/// directly.
pub(super) fn by_platform(platform: Platform) -> Option<String> {
    let place = place(platform)?;
    let title = platform.title();
    Some(format!("On {title}, give the setting {place}. Files that {title} writes itself are overwritten."))
}

fn place(platform: Platform) -> Option<&'static str> {
    Some(match platform {
        Platform::K3s => {
            "as kube-apiserver-arg, kube-controller-manager-arg, kube-scheduler-arg, etcd-arg, kubelet-arg or \
             kube-proxy-arg in /etc/rancher/k3s/config.yaml"
        }
        Platform::Rke2 => {
            "as kube-apiserver-arg, kube-controller-manager-arg, kube-scheduler-arg, etcd-arg, kubelet-arg or \
             kube-proxy-arg in /etc/rancher/rke2/config.yaml"
        }
        Platform::Rke => "under extra_args of the service in cluster.yml (rke up)",
        Platform::MicroK8s => "in the component's file in /var/snap/microk8s/current/args (snap restart microk8s)",
        Platform::CanonicalKubernetes => "in the component's file in /var/snap/k8s/common/args (snap restart k8s)",
        Platform::K0s => {
            "under extraArgs of the component in /etc/k0s/k0s.yaml, or in a worker profile or --kubelet-extra-args for \
             the kubelet"
        }
        Platform::Talos => {
            "under extraArgs of the component in the machine configuration, or in machine.kubelet.extraConfig \
             (talosctl patch machineconfig)"
        }
        Platform::OpenShift => {
            "in the cluster's objects: APIServer or the component's operator, and KubeletConfig for the kubelet"
        }
        Platform::MicroShift => "in /etc/microshift/config.yaml (systemctl restart microshift)",
        Platform::Gke => {
            "in the node pool's system configuration, where that has it (gcloud container node-pools update \
             --system-config-from-file)"
        }
        Platform::Aks => {
            "in the node pool's kubelet configuration, where that has it (az aks nodepool add --kubelet-config)"
        }
        Platform::Ack => "in the node pool's kubelet configuration, where that has it",
        Platform::Tkgi => "in the cluster's plan or Kubernetes profile (tkgi update-cluster)",
        Platform::Kops => "in the cluster spec (kops edit cluster, kops update cluster, kops rolling-update cluster)",
        Platform::Kubespray => "in the inventory's variables, and run the playbook again",
        Platform::Minikube => "with minikube start --extra-config=COMPONENT.KEY=VALUE",
        Platform::Kind => "in kubeadmConfigPatches of the cluster's configuration, and create the cluster again",
        Platform::Kubeadm
        | Platform::EksAnywhere
        | Platform::EksAnywhereBottlerocket
        | Platform::ExternalEtcd
        | Platform::EksAl2
        | Platform::EksAl2023
        | Platform::EksBottlerocket
        | Platform::SelfManaged
        | Platform::StandaloneKubelet => return None,
    })
}
