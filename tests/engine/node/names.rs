//! The sources of user and group names on a node.

use std::collections::BTreeMap;
use std::fs;

use probe::{Accounts, Answer, Cause, Node, Observed, Question};
use serde::Deserialize;

use super::support::{Place, assert_unknown};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    label: String,
    conf: Option<String>,
    files: BTreeMap<String, String>,
    user: Option<String>,
    group: Option<String>,
}

#[test]
fn names_come_from_the_services_of_nsswitch_alone_and_in_their_order() {
    let rows: Vec<Row> = serde_yaml::from_str(include_str!("names.yaml")).unwrap();
    assert!(rows.len() >= 25, "rows were lost");
    for Row { label, conf, files, user, group } in rows {
        let place = Place::new();
        for (path, text) in &files {
            place.file(path, format!("{text}\n"));
        }
        if let Some(conf) = conf {
            place.file("/etc/nsswitch.conf", format!("{conf}\n"));
        }
        let Observed::Present(Answer::Accounts(accounts)) = place.live().ask(&Question::Accounts) else {
            panic!("{label}: no accounts");
        };
        assert_eq!((accounts.user(7), accounts.group(7)), (user.as_deref(), group.as_deref()), "{label}");
    }
}

#[test]
fn names_come_from_inside_the_root_and_within_bounds() {
    let place = Place::new();
    place.file("/etc/nsswitch.conf", "passwd: altfiles systemd");
    place.link("../../../../outside/secret", "/usr/lib/passwd");
    place.link("/nowhere", "/etc/userdb/a.user");
    let accounts = || place.live().ask(&Question::Accounts);
    assert_eq!(accounts(), Observed::Present(Answer::Accounts(Accounts::default())));
    place.file("/etc/userdb/b.user", " ".repeat((64 << 10) + 1));
    assert_unknown(
        &accounts(),
        Cause::TooLarge,
        "/etc/userdb/b.user: 65537 bytes exceed the limit of 64 KiB for a record",
    );
    fs::remove_file(place.root("/etc/userdb/b.user")).unwrap();
    for number in 0..1000 {
        place.file(&format!("/usr/lib/userdb/{number}.user"), "{}");
    }
    assert_unknown(&accounts(), Cause::TooLarge, "/usr/lib/userdb: holds more than 1000 records, the limit");
}
