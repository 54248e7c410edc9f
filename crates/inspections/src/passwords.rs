//! Remarks on `/etc/shadow`: users with a password. Hashes are never kept.

use crate::kind::{Remark, shown};

/// The meaning of the second field of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Password {
    /// A hash that no password matches (`!`, `*`).
    Locked,
    /// No password is required.
    Empty,
    Set,
}

fn accounts(text: &str) -> impl Iterator<Item = (usize, &str, Password)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let mut fields = line.trim_end_matches('\r').split(':');
        let (name, hash) = (fields.next()?.trim(), fields.next()?);
        let password = match hash.as_bytes().first() {
            None => Password::Empty,
            Some(b'!' | b'*') => Password::Locked,
            Some(_) => Password::Set,
        };
        (!name.is_empty() && !name.starts_with('#')).then_some((index + 1, name, password))
    })
}

pub(crate) fn remarks(text: &str, users: &[String]) -> Vec<Remark> {
    let remark = |(line, name, password): (usize, &str, Password)| {
        let is_of_machine = users.iter().any(|user| user == name);
        let (said, violates) = match password {
            Password::Empty => ("needs no password", true),
            Password::Set => ("has a password", is_of_machine),
            Password::Locked if is_of_machine => ("has no usable password", false),
            Password::Locked => return None,
        };
        Some(Remark { line, text: format!("user {} {said}", shown(name)), violates })
    };
    accounts(text).filter_map(remark).collect()
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    let kept = |(line, name, password): (usize, &str, Password)| {
        let hash = match password {
            Password::Empty => "",
            Password::Locked => "!",
            Password::Set => "set",
        };
        (line, format!("{name}:{hash}:"))
    };
    accounts(text).map(kept).collect()
}

#[cfg(test)]
mod tests {
    use crate::Kind;

    #[test]
    fn a_password_is_set_locked_or_empty() {
        let table = [
            ("eksa:$6$salt$hash:19000:0:99999:7:::", Some(("user eksa has a password", true))),
            ("eksa:!$6$salt$hash:19000::::::", Some(("user eksa has no usable password", false))),
            ("eksa:*:19000:", Some(("user eksa has no usable password", false))),
            ("eksa::19000:", Some(("user eksa needs no password", true))),
            ("other::19000:", Some(("user other needs no password", true))),
            ("other:$y$j9T$x:1:", Some(("user other has a password", false))),
            ("daemon:*:1:", None),
            ("# eksa:x:", None),
            ("no fields", None),
            (":x:", None),
        ];
        for (line, expected) in table {
            let remarks =
                Kind::Passwords.remarks(line.as_bytes(), "shadow", 0o600, &["eksa".to_owned()]).expect("read");
            let said = remarks.first().map(|remark| (remark.text.as_str(), remark.violates));
            assert_eq!(said, expected, "{line}");
        }
    }
}
