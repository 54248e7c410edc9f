//! After privileges are dropped, only what was prepared about processes is known.

use std::fs;
use std::os::unix::fs::symlink;

use kube_assay::node::Live;
use probe::{Answer, Cause, Location, Node, Observed, Question};

use super::support::{Place, environment, own_user, text};

/// A user whose processes are not listed at first.
const OTHER: u32 = 4242;

/// Creates kubelet processes with these PIDs and users, each with its own links.
fn place(processes: &[(i32, u32)]) -> Place {
    let place = Place::new();
    place.command(1, b"/sbin/init\0");
    fs::write(place.process(1, "uid_map"), "0 0 4294967295\n").unwrap();
    for (pid, user) in processes {
        place.command(*pid, b"/usr/bin/kubelet\0");
        let root = place.dir.path().join(format!("roots/{pid}"));
        fs::create_dir_all(root.join("etc")).unwrap();
        fs::write(root.join("etc/name"), pid.to_string()).unwrap();
        symlink(&root, place.process(*pid, "root")).unwrap();
        symlink("/usr/bin/kubelet", place.process(*pid, "exe")).unwrap();
        symlink(format!("/work/{pid}"), place.process(*pid, "cwd")).unwrap();
        fs::write(place.process(*pid, "environ"), format!("NUMBER={pid}\0")).unwrap();
        fs::write(place.process(*pid, "uid_map"), "0 0 4294967295\n").unwrap();
        let status = format!("Uid:\t{user}\t{user}\t{user}\t{user}\nNSpid:\t{pid}\n");
        fs::write(place.process(*pid, "status"), status).unwrap();
    }
    place
}

/// Returns the number of processes listed for these users.
fn listed(live: &Live, users: &[u32]) -> usize {
    let question = Question::Processes { called: vec!["kubelet".to_owned()], users: users.to_vec() };
    match live.ask(&question) {
        Observed::Present(Answer::Processes(processes)) => processes.listed.len(),
        other => panic!("{other:?}"),
    }
}

fn users(further: &[u32]) -> Vec<u32> {
    let mut users = [&[own_user()], further].concat();
    users.sort_unstable();
    users
}

/// Removes what can no longer be read after privileges are dropped.
fn close(place: &Place, pids: &[i32]) {
    for pid in pids {
        for file in ["root", "exe", "cwd", "environ"] {
            fs::remove_file(place.process(*pid, file)).unwrap();
        }
    }
}

/// Returns why an answer is unknown, and whether because it was not prepared.
fn why(live: &Live, question: &Question) -> (Cause, bool) {
    match live.ask(question) {
        Observed::Unknown(why) => (why.cause, why.detail.starts_with("not prepared")),
        other => panic!("{question:?}: {other:?}"),
    }
}

fn assert_known(live: &Live, pid: i32) {
    assert_eq!(live.ask(&Question::Executable(pid)), text("/usr/bin/kubelet"), "{pid}");
    assert_eq!(live.ask(&Question::WorkingDirectory(pid)), text(&format!("/work/{pid}")), "{pid}");
    for _ in 0..2 {
        match live.ask(&environment(pid, &["NUMBER"])) {
            Observed::Present(Answer::Variables(set)) => assert_eq!(set["NUMBER"], pid.to_string().as_bytes(), "{pid}"),
            other => panic!("{pid}: {other:?}"),
        }
    }
    match live.ask(&Question::Content(Location::process(pid, "/etc/name"))) {
        Observed::Present(Answer::Content(content)) => assert_eq!(content.bytes, pid.to_string().as_bytes(), "{pid}"),
        other => panic!("{pid}: {other:?}"),
    }
}

#[test]
fn what_was_prepared_is_known_later_and_nothing_else_is() {
    let own = own_user();
    let place = place(&[(20, own), (21, own), (22, OTHER)]);
    let live = place.live();
    assert_eq!(listed(&live, &users(&[])), 2);
    live.prepare(&[20], &[]);
    close(&place, &[20, 22]);
    assert_known(&live, 20);
    // It was not prepared, so it is not inspected even though that would be possible here.
    for question in [
        Question::Executable(21),
        Question::WorkingDirectory(21),
        environment(21, &["NUMBER"]),
        Question::Content(Location::process(21, "/etc/name")),
    ] {
        assert_eq!(why(&live, &question), (Cause::TooLarge, true), "{question:?}");
    }
    // Some processes of other users are prepared anyway, since manifests may name them.
    assert_eq!(listed(&live, &users(&[OTHER])), 3);
    assert_known(&live, 22);
}

#[test]
fn another_process_of_the_same_number_is_not_taken_for_the_one_that_was_prepared() {
    let place = place(&[(20, own_user()), (22, OTHER)]);
    let live = place.live();
    listed(&live, &users(&[]));
    live.prepare(&[20], &[]);
    let status = format!("Uid:\t{OTHER}\t{OTHER}\t{OTHER}\t{OTHER}\nNSpid:\t22\t7\n");
    fs::write(place.process(22, "status"), status).unwrap();
    listed(&live, &users(&[OTHER]));
    for question in [Question::Executable(22), Question::WorkingDirectory(22), environment(22, &["NUMBER"])] {
        assert_eq!(why(&live, &question), (Cause::Vanished, false), "{question:?}");
    }
}

#[test]
fn a_crowd_of_another_user_is_prepared_in_part() {
    let crowd: Vec<(i32, u32)> = (100..140).map(|pid| (pid, OTHER)).chain([(200, OTHER + 1)]).collect();
    let place = place(&crowd);
    let live = place.live();
    assert_eq!(listed(&live, &users(&[])), 0);
    live.prepare(&[], &[]);
    let all: Vec<i32> = crowd.iter().map(|(pid, _)| *pid).collect();
    close(&place, &all);
    assert_eq!(listed(&live, &users(&[OTHER, OTHER + 1])), 41);
    let known = |pid: &&i32| live.ask(&Question::Executable(**pid)).as_present().is_some();
    assert_eq!(all.iter().filter(known).count(), 17);
    assert_known(&live, 200);
}
