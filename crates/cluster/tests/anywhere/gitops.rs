//! Controls about what Flux applies from Git.

use cluster::Resource;

use crate::anywhere::world::{
    World, anywhere, asks_the_management_cluster, cluster, held, line, names_the_right, notes, object,
};

const FLUX: &str = "kustomize.toolkit.fluxcd.io/v1";

fn repository(url: &str) -> String {
    object("source.toolkit.fluxcd.io/v1", "GitRepository", "flux-system/flux-system", &format!("{{url: \"{url}\"}}"))
}

#[test]
fn who_may_change_the_branch_is_for_a_person() {
    let git = cluster("mgmt", "VSphere", "  gitOpsRef: {kind: FluxConfig, name: mgmt}");
    let table = [
        ("{branch: prod, github: {owner: org, repository: fleet}}", "GitHub repository org/fleet, branch prod"),
        (
            "{github: {owner: me, repository: fleet, personal: true}}",
            "personal GitHub repository me/fleet, branch main",
        ),
        (
            "{git: {repositoryUrl: \"https://u:canary@git/fleet\"}}",
            "repository https://masked:masked@git/fleet, branch main",
        ),
    ];
    for (spec, note) in table {
        let yaml = git.clone() + &anywhere("FluxConfig", "default/mgmt", spec);
        let judgement = held("eks-anywhere/gitops-branch", &World::new(&yaml), "manual", &[]);
        assert_eq!(notes(&judgement), [format!("FluxConfig default/mgmt: {note}")]);
    }
    held("eks-anywhere/gitops-branch", &World::new(&cluster("mgmt", "VSphere", "")), "none: FluxConfig", &[]);
    held("eks-anywhere/gitops-branch", &World::new(&git), "unknown: FluxConfig mgmt: not listed", &[]);
    names_the_right("eks-anywhere/gitops-branch", &git, Resource::FluxConfigs);
    asks_the_management_cluster("eks-anywhere/gitops-branch");
}

#[test]
fn git_is_read_over_encrypted_transports() {
    let own = "GitRepository flux-system/flux-system [spec.url]: ";
    // The URL, whether its transport is encrypted, and the URL with its credential masked, if it has one.
    let table = [
        ("https://github.com/org/fleet", true, None),
        ("ssh://git@github.com/org/fleet", true, None),
        ("http://git/fleet", false, None),
        ("git://git/fleet", false, None),
        ("https://ghp_canary@github.com/org/fleet", true, Some("https://masked@github.com/org/fleet")),
        ("http://u:canary@git/fleet", false, Some("http://masked:masked@git/fleet")),
        ("ssh://git:canary@git/fleet", true, Some("ssh://masked:masked@git/fleet")),
    ];
    for (url, is_encrypted, masked) in table {
        let plain = format!("{own}{}, which is not encrypted", masked.unwrap_or(url));
        let credential = format!("{own}{}, which contains a credential", masked.unwrap_or_default());
        let offenders = [(!is_encrypted).then_some(plain.as_str()), masked.map(|_| credential.as_str())];
        let offenders: Vec<&str> = offenders.into_iter().flatten().collect();
        let expected = if offenders.is_empty() { "pass" } else { "fail" };
        held("eks-anywhere/git-transport", &World::new(&repository(url)), expected, &offenders);
    }
    let config = anywhere("FluxConfig", "default/mgmt", "{git: {repositoryUrl: \"http://git/fleet\"}}");
    let offenders = ["FluxConfig default/mgmt [spec.git.repositoryUrl]: http://git/fleet, which is not encrypted"];
    held("eks-anywhere/git-transport", &World::new(&config), "fail", &offenders);
    held("eks-anywhere/git-transport", &World::new(""), "none: GitRepository", &[]);
    held("eks-anywhere/git-transport", &World::of_workloads(""), "none: GitRepository", &[]);
    let missing = World::new(&anywhere("FluxConfig", "default/mgmt", "{}")).lacking(&[Resource::GitRepositories]);
    held("eks-anywhere/git-transport", &missing, "unknown: gitrepositories.source.toolkit.fluxcd.io", &[]);
    names_the_right("eks-anywhere/git-transport", &repository("https://a/b"), Resource::GitRepositories);
}

#[test]
fn kustomizations_have_accounts_of_their_own() {
    let of = |name: &str, spec: &str| object(FLUX, "Kustomization", name, spec);
    let controller = |args: &str| {
        object(
            "apps/v1",
            "Deployment",
            "flux-system/kustomize-controller",
            &format!("{{template: {{spec: {{containers: [{{name: manager, args: [{args}]}}]}}}}}}"),
        )
    };
    let apps = "Kustomization apps/shop [spec.serviceAccountName]: not set: applied as cluster-admin";
    let elsewhere = anywhere("FluxConfig", "default/mgmt", "{systemNamespace: gitops}");
    let table: [(String, &str, &[&str]); 9] = [
        (of("flux-system/flux-system", "{}"), "pass", &[]),
        (of("apps/shop", "{serviceAccountName: shop}"), "pass", &[]),
        (of("apps/shop", "{path: ./shop}"), "fail", &[apps]),
        (of("apps/shop", "{kubeConfig: {secretRef: {name: canary}}}"), "pass", &[]),
        (of("apps/flux-system", "{}"), "fail", &["Kustomization apps/flux-system"]),
        (of("flux-system/extra", "{}"), "fail", &["Kustomization flux-system/extra"]),
        (of("apps/shop", "{}") + &controller("\"--default-service-account=none\", \"--password=canary\""), "pass", &[]),
        // `flux-system` is a foreign namespace if Flux runs in another.
        (of("flux-system/flux-system", "{}") + &elsewhere, "fail", &["Kustomization flux-system/flux-system"]),
        (of("gitops/gitops", "{}") + &elsewhere, "pass", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/kustomizations", &World::new(&yaml), expected, offenders);
    }
    let judgement = World::new(&of("flux-system/flux-system", "{}")).judge("eks-anywhere/kustomizations");
    assert!(line(&judgement.exempt[0].0).starts_with("Kustomization flux-system/flux-system"));
    held("eks-anywhere/kustomizations", &World::new(""), "none: Kustomization", &[]);
    names_the_right("eks-anywhere/kustomizations", &of("apps/shop", "{}"), Resource::Kustomizations);
    names_the_right("eks-anywhere/kustomizations", &of("apps/shop", "{}"), Resource::Deployments);
}
