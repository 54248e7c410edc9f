//! Resolves host names without the C library: `getaddrinfo` in a static glibc loads the machine's NSS modules, which
//! may be of a different version, and crashes. Names come from `/etc/hosts`, then from the name servers in
//! `/etc/resolv.conf`; `nsswitch.conf` is not used.

mod configuration;
mod hosts;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fs, vec};

use domain::base::Name;
use domain::resolv::StubResolver;
use domain::resolv::stub::conf::{ResolvConf, ServerConf, Transport};
use hyper_util::client::legacy::connect::dns;
use thiserror::Error;
use tower_service::Service;

use configuration::Configuration;

/// The largest file that is read, in bytes.
const LARGEST_FILE: u64 = 4 << 20;

/// Why a name has no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    /// The name servers have no address for it.
    #[error("no such host")]
    NotFound,
    /// No name server answered.
    #[error("no name server answered")]
    NoAnswer,
}

/// A resolver of host names.
#[derive(Debug, Clone)]
pub struct Names {
    files: Arc<Files>,
}

#[derive(Debug)]
struct Files {
    hosts: PathBuf,
    resolv_conf: PathBuf,
    port: u16,
}

impl Names {
    /// A resolver that uses this machine's files.
    pub fn of_machine() -> Self {
        Self::of_files("/etc/hosts", "/etc/resolv.conf", 53)
    }

    fn of_files(hosts: impl Into<PathBuf>, resolv_conf: impl Into<PathBuf>, port: u16) -> Self {
        Self { files: Arc::new(Files { hosts: hosts.into(), resolv_conf: resolv_conf.into(), port }) }
    }

    async fn look_up(self, name: String) -> Result<Vec<IpAddr>, NameError> {
        let known = hosts::addresses(&read(&self.files.hosts), &name);
        if !known.is_empty() {
            return Ok(known);
        }
        let configuration = Configuration::of(&read(&self.files.resolv_conf));
        let resolver = resolver(&configuration, self.files.port);
        let mut worst = NameError::NotFound;
        for candidate in configuration.candidates(&name) {
            let Ok(candidate) = Name::<Vec<u8>>::from_str(&candidate) else { continue };
            match resolver.lookup_host(candidate).await {
                Ok(found) => {
                    let mut addresses: Vec<IpAddr> = found.iter().take(32).collect();
                    // Most clusters have no IPv6; the other family is tried after a short delay.
                    addresses.sort_by_key(IpAddr::is_ipv6);
                    if !addresses.is_empty() {
                        return Ok(addresses);
                    }
                }
                Err(_) => worst = NameError::NoAnswer,
            }
        }
        Err(worst)
    }
}

fn resolver(configuration: &Configuration, port: u16) -> StubResolver {
    let mut made = ResolvConf::new();
    let transport = if configuration.tcp { Transport::Tcp } else { Transport::UdpTcp };
    made.servers =
        configuration.servers.iter().map(|server| ServerConf::new((*server, port).into(), transport)).collect();
    made.options.use_vc = configuration.tcp;
    made.options.timeout = configuration.timeout;
    made.finalize();
    StubResolver::from_conf(made)
}

/// Reads a file; returns an empty text if it cannot.
fn read(path: &PathBuf) -> String {
    use std::io::Read;

    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut bytes));
    read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

impl Service<dns::Name> for Names {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = NameError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NameError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NameError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: dns::Name) -> Self::Future {
        let looking = self.clone().look_up(name.as_str().to_owned());
        // The connector replaces the port with the URL's.
        Box::pin(async move {
            let addresses = looking.await?;
            Ok(addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect::<Vec<_>>().into_iter())
        })
    }
}

#[cfg(test)]
mod tests;
