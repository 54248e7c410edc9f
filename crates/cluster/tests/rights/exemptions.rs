//! When an exemption applies and when it stops applying.

use cluster::policy::exemption::{Exemption, Exemptions};
use cluster::policy::rights::CONTROLS;
use cluster::policy::{Judgement, Outcome};
use serde_json::Value;

use crate::rbac::made::{Made, account, group, rule, user};
use crate::rights::defaults::{exemptions, judged};

fn everything() -> Value {
    rule(&["*"], &["*"], &["*"], &[])
}

fn secrets() -> Value {
    rule(&["get", "list"], &[""], &["secrets"], &[])
}

/// Whether the control fails, the offending parts, and the number of exempt objects.
fn told(judgement: &Judgement) -> (bool, Vec<String>, usize) {
    let parts = judgement.offenders.iter().filter_map(|seen| seen.part.clone()).collect();
    (judgement.outcome == Outcome::Fail, parts, judgement.exempt.len())
}

#[test]
fn a_default_binding_stops_being_exempt_when_it_is_changed() {
    let masters = group("system:masters");
    let admin = || Made::default().cluster_role("cluster-admin", &[everything()]);
    let judgement = |made: Made| judged("rbac/cluster-admin", made.lists(), &exemptions());
    let as_shipped =
        judgement(admin().cluster_binding("cluster-admin", "cluster-admin", std::slice::from_ref(&masters)));
    assert_eq!(told(&as_shipped), (false, vec![], 1));
    assert!(as_shipped.exempt[0].1.contains("default binding"));

    let more = judgement(admin().cluster_binding("cluster-admin", "cluster-admin", &[masters.clone(), user("eve")]));
    assert_eq!(told(&more).1, ["Group system:masters", "User eve"]);
    assert!(more.offenders[0].found.ends_with("(changed from its default: it names User eve)"), "{more:?}");
    let other = judgement(admin().cluster_binding("cluster-admin", "cluster-admin", &[group("ops")]));
    assert_eq!(told(&other).1, ["Group ops"]);
    let renamed = judgement(admin().cluster_binding("admins", "cluster-admin", std::slice::from_ref(&masters)));
    assert_eq!(told(&renamed).1, ["Group system:masters"]);
    let role = admin().cluster_role("mine", &[everything()]).cluster_binding("cluster-admin", "mine", &[masters]);
    assert_eq!(told(&judgement(role)).1, ["Group system:masters"]);
    // The bootstrapping label exempts nothing: anyone may set it.
    let mut labelled = admin().cluster_binding("mine", "cluster-admin", &[user("eve")]).lists();
    let labels = &mut labelled.cluster_role_bindings.items[0].metadata.labels;
    labels.insert("kubernetes.io/bootstrapping".into(), "rbac-defaults".into());
    assert_eq!(told(&judged("rbac/cluster-admin", labelled, &exemptions())).1, ["User eve"]);
}

#[test]
fn a_name_of_the_system_proves_nothing() {
    let made = |name: &str, subject: Value| {
        Made::default().cluster_role(name, &[secrets()]).cluster_binding(name, name, &[subject])
    };
    let outcome = |made: Made| judged("rbac/secrets-access", made.lists(), &exemptions()).outcome;
    let fake = made("system:controller:backup", account("kube-system", "backup"));
    assert_eq!(outcome(fake), Outcome::Fail);
    let stolen = made("system:controller:namespace-controller", account("default", "namespace-controller"));
    assert_eq!(outcome(stolen), Outcome::Fail);
    let own = made("system:controller:namespace-controller", account("kube-system", "namespace-controller"));
    assert_eq!(outcome(own), Outcome::Pass);
    let spelt = user("system:serviceaccount:kube-system:namespace-controller");
    assert_eq!(outcome(made("system:controller:namespace-controller", spelt)), Outcome::Pass);
}

#[test]
fn a_default_role_that_is_widened_offends_another_control() {
    let made = |rules: &[Value]| {
        let name = "system:controller:job-controller";
        let subject = account("kube-system", "job-controller");
        Made::default().cluster_role(name, rules).cluster_binding(name, name, &[subject]).lists()
    };
    let pods = rule(&["create", "delete"], &[""], &["pods"], &[]);
    let outcome = |control: &str, rules: &[Value]| judged(control, made(rules), &exemptions()).outcome;
    assert_eq!(outcome("rbac/create-pods", std::slice::from_ref(&pods)), Outcome::Pass);
    assert_eq!(outcome("rbac/secrets-access", &[pods.clone(), secrets()]), Outcome::Fail);
    assert_eq!(outcome("rbac/create-pods", &[pods, everything()]), Outcome::Fail);
    assert_eq!(outcome("rbac/cluster-admin", &[everything()]), Outcome::Fail);
}

#[test]
fn a_role_is_exempt_while_its_wildcards_are_the_expected_ones() {
    let made = |rules: &[Value]| {
        let name = "system:controller:resourcequota-controller";
        Made::default().cluster_role(name, rules).cluster_binding("mine", name, &[user("u")]).lists()
    };
    let outcome = |rules: &[Value]| judged("rbac/wildcards", made(rules), &exemptions()).outcome;
    let all = |verbs: &[&str]| rule(verbs, &["*"], &["*"], &[]);
    assert_eq!(outcome(&[all(&["list", "watch"])]), Outcome::Pass);
    assert_eq!(outcome(&[all(&["list"])]), Outcome::Pass);
    assert_eq!(outcome(&[all(&["list", "watch"]), rule(&["get"], &[""], &["pods"], &[])]), Outcome::Pass);
    assert_eq!(outcome(&[all(&["list", "watch", "get"])]), Outcome::Fail);
    assert_eq!(outcome(&[all(&["list", "watch"]), rule(&["*"], &[""], &["pods"], &[])]), Outcome::Fail);
}

#[test]
fn subjects_are_exempt_by_reserved_names() {
    let judgement = |control: &str, subject: Value, rules: &[Value]| {
        let made = Made::default().cluster_role("r", rules).cluster_binding("b", "r", &[subject]);
        judged(control, made.lists(), &exemptions()).outcome
    };
    assert_eq!(judgement("rbac/secrets-access", user("eks:anything"), &[secrets()]), Outcome::Pass);
    assert_eq!(judgement("rbac/secrets-access", user("eksanything"), &[secrets()]), Outcome::Fail);
    assert_eq!(judgement("rbac/secrets-access", group("eks:anything"), &[secrets()]), Outcome::Fail);
    assert_eq!(judgement("rbac/secrets-access", user("eks:anything"), &[everything()]), Outcome::Fail);
    assert_eq!(judgement("rbac/cluster-admin", user("eks:anything"), &[everything()]), Outcome::Fail);
}

#[test]
fn a_namespace_limits_a_subjects_exemption() {
    let written = "critical_namespaces: []\nexemptions:\n  - subject: ServiceAccount */builder\n    namespace: ci\n    \
                   controls: [rbac/secrets-access]\n    reason: it builds\n";
    let exemptions: Exemptions = serde_yaml::from_str(written).expect("exemptions");
    let judgement = |made: Made| told(&judged("rbac/secrets-access", made.lists(), &exemptions));
    let made = || Made::default().cluster_role("r", &[secrets()]);
    let builder = [account("x", "builder"), account("x", "other")];
    assert_eq!(
        judgement(made().binding("ci", "b", "ClusterRole r", &builder)),
        (true, vec!["ServiceAccount x/other".into()], 1)
    );
    assert_eq!(judgement(made().binding("cd", "b", "ClusterRole r", &builder[..1])).2, 0);
    assert_eq!(judgement(made().cluster_binding("b", "r", &builder[..1])).2, 0);
}

#[test]
fn what_is_written_wrongly_is_refused() {
    let rest = "controls: [a]\nreason: r\n";
    for (text, right) in [
        ("subject: User alice", true),
        ("subject: User alice*", true),
        ("subject: ServiceAccount ns/*", true),
        ("subject: ServiceAccount */name", true),
        ("subject: Group g\nnamespace: n", true),
        ("binding: ClusterRoleBinding b\nrole: ClusterRole r\nsubjects: [User u]", true),
        ("binding: RoleBinding n/b\nrole: Role r\nsubjects: [ServiceAccount n/s]", true),
        ("role: ClusterRole r\nrules: [{ verbs: [get] }]", true),
        ("role: Role n/r\nrules: [{ verbs: [get] }]", true),
        ("subject: alice", false),
        ("subject: User", false),
        ("subject: User *", false),
        ("subject: User a*b*", false),
        ("subject: Robot r", false),
        ("subject: ServiceAccount name", false),
        ("subject: User u\nrole: ClusterRole r\nrules: [{ verbs: [get] }]", false),
        ("binding: ClusterRoleBinding b\nrole: ClusterRole r", false),
        ("binding: ClusterRoleBinding b\nsubjects: [User u]", false),
        ("binding: RoleBinding b\nrole: Role r\nsubjects: [User u]", false),
        ("binding: ClusterRoleBinding b*\nrole: ClusterRole r\nsubjects: [User u]", false),
        ("binding: ClusterRoleBinding b\nrole: r\nsubjects: [User u]", false),
        ("binding: ClusterRoleBinding b\nrole: ClusterRole r\nsubjects: [User u*]", false),
        ("role: Role r\nrules: [{ verbs: [get] }]", false),
        ("role: ClusterRole r", false),
        ("subject: User u\nother: 1", false),
        ("", false),
    ] {
        let read: Result<Exemption, _> = serde_yaml::from_str(&format!("{text}\n{rest}"));
        assert_eq!(read.is_ok(), right, "{text}: {read:?}");
        if let Ok(exemption) = read {
            let again = serde_yaml::to_string(&exemption).expect("YAML");
            assert_eq!(serde_yaml::from_str::<Exemption>(&again).expect("an exemption"), exemption, "{text}");
        }
    }
    let nothing = "subject: User u\nreason: r\ncontrols: []";
    assert!(serde_yaml::from_str::<Exemption>(nothing).is_err());
}

#[test]
fn each_shipped_exemption_is_of_a_control_that_is_judged() {
    for exemption in exemptions().exemptions {
        assert!(!exemption.reason.is_empty() && !exemption.reason.ends_with('.'), "{exemption:?}");
        for control in &exemption.controls {
            assert!(CONTROLS.contains(&control.as_str()), "{control}");
        }
        // Only platforms' exemptions, or those of roles, have patterns in their names.
        assert!(!format!("{:?}", exemption.of).contains('*') || !exemption.platforms.is_empty() || is_role(&exemption));
    }
}

fn is_role(exemption: &Exemption) -> bool {
    matches!(exemption.of, cluster::policy::exemption::Exempt::Role { .. })
}

#[test]
fn some_hold_on_a_platform_only() {
    let on = |platforms: &[&str]| exemptions().exemptions.iter().filter(|own| own.holds_on(platforms)).count();
    let all = exemptions().exemptions.len();
    assert!(on(&[]) < all && on(&["kubeadm"]) == on(&[]));
    assert_eq!(on(&["kubeadm", "eks"]), all);
}

#[test]
fn what_a_feature_gate_adds_is_exempt_too() {
    let name = "system:controller:storage-version-migrator-controller";
    let made = || {
        let all = rule(&["list", "watch", "create", "patch"], &["*"], &["*"], &[]);
        let status = rule(&["update"], &["storagemigration.k8s.io"], &["storageversionmigrations/status"], &[]);
        let subject = account("kube-system", "storage-version-migrator-controller");
        Made::default().cluster_role(name, &[all, status]).cluster_binding(name, name, &[subject])
    };
    for control in CONTROLS {
        let judgement = judged(control, made().lists(), &exemptions());
        assert_eq!(judgement.offenders, [], "{control}");
    }
}

#[test]
fn a_binding_of_the_same_name_elsewhere_is_another() {
    let subject = account("kube-system", "token-cleaner");
    let outcome = |namespace: &str, role: &str| {
        let name = "system:controller:token-cleaner";
        let made = Made::default().role(namespace, name, &[secrets()]).cluster_role(name, &[secrets()]);
        let made = made.binding(namespace, name, &format!("{role} {name}"), std::slice::from_ref(&subject));
        judged("rbac/secrets-access", made.lists(), &exemptions()).outcome
    };
    assert_eq!(outcome("kube-system", "Role"), Outcome::Pass);
    assert_eq!(outcome("default", "Role"), Outcome::Fail);
    assert_eq!(outcome("kube-system", "ClusterRole"), Outcome::Fail);
}

#[test]
fn a_default_subject_that_is_given_both_rights_again_offends() {
    let rules = [
        rule(&["update"], &["certificates.k8s.io"], &["certificatesigningrequests/approval"], &[]),
        rule(&["approve"], &["certificates.k8s.io"], &["signers"], &[]),
    ];
    let name = "system:controller:certificate-controller";
    let subject = [account("kube-system", "certificate-controller")];
    let made = || Made::default().cluster_role(name, &rules).cluster_binding(name, name, &subject);
    let judgement = |made: Made| told(&judged("rbac/approve-certificates", made.lists(), &exemptions()));
    assert_eq!(judgement(made()), (false, vec![], 1));
    for extra in ["a", "z"] {
        let made = made().cluster_role("extra", &rules).cluster_binding(extra, "extra", &subject);
        assert_eq!(judgement(made).1, ["ServiceAccount kube-system/certificate-controller"]);
    }
}
