//! The checks of the level `baseline`.

use std::borrow::Cow;

use super::violation::{Found, Subject};
use crate::pods::{APP_ARMOR, Container, Profile, SECCOMP_CONTAINER, SECCOMP_POD, SeLinuxOptions};

/// The pod shares no namespace of the node.
pub(super) fn host_namespaces<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    for (name, shared) in [
        ("hostNetwork: true", subject.spec.host_network),
        ("hostPID: true", subject.spec.host_pid),
        ("hostIPC: true", subject.spec.host_ipc),
    ] {
        if shared {
            found.pod(name);
        }
    }
}

/// No container is privileged.
pub(super) fn privileged<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    for container in subject.spec.all_containers().filter(|container| container.security_context.privileged) {
        found.container(container, "privileged: true");
    }
}

/// The capabilities that may be added: the runtimes' default set without `NET_RAW`.
pub(super) const DEFAULT_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Only default capabilities are added.
pub(super) fn capabilities<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    added(subject, &DEFAULT_CAPABILITIES, found);
}

/// Finds added capabilities that are not allowed.
pub(super) fn added<'a>(subject: Subject<'a>, allowed: &[&str], found: &mut Found<'a, '_>) {
    for container in subject.spec.all_containers() {
        for capability in &container.security_context.capabilities.add {
            if !allowed.contains(&capability.as_str()) {
                found.container(container, format!("capabilities.add: {capability}"));
            }
        }
    }
}

/// There are no `hostPath` volumes.
pub(super) fn host_path_volumes<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    for volume in &subject.spec.volumes {
        if let Some(path) = &volume.host_path {
            found.pod(format!("volume {}: hostPath {}", volume.name, path.path));
        }
    }
}

/// There are no host ports.
pub(super) fn host_ports<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    for container in subject.spec.all_containers() {
        for port in container.ports.iter().filter(|port| port.host_port != 0) {
            found.container(container, format!("hostPort: {}", port.host_port));
        }
    }
}

/// AppArmor is not disabled, by field or by annotation.
pub(super) fn app_armor_profile<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    let forbidden = |profile: &'a Option<Profile>| {
        let profile = profile.as_ref().filter(|profile| !is_allowed(profile))?;
        Some(format!("appArmorProfile.type: {}", profile.kind))
    };
    if let Some(profile) = forbidden(&subject.spec.security_context.app_armor_profile) {
        found.pod(profile);
    }
    for container in subject.spec.all_containers() {
        if let Some(profile) = forbidden(&container.security_context.app_armor_profile) {
            found.container(container, profile);
        }
    }
    for (key, value) in &subject.annotations.0 {
        let allowed = value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
        if key.starts_with(APP_ARMOR) && !allowed {
            found.pod(format!("annotation {key}: {value}"));
        }
    }
}

/// Whether a seccomp or AppArmor profile confines the container.
pub(super) fn is_allowed(profile: &Profile) -> bool {
    matches!(profile.kind.as_str(), "RuntimeDefault" | "Localhost")
}

/// The SELinux type is one for containers, and user and role are not set.
pub(super) fn se_linux_options<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    let forbidden = |options: &'a Option<SeLinuxOptions>| -> Vec<String> {
        let Some(options) = options else { return Vec::new() };
        let allowed = match options.kind.as_str() {
            "" | "container_t" | "container_init_t" | "container_kvm_t" => true,
            "container_engine_t" => minor >= 31,
            _ => false,
        };
        [("type", &options.kind, !allowed), ("user", &options.user, true), ("role", &options.role, true)]
            .into_iter()
            .filter(|(_, value, forbidden)| *forbidden && !value.is_empty())
            .map(|(field, value, _)| format!("seLinuxOptions.{field}: {value}"))
            .collect()
    };
    for option in forbidden(&subject.spec.security_context.se_linux_options) {
        found.pod(option);
    }
    for container in subject.spec.all_containers() {
        for option in forbidden(&container.security_context.se_linux_options) {
            found.container(container, option);
        }
    }
}

/// `/proc` is masked. Since 1.35, pods with a user namespace may unmask it.
pub(super) fn proc_mount<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    if minor < 35 || !subject.spec.has_own_users() {
        any_proc_mount(subject, found);
    }
}

/// Finds `/proc` mounts that are not the default.
pub(super) fn any_proc_mount<'a>(subject: Subject<'a>, found: &mut Found<'a, '_>) {
    for container in subject.spec.all_containers() {
        if let Some(mount) = container.security_context.proc_mount.as_deref().filter(|mount| *mount != "Default") {
            found.container(container, format!("procMount: {mount}"));
        }
    }
}

/// Seccomp is not disabled: by annotation before 1.19, by field since.
pub(super) fn seccomp_profile<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    if minor < 19 {
        seccomp_annotations(subject, found);
    } else {
        seccomp_fields(subject, found);
    }
}

fn seccomp_annotations<'a>(subject: Subject<'a>, found: &mut Found<'a, '_>) {
    let annotations = &subject.annotations.0;
    let forbidden = |key: &str| {
        let value = annotations.get(key)?;
        let allowed = matches!(value.as_str(), "runtime/default" | "docker/default") || value.starts_with("localhost/");
        (!allowed).then(|| format!("annotation {key}: {value}"))
    };
    if let Some(value) = forbidden(SECCOMP_POD) {
        found.pod(value);
    }
    for container in subject.spec.all_containers() {
        if let Some(value) = forbidden(&format!("{SECCOMP_CONTAINER}{}", container.name)) {
            found.container(container, value);
        }
    }
}

/// Finds seccomp profiles that are set but do not confine.
pub(super) fn seccomp_fields<'a>(subject: Subject<'a>, found: &mut Found<'a, '_>) {
    let forbidden = |profile: &'a Option<Profile>| {
        let profile = profile.as_ref().filter(|profile| !is_allowed(profile))?;
        Some(format!("seccompProfile.type: {}", profile.kind))
    };
    if let Some(profile) = forbidden(&subject.spec.security_context.seccomp_profile) {
        found.pod(profile);
    }
    for container in subject.spec.all_containers() {
        if let Some(profile) = forbidden(&container.security_context.seccomp_profile) {
            found.container(container, profile);
        }
    }
}

/// Safe sysctls, with the minor version since which each is allowed.
const SAFE_SYSCTLS: [(&str, u64); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

/// Only safe sysctls are set.
pub(super) fn sysctls<'a>(subject: Subject<'a>, minor: u64, found: &mut Found<'a, '_>) {
    for sysctl in &subject.spec.security_context.sysctls {
        if !SAFE_SYSCTLS.iter().any(|(name, since)| *name == sysctl.name && *since <= minor) {
            found.pod(format!("sysctl: {}", sysctl.name));
        }
    }
}

/// There are no `HostProcess` containers.
pub(super) fn windows_host_process<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    const FOUND: Cow<'static, str> = Cow::Borrowed("windowsOptions.hostProcess: true");
    if subject.spec.security_context.windows_options.host_process {
        found.pod(FOUND);
    }
    let is_host_process = |container: &&Container| container.security_context.windows_options.host_process;
    for container in subject.spec.all_containers().filter(is_host_process) {
        found.container(container, FOUND);
    }
}

/// Probes and lifecycle handlers do not set a host, which the kubelet would connect to; since 1.34.
pub(super) fn hosts<'a>(subject: Subject<'a>, _: u64, found: &mut Found<'a, '_>) {
    for container in subject.spec.all_containers() {
        for host in container.hosts() {
            found.container(container, format!("probe or lifecycle host: {host}"));
        }
    }
}
