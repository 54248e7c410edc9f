//! The kinds of objects that may be listed.

use std::fmt;

use thiserror::Error;

/// A kind of objects, by the names in its URL. Secrets and subresources (`nodes/proxy`) cannot be constructed, so they
/// are never requested.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    group: String,
    version: String,
    plural: String,
}

/// Why a [`Resource`] cannot be constructed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    /// Secrets are never read.
    #[error("secrets are never read")]
    Secrets,
    /// A name is not a valid group, version or resource.
    #[error("not the name of a resource")]
    Name,
}

impl Resource {
    /// Creates the resource of an API group (empty for the core group) and version:
    /// `Resource::new("apps", "v1", "daemonsets")`.
    pub fn new(group: &str, version: &str, plural: &str) -> Result<Self, Refused> {
        if plural == "secrets" {
            return Err(Refused::Secrets);
        }
        if !is_name(plural) || !is_name(version) || !(group.is_empty() || is_name(group)) {
            return Err(Refused::Name);
        }
        Ok(Self { group: group.to_owned(), version: version.to_owned(), plural: plural.to_owned() })
    }

    /// The API group; empty for the core group.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The version, such as `v1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The plural name, such as `pods`.
    pub fn plural(&self) -> &str {
        &self.plural
    }

    /// The path of the list of all objects, in all namespaces.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.of_version(), self.plural)
    }

    /// The path of one object. The namespace is empty for cluster-scoped kinds.
    pub(crate) fn path_of(&self, namespace: &str, name: &str) -> Result<String, Refused> {
        if !is_name(name) || !(namespace.is_empty() || is_name(namespace)) {
            return Err(Refused::Name);
        }
        let namespace = if namespace.is_empty() { String::new() } else { format!("namespaces/{namespace}/") };
        Ok(format!("{}/{namespace}{}/{name}", self.of_version(), self.plural))
    }

    fn of_version(&self) -> String {
        if self.group.is_empty() {
            format!("/api/{}", self.version)
        } else {
            format!("/apis/{}/{}", self.group, self.version)
        }
    }
}

/// Formats the name as in RBAC rules: `pods`, `clusterroles.rbac.authorization.k8s.io`.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plural)?;
        if self.group.is_empty() { Ok(()) } else { write!(f, ".{}", self.group) }
    }
}

/// Whether a text is a DNS subdomain, which is unambiguous in a URL: no slash, no `..`, no escapes.
fn is_name(text: &str) -> bool {
    let is_part = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') && !part.is_empty()
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_api() {
        let pods = Resource::new("", "v1", "pods").expect("a resource");
        assert_eq!(pods.path(), "/api/v1/pods");
        assert_eq!(pods.to_string(), "pods");
        let roles = Resource::new("rbac.authorization.k8s.io", "v1", "roles").expect("a resource");
        assert_eq!(roles.path(), "/apis/rbac.authorization.k8s.io/v1/roles");
        assert_eq!(roles.to_string(), "roles.rbac.authorization.k8s.io");
        let maps = Resource::new("", "v1", "configmaps").expect("a resource");
        assert_eq!(
            maps.path_of("kube-system", "aws-auth").unwrap(),
            "/api/v1/namespaces/kube-system/configmaps/aws-auth"
        );
        assert_eq!(maps.path_of("", "x").unwrap(), "/api/v1/configmaps/x");
    }

    #[test]
    fn neither_secrets_nor_parts_can_be_asked_for() {
        for group in ["", "x.io"] {
            assert_eq!(Resource::new(group, "v1", "secrets"), Err(Refused::Secrets));
        }
        for plural in ["nodes/proxy", "nodes%2fproxy", "..", ".", "", "secrets?x", "Secrets", "secrets/", "a b", "é"] {
            assert_eq!(Resource::new("", "v1", plural), Err(Refused::Name), "{plural}");
            assert!(Resource::new("", plural, "pods").is_err(), "{plural}");
        }
        let maps = Resource::new("", "v1", "configmaps").expect("a resource");
        for name in ["../secrets", "a/b", "", "a?b", "a#b"] {
            assert_eq!(maps.path_of("kube-system", name), Err(Refused::Name), "{name}");
            assert!(name.is_empty() || maps.path_of(name, "a").is_err(), "{name}");
        }
    }
}
