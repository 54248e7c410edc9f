//! The names of owners by their IDs.

use probe::Accounts;

/// The names of the owners of a node's files. If an ID has two names, the first one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners(Accounts);

impl Owners {
    /// The name of a user.
    pub fn user(&self, id: u32) -> Option<&str> {
        self.0.user(id)
    }

    /// The name of a group.
    pub fn group(&self, id: u32) -> Option<&str> {
        self.0.group(id)
    }
}

impl From<Accounts> for Owners {
    fn from(accounts: Accounts) -> Self {
        Self(accounts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probe::Account;

    #[test]
    fn the_first_name_of_a_number_counts() {
        let account = |name: &str, id| Account { name: name.to_owned(), id };
        let owners = Owners::from(Accounts {
            users: [account("root", 0), account("etcd", 7), account("toor", 0)].into_iter().collect(),
            groups: [account("adm", 4)].into_iter().collect(),
        });
        assert_eq!((owners.user(0), owners.user(7), owners.user(4)), (Some("root"), Some("etcd"), None));
        assert_eq!((owners.group(4), owners.group(0)), (Some("adm"), None));
    }
}
