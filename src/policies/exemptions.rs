//! The built-in exemptions: objects that Kubernetes or its platform ships.

use std::fmt::Display;
use std::sync::LazyLock;

use cluster::policy::eks_anywhere::{Shipped, Support};
use cluster::policy::exempt_workload::{WorkloadExemption, WorkloadExemptions};
use cluster::policy::exemption::Exemptions;
use cluster::policy::workloads::PlatformRegistries;

const RIGHTS: &str = include_str!("../../benchmarks/exemptions/rbac.yaml");
const WORKLOADS: &str = include_str!("../../benchmarks/exemptions/workloads.yaml");

const EKS_ANYWHERE: &str = include_str!("../../benchmarks/exemptions/eks-anywhere.yaml");
const SUPPORT: &str = include_str!("../../benchmarks/support/eks-anywhere.yaml");

/// Returns the objects that EKS Anywhere ships.
pub(super) fn of_eks_anywhere() -> Result<&'static Shipped, String> {
    static READ: LazyLock<Result<Shipped, String>> = LazyLock::new(|| {
        let told = |error: &dyn Display| format!("benchmarks/exemptions/eks-anywhere.yaml: {error}");
        let shipped: Shipped = serde_yaml::from_str(EKS_ANYWHERE).map_err(|error| told(&error))?;
        shipped.check().map_err(|error| told(&error))
    });
    READ.as_ref().map_err(Clone::clone)
}

/// Returns the versions that EKS Anywhere supports, with their end dates.
pub(super) fn support_of_eks_anywhere() -> Result<&'static Support, String> {
    static READ: LazyLock<Result<Support, String>> = LazyLock::new(|| {
        serde_yaml::from_str(SUPPORT).map_err(|error| format!("benchmarks/support/eks-anywhere.yaml: {error}"))
    });
    READ.as_ref().map_err(Clone::clone)
}

/// The predicates from which EKS Anywhere's shipped objects are exempt.
const OF_SHIPPED: [&str; 4] = [
    "eks-anywhere/cluster-admin",
    "eks-anywhere/credential-readers",
    "eks-anywhere/foreign-cluster-roles",
    "eks-anywhere/foreign-role-bindings",
];

/// Returns the exemptions for RBAC.
pub(super) fn of_rights() -> Result<Exemptions, String> {
    static READ: LazyLock<Result<Exemptions, String>> = LazyLock::new(|| {
        serde_yaml::from_str(RIGHTS).map_err(|error| format!("benchmarks/exemptions/rbac.yaml: {error}"))
    });
    READ.clone()
}

/// Returns the workload exemptions that apply on these platforms, or on any platform if `None`.
pub(super) fn of_workloads(platforms: Option<&[&str]>) -> Result<Vec<WorkloadExemption>, String> {
    let all = read_workloads()?;
    let every: Vec<&str> = all.platforms().collect();
    all.on(platforms.unwrap_or(&every)).map_err(|error| mistaken(&error))
}

/// Returns the registries from which these platforms ship their own workloads.
pub(super) fn of_registries(platforms: &[&str]) -> Result<Vec<PlatformRegistries>, String> {
    let all = read_workloads()?;
    Ok(all.registries().filter(|(platform, _)| platforms.contains(platform)).flat_map(|(_, of)| of).cloned().collect())
}

fn read_workloads() -> Result<&'static WorkloadExemptions, String> {
    static READ: LazyLock<Result<WorkloadExemptions, String>> =
        LazyLock::new(|| serde_yaml::from_str(WORKLOADS).map_err(|error| mistaken(&error)));
    READ.as_ref().map_err(Clone::clone)
}

fn mistaken(error: &dyn Display) -> String {
    format!("benchmarks/exemptions/workloads.yaml: {error}")
}

/// Returns the exemptions from one predicate, as text.
pub(super) fn from(predicate: &str) -> Result<Vec<String>, String> {
    if OF_SHIPPED.contains(&predicate) {
        return Ok(of_eks_anywhere()?.words().collect());
    }
    let is_from = |controls: &[String]| controls.iter().any(|control| control == predicate);
    let rights = of_rights()?.exemptions.into_iter().filter(|exemption| is_from(&exemption.controls));
    let workloads = of_workloads(None)?.into_iter().filter(|exemption| is_from(&exemption.controls));
    let rights = rights.map(|exemption| {
        let platforms = match exemption.platforms.as_slice() {
            [] => String::new(),
            platforms => format!(" (on {})", platforms.join(", ")),
        };
        format!("{}{platforms}: {}", exemption.of, exemption.reason)
    });
    let workloads = workloads.map(|exemption| {
        let WorkloadExemption { namespace, controller, reason, .. } = exemption;
        format!("{} {namespace}/{}: {reason}", controller.kind, controller.name)
    });
    let registries: Vec<String> = match predicate {
        "image-registry/approved-registries" => {
            let all = read_workloads()?.registries();
            all.flat_map(|(platform, of)| of.iter().map(move |of| format!("on {platform}: {}", of.in_words())))
                .collect()
        }
        _ => Vec::new(),
    };
    Ok(rights.chain(workloads).chain(registries).collect())
}

#[cfg(test)]
mod tests {
    use definitions::benchmark::PREDICATES;

    #[test]
    fn each_is_from_a_predicate_that_there_is() {
        let rights = super::of_rights().expect("they are read");
        let workloads = super::of_workloads(None).expect("they are read");
        assert!(rights.exemptions.len() > 20 && workloads.len() > 10);
        let controls = rights.exemptions.iter().flat_map(|exemption| &exemption.controls);
        for control in controls.chain(workloads.iter().flat_map(|exemption| &exemption.controls)) {
            assert!(PREDICATES.contains(&control.as_str()), "{control}");
        }
    }
}
