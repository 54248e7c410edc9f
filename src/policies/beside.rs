//! Evaluation of the objects of a cluster together with the settings of one of its nodes.
//!
//! A node shows only its own processes. Whatever one API server admits is admitted, so its exemptions count; what it
//! enforces applies to the whole cluster only if it is the only one.

use std::collections::BTreeMap;

use cluster::nodes::Node;
use cluster::policy::eks::{self, NodeAccess};
use cluster::policy::workloads::{NodeEvidence, PodSecurityAdmission, PodSecurityConfiguration, SeccompDefault};
use definitions::SharedText;
use definitions::benchmark::Value;
use probe::{Cause, Reason};

use crate::evaluate::{Policies, PolicyAnswer};
use crate::run::{Authorization, BesideNode, NodeSettings, PodSecurity};

use super::Seen;

/// A cluster and one of its nodes.
struct Beside<'c> {
    seen: &'c Seen,
    node: NodeEvidence,
}

impl BesideNode for Seen {
    fn beside<'c>(&'c self, node: &NodeSettings) -> Box<dyn Policies + 'c> {
        Box::new(Beside { seen: self, node: self.evidence_of(node) })
    }
}

impl Policies for Beside<'_> {
    fn judge(&self, predicate: &str, parameters: &BTreeMap<SharedText, Value>) -> PolicyAnswer {
        self.seen.judged(predicate, parameters, &self.node)
    }
}

impl Seen {
    /// Returns the settings of a node of this cluster; empty if it is not known to be one of its nodes.
    fn evidence_of(&self, settings: &NodeSettings) -> NodeEvidence {
        let NodeSettings { name, pod_security, seccomp_default, access } = settings;
        let Some(node) = self.nodes.items.iter().find(|node| node.metadata.name == *name) else {
            return NodeEvidence::default();
        };
        let is_only_node = self.nodes.items.len() == 1 && self.nodes.missing.is_none();
        NodeEvidence {
            pod_security: admission(pod_security, || self.other_api_servers(node)),
            seccomp_default: match (*seccomp_default, is_only_node) {
                (false, _) => SeccompDefault::NotSeen,
                (true, false) => SeccompDefault::On(name.clone()),
                (true, true) => SeccompDefault::Everywhere(name.clone()),
            },
            access: NodeAccess {
                name: name.clone(),
                ssh: access.ssh.clone(),
                authorization: access.authorization.iter().map(authorization).collect(),
                other_servers: self.other_api_servers(node).map(|why| {
                    format!("{}: how they authorize requests was not seen (run it on each of these nodes)", why.subject)
                }),
            },
        }
    }

    /// Returns why the configuration of other API servers is unknown; `None` if there are none besides this node's.
    fn other_api_servers(&self, node: &Node) -> Option<Reason> {
        let unseen = |subject: String| {
            let detail = "their Pod Security defaults are unknown (label the namespaces, or check the files of \
                          --admission-control-config-file there)";
            Some(Reason::new(Cause::System, subject, detail))
        };
        if let Some(reason) = &self.nodes.missing {
            return Some(reason.clone());
        }
        let others = self.nodes.items.iter().filter(|other| other.metadata.name != node.metadata.name);
        let servers = others.clone().filter(|other| other.is_control_plane()).count();
        match (node.is_control_plane(), servers, others.count()) {
            (true, 0, _) | (false, 0, 0) => None,
            (_, 0, _) => unseen("API servers of other nodes".to_owned()),
            (_, 1, _) => unseen("API server of 1 other control-plane node".to_owned()),
            (_, servers, _) => unseen(format!("API servers of {servers} other control-plane nodes")),
        }
    }
}

/// Converts how an API server authorizes requests to the type that the evaluation takes.
fn authorization(seen: &Result<Authorization, Reason>) -> Result<eks::Authorization, Reason> {
    let of = |Authorization { source, modes }: &Authorization| eks::Authorization {
        source: source.clone(),
        modes: modes.clone(),
    };
    seen.as_ref().map(of).map_err(Clone::clone)
}

/// Returns the configuration of Pod Security admission of a node's API servers.
fn admission(servers: &[Result<PodSecurity, Reason>], others: impl FnOnce() -> Option<Reason>) -> PodSecurityAdmission {
    if servers.is_empty() {
        return PodSecurityAdmission::NotSeen;
    }
    let configurations: Result<Vec<_>, Reason> =
        servers.iter().map(|server| server.as_ref().map_err(Clone::clone).and_then(configuration)).collect();
    match configurations {
        Ok(configurations) => PodSecurityAdmission::Seen { configurations, others: others() },
        Err(reason) => PodSecurityAdmission::Unknown(reason),
    }
}

/// Parses a configuration as the API server does.
fn configuration(written: &PodSecurity) -> Result<PodSecurityConfiguration, Reason> {
    let PodSecurity { source, turned_off, enforce, enforce_version, usernames, namespaces, runtime_classes } = written;
    let mut configuration = PodSecurityConfiguration::unset(source.clone());
    let malformed = |key: &str, error: &dyn std::fmt::Display| {
        Reason::new(Cause::Malformed, source, format!("{key}: {error} (correct the file)"))
    };
    if !enforce.is_empty() {
        configuration.enforced.level = enforce.parse().map_err(|error| malformed("defaults.enforce", &error))?;
    }
    if !enforce_version.is_empty() {
        configuration.enforced.version =
            enforce_version.parse().map_err(|error| malformed("defaults.enforce-version", &error))?;
    }
    configuration.turned_off.clone_from(turned_off);
    configuration.users.extend(usernames.iter().cloned());
    configuration.namespaces.extend(namespaces.iter().cloned());
    configuration.runtime_classes.extend(runtime_classes.iter().cloned());
    Ok(configuration)
}
