//! The node's own users and groups, from the files that its name services read.

use std::collections::BTreeSet;

use super::name_services::{Service, services};
use probe::{Account, AccountList, Accounts, Answer, Cause, Entry, Location, Node, Observed, Question, Reason};
use sorting::Sorting;

/// The paths of `nsswitch.conf`; the second is for systems on which `/etc` is initially empty.
const CONF: [&str; 2] = ["/etc/nsswitch.conf", "/usr/etc/nsswitch.conf"];

/// The service that reads `/etc/passwd` and `/etc/group`.
const OWN: &str = "files";
/// Its predecessor, which also supports NIS entries in these files.
const COMPATIBLE: &str = "compat";

/// Services that read files in passwd and group format, and the possible paths of these files, of which the first that
/// exists counts. A module's path is set when it is built, so some names have several.
const LIKE_PASSWD: [(&str, &[&str]); 7] = [
    (OWN, &["/etc/{}"]),
    (COMPATIBLE, &["/etc/{}"]),
    // Fedora and derivatives; the upstream default.
    ("altfiles", &["/usr/lib/{}", "/lib/{}", "/usr/share/baselayout/{}"]),
    // Flatcar; openSUSE.
    ("usrfiles", &["/usr/share/baselayout/{}", "/usr/etc/{}", "/usr/lib/{}"]),
    // Ubuntu Core.
    ("extrausers", &["/var/lib/extrausers/{}"]),
    ("cache", &["/etc/{}.cache"]),
    // Google's OS Login.
    ("cache_oslogin", &["/etc/oslogin_{}.cache"]),
];

/// The directories where systemd looks for records, in order of precedence.
///
/// Source: nss-systemd(8), <https://systemd.io/USER_RECORD>.
const RECORDS: [&str; 5] =
    ["/etc/userdb", "/run/userdb", "/run/host/userdb", "/usr/local/lib/userdb", "/usr/lib/userdb"];

/// The maximum size of `nsswitch.conf`, in bytes.
const MOST_CONF: usize = 64 << 10;

/// The maximum number of records that are read from all directories together.
const MOST_RECORDS: usize = 1_000;

/// The maximum size of a record, in bytes.
const RECORD_BYTES: u64 = 64 << 10;

/// The maximum number of accounts in a file, which could otherwise have as many as fit the limit for files.
const MOST_ACCOUNTS: usize = 1_000_000;

/// One of the two databases.
struct Database {
    name: &'static str,
    /// The file name extension of systemd's records.
    ending: &'static str,
    /// The keys of name and number in these records.
    keys: (&'static str, &'static str),
}

const USERS: Database = Database { name: "passwd", ending: ".user", keys: ("userName", "uid") };
const GROUPS: Database = Database { name: "group", ending: ".group", keys: ("groupName", "gid") };

/// Returns the accounts of a node as its name services find them: if a number has two names, the first counts. Services
/// that would have to be queried (a directory server, a daemon) are left out.
///
/// `described` replaces `/etc/passwd` and `/etc/group` for nodes whose description lists accounts instead.
///
/// # Errors
///
/// If a file that lists accounts could not be read.
pub(super) fn look(node: &dyn Node, described: Option<&Accounts>) -> Result<Accounts, Reason> {
    let conf = first(node, &CONF)?.unwrap_or_default();
    if conf.len() > MOST_CONF {
        let detail = format!("{} bytes exceed the limit of {} KiB for it", conf.len(), MOST_CONF >> 10);
        return Err(Reason::new(Cause::TooLarge, "nsswitch.conf", detail));
    }
    let users = of(node, &conf, &USERS, described.map(|accounts| &accounts.users))?;
    let groups = of(node, &conf, &GROUPS, described.map(|accounts| &accounts.groups))?;
    Ok(Accounts { users, groups })
}

fn of(
    node: &dyn Node,
    conf: &[u8],
    database: &Database,
    described: Option<&AccountList>,
) -> Result<AccountList, Reason> {
    let mut accounts = AccountList::default();
    let mut asked = BTreeSet::new();
    for Service { name, ends_if_unknown, ends_if_unavailable } in services(conf, database.name) {
        // Asking a service again would yield nothing new.
        if !asked.insert(name.clone()) {
            continue;
        }
        let is_there = match (LIKE_PASSWD.iter().find(|(known, _)| *known == name), described) {
            (Some((OWN | COMPATIBLE, _)), Some(described)) => {
                accounts = accounts.and(described.clone());
                true
            }
            (Some((_, places)), _) => {
                let places: Vec<String> = places.iter().map(|place| place.replace("{}", database.name)).collect();
                let text = first(node, &places)?;
                let is_there = text.is_some();
                accounts = accounts.and(lines(text.unwrap_or_default()).ok_or_else(|| too_many(database))?);
                is_there
            }
            (None, _) if name == "systemd" => {
                accounts = accounts.and(records(node, database)?.into_iter().collect());
                true
            }
            (None, _) => true,
        };
        if (is_there && ends_if_unknown) || (!is_there && ends_if_unavailable) {
            break;
        }
    }
    Ok(accounts)
}

/// Returns the content of the first of these files that exists.
fn first(node: &dyn Node, paths: &[impl AsRef<str>]) -> Result<Option<Vec<u8>>, Reason> {
    for path in paths {
        let content = content(node, path.as_ref())?;
        if content.is_some() {
            return Ok(content);
        }
    }
    Ok(None)
}

fn content(node: &dyn Node, path: &str) -> Result<Option<Vec<u8>>, Reason> {
    match node.ask(&Question::Content(Location::node(path))) {
        Observed::Present(Answer::Content(content)) => Ok(Some(content.bytes)),
        Observed::Present(_) | Observed::Absent => Ok(None),
        Observed::Unknown(why) => Err(why),
    }
}

/// Returns the accounts in systemd's records. If several directories have a file of the same name, the first counts.
fn records(node: &dyn Node, database: &Database) -> Result<Vec<Account>, Reason> {
    let mut accounts = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for directory in RECORDS {
        let mut entries = match node.ask(&Question::Directory(Location::node(directory))) {
            Observed::Present(Answer::Entries(entries)) => entries,
            Observed::Present(_) | Observed::Absent => continue,
            Observed::Unknown(why) => return Err(why),
        };
        entries.order();
        for Entry { name, .. } in entries {
            let Some(name) = name.to_str().filter(|name| name.ends_with(database.ending)) else { continue };
            if !known.insert(name.to_owned()) {
                continue;
            }
            if known.len() > MOST_RECORDS {
                let detail = format!("holds more than {MOST_RECORDS} records, the limit");
                return Err(Reason::new(Cause::TooLarge, directory, detail));
            }
            let path = format!("{directory}/{name}");
            accounts.extend(content_of_record(node, &path)?.and_then(|bytes| record(name, &bytes, database)));
        }
    }
    Ok(accounts)
}

/// Returns the content of a record; `None` if its link is dangling, or if it disappeared.
fn content_of_record(node: &dyn Node, path: &str) -> Result<Option<Vec<u8>>, Reason> {
    match node.ask(&Question::Metadata(Location::node(path))) {
        Observed::Present(Answer::Metadata(metadata)) if metadata.size > RECORD_BYTES => {
            let detail = format!("{} bytes exceed the limit of {} KiB for a record", metadata.size, RECORD_BYTES >> 10);
            Err(Reason::new(Cause::TooLarge, path, detail))
        }
        _ => content(node, path),
    }
}

/// Parses a record, whose file is named after the account's name or number; `None` if they differ or it is not a
/// record.
fn record(file: &str, bytes: &[u8], database: &Database) -> Option<Account> {
    let record: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let (name, id) = database.keys;
    let name = record.get(name)?.as_str().filter(|name| is_name(name))?;
    let id = u32::try_from(record.get(id)?.as_u64()?).ok()?;
    let stem = file.strip_suffix(database.ending)?;
    (stem == name || stem == id.to_string()).then(|| Account { name: name.to_owned(), id })
}

/// Whether the name is possible in a line of passwd.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(['#', '+', '-']) && !name.contains([':', '\n', '\r'])
}

/// Parses the accounts of a passwd file and a group file.
pub(super) fn parse(passwd: Vec<u8>, group: Vec<u8>) -> Option<Accounts> {
    Some(Accounts { users: lines(passwd)?, groups: lines(group)? })
}

/// Parses the name and number of each line, which both files have in the same fields. `None` if there are too many.
fn lines(text: Vec<u8>) -> Option<AccountList> {
    AccountList::of_lines(text, MOST_ACCOUNTS, line)
}

fn too_many(database: &Database) -> Reason {
    let detail = format!("holds more than {MOST_ACCOUNTS} accounts, the limit");
    Reason::new(Cause::TooLarge, database.name, detail)
}

/// Returns the length of the name, and the number, in `name:password:number:…`. Other lines (comments, NIS entries with
/// `+`, incomplete lines) have no account.
fn line(line: &[u8]) -> Option<(usize, u32)> {
    let mut fields = line.split(|byte| *byte == b':');
    let name = fields.next()?;
    if name.contains(&b'\r') || matches!(name, [] | [b'#' | b'+' | b'-', ..]) {
        return None;
    }
    let id = std::str::from_utf8(fields.nth(1)?).ok()?.trim().parse().ok()?;
    Some((name.len(), id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read() {
        let passwd = b"root:x:0:0:root:/root:/bin/sh\netcd:x:1001:1001::/:/x\n".to_vec();
        let accounts = parse(passwd, b"root:x:0:\nadm:x:4:syslog\n".to_vec()).expect("a few");
        assert_eq!(accounts.user(0), Some("root"));
        assert_eq!(accounts.user(1001), Some("etcd"));
        assert_eq!(accounts.group(4), Some("adm"));
        assert_eq!(accounts.user(4), None);
    }

    #[test]
    fn the_first_name_of_a_number_counts() {
        let accounts = parse(b"root:x:0:0\ntoor:x:0:0\n".to_vec(), Vec::new()).expect("a few");
        assert_eq!(accounts.user(0), Some("root"));
        assert_eq!(accounts.users.len(), 2);
    }

    #[test]
    fn lines_that_name_nobody_are_skipped() {
        let text = b"# users\n+::::::\n+nis:x:5:5\nshort\nx:y\nodd:x:-1:0\nbig:x:99999999999:0\n:x:7:7\n\xff\xfe:x:8:8\nlast:x:9";
        let ids: Vec<u32> = lines(text.to_vec()).expect("a few").iter().map(|(_, id)| id).collect();
        assert_eq!(ids, [8, 9]);
    }

    #[test]
    fn so_many_accounts_are_read_and_no_more() {
        let text = |count: usize| "a:x:1\n".repeat(count).into_bytes();
        assert_eq!(lines(text(MOST_ACCOUNTS)).map(|list| list.len()), Some(MOST_ACCOUNTS));
        assert_eq!(lines(text(MOST_ACCOUNTS + 1)), None);
    }

    #[test]
    fn a_record_is_that_of_its_file() {
        let table = [
            ("etcd.user", r#"{"userName":"etcd","uid":998}"#, Some(("etcd", 998))),
            ("998.user", r#"{"userName":"etcd","uid":998,"disposition":"system"}"#, Some(("etcd", 998))),
            ("other.user", r#"{"userName":"etcd","uid":998}"#, None),
            ("etcd.user", r#"{"userName":"etcd"}"#, None),
            ("etcd.user", r#"{"userName":"etcd","uid":-1}"#, None),
            ("etcd.user", r#"{"userName":"etcd","uid":99999999999}"#, None),
            ("etcd.user", r#"{"userName":7,"uid":998}"#, None),
            ("a:b.user", r#"{"userName":"a:b","uid":1}"#, None),
            ("etcd.user", "etcd", None),
            ("etcd.user", "", None),
        ];
        for (file, text, expected) in table {
            let found = record(file, text.as_bytes(), &USERS).map(|account| (account.name, account.id));
            assert_eq!(found, expected.map(|(name, id)| (name.to_owned(), id)), "{file}: {text}");
        }
        let group = record("etcd.group", br#"{"groupName":"etcd","gid":7}"#, &GROUPS).map(|account| account.id);
        assert_eq!(group, Some(7));
    }
}
