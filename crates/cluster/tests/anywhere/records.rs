//! Recordings contain only the fields of EKS Anywhere objects that are inspected.

use cluster::lists::{Recorded, record};
use cluster::policy::eks_anywhere::controls;

use crate::anywhere::world::{World, anywhere, cluster, object};

/// A management cluster with a secret in each object.
fn everything() -> String {
    let deployment = "{template: {spec: {containers: [{name: t, image: i, command: [canary], args: [canary], env: [{name: A, \
                      value: canary}, {name: REGISTRY_PASSWORD, value: canary}, {name: TINKERBELL_ENABLE_SECONDSTAR, value: \
                      \"true\"}]}]}}}";
    [
        cluster(
            "mgmt",
            "VSphere",
            "  licenseToken: canary\n  registryMirrorConfiguration: {endpoint: m, caCertContent: canary}\n  \
             proxyConfiguration: {httpProxy: \"http://u:canary@p\", noProxy: [canary]}",
        ),
        anywhere("VSphereDatacenterConfig", "default/mgmt", "{server: canary, thumbprint: a, insecure: true}"),
        anywhere("VSphereMachineConfig", "default/a", "{users: [{name: u, sshAuthorizedKeys: [\"ssh-ed25519 AAAA canary\"]}]}"),
        anywhere("FluxConfig", "default/mgmt", "{git: {repositoryUrl: \"https://canary@h/r\", sshKeyAlgorithm: canary}}"),
        anywhere("OIDCConfig", "default/mgmt", "{clientId: canary, issuerUrl: \"https://i?x=canary\"}"),
        anywhere("Bundles", "eksa-system/b", "{versionsBundles: [{kubeVersion: \"1.35\", haproxy: {image: canary}}]}"),
        object("controlplane.cluster.x-k8s.io/v1beta2", "KubeadmControlPlane", "eksa-system/mgmt", "{kubeadmConfigSpec: {files: [{path: /a, content: \"password=canary\"}], preKubeadmCommands: [\"echo canary\"]}}"),
        object("bootstrap.cluster.x-k8s.io/v1beta1", "KubeadmConfigTemplate", "eksa-system/t", "{template: {spec: {files: [{path: /a, content: \"Authorization: Basic canary\"}], users: [{name: a, passwd: canary}]}}}"),
        object("bmc.tinkerbell.org/v1alpha1", "Machine", "eksa-system/bmc", "{connection: {host: h, insecureTLS: true, authSecretRef: {name: canary}}}"),
        object("source.toolkit.fluxcd.io/v1", "GitRepository", "flux-system/flux-system", "{url: \"https://u:canary@h/r\", secretRef: {name: canary}}"),
        object("apps/v1", "Deployment", "eksa-system/tinkerbell", deployment),
        object("v1", "Service", "eksa-system/tinkerbell", "{type: LoadBalancer, ports: [{port: 67}], externalName: canary}"),
        object("v1", "Service", "shop/web", "{type: LoadBalancer, ports: [{port: 2222}]}"),
    ]
    .concat()
}

#[test]
fn recordings_say_the_same_and_hold_no_secret() {
    let world = World::new(&everything());
    for control in controls() {
        // Compares the live judgement with the recorded one, and searches both for secrets.
        world.judge(control);
    }
    let text = record(&world).expect("a recording");
    let recorded = Recorded::parse("", text.clone()).expect("a recording");
    assert_eq!(record(&recorded).expect("a recording"), text);
    assert!(text.contains("masked") && text.contains("ssh-ed25519 AAAA"), "{text}");
}

#[test]
fn objects_of_another_form_are_unknown_and_stop_nothing() {
    let broken = "---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nmetadata: {name: a}\nspec: 7\n";
    let world = World::new(&(everything() + broken));
    for control in controls() {
        world.judge(control);
    }
    let verdict = crate::anywhere::world::verdict(&world.judge("eks-anywhere/version"));
    assert!(verdict.starts_with("unknown: clusters.anywhere.eks.amazonaws.com: invalid object"), "{verdict}");
    let found = world.judge("eks-anywhere/provider-tls").offenders;
    assert_eq!(found.len(), 1, "what was seen still offends: {found:?}");
}
