//! Each change of a pod, in each kind of container and workload.

use serde_json::{Value, json};

use super::mutant::{Mutant, set};
use super::pod_changes::{
    CONTEXT, Change, DEFAULT_ACCOUNTS, HOST_NAMESPACES, HOST_NETWORK, HOST_PROCESS, OWN_ACCOUNTS, PRIVILEGED,
    PROC_MOUNT, READ_ONLY, ROOT, SECRETS, TOKENS, VARIABLES, of_containers, of_pods,
};
use crate::clusters::world::World;

const TEMPLATE: &str = "spec/template/spec";
const JOB_TEMPLATE: &str = "spec/jobTemplate/spec/template/spec";

/// Objects with a pod specification, its path, and the workload that findings name.
const SPECS: [(&str, &str, &str); 16] = [
    ("Pod shop/web-7c9d6b5f4-x7k2p", "spec", "Deployment shop/web"),
    ("Pod shop/web-7c9d6b5f4-m4qzv", "spec", "Deployment shop/web"),
    ("Pod shop/api-7c9d6b5f4-x7k2p", "spec", "Deployment shop/api"),
    ("Pod data/cache-b2x9k", "spec", "DaemonSet data/cache"),
    ("Pod data/lone-8ds2k", "spec", "ReplicaSet data/lone"),
    ("Pod media/transcoder", "spec", "Pod media/transcoder"),
    ("Pod observability/prometheus-0", "spec", "StatefulSet observability/prometheus"),
    ("Pod batch/report-29401230-kf8xz", "spec", "CronJob batch/report"),
    ("Pod cert-manager/cert-manager-7c9d6b5f4-x7k2p", "spec", "Deployment cert-manager/cert-manager"),
    (
        "Pod kyverno/kyverno-admission-controller-7c9d6b5f4-m4qzv",
        "spec",
        "Deployment kyverno/kyverno-admission-controller",
    ),
    (
        "Pod vmware-system-csi/vsphere-csi-controller-7c9d6b5f4-x7k2p",
        "spec",
        "Deployment vmware-system-csi/vsphere-csi-controller",
    ),
    ("Pod flux-system/helm-controller-7c9d6b5f4-x7k2p", "spec", "Deployment flux-system/helm-controller"),
    ("Deployment shop/spare", TEMPLATE, "Deployment shop/spare"),
    ("Job payments/migrate", TEMPLATE, "Job payments/migrate"),
    ("ReplicationController data/classic", TEMPLATE, "ReplicationController data/classic"),
    ("CronJob payments/settle", JOB_TEMPLATE, "CronJob payments/settle"),
];

pub fn mutants(world: &World) -> Vec<Mutant> {
    let mut all = Vec::new();
    let (of_containers, of_pods) = (of_containers(), of_pods());
    for (id, path, workload) in SPECS {
        let object = world.get(id);
        let spec = object.pointer(&format!("/{path}")).unwrap_or_else(|| panic!("{id}: no specification"));
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for (index, container) in spec[list].as_array().into_iter().flatten().enumerate() {
                let name = container["name"].as_str().expect("a name");
                let culprit = format!("{workload} [container {name}]");
                for change in &of_containers {
                    if change.ephemeral || list != "ephemeralContainers" {
                        all.push(
                            mutant(id, &format!("{path}/{list}/{index}"), change, &culprit)
                                .with_others("container", culprit.clone()),
                        );
                    }
                }
            }
        }
        for change in &of_pods {
            all.push(mutant(id, path, change, workload).with_others("pod", workload));
        }
    }
    all.extend(others());
    all
}

fn mutant(id: &str, path: &str, change: &Change, culprit: &str) -> Mutant {
    let changes: Vec<(String, Value)> =
        change.changes.iter().map(|(at, value)| (format!("{path}/{at}"), value.clone())).collect();
    let mutant = Mutant::edit(format!("{path}: {}", change.title), id, &change.fails, culprit, move |object| {
        for (at, value) in &changes {
            // Missing values need not be removed; the mutant's other changes are made.
            set(object, at, value.clone());
        }
    });
    // Variables from a Secret are left to manual review.
    if change.fails.contains(&SECRETS) { mutant.leaves_to_people(VARIABLES) } else { mutant }
}

/// Individually written mutants.
#[expect(clippy::too_many_lines, reason = "a table")]
fn others() -> Vec<Mutant> {
    let api = "Pod shop/api-7c9d6b5f4-x7k2p";
    let token = || {
        json!([{"name": "kube-api-access-x", "projected": {"sources": [
            {"serviceAccountToken": {"path": "token"}}, {"configMap": {"name": "kube-root-ca.crt"}}]}}])
    };
    let harmful = |context: &Value| {
        let mut container = json!({"name": "main"});
        container["securityContext"] = context.clone();
        container
    };
    let privileged = harmful(&json!({"privileged": true}));
    let mut all = vec![
        Mutant::edit(
            "a token without rights",
            api,
            &[TOKENS],
            "Deployment shop/api [ServiceAccount shop/api]",
            move |pod| {
                set(pod, "spec/volumes", token());
            },
        ),
        Mutant::edit(
            "the default account with a token",
            api,
            &[TOKENS, DEFAULT_ACCOUNTS, OWN_ACCOUNTS],
            "Deployment shop/api [ServiceAccount shop/default]",
            move |pod| {
                set(pod, "spec/volumes", token());
                set(pod, "spec/serviceAccountName", json!("default"));
            },
        ),
        Mutant::edit(
            "no account named, with a token",
            api,
            &[TOKENS, DEFAULT_ACCOUNTS, OWN_ACCOUNTS],
            "Deployment shop/api [ServiceAccount shop/default]",
            move |pod| {
                set(pod, "spec/volumes", token());
                set(pod, "spec/serviceAccountName", Value::Null);
            },
        ),
        Mutant::edit(
            "the default account without a token",
            api,
            &[OWN_ACCOUNTS],
            "Deployment shop/api [ServiceAccount shop/default]",
            |pod| {
                set(pod, "spec/serviceAccountName", json!("default"));
            },
        ),
        Mutant::edit("a token of an account with rights", "Pod data/lone-8ds2k", &[], "", move |pod| {
            set(pod, "spec/volumes", token());
        }),
        Mutant::edit(
            "a token from before 1.22",
            api,
            &[TOKENS],
            "Deployment shop/api [ServiceAccount shop/api]",
            |pod| {
                set(pod, "spec/volumes", json!([{"name": "api-token-x", "secret": {"secretName": "api-token-x"}}]));
                set(
                    pod,
                    "spec/containers/0/volumeMounts",
                    json!([{"name": "api-token-x", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]),
                );
            },
        ),
        Mutant::edit(
            "a template that mounts the token",
            "CronJob payments/settle",
            &[TOKENS],
            "CronJob payments/settle [ServiceAccount payments/settle]",
            |object| {
                set(object, "spec/jobTemplate/spec/template/spec/automountServiceAccountToken", json!(true));
            },
        ),
        Mutant::edit(
            "a template that leaves it to an account that mounts",
            "Job payments/migrate",
            &[TOKENS],
            "Job payments/migrate [ServiceAccount payments/settle]",
            |object| {
                set(object, "spec/template/spec/automountServiceAccountToken", Value::Null);
            },
        ),
        Mutant::edit(
            "a template that leaves it to an account that does not",
            "Deployment shop/spare",
            &[],
            "",
            |object| {
                set(object, "spec/template/spec/automountServiceAccountToken", Value::Null);
            },
        ),
        Mutant::edit(
            "HostProcess on Windows",
            "Pod windows-apps/iis-7c9d6b5f4-x7k2p",
            &[HOST_PROCESS, HOST_NETWORK, HOST_NAMESPACES, CONTEXT],
            "Deployment windows-apps/iis",
            |pod| {
                set(pod, "spec/hostNetwork", json!(true));
                set(pod, "spec/securityContext/windowsOptions/hostProcess", json!(true));
            },
        ),
        Mutant::edit(
            "may be an administrator",
            "Pod windows-apps/iis-7c9d6b5f4-x7k2p",
            &[ROOT, CONTEXT],
            "Deployment windows-apps/iis [container iis]",
            |pod| {
                set(pod, "spec/securityContext/runAsNonRoot", Value::Null);
            },
        ),
        Mutant::edit(
            "no longer of Windows",
            "Pod windows-apps/iis-7c9d6b5f4-x7k2p",
            &[
                "pod-security/privilege-escalation",
                "pod-security/net-raw",
                "pod-security/assigned-capabilities",
                "workloads/seccomp-profile",
                READ_ONLY,
                CONTEXT,
            ],
            "Deployment windows-apps/iis [container iis]",
            |pod| {
                set(pod, "spec/os/name", json!("linux"));
            },
        ),
        Mutant::edit(
            "unmasked /proc with users of its own",
            "Pod data/builder-0",
            &[CONTEXT],
            "StatefulSet data/builder",
            |pod| {
                set(pod, "spec/containers/0/securityContext/procMount", json!("Unmasked"));
            },
        )
        .leaves_to_people(PROC_MOUNT),
        Mutant::edit(
            "users of the node",
            "Pod data/builder-0",
            &[ROOT, CONTEXT],
            "StatefulSet data/builder [container builder]",
            |pod| {
                set(pod, "spec/hostUsers", json!(true));
            },
        ),
        Mutant::edit(
            "runs again",
            "Pod payments/broken-p2m4z",
            &[
                PRIVILEGED,
                HOST_NETWORK,
                "pod-security/host-pid",
                ROOT,
                "pod-security/privilege-escalation",
                "pod-security/net-raw",
                "pod-security/assigned-capabilities",
                "workloads/seccomp-profile",
                CONTEXT,
                TOKENS,
                DEFAULT_ACCOUNTS,
                HOST_NAMESPACES,
                OWN_ACCOUNTS,
                READ_ONLY,
            ],
            "Job payments/broken",
            |pod| {
                set(pod, "status/phase", json!("Running"));
            },
        ),
        Mutant::edit("an old revision comes back", "ReplicaSet media/gallery-5c4d8f7b6", &[], "", |object| {
            set(object, "spec/replicas", json!(1));
        }),
        Mutant::edit("an AppArmor annotation", api, &[CONTEXT], "Deployment shop/api", |pod| {
            set(
                pod,
                "metadata/annotations",
                json!({"container.apparmor.security.beta.kubernetes.io/api": "unconfined"}),
            );
        }),
        Mutant::edit("an AppArmor annotation in words", api, &[], "", |pod| {
            set(
                pod,
                "metadata/annotations",
                json!({"container.apparmor.security.beta.kubernetes.io/api": "runtime/default"}),
            );
        }),
        Mutant::edit("an annotation of mirrors on a pod of users", api, &[], "", |pod| {
            set(pod, "metadata/annotations", json!({"kubernetes.io/config.mirror": "x"}));
        }),
    ];
    // Live pods are judged, not the templates they were created from.
    for (id, path) in [
        ("Deployment shop/web", TEMPLATE),
        ("DaemonSet data/cache", TEMPLATE),
        ("StatefulSet payments/ledger", TEMPLATE),
        ("CronJob batch/report", JOB_TEMPLATE),
    ] {
        let container = privileged.clone();
        all.push(Mutant::edit("a template that pods do not have yet", id, &[], "", move |object| {
            set(object, &format!("{path}/containers/0"), container.clone());
        }));
    }
    // Metadata that users write about pods.
    for id in [
        "Pod media/transcoder",
        "Pod payments/ledger-0",
        "Pod shop/web-7c9d6b5f4-x7k2p",
        "Deployment shop/spare",
        "CronJob payments/settle",
    ] {
        for (title, path, value) in [
            ("a label", "metadata/labels", json!({"privileged": "true", "app.kubernetes.io/managed-by": "Helm"})),
            ("an annotation", "metadata/annotations", json!({"hostNetwork": "true", "seccomp": "unconfined"})),
            ("a finalizer", "metadata/finalizers", json!(["example.com/wait"])),
            ("a generation", "metadata/generation", json!(7)),
            ("a field that is not known", "spec/somethingNew", json!({"privileged": true})),
        ] {
            all.push(Mutant::edit(title, id, &[], "", move |object| set(object, path, value.clone())));
        }
    }
    all
}
