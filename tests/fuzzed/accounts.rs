//! Accounts of a node: every name comes from its files, and lines added at the end do not change the name of an ID.

use probe::{Accounts, Answer, Node as _, Observed, Question};

use super::{node_with, parts};

/// Input: `nsswitch.conf`, a passwd file, a group file, and a systemd user record.
pub fn hold(bytes: &[u8]) -> String {
    let [switch, passwd, group, record] = parts(bytes);
    let found = accounts(switch, passwd, group, record);
    assert_eq!(found, accounts(switch, passwd, group, record), "read in two ways");
    let lines = |file: &[u8]| file.split(|byte| *byte == b'\n').count();
    let services = switch.split(u8::is_ascii_whitespace).count().max(1);
    for (list, file) in [(&found.users, passwd), (&found.groups, group)] {
        assert!(list.len() <= lines(file) * services + 2, "{} accounts of {} lines", list.len(), lines(file));
        for (name, _) in list.iter() {
            assert!(!name.is_empty() && !name.contains([':', '\n', '\r']), "{name:?}");
            assert!(!name.starts_with(['#', '+', '-']), "{name:?}");
        }
    }
    // The first name of an ID wins, so the lines added below must not take over any ID.
    let added = [passwd, b"\nzz-added:x:0:0::/:/bin/sh\nzz-added:x:1000:1000::/:/bin/sh\n"].concat();
    let more = accounts(switch, &added, group, record);
    for id in [0, 1000] {
        if let Some(name) = found.user(id).filter(|_| found.users.iter().any(|(user, _)| is_in(user, passwd))) {
            // Users synthesized by systemd come after the file, which may give the same name another ID.
            let is_first = more.user(id) == Some(name) || !has(name, id, passwd);
            assert!(is_first, "user {id} was {name}, and is {:?}", more.user(id));
        }
    }
    format!("{} users, {} groups, root {}", found.users.len(), found.groups.len(), found.user(0).is_some())
}

/// Whether a line of the file begins with this name.
fn is_in(name: &str, file: &[u8]) -> bool {
    String::from_utf8_lossy(file).lines().any(|line| line.split(':').next() == Some(name))
}

/// Whether a line of the file assigns this ID to this name.
fn has(name: &str, id: u32, file: &[u8]) -> bool {
    let text = String::from_utf8_lossy(file);
    text.lines().any(|line| {
        let mut fields = line.split(':');
        fields.next() == Some(name) && fields.nth(1).is_some_and(|number| number.trim().parse() == Ok(id))
    })
}

fn accounts(switch: &[u8], passwd: &[u8], group: &[u8], record: &[u8]) -> Accounts {
    let node = node_with(&[
        ("/etc/nsswitch.conf", switch),
        ("/etc/passwd", passwd),
        ("/etc/group", group),
        ("/usr/lib/passwd", passwd),
        ("/var/lib/extrausers/passwd", passwd),
        ("/etc/userdb/etcd.user", record),
        ("/etc/userdb/etcd.group", record),
    ]);
    match node.ask(&Question::Accounts) {
        Observed::Present(Answer::Accounts(accounts)) => accounts,
        other => panic!("{other:?}"),
    }
}
