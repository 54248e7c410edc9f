//! The registry of checks: the version each starts at, and which ones replace others.

use super::violation::{Found, Subject};
use super::{baseline, restricted};

/// A check of the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named as upstream, and described where it is decided")]
pub enum Check {
    HostNamespaces,
    Privileged,
    CapabilitiesBaseline,
    HostPathVolumes,
    HostPorts,
    AppArmorProfile,
    SeLinuxOptions,
    ProcMount,
    SeccompProfileBaseline,
    Sysctls,
    WindowsHostProcess,
    HostProbesAndHostLifecycle,
    RestrictedVolumes,
    AllowPrivilegeEscalation,
    RunAsNonRoot,
    RunAsUser,
    SeccompProfileRestricted,
    CapabilitiesRestricted,
    ProcMountRestricted,
}

impl Check {
    /// The check's name in the API server's messages.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::HostNamespaces => "host namespaces",
            Self::Privileged => "privileged",
            Self::CapabilitiesBaseline => "non-default capabilities",
            Self::HostPathVolumes => "hostPath volumes",
            Self::HostPorts => "hostPort",
            Self::AppArmorProfile => "forbidden AppArmor profile",
            Self::SeLinuxOptions => "seLinuxOptions",
            Self::ProcMount | Self::ProcMountRestricted => "procMount",
            Self::SeccompProfileBaseline | Self::SeccompProfileRestricted => "seccompProfile",
            Self::Sysctls => "forbidden sysctls",
            Self::WindowsHostProcess => "hostProcess",
            Self::HostProbesAndHostLifecycle => "probe or lifecycle host",
            Self::RestrictedVolumes => "restricted volume types",
            Self::AllowPrivilegeEscalation => "allowPrivilegeEscalation != false",
            Self::RunAsNonRoot => "runAsNonRoot != true",
            Self::RunAsUser => "runAsUser=0",
            Self::CapabilitiesRestricted => "unrestricted capabilities",
        }
    }
}

/// A check with its level and versions.
pub(super) struct Rule {
    pub(super) check: Check,
    restricted: bool,
    /// The first minor version with this check.
    since: u64,
    /// The minor version since which the level `restricted` has its own check instead.
    overridden: Option<u64>,
    pub(super) run: for<'a> fn(Subject<'a>, u64, &mut Found<'a, '_>),
}

impl Rule {
    /// Whether the check applies at this level and version.
    pub(super) fn applies(&self, restricted: bool, minor: u64) -> bool {
        let replaced = restricted && self.overridden.is_some_and(|since| since <= minor);
        (restricted || !self.restricted) && self.since <= minor && !replaced
    }
}

const fn baseline(check: Check, since: u64, run: for<'a> fn(Subject<'a>, u64, &mut Found<'a, '_>)) -> Rule {
    Rule { check, restricted: false, since, overridden: None, run }
}

const fn restricted(check: Check, since: u64, run: for<'a> fn(Subject<'a>, u64, &mut Found<'a, '_>)) -> Rule {
    Rule { check, restricted: true, since, overridden: None, run }
}

impl Rule {
    const fn until(self, overridden: u64) -> Self {
        Self { overridden: Some(overridden), ..self }
    }
}

/// All checks.
pub(super) const RULES: [Rule; 19] = [
    baseline(Check::HostNamespaces, 0, baseline::host_namespaces),
    baseline(Check::Privileged, 0, baseline::privileged),
    baseline(Check::CapabilitiesBaseline, 0, baseline::capabilities).until(22),
    baseline(Check::HostPathVolumes, 0, baseline::host_path_volumes).until(0),
    baseline(Check::HostPorts, 0, baseline::host_ports),
    baseline(Check::AppArmorProfile, 0, baseline::app_armor_profile),
    baseline(Check::SeLinuxOptions, 0, baseline::se_linux_options),
    baseline(Check::ProcMount, 0, baseline::proc_mount).until(35),
    baseline(Check::SeccompProfileBaseline, 0, baseline::seccomp_profile).until(19),
    baseline(Check::Sysctls, 0, baseline::sysctls),
    baseline(Check::WindowsHostProcess, 0, baseline::windows_host_process),
    baseline(Check::HostProbesAndHostLifecycle, 34, baseline::hosts),
    restricted(Check::RestrictedVolumes, 0, restricted::volumes),
    restricted(Check::AllowPrivilegeEscalation, 8, restricted::privilege_escalation),
    restricted(Check::RunAsNonRoot, 0, restricted::run_as_non_root),
    restricted(Check::RunAsUser, 23, restricted::run_as_user),
    restricted(Check::SeccompProfileRestricted, 19, restricted::seccomp_profile),
    restricted(Check::CapabilitiesRestricted, 22, restricted::capabilities),
    restricted(Check::ProcMountRestricted, 35, restricted::proc_mount),
];
