//! Flux: what a Git repository can decide, whatever its content.

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, at, seen, unknown};
use crate::Resource;
use crate::eks_anywhere::{Address, DEFAULT_SERVICE_ACCOUNT};
use crate::policy::{Judgement, ObjectName};

/// Who may change the branch needs review.
pub(super) fn branch(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let flux = &evidence.objects.flux;
    verdict.lacks(flux);
    for cluster in evidence.clusters(&mut verdict) {
        let reference = &cluster.spec.git_ops_ref;
        if !reference.is_empty() && !flux.items.iter().any(|config| config.metadata.name == reference.name) {
            let detail = format!(
                "not listed, but {} refers to it (grant permission to list it, or use a FluxConfig)",
                cluster.object()
            );
            verdict.misses(unknown(format!("{} {}", reference.kind, reference.name), detail));
        }
    }
    for config in &flux.items {
        verdict.applies();
        let spec = &config.spec;
        let branch = if spec.branch.is_empty() { "main" } else { &spec.branch };
        let repository = match (&spec.github, &spec.git) {
            (Some(github), _) => {
                let whose = if github.personal == Some(true) { "personal " } else { "" };
                format!("{whose}GitHub repository {}/{}", github.owner, github.repository)
            }
            (None, Some(git)) => format!("repository {}", git.repository_url),
            (None, None) => "no repository".to_owned(),
        };
        verdict.notes(seen(&config.metadata.object("FluxConfig"), format!("{repository}, branch {branch}")));
    }
    verdict.manual(|| absent("FluxConfig", "none: no cluster is managed through Git"))
}

/// Repositories are read over SSH or HTTPS, with credentials kept in Secrets.
pub(super) fn transport(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let objects = evidence.objects;
    verdict.lacks(&objects.flux);
    verdict.lacks(&objects.repositories);
    if objects.absent.contains(&Resource::GitRepositories) && !objects.flux.items.is_empty() {
        verdict.misses(unknown(
            Resource::GitRepositories,
            "not in this cluster, though it has a FluxConfig (install Flux)",
        ));
    }
    let mut judge = |object: &ObjectName, field: &str, address: &Address| {
        verdict.applies();
        if address.has_credentials() {
            verdict.fails(at(object, field, format!("{address}, which contains a credential")));
        }
        if matches!(address.scheme().as_str(), "http" | "git") {
            verdict.fails(at(object, field, format!("{address}, which is not encrypted")));
        }
    };
    for repository in &objects.repositories.items {
        judge(&repository.metadata.object("GitRepository"), "spec.url", &repository.spec.url);
    }
    for config in &objects.flux.items {
        if let Some(git) = &config.spec.git {
            judge(&config.metadata.object("FluxConfig"), "spec.git.repositoryUrl", &git.repository_url);
        }
    }
    verdict.judged(|| absent("GitRepository", "none: nothing is applied from Git"))
}

/// Other Kustomizations of Flux use their own service account.
pub(super) fn kustomizations(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let objects = evidence.objects;
    verdict.lacks(&objects.kustomizations);
    let namespaces = evidence.flux_namespaces();
    let default_account = objects.deployments.items.iter().find_map(|deployment| {
        let is_controller = deployment.metadata.name == "kustomize-controller"
            && namespaces.contains(deployment.metadata.namespace.as_str());
        let mut arguments = deployment.containers().filter(|_| is_controller).flat_map(|container| &container.args);
        arguments.find_map(|argument| argument.strip_prefix(DEFAULT_SERVICE_ACCOUNT)).filter(|name| !name.is_empty())
    });
    for kustomization in &objects.kustomizations.items {
        verdict.applies();
        let (metadata, spec) = (&kustomization.metadata, &kustomization.spec);
        let object = metadata.object("Kustomization");
        if !spec.service_account_name.is_empty() {
            continue;
        }
        let found = at(&object, "spec.serviceAccountName", "not set: applied as cluster-admin");
        let is_of_clusters = namespaces.contains(metadata.namespace.as_str())
            && (metadata.name == metadata.namespace || metadata.name == "flux-system");
        if is_of_clusters {
            verdict.exempts(found, "the clusters and Flux itself, as EKS Anywhere installs it");
        } else if spec.kube_config.is_some() {
            verdict.notes(seen(&object, "applied to another cluster, with the rights of its kubeconfig"));
        } else if let Some(account) = default_account {
            verdict.notes(seen(&object, format!("applied as the controller's default account {account}")));
        } else if let Some(reason) = &objects.deployments.missing {
            // A default service account of the controller would also be acceptable.
            verdict.misses(reason.clone());
        } else {
            verdict.fails(found);
        }
    }
    verdict.judged(|| absent("Kustomization", "none: nothing is applied from Git"))
}
