//! Subjects in canonical form.

use std::fmt;

use super::objects::Subject;

/// The prefix of service accounts' user names.
const ACCOUNT: &str = "system:serviceaccount:";

/// A user, group or service account. `User system:serviceaccount:NAMESPACE:NAME` is a service account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A user by name.
    User(String),
    /// A group by name.
    Group(String),
    /// A service account.
    ServiceAccount {
        /// The namespace.
        namespace: String,
        /// The name.
        name: String,
    },
}

impl Who {
    /// The user with this name, which may be a service account's.
    pub fn user(name: &str) -> Self {
        match name.strip_prefix(ACCOUNT).and_then(|rest| rest.split_once(':')) {
            Some((namespace, account)) if !namespace.is_empty() && !account.is_empty() && !account.contains(':') => {
                Self::ServiceAccount { namespace: namespace.to_owned(), name: account.to_owned() }
            }
            _ => Self::User(name.to_owned()),
        }
    }

    /// The canonical form of a subject of a binding in `namespace` (empty for a `ClusterRoleBinding`). `None` if no
    /// request can match it: other kinds, and service accounts without a namespace.
    pub fn of(subject: &Subject, namespace: &str) -> Option<Self> {
        match subject.kind.as_str() {
            "User" => Some(Self::user(&subject.name)),
            "Group" => Some(Self::Group(subject.name.clone())),
            "ServiceAccount" => {
                let namespace = if subject.namespace.is_empty() { namespace } else { &subject.namespace };
                (!namespace.is_empty())
                    .then(|| Self::ServiceAccount { namespace: namespace.to_owned(), name: subject.name.clone() })
            }
            _ => None,
        }
    }

    /// The groups that Kubernetes adds to every request of the subject, such as `system:authenticated`. For a group,
    /// the groups that all of its members belong to.
    pub fn implied_groups(&self) -> Vec<String> {
        const AUTHENTICATED: &str = "system:authenticated";
        const ACCOUNTS: &str = "system:serviceaccounts";
        match self {
            Self::ServiceAccount { namespace, .. } => {
                vec![ACCOUNTS.to_owned(), format!("{ACCOUNTS}:{namespace}"), AUTHENTICATED.to_owned()]
            }
            Self::User(name) if name == "system:anonymous" => vec!["system:unauthenticated".to_owned()],
            Self::Group(name) if name == "system:unauthenticated" || name == AUTHENTICATED => Vec::new(),
            Self::Group(name) if name.strip_prefix(ACCOUNTS).is_some_and(|rest| rest.starts_with(':')) => {
                vec![ACCOUNTS.to_owned(), AUTHENTICATED.to_owned()]
            }
            Self::User(_) | Self::Group(_) => vec![AUTHENTICATED.to_owned()],
        }
    }

    /// The user name of the subject's requests (`system:serviceaccount:NAMESPACE:NAME` for a service account); `None`
    /// for a group.
    pub fn user_name(&self) -> Option<String> {
        match self {
            Self::User(name) => Some(name.clone()),
            Self::Group(_) => None,
            Self::ServiceAccount { namespace, name } => Some(format!("{ACCOUNT}{namespace}:{name}")),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "User {name}"),
            Self::Group(name) => write!(f, "Group {name}"),
            Self::ServiceAccount { namespace, name } => write!(f, "ServiceAccount {namespace}/{name}"),
        }
    }
}
