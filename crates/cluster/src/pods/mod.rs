//! Pods and workloads, and their violations of the Pod Security Standards.
//!
//! The types contain only the relevant fields, in Kubernetes' own form. Serialized, they are the form kept in
//! recordings, which evaluates to the same result. `null` means unset; a value of the wrong type is an error for the
//! object.

pub mod batch;
mod container;
mod environment;
mod image;
pub(crate) mod lenient;
mod meta;
mod object;
mod pod;
mod security;
pub mod standard;
mod volume;
mod workload;

pub use container::{Container, Handler, Lifecycle, NETWORK_POLICY_ARGUMENT, Port, TOKEN_PATH, Target, VolumeMount};
pub use environment::{AWS_KEYS, AWS_ROLES, Environment};
pub use image::{ImageName, RegistryPrefix};
pub use meta::{APP_ARMOR, Annotations, MIRROR, PodMeta, SECCOMP_CONTAINER, SECCOMP_POD, TemplateMeta};
pub use pod::{Pod, PodOs, PodSpec, PodStatus, PodTemplate};
pub use security::{
    Capabilities, PodSecurityContext, Profile, SeLinuxOptions, SecurityContext, Sysctl, WindowsOptions,
};
pub use volume::{HostPath, Projected, Source, TokenSource, Volume};
pub use workload::{
    Amount, Condition, JobSpec, JobTemplate, RollingUpdate, Strategy, Workload, WorkloadKind, WorkloadSpec,
    WorkloadStatus,
};
