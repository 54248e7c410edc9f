//! Exemptions from controls, as data: the rights of Kubernetes and of a platform's components.
//!
//! Labels and names prove nothing, since a subject that can write a binding can set them. So an exemption compares:
//!
//! - for a binding: kind, namespace, name and role, and that it has no unexpected subjects;
//! - for a role: that the rules that fail the control grant no more than the expected ones;
//! - for a subject: kind and name, for names that only the platform can assign;
//! - always: the control. A default role that is extended fails another control, from which it is not exempt. A role
//!   that grants everything needs an exemption from `rbac/cluster-admin`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ObjectName;
use crate::rbac::{Rule, Who};

/// A file of exemptions, in a self-describing format (YAML, JSON).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemptions {
    /// Namespaces whose administrators can take over the cluster. A trailing `*` matches any suffix.
    pub critical_namespaces: Vec<String>,
    /// The exemptions.
    pub exemptions: Vec<Exemption>,
}

/// An exemption of rights from some controls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Exemption {
    /// The keys of the controls, such as `rbac/secrets-access`.
    pub controls: Vec<String>,
    /// The platforms it is limited to, such as `eks`; empty for all.
    pub platforms: Vec<String>,
    /// What is exempt.
    pub of: Exempt,
    /// The reason, which findings show.
    pub reason: String,
}

impl Exemption {
    /// Whether the exemption applies on a cluster of these platforms.
    pub fn holds_on(&self, platforms: &[&str]) -> bool {
        self.platforms.is_empty() || self.platforms.iter().any(|own| platforms.contains(&own.as_str()))
    }
}

/// What an exemption covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exempt {
    /// Everything that an unchanged binding grants.
    Binding {
        /// The binding.
        binding: ObjectName,
        /// `ClusterRole` or `Role`.
        role_kind: String,
        /// The role's name.
        role_name: String,
        /// The expected subjects.
        subjects: Vec<Who>,
    },
    /// A role, if its rules that fail the control grant no more than `rules`.
    Role {
        /// The role.
        role: ObjectName,
        /// The expected rules.
        rules: Vec<Rule>,
    },
    /// The rights of a subject.
    Subject {
        /// The subject.
        name: Pattern,
        /// The namespace that the exemption is limited to; `None` for all rights.
        namespace: Option<String>,
    },
}

impl fmt::Display for Exempt {
    /// Formats as `ClusterRoleBinding system:node`, `ClusterRole cluster-admin`, or `User system:kube-scheduler`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binding { binding, .. } => binding.fmt(f),
            Self::Role { role, .. } => role.fmt(f),
            Self::Subject { name: Pattern { kind, name }, namespace: None } => write!(f, "{kind} {name}"),
            Self::Subject { name: Pattern { kind, name }, namespace: Some(namespace) } => {
                write!(f, "{kind} {name} in namespace {namespace}")
            }
        }
    }
}

/// A subject as in findings (`User alice`, `ServiceAccount ns/name`), with an optional `*` at the start or end of the
/// name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    kind: String,
    name: String,
}

impl Pattern {
    /// Whether the pattern matches `who`.
    pub fn matches(&self, who: &Who) -> bool {
        let (kind, name) = spelt(who);
        kind == self.kind
            && match (self.name.strip_prefix('*'), self.name.strip_suffix('*')) {
                (Some(end), _) => name.ends_with(end),
                (_, Some(start)) => name.starts_with(start),
                (None, None) => name == self.name,
            }
    }
}

fn spelt(who: &Who) -> (&'static str, String) {
    match who {
        Who::User(name) => ("User", name.clone()),
        Who::Group(name) => ("Group", name.clone()),
        Who::ServiceAccount { namespace, name } => ("ServiceAccount", format!("{namespace}/{name}")),
    }
}

/// The serialized form of an exemption.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    controls: Vec<String>,
    #[serde(default)]
    platforms: Vec<String>,
    /// The binding: `ClusterRoleBinding NAME` or `RoleBinding NAMESPACE/NAME`.
    #[serde(default)]
    binding: Option<String>,
    /// The role: `ClusterRole NAME`; `Role NAME` with a binding, `Role NAMESPACE/NAME` without.
    #[serde(default)]
    role: Option<String>,
    /// With a binding only.
    #[serde(default)]
    subjects: Vec<String>,
    /// With a role only.
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    subject: Option<String>,
    /// With a subject only.
    #[serde(default)]
    namespace: Option<String>,
    reason: String,
}

/// A mistake in an exemption.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// The keys cannot be combined.
    #[error(
        "an exemption has `binding`, `role` and `subjects`, or `role` and `rules`, or `subject` (and `namespace`), and \
         `controls`"
    )]
    Form,
    /// A malformed name.
    #[error("`{0}`: expected {1}")]
    Name(String, &'static str),
}

impl TryFrom<Written> for Exemption {
    type Error = Mistake;

    fn try_from(written: Written) -> Result<Self, Mistake> {
        let Written { controls, platforms, binding, role, subjects, rules, subject, namespace, reason } = written;
        if controls.is_empty() {
            return Err(Mistake::Form);
        }
        let of = match (binding, role, subject) {
            (Some(binding), Some(role), None) if !subjects.is_empty() && rules.is_empty() && namespace.is_none() => {
                let (role_kind, role_name) = parse::role_ref(&role)?;
                Exempt::Binding {
                    binding: parse::binding(&binding)?,
                    role_kind,
                    role_name,
                    subjects: subjects.iter().map(|subject| who(subject)).collect::<Result<_, _>>()?,
                }
            }
            (None, Some(role), None) if !rules.is_empty() && subjects.is_empty() && namespace.is_none() => {
                Exempt::Role { role: object(&role, "ClusterRole", "Role")?, rules }
            }
            (None, None, Some(subject)) if subjects.is_empty() && rules.is_empty() => {
                Exempt::Subject { name: pattern(&subject)?, namespace }
            }
            _ => return Err(Mistake::Form),
        };
        Ok(Self { controls, platforms, of, reason })
    }
}

impl From<Exemption> for Written {
    fn from(exemption: Exemption) -> Self {
        let Exemption { controls, platforms, of, reason } = exemption;
        let mut written = Self {
            controls,
            platforms,
            binding: None,
            role: None,
            subjects: Vec::new(),
            rules: Vec::new(),
            subject: None,
            namespace: None,
            reason,
        };
        match of {
            Exempt::Binding { binding, role_kind, role_name, subjects } => {
                written.binding = Some(binding.to_string());
                written.role = Some(format!("{role_kind} {role_name}"));
                written.subjects = subjects.iter().map(Who::to_string).collect();
            }
            Exempt::Role { role, rules } => {
                written.role = Some(role.to_string());
                written.rules = rules;
            }
            Exempt::Subject { name, namespace } => {
                written.subject = Some(format!("{} {}", name.kind, name.name));
                written.namespace = namespace;
            }
        }
        written
    }
}

/// Parses names as written in files.
pub(super) mod parse {
    use super::{Mistake, ObjectName, Pattern, Who};

    /// `ClusterRoleBinding NAME`, `RoleBinding NAMESPACE/NAME`.
    pub(in crate::policy) fn binding(text: &str) -> Result<ObjectName, Mistake> {
        super::object(text, "ClusterRoleBinding", "RoleBinding")
    }

    /// `ClusterRole NAME`, `Role NAMESPACE/NAME`.
    pub(in crate::policy) fn role(text: &str) -> Result<ObjectName, Mistake> {
        super::object(text, "ClusterRole", "Role")
    }

    /// `ClusterRole NAME`, `Role NAME`, as a binding refers to it.
    pub(in crate::policy) fn role_ref(text: &str) -> Result<(String, String), Mistake> {
        text.split_once(' ')
            .filter(|(kind, name)| matches!(*kind, "ClusterRole" | "Role") && !name.is_empty())
            .map(|(kind, name)| (kind.to_owned(), name.to_owned()))
            .ok_or_else(|| Mistake::Name(text.to_owned(), "`ClusterRole NAME` or `Role NAME`"))
    }

    /// A subject by its exact name.
    pub(in crate::policy) fn who(text: &str) -> Result<Who, Mistake> {
        super::who(text)
    }

    /// A subject, with an optional `*` at one end of its name.
    pub(in crate::policy) fn pattern(text: &str) -> Result<Pattern, Mistake> {
        super::pattern(text)
    }
}

/// `KIND NAME` for a cluster-scoped kind, or `KIND NAMESPACE/NAME`.
fn object(text: &str, cluster_wide: &'static str, namespaced: &'static str) -> Result<ObjectName, Mistake> {
    let mistake = || Mistake::Name(text.to_owned(), "`KIND NAME`, or `KIND NAMESPACE/NAME` of a namespaced kind");
    let (kind, name) = text.split_once(' ').ok_or_else(mistake)?;
    let (namespace, name) = if kind == cluster_wide {
        ("", name)
    } else if kind == namespaced {
        name.split_once('/').filter(|(namespace, _)| !namespace.is_empty()).ok_or_else(mistake)?
    } else {
        return Err(mistake());
    };
    if name.is_empty() || name.contains(['*', '/']) {
        return Err(mistake());
    }
    Ok(ObjectName { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() })
}

fn who(text: &str) -> Result<Who, Mistake> {
    let pattern = pattern(text)?;
    let mistake = || Mistake::Name(text.to_owned(), "a subject by its full name");
    if pattern.name.contains('*') {
        return Err(mistake());
    }
    Ok(match pattern.kind.as_str() {
        "User" => Who::user(&pattern.name),
        "Group" => Who::Group(pattern.name),
        _ => {
            let (namespace, name) = pattern.name.split_once('/').ok_or_else(mistake)?;
            Who::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() }
        }
    })
}

fn pattern(text: &str) -> Result<Pattern, Mistake> {
    let mistake = || Mistake::Name(text.to_owned(), "`User NAME`, `Group NAME` or `ServiceAccount NAMESPACE/NAME`");
    let (kind, name) = text.split_once(' ').ok_or_else(mistake)?;
    let plain = name.strip_prefix('*').or_else(|| name.strip_suffix('*')).unwrap_or(name);
    let whole = match kind {
        "User" | "Group" => !plain.is_empty(),
        "ServiceAccount" => plain.split_once('/').is_some_and(|(namespace, name)| {
            (!namespace.is_empty() || text.contains('*')) && (!name.is_empty() || text.contains('*'))
        }),
        _ => false,
    };
    if !whole || plain.contains('*') || plain == "/" {
        return Err(mistake());
    }
    Ok(Pattern { kind: kind.to_owned(), name: name.to_owned() })
}
