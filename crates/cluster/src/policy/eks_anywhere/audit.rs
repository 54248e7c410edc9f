//! Audit logging by the clusters' API servers.

use super::certificates::missing;
use super::credentials::control_plane;
use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at};
use probe::{Cause, Reason};

use crate::Resource;
use crate::eks_anywhere::{
    AUDIT_LOG_PATH, AUDIT_POLICY_FILE, AUDIT_WEBHOOK, Audit, AuditFault, AuditPolicy, File, KubeadmControlPlane,
};
use crate::policy::{Judgement, ObjectName};

/// API servers log requests, but not the contents of Secrets.
pub(super) fn policy(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let clusters = evidence.clusters(&mut verdict);
    let planes = evidence.managed(&mut verdict, Resource::KubeadmControlPlanes, &evidence.objects.control_planes);
    for cluster in clusters {
        verdict.applies();
        match control_plane(planes, cluster.name()) {
            Some(plane) => judge(&mut verdict, plane),
            None => verdict.misses(missing(&cluster.object())),
        }
    }
    verdict.judged(|| absent("Cluster", "there is none"))
}

fn judge(verdict: &mut Verdict, plane: &KubeadmControlPlane) {
    let object = plane.metadata.object("KubeadmControlPlane");
    let spec = &plane.spec.kubeadm_config_spec;
    let arguments = &spec.cluster_configuration.api_server.extra_args;
    let is_set = |name: &str| arguments.get(name).is_some_and(|value| !value.is_empty());
    if !is_set(AUDIT_POLICY_FILE) {
        verdict.fails(at(&object, format!("--{AUDIT_POLICY_FILE}"), "not set: nothing is logged"));
        return;
    }
    if !is_set(AUDIT_LOG_PATH) && !is_set(AUDIT_WEBHOOK) {
        verdict.fails(at(&object, format!("--{AUDIT_LOG_PATH}"), "not set: nothing is logged"));
    }
    let mut has_policy = false;
    for file in &spec.files {
        match &file.audit {
            Audit::Policy(policy) => {
                has_policy = true;
                faults(verdict, &object, file, policy);
            }
            Audit::Broken => {
                has_policy = true;
                let detail = format!("file {} is not a readable audit policy (correct it)", file.path);
                verdict.misses(Reason::new(Cause::Malformed, &object, detail));
            }
            Audit::None => {}
        }
    }
    if !has_policy {
        let detail = "its audit policy is not among its files (check it on a control plane machine)";
        verdict.misses(Reason::new(Cause::System, &object, detail));
    }
}

fn faults(verdict: &mut Verdict, object: &ObjectName, file: &File, policy: &AuditPolicy) {
    let rule = |place: usize| format!("{}, rule {}", file.path, place + 1);
    for fault in policy.faults() {
        match fault {
            AuditFault::LogsSecrets(place, level, verbs) => {
                let found = format!("logs the contents of Secrets: {level} of {}", verbs.join(", "));
                verdict.fails(at(object, rule(place), found));
            }
            AuditFault::DropsAll(place) => {
                verdict.fails(at(object, rule(place), "drops every request that no earlier rule matches"));
            }
            AuditFault::Empty => verdict.fails(at(object, file.path.clone(), "has no rules: nothing is logged")),
        }
    }
    if let Some(place) = policy.drops_reads_of_nodes() {
        verdict.notes(at(object, rule(place), "drops reads of nodes for every user"));
    }
}
