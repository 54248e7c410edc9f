//! Checks audit policies and static pod manifests, which are judged as a whole.

use inspections::{AuditFault, AuditPolicy, AuditResources, AuditRule, Remark};
use probe::{Cause, Reason};

use super::{Document, DocumentValue, Located};

/// Returns remarks on an audit policy.
///
/// # Errors
///
/// Returns a reason if the file is not YAML or not an audit policy.
pub fn audit_policy_remarks(file: &str, bytes: &[u8]) -> Result<Vec<Remark>, Reason> {
    let document = Document::parse(file, bytes)?;
    let root = document.root();
    if root.get("kind").and_then(Located::text).is_some_and(|kind| kind != "Policy") {
        return Err(Reason::new(Cause::Malformed, file, "is no audit policy (kind: Policy)"));
    }
    let rules = root.get("rules").map_or(&[][..], Located::items);
    let policy = AuditPolicy { rules: rules.iter().map(rule).collect() };
    let line = |place: usize| rules.get(place).map_or(1, |rule| rule.line);
    let mut remarks: Vec<Remark> = policy
        .faults()
        .into_iter()
        .map(|fault| match fault {
            AuditFault::LogsSecrets(place, level, verbs) => {
                let text =
                    format!("rule {} logs contents of Secrets: level {level} of {}", place + 1, verbs.join(", "));
                Remark { line: line(place), text, violates: true }
            }
            AuditFault::DropsAll(place) => {
                let text = format!("rule {} drops whatever no earlier rule matches", place + 1);
                Remark { line: line(place), text, violates: true }
            }
            AuditFault::Empty => Remark { line: 1, text: "no rules: nothing is logged".to_owned(), violates: true },
        })
        .collect();
    remarks.extend(policy.drops_reads_of_nodes().map(|place| {
        let text = format!("rule {} drops reads of nodes for every user", place + 1);
        Remark { line: line(place), text, violates: false }
    }));
    Ok(Remark::bounded(remarks))
}

fn rule(rule: &Located) -> AuditRule {
    let texts = |value: &Located, key: &str| -> Vec<String> {
        value.get(key).map_or(&[][..], Located::items).iter().filter_map(Located::text).map(str::to_owned).collect()
    };
    let text = |value: &Located, key: &str| value.get(key).and_then(Located::text).unwrap_or_default().to_owned();
    let resources = |of: &Located| AuditResources {
        group: text(of, "group"),
        resources: texts(of, "resources"),
        resource_names: texts(of, "resourceNames"),
    };
    AuditRule {
        level: text(rule, "level"),
        users: texts(rule, "users"),
        user_groups: texts(rule, "userGroups"),
        verbs: texts(rule, "verbs"),
        resources: rule.get("resources").map_or(&[][..], Located::items).iter().map(resources).collect(),
        namespaces: texts(rule, "namespaces"),
        non_resource_urls: texts(rule, "nonResourceURLs"),
    }
}

/// Returns remarks on the privileges that a static pod manifest requests, other than the `allowed` capabilities.
///
/// # Errors
///
/// Returns a reason if the file is not YAML.
pub fn capability_remarks(file: &str, bytes: &[u8], allowed: &[String]) -> Result<Vec<Remark>, Reason> {
    /// The kubeconfig of an administrator to whom RBAC does not apply.
    const SUPER_ADMIN: &str = "super-admin.conf";
    let document = Document::parse(file, bytes)?;
    let spec = |key: &str| document.at(&["spec", key]).map_or(&[][..], Located::items);
    let mut remarks = Vec::new();
    for container in spec("containers").iter().chain(spec("initContainers")) {
        let name = container.get("name").and_then(Located::text).unwrap_or_default();
        let Some(context) = container.get("securityContext") else { continue };
        if let Some(privileged) = context.get("privileged").filter(|value| value.value == DocumentValue::Bool(true)) {
            remarks.push(Remark {
                line: privileged.line,
                text: format!("container {name} is privileged"),
                violates: true,
            });
        }
        let added = context.get("capabilities").and_then(|capabilities| capabilities.get("add"));
        for added in added.map_or(&[][..], Located::items) {
            let Some(written) = added.text() else { continue };
            let capability = written.strip_prefix("CAP_").unwrap_or(written).to_ascii_uppercase();
            let violates = !allowed.contains(&capability);
            remarks.push(Remark { line: added.line, text: format!("container {name} adds {capability}"), violates });
        }
    }
    for volume in spec("volumes") {
        let path = volume.get("hostPath").and_then(|path| path.get("path"));
        if let Some(path) = path.filter(|path| path.text().is_some_and(|path| path.ends_with(SUPER_ADMIN))) {
            remarks.push(Remark { line: path.line, text: format!("mounts {SUPER_ADMIN}"), violates: false });
        }
    }
    Ok(Remark::bounded(remarks))
}
