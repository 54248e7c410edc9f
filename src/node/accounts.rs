//! The node's own users and groups, from the text of its files.

use crate::probe::{Account, Accounts};

/// The accounts in the text of a passwd file and a group file.
pub(super) fn parse(passwd: &[u8], group: &[u8]) -> Accounts {
    Accounts { users: lines(passwd), groups: lines(group) }
}

/// The name and number in each line; both files have them in the same places.
fn lines(text: &[u8]) -> Vec<Account> {
    String::from_utf8_lossy(text).lines().filter_map(line).collect()
}

/// `name:password:number:…`; anything else (a comment, `+` of NIS, a torn line) names nobody.
fn line(line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| !name.is_empty() && !name.starts_with(['#', '+', '-']))?;
    let id = fields.nth(1)?.trim().parse().ok()?;
    Some(Account { name: name.to_owned(), id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read() {
        let accounts =
            parse(b"root:x:0:0:root:/root:/bin/sh\netcd:x:1001:1001::/:/x\n", b"root:x:0:\nadm:x:4:syslog\n");
        assert_eq!(accounts.user(0), Some("root"));
        assert_eq!(accounts.user(1001), Some("etcd"));
        assert_eq!(accounts.group(4), Some("adm"));
        assert_eq!(accounts.user(4), None);
    }

    #[test]
    fn the_first_name_of_a_number_counts() {
        let accounts = parse(b"root:x:0:0\ntoor:x:0:0\n", b"");
        assert_eq!(accounts.user(0), Some("root"));
        assert_eq!(accounts.users.len(), 2);
    }

    #[test]
    fn lines_that_name_nobody_are_skipped() {
        let text = b"# users\n+::::::\n+nis:x:5:5\nshort\nx:y\nodd:x:-1:0\nbig:x:99999999999:0\n:x:7:7\n\xff\xfe:x:8:8\nlast:x:9";
        let ids: Vec<u32> = parse(text, b"").users.iter().map(|user| user.id).collect();
        assert_eq!(ids, [8, 9]);
    }
}
