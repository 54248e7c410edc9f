//! The registries that images come from.

use cluster::pods::WorkloadKind;
use cluster::policy::Outcome;
use cluster::policy::workloads::{PlatformRegistries, Registries};
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, good, good_but, line, parse};

const CONTROL: &str = "image-registry/approved-registries";

fn image(name: &str) -> Value {
    good_but("/containers/0/image", json!(name))
}

fn approving(world: World, registries: &[&str]) -> World {
    let of_platform: PlatformRegistries =
        parse(json!({"reason": "the platform ships it", "namespaces": ["kube-system"],
        "registries": ["602401143452.dkr.ecr.*.amazonaws.com", "public.ecr.aws/eks"]}));
    World { registries: Registries::new(registries.iter().copied(), vec![of_platform]), ..world }
}

#[test]
fn without_a_list_the_registries_in_use_are_shown() {
    let world = World::default()
        .pod("shop/a", "", image("nginx:1"))
        .pod("shop/b", "", image("nginx:2"))
        .pod("shop/c", "", image("registry.example.com/team/app"))
        .pod("shop/d", "", image("Not An Image"));
    let judgement = world.judge(CONTROL);
    assert_eq!(judgement.outcome, Outcome::Manual);
    assert_eq!(
        judgement.noted.iter().map(|seen| seen.found.as_str()).collect::<Vec<_>>(),
        [
            "docker.io: 1 image of 2 workloads",
            "not the name of an image: 1 image of 1 workload",
            "registry.example.com: 1 image of 1 workload",
        ]
    );
    assert!(judgement.offenders.is_empty());
    let mut many = World::default();
    for number in 0..150 {
        many = many.pod(&format!("shop/p{number}"), "", image(&format!("r{number}.example.com/app")));
    }
    let noted = many.judge(CONTROL).noted;
    assert_eq!(noted.len(), 101);
    assert!(noted.iter().any(|seen| seen.found == "50 more registries not listed"));
}

#[test]
fn images_of_other_registries_offend_in_every_kind_of_container() {
    let container = |name: &str, image: &str| json!({"name": name, "image": image});
    let spec = json!({
        "initContainers": [container("init", "registry.example.com.evil.org/team/app"), container("fine", "registry.example.com/team/x:1")],
        "containers": [container("web", "registry.example.com/teamX/app"), container("side", "REGISTRY.example.com/team/app@bad")],
        "ephemeralContainers": [container("debug", "busybox")],
    });
    let world = approving(World::default().pod("shop/web", "", spec), &["registry.example.com/team"]);
    assert_eq!(
        world.verdict(CONTROL),
        (
            Outcome::Fail,
            vec![
                "shop/Pod/web [debug]: image docker.io/library/busybox: not of an approved registry".to_owned(),
                "shop/Pod/web [init]: image registry.example.com.evil.org/team/app: not of an approved registry"
                    .to_owned(),
                "shop/Pod/web [side]: image REGISTRY.example.com/team/app@bad: not the name of an image".to_owned(),
                "shop/Pod/web [web]: image registry.example.com/teamX/app: not the name of an image".to_owned(),
            ]
        )
    );
    let world = approving(World::default().pod("shop/web", "", image("nginx")), &["docker.io", "registry.example.com"]);
    assert_eq!(world.outcome(CONTROL), Outcome::Pass);
}

#[test]
fn pods_count_before_templates_and_owners_before_both() {
    let template = |name: &str| json!({"template": {"spec": image(name)}});
    let world = World::default()
        .workload(WorkloadKind::ReplicaSet, "shop/web-1", "Deployment/web", template("evil.org/old"))
        .workload(WorkloadKind::Deployment, "shop/web", "", template("evil.org/template"))
        .workload(WorkloadKind::Deployment, "shop/idle", "", template("evil.org/idle"))
        .workload(WorkloadKind::Deployment, "shop/injected", "", json!({"template": {"spec": good()}}))
        .pod("shop/web-1-a", "ReplicaSet/web-1", image("evil.org/running"));
    assert_eq!(
        approving(world, &["registry.example.com"]).verdict(CONTROL).1,
        [
            "shop/Deployment/idle [web]: image evil.org/idle: not of an approved registry",
            "shop/Deployment/web [web]: image evil.org/running: not of an approved registry",
        ]
    );
}

#[test]
fn what_the_platform_ships_is_exempt_in_its_namespaces_alone() {
    for (namespace, name, exempt) in [
        ("kube-system", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1", true),
        ("kube-system", "public.ecr.aws/eks/app", true),
        ("kube-system", "public.ecr.aws/eksx/app", false),
        ("kube-system", "602401143452.dkr.ecr.a.b.amazonaws.com/app", false),
        ("kube-system", "602401143452.dkr.ecr.eu-west-1.amazonaws.com.evil.org/app", false),
        ("kube-system", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app", false),
        ("kube-system", "nginx", false),
        ("shop", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1", false),
    ] {
        let world = World::default().pod(&format!("{namespace}/a"), "DaemonSet/a", image(name));
        let judgement = approving(world, &["registry.example.com"]).judge(CONTROL);
        assert_eq!(
            (judgement.exempt.len(), judgement.offenders.len()),
            (usize::from(exempt), usize::from(!exempt)),
            "{namespace} {name}"
        );
        assert_eq!(judgement.outcome, if exempt { Outcome::Pass } else { Outcome::Fail }, "{namespace} {name}");
    }
}

#[test]
fn a_list_that_cannot_be_read_and_pods_that_were_not_seen_are_unknown() {
    let world = || World::default().pod("shop/web", "", image("registry.example.com/app"));
    for mistake in ["nginx", "*.example.com", "https://registry.example.com", ""] {
        let judgement = approving(world(), &["registry.example.com", mistake]).judge(CONTROL);
        let Outcome::Unknown(reason) = judgement.outcome else { panic!("{mistake}: {:?}", judgement.outcome) };
        assert_eq!(reason.subject, format!("registries: {mistake:?}"));
    }
    let unseen = || world().without("pods");
    assert_eq!(approving(unseen(), &["registry.example.com"]).outcome(CONTROL), Outcome::Unknown(forbidden("pods")));
    assert_eq!(approving(unseen(), &["docker.io"]).outcome(CONTROL), Outcome::Fail);
    assert_eq!(approving(unseen(), &[]).outcome(CONTROL), Outcome::Manual);
    assert!(
        approving(world(), &["docker.io"]).judge(CONTROL).offenders.iter().all(|seen| line(seen).contains("[web]"))
    );
}
