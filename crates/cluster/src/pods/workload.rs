//! Workloads: objects that create pods from a template.

use serde::{Deserialize, Serialize};

use super::lenient::is_default;
use super::object::{object, objects};
use super::pod::PodTemplate;
use crate::meta::Meta;
use crate::nullable::nullable;
use crate::resource::Resource;

/// A kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    /// `apps/v1`.
    Deployment,
    /// `apps/v1`.
    DaemonSet,
    /// `apps/v1`.
    StatefulSet,
    /// `apps/v1`.
    ReplicaSet,
    /// `v1`.
    ReplicationController,
    /// `batch/v1`.
    Job,
    /// `batch/v1`.
    CronJob,
}

impl WorkloadKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Deployment,
        Self::DaemonSet,
        Self::StatefulSet,
        Self::ReplicaSet,
        Self::ReplicationController,
        Self::Job,
        Self::CronJob,
    ];

    /// The resource that its objects are listed as.
    pub const fn resource(self) -> Resource {
        match self {
            Self::Deployment => Resource::Deployments,
            Self::DaemonSet => Resource::DaemonSets,
            Self::StatefulSet => Resource::StatefulSets,
            Self::ReplicaSet => Resource::ReplicaSets,
            Self::ReplicationController => Resource::ReplicationControllers,
            Self::Job => Resource::Jobs,
            Self::CronJob => Resource::CronJobs,
        }
    }

    /// The name in `kind` and in `ownerReferences`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::DaemonSet => "DaemonSet",
            Self::StatefulSet => "StatefulSet",
            Self::ReplicaSet => "ReplicaSet",
            Self::ReplicationController => "ReplicationController",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
        }
    }
}

/// A workload of any [`WorkloadKind`]. List items do not state their kind, so the caller must know it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workload {
    /// The metadata.
    #[serde(deserialize_with = "object")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "object")]
    pub spec: WorkloadSpec,
    /// The status.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub status: WorkloadStatus,
}

/// The specification of a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadSpec {
    /// The desired number of pods; unset means 1 for the kinds that have the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// How a `Deployment` is updated.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub strategy: Strategy,
    /// The pod template; a `CronJob` has it in `jobTemplate`.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub template: PodTemplate,
    /// The job template of a `CronJob`.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub job_template: JobTemplate,
}

/// How a `Deployment` is updated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Strategy {
    /// `RollingUpdate` or `Recreate`; empty means `RollingUpdate`.
    #[serde(rename = "type", deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub kind: String,
    /// The limits of a rolling update.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub rolling_update: RollingUpdate,
}

/// The limits of a rolling update of a `Deployment`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollingUpdate {
    /// The most pods that may be unavailable: a number or a percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Amount>,
}

/// A number or a percentage (`IntOrString`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// A number.
    Number(i64),
    /// A percentage, such as `25%`.
    Share(String),
}

/// The job template of a `CronJob`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobTemplate {
    /// The specification of the job.
    #[serde(deserialize_with = "object")]
    pub spec: JobSpec,
}

/// The specification of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobSpec {
    /// The pod template.
    #[serde(deserialize_with = "object")]
    pub template: PodTemplate,
}

/// The status of a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadStatus {
    /// When a job completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_time: Option<String>,
    /// The conditions of a job.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub conditions: Vec<Condition>,
}

/// A condition of a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Condition {
    /// The type, such as `Complete` or `Failed`.
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    #[serde(deserialize_with = "nullable")]
    pub status: String,
}

impl Workload {
    /// The pod template of a workload of this kind.
    pub const fn template(&self, kind: WorkloadKind) -> &PodTemplate {
        match kind {
            WorkloadKind::CronJob => &self.spec.job_template.spec.template,
            _ => &self.spec.template,
        }
    }

    /// Whether the workload may create pods. A finished job does not, and a `ReplicaSet` scaled to 0 is an old
    /// revision.
    pub fn is_active(&self, kind: WorkloadKind) -> bool {
        let ended = |condition: &Condition| {
            matches!(condition.kind.as_str(), "Complete" | "Failed") && condition.status == "True"
        };
        match kind {
            WorkloadKind::Job => self.status.completion_time.is_none() && !self.status.conditions.iter().any(ended),
            WorkloadKind::ReplicaSet => self.spec.replicas != Some(0),
            _ => true,
        }
    }
}
