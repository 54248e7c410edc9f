//! Where the API server is, whom it is trusted by, and who asks: from kubeconfigs as kubectl reads them, or from the
//! service account of a pod.

mod file;
mod select;
mod service_account;

use http::{HeaderName, HeaderValue, Uri};
use probe::Reason;

use crate::credential::Credential;
use crate::options::{Options, Source};
use crate::tls::{Identity, Trust};

/// What a connection needs.
pub struct Access {
    /// The URL of the API server, with a path where it lies below one.
    pub server: Uri,
    /// What its certificate is verified against.
    pub trust: Trust,
    /// The name that its certificate must have, where it is not that of the URL.
    pub server_name: Option<String>,
    /// The proxy that leads there.
    pub proxy: Option<Uri>,
    /// The certificate that is shown.
    pub identity: Option<Identity>,
    /// The header that says who asks.
    pub credential: Credential,
    /// As whom to act (`as` of the kubeconfig).
    pub impersonation: Vec<(HeaderName, HeaderValue)>,
}

/// Reads what the options name.
pub fn access(options: &Options) -> Result<Access, Reason> {
    let (config, name) = match &options.source {
        Source::InCluster(account) => return service_account::access(account, options),
        Source::File(path) => file::one(path)?,
        Source::List(list) => file::merged(list)?,
    };
    select::access(&config, &name, options)
}
