//! Remarks on `/etc/passwd`: who may log in. Also lists those users' home directories.

use crate::kind::{Remark, shown};

/// The first user ID of regular users (`UID_MIN` of login.defs(5)).
const PEOPLE: u32 = 1000;

/// Programs in place of a shell that prevent any login.
const NO_SHELLS: [&str; 5] = ["nologin", "false", "sync", "halt", "shutdown"];

/// A user whose shell allows login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginUser {
    /// The name.
    pub name: String,
    /// The user ID.
    pub uid: u32,
    /// The home directory, as written.
    pub home: String,
}

struct Line<'t> {
    name: &'t str,
    uid: u32,
    home: &'t str,
    shell: &'t str,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Option<Self> {
        let mut fields = line.trim_end_matches('\r').split(':');
        let name = fields.next()?.trim_start();
        let (uid, home) = (fields.nth(1)?.parse().ok()?, fields.nth(2)?);
        let shell = fields.next().unwrap_or_default().trim();
        // Lines that start with a sign are for another service (nsswitch.conf(5), compat).
        let is_one = !name.is_empty() && !name.starts_with(['#', '+', '-']);
        let program = shell.rsplit('/').next().unwrap_or_default();
        (is_one && !NO_SHELLS.contains(&program)).then_some(Self { name, uid, home, shell })
    }
}

fn lines(text: &str) -> impl Iterator<Item = (usize, Line<'_>)> {
    text.lines().enumerate().filter_map(|(index, line)| Some((index + 1, Line::of(line)?)))
}

/// The users in `/etc/passwd` whose shell allows login, in file order.
pub fn login_users(text: &[u8]) -> Vec<LoginUser> {
    let text = String::from_utf8_lossy(text);
    let user = |Line { name, uid, home, .. }: Line<'_>| LoginUser { name: name.to_owned(), uid, home: home.to_owned() };
    lines(&text).map(|(_, line)| user(line)).collect()
}

pub(crate) fn remarks(text: &str, users: &[String]) -> Vec<Remark> {
    let remark = |(line, Line { name, uid, shell, .. }): (usize, Line<'_>)| {
        let (who, shell) = (shown(name), if shell.is_empty() { "/bin/sh".to_owned() } else { shown(shell) });
        let is_of_machine = users.iter().any(|user| user == name);
        let (text, violates) = match uid {
            0 if name == "root" => return None,
            0 => (format!("user {who} is root by another name ({shell})"), true),
            PEOPLE.. => (format!("user {who} may log in ({shell})"), !is_of_machine),
            _ => (format!("user {who}, of the system, has a shell ({shell})"), false),
        };
        Some(Remark { line, text, violates })
    };
    lines(text).filter_map(remark).collect()
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    let kept = |Line { name, uid, home, shell }: Line<'_>| format!("{name}:x:{uid}:0::{home}:{shell}");
    lines(text).map(|(line, of)| (line, kept(of))).collect()
}

#[cfg(test)]
mod tests {
    use crate::{Kind, LoginUser, login_users};

    #[test]
    fn who_may_log_in_is_told_by_number_and_shell() {
        let table = [
            ("capv:x:1000:1000::/home/capv:/bin/bash", Some(("user capv may log in (/bin/bash)", false))),
            ("alice:x:1001:1001:Alice A.:/home/alice:/bin/zsh", Some(("user alice may log in (/bin/zsh)", true))),
            ("alice:x:1001:1001::/home/alice:", Some(("user alice may log in (/bin/sh)", true))),
            ("alice:x:1001:1001::/home/alice", Some(("user alice may log in (/bin/sh)", true))),
            ("alice:x:1001:1001::/home/alice:/usr/sbin/nologin", None),
            ("nobody:x:65534:65534:nobody:/:/sbin/nologin", None),
            ("toor:x:0:0::/root:/bin/bash", Some(("user toor is root by another name (/bin/bash)", true))),
            ("root:x:0:0:root:/root:/bin/bash", None),
            ("sync:x:4:65534:sync:/bin:/bin/sync", None),
            (
                "postgres:x:113:120::/var/lib/postgresql:/bin/bash",
                Some(("user postgres, of the system, has a shell (/bin/bash)", false)),
            ),
            ("+alice:x:1001:1001::/home/alice:/bin/sh", None),
            ("alice:x:many:1001::/home/alice:/bin/sh", None),
            ("# alice:x:1001:1001::/home/alice:/bin/sh", None),
        ];
        for (line, expected) in table {
            let remarks = Kind::Accounts.remarks(line.as_bytes(), "passwd", 0o644, &["capv".to_owned()]).expect("read");
            let said = remarks.first().map(|remark| (remark.text.as_str(), remark.violates));
            assert_eq!(said, expected, "{line}");
        }
        assert!(!Kind::Accounts.kept(b"alice:x:1001:1001:Alice A.:/home/alice:/bin/zsh").contains("Alice"));
    }

    #[test]
    fn homes_are_those_of_users_who_may_log_in() {
        let text = "root:x:0:0::/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\nme:x:1000:1000::/home/me:/bin/sh\n";
        let user = |name: &str, uid, home: &str| LoginUser { name: name.to_owned(), uid, home: home.to_owned() };
        assert_eq!(login_users(text.as_bytes()), [user("root", 0, "/root"), user("me", 1000, "/home/me")]);
    }
}
