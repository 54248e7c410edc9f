//! The users and groups of a node.

use std::sync::Arc;

/// A user or a group of the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The UID or GID.
    pub id: u32,
}

/// The node's own users and groups, in the order in which its name services find them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Users, from `/etc/passwd` and equivalent sources.
    pub users: AccountList,
    /// Groups, from `/etc/group` and equivalent sources.
    pub groups: AccountList,
}

impl Accounts {
    /// Returns the first name of the user with this UID.
    pub fn user(&self, id: u32) -> Option<&str> {
        self.users.name(id)
    }

    /// Returns the first name of the group with this GID.
    pub fn group(&self, id: u32) -> Option<&str> {
        self.groups.name(id)
    }
}

/// An ordered list of users or groups. Cheap to clone and compact: a node may have a million accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountList {
    /// The names, each followed by a line feed.
    names: Arc<Vec<u8>>,
    /// Pairs of ID and offset into `names`, sorted by ID, then by offset.
    numbers: Arc<Vec<(u32, u32)>>,
}

impl AccountList {
    /// Parses one account per line; `account` returns the length of the name at the start of a line, and the ID.
    /// Returns `None` if there are more than `most` accounts, or if the text exceeds 4 GiB.
    ///
    /// The names are compacted in place, so that the text is not copied.
    pub fn of_lines(mut text: Vec<u8>, most: usize, account: impl Fn(&[u8]) -> Option<(usize, u32)>) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        let lines = text.split(|byte| *byte == b'\n').count();
        let mut numbers = Vec::with_capacity(lines.min(most));
        let (mut kept, mut at) = (0, 0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let (found, next) = (account(line), at + line.len() + 1);
            if let Some((length, id)) = found.filter(|(length, _)| *length < line.len()) {
                if numbers.len() == most {
                    return None;
                }
                numbers.push((id, u32::try_from(kept).ok()?));
                text.copy_within(at..at + length, kept);
                kept += length;
                *text.get_mut(kept)? = b'\n';
                kept += 1;
            }
            at = next;
        }
        text.truncate(kept);
        text.shrink_to_fit();
        numbers.shrink_to_fit();
        numbers.sort_unstable();
        Some(Self { names: Arc::new(text), numbers: Arc::new(numbers) })
    }

    /// Returns the number of accounts.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Iterates over names and IDs in list order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let mut places: Vec<(u32, u32)> = self.numbers.iter().map(|(id, place)| (*place, *id)).collect();
        places.sort_unstable();
        places.into_iter().map(|(place, id)| (self.at(place), id))
    }

    /// Returns the first name with this ID.
    pub fn name(&self, id: u32) -> Option<&str> {
        let first = self.numbers.partition_point(|(number, _)| *number < id);
        self.numbers.get(first).filter(|(number, _)| *number == id).map(|(_, place)| self.at(*place))
    }

    /// Returns the ID of the first account with this name.
    pub fn number(&self, name: &str) -> Option<u32> {
        let named = self.numbers.iter().filter(|(_, place)| self.at(*place) == name);
        named.min_by_key(|(_, place)| *place).map(|(id, _)| *id)
    }

    /// Appends `others` to this list.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        if self.is_empty() {
            return others;
        }
        if others.is_empty() {
            return self;
        }
        self.iter().chain(others.iter()).map(|(name, id)| Account { name: name.to_owned(), id }).collect()
    }

    fn at(&self, place: u32) -> &str {
        let rest = usize::try_from(place).ok().and_then(|place| self.names.get(place..)).unwrap_or_default();
        let name = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        std::str::from_utf8(name).unwrap_or("\u{fffd}")
    }
}

impl FromIterator<Account> for AccountList {
    fn from_iter<I: IntoIterator<Item = Account>>(accounts: I) -> Self {
        let (mut names, mut numbers) = (Vec::new(), Vec::new());
        for Account { name, id } in accounts {
            let Ok(place) = u32::try_from(names.len()) else { break };
            numbers.push((id, place));
            names.extend_from_slice(name.as_bytes());
            names.push(b'\n');
        }
        numbers.sort_unstable();
        Self { names: Arc::new(names), numbers: Arc::new(numbers) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses `name:number`.
    fn account(line: &[u8]) -> Option<(usize, u32)> {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((colon, std::str::from_utf8(line.get(colon + 1..)?).ok()?.parse().ok()?))
    }

    #[test]
    fn lists_have_names_numbers_and_an_order() {
        let text = "root:0\nbroken\netcd:7\n\ntoor:0\n\u{e4}:5\nlast:3";
        let list = AccountList::of_lines(text.as_bytes().to_vec(), 5, account).expect("five");
        let all: Vec<_> = list.iter().collect();
        assert_eq!(all, [("root", 0), ("etcd", 7), ("toor", 0), ("\u{e4}", 5), ("last", 3)]);
        assert_eq!(
            [list.name(0), list.name(7), list.name(5), list.name(6)],
            [Some("root"), Some("etcd"), Some("\u{e4}"), None]
        );
        assert_eq!([list.number("toor"), list.number("etcd"), list.number("x")], [Some(0), Some(7), None]);
        let again: AccountList = all.iter().map(|(name, id)| Account { name: (*name).to_owned(), id: *id }).collect();
        assert_eq!(again, list);
        assert_eq!(AccountList::of_lines(text.as_bytes().to_vec(), 4, account), None);
        let none = AccountList::of_lines(b"\n\n:".to_vec(), 5, account).expect("none");
        assert!(none.is_empty());
        assert_eq!(none.and(list.clone()), list);
        let two = list.clone().and(list.clone());
        assert_eq!((two.len(), two.iter().nth(5)), (10, Some(("root", 0))));
    }

    #[test]
    fn the_first_of_two_names_counts() {
        let list: AccountList = [("b", 1), ("a", 1), ("a", 2)]
            .map(|(name, id)| Account { name: name.to_owned(), id })
            .into_iter()
            .collect();
        assert_eq!((list.name(1), list.number("a")), (Some("b"), Some(1)));
    }
}
