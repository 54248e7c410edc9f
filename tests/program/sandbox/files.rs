//! The files that remain accessible.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command};
use std::thread;

use kube_assay::sandbox::{Calls, Need, keep_capabilities, refuse_calls, seal};
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, unlinkat};
use tempfile::TempDir;

/// A node, an output directory, and files outside both.
struct World {
    directory: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { directory: TempDir::new().expect("a temporary directory") };
        for name in ["root/etc", "out", "outside"] {
            fs::create_dir_all(world.at(name)).expect("made");
        }
        for name in ["root/etc/file", "out/old", "outside/secret"] {
            fs::write(world.at(name), "text").expect("written");
        }
        std::os::unix::fs::symlink("../../outside/secret", world.at("root/etc/link")).expect("linked");
        world
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }
}

fn directory(path: &Path) -> OwnedFd {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path).expect("it is there").into()
}

/// Whether the kernel supports Landlock.
fn has_landlock() -> bool {
    thread::spawn(|| seal(&[], &[]).is_ok()).join().expect("it ends")
}

/// Runs a function in a separate, sealed thread.
fn sealed<T: Send>(read: &[&Path], write: &[&Path], look: impl FnOnce() -> T + Send) -> T {
    let open = |places: &[&Path]| -> Vec<OwnedFd> { places.iter().map(|place| directory(place)).collect() };
    let (read, write) = (open(read), open(write));
    thread::scope(|scope| {
        let run = scope.spawn(move || {
            let read: Vec<_> = read.iter().map(AsFd::as_fd).collect();
            let write: Vec<_> = write.iter().map(AsFd::as_fd).collect();
            seal(&read, &write).expect("sealed");
            look()
        });
        run.join().expect("it ends")
    })
}

fn denied<T>(done: io::Result<T>) -> bool {
    done.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// A sleeping process that is killed when dropped.
struct Sleeper(Child);

impl Sleeper {
    fn start() -> Self {
        let sleeper = Self(Command::new("sleep").arg("600").spawn().expect("there is a sleep"));
        // The process exists before its command line is set.
        while fs::read(format!("/proc/{}/cmdline", sleeper.0.id())).expect("it is there").is_empty() {
            thread::yield_now();
        }
        sleeper
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn only_the_node_is_read_and_only_outputs_are_written() {
    if !has_landlock() {
        return;
    }
    let world = World::new();
    let open_before = File::open(world.at("outside/secret")).expect("it is there");
    sealed(&[&world.at("root")], &[&world.at("out")], || {
        assert_eq!(fs::read_to_string(world.at("root/etc/file")).expect("read"), "text");
        assert!(fs::read_dir(world.at("root/etc")).is_ok());
        // Nothing else can be read: by name, by a link below the root, through a descriptor.
        assert!(denied(fs::read(world.at("outside/secret"))));
        assert!(denied(fs::read(world.at("root/etc/link"))));
        assert!(denied(fs::read_dir(world.at("outside"))));
        assert!(denied(fs::read("/etc/passwd")));
        assert!(denied(fs::read_dir("/proc")));
        // Open files stay open.
        assert!(io::read_to_string(&open_before).is_ok());
        // The node cannot be written to.
        assert!(denied(fs::write(world.at("root/etc/file"), "new")));
        assert!(denied(fs::write(world.at("root/etc/new"), "new")));
        assert!(denied(fs::remove_file(world.at("root/etc/file"))));
        assert!(denied(fs::create_dir(world.at("root/etc/new"))));
        assert!(denied(fs::rename(world.at("root/etc/file"), world.at("root/etc/other"))));
        assert!(denied(fs::rename(world.at("root/etc/file"), world.at("out/file"))));
        assert!(denied(OpenOptions::new().write(true).truncate(true).open(world.at("root/etc/file"))));
        assert!(denied(fs::write(world.at("outside/new"), "new")));
        // Outputs can: a new file that replaces the old one, and the old one in place.
        let out = directory(&world.at("out"));
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW;
        let new = openat(&out, ".new", flags, Mode::from_bits_truncate(0o600)).expect("made");
        File::from(new).write_all(b"new").expect("written");
        renameat(&out, ".new", &out, "old").expect("renamed");
        File::open(world.at("out")).and_then(|directory| directory.sync_all()).expect("on the disk");
        fs::write(world.at("out/old"), "newer").expect("written");
        unlinkat(&out, "old", UnlinkatFlags::NoRemoveDir).expect("removed");
        assert!(denied(fs::create_dir(world.at("out/directory"))));
        assert!(denied(std::os::unix::fs::symlink("x", world.at("out/link"))));
        assert!(denied(nix::unistd::mkfifo(&world.at("out/pipe"), Mode::S_IRWXU).map_err(io::Error::from)));
    });
    // Other threads are not affected.
    assert!(fs::read(world.at("outside/secret")).is_ok());
}

#[test]
fn other_processes_are_out_of_reach() {
    if !has_landlock() {
        return;
    }
    let sleeper = Sleeper::start();
    let proc = Path::new("/proc").join(sleeper.0.id().to_string());
    assert!(fs::read(proc.join("root/etc/hostname")).is_ok() || fs::read_dir(proc.join("root")).is_ok());
    sealed(&[Path::new("/")], &[], || {
        assert!(fs::read(proc.join("cmdline")).is_ok_and(|command| command.starts_with(b"sleep\0")));
        assert!(fs::read(proc.join("status")).is_ok());
        assert!(fs::read(proc.join("cgroup")).is_ok());
        for link in ["root", "cwd", "exe", "ns/mnt"] {
            assert!(denied(fs::metadata(proc.join(link))), "{link}");
        }
        assert!(denied(fs::read_dir(proc.join("root"))));
        assert!(denied(fs::read(proc.join("fd/0"))));
        assert!(denied(fs::read(proc.join("mem"))));
        // Nor can another process be changed through proc.
        assert!(denied(OpenOptions::new().write(true).open(proc.join("oom_score_adj"))));
    });
}

#[test]
fn no_network_and_no_signal_is_left() {
    let abi = thread::spawn(|| seal(&[], &[])).join().expect("it ends").unwrap_or_default();
    if abi < 6 {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a loopback device");
    let address = listener.local_addr().expect("it has one");
    let sleeper = Sleeper::start();
    let pid = nix::unistd::Pid::from_raw(sleeper.0.id().cast_signed());
    sealed(&[Path::new("/")], &[], || {
        assert!(denied(TcpStream::connect(address)));
        assert!(denied(TcpListener::bind("127.0.0.1:0")));
        assert_eq!(nix::sys::signal::kill(pid, None), Err(nix::errno::Errno::EPERM));
    });
    assert!(TcpStream::connect(address).is_ok());
}

#[test]
fn sockets_below_the_root_are_out_of_reach() {
    let world = World::new();
    let path = world.at("root/run.sock");
    let _listener = UnixListener::bind(&path).expect("bound");
    assert!(UnixStream::connect(&path).is_ok());
    let refused = thread::spawn({
        let path = path.clone();
        move || {
            refuse_calls(Calls::Looking).expect("in force");
            UnixStream::connect(&path)
        }
    });
    let refused = refused.join().expect("it ends").expect_err("refused");
    assert_eq!(refused.raw_os_error(), Some(nix::libc::ENOSYS), "{refused}");
    assert!(UnixStream::connect(&path).is_ok(), "other threads are not bound");
}

#[test]
fn threads_that_are_started_later_are_bound_too() {
    let world = World::new();
    let has_landlock = has_landlock();
    let bound = thread::spawn(move || {
        refuse_calls(Calls::Looking).expect("in force");
        if has_landlock {
            seal(&[directory(&world.at("root")).as_fd()], &[]).expect("sealed");
        }
        let second = thread::spawn(move || {
            assert!(UnixStream::pair().is_err_and(|error| error.raw_os_error() == Some(nix::libc::ENOSYS)));
            assert!(Command::new("true").status().is_err());
            assert!(!has_landlock || denied(fs::read(world.at("outside/secret"))));
            assert_eq!(fs::read_to_string(world.at("root/etc/file")).expect("read"), "text");
        });
        second.join()
    });
    bound.join().expect("it ends").expect("the second is bound");
}

#[test]
fn capabilities_are_given_up_for_good() {
    let kept = |need| {
        let kept = thread::spawn(move || {
            let kept = keep_capabilities(need).expect("given up");
            let status = fs::read_to_string("/proc/thread-self/status").expect("it is there");
            let of =
                |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).expect("a line").trim().to_owned();
            assert_eq!((of("CapInh:"), of("CapPrm:")), ("0".repeat(16), of("CapEff:")));
            let count = u64::from_str_radix(&of("CapEff:"), 16).expect("a number").count_ones();
            assert_eq!(count as usize, kept.len(), "{kept:?}");
            // Capabilities that were dropped cannot be regained.
            assert!(keep_capabilities(Need::Writing).expect("given up").len() <= kept.len());
            kept
        });
        kept.join().expect("it ends")
    };
    assert_eq!(kept(Need::Nothing), Vec::<String>::new());
    if nix::unistd::geteuid().is_root() {
        assert_eq!(kept(Need::Reading), ["DAC_READ_SEARCH"]);
        assert_eq!(kept(Need::Writing), ["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER"]);
    }
}
