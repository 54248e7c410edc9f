//! The one program that may be run, where the user allows it: `kubelet --version`.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::probe::{Cause, Why};

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
        .map_err(|error| failed(Cause::System, format!("cannot be run: {error}")))?;
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
            Err(error) => return Err(failed(Cause::System, format!("cannot be waited for: {error}"))),
        }
    }
    let text = reader
        .join()
        .map_err(|_| failed(Cause::System, "cannot be read".to_owned()))?
        .map_err(|error| failed(Cause::System, format!("cannot be read: {error}")))?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().next().unwrap_or_default().trim();
    if line.starts_with("Kubernetes v") {
        Ok(line.to_owned())
    } else {
        Err(failed(Cause::Malformed, "--version does not print a Kubernetes version".to_owned()))
    }
}
