//! Exec plugins (client.authentication.k8s.io), which provide credentials for managed clusters. Only the first line of
//! a plugin's errors is ever shown, none of its input or other output.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use kube_client::config::{Cluster, ExecAuthCluster, ExecConfig, ExecInteractiveMode};
use probe::{Cause, Reason};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use crate::text;
use crate::tls::{Identity, Pem};

/// The time limit for a plugin.
const LONGEST: Duration = Duration::from_mins(1);
/// The most output read, in bytes.
const MOST_OUTPUT: u64 = 1 << 20;
/// The supported versions of the protocol. v1alpha1 was removed in Kubernetes 1.24.
const VERSIONS: [&str; 2] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/// An exec plugin.
pub struct Plugin {
    command: String,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    version: String,
    info: String,
    hint: Option<String>,
}

/// The credentials returned by a plugin.
pub struct Made {
    /// A bearer token.
    pub token: Option<SecretString>,
    /// A certificate and its key.
    pub identity: Option<Identity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    kind: String,
    api_version: String,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

impl Plugin {
    /// Parses the kubeconfig entry, or returns what is wrong with it.
    pub fn new(exec: &ExecConfig, cluster: &Cluster) -> Result<Self, String> {
        let command = exec.command.clone().filter(|command| !command.is_empty()).ok_or("exec without command")?;
        let version = exec.api_version.clone().unwrap_or_default();
        if !VERSIONS.contains(&version.as_str()) {
            let known = VERSIONS.join(" or ");
            return Err(format!("exec has apiVersion `{}` (update it to {known})", text::name(&version)));
        }
        if exec.interactive_mode == Some(ExecInteractiveMode::Always) {
            let command = text::name(&command);
            return Err(format!("`{command}` needs a terminal (interactiveMode Always; use a token instead)"));
        }
        let mut spec = json!({ "interactive": false });
        if exec.provide_cluster_info {
            let given = ExecAuthCluster::try_from(cluster).ok().and_then(|given| serde_json::to_value(given).ok());
            spec["cluster"] = given.ok_or("its cluster's certificate-authority cannot be read")?;
        }
        let info = json!({ "apiVersion": version, "kind": "ExecCredential", "spec": spec }).to_string();
        let variables = exec.env.iter().flatten().filter_map(|variable| {
            let name = variable.get("name").filter(|name| is_variable(name))?;
            variable.get("value").filter(|value| !value.contains('\0')).map(|value| (name.clone(), value.clone()))
        });
        Ok(Self {
            command,
            arguments: exec.args.clone().unwrap_or_default(),
            variables: variables.collect(),
            version,
            info,
            hint: exec.install_hint.clone(),
        })
    }

    /// The program's name.
    pub fn command(&self) -> &str {
        &self.command
    }

    /// Runs the plugin. `subject` is the user that it belongs to.
    pub fn run(&self, subject: &str) -> Result<Made, Reason> {
        let failed =
            |cause: Cause, what: String| Reason::new(cause, subject, format!("`{}` {what}", text::name(&self.command)));
        let mut command = Command::new(&self.command);
        command.args(&self.arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("KUBERNETES_EXEC_INFO", &self.info);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let hint = self.hint.as_deref().and_then(|hint| hint.lines().find(|line| !line.trim().is_empty()));
                let hint = hint.map_or_else(|| "install it, or check PATH".to_owned(), text::message);
                failed(Cause::System, format!("not found ({hint})"))
            }
            _ => failed(Cause::System, format!("cannot be run: {}", text::message(&error.to_string()))),
        })?;
        let output = gather(child.stdout.take());
        let errors = gather(child.stderr.take());
        let end = Instant::now() + LONGEST;
        let Some(success) = wait(&mut child, end) else {
            return Err(failed(Cause::TimedOut, format!("did not end within {} s", LONGEST.as_secs())));
        };
        // Processes left behind by the plugin may keep the pipes open, so do not wait for them.
        let received = |from: mpsc::Receiver<Vec<u8>>| from.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
        if !success {
            let errors = received(errors);
            let errors = String::from_utf8_lossy(&errors);
            let line = errors.lines().find(|line| !line.trim().is_empty()).map(text::message);
            let line = line.map(|line| format!(": {line}")).unwrap_or_default();
            return Err(failed(Cause::System, format!("failed{line}")));
        }
        let output = received(output);
        self.read(&output).map_err(|what| failed(Cause::Malformed, what.to_owned()))
    }

    fn read(&self, output: &[u8]) -> Result<Made, &'static str> {
        let made: ExecCredential =
            serde_json::from_slice(output).map_err(|_| "did not print an ExecCredential in JSON")?;
        if made.kind != "ExecCredential" || made.api_version != self.version {
            return Err("printed an ExecCredential whose version differs from the kubeconfig's");
        }
        let status = made.status.ok_or("printed an ExecCredential without status")?;
        let token = status.token.filter(|token| !token.is_empty()).map(SecretString::from);
        let pem =
            |bytes: String| Pem { subject: format!("`{}`", text::name(&self.command)), bytes: bytes.into_bytes() };
        let certificate = status.client_certificate_data.filter(|data| !data.is_empty());
        let identity = match (certificate, status.client_key_data.filter(|data| !data.is_empty())) {
            (Some(certificate), Some(key)) => Some(Identity { certificate: pem(certificate), key: pem(key) }),
            (None, None) => None,
            _ => return Err("returned a certificate without a key, or a key without a certificate"),
        };
        if token.is_none() && identity.is_none() {
            return Err("returned neither a token nor a certificate");
        }
        Ok(Made { token, identity })
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Reads on a separate thread, so that a program that fills one pipe does not block on the other. Closes the pipe at
/// the output limit.
fn gather(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(MOST_OUTPUT).read_to_end(&mut bytes);
            let _ = send.send(bytes);
        }
    });
    receive
}

/// Whether a program succeeded; `None` if it had to be killed.
fn wait(child: &mut Child, end: Instant) -> Option<bool> {
    let mut pause = Duration::from_millis(5);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if Instant::now() < end => thread::sleep(pause),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}
