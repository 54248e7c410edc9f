//! The names of owners by their numbers.

use std::collections::BTreeMap;

use probe::{Account, Accounts, map_of};

/// What a node calls the owners of its files. Of two names of one number the first counts.
///
/// Apart from the accounts in their order, since a node may have a million of these, and as many files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners {
    users: BTreeMap<u32, String>,
    groups: BTreeMap<u32, String>,
}

impl Owners {
    /// The name of a user.
    pub fn user(&self, id: u32) -> Option<&str> {
        self.users.get(&id).map(String::as_str)
    }

    /// The name of a group.
    pub fn group(&self, id: u32) -> Option<&str> {
        self.groups.get(&id).map(String::as_str)
    }
}

impl From<Accounts> for Owners {
    fn from(accounts: Accounts) -> Self {
        // The last of equal keys stays, which is the first from behind.
        let by_number = |accounts: Vec<Account>| map_of(accounts.into_iter().rev().map(|it| (it.id, it.name)));
        Self { users: by_number(accounts.users), groups: by_number(accounts.groups) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_a_number_counts() {
        let account = |name: &str, id| Account { name: name.to_owned(), id };
        let owners = Owners::from(Accounts {
            users: vec![account("root", 0), account("etcd", 7), account("toor", 0)],
            groups: vec![account("adm", 4)],
        });
        assert_eq!((owners.user(0), owners.user(7), owners.user(4)), (Some("root"), Some("etcd"), None));
        assert_eq!((owners.group(4), owners.group(0)), (Some("adm"), None));
    }
}
