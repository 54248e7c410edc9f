//! What pods ask for, by the Pod Security Standards.
//!
//! The types hold the fields that are looked at, in Kubernetes' own form: what is written of them is what a recording
//! keeps, and it is judged as the whole object is. `null` is as good as unset; a value of another type is an error of
//! that object.

pub mod batch;
mod container;
mod lenient;
mod meta;
mod object;
mod pod;
mod security;
pub mod standard;
mod volume;
mod workload;

pub use container::{Container, Handler, Lifecycle, NETWORK_POLICY_ARGUMENT, Port, TOKEN_PATH, Target, VolumeMount};
pub use meta::{APP_ARMOR, Annotations, MIRROR, PodMeta, SECCOMP_CONTAINER, SECCOMP_POD};
pub use pod::{Pod, PodOs, PodSpec, PodStatus, PodTemplate};
pub use security::{
    Capabilities, PodSecurityContext, Profile, SeLinuxOptions, SecurityContext, Sysctl, WindowsOptions,
};
pub use volume::{HostPath, Projected, Source, TokenSource, Volume};
pub use workload::{Condition, JobSpec, JobTemplate, Workload, WorkloadKind, WorkloadSpec, WorkloadStatus};
