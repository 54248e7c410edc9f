//! The system calls that are allowed and refused.
//!
//! Inspection uses an allow-list of the calls observed in runs of the static binary with glibc and with musl, plus
//! those that they fall back to on other kernels. Every other call fails as on a kernel that lacks it, so that a
//! library that tries something newer falls back, and nothing is killed.
//!
//! Programs that `--allow-exec` allows need more calls than can be listed. For them, and for this program while it
//! starts them, the filter is a deny-list of calls that no audit needs.

use std::collections::BTreeMap;

use nix::libc::{self, c_int, c_long};

use super::program::{Pattern, Rule, Rules, Verdict};

const UNKNOWN: Verdict = Verdict::Refuse(errno(libc::ENOSYS));
const DENIED: Verdict = Verdict::Refuse(errno(libc::EPERM));

/// Calls for memory, threads, time, reading and writing files, and information about this process.
const LOOKING: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // Threads.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_get_robust_list,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_membarrier,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    // Time.
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    // Descriptors.
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_lseek,
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_preadv2,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    // Files and directories.
    libc::SYS_chdir,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fchdir,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_readlinkat,
    libc::SYS_statfs,
    libc::SYS_statx,
    // Writing: a new file next to the old one, and the directory of `convert`.
    libc::SYS_fallocate,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fdatasync,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_mkdirat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_umask,
    libc::SYS_unlinkat,
    // This process and this machine.
    libc::SYS_capget,
    libc::SYS_capset,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getgroups,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_getuid,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    // The rest of the sandbox.
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_restrict_self,
];

/// Older calls, which musl still uses on architectures that have them.
#[cfg(target_arch = "x86_64")]
const LOOKING_BEFORE: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_chmod,
    libc::SYS_dup2,
    libc::SYS_getrlimit,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_rmdir,
    libc::SYS_stat,
    libc::SYS_time,
    libc::SYS_unlink,
];
#[cfg(not(target_arch = "x86_64"))]
const LOOKING_BEFORE: &[c_long] = &[];

/// The namespace flags of `clone`.
const NEW_NAMESPACES: [c_int; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// The `fcntl` operations that affect no other process, unlike setting the owner or the signal of a descriptor.
const FCNTL: [c_int; 6] =
    [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC, libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_SETFL];

/// The `ioctl` requests for terminals and pipes, for example whether a descriptor is a terminal and how wide it is.
const IOCTL: [u32; 6] = [
    0x5401,      // TCGETS
    0x802c_542a, // TCGETS2
    0x5413,      // TIOCGWINSZ
    0x541b,      // FIONREAD
    0x5421,      // FIONBIO
    0x5451,      // FIOCLEX
];

/// The `prctl` operations that name threads and memory, and those for the rest of the sandbox.
const PRCTL: [c_int; 7] = [
    libc::PR_CAP_AMBIENT,
    libc::PR_SET_NAME,
    libc::PR_GET_NAME,
    libc::PR_SET_VMA,
    libc::PR_CAPBSET_READ,
    libc::PR_GET_NO_NEW_PRIVS,
    libc::PR_SET_NO_NEW_PRIVS,
];

/// The operation of `seccomp` that adds a filter.
const ADD_FILTER: u32 = 1;

/// Injects input into a terminal as if its user had typed it.
const TIOCSTI: u32 = 0x5412;
/// Does the same on a virtual console, by pasting its selection.
const TIOCLINUX: u32 = 0x541c;

/// Calls denied to programs even if the user allows them to run: access to other processes and their memory, file
/// systems, files by handle, the kernel and its clock, namespaces, users and keys, and calls with a history of kernel
/// exploits.
const NEVER: &[c_long] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_adjtimex,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_lookup_dcookie,
    libc::SYS_migrate_pages,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_move_pages,
    libc::SYS_name_to_handle_at,
    libc::SYS_nfsservctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setdomainname,
    libc::SYS_setfsgid,
    libc::SYS_setfsuid,
    libc::SYS_setgid,
    libc::SYS_setgroups,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_setregid,
    libc::SYS_setresgid,
    libc::SYS_setresuid,
    libc::SYS_setreuid,
    libc::SYS_settimeofday,
    libc::SYS_setuid,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
    OPEN_TREE_ATTR,
];

/// Not yet defined by `libc`; the number is the same on all architectures.
const OPEN_TREE_ATTR: c_long = 467;

#[cfg(target_arch = "x86_64")]
const NEVER_BEFORE: &[c_long] =
    &[libc::SYS_ioperm, libc::SYS_iopl, libc::SYS_modify_ldt, libc::SYS_uselib, libc::SYS_ustat];
#[cfg(not(target_arch = "x86_64"))]
const NEVER_BEFORE: &[c_long] = &[];

/// Calls that affect other processes of the same user, or escape the process group that is killed.
const OTHERS: &[c_long] = &[
    libc::SYS_ioprio_set,
    libc::SYS_kill,
    libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_setpgid,
    libc::SYS_setpriority,
    libc::SYS_setsid,
    libc::SYS_tgkill,
    libc::SYS_tkill,
];

/// Calls that affect the calling process if their first argument is 0, and otherwise the process with that PID.
const OWN: &[c_long] = &[
    libc::SYS_prlimit64,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
];

/// The `fcntl` operations that make a descriptor signal another process.
const OWNERS: [c_int; 3] = [libc::F_SETOWN, F_SETSIG, F_SETOWN_EX];
const F_SETSIG: c_int = 10;
const F_SETOWN_EX: c_int = 15;
const FIOSETOWN: u32 = 0x8901;
const SIOCSPGRP: u32 = 0x8902;

/// Returns the rules for inspecting a node, for this process, whose PID is `pid`.
pub(super) fn looking(pid: u32) -> Rules {
    let calls = [LOOKING, LOOKING_BEFORE].concat().into_iter();
    let mut by_number = BTreeMap::new();
    by_number.extend(calls.map(|call| (number(call), Rule::Always(Verdict::Allow))));
    let mut only = |call: c_long, argument: u8, patterns: Vec<Pattern>| {
        let rule = Rule::By { argument, patterns, matched: Verdict::Allow, otherwise: UNKNOWN };
        by_number.insert(number(call), rule);
    };
    // Only threads of this process, in its current namespaces.
    let is_thread = bits(libc::CLONE_THREAD | libc::CLONE_VM);
    let mask = NEW_NAMESPACES.iter().fold(is_thread, |mask, flag| mask | bits(*flag));
    only(libc::SYS_clone, 0, vec![Pattern { mask, value: is_thread }]);
    // Data that was read must never become code.
    let no_code = Pattern { mask: bits(libc::PROT_EXEC), value: 0 };
    only(libc::SYS_mmap, 2, vec![no_code]);
    only(libc::SYS_mprotect, 2, vec![no_code]);
    only(libc::SYS_fcntl, 1, FCNTL.map(one).to_vec());
    only(libc::SYS_ioctl, 1, IOCTL.map(Pattern::is).to_vec());
    only(libc::SYS_prctl, 0, PRCTL.map(one).to_vec());
    only(libc::SYS_prlimit64, 0, vec![Pattern::is(0)]);
    only(libc::SYS_seccomp, 0, vec![Pattern::is(ADD_FILTER)]);
    // `abort` signals its own process.
    only(libc::SYS_tgkill, 0, vec![Pattern::is(pid)]);
    Rules { by_number, others: UNKNOWN, foreign: UNKNOWN }
}

/// Additional calls for querying an API server: internet connections, and waiting for them.
#[cfg(feature = "cluster")]
const ASKING: &[c_long] = &[
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_recvfrom,
    libc::SYS_recvmmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_wait,
];

/// Returns the rules for inspecting a node and querying an API server.
#[cfg(feature = "cluster")]
pub(super) fn asking(pid: u32) -> Rules {
    let mut rules = looking(pid);
    rules.by_number.extend(ASKING.iter().map(|call| (number(*call), Rule::Always(Verdict::Allow))));
    // Neither Unix sockets, which lead to services on this machine, nor netlink, which leads to the kernel.
    let patterns = vec![one(libc::AF_INET), one(libc::AF_INET6)];
    // tokio delivers signals through a socket pair within this process.
    let within =
        Rule::By { argument: 0, patterns: vec![one(libc::AF_UNIX)], matched: Verdict::Allow, otherwise: UNKNOWN };
    rules.by_number.insert(number(libc::SYS_socketpair), within);
    let of_internet = Rule::By { argument: 0, patterns, matched: Verdict::Allow, otherwise: UNKNOWN };
    rules.by_number.insert(number(libc::SYS_socket), of_internet);
    rules
}

/// Returns the rules for starting programs: those for the programs themselves, plus new PID namespaces.
pub(super) fn starting() -> Rules {
    let mut rules = programs();
    // The launcher creates a PID namespace for programs before it starts them.
    let only_processes =
        Rule::By { argument: 0, patterns: vec![one(libc::CLONE_NEWPID)], matched: Verdict::Allow, otherwise: DENIED };
    rules.by_number.insert(number(libc::SYS_unshare), only_processes);
    rules
}

/// Returns the rules for programs.
pub(super) fn programs() -> Rules {
    let never = [NEVER, NEVER_BEFORE].concat();
    let never = never.into_iter().chain([libc::SYS_unshare]);
    let mut by_number = BTreeMap::new();
    by_number.extend(never.map(|call| (number(call), Rule::Always(DENIED))));
    // The flags of `clone3` are in memory, which a filter cannot read. Libraries fall back to `clone` if it is missing.
    by_number.insert(number(libc::SYS_clone3), Rule::Always(UNKNOWN));
    let mut never = |call: c_long, argument: u8, patterns: Vec<Pattern>| {
        by_number.insert(number(call), Rule::By { argument, patterns, matched: DENIED, otherwise: Verdict::Allow });
    };
    never(libc::SYS_clone, 0, NEW_NAMESPACES.map(any_of).to_vec());
    never(libc::SYS_ioctl, 1, vec![Pattern::is(TIOCSTI), Pattern::is(TIOCLINUX)]);
    Rules { by_number, others: Verdict::Allow, foreign: UNKNOWN }
}

/// Returns the rules for programs without a PID namespace of their own: they cannot affect any other process, and
/// cannot leave the process group that is killed.
pub(super) fn programs_of_one_group() -> Rules {
    let mut rules = programs();
    for call in OTHERS {
        rules.by_number.insert(number(*call), Rule::Always(DENIED));
    }
    for call in OWN {
        let patterns = vec![Pattern::is(0)];
        let rule = Rule::By { argument: 0, patterns, matched: Verdict::Allow, otherwise: DENIED };
        rules.by_number.insert(number(*call), rule);
    }
    let mut never = |call: c_long, patterns: Vec<Pattern>| {
        let rule = Rule::By { argument: 1, patterns, matched: DENIED, otherwise: Verdict::Allow };
        rules.by_number.insert(number(call), rule);
    };
    never(libc::SYS_fcntl, OWNERS.map(one).to_vec());
    never(libc::SYS_ioctl, [TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP].map(Pattern::is).to_vec());
    rules
}

fn one(value: c_int) -> Pattern {
    Pattern::is(bits(value))
}

/// Matches values with this flag.
fn any_of(flag: c_int) -> Pattern {
    Pattern { mask: bits(flag), value: bits(flag) }
}

/// Returns a flag or an operation as the filter reads it.
fn bits(value: c_int) -> u32 {
    value.cast_unsigned()
}

fn number(call: c_long) -> u32 {
    // System call numbers are small and non-negative on all architectures.
    u32::try_from(call).unwrap_or(u32::MAX)
}

const fn errno(error: c_int) -> u16 {
    // Error numbers fit both types.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "errors are small positive numbers")]
    {
        error as u16
    }
}
