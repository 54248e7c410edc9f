//! The table of open descriptors of a running process.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::synthetic::Node;

/// Returns the value of a line of `/proc/PID/status`; `None` once the process has ended.
fn status(process: u32, name: &str) -> Option<usize> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[test]
fn the_table_of_descriptors_is_large_before_the_run_needs_it() {
    let node = Node::control_plane();
    // Its output does not fit into the pipe, so it waits for this test to read it.
    let mut command = Command::new(env!("CARGO_BIN_EXE_kube-assay"));
    command.arg("--root").arg(node.root()).arg("--proc").arg(node.proc()).arg("--json");
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it runs");
    let begun = Instant::now();
    while status(child.id(), "Threads:").is_none_or(|threads| threads < 2) {
        assert!(begun.elapsed() < Duration::from_secs(10) && child.try_wait().expect("a child").is_none(), "no thread");
        sleep(Duration::from_millis(1));
    }
    let (soft, _) = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).expect("there is one");
    // Otherwise, the kernel would make its threads wait when it enlarges the table.
    assert!(
        status(child.id(), "FDSize:").is_some_and(|entries| entries >= usize::try_from(soft.min(1024)).expect("small"))
    );
    let done = child.wait_with_output().expect("it ends");
    assert!(done.stdout.len() > 1 << 16, "its output fits into the pipe");
}
