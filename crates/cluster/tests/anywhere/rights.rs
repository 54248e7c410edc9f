//! Rights in critical namespaces, and rights that reach into them.

use cluster::Resource;

use crate::anywhere::world::{World, anywhere, cluster, held, line, names_the_right, notes};

const RBAC: &str = "rbac.authorization.k8s.io/v1";

fn role(name: &str, rules: &str) -> String {
    labelled(name, "{}", rules)
}

fn labelled(name: &str, labels: &str, rules: &str) -> String {
    let (kind, place) = match name.split_once('/') {
        Some((namespace, name)) => ("Role", format!("name: \"{name}\", namespace: {namespace}")),
        None => ("ClusterRole", format!("name: \"{name}\"")),
    };
    format!("---\napiVersion: {RBAC}\nkind: {kind}\nmetadata: {{{place}, labels: {labels}}}\nrules: [{rules}]\n")
}

/// A binding to `ClusterRole NAME` or `Role NAME`; subjects are written as in findings.
fn binding(name: &str, role: &str, subjects: &[&str]) -> String {
    let (kind, place) = match name.split_once('/') {
        Some((namespace, name)) => ("RoleBinding", format!("name: \"{name}\", namespace: {namespace}")),
        None => ("ClusterRoleBinding", format!("name: \"{name}\"")),
    };
    let (role_kind, role_name) = role.split_once(' ').expect("a kind and a name");
    let subjects: Vec<String> = subjects
        .iter()
        .map(|subject| {
            let (kind, name) = subject.split_once(' ').expect("a kind and a name");
            match name.split_once('/') {
                Some((namespace, name)) => format!("{{kind: {kind}, namespace: {namespace}, name: {name}}}"),
                None => format!("{{kind: {kind}, name: \"{name}\"}}"),
            }
        })
        .collect();
    format!(
        "---\napiVersion: {RBAC}\nkind: {kind}\nmetadata: {{{place}}}\nroleRef: {{kind: {role_kind}, name: \
         \"{role_name}\"}}\nsubjects: [{}]\n",
        subjects.join(", ")
    )
}

const SECRETS: &str = "{verbs: [get], apiGroups: [\"\"], resources: [secrets]}";
const EVERYTHING: &str = "{verbs: [\"*\"], apiGroups: [\"*\"], resources: [\"*\"]}";
const LEADER: &str = "{verbs: [get, update], apiGroups: [coordination.k8s.io], resources: [leases]}";
const ALICE: &[&str] = &["User alice"];

/// Critical namespaces and the provider that each belongs to; empty if every cluster has it.
const CRITICAL: [(&str, &str); 13] = [
    ("kube-system", ""),
    ("eksa-system", ""),
    ("eksa-packages", ""),
    ("eksa-packages-mgmt", ""),
    ("capi-system", ""),
    ("cert-manager", ""),
    ("etcdadm-controller-system", ""),
    ("flux-system", ""),
    ("capv-system", "VSphere"),
    ("capx-system", "Nutanix"),
    ("capt-system", "Tinkerbell"),
    ("capas-system", "Snow"),
    ("capd-system", "Docker"),
];

#[test]
fn critical_namespaces_follow_the_providers() {
    let (roles, bindings) = ("eks-anywhere/foreign-roles", "eks-anywhere/foreign-role-bindings");
    for (namespace, of) in CRITICAL {
        for provider in ["VSphere", "Nutanix", "Tinkerbell", "Snow", "Docker"] {
            let counts = of.is_empty() || of == provider;
            let expected = if counts { "fail" } else { "pass" };
            let cluster = cluster("mgmt", provider, "");
            let own = format!("Role {namespace}/mine: not shipped");
            let offenders: &[&str] = if counts { &[&own] } else { &[] };
            held(
                roles,
                &World::new(&(cluster.clone() + &role(&format!("{namespace}/mine"), SECRETS))),
                expected,
                offenders,
            );
            let own = format!("RoleBinding {namespace}/mine [User alice]: bound to Role mine");
            let offenders: &[&str] = if counts { &[&own] } else { &[] };
            let bound = binding(&format!("{namespace}/mine"), "Role mine", ALICE);
            held(bindings, &World::new(&(cluster + &bound)), expected, offenders);
        }
        // If the clusters are unknown, the namespaces of every provider count.
        let own = format!("Role {namespace}/mine");
        let yaml = role(&format!("{namespace}/mine"), SECRETS);
        held(roles, &World::of_workloads(&yaml), "fail", &[&own]);
        held(roles, &World::new(&yaml).without(&[Resource::AnywhereClusters]), "fail", &[&own]);
    }
    let others =
        role("shop/mine", SECRETS) + &role("eksa-packages-other/mine", SECRETS) + &cluster("mgmt", "VSphere", "");
    held(roles, &World::new(&others), "pass", &[]);
    // Flux's namespace is the configured one.
    let moved = cluster("mgmt", "VSphere", "") + &anywhere("FluxConfig", "default/mgmt", "{systemNamespace: gitops}");
    held(roles, &World::new(&(moved.clone() + &role("gitops/mine", SECRETS))), "fail", &["Role gitops/mine"]);
    held(roles, &World::new(&(moved + &role("flux-system/mine", SECRETS))), "pass", &[]);
}

#[test]
fn shipped_roles_are_no_foreign_ones() {
    let table: [(String, &str, &[&str]); 5] = [
        (role("capi-system/capi-leader-election-role", LEADER), "pass", &[]),
        (
            role("capi-system/capi-leader-election-role", EVERYTHING),
            "fail",
            &["Role capi-system/capi-leader-election-role: grants more"],
        ),
        (role("capi-system/capv-leader-election-role", LEADER), "fail", &["Role capi-system/capv"]),
        (
            role(
                "kube-system/system:controller:token-cleaner",
                "{verbs: [delete, get, list, watch], apiGroups: [\"\"], resources: [secrets]}",
            ),
            "pass",
            &[],
        ),
        (
            role(
                "kube-system/system:controller:token-cleaner",
                "{verbs: [create], apiGroups: [\"\"], resources: [secrets]}",
            ),
            "fail",
            &["Role kube-system/system:controller:token-cleaner"],
        ),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/foreign-roles", &World::new(&yaml), expected, offenders);
    }
}

const MANAGER: &str = "ServiceAccount eksa-system/eksa-controller-manager";

#[test]
fn shipped_bindings_stop_counting_when_they_are_changed() {
    let of = |role: &str, subjects: &[&str]| binding("eksa-system/eksa-manager-rolebinding", role, subjects);
    let own = "RoleBinding eksa-system/eksa-manager-rolebinding [User alice]: bound to Role eksa-manager-role (changed from what is shipped: it names User alice)";
    let table: [(String, &str, &[&str]); 5] = [
        (of("Role eksa-manager-role", &[MANAGER]), "pass", &[]),
        (
            of("Role eksa-manager-role", &["User system:serviceaccount:eksa-system:eksa-controller-manager"]),
            "pass",
            &[],
        ),
        (of("Role eksa-manager-role", &[MANAGER, "User alice"]), "fail", &[own]),
        (
            of("Role other", ALICE),
            "fail",
            &["RoleBinding eksa-system/eksa-manager-rolebinding [User alice]: bound to Role other (changed"],
        ),
        (binding("kube-system/mine", "Role mine", &[MANAGER]), "pass", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/foreign-role-bindings", &World::new(&yaml), expected, offenders);
    }
}

#[test]
fn what_is_shipped_is_as_it_was_shipped() {
    let bound = |subjects: &[&str]| binding("eksa-manager-rolebinding", "ClusterRole eksa-manager-role", subjects);
    let own = role("eksa-manager-role", SECRETS);
    let table: [(String, &str, &[&str]); 9] = [
        (bound(&[MANAGER]) + &own, "pass", &[]),
        (
            bound(&[MANAGER, "Group dev"]) + &own,
            "fail",
            &["ClusterRoleBinding eksa-manager-rolebinding: changed: it names Group dev"],
        ),
        (
            binding("eksa-manager-rolebinding", "ClusterRole cluster-admin", &[MANAGER]),
            "fail",
            &["ClusterRoleBinding eksa-manager-rolebinding: changed: its role is ClusterRole cluster-admin"],
        ),
        (
            bound(&[MANAGER]) + &role("eksa-manager-role", EVERYTHING),
            "fail",
            &["ClusterRole eksa-manager-role: grants more"],
        ),
        (
            bound(&[MANAGER])
                + &role("eksa-manager-role", "{verbs: [get], apiGroups: [\"\"], resources: [secrets, services]}"),
            "fail",
            &["ClusterRole eksa-manager-role: grants more"],
        ),
        // For another provider it is not a shipped role.
        (cluster("mgmt", "VSphere", "") + &role("capx-manager-role", EVERYTHING), "pass", &[]),
        (
            cluster("mgmt", "Nutanix", "") + &role("capx-manager-role", EVERYTHING),
            "fail",
            &["ClusterRole capx-manager-role"],
        ),
        (
            binding(
                "system:controller:job-controller",
                "ClusterRole system:controller:job-controller",
                &["ServiceAccount kube-system/job-controller"],
            ),
            "pass",
            &[],
        ),
        (binding("mine", "ClusterRole view", ALICE), "pass", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/own-rights", &World::new(&yaml), expected, offenders);
    }
    let judgement = World::new(&bound(&[MANAGER])).judge("eks-anywhere/own-rights");
    assert!(notes(&judgement)[0].contains("does not exist"), "{:?}", notes(&judgement));
    names_the_right("eks-anywhere/own-rights", &(bound(&[MANAGER]) + &own), Resource::ClusterRoles);
}

#[test]
fn old_providers_ship_nothing_any_more() {
    let capc = binding(
        "capc-manager-rolebinding",
        "ClusterRole capc-manager-role",
        &["ServiceAccount capc-system/capc-controller-manager"],
    ) + &role("capc-manager-role", SECRETS);
    let of = |version: &str| cluster("mgmt", "CloudStack", "").replace("v0.26.1", version) + &capc;
    held("eks-anywhere/foreign-cluster-roles", &World::new(&of("v0.25.3")), "pass", &[]);
    let offenders =
        ["ClusterRoleBinding capc-manager-rolebinding [ServiceAccount capc-system/capc-controller-manager]"];
    held("eks-anywhere/foreign-cluster-roles", &World::new(&of("v0.26.1")), "fail", &offenders);
}

#[test]
fn aggregated_roles_collect_what_is_shipped() {
    const LABELS: [&str; 3] = [
        "cluster.x-k8s.io/aggregate-to-manager",
        "kubeadm.controlplane.cluster.x-k8s.io/aggregate-to-manager",
        "capv.infrastucture.cluster.x-k8s.io/aggregate-to-manager",
    ];
    for label in LABELS {
        let of = |name: &str, value: &str| labelled(name, &format!("{{{label}: \"{value}\"}}"), SECRETS);
        let own = format!("ClusterRole mine: label {label}: true");
        held("eks-anywhere/aggregation", &World::new(&of("mine", "true")), "fail", &[&own]);
        held("eks-anywhere/aggregation", &World::new(&of("mine", "false")), "pass", &[]);
        held("eks-anywhere/aggregation", &World::new(&of("capi-manager-role", "true")), "pass", &[]);
    }
    let aggregated = format!(
        "---\napiVersion: {RBAC}\nkind: ClusterRole\nmetadata: {{name: capi-aggregated-manager-role}}\naggregationRule: \
         {{clusterRoleSelectors: [{{matchLabels: {{collected: \"yes\"}}}}]}}\nrules: []\n"
    );
    let yaml = aggregated
        + &labelled("mine", "{collected: \"yes\"}", SECRETS)
        + &labelled("other", "{collected: \"no\"}", SECRETS);
    held(
        "eks-anywhere/aggregation",
        &World::new(&yaml),
        "fail",
        &["ClusterRole mine: is collected by an aggregated role"],
    );
    names_the_right("eks-anywhere/aggregation", "", Resource::ClusterRoles);
}

#[test]
fn rights_in_every_namespace_are_shipped_ones() {
    let of = |rules: &str| role("mine", rules) + &binding("mine", "ClusterRole mine", ALICE);
    let own = "ClusterRoleBinding mine [User alice]: rights in every namespace";
    let table: [(String, &str, &[&str]); 12] = [
        (of("{verbs: [get], apiGroups: [\"\"], resources: [pods]}"), "fail", &[own]),
        (of("{verbs: [list], apiGroups: [apps], resources: [deployments]}"), "fail", &[own]),
        (of("{verbs: [get], apiGroups: [\"\"], resources: [pods/log]}"), "fail", &[own]),
        (of("{verbs: [get], apiGroups: [\"*\"], resources: [\"*\"]}"), "fail", &[own]),
        (
            of("{verbs: [get], apiGroups: [infrastructure.cluster.x-k8s.io], resources: [vspheremachines]}"),
            "fail",
            &[own],
        ),
        (of("{verbs: [get], apiGroups: [anywhere.eks.amazonaws.com], resources: [clusters]}"), "fail", &[own]),
        (of("{verbs: [get], apiGroups: [\"\"], resources: [nodes, namespaces, persistentvolumes]}"), "pass", &[]),
        (of("{verbs: [create], apiGroups: [authentication.k8s.io], resources: [tokenreviews]}"), "pass", &[]),
        (of("{verbs: [get], nonResourceURLs: [/metrics]}"), "pass", &[]),
        (of("{verbs: [get], apiGroups: [shop.example.com], resources: [orders]}"), "pass", &[]),
        (role("mine", SECRETS) + &binding("shop/mine", "ClusterRole mine", ALICE), "pass", &[]),
        (role("mine", SECRETS) + &binding("mine", "ClusterRole mine", &[MANAGER]), "pass", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/foreign-cluster-roles", &World::new(&yaml), expected, offenders);
    }
    let judgement = World::new(&of("{verbs: [get], apiGroups: [shop.example.com], resources: [orders]}"))
        .judge("eks-anywhere/foreign-cluster-roles");
    assert!(notes(&judgement)[0].contains("other groups' objects"), "{:?}", notes(&judgement));
    let shipped = binding("eksa-manager-rolebinding", "ClusterRole eksa-manager-role", &[MANAGER])
        + &role("eksa-manager-role", SECRETS);
    let judgement = held("eks-anywhere/foreign-cluster-roles", &World::new(&shipped), "pass", &[]);
    assert!(line(&judgement.exempt[0].0).starts_with("ClusterRoleBinding eksa-manager-rolebinding"));
    for resource in [Resource::ClusterRoles, Resource::ClusterRoleBindings] {
        names_the_right("eks-anywhere/foreign-cluster-roles", "", resource);
    }
}

#[test]
fn nobody_else_is_allowed_everything() {
    let admin = role("cluster-admin", EVERYTHING);
    let flux = |namespace: &str| {
        let (one, two) = (
            format!("ServiceAccount {namespace}/kustomize-controller"),
            format!("ServiceAccount {namespace}/helm-controller"),
        );
        admin.clone() + &binding(&format!("cluster-reconciler-{namespace}"), "ClusterRole cluster-admin", &[&one, &two])
    };
    let packages = role("eks-anywhere-packages-manager-role", EVERYTHING)
        + &binding(
            "eks-anywhere-packages-manager-rolebinding",
            "ClusterRole eks-anywhere-packages-manager-role",
            &["ServiceAccount eksa-packages/eks-anywhere-packages-serviceaccount"],
        );
    let moved = anywhere("FluxConfig", "default/mgmt", "{systemNamespace: gitops}");
    let table: [(String, &str, &[&str]); 11] = [
        (
            admin.clone() + &binding("cluster-admin", "ClusterRole cluster-admin", &["Group system:masters"]),
            "pass",
            &[],
        ),
        (
            admin.clone()
                + &binding("cluster-admin", "ClusterRole cluster-admin", &["Group system:masters", "User alice"]),
            "fail",
            &[
                "ClusterRoleBinding cluster-admin [Group system:masters]",
                "ClusterRoleBinding cluster-admin [User alice]: everything cluster-wide (changed",
            ],
        ),
        (
            admin.clone() + &binding("mine", "ClusterRole cluster-admin", ALICE),
            "fail",
            &["ClusterRoleBinding mine [User alice]: everything cluster-wide"],
        ),
        (role("all", EVERYTHING) + &binding("mine", "ClusterRole all", ALICE), "fail", &["ClusterRoleBinding mine"]),
        (
            admin.clone() + &binding("capi-system/mine", "ClusterRole cluster-admin", ALICE),
            "fail",
            &["RoleBinding capi-system/mine [User alice]: everything in namespace capi-system"],
        ),
        (admin.clone() + &binding("shop/mine", "ClusterRole cluster-admin", ALICE), "pass", &[]),
        (flux("flux-system"), "pass", &[]),
        (
            flux("gitops"),
            "fail",
            &["ClusterRoleBinding cluster-reconciler-gitops", "ClusterRoleBinding cluster-reconciler-gitops"],
        ),
        (flux("gitops") + &moved, "pass", &[]),
        (
            flux("flux-system") + &moved,
            "fail",
            &["ClusterRoleBinding cluster-reconciler-flux-system", "ClusterRoleBinding cluster-reconciler-flux-system"],
        ),
        (packages, "pass", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/cluster-admin", &World::new(&yaml), expected, offenders);
    }
}

#[test]
fn credentials_are_read_by_what_is_shipped() {
    let of = |place: &str, rules: &str| role("mine", rules) + &binding(place, "ClusterRole mine", ALICE);
    let named =
        |names: &str| format!("{{verbs: [get], apiGroups: [\"\"], resources: [secrets], resourceNames: [{names}]}}");
    let all = "ClusterRoleBinding mine [User alice]: reads credentials in capv-system (capv-manager-bootstrap-credentials), eksa-packages (aws-secret";
    let pods = "{verbs: [create], apiGroups: [apps], resources: [deployments]}";
    let table: [(String, &str, &[&str]); 13] = [
        (of("mine", SECRETS), "fail", &[all]),
        (
            of("eksa-system/mine", SECRETS),
            "fail",
            &["RoleBinding eksa-system/mine [User alice]: reads credentials in eksa-system (vsphere-credentials"],
        ),
        (of("shop/mine", SECRETS), "pass", &[]),
        (
            of("mine", &named("prod-kubeconfig, other")),
            "fail",
            &["ClusterRoleBinding mine [User alice]: reads credentials in eksa-system (prod-kubeconfig)"],
        ),
        (of("mine", &named("other")), "pass", &[]),
        (of("eksa-packages/mine", &named("prod-kubeconfig")), "pass", &[]),
        (of("eksa-packages/mine", &named("aws-secret")), "fail", &["RoleBinding eksa-packages/mine"]),
        (of("mine", "{verbs: [create, delete], apiGroups: [\"\"], resources: [secrets]}"), "pass", &[]),
        (
            of("mine", "{verbs: [\"*\"], apiGroups: [\"*\"], resources: [\"*\"]}"),
            "fail",
            &["ClusterRoleBinding mine [User alice]: reads", "ClusterRoleBinding mine [User alice]: can mount"],
        ),
        (
            of("eksa-system/mine", pods),
            "fail",
            &["RoleBinding eksa-system/mine [User alice]: can mount, by creating pods, credentials in eksa-system"],
        ),
        (of("shop/mine", pods), "pass", &[]),
        (
            role("eksa-system/mine", SECRETS) + &binding("eksa-system/mine", "Role mine", ALICE),
            "fail",
            &["RoleBinding eksa-system/mine"],
        ),
        (role("mine", SECRETS) + &binding("mine", "ClusterRole mine", &[MANAGER]), "pass", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/credential-readers", &World::new(&yaml), expected, offenders);
    }
    let judgement = World::new(&of("mine", SECRETS)).judge("eks-anywhere/credential-readers");
    assert_eq!(judgement.offenders[0].path[0], "ClusterRoleBinding mine".replace("ClusterRoleBinding", "ClusterRole"));
    let moved = anywhere("FluxConfig", "default/mgmt", "{systemNamespace: gitops}") + &of("gitops/mine", SECRETS);
    held(
        "eks-anywhere/credential-readers",
        &World::new(&moved),
        "fail",
        &["RoleBinding gitops/mine [User alice]: reads credentials in gitops (flux-system, gitops)"],
    );
    for resource in [Resource::Roles, Resource::RoleBindings] {
        names_the_right("eks-anywhere/credential-readers", "", resource);
    }
}

#[test]
fn each_shipped_binding_counts_until_it_is_changed() {
    // A binding for each entry: exempt unchanged, but not with another subject or role.
    let text = include_str!("../../../../benchmarks/exemptions/eks-anywhere.yaml");
    let file: serde_json::Value = serde_yaml::from_str(text).expect("the file");
    let entries = file["bindings"].as_array().expect("bindings");
    assert!(entries.len() > 80);
    for entry in entries {
        let texts = |field: &str| -> Vec<String> {
            let all = entry[field].as_array().into_iter().flatten();
            all.map(|text| text.as_str().expect("a text").replace("{flux}", "flux-system")).collect()
        };
        let name = entry["binding"].as_str().expect("a name").replace("{flux}", "flux-system");
        let name = name.split_once(' ').expect("a kind and a name").1;
        let subjects = texts("subjects");
        let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
        for role in texts("roles") {
            let (control, clean) = ("eks-anywhere/own-rights", World::new(&binding(name, &role, &subjects)));
            held(control, &clean, "pass", &[]);
            let changed = World::new(&binding(name, &role, &[&subjects[..], ALICE].concat()));
            assert_eq!(changed.judge(control).offenders.len(), 1, "{name} {role}");
            let other = World::new(&binding(name, "ClusterRole mine", &subjects));
            assert_eq!(other.judge(control).offenders.len(), 1, "{name} to another role");
        }
    }
}
