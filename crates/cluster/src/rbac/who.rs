//! To whom rights are granted, in one spelling.

use std::fmt;

use super::objects::Subject;

/// How a service account is called as a user.
const ACCOUNT: &str = "system:serviceaccount:";

/// A user, group or service account. A service account that a binding names as a user is one of the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A user by name.
    User(String),
    /// A group by name.
    Group(String),
    /// The account `namespace`/`name`.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl Who {
    /// The user called `name`, which may be a service account.
    pub fn user(name: &str) -> Self {
        match name.strip_prefix(ACCOUNT).and_then(|rest| rest.split_once(':')) {
            Some((namespace, account)) if !namespace.is_empty() && !account.is_empty() && !account.contains(':') => {
                Self::ServiceAccount { namespace: namespace.to_owned(), name: account.to_owned() }
            }
            _ => Self::User(name.to_owned()),
        }
    }

    /// Whom an entry of a binding in `namespace` (empty for a `ClusterRoleBinding`) names; nothing where no request can
    /// ever match it: another kind, or a service account without a namespace.
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

    /// The groups that each request of it is in whatever else it is in: what Kubernetes adds for service accounts and
    /// for everyone who is authenticated. Of a group, the groups that all its members are in.
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

    /// How a request of it is called where it is not a group: `system:serviceaccount:NAMESPACE:NAME` of an account.
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
