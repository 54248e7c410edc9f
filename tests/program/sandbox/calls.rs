//! The system call filters.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use kube_assay::sandbox::{Calls, filter};
use nix::libc::{self, c_long};
use seccompiler::{BpfProgram, sock_filter};
use tempfile::TempDir;

const SOURCE: &str = include_str!("calls.c");

/// Compiles, once, the program that makes calls, and returns its path.
fn caller() -> PathBuf {
    static PLACE: OnceLock<TempDir> = OnceLock::new();
    let place = PLACE.get_or_init(|| {
        let place = TempDir::new().expect("a temporary directory");
        let (source, program) = (place.path().join("calls.c"), place.path().join("calls"));
        fs::write(&source, SOURCE).expect("written");
        let compiled = Command::new("cc").arg("-O1").arg("-o").arg(program).arg(source).status();
        assert!(compiled.expect("the linker that Rust uses too").success());
        place
    });
    place.path().join("calls")
}

/// A call: its name, number and arguments.
type Call = (&'static str, c_long, &'static str);

/// Makes these calls under a filter, and returns each name with `ok` or the error.
fn tried(allowed: Calls, calls: &[Call]) -> Vec<(String, String)> {
    run(calls, |pid| filter(allowed, pid).expect("there is one for this architecture"))
}

fn run(calls: &[Call], filter: impl Fn(u32) -> BpfProgram) -> Vec<(String, String)> {
    let words = calls.iter().map(|(name, number, arguments)| format!("{name},{number},{arguments}"));
    let mut program = Command::new(caller())
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let mut bytes = Vec::new();
    for instruction in filter(program.id()) {
        bytes.extend(instruction.code.to_ne_bytes());
        bytes.extend([instruction.jt, instruction.jf]);
        bytes.extend(instruction.k.to_ne_bytes());
    }
    program.stdin.take().expect("a pipe").write_all(&bytes).expect("it reads");
    let done = program.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{:?}", done.status);
    let lines: Vec<(String, String)> = String::from_utf8(done.stdout)
        .expect("text")
        .lines()
        .map(|line| line.rsplit_once(' ').map(|(name, said)| (name.to_owned(), said.to_owned())).expect("two words"))
        .collect();
    assert_eq!(lines.len(), calls.len(), "{lines:?}");
    lines
}

/// Calls that neither runs nor audits may make. Where possible, their arguments would not lead to the same error
/// without a filter.
const FORBIDDEN: &[Call] = &[
    ("ptrace", libc::SYS_ptrace, "2,P,0,0"),
    ("process_vm_readv", libc::SYS_process_vm_readv, "P,0,0,0,0,0"),
    ("process_vm_writev", libc::SYS_process_vm_writev, "P,0,0,0,0,0"),
    ("pidfd_getfd", libc::SYS_pidfd_getfd, "-1,0,0"),
    ("kcmp", libc::SYS_kcmp, "P,P,0,0,0"),
    ("mount", libc::SYS_mount, "0,0,0,0,0"),
    ("umount2", libc::SYS_umount2, "0,0"),
    ("fsopen", libc::SYS_fsopen, "0,0"),
    ("fsconfig", libc::SYS_fsconfig, "-1,0,0,0,0"),
    ("fsmount", libc::SYS_fsmount, "-1,0,0"),
    ("fspick", libc::SYS_fspick, "-1,0,0"),
    ("move_mount", libc::SYS_move_mount, "-1,0,-1,0,0"),
    ("open_tree", libc::SYS_open_tree, "-1,0,0"),
    ("open_tree_attr", 467, "-1,0,0,0,0"),
    ("mount_setattr", libc::SYS_mount_setattr, "-1,0,0,0,0"),
    ("pivot_root", libc::SYS_pivot_root, "0,0"),
    ("chroot", libc::SYS_chroot, "0"),
    ("open_by_handle_at", libc::SYS_open_by_handle_at, "-1,0,0"),
    ("name_to_handle_at", libc::SYS_name_to_handle_at, "-1,0,0,0,0"),
    ("bpf", libc::SYS_bpf, "-1,0,0"),
    ("keyctl", libc::SYS_keyctl, "0,-3,0"),
    ("add_key", libc::SYS_add_key, "0,0,0,0,0"),
    ("request_key", libc::SYS_request_key, "0,0,0,0"),
    ("perf_event_open", libc::SYS_perf_event_open, "0,0,-1,-1,0"),
    ("unshare a mount namespace", libc::SYS_unshare, "0x20000"),
    ("unshare a user namespace", libc::SYS_unshare, "0x10000000"),
    ("unshare processes and more", libc::SYS_unshare, "0x20020000"),
    ("setns", libc::SYS_setns, "-1,0"),
    ("kexec_load", libc::SYS_kexec_load, "0,99,0,0"),
    ("kexec_file_load", libc::SYS_kexec_file_load, "-1,-1,0,0,0"),
    ("init_module", libc::SYS_init_module, "0,0,0"),
    ("finit_module", libc::SYS_finit_module, "-1,0,0"),
    ("delete_module", libc::SYS_delete_module, "0,0"),
    ("io_uring_setup", libc::SYS_io_uring_setup, "0,0"),
    ("io_uring_enter", libc::SYS_io_uring_enter, "-1,0,0,0,0,0"),
    ("io_uring_register", libc::SYS_io_uring_register, "-1,0,0,0"),
    ("userfaultfd", libc::SYS_userfaultfd, "-1"),
    ("fanotify_init", libc::SYS_fanotify_init, "-1,0"),
    ("setuid", libc::SYS_setuid, "0"),
    ("setgid", libc::SYS_setgid, "0"),
    ("setreuid", libc::SYS_setreuid, "-1,-1"),
    ("setregid", libc::SYS_setregid, "-1,-1"),
    ("setresuid", libc::SYS_setresuid, "-1,-1,-1"),
    ("setresgid", libc::SYS_setresgid, "-1,-1,-1"),
    ("setfsuid", libc::SYS_setfsuid, "-1"),
    ("setfsgid", libc::SYS_setfsgid, "-1"),
    ("setgroups", libc::SYS_setgroups, "-1,0"),
    ("reboot", libc::SYS_reboot, "0,0,0,0"),
    ("swapon", libc::SYS_swapon, "0,0"),
    ("swapoff", libc::SYS_swapoff, "0"),
    ("sethostname", libc::SYS_sethostname, "0,-1"),
    ("setdomainname", libc::SYS_setdomainname, "0,-1"),
    ("settimeofday", libc::SYS_settimeofday, "0,0"),
    ("clock_settime", libc::SYS_clock_settime, "-1,0"),
    ("adjtimex", libc::SYS_adjtimex, "0"),
    ("syslog", libc::SYS_syslog, "10,0,0"),
    ("acct", libc::SYS_acct, "1"),
    ("quotactl", libc::SYS_quotactl, "-1,0,0,0"),
    ("vhangup", libc::SYS_vhangup, ""),
    ("personality", libc::SYS_personality, "-1"),
    ("clone3", libc::SYS_clone3, "0,0"),
    ("clone with a user namespace", libc::SYS_clone, "0x10000011,0,0,0,0"),
    ("clone with a mount namespace", libc::SYS_clone, "0x00020011,0,0,0,0"),
    ("clone with a namespace of processes", libc::SYS_clone, "0x20000011,0,0,0,0"),
    ("ioctl TIOCSTI", libc::SYS_ioctl, "0,0x5412,M"),
    ("ioctl TIOCSTI with a high half", libc::SYS_ioctl, "0,0x100005412,M"),
    ("ioctl TIOCLINUX", libc::SYS_ioctl, "0,0x541c,M"),
];

/// Additional calls forbidden while only inspecting.
const NOT_LOOKING: &[Call] = &[
    ("socket of the internet", libc::SYS_socket, "2,1,0"),
    ("socket of this machine", libc::SYS_socket, "1,1,0"),
    ("socket of netlink", libc::SYS_socket, "16,3,0"),
    ("socketpair", libc::SYS_socketpair, "1,1,0,M"),
    ("connect", libc::SYS_connect, "0,M,2"),
    ("bind", libc::SYS_bind, "0,M,2"),
    ("listen", libc::SYS_listen, "0,1"),
    ("accept4", libc::SYS_accept4, "0,0,0,0"),
    ("sendto", libc::SYS_sendto, "0,M,1,0,0,0"),
    ("sendmsg", libc::SYS_sendmsg, "0,M,0"),
    ("sendmmsg", libc::SYS_sendmmsg, "0,M,1,0"),
    ("recvfrom", libc::SYS_recvfrom, "0,M,1,0,0,0"),
    ("recvmsg", libc::SYS_recvmsg, "0,M,0"),
    ("execve", libc::SYS_execve, "M,0,0"),
    ("execveat", libc::SYS_execveat, "-1,M,0,0,0"),
    ("clone of a process", libc::SYS_clone, "0x11,0,0,0,0"),
    ("clone of a process that shares memory", libc::SYS_clone, "0x4111,0,0,0,0"),
    ("unshare processes", libc::SYS_unshare, "0x20000000"),
    ("kill of itself", libc::SYS_kill, "P,0"),
    ("kill of the first process", libc::SYS_kill, "1,0"),
    ("kill of all", libc::SYS_kill, "-1,0"),
    ("tkill", libc::SYS_tkill, "1,0"),
    ("tgkill of the first process", libc::SYS_tgkill, "1,1,0"),
    ("rt_sigqueueinfo", libc::SYS_rt_sigqueueinfo, "1,0,M"),
    ("rt_tgsigqueueinfo", libc::SYS_rt_tgsigqueueinfo, "1,1,0,M"),
    ("pidfd_open", libc::SYS_pidfd_open, "1,0"),
    ("pidfd_send_signal", libc::SYS_pidfd_send_signal, "-1,0,0,0"),
    ("prlimit64 of the first process", libc::SYS_prlimit64, "1,7,0,M"),
    ("fcntl F_SETOWN", libc::SYS_fcntl, "0,8,1"),
    ("fcntl F_SETSIG", libc::SYS_fcntl, "0,10,9"),
    ("prctl PR_SET_DUMPABLE", libc::SYS_prctl, "4,1,0,0,0"),
    ("prctl PR_SET_PTRACER", libc::SYS_prctl, "0x59616d61,-1,0,0,0"),
    ("prctl PR_SET_MM", libc::SYS_prctl, "35,0,0,0,0"),
    ("mmap of code", libc::SYS_mmap, "0,4096,5,0x22,-1,0"),
    ("mprotect to code", libc::SYS_mprotect, "M,0,4"),
    ("memfd_create", libc::SYS_memfd_create, "M,0"),
    ("linkat", libc::SYS_linkat, "-1,M,-1,M,0"),
    ("symlinkat", libc::SYS_symlinkat, "M,-1,M"),
    ("mknodat", libc::SYS_mknodat, "-1,M,0,0"),
    ("fchownat", libc::SYS_fchownat, "-1,M,0,0,0"),
    ("setxattr", libc::SYS_setxattr, "M,M,M,0,0"),
    ("utimensat", libc::SYS_utimensat, "-1,M,0,0"),
    ("setsid", libc::SYS_setsid, ""),
    ("setpgid", libc::SYS_setpgid, "0,0"),
    ("setpriority", libc::SYS_setpriority, "0,0,0"),
    ("sched_setaffinity", libc::SYS_sched_setaffinity, "0,8,M"),
    ("shmget", libc::SYS_shmget, "0,0,0"),
    ("msgget", libc::SYS_msgget, "0,0"),
    ("mq_open", libc::SYS_mq_open, "M,0,0,0"),
    ("seccomp of another operation", libc::SYS_seccomp, "0,0,0"),
    ("a call of the future", 600, ""),
];

/// Calls forbidden to programs that share the PID namespace with others.
const NOT_ONE_GROUP: &[Call] = &[
    ("kill of itself", libc::SYS_kill, "P,0"),
    ("kill of the first process", libc::SYS_kill, "1,0"),
    ("kill of all", libc::SYS_kill, "-1,0"),
    ("kill of the group", libc::SYS_kill, "0,0"),
    ("tkill", libc::SYS_tkill, "1,0"),
    ("tgkill", libc::SYS_tgkill, "1,1,0"),
    ("rt_sigqueueinfo", libc::SYS_rt_sigqueueinfo, "1,0,M"),
    ("rt_tgsigqueueinfo", libc::SYS_rt_tgsigqueueinfo, "1,1,0,M"),
    ("pidfd_send_signal", libc::SYS_pidfd_send_signal, "-1,0,0,0"),
    ("setsid", libc::SYS_setsid, ""),
    ("setpgid", libc::SYS_setpgid, "0,0"),
    ("prlimit64 of the first process", libc::SYS_prlimit64, "1,7,0,M"),
    ("sched_setaffinity of the first process", libc::SYS_sched_setaffinity, "1,8,M"),
    ("setpriority", libc::SYS_setpriority, "0,1,0"),
    ("fcntl F_SETOWN", libc::SYS_fcntl, "0,8,1"),
    ("fcntl F_SETSIG", libc::SYS_fcntl, "0,10,9"),
    ("fcntl F_SETOWN_EX", libc::SYS_fcntl, "0,15,M"),
    ("ioctl FIOSETOWN", libc::SYS_ioctl, "0,0x8901,M"),
    ("ioctl SIOCSPGRP", libc::SYS_ioctl, "0,0x8902,M"),
];

/// Calls that every filter allows.
const ALLOWED: &[Call] = &[
    ("getpid", libc::SYS_getpid, ""),
    ("openat", libc::SYS_openat, "-100,M,0x200000"),
    ("tgkill of itself", libc::SYS_tgkill, "P,P,0"),
    ("fcntl F_GETFD", libc::SYS_fcntl, "1,1,0"),
    ("mmap", libc::SYS_mmap, "0,4096,3,0x22,-1,0"),
    ("madvise", libc::SYS_madvise, "0,0,0"),
    ("prctl PR_SET_NO_NEW_PRIVS", libc::SYS_prctl, "38,1,0,0,0"),
    ("prctl PR_CAP_AMBIENT", libc::SYS_prctl, "47,4,0,0,0"),
    ("prlimit64", libc::SYS_prlimit64, "0,7,0,M"),
    ("sched_yield", libc::SYS_sched_yield, ""),
    ("getrandom", libc::SYS_getrandom, "M,8,0"),
];

/// Asserts that a filter refuses these calls with EPERM or ENOSYS.
fn refuses(allowed: Calls, calls: &[Call]) {
    for (name, said) in tried(allowed, calls) {
        assert!(said == "EPERM" || said == "ENOSYS", "{allowed:?}: {name}: {said}");
    }
}

fn allows(allowed: Calls, calls: &[Call]) {
    for (name, said) in tried(allowed, calls) {
        assert!(said != "EPERM" && said != "ENOSYS", "{allowed:?}: {name}: {said}");
    }
}

#[test]
fn what_no_run_needs_is_refused() {
    for allowed in [Calls::Looking, Calls::Starting, Calls::Programs, Calls::OneGroup] {
        refuses(allowed, FORBIDDEN);
    }
}

#[test]
fn it_is_the_filter_that_refuses() {
    let status = fs::read_to_string("/proc/self/status").expect("it is there");
    if !status.lines().any(|line| line == "Seccomp:\t0") || !nix::unistd::geteuid().is_root() {
        // The kernel itself, or a filter around this program, refuses too many calls.
        return;
    }
    let allow_all = |_| vec![sock_filter { code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000 }];
    let mut all = [FORBIDDEN, NOT_LOOKING, NOT_ONE_GROUP].concat();
    // If it succeeded, it would need a stack of its own.
    all.retain(|(name, ..)| !name.contains("shares memory"));
    let refused: Vec<_> =
        run(&all, allow_all).into_iter().filter(|(_, said)| said == "EPERM" || said == "ENOSYS").collect();
    assert!(refused.len() * 4 < all.len(), "{} of {} without a filter: {refused:?}", refused.len(), all.len());
}

#[test]
fn looking_reaches_nobody_and_starts_nothing() {
    refuses(Calls::Looking, NOT_LOOKING);
}

#[test]
fn programs_of_one_group_stay_in_it_and_reach_nobody() {
    refuses(Calls::OneGroup, NOT_ONE_GROUP);
}

#[test]
fn what_is_needed_is_allowed() {
    for allowed in [Calls::Looking, Calls::Starting, Calls::Programs] {
        allows(allowed, ALLOWED);
    }
    let own: Vec<Call> = ALLOWED.iter().filter(|(name, ..)| !name.starts_with("tgkill")).copied().collect();
    allows(Calls::OneGroup, &own);
    let programs: [Call; 5] = [
        ("socket", libc::SYS_socket, "1,1,0"),
        ("execve", libc::SYS_execve, "M,0,0"),
        ("fork", libc::SYS_clone, "0x11,0,0,0,0"),
        ("dup", libc::SYS_dup, "1"),
        ("setrlimit", libc::SYS_prlimit64, "0,7,M,0"),
    ];
    for allowed in [Calls::Starting, Calls::Programs, Calls::OneGroup] {
        allows(allowed, &programs);
    }
}

/// i386 and x32 number their system calls differently.
#[cfg(target_arch = "x86_64")]
#[test]
fn calls_of_other_architectures_are_refused() {
    let x32: [Call; 3] = [
        ("getpid", 0x4000_0000 + libc::SYS_getpid, ""),
        ("socket", 0x4000_0000 + libc::SYS_socket, "1,1,0"),
        ("ptrace", 0x4000_0000 + 521, "0,0,0,0"),
    ];
    for allowed in [Calls::Looking, Calls::Starting, Calls::Programs, Calls::OneGroup] {
        refuses(allowed, &x32);
    }
}
