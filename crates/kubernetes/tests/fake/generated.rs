//! Pods generated on demand, so that a cluster may have any number of them.

use std::fmt::Write as _;

use super::http::{Answer, Asked};

/// A page of `total` pods, each with an annotation of `annotation` bytes.
pub fn pods(asked: &Asked, total: usize, annotation: usize) -> Answer {
    let begin: usize = asked.part("continue").parse().unwrap_or(0);
    let limit = asked.part("limit").parse().ok().filter(|limit| *limit > 0).unwrap_or(total);
    let end = begin.saturating_add(limit).min(total);
    let next = if end < total { end.to_string() } else { String::new() };
    let mut body = format!(r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"continue":"{next}"}},"items":["#);
    let padding = "x".repeat(annotation);
    for number in begin..end {
        let comma = if number == begin { "" } else { "," };
        let namespace = number % 50;
        let _ = write!(
            body,
            r#"{comma}{{"metadata":{{"name":"pod-{number}","namespace":"ns-{namespace}","annotations":{{"a":"{padding}"}}}},"spec":{{"serviceAccountName":"default","containers":[{{"name":"c","image":"i:1","securityContext":{{"privileged":false}}}}]}},"status":{{"phase":"Running"}}}}"#
        );
    }
    body.push_str("]}");
    Answer::json(200, body)
}
