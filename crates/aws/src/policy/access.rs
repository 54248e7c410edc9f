//! Access to the cluster, and the IAM role of the network plugin.

use std::collections::BTreeSet;

use probe::Reason;

use crate::arn::Arn;
use crate::call::Call;
use crate::gap;
use crate::shapes::Paged;
use crate::shapes::eks::{
    Association, Cluster, DescribeAccessEntry, DescribeAddon, ListAccessEntries, ListAssociatedAccessPolicies,
    ListIdentityProviderConfigs, ListPodIdentityAssociations,
};

use super::inquiry::Inquiry;

const CLUSTER: &str = "EKS cluster";
const ENTRY: &str = "Access entry";

/// The access policy of cluster administrators.
const ADMINISTRATORS: &str = "AmazonEKSClusterAdminPolicy";

fn mode<'e>(inquiry: &mut Inquiry<'e>, cluster: &'e Cluster) -> Option<&'e str> {
    let mode = cluster.access_config.as_ref().and_then(|config| config.authentication_mode.as_deref());
    inquiry.part("cluster.accessConfig.authenticationMode", mode)
}

/// Access is managed by access entries.
pub(super) fn entries(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let Some(mode) = mode(inquiry, cluster) else { return };
    let found = format!("authenticationMode: {mode}");
    match mode {
        "API" => inquiry.note(CLUSTER, &cluster.name, found),
        "API_AND_CONFIG_MAP" => {
            inquiry.note(CLUSTER, &cluster.name, format!("{found}: the ConfigMap aws-auth also applies"));
        }
        // A mode that is unknown here may be weaker.
        _ => return inquiry.offend(CLUSTER, &cluster.name, found),
    }
    // The administrators do not affect the outcome here.
    inquiry.aside(|inquiry| {
        for (principal, scope) in administrators_of(inquiry, cluster) {
            inquiry.note(ENTRY, principal, format!("{ADMINISTRATORS}{scope}"));
        }
    });
}

/// The principals that are administrators, and the scope.
fn administrators_of<'e>(inquiry: &mut Inquiry<'e>, cluster: &'e Cluster) -> Vec<(&'e str, String)> {
    let Some(listed) = inquiry.list::<ListAccessEntries>(Call::ListAccessEntries, "") else { return Vec::new() };
    let mut administrators = Vec::new();
    let mut seen = BTreeSet::new();
    for (_, got) in inquiry.every::<ListAssociatedAccessPolicies>() {
        let answer = got.answer;
        if !inquiry.is_of(cluster, got.file, &answer.cluster_name, None) {
            continue;
        }
        seen.insert(answer.principal_arn.as_str());
        if answer.has_more() {
            inquiry.gap(gap::one_page(got.file));
        }
        for policy in &answer.associated_access_policies {
            let is_theirs = Arn::of(&policy.policy_arn)
                .is_some_and(|arn| arn.service == "eks" && arn.account == "aws" && arn.name() == ADMINISTRATORS);
            if is_theirs {
                let scope = policy.access_scope.as_ref();
                let is_narrow = scope.is_some_and(|scope| scope.kind.as_deref() == Some("namespace"));
                let namespaces = scope.map_or_else(String::new, |scope| scope.namespaces.join(", "));
                let scope = if is_narrow { format!(" in {namespaces}") } else { String::new() };
                administrators.push((answer.principal_arn.as_str(), scope));
            }
        }
    }
    let call = Call::ListAssociatedAccessPolicies;
    if let Some(unseen) = listed.answer.access_entries.iter().find(|principal| !seen.contains(principal.as_str())) {
        let file = call.file("N");
        let refused = (1..=listed.answer.access_entries.len().min(10_000))
            .find_map(|number| inquiry.evidence.refusal(call, &number.to_string()).map(|said| (number, said)));
        inquiry.gap(match refused {
            Some((number, said)) => gap::refused(call, &number.to_string(), said),
            None => gap::incomplete(&file, &format!("those of {unseen}")),
        });
    }
    administrators
}

/// Administrators are roles that users assume, not IAM users.
pub(super) fn administrators(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let Some(mode) = mode(inquiry, cluster) else { return };
    if mode == "CONFIG_MAP" {
        inquiry.note(CLUSTER, &cluster.name, "authenticationMode: CONFIG_MAP: only the ConfigMap aws-auth applies");
        return;
    }
    for (principal, scope) in administrators_of(inquiry, cluster) {
        let found = format!("{ADMINISTRATORS}{scope}");
        let arn = Arn::of(principal);
        if arn.is_some_and(|arn| arn.service == "iam" && arn.kind() == "role") {
            inquiry.note(ENTRY, principal, found);
        } else {
            inquiry.offend(ENTRY, principal, format!("{found}, with a principal that is not a role"));
        }
    }
    // Their groups may also make them administrators, which is up to RBAC bindings.
    inquiry.aside(|inquiry| {
        for (_, got) in inquiry.every::<DescribeAccessEntry>() {
            let entry = &got.answer.access_entry;
            if inquiry.is_of(cluster, got.file, &entry.cluster_name, None) && !entry.kubernetes_groups.is_empty() {
                let groups = entry.kubernetes_groups.join(", ");
                inquiry.note(ENTRY, &entry.principal_arn, format!("kubernetesGroups: {groups}"));
            }
        }
    });
}

/// Users authenticate through IAM or an identity provider. Other credentials are not visible here, so the control is
/// manual.
pub(super) fn authentication(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let Some(mode) = mode(inquiry, cluster) else { return };
    let found = format!("authenticationMode: {mode}");
    if mode == "CONFIG_MAP" {
        inquiry.offend(CLUSTER, &cluster.name, found);
    } else {
        inquiry.weigh(CLUSTER, &cluster.name, found);
    }
    let Some(listed) = inquiry.list::<ListIdentityProviderConfigs>(Call::ListIdentityProviderConfigs, "") else {
        return;
    };
    for provider in &listed.answer.identity_provider_configs {
        inquiry.note("Identity provider", &provider.name, format!("type: {}", provider.kind));
    }
    inquiry.leave_to_people();
}

/// The network plugin has its own role.
pub(super) fn network_plugin_role(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let OfPlugin { role, gaps } = role_of_plugin(inquiry, cluster);
    match role {
        Some(role) => {
            inquiry.note("Add-on", "vpc-cni", role);
            inquiry.aside(|inquiry| gaps.into_iter().for_each(|reason| inquiry.gap(reason)));
        }
        None if gaps.is_empty() => {
            let found = "no Pod Identity association, and no role of the add-on";
            inquiry.offend("ServiceAccount", "kube-system/aws-node", found);
        }
        None => gaps.into_iter().for_each(|reason| inquiry.gap(reason)),
    }
}

/// What is known of the network plugin's role.
pub(super) struct OfPlugin {
    /// The source of its own role.
    pub(super) role: Option<String>,
    /// Missing sources that might provide one.
    pub(super) gaps: Vec<Reason>,
}

/// Finds the network plugin's role, as far as AWS shows it.
pub(super) fn role_of_plugin(inquiry: &mut Inquiry<'_>, cluster: &Cluster) -> OfPlugin {
    let mut gaps = Vec::new();
    let mut role = None;
    match inquiry.find::<ListPodIdentityAssociations>(Call::ListPodIdentityAssociations, "") {
        Ok(got) => {
            let is_theirs = |one: &Association| one.namespace == "kube-system" && one.service_account == "aws-node";
            let associations = &got.answer.associations;
            if let Some(other) = associations.iter().find(|one| one.cluster_name != cluster.name) {
                gaps.push(gap::of_another(got.file, "cluster", &other.cluster_name, &cluster.name));
            } else if associations.iter().any(is_theirs) {
                role = Some("Pod Identity association of kube-system/aws-node".to_owned());
            } else if got.answer.has_more() {
                gaps.push(gap::one_page(got.file));
            }
        }
        Err(reason) => gaps.push(reason),
    }
    let call = Call::DescribeAddon;
    match inquiry.find::<DescribeAddon>(call, "vpc-cni") {
        Ok(got) => {
            let addon = &got.answer.addon;
            if addon.addon_name != "vpc-cni" {
                gaps.push(gap::of_another(got.file, "add-on", &addon.addon_name, "vpc-cni"));
            } else if addon.cluster_name != cluster.name {
                gaps.push(gap::of_another(got.file, "cluster", &addon.cluster_name, &cluster.name));
            } else if let Some(arn) = addon.service_account_role_arn.as_deref().filter(|arn| !arn.is_empty()) {
                role.get_or_insert_with(|| format!("serviceAccountRoleArn: {arn}"));
            }
        }
        // The plugin may be installed without an add-on.
        Err(_) if inquiry.evidence.refusal(call, "vpc-cni").is_some_and(|said| said.contains("ResourceNotFound")) => {}
        Err(reason) => gaps.push(reason),
    }
    OfPlugin { role, gaps }
}
