//! Files of a live node.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use kube_assay::node::{Live, LiveOptions, MOST_BYTES};
use nix::sys::stat::{self, Mode, SFlag};
use probe::{Account, Accounts, Answer, Cause, Entry, FileKind, Location, Metadata, Node, Observed, Question};

use super::support::{Place, assert_unknown, bytes, content, directory, metadata, resolved, skips_as_root, text};

#[test]
fn of_a_file_with_a_private_key_only_that_is_told() {
    let place = Place::new();
    let table: [(&str, &str, bool); 7] = [
        ("/a", "-----BEGIN PRIVATE KEY-----\nAA==\n", true),
        ("/b", "x\r\n  -----BEGIN RSA PRIVATE KEY-----\r\n", true),
        ("/c", "-----BEGIN CERTIFICATE-----\n-----BEGIN ENCRYPTED PRIVATE KEY-----", true),
        ("/d", "-----BEGIN CERTIFICATE-----\n", false),
        ("/e", "-----BEGIN PUBLIC KEY-----\n", false),
        ("/f", "# PRIVATE KEY\n-----END PRIVATE KEY-----\n", false),
        ("/g", "", false),
    ];
    for (path, text, _) in table {
        place.file(path, text);
    }
    let live = place.live();
    for (path, text, expected) in table {
        let question = Question::PrivateKey(Location::node(path));
        assert_eq!(live.ask(&question), Observed::Present(Answer::Truth(expected)), "{text:?}");
    }
    assert_eq!(live.ask(&Question::PrivateKey(Location::node("/gone"))), Observed::Absent);
}

#[test]
fn a_file_is_described_as_it_is() {
    let place = Place::new();
    place.file("/etc/kubernetes/admin.conf", "12345");
    place.mode("/etc/kubernetes/admin.conf", 0o4640);
    let there = fs::metadata(place.root("/etc/kubernetes/admin.conf")).unwrap();
    let expected = Metadata {
        kind: FileKind::File,
        mode: 0o4640,
        uid: there.uid(),
        gid: there.gid(),
        size: 5,
        identity: (there.dev(), there.ino()),
        resolved: PathBuf::from("/etc/kubernetes/admin.conf"),
    };
    assert_eq!(
        place.live().ask(&metadata("/etc/kubernetes/admin.conf")),
        Observed::Present(Answer::Metadata(expected))
    );
    assert_eq!(bytes(&place.live(), "/etc/kubernetes/admin.conf"), b"12345");
}

#[test]
fn the_real_root_is_a_root_too() {
    let live = Live::open(LiveOptions { root: "/".into(), proc: "/proc".into() }).unwrap();
    assert_eq!(bytes(&live, "/etc/passwd"), fs::read("/etc/passwd").unwrap());
    assert_eq!(resolved(&live, "/etc/../etc/passwd"), Path::new("/etc/passwd"));
}

#[test]
fn what_is_not_there_is_absent() {
    let place = Place::new();
    place.file("/file", "");
    let live = place.live();
    for question in [metadata("/no"), content("/no/no"), directory("/no"), content("/file/below"), metadata("/file/")] {
        assert_eq!(live.ask(&question), Observed::Absent, "{question:?}");
    }
}

#[test]
fn an_empty_root_is_a_node_without_anything() {
    let live = Place::new().live();
    assert_eq!(live.ask(&Question::Accounts), Observed::Present(Answer::Accounts(Accounts::default())));
    assert_eq!(live.ask(&directory("/")), Observed::Present(Answer::Entries(Vec::new())));
    assert_eq!(live.ask(&metadata("/etc/kubernetes")), Observed::Absent);
}

#[test]
fn a_root_that_is_not_there_is_an_error_that_says_what_to_do() {
    let error = Live::open(LiveOptions { root: "/no/such".into(), proc: "/proc".into() }).unwrap_err();
    assert_eq!(error.to_string(), "/no/such: no such directory (give the node's file system with --root)");
}

#[test]
fn links_are_followed_inside_the_root() {
    let place = Place::new();
    place.file("/data/current/pki/ca.crt", "inside");
    place.file("/secret", "inside too");
    place.link("/data/current", "/etc/kubernetes");
    place.link("../../../../../../secret", "/data/up");
    place.link("/data/up", "/chain");
    let live = place.live();
    assert_eq!(bytes(&live, "/etc/kubernetes/pki/ca.crt"), b"inside");
    assert_eq!(resolved(&live, "/etc/kubernetes/pki/ca.crt"), Path::new("/data/current/pki/ca.crt"));
    assert_eq!(bytes(&live, "/chain"), b"inside too");
    assert_eq!(resolved(&live, "/chain"), Path::new("/secret"));
    assert_eq!(bytes(&live, "/../../../secret"), b"inside too");
    assert_eq!(bytes(&live, "/data/../../../../secret"), b"inside too");
}

#[test]
fn no_link_leads_out_of_the_root() {
    let place = Place::new();
    let outside = place.dir.path().join("outside");
    place.link(outside.join("secret"), "/absolute");
    place.link("../outside/secret", "/up");
    place.link("/up", "/chain");
    place.link(&outside, "/dir");
    place.link("/proc/self/root", "/magic");
    let live = place.live();
    for path in ["/absolute", "/up", "/chain", "/dir/secret", "/../outside/secret", "/magic"] {
        for question in [metadata(path), content(path), directory(path)] {
            assert_eq!(live.ask(&question), Observed::Absent, "{question:?}");
        }
    }
}

#[test]
fn the_kernels_own_links_lead_nowhere() {
    let live = Live::open(LiveOptions { root: "/".into(), proc: "/proc".into() }).unwrap();
    assert!(
        matches!(live.ask(&content("/proc/self/root/etc/passwd")), Observed::Unknown(why) if why.cause == Cause::LinkLoop)
    );
}

#[test]
fn links_in_a_circle_are_unknown() {
    let place = Place::new();
    place.link("/b", "/a");
    place.link("/a", "/b");
    for question in [metadata("/a"), content("/a/x"), directory("/b")] {
        let observed = place.live().ask(&question);
        assert!(matches!(&observed, Observed::Unknown(why) if why.cause == Cause::LinkLoop), "{observed:?}");
    }
    assert_unknown(&place.live().ask(&metadata("/a")), Cause::LinkLoop, "/a: the links form a loop");
}

#[test]
fn a_fifo_is_seen_and_never_opened() {
    let place = Place::new();
    nix::unistd::mkfifo(&place.root("/fifo"), Mode::from_bits_truncate(0o644)).unwrap();
    let live = place.live();
    assert!(matches!(
        live.ask(&metadata("/fifo")),
        Observed::Present(Answer::Metadata(Metadata { kind: FileKind::Fifo, mode: 0o644, .. }))
    ));
    let message = "/fifo: is a FIFO, not a regular file, and was not opened";
    assert_unknown(&live.ask(&content("/fifo")), Cause::NotRegular, message);
    assert_unknown(&live.ask(&directory("/fifo")), Cause::NotRegular, "/fifo: is a FIFO, not a directory");
}

#[test]
fn devices_and_sockets_are_never_opened() {
    let place = Place::new();
    let _socket = std::os::unix::net::UnixListener::bind(place.root("/socket")).unwrap();
    let live = place.live();
    let message = "/socket: is a socket, not a regular file, and was not opened";
    assert_unknown(&live.ask(&content("/socket")), Cause::NotRegular, message);
    // Reading a terminal would hang; reading a memory device would never end.
    let made = stat::mknod(&place.root("/zero"), SFlag::S_IFCHR, Mode::from_bits_truncate(0o666), stat::makedev(1, 5));
    if let Err(error) = made {
        eprintln!("devices are skipped: cannot make one: {error}");
        return;
    }
    let message = "/zero: is a device, not a regular file, and was not opened";
    assert_unknown(&live.ask(&content("/zero")), Cause::NotRegular, message);
}

#[test]
fn directories_hold_no_bytes_and_files_no_entries() {
    let place = Place::new();
    place.file("/dir/file", "x");
    let live = place.live();
    let message = "/dir: is a directory, not a regular file, and was not opened";
    assert_unknown(&live.ask(&content("/dir")), Cause::NotRegular, message);
    let message = "/dir/file: is a regular file, not a directory";
    assert_unknown(&live.ask(&directory("/dir/file")), Cause::NotRegular, message);
}

#[test]
fn files_are_read_up_to_a_bound() {
    let place = Place::new();
    File::create(place.root("/huge")).unwrap().set_len(5 << 30).unwrap();
    File::create(place.root("/full")).unwrap().set_len(MOST_BYTES).unwrap();
    File::create(place.root("/over")).unwrap().set_len(MOST_BYTES + 1).unwrap();
    let live = place.live();
    let message = "/huge: 5368709120 bytes exceed the limit of 4 MiB for a file";
    assert_unknown(&live.ask(&content("/huge")), Cause::TooLarge, message);
    assert!(matches!(live.ask(&content("/over")), Observed::Unknown(why) if why.cause == Cause::TooLarge));
    assert_eq!(bytes(&live, "/full").len() as u64, MOST_BYTES);
    assert!(matches!(
        live.ask(&metadata("/huge")),
        Observed::Present(Answer::Metadata(Metadata { size: 5_368_709_120, .. }))
    ));
}

#[test]
fn a_file_that_has_more_than_it_says_is_read_whole() {
    // Kernel files report a size of 0.
    let live = Live::open(LiveOptions { root: "/proc".into(), proc: "/proc".into() }).unwrap();
    assert!(!bytes(&live, "/version").is_empty());
}

#[test]
fn what_may_not_be_read_is_unknown_and_says_what_to_do() {
    if skips_as_root("what_may_not_be_read_is_unknown_and_says_what_to_do") {
        return;
    }
    let place = Place::new();
    place.file("/dir/file", "x");
    place.file("/private", "x");
    place.mode("/private", 0o000);
    place.mode("/dir", 0o000);
    let live = place.live();
    let hint = "permission denied (run as root, or mount the host and give --root)";
    assert_unknown(&live.ask(&content("/private")), Cause::PermissionDenied, &format!("/private: {hint}"));
    assert_unknown(&live.ask(&metadata("/dir/file")), Cause::PermissionDenied, &format!("/dir/file: {hint}"));
    assert_unknown(&live.ask(&directory("/dir")), Cause::PermissionDenied, &format!("/dir: {hint}"));
    assert!(live.ask(&metadata("/private")).present().is_some());
    place.mode("/dir", 0o755);
}

#[test]
fn entries_are_listed_and_not_followed() {
    let place = Place::new();
    for name in ["/d/b", "/d/a b", "/d/a\nb", "/d/\u{e9}", "/d/.hidden"] {
        place.file(name, "");
    }
    place.file("/d/sub/below", "");
    place.link("/no/where", "/d/link");
    let odd = OsString::from_vec(b"\xff\xfe".to_vec());
    fs::write(place.root("/d/b").parent().unwrap().join(&odd), "odd").unwrap();
    let entry = |name: &str, kind| Entry { name: name.into(), kind };
    let expected = vec![
        entry(".hidden", FileKind::File),
        entry("a\nb", FileKind::File),
        entry("a b", FileKind::File),
        entry("b", FileKind::File),
        entry("link", FileKind::Link),
        entry("sub", FileKind::Directory),
        entry("\u{e9}", FileKind::File),
        Entry { name: odd.clone(), kind: FileKind::File },
    ];
    let live = place.live();
    // Directory entries come in no particular order.
    let Observed::Present(Answer::Entries(mut entries)) = live.ask(&directory("/d")) else { panic!("a directory") };
    entries.sort();
    assert_eq!(entries, expected);
    let path = Path::new("/d").join(odd);
    let read = live.ask(&Question::Content(Location::node(path)));
    assert!(matches!(read, Observed::Present(Answer::Content(content)) if content.bytes == b"odd"));
    assert_eq!(bytes(&live, "/d/a\nb"), b"");
}

#[test]
fn a_path_with_a_nul_byte_is_no_path() {
    let observed = Place::new().live().ask(&metadata("/a\0b"));
    assert_unknown(&observed, Cause::Malformed, "/a\0b: holds a NUL byte, which no path can");
}

#[test]
fn a_directory_that_is_swapped_for_a_link_leads_nowhere_else() {
    let place = Place::new();
    let outside = place.dir.path().join("outside");
    place.file("/pki/secret", "inside");
    place.link(&outside, "/swap");
    let (pki, swap) = (place.root("/pki"), place.root("/swap"));
    let live = place.live();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let aside = place.root("/aside");
            while !stop.load(Ordering::Relaxed) {
                // Swap the directory and the link.
                fs::rename(&pki, &aside).unwrap();
                fs::rename(&swap, &pki).unwrap();
                fs::rename(&pki, &swap).unwrap();
                fs::rename(&aside, &pki).unwrap();
            }
        });
        for _ in 0..2000 {
            if let Observed::Present(Answer::Content(content)) = live.ask(&content("/pki/secret")) {
                assert_eq!(content.bytes, b"inside");
            }
            if let Observed::Present(Answer::Entries(entries)) = live.ask(&directory("/pki")) {
                assert_eq!(entries.len(), 1);
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn accounts_are_the_nodes_own() {
    let place = Place::new();
    place.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\netcd:x:1001:1001::/:/x\nbroken\n");
    place.file("/etc/group", "root:x:0:\netcd:x:1002:\n");
    let account = |name: &str, id| Account { name: name.into(), id };
    let expected = Accounts {
        users: [account("root", 0), account("etcd", 1001)].into_iter().collect(),
        groups: [account("root", 0), account("etcd", 1002)].into_iter().collect(),
    };
    assert_eq!(place.live().ask(&Question::Accounts), Observed::Present(Answer::Accounts(expected)));
}

#[test]
fn accounts_that_cannot_be_read_are_unknown() {
    let place = Place::new();
    fs::create_dir_all(place.root("/etc/group")).unwrap();
    let message = "/etc/group: is a directory, not a regular file, and was not opened";
    assert_unknown(&place.live().ask(&Question::Accounts), Cause::NotRegular, message);
    let place = Place::new();
    fs::create_dir_all(place.root("/etc/nsswitch.conf")).unwrap();
    let message = "/etc/nsswitch.conf: is a directory, not a regular file, and was not opened";
    assert_unknown(&place.live().ask(&Question::Accounts), Cause::NotRegular, message);
}

#[test]
fn the_nodes_name_is_its_own_before_the_kernels() {
    let place = Place::new();
    assert!(place.live().ask(&Question::HostName).present().is_some());
    fs::create_dir_all(place.dir.path().join("proc/sys/kernel")).unwrap();
    fs::write(place.dir.path().join("proc/sys/kernel/hostname"), "kernel\n").unwrap();
    assert_eq!(place.live().ask(&Question::HostName), text("kernel"));
    place.file("/etc/hostname", "\n");
    assert_eq!(place.live().ask(&Question::HostName), text("kernel"));
    place.file("/etc/hostname", " cp1 \nmore\n");
    assert_eq!(place.live().ask(&Question::HostName), text("cp1"));
}
