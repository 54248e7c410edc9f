//! Comparison with recorded answers of an API server.

use std::collections::BTreeMap;

use cluster::pods::Pod;
use cluster::pods::batch::{POLICIES, answer};
use cluster::pods::standard::{NEWEST, names, violations};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Answer {
    pod: Box<RawValue>,
    violates: BTreeMap<String, Vec<String>>,
}

impl Answer {
    fn of(&self, policy: &str) -> &Vec<String> {
        let (level, _) = policy.split_once(':').unwrap();
        self.violates.get(policy).unwrap_or_else(|| &self.violates[level])
    }
}

fn answers() -> Vec<Answer> {
    include_str!("../oracle/pod-security.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn all_pods_violate_what_the_api_server_says() {
    let answers = answers();
    assert_eq!(answers.len(), 500);
    for answer in answers {
        let pod: Pod = serde_json::from_str(answer.pod.get()).unwrap();
        for policy in POLICIES {
            let found = names(&violations(&pod, policy.parse().unwrap(), NEWEST));
            assert_eq!(&found, answer.of(policy), "{policy}: {}", answer.pod);
        }
    }
}

#[test]
fn a_line_is_answered_in_the_form_of_the_api_servers_answers() {
    for expected in answers() {
        let violates: Vec<String> = POLICIES
            .iter()
            .map(|policy| format!("{policy:?}:{}", serde_json::to_string(expected.of(policy)).unwrap()))
            .collect();
        let line = format!(r#"{{"pod":{},"violates":{{{}}}}}"#, expected.pod, violates.join(","));
        assert_eq!(answer(&line, NEWEST).unwrap(), line);
    }
}
