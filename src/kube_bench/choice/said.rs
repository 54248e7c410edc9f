//! Parses the versions printed by `oc`, `kubectl` and the kubelet, as kube-bench does.

use serde_json::{Map, Value};

use crate::kube_bench::comparison::expression;

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Major and minor version: `1.31`.
    pub release: String,
    /// The full version: `v1.31.2-eks-7f9249a`; the same as the release if nothing more is known.
    pub spelt: String,
}

/// The OpenShift release, such as `4.12`, in the output of `oc version`.
pub fn by_oc(output: &str) -> Option<String> {
    first(r"oc v(\d+\.\d+)", output).or_else(|| first(r"Client Version:\s*(\d+\.\d+)", output))
}

/// The server's version in the combined output and error output of `kubectl version -o json`. `None` if that is not
/// JSON, for example because the server is unreachable, or has no server version.
pub fn by_kubectl(output: &str) -> Option<Release> {
    let Value::Object(all) = serde_json::from_str(output).ok()? else { return None };
    let Some(Value::Object(server)) = named(&all, "serverVersion") else { return None };
    let text = |name: &str| named(server, name).and_then(Value::as_str);
    let (major, minor) = (text("major")?, text("minor")?.replace('+', ""));
    if major.is_empty() && minor.is_empty() {
        return None;
    }
    Some(Release {
        release: format!("{major}.{minor}"),
        spelt: text("gitVersion").map_or_else(|| format!("{major}.{minor}"), str::to_owned),
    })
}

/// The version in the output of `kubelet --version`.
pub fn by_kubelet(output: &str) -> Option<Release> {
    let release = first(r"Kubernetes v(\d+.\d+)", output)?;
    let spelt = first(r"Kubernetes (v\S+)", output).unwrap_or_else(|| release.clone());
    Some(Release { release, spelt })
}

/// A value by its case-insensitive name; the last of several.
fn named<'a>(entries: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    entries.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn first(wanted: &str, output: &str) -> Option<String> {
    let captures = expression(wanted).ok()?.captures(output.as_bytes())?;
    captures.get(1).map(|part| String::from_utf8_lossy(part.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oc_says_its_own_version() {
        for (output, release) in [
            ("Client Version: 4.12.9\nServer Version: 4.13.1\n", Some("4.12")),
            ("oc v3.11.0+0cbc58b\nkubernetes v1.11.0\n", Some("3.11")),
            ("Client Version: v4.2.0\n", None),
            ("error: You must be logged in\nClient Version: 4.14.0\n", Some("4.14")),
            ("", None),
        ] {
            assert_eq!(by_oc(output).as_deref(), release, "{output}");
        }
    }

    #[test]
    fn kubectl_tells_the_servers_version_in_json_alone() {
        let server = |text: &str| format!("{{\"clientVersion\": {{\"gitVersion\": \"v1.32.4\"}}, {text}}}");
        let told = |release: &str, spelt: &str| Some(Release { release: release.to_owned(), spelt: spelt.to_owned() });
        let eks = r#""serverVersion": {"major": "1", "minor": "31+", "gitVersion": "v1.31.2-eks-7f9249a"}"#;
        for (output, expected) in [
            (server(eks), told("1.31", "v1.31.2-eks-7f9249a")),
            (server(&eks.replace("serverVersion", "ServerVersion")), told("1.31", "v1.31.2-eks-7f9249a")),
            (server(r#""serverVersion": {"major": "1", "minor": "8"}"#), told("1.8", "1.8")),
            (format!("{}The connection to the server localhost:8080 was refused\n", server(eks)), None),
            (format!("WARNING: version difference\n{}", server(eks)), None),
            (server(r#""serverVersion": {"major": 1, "minor": 31}"#), None),
            (server(r#""serverVersion": {"major": "", "minor": ""}"#), None),
            (server(r#""kustomizeVersion": "v5.5.0""#), None),
            ("null".to_owned(), None),
            ("[]".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(by_kubectl(&output), expected, "{output}");
        }
    }

    #[test]
    fn the_kubelet_says_its_version_somewhere() {
        for (output, expected) in [
            ("Kubernetes v1.30.5+rke2r1\n", Some(("1.30", "v1.30.5+rke2r1"))),
            ("warning: old\nKubernetes v1.14.3\n", Some(("1.14", "v1.14.3"))),
            ("kubelet v1.30.5\n", None),
            ("Kubernetes 1.30\n", None),
        ] {
            let said = by_kubelet(output);
            let said = said.as_ref().map(|said| (said.release.as_str(), said.spelt.as_str()));
            assert_eq!(said, expected, "{output}");
        }
    }
}
