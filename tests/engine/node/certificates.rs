//! Certificates of a live node: relevant properties are returned and recorded, but nothing else from the files.

use std::time::{SystemTime, UNIX_EPOCH};

use definitions::benchmark::Library;
use kube_assay::node::{MOST_BYTES, Recorded, Remembered};
use kube_assay::run::recorded;
use probe::{Answer, Cause, Certificates, Location, Node, Observed, Question};

use super::support::{Place, assert_unknown};

/// Certificates created by openssl.
const MADE: &str = include_str!("../../../crates/certificates/tests/certificates.pem");

/// Base64 text, as in a private key.
const KEY: &str = "Tm9ib2R5IG1heSByZWFkIHRoaXM=";

fn at(path: &str) -> Question {
    Question::Certificates(Location::node(path))
}

fn held(node: &dyn Node, path: &str) -> Certificates {
    match node.ask(&at(path)) {
        Observed::Present(Answer::Certificates(held)) => held,
        other => panic!("{path}: {other:?}"),
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()).expect("before the end")
}

#[test]
fn certificates_are_read_where_links_lead_and_recorded_without_the_files() {
    let place = Place::new();
    place.file("/pki/a.pem", format!("{MADE}-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n"));
    place.link("a.pem", "/pki/current.pem");
    place.link("/circle", "/circle");
    place.file("/huge.pem", vec![b'\n'; usize::try_from(MOST_BYTES).expect("small") + 1]);
    place.file("/kubelet.conf", format!("users: [{{ user: {{ client-certificate: /x, client-key-data: {KEY} }} }}]\n"));
    let node = Remembered::noting(place.live());
    let expected = certificates::read(MADE.as_bytes());
    assert_eq!(expected.found.len(), 10);
    assert_eq!(held(&node, "/pki/current.pem"), expected);
    let named = held(&node, "/kubelet.conf").named;
    assert_eq!((named[0].path.as_str(), named.len()), ("/x", 1));
    assert_eq!(node.ask(&at("/gone")), Observed::Absent);
    assert_unknown(
        &node.ask(&at("/pki")),
        Cause::NotRegular,
        "/pki: is a directory, not a regular file, and was not opened",
    );
    assert_unknown(&node.ask(&at("/circle")), Cause::LinkLoop, "/circle: the links form a loop");
    let too_large = "/huge.pem: 4194305 bytes exceed the limit of 4 MiB for a file";
    assert_unknown(&node.ask(&at("/huge.pem")), Cause::TooLarge, too_large);
    let before = now();
    let Observed::Present(Answer::Time(time)) = node.ask(&Question::Time) else { panic!("no time") };
    assert!((before..=now()).contains(&time), "{time}");

    let text = recorded(&node, &Library::default(), false).to_yaml().expect("YAML");
    let replayed = Recorded::parse("recording", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for (question, answer) in node.asked() {
        assert_eq!(replayed.ask(&question), answer, "{question:?}");
    }
    let body = MADE.lines().find(|line| line.starts_with("MII")).expect("base64");
    for hidden in [KEY, body, "BEGIN", "client-key-data"] {
        assert!(!text.contains(hidden), "{hidden} is in\n{text}");
    }
    assert_unknown(
        &replayed.ask(&at("/other")),
        Cause::NotRecorded,
        "/other: not recorded (record the node again with this version)",
    );
}

#[test]
fn a_recording_without_its_time_and_times_that_are_none_are_told() {
    let node = Recorded::parse("recording", "form: 3\nhostname: a\n").expect("a recording");
    let message = "the time: not recorded (record the node again with this version)";
    assert_unknown(&node.ask(&Question::Time), Cause::NotRecorded, message);
    let table = [
        ("2026-11-30T10:12:03Z", Ok(1_796_033_523)),
        ("2026-11-30T10:12:03+01:00", Ok(1_796_029_923)),
        ("2026-11-30", Err("is not a time (write it as 2026-11-30T10:12:03Z)")),
        ("soon", Err("is not a time")),
    ];
    for (written, expected) in table {
        let read = Recorded::parse("recording", &format!("form: 3\ntime: '{written}'\n"));
        match (read, expected) {
            (Ok(node), Ok(time)) => {
                assert_eq!(node.ask(&Question::Time), Observed::Present(Answer::Time(time)), "{written}");
            }
            (Err(why), Err(said)) => assert!(why.to_string().contains(said), "{why}"),
            (read, _) => panic!("{written}: {read:?}"),
        }
    }
}
