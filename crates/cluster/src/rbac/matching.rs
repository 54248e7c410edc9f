//! Matching of rules and label selectors as in Kubernetes (upstream: `pkg/apis/rbac/v1/evaluation_helpers.go`,
//! `apimachinery/pkg/labels`).

use super::objects::Rule;

/// An action: the attributes of a `SubjectAccessReview`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A verb on a resource.
    Resource {
        /// The verb, such as `get`; case-sensitive.
        verb: String,
        /// The API group; empty for the core group.
        group: String,
        /// The resource, such as `pods`.
        resource: String,
        /// The subresource, such as `exec`; empty for the resource itself.
        subresource: String,
        /// The object's name; empty for requests without one (`create`, collections).
        name: String,
    },
    /// A verb on a non-resource URL.
    Url {
        /// The verb, such as `get`.
        verb: String,
        /// The path, such as `/healthz`.
        path: String,
    },
}

impl Rule {
    /// Whether the rule allows `action`.
    pub fn allows(&self, action: &Action) -> bool {
        match action {
            Action::Resource { verb, group, resource, subresource, name } => {
                self.verb_matches(verb)
                    && self.group_matches(group)
                    && self.resource_matches(resource, subresource)
                    && self.name_matches(name)
            }
            Action::Url { verb, path } => self.verb_matches(verb) && self.url_matches(path),
        }
    }

    /// Whether the verbs include `verb` or `*`.
    pub fn verb_matches(&self, verb: &str) -> bool {
        self.verbs.iter().any(|own| own == "*" || own == verb)
    }

    /// Whether the API groups include `group` or `*`.
    pub fn group_matches(&self, group: &str) -> bool {
        self.api_groups.iter().any(|own| own == "*" || own == group)
    }

    /// Whether the resources include `resource`, or `resource/subresource` if there is a subresource.
    pub fn resource_matches(&self, resource: &str, subresource: &str) -> bool {
        self.resources.iter().any(|own| {
            own == "*"
                || match subresource {
                    "" => own == resource,
                    _ => own.strip_suffix(subresource).and_then(|start| start.strip_suffix('/')).is_some_and(
                        // `*/` matches any resource; `pods/*` matches only a subresource named `*`.
                        |start| start == "*" || start == resource,
                    ),
                }
        })
    }

    /// Whether the rule applies to all objects, or to the one called `name`.
    pub fn name_matches(&self, name: &str) -> bool {
        self.resource_names.is_empty() || self.resource_names.iter().any(|own| own == name)
    }

    /// Whether a URL of the rule matches `path`; a trailing `*` matches any suffix.
    pub fn url_matches(&self, path: &str) -> bool {
        self.non_resource_urls
            .iter()
            .any(|own| own == "*" || own == path || (own.ends_with('*') && path.starts_with(own.trim_end_matches('*'))))
    }

    /// Whether the rule allows every verb on every resource in every group.
    pub fn allows_everything(&self) -> bool {
        let all = |list: &[String]| list.iter().any(|own| own == "*");
        all(&self.verbs) && all(&self.api_groups) && all(&self.resources) && self.resource_names.is_empty()
    }

    /// Whether each list of the rule is covered by the same list of `other`.
    pub fn grants_at_most(&self, other: &Self) -> bool {
        let within = |own: &[String], other: &[String]| {
            other.iter().any(|item| item == "*") || own.iter().all(|item| other.contains(item))
        };
        let names = other.resource_names.is_empty()
            || (!self.resource_names.is_empty()
                && self.resource_names.iter().all(|name| other.resource_names.contains(name)));
        within(&self.verbs, &other.verbs)
            && within(&self.api_groups, &other.api_groups)
            && within(&self.resources, &other.resources)
            && within(&self.non_resource_urls, &other.non_resource_urls)
            && names
    }
}
