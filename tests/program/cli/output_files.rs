//! Output files: written completely or not changed, and only where that is harmless. Tests that need mounts and users
//! are in `tests/e2e/outputs.sh`.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;

use super::{refused, says};
use crate::synthetic::Node;

const OLD: &str = "the old report\n";

/// A directory with an old report.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { directory: TempDir::new().expect("a temporary directory") };
        fs::write(place.at("report"), OLD).expect("written");
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn named(&self, name: &str) -> String {
        self.at(name).display().to_string()
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).expect("read")
    }

    /// Returns the names of its files, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).expect("listed");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changed");
}

#[test]
fn a_report_replaces_the_old_one_and_keeps_its_mode() {
    let place = Place::new();
    for old in [0o644, 0o600, 0o666, 0o440, 0o604] {
        fs::remove_file(place.at("report")).expect("removed");
        fs::write(place.at("report"), OLD).expect("written");
        set_mode(&place.at("report"), old);
        let inode = fs::metadata(place.at("report")).expect("there").ino();
        assert_eq!(says(&["demo", "--outputfile", &place.named("report")]).code, 0);
        assert!(place.text("report").starts_with("kube-assay "));
        assert_eq!(mode(&place.at("report")), old);
        assert_ne!(fs::metadata(place.at("report")).expect("there").ino(), inode, "another file");
    }
    assert_eq!(place.names(), ["report"]);
}

#[test]
fn another_name_of_the_old_report_keeps_it() {
    let place = Place::new();
    fs::hard_link(place.at("report"), place.at("kept")).expect("linked");
    assert_eq!(says(&["demo", "--outputfile", &place.named("report")]).code, 0);
    assert_eq!(place.text("kept"), OLD);
}

#[test]
fn new_reports_are_for_all_and_recordings_for_one() {
    let place = Place::new();
    let node = Node::control_plane();
    let under = |umask: &str, words: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]);
        command.arg(Command::cargo_bin("kube-assay").expect("the program is built").get_program());
        let done = command.args(words).output().expect("it runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    for (umask, expected) in [("022", 0o644), ("000", 0o644), ("077", 0o600)] {
        under(umask, &["demo", "--outputfile", &place.named(umask)]);
        assert_eq!(mode(&place.at(umask)), expected, "umask {umask}");
    }
    set_mode(&place.at("report"), 0o666);
    for name in ["recording", "report"] {
        assert_eq!(node.says(&["record", "-o", &place.named(name)]).code, 0);
        assert_eq!(mode(&place.at(name)), 0o600, "{name}");
        assert!(place.text(name).starts_with("form: 3\n"));
    }
}

#[test]
fn links_are_not_followed() {
    let place = Place::new();
    symlink(place.at("report"), place.at("link")).expect("linked");
    symlink(place.at("nothing"), place.at("dangling")).expect("linked");
    symlink("/proc/self/fd/1", place.at("descriptor")).expect("linked");
    for link in ["link", "dangling", "descriptor"] {
        let said = says(&["demo", "--outputfile", &place.named(link)]);
        refused(&said, &[&place.named(link), "is a symbolic link, which is not followed (name "]);
        refused(&says(&["record", "-o", &place.named(link)]), &["is a symbolic link"]);
    }
    assert_eq!(place.text("report"), OLD);
    assert_eq!(place.names(), ["dangling", "descriptor", "link", "report"]);
    // The directory may be reached through a link.
    symlink(".", place.at("here")).expect("linked");
    assert_eq!(says(&["demo", "--outputfile", &place.named("here/report")]).code, 0);
    assert_ne!(place.text("report"), OLD);
}

#[test]
fn only_files_and_pipes_are_written_to() {
    let place = Place::new();
    let _socket = UnixListener::bind(place.at("socket")).expect("bound");
    let said = says(&["demo", "--outputfile", "/dev/null"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    for (file, part) in [
        (place.named("socket"), "is a socket, not a file"),
        (place.named(""), "is a directory"),
        (place.named("."), "is a directory"),
        ("/dev/full".to_owned(), "is a device, not a file"),
        ("/dev/zero".to_owned(), "is a device, not a file"),
    ] {
        for words in [vec!["demo", "--outputfile", &file], vec!["record", "-o", &file]] {
            refused(&says(&words), &[&file, part]);
        }
    }
}

#[test]
fn one_file_holds_one_report() {
    let place = Place::new();
    fs::hard_link(place.at("report"), place.at("twin")).expect("linked");
    symlink(".", place.at("here")).expect("linked");
    for (one, other) in [("report", "twin"), ("report", "here/report"), ("new", "here/new"), ("twin", "./report")] {
        let other = format!("json={}", place.named(other));
        let said = says(&["demo", "--outputfile", &place.named(one), "--output", &other]);
        refused(&said, &["two reports are written to this file"]);
    }
    // A file that standard output is redirected to.
    let mut command = Command::cargo_bin("kube-assay").expect("the program is built");
    let out = File::options().append(true).open(place.at("report")).expect("opened");
    command.args(["demo", "--output", &format!("json={}", place.named("twin"))]).stdout(out);
    let done = command.output().expect("it runs");
    assert_eq!(done.status.code(), Some(2));
    assert_eq!(place.text("report"), OLD);
}

#[test]
fn standard_output_is_not_opened_anew() {
    let place = Place::new();
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let said = says(&["demo", "--outputfile", name]);
        assert!(said.out.starts_with("kube-assay "), "{name}: {}", said.err);
        refused(
            &says(&["demo", "--json", "--output", &format!("text={name}")]),
            &["is already written to standard output"],
        );
        // When appending, existing content stays.
        let out = File::options().append(true).open(place.at("report")).expect("opened");
        let mut command = Command::cargo_bin("kube-assay").expect("the program is built");
        assert!(command.args(["demo", "--outputfile", name]).stdout(out).status().expect("it runs").success());
        assert!(place.text("report").starts_with(OLD) && place.text("report").len() > OLD.len());
    }
}

#[test]
fn what_a_run_read_is_not_written_over() {
    let node = Node::control_plane();
    let manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
    let other_name = node.outside().join("manifest");
    fs::hard_link(node.at(manifest), &other_name).expect("linked");
    // Files that are read, files of which only metadata is read, and files read for user names.
    for file in [node.at(manifest), other_name, node.at("/etc/kubernetes/pki/apiserver.key"), node.at("/etc/passwd")] {
        let before = fs::read(&file).expect("read");
        let named = file.display().to_string();
        for words in [&["--outputfile", &named][..], &["record", "-o", &named]] {
            let said = node.says(words);
            assert_eq!(said.code, 1, "{named}: {}", said.err);
            assert!(
                said.err.contains(&format!("{named}: was read in this run, and is not overwritten")),
                "{}",
                said.err
            );
        }
        assert_eq!(fs::read(&file).expect("read"), before, "{named}");
    }
    // The user's own definitions.
    let directory = TempDir::new().expect("a temporary directory");
    let profile = directory.path().join("mine.yaml");
    fs::copy("profiles/eks-anywhere.yaml", &profile).expect("copied");
    let (directory, named) = (directory.path().display().to_string(), profile.display().to_string());
    let said = says(&["demo", "--profiles-dir", &directory, "--outputfile", &named]);
    assert!(said.code == 1 && said.err.contains("was read in this run"), "{}: {}", said.code, said.err);
}

#[test]
fn a_pipe_is_written_where_something_reads_it() {
    let place = Place::new();
    mkfifo(&place.at("pipe"), Mode::S_IRUSR | Mode::S_IWUSR).expect("made");
    for late in [0, 1500] {
        let path = place.at("pipe");
        let reader = thread::spawn(move || {
            thread::sleep(Duration::from_millis(late));
            let mut text = String::new();
            File::open(path).expect("opened").read_to_string(&mut text).expect("read");
            text
        });
        // More than a pipe can buffer.
        let said = says(&["demo", "--json", "--outputfile", &place.named("pipe")]);
        assert_eq!(said.code, 0, "{}", said.err);
        let text = reader.join().expect("it ends");
        assert!(text.len() > 64 << 10 && serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}

#[test]
fn a_pipe_that_nothing_reads_is_not_waited_for_long() {
    let place = Place::new();
    mkfifo(&place.at("pipe"), Mode::S_IRUSR | Mode::S_IWUSR).expect("made");
    mkfifo(&place.at("opened"), Mode::S_IRUSR | Mode::S_IWUSR).expect("made");
    // A reader that opens the pipe but never reads.
    let _reader = File::options().read(true).write(true).open(place.at("opened")).expect("opened");
    let begun = Instant::now();
    let file = format!("junit={}", place.named("report"));
    let (unopened, unread) = thread::scope(|scope| {
        let unread = scope.spawn(|| says(&["demo", "--json", "--outputfile", &place.named("opened")]));
        let unopened = says(&["demo", "--json", "--outputfile", &place.named("pipe"), "--output", &file]);
        (unopened, unread.join().expect("no panic"))
    });
    for (said, why) in [
        (unopened, "cannot be written: nothing reads the pipe within 10 s"),
        (unread, "the reader of the pipe read nothing within 10 s"),
    ] {
        assert_eq!(said.code, 1);
        assert!(said.err.contains(why), "{}", said.err);
    }
    // The file output was not held up.
    assert!(place.text("report").starts_with("<?xml "));
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn pipes_of_the_process_have_names() {
    let script = "\"$1\" demo --json --output junit=/dev/fd/7 7>&1 >/dev/null | cat";
    let program = Command::cargo_bin("kube-assay").expect("the program is built");
    let mut shell = Command::new("sh");
    let done = shell.args(["-c", script, "sh"]).arg(program.get_program()).output().expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(out.starts_with("<?xml ") && out.trim_end().ends_with("</testsuites>"), "{err}");
    // An open file is not a pipe: writing from its start would overwrite what others have written.
    let place = Place::new();
    let script = "exec \"$1\" demo --outputfile /dev/fd/7 7>>\"$2\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(program.get_program()).arg(place.at("report")).stderr(Stdio::piped());
    let done = shell.output().expect("it runs");
    assert!(String::from_utf8_lossy(&done.stderr).contains("/dev/fd/7: is an open file, not a pipe"));
    assert_eq!(place.text("report"), OLD);
}

#[test]
fn an_old_report_survives_an_error_and_a_kill() {
    let node = Node::control_plane();
    // A limit of 1 KiB per file: refused as on a full disk, or killed while writing.
    for (signal, code) in [("trap '' XFSZ;", Some(1)), ("", None)] {
        let place = Place::new();
        set_mode(&place.at("report"), 0o640);
        for words in [vec!["demo", "--outputfile"], vec!["demo", "--json", "--outputfile"], vec!["record", "-o"]] {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("{signal} ulimit -f 2; exec \"$@\""), "sh"]);
            shell.arg(Command::cargo_bin("kube-assay").expect("the program is built").get_program());
            shell.args(&words).arg(place.at("report"));
            if words.contains(&"record") {
                shell.arg("--root").arg(node.root()).arg("--proc").arg(node.outside().join("proc"));
            }
            let done = shell.output().expect("it runs");
            assert_eq!(done.status.code(), code, "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
            assert_eq!((place.text("report").as_str(), mode(&place.at("report"))), (OLD, 0o640), "{words:?}");
        }
        // After a kill, what remains is not the report, and hardly any data.
        let left = place.names().iter().filter(|name| *name != "report").count();
        assert_eq!(left, if code.is_some() { 0 } else { 3 }, "{:?}", place.names());
    }
}
