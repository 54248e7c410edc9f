//! The configuration files in which OpenShift keeps the arguments of the API server and the controller manager.
//!
//! Source: `ConfigToFlags` in <https://github.com/openshift/kubernetes/blob/master/openshift-kube-apiserver>.

use std::sync::Arc;

use definitions::benchmark::Component;
use probe::{Cause, Reason};

use super::arguments::{Arguments, GivenBy, Word};
use super::document::{Document, DocumentValue, Located};
use super::own;
use super::set_in::SetIn;

/// A configuration file that contains arguments, and is itself named by an argument.
#[derive(Debug, Clone, Copy)]
pub struct OpenshiftFile {
    /// The arguments that may name the file.
    pub named_by: &'static [&'static str],
    /// The key of the mapping from flags to lists of values.
    arguments: &'static str,
    /// Other keys, each with the flag that it sets unless the mapping does.
    keys: &'static [(&'static str, &'static str)],
    /// Whether it replaces the command line; otherwise command-line arguments take precedence over it.
    pub replaces: bool,
}

/// The key of the audit log's path, and its flag.
const AUDIT_LOG: (&str, &str) = ("auditConfig.auditFilePath", "--audit-log-path");

/// Keys from which the API server generates a file, and the flags that name that file.
const MADE: [(&str, &str); 2] = [
    ("admission.pluginConfig", "--admission-control-config-file"),
    ("auditConfig.policyConfiguration", "--audit-policy-file"),
];

/// The prefix of the audit log's keys, and the key that enables them.
const AUDIT: (&str, &str) = ("auditConfig.", "auditConfig.enabled");

impl OpenshiftFile {
    /// Returns the parts of the file that are read.
    pub fn parts(&self) -> impl Iterator<Item = String> {
        let keys = self.keys.iter().map(|(key, _)| *key).chain([AUDIT.1]).map(str::to_owned);
        let made = MADE.iter().map(|(key, _)| format!("{key}=there"));
        [format!("{}=flags", self.arguments)].into_iter().chain(keys).chain(made)
    }

    /// Returns the arguments that may name the file, and those that keys outside its mapping may set.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> {
        let of_keys = self.keys.iter().map(|(_, flag)| *flag);
        self.named_by.iter().copied().chain(of_keys).chain(MADE.iter().map(|(_, flag)| *flag))
    }

    /// Returns the file of the component with this key; none for components without one.
    pub fn of(component: &str) -> Option<Self> {
        match component {
            "apiserver" => Some(Self {
                named_by: &[own::OPENSHIFT_CONFIG, own::CONFIG],
                arguments: "apiServerArguments",
                keys: &[
                    ("auditConfig.maximumFileRetentionDays", "--audit-log-maxage"),
                    ("auditConfig.maximumRetainedFiles", "--audit-log-maxbackup"),
                    ("auditConfig.maximumFileSizeMegabytes", "--audit-log-maxsize"),
                    ("auditConfig.auditFilePath", "--audit-log-path"),
                    ("auditConfig.policyFile", "--audit-policy-file"),
                    ("servingInfo.minTLSVersion", "--tls-min-version"),
                    ("servingInfo.cipherSuites", "--tls-cipher-suites"),
                    ("servingInfo.certFile", "--tls-cert-file"),
                    ("servingInfo.keyFile", "--tls-private-key-file"),
                    ("corsAllowedOrigins", "--cors-allowed-origins"),
                    ("serviceAccountPublicKeyFiles", "--service-account-key-file"),
                    ("servicesSubnet", "--service-cluster-ip-range"),
                    ("servicesNodePortRange", "--service-node-port-range"),
                    ("featureGates", "--feature-gates"),
                ],
                replaces: false,
            }),
            "controller-manager" => Some(Self {
                named_by: &[own::OPENSHIFT_CONFIG],
                arguments: "extendedArguments",
                keys: &[],
                replaces: true,
            }),
            _ => None,
        }
    }
}

/// Returns the arguments that the file sets.
pub fn openshift_arguments(file: &OpenshiftFile, document: &Document, component: &Component) -> Arguments {
    let mut words = Vec::new();
    let at = |key: &str| document.at(&key.split('.').collect::<Vec<_>>());
    let own = document.at(&[file.arguments]).map(|own| &own.value);
    let own: &[(String, Located)] = if let Some(DocumentValue::Map(entries)) = own { entries } else { &[] };
    // Every flag is shorter; the limit matters because the name is repeated for each value.
    for (name, value) in own.iter().filter(|(name, _)| name.len() <= LONGEST_FLAG) {
        give(&mut words, &format!("--{name}"), &format!("{}.{name}", file.arguments), value);
    }
    let is_own = |flag: &str| own.iter().any(|(name, _)| flag.strip_prefix("--") == Some(name));
    let is_audited = at(AUDIT.1).is_some_and(|enabled| enabled.value == DocumentValue::Bool(true));
    for (key, flag) in file.keys {
        if let Some(value) = at(key)
            && !is_own(flag)
            && (is_audited || !key.starts_with(AUDIT.0))
        {
            give(&mut words, flag, key, value);
        }
    }
    if is_audited && at(AUDIT_LOG.0).is_none_or(|path| path.text() == Some("")) && !is_own(AUDIT_LOG.1) {
        // Standard output is the default.
        let log = Located { value: DocumentValue::Text("-".to_owned()), ..document.root().clone() };
        give(&mut words, AUDIT_LOG.1, AUDIT_LOG.0, &log);
    }
    let mut arguments = Arguments::of_words(words, component);
    for (key, flag) in MADE {
        if file.replaces || is_own(flag) || arguments.has(flag) {
            continue;
        }
        let is_empty = |value: &DocumentValue| match value {
            DocumentValue::Map(entries) => entries.is_empty(),
            other => *other == DocumentValue::Null,
        };
        if let Some(value) = at(key).filter(|value| !is_empty(&value.value))
            && (is_audited || !key.starts_with(AUDIT.0))
        {
            let detail = format!("{flag} names a file that is made of {key} when it starts (look at {key})");
            arguments.leave_open(flag.to_owned(), Reason::new(Cause::System, &value.file, detail));
        }
    }
    arguments
}

/// The longest name of a flag, in bytes.
const LONGEST_FLAG: usize = 128;

/// Adds the flag once for each value that is set.
fn give(words: &mut Vec<Word>, flag: &str, key: &str, value: &Located) {
    let values = match &value.value {
        DocumentValue::List(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    for value in values {
        let text = match &value.value {
            DocumentValue::Null => continue,
            other => other.to_string(),
        };
        // An unset number appears as 0.
        if text.is_empty() || (key.starts_with(AUDIT.0) && text == "0") {
            continue;
        }
        let set_in = SetIn { file: value.file.to_string(), line: (value.line > 0).then_some(value.line) };
        let given_by = Some(Arc::new(GivenBy::File { set_in, key: Some(key.to_owned()) }));
        words.push(Word { text: format!("{flag}={text}"), given_by });
    }
}
