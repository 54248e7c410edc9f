//! How a node's API servers authorize requests, and whether an SSH server is enabled, as shown by files and processes.

use crate::component::{Given, Instance, Reading};
use definitions::benchmark::{Component, KeyPath, Setting};
use probe::{Excerpt, Form, Node, Reason};

use super::inventory::Inventory;
use super::{ask, configuration};

/// How an API server authorizes requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Where that is set: an argument or a file, or the API server itself if it uses the default.
    pub source: String,
    /// The modes, in order.
    pub modes: Vec<String>,
}

/// How a node and its API servers can be accessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The link that enables an SSH server's unit.
    pub ssh: Option<String>,
    /// How each API server running on the node authorizes requests, or why that is not known.
    pub authorization: Vec<Result<Authorization, Reason>>,
}

const APISERVER: &str = "apiserver";
const MODE: &str = "--authorization-mode";
const CONFIG: &str = "--authorization-config";

/// The types of the authorizers in an `AuthorizationConfiguration` file.
const TYPES: &str = "authorizers[*].type";

/// The API server's default authorization mode.
const UNSET: &str = "AlwaysAllow";

/// The links by which systemd starts SSH servers, at boot or for each connection.
const SSH: [&str; 5] = [
    "/etc/systemd/system/multi-user.target.wants/sshd.service",
    "/etc/systemd/system/multi-user.target.wants/ssh.service",
    "/etc/systemd/system/sshd.service",
    "/etc/systemd/system/sockets.target.wants/ssh.socket",
    "/etc/systemd/system/sockets.target.wants/sshd.socket",
];

/// Determines how a node and its API servers can be accessed.
pub fn access(node: &dyn Node, inventory: &Inventory<'_>) -> Access {
    let ssh = SSH.into_iter().find(|path| ask::is_there(node, path)).map(str::to_owned);
    let Some(component) = inventory.library.components.get(APISERVER) else {
        return Access { ssh, authorization: Vec::new() };
    };
    let authorization = inventory.of(APISERVER).iter().map(|instance| of_server(node, inventory, component, instance));
    Access { ssh, authorization: authorization.collect() }
}

fn of_server(
    node: &dyn Node,
    inventory: &Inventory<'_>,
    component: &Component,
    instance: &Instance,
) -> Result<Authorization, Reason> {
    let server = format!("{} (process {})", instance.name, instance.pid);
    // The configuration file replaces the argument.
    match instance.read(&Setting::of_flag(CONFIG), component) {
        Reading::Set { given, origin } if !given.is_empty() => {
            let path = given.text();
            let excerpt = || Excerpt::new(Form::Document, [TYPES]);
            let named = (path.as_str(), &origin);
            let document = configuration::file(node, &inventory.room, instance, component, named, &excerpt)?;
            if let Some(why) = document.unrecorded(TYPES) {
                return Err(why);
            }
            let types = TYPES.parse::<KeyPath>().map(|path| Given::Values(document.find(&path)).items());
            return Ok(Authorization { source: path, modes: types.unwrap_or_default() });
        }
        Reading::Set { .. } | Reading::Unset(_) => {}
        Reading::Unknown(why) => return Err(why),
    }
    match instance.read(&Setting::of_flag(MODE), component) {
        Reading::Set { given, .. } => Ok(Authorization { source: format!("{MODE} of {server}"), modes: given.items() }),
        Reading::Unset(_) => Ok(Authorization { source: server, modes: vec![UNSET.to_owned()] }),
        Reading::Unknown(why) => Err(why),
    }
}
