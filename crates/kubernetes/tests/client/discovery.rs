//! Discovery of the cluster's kinds: in one answer from new servers, in many from old ones.

use std::time::Duration;

use crate::fake::Site;
use crate::fake::http::{Answer, Asked};
use kubernetes::{Api, Limits, Options, Source, connect};
use probe::Observed;

fn api(site: &Site) -> Api {
    let limits = Limits { requests_per_second: 1000.0, page_timeout: Duration::from_secs(5), ..Limits::default() };
    connect(&Options { limits, ..Options::new(Source::File(site.trusted()), "test") }).expect("it is made")
}

fn found(api: &Api, group: &str, plural: &str) -> String {
    match api.find(group, plural) {
        Observed::Present(resource) => format!("{} {}", resource.version(), resource),
        Observed::Absent => "absent".to_owned(),
        Observed::Unknown(reason) => reason.to_string(),
    }
}

const AGGREGATED_CORE: &str = r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[{"metadata":{},
    "versions":[{"version":"v1","resources":[{"resource":"pods","verbs":["get","list"]},{"resource":"bindings","verbs":["create"]}]}]}]}"#;
const AGGREGATED: &str = r#"{"kind":"APIGroupDiscoveryList","items":[
    {"metadata":{"name":"cilium.io"},"versions":[
        {"version":"v2","resources":[{"resource":"ciliumnetworkpolicies","verbs":["list"]}]},
        {"version":"v2alpha1","resources":[{"resource":"ciliumnetworkpolicies","verbs":["list"]},{"resource":"older","verbs":["list"]}]}]},
    {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","resources":[],"freshness":"Stale"}]},
    {"metadata":{"name":"odd.example"},"versions":[{"version":"../../api/v1","resources":[{"resource":"pods","verbs":["list"]}]}]}]}"#;

#[test]
fn two_answers_are_enough_for_all_kinds() {
    let site = Site::new(|asked| {
        assert!(asked.header("accept").contains("as=APIGroupDiscoveryList"));
        match asked.path.as_str() {
            "/api" => Answer::json(200, AGGREGATED_CORE),
            "/apis" => Answer::json(200, AGGREGATED),
            path => panic!("{path} is not needed"),
        }
    });
    let api = api(&site);
    assert_eq!(found(&api, "", "pods"), "v1 pods");
    assert_eq!(found(&api, "", "bindings"), "absent", "it cannot be listed");
    assert_eq!(found(&api, "cilium.io", "ciliumnetworkpolicies"), "v2 ciliumnetworkpolicies.cilium.io");
    assert_eq!(found(&api, "cilium.io", "older"), "v2alpha1 older.cilium.io");
    assert_eq!(found(&api, "cilium.io", "others"), "absent");
    assert_eq!(found(&api, "crd.projectcalico.org", "globalnetworkpolicies"), "absent");
    assert!(found(&api, "metrics.k8s.io", "pods").contains("cannot reach what serves the group"));
    assert_eq!(found(&api, "odd.example", "pods"), "absent", "a version is no path");
    assert_eq!(found(&api, "", "secrets"), "secrets: secrets are never read");
    assert_eq!(api.requests(), 2);
}

fn old(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/api" => Answer::json(200, r#"{"kind":"APIVersions","versions":["v1"]}"#),
        "/api/v1" => Answer::json(
            200,
            r#"{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","verbs":["list"]},{"name":"pods/exec","verbs":["create"]}]}"#,
        ),
        "/apis" => Answer::json(
            200,
            r#"{"kind":"APIGroupList","groups":[{"name":"policy","versions":[{"groupVersion":"policy/v1beta1","version":"v1beta1"},{"groupVersion":"policy/v1","version":"v1"}],"preferredVersion":{"version":"v1"}},
                {"name":"closed.example","versions":[{"version":"v1"}]}]}"#,
        ),
        "/apis/policy/v1" => Answer::json(
            200,
            r#"{"kind":"APIResourceList","resources":[{"name":"poddisruptionbudgets","verbs":["list"]}]}"#,
        ),
        "/apis/policy/v1beta1" => Answer::json(
            200,
            r#"{"kind":"APIResourceList","resources":[{"name":"poddisruptionbudgets","verbs":["list"]},{"name":"podsecuritypolicies","verbs":["list"]}]}"#,
        ),
        _ => Answer::status(403, "Forbidden", "forbidden: User \"u\" cannot get path"),
    }
}

#[test]
fn an_old_server_is_asked_for_the_groups_that_matter() {
    let site = Site::new(old);
    let api = api(&site);
    assert_eq!(found(&api, "policy", "poddisruptionbudgets"), "v1 poddisruptionbudgets.policy");
    assert_eq!(api.requests(), 2);
    assert_eq!(found(&api, "policy", "podsecuritypolicies"), "v1beta1 podsecuritypolicies.policy");
    assert_eq!(found(&api, "", "pods"), "v1 pods");
    assert_eq!(found(&api, "", "exec"), "absent");
    assert_eq!(found(&api, "gone.example", "x"), "absent");
    assert_eq!(api.requests(), 5);
    assert_eq!(found(&api, "closed.example", "x"), "get /apis/closed.example/v1: forbidden for u");
}

#[test]
fn without_an_answer_no_kind_is_absent() {
    let site = Site::new(|_| Answer::json(200, "{}"));
    let api = api(&site);
    assert!(found(&api, "policy", "x").contains("other than a Kubernetes object"));
    let forbidden = Site::new(|_| Answer::status(403, "Forbidden", "User \"u\" cannot get path \"/apis\""));
    assert_eq!(found(&self::api(&forbidden), "policy", "x"), "get /apis: forbidden for u");
}

/// All kinds of a group, as `version plural`.
fn all(api: &Api, group: &str, most: usize) -> Result<Vec<String>, String> {
    match api.find_all(group, most) {
        Observed::Present(kinds) => {
            Ok(kinds.iter().map(|kind| format!("{} {}", kind.version(), kind.plural())).collect())
        }
        Observed::Absent => Err("absent".to_owned()),
        Observed::Unknown(reason) => Err(reason.to_string()),
    }
}

const CONSTRAINTS: &str = r#"{"kind":"APIGroupDiscoveryList","items":[
    {"metadata":{"name":"constraints.gatekeeper.sh"},"versions":[
        {"version":"v1beta1","resources":[{"resource":"k8srequiredlabels","verbs":["get","list"]},{"resource":"k8sallowedrepos","verbs":["list"]},
            {"resource":"k8sgone","verbs":["get"]},{"resource":"../pods","verbs":["list"]},{"resource":"secrets","verbs":["list"]}]},
        {"version":"v1alpha1","resources":[{"resource":"k8srequiredlabels","verbs":["list"]},{"resource":"k8solder","verbs":["list"]}]}]},
    {"metadata":{"name":"empty.example"},"versions":[{"version":"v1","resources":[]}]},
    {"metadata":{"name":"stale.example"},"versions":[{"version":"v1","resources":[],"freshness":"Stale"}]}]}"#;

#[test]
fn all_kinds_of_a_group_are_found_up_to_a_limit() {
    let site = Site::new(|_| Answer::json(200, CONSTRAINTS));
    let api = api(&site);
    let group = "constraints.gatekeeper.sh";
    let kinds = ["v1beta1 k8sallowedrepos", "v1alpha1 k8solder", "v1beta1 k8srequiredlabels"].map(str::to_owned);
    assert_eq!(
        all(&api, group, 10),
        Ok(kinds.to_vec()),
        "each once, in the preferred version, and only what may be listed"
    );
    assert_eq!(api.requests(), 1);
    let many = all(&api, group, 4).expect_err("too many");
    assert!(many.starts_with(group) && many.contains("at most 4"), "{many}");
    assert_eq!(all(&api, "empty.example", 10), Ok(vec![]));
    assert_eq!(all(&api, "gone.example", 10), Err("absent".to_owned()));
    assert!(all(&api, "stale.example", 10).expect_err("stale").contains("cannot reach what serves the group"));
}

#[test]
fn kinds_that_a_server_does_not_tell_are_unknown() {
    let old = Site::new(old);
    let api = self::api(&old);
    let kinds = ["v1 poddisruptionbudgets", "v1beta1 podsecuritypolicies"].map(str::to_owned);
    assert_eq!(all(&api, "policy", 10), Ok(kinds.to_vec()));
    assert_eq!(all(&api, "closed.example", 10), Err("get /apis/closed.example/v1: forbidden for u".to_owned()));
    let forbidden = Site::new(|_| Answer::status(403, "Forbidden", "User \"u\" cannot get path \"/apis\""));
    assert_eq!(all(&self::api(&forbidden), "policy", 10), Err("get /apis: forbidden for u".to_owned()));
}
