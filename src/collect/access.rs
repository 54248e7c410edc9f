//! How a node's API servers authorize requests, and what starts an SSH server: files and processes alone say so.

use crate::component::{Given, Instance, Reading};
use definitions::benchmark::{Component, KeyPath, Setting};
use probe::{Excerpt, Form, Node, Reason};

use super::inventory::Inventory;
use super::{ask, configuration};

/// How an API server authorizes requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Where that is set: an argument, a file; or the API server, where nothing sets it.
    pub source: String,
    /// The modes, in order.
    pub modes: Vec<String>,
}

/// What a node shows of who gets in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The unit that starts an SSH server, by the link that has it started.
    pub ssh: Option<String>,
    /// How each API server that runs on the node authorizes requests, or why that is not known.
    pub authorization: Vec<Result<Authorization, Reason>>,
}

const APISERVER: &str = "apiserver";
const MODE: &str = "--authorization-mode";
const CONFIG: &str = "--authorization-config";

/// Of the file that names authorizers (`AuthorizationConfiguration`): their kinds.
const TYPES: &str = "authorizers[*].type";

/// What an API server does where nothing says otherwise.
const UNSET: &str = "AlwaysAllow";

/// The links by which systemd starts SSH servers: at boot, or for each connection.
const SSH: [&str; 5] = [
    "/etc/systemd/system/multi-user.target.wants/sshd.service",
    "/etc/systemd/system/multi-user.target.wants/ssh.service",
    "/etc/systemd/system/sshd.service",
    "/etc/systemd/system/sockets.target.wants/ssh.socket",
    "/etc/systemd/system/sockets.target.wants/sshd.socket",
];

/// What a node shows of who gets in.
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
    // The file takes the place of the argument.
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
