//! The fields kept of an object, and that dropping the others does not change its meaning.

use cluster::rbac::{Binding, Role};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn kept<T: DeserializeOwned + Serialize>(json: &str) -> String {
    let object: T = serde_json::from_str(json).expect("an object");
    serde_json::to_string(&object).expect("JSON")
}

#[test]
fn only_what_is_looked_at_is_kept() {
    assert_eq!(
        kept::<Role>(
            r#"{"apiVersion":"v1","kind":"ClusterRole","metadata":{"name":"r","uid":"1","annotations":{"a":"b"},
            "labels":{"l":"1"},"managedFields":[]},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"],
            "resourceNames":["x"],"nonResourceURLs":["/x"],"attributeRestrictions":null}],
            "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}},{}]}}"#
        ),
        r#"{"metadata":{"name":"r","labels":{"l":"1"}},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["x"],"nonResourceURLs":["/x"]}],"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}},{}]}}"#
    );
    assert_eq!(
        kept::<Binding>(
            r#"{"metadata":{"name":"b","namespace":"n"},"roleRef":{"apiGroup":"g","kind":"Role","name":"r","x":1},
            "subjects":[{"kind":"User","apiGroup":"g","name":"u","y":2},{"kind":"ServiceAccount","name":"s"}]}"#
        ),
        r#"{"metadata":{"name":"b","namespace":"n"},"roleRef":{"apiGroup":"g","kind":"Role","name":"r"},"subjects":[{"kind":"User","apiGroup":"g","name":"u"},{"kind":"ServiceAccount","name":"s"}]}"#
    );
}

#[test]
fn null_absent_and_empty_are_one() {
    let plain = r#"{"metadata":{"name":"r"}}"#;
    assert_eq!(kept::<Role>(r#"{"metadata":{"name":"r","labels":null},"rules":null,"aggregationRule":null}"#), plain);
    assert_eq!(kept::<Role>(r#"{"metadata":{"name":"r"},"rules":[]}"#), plain);
    let all = r#"{"rules":[{"verbs":null,"apiGroups":null,"resources":[],"resourceNames":[],"nonResourceURLs":null}]}"#;
    assert_eq!(kept::<Role>(all), r#"{"metadata":{"name":""},"rules":[{}]}"#);
    assert_eq!(
        kept::<Binding>(r#"{"metadata":null,"roleRef":null,"subjects":null}"#),
        r#"{"metadata":{"name":""},"roleRef":{"kind":"","name":""}}"#
    );
    // The controller empties the rules of a role with an aggregation rule, even one without selectors.
    let collecting = r#"{"metadata":{"name":"r"},"aggregationRule":{}}"#;
    assert_eq!(
        kept::<Role>(r#"{"metadata":{"name":"r"},"aggregationRule":{"clusterRoleSelectors":null}}"#),
        collecting
    );
}

#[test]
fn what_is_no_object_is_an_error() {
    for json in [r#"{"rules":"all"}"#, r#"{"rules":[{"verbs":"get"}]}"#, r#"{"rules":[{"verbs":[1]}]}"#] {
        assert!(serde_json::from_str::<Role>(json).is_err(), "{json}");
    }
    assert!(serde_json::from_str::<Binding>(r#"{"subjects":[{"kind":1}]}"#).is_err());
}
