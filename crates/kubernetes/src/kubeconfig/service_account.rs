//! The service account of a pod, whose token the kubelet rotates while the pod runs.

use http::Uri;
use probe::{Cause, Reason};

use super::Access;
use crate::credential::Credential;
use crate::files::{bytes, shown};
use crate::options::{Options, ServiceAccount};
use crate::proxy;
use crate::text;
use crate::tls::{Pem, Trust};

/// The largest certificate bundle that is read, in bytes.
const LARGEST_BUNDLE: u64 = 4 << 20;

/// Reads the service account.
pub fn access(account: &ServiceAccount, options: &Options) -> Result<Access, Reason> {
    let host = if account.host.contains(':') { format!("[{}]", account.host) } else { account.host.clone() };
    let server: Uri = format!("https://{host}:{}", account.port).parse().map_err(|_| {
        let detail = format!("`{}:{}` is not a valid address", text::name(&account.host), text::name(&account.port));
        Reason::new(Cause::Malformed, "KUBERNETES_SERVICE_HOST", detail)
    })?;
    let bundle = account.directory.join("ca.crt");
    let trust = if options.insecure_skip_tls_verify {
        Trust::Anything
    } else {
        Trust::Authority(Pem { subject: shown(&bundle), bytes: bytes(&bundle, LARGEST_BUNDLE)? })
    };
    Ok(Access {
        proxy: proxy::of(&server, None, &options.environment)?,
        server,
        trust,
        server_name: None,
        identity: None,
        credential: Credential::of_file(account.directory.join("token"), None)?,
        impersonation: Vec::new(),
    })
}
