//! Errors of the API server (`metav1.Status`).

use probe::{Cause, Reason};
use serde::Deserialize;

use crate::text;
use crate::wire::Reply;

/// The fields of a `Status` that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Status {
    kind: String,
    message: String,
    reason: String,
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    r#continue: String,
}

impl Status {
    /// The status in an answer; `None` if the answer is something else.
    pub fn of(reply: &Reply) -> Option<Self> {
        let status: Self = serde_json::from_slice(&reply.body).ok()?;
        (status.kind == "Status").then_some(status)
    }

    /// The token to continue an expired list in a newer state, if any.
    pub fn resumption(self) -> Option<String> {
        Some(self.metadata.r#continue).filter(|token| !token.is_empty())
    }
}

/// Whether an answer means that the resource does not exist: a `Status` of the API server, or its plain text for a
/// group that it does not serve. Other pages with this HTTP status may come from an intermediary.
pub fn is_absent(reply: &Reply) -> bool {
    reply.status == 404
        && (Status::of(reply).is_some_and(|status| status.reason == "NotFound")
            || reply.body.trim_ascii() == b"404 page not found")
}

/// Why a request failed, from the answer. The subject is the request, such as `list pods`.
pub fn refusal(reply: &Reply, subject: &str, server: &str) -> Reason {
    let status = Status::of(reply);
    let said = status.as_ref().map(|status| text::message(&status.message)).filter(|message| !message.is_empty());
    match reply.status {
        401 => Reason::new(
            Cause::PermissionDenied,
            server,
            "unauthorized: the credentials are not accepted (the token may have expired; get a new one)",
        ),
        403 if status.is_some() => {
            let user = status.as_ref().and_then(|status| user_of(&status.message));
            let detail = match user {
                Some(user) if user == "system:anonymous" => {
                    "forbidden for system:anonymous (the kubeconfig has no credentials, or the server ignores them)"
                        .to_owned()
                }
                Some(user) => format!("forbidden for {}", text::name(&user)),
                None => said.map_or_else(|| "forbidden".to_owned(), |said| format!("forbidden: {said}")),
            };
            Reason::new(Cause::PermissionDenied, subject, detail)
        }
        _ if status.is_none() => not_an_api(reply, server),
        429 => Reason::new(
            Cause::TimedOut,
            subject,
            "429: too many requests, and still so after waiting (try again later)",
        ),
        number => {
            let said = said.map(|said| format!(": {said}")).unwrap_or_default();
            Reason::new(Cause::System, subject, format!("the API server answered {number}{said}"))
        }
    }
}

/// Why an answer does not come from a Kubernetes API.
pub fn not_an_api(reply: &Reply, server: &str) -> Reason {
    let is_page = reply.content_type.contains("html") || reply.body.trim_ascii_start().starts_with(b"<");
    let number = reply.status;
    let (cause, detail) = match number {
        300..400 => {
            let to = reply.location.as_deref().map(|to| format!(" to {}", text::message(to))).unwrap_or_default();
            (
                Cause::Malformed,
                format!(
                    "redirects{to}, which is not followed (set the server of the kubeconfig to the API's own address)"
                ),
            )
        }
        429 | 500.. => (Cause::System, format!("answered {number} (try again later)")),
        _ if is_page => (
            Cause::Malformed,
            format!(
                "answered {number} with a web page, not a Kubernetes API (check the server of the kubeconfig, and whether a \
                 proxy or a login page is in front of it)"
            ),
        ),
        _ => (
            Cause::Malformed,
            format!(
                "answered {number} with something other than a Kubernetes object (check the server of the kubeconfig)"
            ),
        ),
    };
    Reason::new(cause, server, detail)
}

/// The user named in an authorizer's message: `… is forbidden: User "system:serviceaccount:a:b" cannot list …`.
fn user_of(message: &str) -> Option<String> {
    let quoted = message.split_once("User \"")?.1;
    let mut user = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return Some(user).filter(|user| !user.is_empty()),
            // Go's quoting: escapes are kept as written.
            '\\' => user.extend(['\\', characters.next()?]),
            character => user.push(character),
        }
        if user.len() > 2000 {
            return Some(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, content_type: &str, body: &str) -> Reply {
        Reply { status, content_type: content_type.into(), retry_after: None, location: None, body: body.into() }
    }

    #[test]
    fn the_missing_right_is_named_with_the_user() {
        let body = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"clusterroles.rbac.authorization.k8s.io is forbidden: User \"system:serviceaccount:audit:kube-assay\" cannot list resource \"clusterroles\" in API group \"rbac.authorization.k8s.io\" at the cluster scope","reason":"Forbidden","details":{"group":"rbac.authorization.k8s.io","kind":"clusterroles"},"code":403}"#;
        let reason = refusal(
            &reply(403, "application/json", body),
            "list clusterroles.rbac.authorization.k8s.io",
            "https://api:6443",
        );
        assert_eq!(reason.cause, Cause::PermissionDenied);
        assert_eq!(
            reason.to_string(),
            "list clusterroles.rbac.authorization.k8s.io: forbidden for system:serviceaccount:audit:kube-assay"
        );
    }

    #[test]
    fn users_are_read_as_go_quotes_them() {
        let long = format!("User \"{}\" cannot", "x".repeat(100_000));
        let table = [
            (r#"pods is forbidden: User "alice" cannot list"#, Some("alice")),
            (r#"User "a\"b\n" cannot"#, Some(r#"a\"b\n"#)),
            (r#"User """#, None),
            (r#"User "cut"#, None),
            (r#"User "cut\"#, None),
            ("forbidden", None),
        ];
        for (message, expected) in table {
            assert_eq!(user_of(message).as_deref(), expected, "{message}");
        }
        assert!(user_of(&long).is_some_and(|user| user.len() < 3000));
        let body = serde_json::json!({ "kind": "Status", "message": format!("User \"a\u{1b}[31m{}\" cannot", "x".repeat(900)) });
        let shown = refusal(&reply(403, "", &body.to_string()), "list pods", "s").to_string();
        assert!(shown.starts_with(r"list pods: forbidden for a\u{1b}[31mxxx") && shown.len() < 400, "{shown}");
    }

    #[test]
    fn only_the_api_server_says_that_a_thing_is_absent() {
        let status =
            r#"{"kind":"Status","reason":"NotFound","message":"the server could not find the requested resource"}"#;
        assert!(is_absent(&reply(404, "application/json", status)));
        assert!(is_absent(&reply(404, "text/plain", "404 page not found\n")));
        for body in
            ["<html>404 page not found</html>", "", "not found", r#"{"kind":"Status","reason":"Forbidden"}"#, "{}"]
        {
            assert!(!is_absent(&reply(404, "text/html", body)), "{body}");
        }
        assert!(!is_absent(&reply(200, "application/json", status)));
    }

    #[test]
    fn what_is_no_api_is_said_to_be_none() {
        let table = [
            (reply(200, "text/html; charset=utf-8", "<html>login</html>"), "https://s: answered 200 with a web page"),
            (reply(404, "text/plain", "<html>"), "https://s: answered 404 with a web page"),
            (
                reply(200, "application/json", "[]"),
                "https://s: answered 200 with something other than a Kubernetes object",
            ),
            (reply(502, "text/html", "<html>bad gateway"), "https://s: answered 502 (try again later)"),
            (
                Reply { location: Some("https://login\n".into()), ..reply(302, "", "") },
                "https://s: redirects to https://login, which is not followed",
            ),
            (reply(401, "", "no"), "https://s: unauthorized"),
            (reply(403, "text/html", "<html>denied"), "https://s: answered 403 with a web page, not a Kubernetes API"),
        ];
        for (reply, expected) in table {
            let reason = refusal(&reply, "list pods", "https://s").to_string();
            assert!(reason.starts_with(expected), "{reason}");
        }
    }
}
