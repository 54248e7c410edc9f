//! Approving certificate signing requests takes two rights.

use serde_json::Value;

use crate::rbac::made::{Made, account, group, user};
use crate::rights::facts::{control, written};

#[test]
fn approval_takes_both_halves() {
    let approval = "update certificatesigningrequests/approval.certificates.k8s.io";
    let signers = "approve signers.certificates.k8s.io";
    let made = |one: &[Value], other: &[Value]| {
        Made::default()
            .cluster_role("one", &[written(approval)])
            .cluster_role("other", &[written(signers)])
            .cluster_binding("one", "one", one)
            .cluster_binding("other", "other", other)
    };
    let names = |made: Made| -> Vec<String> {
        let judgement = control("rbac/approve-certificates", made);
        judgement.offenders.iter().filter_map(|seen| seen.part.clone()).collect()
    };
    assert_eq!(names(made(&[user("u")], &[user("v")])), [""; 0]);
    assert_eq!(names(made(&[user("u"), user("v")], &[user("v")])), ["User v"]);
    assert_eq!(names(made(&[account("a", "b")], &[user("system:serviceaccount:a:b")])), ["ServiceAccount a/b"]);
    assert_eq!(names(made(&[user("u")], &[group("system:authenticated")])), ["User u"]);
    assert_eq!(
        names(made(&[account("a", "b"), account("c", "d")], &[group("system:serviceaccounts:a")])),
        ["ServiceAccount a/b"]
    );
    assert_eq!(
        names(made(&[group("system:serviceaccounts:a")], &[group("system:serviceaccounts")])),
        ["Group system:serviceaccounts:a"]
    );
    assert_eq!(names(made(&[user("system:anonymous")], &[group("system:authenticated")])), [""; 0]);
    let both = |rules: &[&str]| {
        let rules: Vec<Value> = rules.iter().map(|text| written(text)).collect();
        names(Made::default().cluster_role("r", &rules).cluster_binding("b", "r", &[user("u")])).len()
    };
    assert_eq!(both(&[approval, signers]), 1);
    assert_eq!(both(&["patch */approval.certificates.k8s.io", signers]), 1);
    assert_eq!(both(&["* *.certificates.k8s.io"]), 1);
    assert_eq!(both(&["update certificatesigningrequests.certificates.k8s.io", signers]), 0);
    assert_eq!(both(&["get certificatesigningrequests/approval.certificates.k8s.io", signers]), 0);
    assert_eq!(both(&[approval, "sign signers.certificates.k8s.io"]), 0);
    assert_eq!(both(&[approval, "approve signers.certificates.k8s.io [kubernetes.io/kube-apiserver-client]"]), 1);
    assert_eq!(both(&[approval, "approve signers.certificates.k8s.io [kubernetes.io/*]"]), 1);
    assert_eq!(both(&[approval, "approve signers.certificates.k8s.io [example.com/mine]"]), 0);
    // Both kinds are cluster-scoped.
    let rules = [written(approval), written(signers)];
    assert_eq!(
        names(Made::default().cluster_role("r", &rules).binding("n", "b", "ClusterRole r", &[user("u")])),
        [""; 0]
    );
}
