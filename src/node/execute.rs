//! The one program that may be run, where the user allows it: `kubelet --version`.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::probe::{Cause, Why};

use super::errors::{cause_of, in_words};

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How much it may print.
const MOST_BYTES: u64 = 4096;

/// What the kubelet at `path` of the node says of its version: `Kubernetes v1.32.4`.
///
/// It is run without an environment and without input, and killed after five seconds.
///
/// # Errors
///
/// Unknown, with the reason, where it cannot be run, does not end, or prints something else.
pub fn kubelet_version(root: &Path, path: &str) -> Result<String, Why> {
    let program = root.join(path.trim_start_matches('/'));
    let failed = |cause: Cause, detail: String| Why::new(cause, program.display(), detail);
    let mut child = Command::new(&program)
        .arg("--version")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(cause_of(&error), format!("cannot be run: {}", in_words(&error))))?;
    let Some(stdout) = child.stdout.take() else {
        return Err(failed(Cause::System, "has no output".to_owned()));
    };
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        stdout.take(MOST_BYTES).read_to_end(&mut text).map(|_| text)
    });
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if started.elapsed() < LIMIT => thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                // It may have ended just now: then there is nothing to kill, and nothing to say of it.
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(Cause::System, "--version did not end within 5 seconds".to_owned()));
            }
            Err(error) => return Err(failed(Cause::System, format!("cannot be waited for: {}", in_words(&error)))),
        }
    }
    let text = reader
        .join()
        .map_err(|_| failed(Cause::System, "cannot be read".to_owned()))?
        .map_err(|error| failed(Cause::System, format!("cannot be read: {}", in_words(&error))))?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().next().unwrap_or_default().trim();
    if line.starts_with("Kubernetes v") {
        Ok(line.to_owned())
    } else {
        Err(failed(Cause::Malformed, "--version does not print a Kubernetes version".to_owned()))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test makes the programs that it runs")]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_cannot_be_run_is_said_in_words() {
        let root = tempfile::tempdir().expect("a directory");
        let program = |name: &str, text: &[u8], mode: u32| {
            let path = root.path().join(name);
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        };
        program("closed", b"#!/bin/sh\n", 0o600);
        program("garbage", b"\x7fELF and nothing more", 0o700);
        let said = |name: &str| {
            let why = kubelet_version(root.path(), name).expect_err("it is no kubelet");
            assert!(why.subject.ends_with(name.trim_start_matches('/')), "{why}");
            (why.cause, why.detail)
        };
        let cannot = |words: &str| format!("cannot be run: {words}");
        assert_eq!(said("/missing"), (Cause::System, cannot("no such file or directory")));
        assert_eq!(said("/closed"), (Cause::PermissionDenied, cannot("permission denied")));
        assert_eq!(said("/garbage"), (Cause::System, cannot("exec format error")));
    }
}
