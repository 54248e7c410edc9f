//! Findings: the settings of a pod or template that a control may object to.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::pods::standard::{Check, Level, NEWEST, Policy, Subject, violations};
use crate::pods::{AWS_KEYS, Container, PodSecurityContext, PodSpec, SECCOMP_CONTAINER, SECCOMP_POD};

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// A violated check of the Pod Security Standards, at either level.
    Check(Check),
    /// A container runs as root, or may do so.
    Root,
    /// A container may have `NET_RAW`.
    NetRaw,
    /// Not all capabilities are dropped.
    NotDropped,
    /// No seccomp profile is set.
    SeccompUnset,
    /// A seccomp profile is set only by an annotation, as before 1.19.
    SeccompAnnotated,
    /// Seccomp is disabled.
    SeccompUnconfined,
    /// A secret is set as an environment variable.
    SecretVariable,
    /// A variable with a secret's name has a literal value.
    LiteralSecret,
    /// `/proc` is not masked.
    Unmasked,
    /// `/proc` is not masked, but the pod has its own user namespace.
    UnmaskedWithOwnUsers,
    /// The root file system is writable.
    WritableRoot,
    /// Variables contain an AWS access key.
    AwsKeys,
    /// Variables refer to an AWS role.
    AwsRole,
}

impl Kind {
    /// Whether the finding violates the level `restricted`.
    pub(super) const fn is_restricted(self) -> bool {
        !matches!(
            self,
            Self::Check(
                Check::CapabilitiesBaseline | Check::HostPathVolumes | Check::ProcMount | Check::SeccompProfileBaseline
            ) | Self::Root
                | Self::NetRaw
                | Self::NotDropped
                | Self::SeccompUnset
                | Self::SeccompAnnotated
                | Self::SeccompUnconfined
                | Self::SecretVariable
                | Self::LiteralSecret
                | Self::Unmasked
                | Self::UnmaskedWithOwnUsers
                | Self::WritableRoot
                | Self::AwsKeys
                | Self::AwsRole
        )
    }
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Finding<'a> {
    pub(super) kind: Kind,
    /// The container; `None` for the pod as a whole.
    pub(super) container: Option<&'a str>,
    pub(super) found: Cow<'a, str>,
}

/// All findings of a pod, sorted and distinct.
pub(super) fn findings(subject: Subject<'_>) -> BTreeSet<Finding<'_>> {
    let mut all = BTreeSet::new();
    for level in [Level::Baseline, Level::Restricted] {
        for violation in violations(subject, Policy::latest(level), NEWEST) {
            all.insert(Finding {
                kind: Kind::Check(violation.check),
                container: violation.container,
                found: violation.found,
            });
        }
    }
    let spec = subject.spec;
    for container in spec.all_containers() {
        let mut add = |kind, found: &'static str| {
            all.insert(Finding { kind, container: Some(container.name.as_str()), found: Cow::Borrowed(found) });
        };
        if let Some(found) = root(spec, container) {
            add(Kind::Root, found);
        }
        if !spec.is_windows() {
            capabilities(container, &mut add);
            seccomp(subject, container, &mut add);
        }
        if container.security_context.read_only_root_filesystem != Some(true) && !spec.is_windows() {
            add(Kind::WritableRoot, "readOnlyRootFilesystem: not true");
        }
        if container.security_context.proc_mount.as_deref().is_some_and(|mount| mount != "Default") {
            let kind = if spec.has_own_users() { Kind::UnmaskedWithOwnUsers } else { Kind::Unmasked };
            add(kind, "procMount: Unmasked");
        }
        if container.env.from_secret {
            add(Kind::SecretVariable, "env: valueFrom.secretKeyRef");
        }
        if container.env_from {
            add(Kind::SecretVariable, "envFrom: secretRef");
        }
        for name in &container.env.aws {
            add(if AWS_KEYS.contains(name) { Kind::AwsKeys } else { Kind::AwsRole }, name);
        }
        for name in &container.env.literal {
            all.insert(Finding {
                kind: Kind::LiteralSecret,
                container: Some(container.name.as_str()),
                found: Cow::Owned(format!("env: {name} has a value")),
            });
        }
    }
    all
}

/// Why a container runs, or may run, as root. If nothing is set, the image's user applies.
fn root(spec: &PodSpec, container: &Container) -> Option<&'static str> {
    let PodSecurityContext { run_as_user, run_as_non_root, .. } = spec.security_context;
    let user = container.security_context.run_as_user.or(run_as_user);
    let non_root = container.security_context.run_as_non_root.or(run_as_non_root);
    match (user, non_root) {
        _ if spec.has_own_users() => None,
        (Some(0), _) => Some("runAsUser: 0"),
        (Some(_), _) | (None, Some(true)) => None,
        (None, Some(false)) => Some("runAsNonRoot: false, runAsUser not set: may run as root"),
        (None, None) => Some("runAsNonRoot and runAsUser not set: may run as root"),
    }
}

fn capabilities(container: &Container, add: &mut impl FnMut(Kind, &'static str)) {
    let capabilities = &container.security_context.capabilities;
    let has = |list: &[String], name: &str| list.iter().any(|capability| capability == name);
    let drops_all = has(&capabilities.drop, "ALL");
    if has(&capabilities.add, "NET_RAW") {
        add(Kind::NetRaw, "capabilities.add: NET_RAW");
    } else if has(&capabilities.add, "ALL") {
        add(Kind::NetRaw, "capabilities.add: ALL");
    } else if !drops_all && !has(&capabilities.drop, "NET_RAW") {
        add(Kind::NetRaw, "capabilities.drop: neither ALL nor NET_RAW");
    }
    if !drops_all {
        add(Kind::NotDropped, "capabilities.drop: ALL missing");
    }
}

fn seccomp(subject: Subject<'_>, container: &Container, add: &mut impl FnMut(Kind, &'static str)) {
    let profile = container.security_context.seccomp_profile.as_ref();
    match profile.or(subject.spec.security_context.seccomp_profile.as_ref()) {
        Some(profile) if matches!(profile.kind.as_str(), "RuntimeDefault" | "Localhost") => {}
        Some(_) => add(Kind::SeccompUnconfined, "seccompProfile.type: Unconfined"),
        None => {
            let annotations = &subject.annotations.0;
            let own = annotations.get(&format!("{SECCOMP_CONTAINER}{}", container.name));
            match own.or_else(|| annotations.get(SECCOMP_POD)).map(String::as_str) {
                Some("runtime/default" | "docker/default") => add(Kind::SeccompAnnotated, "seccompProfile: not set"),
                Some(value) if value.starts_with("localhost/") => {
                    add(Kind::SeccompAnnotated, "seccompProfile: not set");
                }
                _ => add(Kind::SeccompUnset, "seccompProfile: not set"),
            }
        }
    }
}
