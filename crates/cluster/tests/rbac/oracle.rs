//! 4,000 answers of an API server (Kubernetes 1.36.2) to `SubjectAccessReview`s over a default cluster with random
//! roles and bindings.
//!
//! `rbac-answers.json` lists users with their groups, and answers: the user's index, then verb, API group, resource,
//! subresource, namespace and name, or verb and URL, then 1 if the server allowed it.

use cluster::rbac::{Action, Place, Rbac, Who};
use serde::Deserialize;

use crate::rbac::made::lists;

pub const OBJECTS: &str = include_str!("../oracle/rbac-objects.json");
const ANSWERS: &str = include_str!("../oracle/rbac-answers.json");

#[derive(Deserialize)]
struct Answers {
    users: Vec<(String, Vec<String>)>,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Resource(usize, String, String, String, String, String, String, u8),
    Url(usize, String, String, u8),
}

/// User, groups, action, namespace, allowed.
fn answers() -> Vec<(String, Vec<String>, Action, String, bool)> {
    let Answers { users, answers } = serde_json::from_str(ANSWERS).expect("answers");
    answers
        .into_iter()
        .map(|answer| {
            let (user, action, namespace, allowed) = match answer {
                Answer::Resource(user, verb, group, resource, subresource, namespace, name, allowed) => {
                    (user, Action::Resource { verb, group, resource, subresource, name }, namespace, allowed)
                }
                Answer::Url(user, verb, path, allowed) => (user, Action::Url { verb, path }, String::new(), allowed),
            };
            (users[user].0.clone(), users[user].1.clone(), action, namespace, allowed == 1)
        })
        .collect()
}

#[test]
fn each_answer_is_the_api_servers() {
    let rbac = Rbac::new(lists(OBJECTS));
    let answers = answers();
    assert_eq!(answers.len(), 4000);
    for (user, groups, action, namespace, allowed) in &answers {
        let grant = rbac.allowed(user, groups, action, namespace);
        assert_eq!(grant.is_some(), *allowed, "{user} {groups:?} {action:?} in {namespace:?}: {grant:?}");
    }
}

#[test]
fn the_reverse_lists_exactly_those_who_are_allowed() {
    let rbac = Rbac::new(lists(OBJECTS));
    for (user, groups, action, namespace, allowed) in answers() {
        let place = if namespace.is_empty() { Place::ClusterWide } else { Place::Namespace(namespace.clone()) };
        let user = Who::user(&user);
        let listed = rbac.who_can(&action, &place).into_iter().any(|grant| match &grant.who {
            Who::Group(name) => groups.contains(name),
            who => *who == user,
        });
        assert_eq!(listed, allowed, "{user} {groups:?} {action:?} in {namespace:?}");
    }
}

#[test]
fn what_is_kept_of_the_objects_answers_the_same() {
    let kept = |json: &str| {
        let lists = lists(json);
        serde_json::json!({
            "clusterroles": lists.cluster_roles.items,
            "clusterrolebindings": lists.cluster_role_bindings.items,
            "roles": lists.roles.items,
            "rolebindings": lists.role_bindings.items,
        })
        .to_string()
    };
    let once = kept(OBJECTS);
    assert_eq!(once, kept(&once), "a projection of a projection is the same");
    assert_eq!(lists(OBJECTS), lists(&once));
}
