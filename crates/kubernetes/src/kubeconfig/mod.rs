//! The API server's address, its CA, and the user's credentials: from kubeconfigs as kubectl reads them, or from the
//! service account of a pod.

mod file;
mod select;
mod service_account;

use http::{HeaderName, HeaderValue, Uri};
use probe::Reason;

use crate::credential::Credential;
use crate::options::{Options, Source};
use crate::tls::{Identity, Trust};

/// The parameters of a connection.
pub struct Access {
    /// The URL of the API server, with its path prefix if any.
    pub server: Uri,
    /// The root certificates for the server's certificate.
    pub trust: Trust,
    /// The name that its certificate must have, if it differs from the URL's.
    pub server_name: Option<String>,
    /// The proxy to the server.
    pub proxy: Option<Uri>,
    /// The client certificate.
    pub identity: Option<Identity>,
    /// The header that identifies the user.
    pub credential: Credential,
    /// The user to impersonate (`as` in the kubeconfig).
    pub impersonation: Vec<(HeaderName, HeaderValue)>,
}

/// Reads the sources selected by the options.
pub fn access(options: &Options) -> Result<Access, Reason> {
    let (config, name) = match &options.source {
        Source::InCluster(account) => return service_account::access(account, options),
        Source::File(path) => file::one(path)?,
        Source::List(list) => file::merged(list)?,
    };
    select::access(&config, &name, options)
}
